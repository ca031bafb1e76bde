//! Which of a pod's volumes live and die with it, and when what is in them is lost.
//!
//! A restart of containers, or of the sandbox around all of them, leaves every volume as it is: volumes are the pod's and not
//! the containers'. When the kubelet has [terminated](super::worker) a pod, for good or because it was deleted, it takes
//! down what it made for it, although the pod's object may stay for long. What follows the object itself is the claim
//! of a generic ephemeral volume: the pod owns it, and the garbage collector deletes it after the pod.
//!
//! Follows the volume plugins and the ephemeral volume controller of Kubernetes v1.36. Not known here are the classes and
//! volumes behind claims: whether the data outlives a deleted claim is a matter of the volume's reclaim policy.

use alloc::{borrow::Cow, boxed::Box, format, vec};

use crate::api::{
    ObjectMeta, OwnerReference, PersistentVolumeClaimTemplate, Pod, StorageMedium, Volume,
    VolumeSource,
};

/// How long a volume lives.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Lifetime {
    /// As long as its pod runs or may run again: `emptyDir`, what is made of objects of the API (`configMap`, `secret`,
    /// `downwardAPI`, `projected`), `csi`, `image` and `gitRepo`.
    Pod,
    /// As long as the pod's object, which owns its claim: `ephemeral`.
    PodObject,
    /// As long as somebody else wants: claims, directories of the node, disks and file systems of a network.
    Independent,
}

/// Returns how long a volume lives.
///
/// A volume without a kind is an `emptyDir`, as the API server makes it.
///
/// ```
/// use pod_lifecycle::{api::Volume, lifecycle::volume::{self, Lifetime}};
///
/// let volumes: Vec<Volume> = serde_json::from_str(
///     r#"[
///         {"name": "cache", "emptyDir": {}},
///         {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
///         {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
///     ]"#,
/// )?;
/// let lifetimes: Vec<_> = volumes.iter().map(volume::lifetime).collect();
/// assert_eq!(lifetimes, [Lifetime::Pod, Lifetime::PodObject, Lifetime::Independent]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn lifetime(volume: &Volume) -> Lifetime {
    match volume.source() {
        None
        | Some(
            VolumeSource::EmptyDir(_)
            | VolumeSource::ConfigMap(_)
            | VolumeSource::Secret(_)
            | VolumeSource::DownwardAPI(_)
            | VolumeSource::Projected(_)
            | VolumeSource::CSI(_)
            | VolumeSource::Image(_)
            | VolumeSource::GitRepo(_),
        ) => Lifetime::Pod,
        Some(VolumeSource::Ephemeral(_)) => Lifetime::PodObject,
        Some(
            VolumeSource::PersistentVolumeClaim(_)
            | VolumeSource::HostPath(_)
            | VolumeSource::NFS(_)
            | VolumeSource::ISCSI(_)
            | VolumeSource::FC(_)
            | VolumeSource::GCEPersistentDisk(_)
            | VolumeSource::AWSElasticBlockStore(_)
            | VolumeSource::AzureDisk(_)
            | VolumeSource::AzureFile(_)
            | VolumeSource::Cinder(_)
            | VolumeSource::VsphereVolume(_)
            | VolumeSource::PortworxVolume(_)
            | VolumeSource::PhotonPersistentDisk(_)
            | VolumeSource::ScaleIO(_)
            | VolumeSource::StorageOS(_)
            | VolumeSource::Quobyte(_)
            | VolumeSource::Flocker(_)
            | VolumeSource::FlexVolume(_)
            | VolumeSource::Glusterfs(_)
            | VolumeSource::CephFS(_)
            | VolumeSource::RBD(_),
        ) => Lifetime::Independent,
    }
}

/// What may happen to a pod that has volumes, the later the worse for them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Event {
    /// A container starts again.
    ContainerRestart,
    /// All containers start again in a new sandbox.
    SandboxRestart,
    /// The node starts again, and the pod on it.
    NodeReboot,
    /// The kubelet has terminated the pod: it has succeeded or failed, was evicted, or is being deleted.
    Termination,
    /// The pod's object is gone.
    Deletion,
}

