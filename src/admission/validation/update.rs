//! What of a pod an update may change.

use alloc::{boxed::Box, collections::BTreeMap, string::String};

use super::{
    Context, Options, annotations, container, metadata,
    placement::{self, REQUIRED},
    ratchet::Tolerated,
    whole_pod,
};
use crate::{
    api::{
        Affinity, Container, NodeAffinity, NodeSelectorTerm, Pod, PodSchedulingGate, PodSpec,
        TaintEffect, Toleration, TolerationOperator,
    },
    field::{self, At, BadValue, FieldErrors, Seen},
};

/// Judges a changed pod against the one that is stored, as `ValidatePodUpdate` does.
///
/// Beside metadata, only images, the active deadline, tolerations and scheduling
/// gates can change, and the node selector and node affinity as long as there
/// are gates; each in one direction only.
///
/// # Errors
///
/// Everything that is wrong with the new pod and with the change.
///
/// ```
/// use pod_lifecycle::{admission::{self, validation}, api::Pod};
///
/// let manifest: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web", "resourceVersion": "1"},
///         "spec": {"containers": [{"name": "web", "image": "nginx"}]}}"#,
/// )?;
/// let (now, options) = ("2026-03-01T09:00:00Z".parse().unwrap(), admission::Options::default());
/// let old = admission::create(now, manifest, &options).unwrap().pod;
/// let mut new = old.clone();
/// new.spec.host_network = true;
/// let errors = validation::update(&new, &old, &options.validation).unwrap_err();
/// assert_eq!(errors.as_slice()[0].to_string(), "spec: Forbidden: \
///     pod updates may not change fields other than images, activeDeadlineSeconds, tolerations and \
///     schedulingGates");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn update(new: &Pod, old: &Pod, options: &Options) -> Result<(), FieldErrors> {
    field::collect("", |at| {
        let tolerated = Tolerated::of(old);
        metadata_and_spec(at, new, old, options);
        let context = Context::of_pod(new, options, tolerated);
        pod_annotations(at, new, old, &context);
        spec(&mut at.field("spec"), new, old, &context);
    })
}

/// The metadata's change, and all rules for the new pod.
pub(super) fn metadata_and_spec(at: &mut At<'_>, new: &Pod, old: &Pod, options: &Options) {
    let place = &mut at.field("metadata");
    metadata::object_meta_update(place, &new.metadata, &old.metadata);
    let tolerated = Tolerated::of(old);
    whole_pod(at, new, Context::of_pod(new, options, tolerated));
}

pub(super) fn pod_annotations(at: &mut At<'_>, new: &Pod, old: &Pod, context: &Context<'_>) {
    annotations::pod_annotations_update(
        &mut at.field("metadata").field("annotations"),
        &new.metadata.annotations,
        &old.metadata.annotations,
        context,
    );
}

fn spec(at: &mut At<'_>, new: &Pod, old: &Pod, context: &Context<'_>) {
    let (new, old) = (&new.spec, &old.spec);
    for (name, new, old) in [
        ("containers", &new.containers, &old.containers),
        ("initContainers", &new.init_containers, &old.init_containers),
    ] {
        if new.len() != old.len() {
            at.field(name)
                .forbidden("pod updates may not add or remove containers");
            return;
        }
        at.field(name).each(new, |at, container| {
            at.field("image").not_empty(&container.image);
            container::image_without_space(at, &container.image);
        });
    }
    if !active_deadline(&mut at.field("activeDeadlineSeconds"), new, old) {
        return;
    }
    tolerations(&mut at.field("tolerations"), new, old, context);
    let gates = &mut at.field("schedulingGates");
    scheduling_gates(gates, &new.scheduling_gates, &old.scheduling_gates);
    if new != old {
        rest(at, new, old);
    }
}

/// Tells whether there is any point in going on.
fn active_deadline(at: &mut At<'_>, new: &PodSpec, old: &PodSpec) -> bool {
    match (new.active_deadline_seconds, old.active_deadline_seconds) {
        (Some(new), _) if !(0..=i64::from(i32::MAX)).contains(&new) => {
            at.in_range(new, 0..=i64::from(i32::MAX));
            false
        }
        (Some(new), Some(old)) if new > old => {
            at.invalid(new, "must be less than or equal to previous value");
            false
        }
        (None, Some(_)) => {
            at.invalid(BadValue::Omitted, "must not be taken back");
            true
        }
        _ => true,
    }
}

/// Tolerations can be added, and their seconds changed.
fn tolerations(at: &mut At<'_>, new: &PodSpec, old: &PodSpec, context: &Context<'_>) {
    let kept: Seen<_> = new.tolerations.iter().map(identity).collect();
    let mut tolerations = old.tolerations.iter();
    if !tolerations.all(|toleration| kept.contains(&identity(toleration))) {
        at.forbidden("existing tolerations can not be modified except their tolerationSeconds");
        return;
    }
    at.each(&new.tolerations, |at, toleration| {
        placement::toleration(at, toleration, context);
    });
}

