//! What the API server sets and takes back before it validates a pod.
//!
//! Answers the `PrepareForCreate` and `PrepareForUpdate` of the pod's strategies
//! (`pkg/registry/core/pod`): who may write which part of a pod through which
//! endpoint, and which fields go because their feature gate is off by default.
//! All functions take pods in the form of [`conversion`](super::conversion).
//!
//! "Has changed" is `!=` of the wire types: quantities are equal by value, times
//! by instant, and an empty list is an absent one, while a missing object is not
//! an empty one.

use alloc::{
    boxed::Box,
    collections::{BTreeMap, VecDeque},
    format,
    string::String,
    vec,
    vec::Vec,
};
use core::mem;

use jiff::Timestamp;

use crate::{
    api::{
        Affinity, AppArmorProfile, AppArmorProfileType, ConditionStatus, Container,
        ContainerStatus, LabelSelector, LabelSelectorOperator, LabelSelectorRequirement, Lifecycle,
        OSName, ObjectMeta, Pod, PodAffinityTerm, PodCondition, PodConditionType, PodPhase,
        PodSpec, PodStatus, SecurityContext, Time, TopologySpreadConstraint, VolumeProjection,
        WeightedPodAffinityTerm,
    },
    resources::qos,
};

const APP_ARMOR_PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";

const SCHEDULING_GATED: &str = "SchedulingGated";

/// What a pod with scheduling gates is told.
const SCHEDULING_GATED_MESSAGE: &str = "the pod waits for its scheduling gates to be removed";

/// Prepares a new pod: its generation is 1 and its status that of a pod nobody has touched.
///
/// The label keys of affinity terms and spread constraints become requirements of
/// their selectors, with the values that the pod's labels have now. An AppArmor annotation
/// becomes the field of its container. `now` is when a pod with scheduling gates
/// starts to wait for them.
///
/// ```
/// use pod_lifecycle::{admission::prepare, api::{Pod, PodPhase, PodQOSClass}};
///
/// let mut pod = Pod::default();
/// prepare::create("2026-03-01T09:00:00Z".parse()?, &mut pod);
/// assert_eq!(pod.metadata.generation, 1);
/// assert_eq!(pod.status.phase, Some(PodPhase::Pending));
/// assert_eq!(pod.status.qos_class, Some(PodQOSClass::BestEffort));
/// # Ok::<(), pod_lifecycle::jiff::Error>(())
/// ```
pub fn create(now: Timestamp, pod: &mut Pod) {
    pod.metadata.generation = 1;
    pod.status = PodStatus {
        phase: Some(PodPhase::Pending),
        qos_class: Some(qos::class(pod)),
        ..PodStatus::default()
    };
    drop_disabled_spec(&mut pod.spec, None);
    if !pod.spec.scheduling_gates.is_empty() {
        pod.status.conditions.push(PodCondition {
            type_: PodConditionType::POD_SCHEDULED,
            status: Some(ConditionStatus::False),
            last_transition_time: Some(Time::new(now)),
            reason: SCHEDULING_GATED.into(),
            message: SCHEDULING_GATED_MESSAGE.into(),
            ..PodCondition::default()
        });
    }
    if let Some(affinity) = &mut pod.spec.affinity {
        merge_affinity_keys(affinity, &pod.metadata.labels);
    }
    for constraint in &mut pod.spec.topology_spread_constraints {
        merge_spread_keys(constraint, &pod.metadata.labels);
    }
    app_armor_fields(pod);
}

/// Prepares a changed pod: the status stays as it was, and a changed spec counts the generation up.
///
/// ```
/// use pod_lifecycle::{admission::prepare, api::Pod};
///
/// let old = Pod::default();
/// let mut new = old.clone();
/// new.spec.active_deadline_seconds = Some(60);
/// new.status.reason = "Mine".into();
/// prepare::update(&mut new, &old);
/// assert_eq!((new.metadata.generation, new.status.reason.as_str()), (1, ""));
/// ```
pub fn update(new: &mut Pod, old: &Pod) {
    new.status.clone_from(&old.status);
    drop_disabled(new, old);
    count_generation(new, old);
}

