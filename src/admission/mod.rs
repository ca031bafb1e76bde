//! What the API server does with a pod before it stores it.
//!
//! A new pod is [completed](defaults), brought into the [form](conversion) that
//! the server keeps, [prepared](prepare) and [validated](validation): that is
//! [`create`]. A changed one goes the same way, against the old one: [`update`] and
//! its kin, one for each of the pod's endpoints. [`bind`] is the scheduler's own
//! way in, [`delete`](fn@delete) everybody's way out. [`strict`] reports what decoding passes over.
//! A [`static_pod`] goes a way of its own: a kubelet takes it in, and no API server. Controllers make
//! pods from a [`template`], which also tells whether a pod still matches it. What validation checks is
//! listed in [`rules`], with what a schema would let through.
//!
//! Not done here is what plugins of an API server add (service account, priority, tolerations,
//! limit ranges, pod security), and what a store does: watches, uniqueness of names, and the conflict of
//! two updates.

use alloc::{string::String, vec::Vec};

use jiff::Timestamp;

use crate::{
    api::{ConditionStatus, ObjectMeta, Pod, PodCondition, PodConditionType, Time},
    field::FieldErrors,
};

pub mod conversion;
pub mod defaults;
pub mod delete;
pub mod prepare;
#[doc = include_str!("rules.md")]
pub mod rules {}
pub mod static_pod;
pub mod strict;
pub mod template;
pub mod validation;
mod view;
pub mod warnings;

pub use self::{delete::delete, warnings::Warning};

/// What the API server knows that a manifest does not say.
///
/// ```
/// use pod_lifecycle::admission::Options;
///
/// let mut options = Options::default();
/// options.namespace = "shop".into();
/// options.name_suffix = "x7k2p".into();
/// assert!(options.validation.allow_privileged);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// The namespace of the request, for a pod that names none. `default` by default.
    pub namespace: String,
    /// What is appended to [`generate_name`](ObjectMeta::generate_name) where a pod has no name:
    /// with Kubernetes, five characters drawn at random. `00000` by default.
    pub name_suffix: String,
    /// The unique identity of a new pod; empty by default.
    pub uid: String,
    /// What the server allows.
    pub validation: validation::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            namespace: "default".into(),
            name_suffix: "00000".into(),
            uid: String::new(),
            validation: validation::Options::default(),
        }
    }
}

/// A pod as the API server stores it, and what it has to say about it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Created {
    /// The pod.
    pub pod: Pod,
    /// What is legal and probably not meant.
    pub warnings: Vec<Warning>,
}

/// Does with a new pod all that the API server does, from a decoded manifest to what it stores.
///
/// # Errors
///
/// Everything that validation finds, in its order.
///
/// ```
/// use pod_lifecycle::{admission::{self, Options}, api::{Pod, PodPhase}};
///
/// let manifest: Pod = serde_json::from_str(
///     r#"{"metadata": {"generateName": "web-"},
///         "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}"#,
/// )?;
/// let now = "2026-03-01T09:00:00Z".parse().unwrap();
/// let created = admission::create(now, manifest, &Options::default()).unwrap();
/// assert_eq!(created.pod.metadata.name, "web-00000");
/// assert_eq!(created.pod.status.phase, Some(PodPhase::Pending));
/// assert!(created.warnings.is_empty());
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn create(now: Timestamp, mut pod: Pod, options: &Options) -> Result<Created, FieldErrors> {
    system_metadata(now, &mut pod.metadata, options);
    defaults::apply(&mut pod);
    conversion::normalize(&mut pod);
    prepare::create(now, &mut pod);
    validation::create(&pod, &options.validation)?;
    let warnings = warnings::create(&pod);
    Ok(Created { pod, warnings })
}

/// The longest generated name that still is a DNS label.
const MAX_GENERATED_NAME: usize = 63;

