//! Pods that a kubelet takes from a file or a URL, without an API server.
//!
//! Follows `applyDefaults`, `tryDecodeSinglePod` and `HasAPIObjectReference` of Kubernetes v1.36.
//! Nothing is [prepared](super::prepare) as the API server prepares a new pod, so a static pod has no
//! generation, no time of creation and no QoS class in its status. Nor is a priority class resolved:
//! a static pod is [critical](crate::critical::is_critical) whatever its priority.
//!
//! What the API server shows of it is a copy, which the kubelet makes:
//! [`mirror`](fn@crate::lifecycle::static_pod::mirror).

use alloc::{format, string::String};
use core::fmt::{self, Write};

use jiff::Timestamp;

use super::{conversion, defaults, validation, view::View};
use crate::{
    api::{
        EnvFromSource, EnvVar, Pod, PodPhase, PodSpec, TaintEffect, Toleration, TolerationOperator,
        Volume, VolumeProjection, VolumeSource,
    },
    critical::{CONFIG_HASH, CONFIG_SEEN, CONFIG_SOURCE},
    field::FieldErrors,
};

/// Where a kubelet reads a static pod.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Source<'a> {
    /// A file of its directory of manifests, by path.
    File(&'a str),
    /// A URL that it asks regularly.
    Http(&'a str),
}

impl Source<'_> {
    /// Returns the kind of source, as the annotation `kubernetes.io/config.source` names it.
    ///
    /// ```
    /// use pod_lifecycle::admission::static_pod::Source;
    ///
    /// assert_eq!(Source::File("/etc/kubernetes/manifests/etcd.yaml").as_str(), "file");
    /// assert_eq!(Source::Http("https://example.com/etcd.yaml").as_str(), "http");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Http(_) => "http",
        }
    }
}

/// Why a kubelet does not take a manifest.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The pod has no name; static pods get none generated.
    #[error("invalid pod: name is needed for the pod")]
    Unnamed,
    /// Validation finds something wrong.
    #[error("invalid pod: {0}")]
    Invalid(FieldErrors),
    /// The pod refers to an object that only the API server has.
    #[error("static pods may not reference {0}")]
    Reference(&'static str),
}

/// Does with a decoded manifest all that a kubelet does before it runs the static pod.
///
/// The pod is completed with defaults and given its node, the node's name as a suffix of its own, a
/// namespace, the phase `Pending`, and the annotations `kubernetes.io/config.hash`, `.source` and
/// `.seen`; one from a file also tolerates every taint with the effect `NoExecute`.
///
/// A uid of the manifest stays, and is the hash. Without one, both are a 128-bit FNV-1a hash of the
/// pod, the node and the source, in 32 hexadecimal digits. Kubernetes hashes its own program's dump
/// of the pod there, which is another text, so **the value differs from the kubelet's**: equal input
/// gives equal hashes with one version of this crate, and changed input others.
///
/// # Errors
///
/// When the pod has no name, is not valid, or [refers](reference()) to an object of the API.
///
/// ```
/// use pod_lifecycle::{admission::static_pod::{self, Source}, api::Pod, critical};
///
/// let manifest: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "etcd", "uid": "5ea1"}, "spec": {"containers": [{"name": "etcd", "image": "etcd:3"}]}}"#,
/// )?;
/// let source = Source::File("/etc/kubernetes/manifests/etcd.yaml");
/// let pod = static_pod::create("2026-03-01T09:00:00Z".parse().unwrap(), manifest, source, "node-1").unwrap();
/// assert_eq!((&*pod.metadata.namespace, &*pod.metadata.name), ("default", "etcd-node-1"));
/// assert_eq!(pod.metadata.annotations[critical::CONFIG_HASH], "5ea1");
/// assert_eq!(pod.metadata.annotations[critical::CONFIG_SEEN], "2026-03-01T09:00:00Z");
/// assert!(critical::is_static(&pod));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn create(
    now: Timestamp,
    mut pod: Pod,
    source: Source<'_>,
    node_name: &str,
) -> Result<Pod, Refused> {
    defaults::apply(&mut pod);
    conversion::normalize(&mut pod);
    if pod.metadata.name.is_empty() {
        return Err(Refused::Unnamed);
    }
    settle(&mut pod, source, node_name);
    validation::create(&pod, &validation::Options::default()).map_err(Refused::Invalid)?;
    if let Some(resource) = reference(&pod.spec) {
        return Err(Refused::Reference(resource));
    }
    let annotations = &mut pod.metadata.annotations;
    annotations.insert(CONFIG_SOURCE.into(), source.as_str().into());
    annotations.insert(CONFIG_SEEN.into(), format!("{now}"));
    Ok(pod)
}

