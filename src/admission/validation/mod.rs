//! Everything that the API server finds wrong with a pod.
//!
//! One function here for each function of `pkg/apis/core/validation` that judges
//! a pod: [`create`], [`update`](fn@update), [`status_update`], [`ephemeral_containers_update`]
//! and [`resize`](fn@resize). They judge what they are given: nothing is defaulted, so a
//! missing default is an error, and pods are taken in the form of
//! [`conversion`](super::conversion). What a pod had before its update may stay, even where a
//! newer rule would not let it in again.
//!
//! Errors come in the API server's order, one for each that it reports, at the
//! same path, odd ones included; entries of maps come in the order of their keys. Not judged are
//! managed fields, which the server writes itself.
//!
//! The time for a manifest grows with its size and hardly faster. A new pod with nothing wrong is
//! judged without allocating, unless it has a list of more than 64 entries, tolerations written as JSON
//! in an annotation, or keys with upper-case letters among the user annotations of a pod certificate.

mod annotations;
mod claim;
mod container;
mod env;
mod ephemeral;
mod json;
mod metadata;
mod mount;
mod network;
mod placement;
mod pod_affinity;
mod pod_spec;
mod probe;
mod projected;
mod ratchet;
mod resize;
mod resources;
mod security;
mod status;
mod update;
mod volume;
mod volume_legacy;
mod windows;

use crate::{
    api::{ObjectMeta, Pod, PodSpec, PodTemplateSpec},
    field::{self, At, FieldErrors, Seen},
};

pub(super) use self::{
    annotations::{SECCOMP_CONTAINER, SECCOMP_POD, of_container as annotation_of_container},
    placement::{PREFERRED, REQUIRED},
};
pub use self::{
    ephemeral::ephemeral_containers_update, resize::resize, status::status_update, update::update,
};
use self::{ratchet::Tolerated, volume::Volumes};

/// What a cluster allows.
///
/// ```
/// use pod_lifecycle::admission::validation::Options;
///
/// let mut options = Options::default();
/// options.allow_privileged = false;
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Whether containers may be privileged: the API server's `--allow-privileged`. True by default.
    pub allow_privileged: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            allow_privileged: true,
        }
    }
}

/// Judges a new pod, as `ValidatePodCreate` does.
///
/// # Errors
///
/// Everything that is wrong, in the API server's order.
///
/// ```
/// use pod_lifecycle::{admission::{defaults, validation::{self, Options}}, api::Pod};
///
/// let mut pod: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web", "namespace": "shop"},
///         "spec": {"containers": [{"name": "Web", "image": "nginx"}]}}"#,
/// )?;
/// defaults::apply(&mut pod);
/// let errors = validation::create(&pod, &Options::default()).unwrap_err();
/// assert_eq!(errors.as_slice()[0].field, "spec.containers[0].name");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn create(pod: &Pod, options: &Options) -> Result<(), FieldErrors> {
    field::collect("", |at| {
        let context = Context::of_pod(pod, options, Tolerated::default());
        whole_pod(at, pod, context);
        let spec = &mut at.field("spec");
        if !pod.spec.ephemeral_containers.is_empty() {
            spec.field("ephemeralContainers")
                .forbidden("only a running pod can be given ephemeral containers");
        }
        if !pod.spec.node_name.is_empty() && !pod.spec.scheduling_gates.is_empty() {
            spec.field("nodeName")
                .forbidden("a pod with scheduling gates cannot be bound");
        }
        annotations::agree_with_seccomp_fields(spec, &pod.metadata, &pod.spec);
        annotations::agree_with_app_armor_fields(spec, &pod.metadata, &pod.spec);
    })
}

/// Judges the pod template of a workload object, as `ValidatePodTemplateSpec` does.
///
/// `base` is where the template stands in its object: `spec.template` for a
/// Deployment. As the API server does, errors in labels and annotations of
/// the template come without `metadata` in their path.
///
/// # Errors
///
/// Everything that is wrong, in the API server's order.
///
/// ```
/// use pod_lifecycle::admission::{defaults, validation::{self, Options}};
/// use pod_lifecycle::api::PodTemplateSpec;
///
/// let mut template: PodTemplateSpec = serde_json::from_str(
///     r#"{"spec": {"containers": [{"name": "web", "image": "nginx", "ports": [
///         {"containerPort": 9090, "name": "http-remote-write"}
///     ]}]}}"#,
/// )?;
/// defaults::apply_to_template(&mut template);
/// let errors = validation::template(&template, "spec.template", &Options::default());
/// assert_eq!(
///     errors.unwrap_err().to_string(),
///     "spec.template.spec.containers[0].ports[0].name: Invalid value: \"http-remote-write\": \
///      must be no more than 15 bytes",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn template(
    template: &PodTemplateSpec,
    base: &str,
    options: &Options,
) -> Result<(), FieldErrors> {
    field::collect(base, |at| {
        let context = Context::new(&template.spec, options);
        metadata::labels(&mut at.field("labels"), &template.metadata.labels);
        let annotations = &template.metadata.annotations;
        metadata::annotations(&mut at.field("annotations"), annotations);
        annotations::pod_annotations(&mut at.field("annotations"), annotations, &context);
        let spec = &mut at.field("spec");
        pod_spec::pod_spec(spec, context);
        annotations::agree_with_seccomp_fields(spec, &template.metadata, &template.spec);
        if !template.spec.ephemeral_containers.is_empty() {
            spec.field("ephemeralContainers")
                .forbidden("only a running pod can be given ephemeral containers");
        }
    })
}

/// What holds for any pod, new or changed.
fn whole_pod(at: &mut At<'_>, pod: &Pod, context: Context<'_>) {
    let metadata = &mut at.field("metadata");
    metadata::object_meta(metadata, &pod.metadata);
    let annotations = &mut metadata.field("annotations");
    annotations::pod_annotations(annotations, &pod.metadata.annotations, &context);
    let spec = &mut at.field("spec");
    pod_spec::pod_spec(spec, context);
    pod_spec::only_for_pods(spec, &pod.spec);
}

/// What several rules need to know.
struct Context<'a> {
    spec: &'a PodSpec,
    /// The metadata of the pod; a template has none that counts.
    metadata: Option<&'a ObjectMeta>,
    options: &'a Options,
    /// What the pod had before and may keep.
    tolerated: Tolerated,
    /// The volumes that containers can use: those without errors.
    volumes: Volumes<'a>,
    /// The names of the claims that the pod declares.
    claims: Seen<&'a str>,
}

impl<'a> Context<'a> {
    fn new(spec: &'a PodSpec, options: &'a Options) -> Self {
        Self {
            spec,
            metadata: None,
            options,
            tolerated: Tolerated::default(),
            volumes: Volumes::new(),
            claims: Seen::new(),
        }
    }

    fn of_pod(pod: &'a Pod, options: &'a Options, tolerated: Tolerated) -> Self {
        Self {
            metadata: Some(&pod.metadata),
            tolerated,
            ..Self::new(&pod.spec, options)
        }
    }

    /// Whether users of the pod are users of the node.
    fn host_users(&self) -> bool {
        self.spec.host_users != Some(false)
    }
}
