//! Adapters of the `wild` family.

use pod_lifecycle::{
    admission::strict::{self, Finding},
    api::{Pod, ResourceList},
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
#[expect(dead_code, reason = "read by `front_half` as the rooms come to be")]
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
fn front_half(_: Pod, _: &Admission) -> Result<(), String> {
    Err("decoded; its admission is not replayed".into())
}