/// Prepares a changed status: the spec and the owners stay, and what an old kubelet leaves out is kept.
///
/// ```
/// use pod_lifecycle::{admission::prepare, api::Pod};
///
/// let old = Pod::default();
/// let mut new = old.clone();
/// new.spec.node_name = "node-1".into();
/// new.status.reason = "Evicted".into();
/// prepare::status_update(&mut new, &old);
/// assert_eq!((new.spec.node_name.as_str(), new.status.reason.as_str()), ("", "Evicted"));
/// ```
pub fn status_update(new: &mut Pod, old: &Pod) {
    new.spec.clone_from(&old.spec);
    new.metadata.deletion_timestamp = None;
    let owners = &old.metadata.owner_references;
    new.metadata.owner_references.clone_from(owners);
    if new.status.qos_class.is_none() {
        new.status.qos_class.clone_from(&old.status.qos_class);
    }
    if new.status.observed_generation == 0 {
        new.status.observed_generation = old.status.observed_generation;
    }
    keep_observed_generations(&mut new.status.conditions, &old.status.conditions);
    drop_disabled(new, old);
}

/// Prepares a change of the ephemeral containers: everything else stays.
///
/// ```
/// use pod_lifecycle::{admission::prepare, api::{EphemeralContainer, Pod}};
///
/// let old = Pod::default();
/// let mut new = old.clone();
/// new.spec.ephemeral_containers.push(EphemeralContainer::default());
/// new.spec.node_name = "node-1".into();
/// prepare::ephemeral_containers_update(&mut new, &old);
/// assert_eq!(new.spec.ephemeral_containers.len(), 1);
/// assert_eq!(new.spec.node_name, "");
/// ```
pub fn ephemeral_containers_update(new: &mut Pod, old: &Pod) {
    let containers = mem::take(&mut new.spec.ephemeral_containers);
    restore(new, old);
    new.spec.ephemeral_containers = containers;
    drop_disabled(new, old);
    count_generation(new, old);
}

/// Prepares a resize: of each container, only the resources and the resize policy can change.
///
/// Containers that were added, taken away, renamed or put in another order are
/// left as they are, so that validation names them.
///
/// ```
/// use pod_lifecycle::{admission::prepare, api::{Container, Pod}};
///
/// let mut old = Pod::default();
/// old.spec.containers.push(Container { name: "web".into(), image: "web:1".into(), ..Default::default() });
/// let mut new = old.clone();
/// new.spec.containers[0].image = "web:2".into();
/// prepare::resize(&mut new, &old);
/// assert_eq!(new.spec.containers[0].image, "web:1");
/// ```
pub fn resize(new: &mut Pod, old: &Pod) {
    let same_number = new.spec.containers.len() == old.spec.containers.len()
        && new.spec.init_containers.len() == old.spec.init_containers.len();
    if same_number {
        let spec = mem::take(&mut new.spec);
        restore(new, old);
        new.spec.resources = spec.resources;
        new.spec.containers = resized(spec.containers, &old.spec.containers);
        new.spec.init_containers = resized(spec.init_containers, &old.spec.init_containers);
    }
    drop_disabled(new, old);
    count_generation(new, old);
}

fn resized(new: Vec<Container>, old: &[Container]) -> Vec<Container> {
    if new.iter().zip(old).any(|(new, old)| new.name != old.name) {
        return new;
    }
    let merge = |(new, old): (Container, &Container)| Container {
        resources: new.resources,
        resize_policy: new.resize_policy,
        ..old.clone()
    };
    new.into_iter().zip(old).map(merge).collect()
}

/// Takes back all but the metadata that every endpoint may write.
fn restore(new: &mut Pod, old: &Pod) {
    new.spec.clone_from(&old.spec);
    new.status.clone_from(&old.status);
    let ObjectMeta {
        deletion_timestamp,
        generation,
        self_link,
        labels,
        annotations,
        finalizers,
        owner_references,
        ..
    } = &old.metadata;
    new.metadata.deletion_timestamp = *deletion_timestamp;
    new.metadata.generation = *generation;
    new.metadata.self_link.clone_from(self_link);
    new.metadata.labels.clone_from(labels);
    new.metadata.annotations.clone_from(annotations);
    new.metadata.finalizers.clone_from(finalizers);
    new.metadata.owner_references.clone_from(owner_references);
}