fn system_metadata(now: Timestamp, metadata: &mut ObjectMeta, options: &Options) {
    if metadata.namespace.is_empty() {
        metadata.namespace.clone_from(&options.namespace);
    }
    if metadata.name.is_empty() && !metadata.generate_name.is_empty() {
        let mut end = MAX_GENERATED_NAME.saturating_sub(options.name_suffix.len());
        while !metadata.generate_name.is_char_boundary(end) && end > 0 {
            end -= 1;
        }
        let base = metadata.generate_name.get(..end);
        metadata
            .name
            .push_str(base.unwrap_or(&metadata.generate_name));
        metadata.name.push_str(&options.name_suffix);
    }
    metadata.uid.clone_from(&options.uid);
    metadata.creation_timestamp = Some(Time::new(now));
    metadata.deletion_timestamp = None;
    metadata.deletion_grace_period_seconds = None;
}

/// Does with a changed pod all that the API server does, and returns what it stores.
///
/// `old` is the pod as it is stored.
///
/// # Errors
///
/// Everything that validation finds, in its order.
///
/// ```
/// use pod_lifecycle::{admission::{self, Options}, api::Pod};
///
/// let manifest: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web", "resourceVersion": "1"},
///         "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}"#,
/// )?;
/// let (now, options) = ("2026-03-01T09:00:00Z".parse().unwrap(), Options::default());
/// let old = admission::create(now, manifest, &options).unwrap().pod;
/// let mut new = old.clone();
/// new.spec.containers[0].image = "nginx:1.28".into();
/// let new = admission::update(new, &old, &options).unwrap();
/// assert_eq!(new.metadata.generation, 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn update(new: Pod, old: &Pod, options: &Options) -> Result<Pod, FieldErrors> {
    change(new, old, prepare::update, |new| {
        validation::update(new, old, &options.validation)
    })
}

/// Does with a changed status all that the API server does, and returns what it stores.
///
/// `old` is the pod as it is stored.
///
/// # Errors
///
/// Everything that validation finds, in its order.
///
/// ```
/// use pod_lifecycle::{admission::{self, Options}, api::{Pod, PodPhase}};
///
/// let manifest: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web", "resourceVersion": "1"},
///         "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}"#,
/// )?;
/// let (now, options) = ("2026-03-01T09:00:00Z".parse().unwrap(), Options::default());
/// let old = admission::create(now, manifest, &options).unwrap().pod;
/// let mut new = old.clone();
/// new.status.phase = Some(PodPhase::Running);
/// let new = admission::update_status(new, &old, &options).unwrap();
/// assert_eq!(new.status.phase, Some(PodPhase::Running));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn update_status(new: Pod, old: &Pod, options: &Options) -> Result<Pod, FieldErrors> {
    change(new, old, prepare::status_update, |new| {
        validation::status_update(new, old, &options.validation)
    })
}

/// Does with added ephemeral containers all that the API server does, and returns what it stores.
///
/// `old` is the pod as it is stored.
///
/// # Errors
///
/// Everything that validation finds, in its order.
///
/// ```
/// use pod_lifecycle::{admission::{self, Options}, api::{EphemeralContainer, Pod}};
///
/// let manifest: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web", "resourceVersion": "1"},
///         "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}"#,
/// )?;
/// let (now, options) = ("2026-03-01T09:00:00Z".parse().unwrap(), Options::default());
/// let old = admission::create(now, manifest, &options).unwrap().pod;
/// let mut new = old.clone();
/// new.spec.ephemeral_containers.push(EphemeralContainer {
///     name: "shell".into(),
///     image: "busybox".into(),
///     ..Default::default()
/// });
/// let new = admission::update_ephemeral_containers(new, &old, &options).unwrap();
/// assert_eq!(new.spec.ephemeral_containers.len(), 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn update_ephemeral_containers(
    new: Pod,
    old: &Pod,
    options: &Options,
) -> Result<Pod, FieldErrors> {
    change(new, old, prepare::ephemeral_containers_update, |new| {
        validation::ephemeral_containers_update(new, old, &options.validation)
    })
}