/// Whether what is in a volume is still there after an event.
///
/// An `emptyDir` in memory is empty again when the node has started again; what is made of objects of the API is made anew
/// then, before the containers start, which counts as kept.
///
/// ```
/// use pod_lifecycle::{api::Volume, lifecycle::volume::{self, Event}};
///
/// let cache: Volume = serde_json::from_str(r#"{"name": "cache", "emptyDir": {"medium": "Memory"}}"#)?;
/// assert!(volume::keeps(&cache, Event::SandboxRestart));
/// assert!(!volume::keeps(&cache, Event::NodeReboot));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn keeps(volume: &Volume, event: Event) -> bool {
    match lifetime(volume) {
        Lifetime::Independent => true,
        Lifetime::PodObject => event < Event::Deletion,
        Lifetime::Pod if is_in_memory(volume) => event < Event::NodeReboot,
        Lifetime::Pod => event < Event::Termination,
    }
}

fn is_in_memory(volume: &Volume) -> bool {
    let Some(VolumeSource::EmptyDir(directory)) = volume.source() else {
        return false;
    };
    directory.medium.as_ref().is_some_and(|medium| {
        matches!(medium, StorageMedium::Memory | StorageMedium::HugePages)
            || medium.as_str().starts_with("HugePages-")
    })
}

/// Returns the name of the claim that a volume of a pod stands on, if it stands on one.
///
/// That of a generic ephemeral volume is made of the pod's name and its own.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::volume};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web"}, "spec": {"containers": [],
///         "volumes": [{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}}]}}"#,
/// )?;
/// assert_eq!(volume::claim_name(&pod, &pod.spec.volumes[0]).as_deref(), Some("web-scratch"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn claim_name<'a>(pod: &Pod, volume: &'a Volume) -> Option<Cow<'a, str>> {
    match volume.source()? {
        VolumeSource::PersistentVolumeClaim(claim) => Some(Cow::Borrowed(&claim.claim_name)),
        VolumeSource::Ephemeral(_) => {
            let name = format!("{}-{}", pod.metadata.name, volume.name);
            Some(Cow::Owned(name))
        }
        _ => None,
    }
}

/// Returns the claim that is made for a generic ephemeral volume of a pod: the metadata and the spec of it.
///
/// `None` for volumes of other kinds, and for pods that are being deleted, which get none any more.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::volume};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web", "namespace": "shop", "uid": "u1"}, "spec": {"containers": [],
///         "volumes": [{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {
///             "metadata": {"labels": {"app": "web"}}, "spec": {"accessModes": ["ReadWriteOnce"]}}}}]}}"#,
/// )?;
/// let claim = volume::claim(&pod, &pod.spec.volumes[0]).unwrap();
/// assert_eq!(claim.metadata.name, "web-scratch");
/// assert_eq!(claim.metadata.labels["app"], "web");
/// assert!(volume::is_made_for(&claim.metadata, &pod));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn claim(pod: &Pod, volume: &Volume) -> Option<Box<PersistentVolumeClaimTemplate>> {
    if pod.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let template = volume.ephemeral.as_ref()?.volume_claim_template.as_ref()?;
    let mut claim = template.clone();
    let owner = OwnerReference {
        api_version: "v1".into(),
        kind: "Pod".into(),
        name: pod.metadata.name.clone(),
        uid: pod.metadata.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    };
    claim.metadata = ObjectMeta {
        name: claim_name(pod, volume)?.into_owned(),
        namespace: pod.metadata.namespace.clone(),
        labels: core::mem::take(&mut claim.metadata.labels),
        annotations: core::mem::take(&mut claim.metadata.annotations),
        owner_references: vec![owner],
        ..ObjectMeta::default()
    };
    Some(claim)
}

/// Whether a claim was made for a pod, by its metadata: the pod controls it.
///
/// One of the right name that was not is somebody else's: it is neither used nor deleted, and the pod cannot start.
///
/// ```
/// use pod_lifecycle::{api::{ObjectMeta, Pod}, lifecycle::volume};
///
/// let others = ObjectMeta { name: "web-scratch".into(), ..ObjectMeta::default() };
/// assert!(!volume::is_made_for(&others, &Pod::default()));
/// ```
#[must_use]
pub fn is_made_for(claim: &ObjectMeta, pod: &Pod) -> bool {
    let mut owners = claim.owner_references.iter();
    let controller = owners.find(|owner| owner.controller == Some(true));
    claim.namespace == pod.metadata.namespace
        && controller.is_some_and(|controller| controller.uid == pod.metadata.uid)
}