/// Takes back what only the API server writes, as it does between preparation and validation of any change.
pub(super) fn keep_system_metadata(new: &mut ObjectMeta, old: &ObjectMeta) {
    if new.uid.is_empty() {
        new.uid.clone_from(&old.uid);
    }
    if old.creation_timestamp.is_some() {
        new.creation_timestamp = old.creation_timestamp;
    }
    if old.deletion_timestamp.is_some() {
        new.deletion_timestamp = old.deletion_timestamp;
    }
    if new.deletion_grace_period_seconds.is_none() {
        new.deletion_grace_period_seconds = old.deletion_grace_period_seconds;
    }
}

fn count_generation(new: &mut Pod, old: &Pod) {
    if new.spec != old.spec {
        new.metadata.generation = new.metadata.generation.saturating_add(1);
    }
}

/// The n-th condition of a type keeps the generation of the n-th old one where it names none.
fn keep_observed_generations(new: &mut [PodCondition], old: &[PodCondition]) {
    let mut kept = BTreeMap::<_, VecDeque<i64>>::new();
    for condition in old {
        let generations = kept.entry(&condition.type_).or_default();
        generations.push_back(condition.observed_generation);
    }
    for condition in new {
        let generations = kept.get_mut(&condition.type_);
        let generation = generations.and_then(VecDeque::pop_front);
        if condition.observed_generation == 0 {
            condition.observed_generation = generation.unwrap_or_default();
        }
    }
}

/// Removes what a feature gate guards that is off by default, unless the old pod has it.
fn drop_disabled(new: &mut Pod, old: &Pod) {
    drop_disabled_spec(&mut new.spec, Some(&old.spec));
    if old
        .status
        .node_allocatable_resource_claim_statuses
        .is_empty()
    {
        new.status.node_allocatable_resource_claim_statuses.clear();
    }
    if !statuses(&old.status).any(reports_volumes) {
        let status = &mut new.status;
        let lists = [
            &mut status.init_container_statuses,
            &mut status.container_statuses,
            &mut status.ephemeral_container_statuses,
        ];
        for mount in lists
            .into_iter()
            .flatten()
            .flat_map(|s| &mut s.volume_mounts)
        {
            mount.volume_status = None;
        }
    }
}

fn statuses(status: &PodStatus) -> impl Iterator<Item = &ContainerStatus> {
    status
        .init_container_statuses
        .iter()
        .chain(&status.container_statuses)
        .chain(&status.ephemeral_container_statuses)
}

fn reports_volumes(status: &ContainerStatus) -> bool {
    let mut mounts = status.volume_mounts.iter();
    mounts.any(|mount| mount.volume_status.is_some())
}

fn drop_disabled_spec(spec: &mut PodSpec, old: Option<&PodSpec>) {
    if old.is_none_or(|old| old.scheduling_group.is_none()) {
        spec.scheduling_group = None;
    }
    if !old.is_some_and(has_stop_signal) {
        for lifecycle in lifecycles(spec) {
            let signal = lifecycle
                .as_mut()
                .and_then(|hooks| hooks.stop_signal.take());
            if signal.is_some() && lifecycle.as_deref() == Some(&Lifecycle::default()) {
                *lifecycle = None;
            }
        }
    }
    let keep_bundles = old.is_some_and(|old| projects(old, |s| s.cluster_trust_bundle.is_some()));
    let keep_certificates = old.is_some_and(|old| projects(old, |s| s.pod_certificate.is_some()));
    let projected = spec.volumes.iter_mut().filter_map(|v| v.projected.as_mut());
    for source in projected.flat_map(|projected| &mut projected.sources) {
        if !keep_bundles {
            source.cluster_trust_bundle = None;
        }
        if !keep_certificates {
            source.pod_certificate = None;
        }
    }
}

fn lifecycles(spec: &mut PodSpec) -> impl Iterator<Item = &mut Option<Box<Lifecycle>>> {
    let init = spec.init_containers.iter_mut().map(|c| &mut c.lifecycle);
    let regular = spec.containers.iter_mut().map(|c| &mut c.lifecycle);
    let ephemeral = spec.ephemeral_containers.iter_mut();
    init.chain(regular)
        .chain(ephemeral.map(|c| &mut c.lifecycle))
}

fn has_stop_signal(spec: &PodSpec) -> bool {
    let init = spec.init_containers.iter().map(|c| &c.lifecycle);
    let regular = spec.containers.iter().map(|c| &c.lifecycle);
    let ephemeral = spec.ephemeral_containers.iter().map(|c| &c.lifecycle);
    init.chain(regular)
        .chain(ephemeral)
        .flatten()
        .any(|hooks| hooks.stop_signal.is_some())
}