/// Does with changed resources all that the API server does, and returns what it stores.
///
/// `old` is the pod as it is stored.
///
/// # Errors
///
/// Everything that validation finds, in its order.
///
/// ```
/// use pod_lifecycle::{admission::{self, Options}, api::{Pod, ResourceName}};
///
/// let manifest: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web", "resourceVersion": "1"},
///         "spec": {"containers": [{"name": "web", "image": "nginx:1.27",
///             "resources": {"requests": {"cpu": "100m"}}}]}}"#,
/// )?;
/// let (now, options) = ("2026-03-01T09:00:00Z".parse().unwrap(), Options::default());
/// let old = admission::create(now, manifest, &options).unwrap().pod;
/// let mut new = old.clone();
/// new.spec.containers[0].resources.requests.insert(ResourceName::CPU, 2.into());
/// let new = admission::resize(new, &old, &options).unwrap();
/// assert_eq!(new.metadata.generation, 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn resize(new: Pod, old: &Pod, options: &Options) -> Result<Pod, FieldErrors> {
    change(new, old, prepare::resize, |new| {
        validation::resize(new, old, &options.validation)
    })
}

fn change(
    mut new: Pod,
    old: &Pod,
    prepare: fn(&mut Pod, &Pod),
    validate: impl FnOnce(&Pod) -> Result<(), FieldErrors>,
) -> Result<Pod, FieldErrors> {
    defaults::apply(&mut new);
    conversion::normalize(&mut new);
    new.metadata.generation = old.metadata.generation;
    prepare(&mut new, old);
    prepare::keep_system_metadata(&mut new.metadata, &old.metadata);
    validate(&new)?;
    Ok(new)
}

/// A pod cannot be bound to a node.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// It is being deleted.
    #[error("the pod is being deleted")]
    BeingDeleted,
    /// It has a node.
    #[error("the pod is already bound to node {node:?}")]
    AlreadyBound {
        /// The node.
        node: String,
    },
    /// Scheduling gates are left.
    #[error("the pod has scheduling gates")]
    Gated,
}

/// Binds a pod to a node, as the scheduler does through the pod's `binding` endpoint.
///
/// The pod is scheduled from `now` on, and no longer nominated to any node.
///
/// # Errors
///
/// When the pod has a node, still waits for its scheduling gates, or is being
/// deleted; the pod is unchanged then.
///
/// ```
/// use pod_lifecycle::{admission::{self, BindError}, api::{Pod, PodConditionType}};
///
/// let mut pod = Pod::default();
/// admission::bind("2026-03-01T09:00:00Z".parse().unwrap(), &mut pod, "node-1")?;
/// assert_eq!(pod.spec.node_name, "node-1");
/// let scheduled = pod.status.condition(&PodConditionType::POD_SCHEDULED);
/// assert!(scheduled.is_some_and(|condition| condition.is_true()));
/// let again = admission::bind("2026-03-01T09:00:01Z".parse().unwrap(), &mut pod, "node-2");
/// assert_eq!(again, Err(BindError::AlreadyBound { node: "node-1".into() }));
/// # Ok::<(), BindError>(())
/// ```
pub fn bind(now: Timestamp, pod: &mut Pod, node: &str) -> Result<(), BindError> {
    if pod.metadata.deletion_timestamp.is_some() {
        return Err(BindError::BeingDeleted);
    }
    if !pod.spec.node_name.is_empty() {
        let node = pod.spec.node_name.clone();
        return Err(BindError::AlreadyBound { node });
    }
    if !pod.spec.scheduling_gates.is_empty() {
        return Err(BindError::Gated);
    }
    pod.spec.node_name = node.into();
    pod.status.nominated_node_name.clear();
    let conditions = &mut pod.status.conditions;
    let at = conditions
        .iter()
        .position(|condition| condition.type_ == PodConditionType::POD_SCHEDULED);
    let mut scheduled = PodCondition {
        type_: PodConditionType::POD_SCHEDULED,
        status: Some(ConditionStatus::True),
        last_transition_time: Some(Time::new(now)),
        ..PodCondition::default()
    };
    match at.and_then(|at| conditions.get_mut(at)) {
        Some(condition) => {
            if condition.is_true() {
                scheduled.last_transition_time = condition.last_transition_time;
            }
            *condition = scheduled;
        }
        None => conditions.push(scheduled),
    }
    Ok(())
}
