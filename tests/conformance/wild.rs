//! Adapters of the `wild` family.

use pod_lifecycle::{
    admission::{
        conversion, defaults, prepare,
        strict::{self, Finding},
        validation,
    },
    api::{ObjectMeta, Pod, ResourceList},
    field::FieldError,
    jiff::Timestamp,
    resources::{self, qos},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::case::{Adapter, Case};

pub fn adapter(function: &str) -> Option<Adapter> {
    let adapter: Adapter = match function {
        "admit" => admit,
        _ => return None,
    };
    Some(adapter)
}

#[derive(Deserialize)]
struct Input<'a> {
    #[serde(borrow)]
    manifest: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    /// `error` where the manifest is no pod at all; then nothing else is given.
    decode: Option<String>,
    #[serde(default)]
    strict: Vec<Found>,
    #[serde(flatten)]
    admission: Option<Admission>,
}

/// What is recorded about a manifest that can be decoded.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Admission {
    /// Sorted by field and type.
    errors: Vec<Found>,
    admitted: Pod,
    qos_class: String,
    requests: ResourceList,
    limits: ResourceList,
}

/// A finding or a validation error.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
struct Found {
    field: String,
    #[serde(rename = "type")]
    kind: String,
}

impl From<&Finding> for Found {
    fn from(finding: &Finding) -> Self {
        let kind = match finding {
            Finding::Unknown { .. } => "unknown",
            _ => "duplicate",
        };
        Self {
            field: finding.path().into(),
            kind: kind.into(),
        }
    }
}

impl From<&FieldError> for Found {
    fn from(error: &FieldError) -> Self {
        let reason = error.kind.reason();
        Self {
            field: error.field.to_string(),
            kind: reason.trim_start_matches("FieldValue").into(),
        }
    }
}

fn admit(case: &Case<'_>) -> Result<(), String> {
    let input: Input<'_> = serde_json::from_str(case.input.get()).map_err(|e| e.to_string())?;
    let output: Output = case.output()?;
    let mut json = serde_json::Deserializer::from_str(input.manifest.get());
    let decoded = match (strict::decode::<Pod, _>(&mut json), &output.decode) {
        (Ok(decoded), None) => decoded,
        (Err(_), Some(_)) => return Ok(()),
        (Ok(_), Some(_)) => return Err("decoded".into()),
        (Err(error), None) => return Err(error.to_string()),
    };
    let mut findings: Vec<Found> = decoded.findings.iter().map(Found::from).collect();
    findings.sort();
    let mut want = output.strict;
    want.sort();
    if findings != want {
        return Err(format!("found {findings:?}"));
    }
    let want = output.admission.ok_or("nothing is recorded")?;
    front_half(decoded.value, &want)
}

/// Takes a decoded pod through admission: default, prepare, validate, classify, add up.
///
/// Before defaulting: namespace `default` if there is none, the name
/// `generateName` + `abcde` if there is only that, a fixed uid, and no
/// resource version, creation or deletion timestamp, self link or managed fields.
fn front_half(mut pod: Pod, want: &Admission) -> Result<(), String> {
    identify(&mut pod.metadata);
    defaults::apply(&mut pod);
    conversion::normalize(&mut pod);
    prepare::create(Timestamp::UNIX_EPOCH, &mut pod);
    let errors = validation::create(&pod, &validation::Options::default());
    let errors = errors.err().into_iter().flatten();
    let mut errors: Vec<_> = errors.map(|error| Found::from(&error)).collect();
    errors.sort();
    if errors != want.errors {
        return Err(format!("errors {errors:?}"));
    }
    let qos_class = qos::class(&pod);
    if qos_class.as_str() != want.qos_class {
        return Err(format!("class {qos_class}"));
    }
    let options = resources::Options::default();
    let requests = resources::requests(&pod, &options);
    let limits = resources::limits(&pod, &options);
    if requests != want.requests || limits != want.limits {
        return Err(format!("requests {requests:?}, limits {limits:?}"));
    }
    if comparable(&pod) != comparable(&want.admitted) {
        return Err(serde_json::to_string(&pod).unwrap_or_default());
    }
    Ok(())
}

fn identify(metadata: &mut ObjectMeta) {
    if metadata.namespace.is_empty() {
        metadata.namespace = "default".into();
    }
    if metadata.name.is_empty() && !metadata.generate_name.is_empty() {
        metadata.name = format!("{}abcde", metadata.generate_name);
    }
    metadata.uid = "7e3c1a52-0000-4000-8000-0000000000aa".into();
    metadata.resource_version.clear();
    metadata.creation_timestamp = None;
    metadata.deletion_timestamp = None;
    metadata.self_link.clear();
    metadata.managed_fields.clear();
}

/// A pod without what differs from one recording to the next.
fn comparable(pod: &Pod) -> Pod {
    let mut pod = pod.clone();
    pod.kind.clear();
    pod.api_version.clear();
    pod.metadata.uid.clear();
    for condition in &mut pod.status.conditions {
        condition.message.clear();
        condition.last_transition_time = None;
    }
    pod
}
