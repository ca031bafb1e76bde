//! How the resources of a running pod can change.

use alloc::{format, vec::Vec};

use super::{Options, container::restarts, resources::loses_keys, update, windows};
use crate::{
    api::{Container, Pod, ResourceList, ResourceName, ResourceRequirements},
    critical,
    field::{self, At, FieldErrors},
    resources::qos,
};

/// Judges changed resources, as `ValidatePodResize` does.
///
/// Only cpu and memory can change, none of it be taken back, and the QoS class
/// must stay.
///
/// # Errors
///
/// Everything that is wrong with the new pod and with the change.
///
/// ```
/// use pod_lifecycle::{admission::{self, validation}, api::{Pod, ResourceName}};
///
/// let manifest: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web", "resourceVersion": "1"},
///         "spec": {"containers": [{"name": "web", "image": "nginx"}]}}"#,
/// )?;
/// let (now, options) = ("2026-03-01T09:00:00Z".parse().unwrap(), admission::Options::default());
/// let old = admission::create(now, manifest, &options).unwrap().pod;
/// let mut new = old.clone();
/// new.spec.containers[0].resources.requests.insert(ResourceName::CPU, 1.into());
/// let errors = validation::resize(&new, &old, &options.validation).unwrap_err();
/// assert_eq!(
///     errors.to_string(),
///     "spec: Invalid value: \"Burstable\": the pod's QoS class must stay BestEffort",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn resize(new: &Pod, old: &Pod, options: &Options) -> Result<(), FieldErrors> {
    field::collect("", |at| {
        let is_good = at.accepts(|at| changes(at, new, old, options));
        if is_good && has_other_change(new, old) {
            at.field("spec")
                .forbidden("only cpu and memory resources are mutable");
        }
    })
}

fn changes(at: &mut At<'_>, new: &Pod, old: &Pod, options: &Options) {
    update::metadata_and_spec(at, new, old, options);
    if let Some(why) = why_never(old) {
        at.discard();
        at.elsewhere("[]").forbidden(why);
        return;
    }
    let at = &mut at.field("spec");
    let class = qos::class(old);
    let new_class = qos::compute(&new.spec);
    if class != new_class {
        at.invalid(
            new_class.as_str(),
            format!("the pod's QoS class must stay {class}"),
        );
    }
    if !node_can_resize(old) {
        at.forbidden("the pod runs on a node that does not support resizes");
    }
    pod_level(at, new, old);
    let claimed = &old.status.node_allocatable_resource_claim_statuses;
    if !claimed.is_empty() {
        at.forbidden("resources that are given by claims cannot be resized");
    }
    if at.accepts(|at| same_containers(at, new, old)) {
        containers(at, new, old);
    }
}

fn why_never(old: &Pod) -> Option<&'static str> {
    if critical::is_mirror(old) {
        Some("static pods cannot be resized")
    } else if windows::is_windows(&old.spec) {
        Some("windows pods cannot be resized")
    } else {
        None
    }
}

/// A node that can resize reports the resources of what runs on it.
fn node_can_resize(old: &Pod) -> bool {
    let mut statuses = old.status.container_statuses.iter();
    let running = statuses.find(|status| status.state.running.is_some());
    running.is_none_or(|status| status.resources.is_some())
}

fn pod_level(at: &mut At<'_>, new: &Pod, old: &Pod) {
    let (new, old) = (new.spec.resources.as_deref(), old.spec.resources.as_deref());
    let is_set = |own: &&ResourceRequirements| !own.requests.is_empty() || !own.limits.is_empty();
    if !new.iter().chain(&old).any(is_set) {
        return;
    }
    let absent = ResourceRequirements::default();
    let Some(new) = new else {
        at.field("resources")
            .forbidden("the resources of the pod cannot be removed");
        return;
    };
    let old = old.unwrap_or(&absent);
    keys(&mut at.field("resources"), new, old);
    if with_compute_of(new, old) != *old {
        at.forbidden("only cpu and memory resources are mutable");
    }
}