/// Gives a pod its identity and its place.
fn settle(pod: &mut Pod, source: Source<'_>, node_name: &str) {
    if pod.metadata.uid.is_empty() {
        pod.metadata.uid = hash(pod, source, node_name);
    }
    let metadata = &mut pod.metadata;
    metadata.name.push('-');
    metadata.name.push_str(&node_name.to_lowercase());
    if metadata.namespace.is_empty() {
        metadata.namespace = "default".into();
    }
    metadata
        .annotations
        .insert(CONFIG_HASH.into(), metadata.uid.clone());
    pod.spec.node_name = node_name.into();
    if matches!(source, Source::File(_)) {
        stay(&mut pod.spec);
    }
    pod.status.phase = Some(PodPhase::Pending);
}

/// Lets a pod stay on its node whatever happens to that.
fn stay(spec: &mut PodSpec) {
    let stays = Toleration {
        operator: Some(TolerationOperator::Exists),
        effect: Some(TaintEffect::NoExecute),
        ..Toleration::default()
    };
    let mut has_one = false;
    for toleration in &mut spec.tolerations {
        let key = (&toleration.operator, &toleration.effect);
        let is_same = key == (&stays.operator, &stays.effect)
            && toleration.key.is_empty()
            && toleration.value.is_empty();
        if is_same {
            // One that ends after a while does not any more.
            *toleration = stays.clone();
            has_one = true;
        }
    }
    if !has_one {
        spec.tolerations.push(stays);
    }
}

fn hash(pod: &Pod, source: Source<'_>, node_name: &str) -> String {
    let mut hash = Fnv128a::new();
    let written = match source {
        Source::File(path) => write!(hash, "{pod:?}host:{node_name}file:{path}"),
        Source::Http(url) => write!(hash, "{pod:?}url:{url}"),
    };
    written.expect("a hash takes every text");
    format!("{:032x}", hash.0)
}

/// The 128-bit FNV-1a hash of a text.
struct Fnv128a(u128);

impl Fnv128a {
    const PRIME: u128 = (1 << 88) + 0x13b;

    const fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Write for Fnv128a {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(Self::PRIME);
        }
        Ok(())
    }
}

/// Returns what kind of object a pod refers to that only the API server has, the first one found.
///
/// In the words of the kubelet, which takes no static pod that refers to any: without an API server it
/// could not run.
///
/// ```
/// use pod_lifecycle::{admission::static_pod, api::PodSpec};
///
/// let spec: PodSpec = serde_json::from_str(
///     r#"{"containers": [], "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}"#,
/// )?;
/// assert_eq!(static_pod::reference(&spec), Some("persistentvolumeclaims"));
/// assert_eq!(static_pod::reference(&PodSpec::default()), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn reference(spec: &PodSpec) -> Option<&'static str> {
    if !spec.service_account_name.is_empty() {
        Some("serviceaccounts")
    } else if names_any(spec, secret_of_env_from, secret_of_env, secrets_of)
        || spec.image_pull_secrets.iter().any(|it| is_named(&it.name))
    {
        Some("secrets")
    } else if names_any(spec, map_of_env_from, map_of_env, maps_of) {
        Some("configmaps")
    } else if !spec.resource_claims.is_empty() {
        Some("resourceclaims")
    } else {
        let mut kinds = spec.volumes.iter().flat_map(Volume::sources);
        kinds.find_map(needed)
    }
}

