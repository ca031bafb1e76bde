//! What the kubelet reports about a pod, and what becomes of a report.
//!
//! [`pod_status`] derives a whole status from the pod, what the runtime reports, and the status before; its parts
//! ([`container_statuses`], [`phase`](fn@phase), [`conditions`](fn@conditions), [`apply_probes`], [`sort_pod_ips`]) stand on
//! their own. [`update`](fn@update) takes it over as the newest one, [`set_readiness`], [`set_started`] and [`terminate`](fn@terminate) change
//! the newest one, and [`merge`](fn@merge) makes of it what goes to the API server.

mod addresses;
pub mod conditions;
mod containers;
mod inactive;
mod merge;
mod normalize;
mod owned;
mod phase;
mod pod;
mod readiness;
mod resources;
mod terminate;
mod transition;
mod update;

pub use self::{
    addresses::sort_pod_ips,
    conditions::{ConditionsInput, conditions},
    containers::{ContainerStatuses, ContainersInput, StartFailure, container_statuses},
    inactive::{
        Activity, Remains, can_be_deleted, could_have_running_containers, is_inactive, is_terminal,
    },
    merge::{MergeInput, merge},
    normalize::normalize,
    phase::{PhaseInput, phase},
    pod::{Eviction, Resize, StatusInput, pod_status},
    readiness::{ProbeState, Probes, apply_probes, set_readiness, set_started},
    resources::PodCgroup,
    terminate::{has_pod_initialized, terminate},
    transition::{IllegalTransition, check_transition},
    update::{Record, Update, update},
};

use crate::{
    api::{ContainerStatus, PodStatus},
    lifecycle::by_name::ByName,
};

/// The statuses of a pod's containers, as far as they count for its phase and conditions.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Statuses<'a> {
    /// Those of init containers and sidecars.
    pub init_containers: &'a [ContainerStatus],
    /// Those of regular containers.
    pub containers: &'a [ContainerStatus],
}

impl<'a> Statuses<'a> {
    /// Returns the statuses that a pod's status holds.
    ///
    /// ```
    /// use pod_lifecycle::{api::PodStatus, lifecycle::status::Statuses};
    ///
    /// assert_eq!(Statuses::of(&PodStatus::default()), Statuses::default());
    /// ```
    #[must_use]
    pub fn of(status: &'a PodStatus) -> Self {
        Self {
            init_containers: &status.init_container_statuses,
            containers: &status.container_statuses,
        }
    }
}

/// Finds the first status of a name in two lists, one after the other.
fn find_in<'a>(
    lists: [&'a [ContainerStatus]; 2],
    lookups: usize,
) -> impl Fn(&str) -> Option<&'a ContainerStatus> {
    let [first, second] = lists.map(|list| ByName::new(list, lookups, |status| &status.name));
    move |name| first.find(name).or_else(|| second.find(name))
}