fn identity(toleration: &Toleration) -> [&str; 4] {
    let operator = toleration.operator.as_ref();
    let effect = toleration.effect.as_ref();
    [
        &toleration.key,
        operator.map_or("", TolerationOperator::as_str),
        &toleration.value,
        effect.map_or("", TaintEffect::as_str),
    ]
}

/// Gates can only go; of a name that is new, the last gate is reported.
fn scheduling_gates(at: &mut At<'_>, new: &[PodSchedulingGate], old: &[PodSchedulingGate]) {
    let old: Seen<_> = old.iter().map(|gate| gate.name.as_str()).collect();
    let mut added = BTreeMap::new();
    for (index, gate) in new.iter().enumerate() {
        if !old.contains(&gate.name.as_str()) {
            added.insert(gate.name.as_str(), index);
        }
    }
    for index in added.into_values() {
        at.index(index)
            .field("name")
            .forbidden("only deletion is allowed");
    }
}

/// All that is left must be as it was.
fn rest(at: &mut At<'_>, new: &PodSpec, old: &PodSpec) {
    let mut rest = new.clone();
    keep_images(&mut rest.containers, &old.containers);
    keep_images(&mut rest.init_containers, &old.init_containers);
    rest.active_deadline_seconds = old.active_deadline_seconds;
    rest.scheduling_gates.clone_from(&old.scheduling_gates);
    rest.tolerations.clone_from(&old.tolerations);
    if !old.scheduling_gates.is_empty() {
        if rest.node_selector != old.node_selector {
            if !has_all(&rest.node_selector, &old.node_selector) {
                at.field("nodeSelector").invalid(
                    BadValue::Omitted,
                    "only additions are allowed while the pod has scheduling gates",
                );
            }
            rest.node_selector.clone_from(&old.node_selector);
        }
        keep_node_affinity(&mut at.field("affinity"), &mut rest.affinity, old);
    }
    if rest != *old {
        at.forbidden(
            "pod updates may not change fields other than images, activeDeadlineSeconds, \
             tolerations and schedulingGates",
        );
    }
}

fn keep_images(new: &mut [Container], old: &[Container]) {
    for (new, old) in new.iter_mut().zip(old) {
        new.image.clone_from(&old.image);
    }
}

fn has_all(new: &BTreeMap<String, String>, old: &BTreeMap<String, String>) -> bool {
    old.iter().all(|(key, value)| new.get(key) == Some(value))
}

/// Judges a change of the node affinity, and takes it back to see what else has changed.
fn keep_node_affinity(at: &mut At<'_>, new: &mut Option<Box<Affinity>>, old: &PodSpec) {
    let before = old.affinity.as_ref();
    let before = before.and_then(|affinity| affinity.node_affinity.as_ref());
    let after = new.as_ref();
    let after = after.and_then(|affinity| affinity.node_affinity.as_ref());
    if before == after {
        return;
    }
    node_affinity(&mut at.field("nodeAffinity"), after, before);
    match new {
        Some(affinity)
            if old.affinity.is_none()
                && affinity.pod_affinity.is_none()
                && affinity.pod_anti_affinity.is_none() =>
        {
            *new = None;
        }
        affinity => {
            affinity.get_or_insert_default().node_affinity = before.cloned();
        }
    }
}

fn node_affinity(at: &mut At<'_>, new: Option<&NodeAffinity>, old: Option<&NodeAffinity>) {
    let old = required_terms(old);
    let new = required_terms(new);
    let at = &mut at.field(REQUIRED);
    let at = &mut at.field("nodeSelectorTerms");
    if !old.is_empty() && new.len() != old.len() {
        at.invalid(
            BadValue::Omitted,
            "no term can be added or removed, for any one of them is enough",
        );
        return;
    }
    for (index, (new, old)) in new.iter().zip(old).enumerate() {
        if !is_addition(new, old) {
            at.index(index).invalid(
                BadValue::Omitted,
                "only additions are allowed, behind what there is",
            );
        }
    }
}

fn required_terms(affinity: Option<&NodeAffinity>) -> &[NodeSelectorTerm] {
    affinity
        .and_then(|terms| {
            terms
                .required_during_scheduling_ignored_during_execution
                .as_ref()
        })
        .map_or(&[], |selector| selector.node_selector_terms.as_slice())
}

/// A term without requirements matches nothing, and must go on doing so.
fn is_addition(new: &NodeSelectorTerm, old: &NodeSelectorTerm) -> bool {
    let is_empty =
        |term: &NodeSelectorTerm| term.match_expressions.is_empty() && term.match_fields.is_empty();
    new.match_expressions.starts_with(&old.match_expressions)
        && new.match_fields.starts_with(&old.match_fields)
        && (!is_empty(old) || is_empty(new))
}