/// Whether an environment or a volume names an object of one sort.
fn names_any(
    spec: &PodSpec,
    of_env_from: fn(&EnvFromSource) -> Option<&str>,
    of_env: fn(&EnvVar) -> Option<&str>,
    is_of_volume: fn(VolumeSource<'_>) -> bool,
) -> bool {
    let in_env = View::all(spec).any(|container| {
        let env_from = container.env_from.iter().filter_map(of_env_from);
        let env = container.env.iter().filter_map(of_env);
        env_from.chain(env).any(is_named)
    });
    in_env
        || spec
            .volumes
            .iter()
            .flat_map(Volume::sources)
            .any(is_of_volume)
}

fn is_named(name: &str) -> bool {
    !name.is_empty()
}

fn secret_of_env_from(source: &EnvFromSource) -> Option<&str> {
    source.secret_ref.as_ref().map(|secret| &*secret.name)
}

fn secret_of_env(variable: &EnvVar) -> Option<&str> {
    let secret = variable.value_from.as_ref()?.secret_key_ref.as_ref()?;
    Some(&secret.name)
}

fn map_of_env_from(source: &EnvFromSource) -> Option<&str> {
    source.config_map_ref.as_ref().map(|map| &*map.name)
}

fn map_of_env(variable: &EnvVar) -> Option<&str> {
    let map = variable.value_from.as_ref()?.config_map_key_ref.as_ref()?;
    Some(&map.name)
}

fn secrets_of(source: VolumeSource<'_>) -> bool {
    let reference = match source {
        VolumeSource::AzureFile(it) => return is_named(&it.secret_name),
        VolumeSource::Secret(it) => return is_named(&it.secret_name),
        VolumeSource::Projected(it) => {
            let mut secrets = it.sources.iter().filter_map(|it| it.secret.as_ref());
            return secrets.any(|secret| is_named(&secret.name));
        }
        VolumeSource::CephFS(it) => &it.secret_ref,
        VolumeSource::Cinder(it) => &it.secret_ref,
        VolumeSource::FlexVolume(it) => &it.secret_ref,
        VolumeSource::RBD(it) => &it.secret_ref,
        VolumeSource::ScaleIO(it) => &it.secret_ref,
        VolumeSource::ISCSI(it) => &it.secret_ref,
        VolumeSource::StorageOS(it) => &it.secret_ref,
        VolumeSource::CSI(it) => &it.node_publish_secret_ref,
        _ => return false,
    };
    reference.as_ref().is_some_and(|it| is_named(&it.name))
}

fn maps_of(source: VolumeSource<'_>) -> bool {
    match source {
        VolumeSource::ConfigMap(map) => is_named(&map.name),
        VolumeSource::Projected(it) => {
            let mut maps = it.sources.iter().filter_map(|it| it.config_map.as_ref());
            maps.any(|map| is_named(&map.name))
        }
        _ => false,
    }
}

/// What a kind of volume needs of the API server, whether or not it names anything.
fn needed(source: VolumeSource<'_>) -> Option<&'static str> {
    match source {
        VolumeSource::ConfigMap(_) => Some("configmaps (via configmap volumes)"),
        VolumeSource::Secret(_) => Some("secrets (via secret volumes)"),
        VolumeSource::CSI(_) => Some("csidrivers (via CSI volumes)"),
        VolumeSource::Glusterfs(_) => Some("endpoints (via glusterFS volumes)"),
        VolumeSource::PersistentVolumeClaim(_) => Some("persistentvolumeclaims"),
        VolumeSource::Ephemeral(_) => Some("persistentvolumeclaims (via ephemeral volumes)"),
        VolumeSource::AzureFile(_) => Some("secrets (via azureFile volumes)"),
        VolumeSource::Projected(all) => all.sources.iter().find_map(needed_by_projection),
        _ => None,
    }
}

fn needed_by_projection(source: &VolumeProjection) -> Option<&'static str> {
    let by_kind = [
        (
            source.config_map.is_some(),
            "configmaps (via projected volumes)",
        ),
        (source.secret.is_some(), "secrets (via projected volumes)"),
        (
            source.service_account_token.is_some(),
            "serviceaccounts (via projected volumes)",
        ),
        (source.cluster_trust_bundle.is_some(), "clustertrustbundles"),
        (source.pod_certificate.is_some(), "podcertificates"),
    ];
    let first = by_kind.iter().find(|(is_set, _)| *is_set);
    first.map(|(_, resource)| *resource)
}