fn keys(at: &mut At<'_>, new: &ResourceRequirements, old: &ResourceRequirements) {
    if loses_keys(&new.requests, &old.requests) {
        at.field("requests")
            .forbidden("resource requests cannot be removed");
    }
    if loses_keys(&new.limits, &old.limits) {
        at.field("limits")
            .forbidden("resource limits cannot be removed");
    }
}

/// Takes back what of cpu and memory has changed.
fn with_compute_of(new: &ResourceRequirements, old: &ResourceRequirements) -> ResourceRequirements {
    let take_back = |new: &ResourceList, old: &ResourceList| {
        let mut amounts = new.clone();
        for name in [ResourceName::CPU, ResourceName::MEMORY] {
            match old.get(&name) {
                Some(amount) => amounts.insert(name, amount.clone()),
                None => amounts.remove(&name),
            };
        }
        amounts
    };
    ResourceRequirements {
        limits: take_back(&new.limits, &old.limits),
        requests: take_back(&new.requests, &old.requests),
        claims: new.claims.clone(),
    }
}

fn same_containers(at: &mut At<'_>, new: &Pod, old: &Pod) {
    for (name, new, old) in lists(new, old) {
        if new.len() != old.len() {
            at.field(name)
                .forbidden("containers may not be added or removed on resize");
            continue;
        }
        for (index, (new, old)) in new.iter().zip(old).enumerate() {
            if new.name != old.name {
                at.field(name)
                    .index(index)
                    .field("name")
                    .forbidden("containers may not be renamed or reordered on resize");
            }
        }
    }
}

fn lists<'a>(new: &'a Pod, old: &'a Pod) -> [(&'static str, &'a [Container], &'a [Container]); 2] {
    let (new, old) = (&new.spec, &old.spec);
    [
        ("initContainers", &new.init_containers, &old.init_containers),
        ("containers", &new.containers, &old.containers),
    ]
}

fn containers(at: &mut At<'_>, new: &Pod, old: &Pod) {
    for (name, new, old) in lists(new, old) {
        for (index, (new, old)) in new.iter().zip(old).enumerate() {
            let at = &mut at.field(name);
            let at = &mut at.index(index);
            keys(&mut at.field("resources"), &new.resources, &old.resources);
        }
    }
    for (new, old) in new.spec.containers.iter().zip(&old.spec.containers) {
        if has_more_than_compute_changed(new, old) {
            at.forbidden("only cpu and memory resources are mutable");
        }
    }
    let at = &mut at.field("initContainers");
    let pairs = new
        .spec
        .init_containers
        .iter()
        .zip(&old.spec.init_containers);
    for (index, (new, old)) in pairs.enumerate() {
        let at = &mut at.index(index);
        if has_more_than_compute_changed(new, old) {
            at.forbidden("only cpu and memory resources are mutable");
        }
        if !old.is_sidecar() && new != old {
            for _ in new.resize_policy.iter().filter(|policy| restarts(policy)) {
                at.forbidden(
                    "an init container that is no sidecar cannot be restarted for a resize",
                );
            }
        }
    }
}

/// Claims cannot be told apart from a change, and keep a container from being resized.
fn has_more_than_compute_changed(new: &Container, old: &Container) -> bool {
    let resources = ResourceRequirements {
        claims: Vec::new(),
        ..with_compute_of(&new.resources, &old.resources)
    };
    let new = Container {
        resources,
        ..new.clone()
    };
    new != *old
}

fn has_other_change(new: &Pod, old: &Pod) -> bool {
    let mut rest = new.spec.clone();
    rest.containers.clone_from(&old.spec.containers);
    rest.init_containers.clone_from(&old.spec.init_containers);
    rest.resources.clone_from(&old.spec.resources);
    rest != old.spec
}
