//! What a pod asks for: effective requests and limits, and the class that follows from them.
//!
//! Containers run together, init containers one after the other, and sidecars
//! (init containers that restart always) from their turn on until the end. So a
//! pod asks for the larger of what runs together after the start, and of what
//! runs at the worst moment of the start. Answers what `PodRequests` and
//! `PodLimits` of `k8s.io/component-helpers/resource` answer.

mod aggregate;
mod limits;
pub mod qos;
mod requests;

use crate::{
    api::{ContainerStatus, PodConditionType, PodStatus, ResourceList, ResourceName},
    format::is_huge_pages,
    quantity::Quantity,
};
use alloc::collections::BTreeMap;

pub(crate) use self::{aggregate::aggregated, requests::of_kubelet};
pub use self::{
    aggregate::{aggregate_limits, aggregate_requests},
    limits::limits,
    requests::requests,
};

/// What [`requests`](fn@requests) and [`limits`](fn@limits) count.
///
/// The default is what the scheduler counts for a pod that it has to place.
///
/// ```
/// use pod_lifecycle::resources::Options;
///
/// let mut options = Options::default();
/// options.exclude_overhead = true;
/// assert!(!options.use_status_resources);
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Whether what a container's status reports counts where it is more than the spec says, as it
    /// does while a resize is under way.
    pub use_status_resources: bool,
    /// Whether the same holds for the resources of the pod as a whole.
    pub in_place_pod_level_resources_vertical_scaling: bool,
    /// Whether the overhead of the pod's runtime class is left out.
    pub exclude_overhead: bool,
    /// Whether the resources of the pod as a whole are left out.
    pub skip_pod_level_resources: bool,
    /// Whether the requests of the containers are left out. Does nothing to limits.
    pub skip_container_level_resources: bool,
    /// What a container requests of a resource that it does not mention. Does nothing to limits.
    pub non_missing_container_requests: ResourceList,
}

/// The statuses that count for containers by their names, the last of a name.
struct Reported<'a> {
    by_name: BTreeMap<&'a str, &'a ContainerStatus>,
    infeasible: bool,
}

impl<'a> Reported<'a> {
    fn new(status: &'a PodStatus, options: &Options) -> Self {
        let mut by_name = BTreeMap::new();
        if options.use_status_resources {
            let lists = [&status.container_statuses, &status.init_container_statuses];
            for reported in lists.into_iter().flatten() {
                by_name.insert(reported.name.as_str(), reported);
            }
        }
        Self {
            by_name,
            infeasible: is_resize_infeasible(status),
        }
    }

    fn of(&self, name: &str) -> Option<&'a ContainerStatus> {
        let reported = self.by_name.get(name).copied();
        reported.filter(|reported| reported.resources.is_some())
    }
}

/// Whether the resize that waits can never be done, so that what the spec says counts for nothing.
fn is_resize_infeasible(status: &PodStatus) -> bool {
    let mut conditions = status.conditions.iter();
    let pending = conditions.find(|c| c.type_ == PodConditionType::POD_RESIZE_PENDING);
    pending.is_some_and(|condition| condition.reason == "Infeasible")
}

/// Whether a resource can be asked for by the pod as a whole.
pub(crate) fn is_pod_level(name: &ResourceName) -> bool {
    *name == ResourceName::CPU || *name == ResourceName::MEMORY || is_huge_pages(name.as_str())
}

/// Adds in the format of the first amount; a sum out of all range stays at what it was.
fn add_to(sum: &mut Quantity, amount: &Quantity) {
    if let Some(total) = sum.checked_add(amount) {
        *sum = total;
    }
}

fn add_all(sums: &mut ResourceList, amounts: &ResourceList) {
    for (name, amount) in amounts {
        match sums.get_mut(name) {
            Some(sum) => add_to(sum, amount),
            None => {
                sums.insert(name.clone(), amount.clone());
            }
        }
    }
}

fn raise_all(peak: &mut ResourceList, amounts: &ResourceList) {
    for (name, amount) in amounts {
        match peak.get_mut(name) {
            Some(most) if amount > most => most.clone_from(amount),
            Some(_) => {}
            None => {
                peak.insert(name.clone(), amount.clone());
            }
        }
    }
}