fn projects(spec: &PodSpec, has: fn(&VolumeProjection) -> bool) -> bool {
    let mut projected = spec.volumes.iter().filter_map(|v| v.projected.as_ref());
    projected.any(|projected| projected.sources.iter().any(has))
}

fn merge_affinity_keys(affinity: &mut Affinity, labels: &BTreeMap<String, String>) {
    let merge = |required: &mut [PodAffinityTerm], preferred: &mut [WeightedPodAffinityTerm]| {
        for term in required {
            merge_term_keys(term, labels);
        }
        for preference in preferred {
            merge_term_keys(&mut preference.pod_affinity_term, labels);
        }
    };
    if let Some(terms) = &mut affinity.pod_affinity {
        merge(
            &mut terms.required_during_scheduling_ignored_during_execution,
            &mut terms.preferred_during_scheduling_ignored_during_execution,
        );
    }
    if let Some(terms) = &mut affinity.pod_anti_affinity {
        merge(
            &mut terms.required_during_scheduling_ignored_during_execution,
            &mut terms.preferred_during_scheduling_ignored_during_execution,
        );
    }
}

fn merge_term_keys(term: &mut PodAffinityTerm, labels: &BTreeMap<String, String>) {
    if let Some(selector) = &mut term.label_selector {
        require(
            selector,
            &term.match_label_keys,
            LabelSelectorOperator::In,
            labels,
        );
        require(
            selector,
            &term.mismatch_label_keys,
            LabelSelectorOperator::NotIn,
            labels,
        );
    }
}

fn merge_spread_keys(constraint: &mut TopologySpreadConstraint, labels: &BTreeMap<String, String>) {
    if let Some(selector) = &mut constraint.label_selector {
        require(
            selector,
            &constraint.match_label_keys,
            LabelSelectorOperator::In,
            labels,
        );
    }
}

/// Adds a requirement for each key that the pod has a label of.
fn require(
    selector: &mut LabelSelector,
    keys: &[String],
    operator: LabelSelectorOperator,
    labels: &BTreeMap<String, String>,
) {
    for (key, value) in keys.iter().filter_map(|key| labels.get_key_value(key)) {
        selector.match_expressions.push(LabelSelectorRequirement {
            key: key.clone(),
            operator: Some(operator.clone()),
            values: vec![value.clone()],
        });
    }
}

fn app_armor_fields(pod: &mut Pod) {
    let spec = &mut pod.spec;
    if spec.os.as_ref().and_then(|os| os.name.as_ref()) == Some(&OSName::Windows) {
        return;
    }
    let annotations = &pod.metadata.annotations;
    if !annotations
        .keys()
        .any(|key| key.starts_with(APP_ARMOR_PREFIX))
    {
        return;
    }
    let shared = spec.security_context.as_ref();
    let shared = shared.and_then(|context| context.app_armor_profile.as_deref());
    let apply = |name: &str, context: &mut Option<Box<SecurityContext>>| {
        if context
            .as_ref()
            .is_some_and(|own| own.app_armor_profile.is_some())
        {
            return;
        }
        let annotated = annotations.get(&format!("{APP_ARMOR_PREFIX}{name}"));
        let profile = annotated.and_then(|value| app_armor_profile(value));
        if let Some(profile) = profile.filter(|profile| shared != Some(profile)) {
            context.get_or_insert_default().app_armor_profile = Some(Box::new(profile));
        }
    };
    for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
        apply(&container.name, &mut container.security_context);
    }
    for container in &mut spec.ephemeral_containers {
        apply(&container.name, &mut container.security_context);
    }
}

/// Reads the annotation's value; what could not be the field's value either is left to validation.
fn app_armor_profile(value: &str) -> Option<AppArmorProfile> {
    let (type_, localhost_profile) = match value {
        "unconfined" => (AppArmorProfileType::Unconfined, None),
        "runtime/default" => (AppArmorProfileType::RuntimeDefault, None),
        _ => {
            let name = value.strip_prefix("localhost/")?;
            if name.is_empty() || name.trim() != name || name.len() > 4095 {
                return None;
            }
            (AppArmorProfileType::Localhost, Some(name.into()))
        }
    };
    Some(AppArmorProfile {
        type_: Some(type_),
        localhost_profile,
    })
}
