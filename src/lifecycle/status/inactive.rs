//! Whether a pod still counts on its node.

use crate::{
    api::{Pod, PodPhase},
    lifecycle::kind,
};

/// What tells whether a pod still counts on its node.
#[derive(Clone, Copy, Debug)]
pub struct Activity<'a> {
    /// The pod as the API server has it, with its status.
    pub pod: &'a Pod,
    /// The phase of the status that was taken over last, if any was.
    pub cached_phase: Option<&'a PodPhase>,
    /// Whether the pod's worker has seen its containers end for good.
    pub known_terminated: bool,
    /// Whether the pod's worker was told to end it.
    pub termination_requested: bool,
}

/// Whether a pod no longer counts among those that its node has to make room for.
///
/// Follows the kubelet's `filterOutInactivePods` (v1.36): its containers are known to have ended, or it is in a
/// [final phase](is_terminal) and nobody is busy ending it.
///
/// ```
/// use pod_lifecycle::api::{Pod, PodPhase};
/// use pod_lifecycle::lifecycle::status::{Activity, is_inactive};
///
/// let mut activity = Activity {
///     pod: &Pod::default(),
///     cached_phase: Some(&PodPhase::Failed),
///     known_terminated: false,
///     termination_requested: false,
/// };
/// assert!(is_inactive(&activity));
/// activity.termination_requested = true;
/// assert!(!is_inactive(&activity));
/// ```
#[must_use]
pub fn is_inactive(activity: &Activity<'_>) -> bool {
    activity.known_terminated
        || (is_terminal(activity.pod, activity.cached_phase) && !activity.termination_requested)
}

/// Whether a pod is in a final phase, by the API server's account or by the kubelet's own.
///
/// Follows the kubelet's `isAdmittedPodTerminal` (v1.36).
///
/// ```
/// use pod_lifecycle::api::{Pod, PodPhase};
/// use pod_lifecycle::lifecycle::status::is_terminal;
///
/// assert!(is_terminal(&Pod::default(), Some(&PodPhase::Succeeded)));
/// assert!(!is_terminal(&Pod::default(), Some(&PodPhase::Running)));
/// ```
#[must_use]
pub fn is_terminal(pod: &Pod, cached_phase: Option<&PodPhase>) -> bool {
    kind::is_terminal(pod.status.phase.as_ref()) || kind::is_terminal(cached_phase)
}

/// Whether the kubelet may have the API server remove a pod.
///
/// Follows the status manager's `canBeDeleted` (v1.36): somebody has asked for its deletion, it is no mirror pod, the API
/// server knows its final phase, and nothing of it is left on the node, which `is_finished` says.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::status::can_be_deleted};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"metadata": {"deletionTimestamp": "2026-03-01T08:00:00Z"}, "status": {"phase": "Failed"}}"#,
/// )?;
/// assert!(can_be_deleted(&pod, true));
/// assert!(!can_be_deleted(&pod, false));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn can_be_deleted(pod: &Pod, is_finished: bool) -> bool {
    is_finished
        && pod.metadata.deletion_timestamp.is_some()
        && !kind::is_mirror(pod)
        && kind::is_terminal(pod.status.phase.as_ref())
}

/// Why some container of a pod might still be running.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Remains {
    /// The pod's worker has not seen all containers end.
    pub worker: bool,
    /// Resources that were prepared for the pod may not have been given back.
    pub prepared_resources: bool,
}

/// Whether some container of a pod might still be running, so that its end must not be told yet.
///
/// Follows the kubelet's `PodCouldHaveRunningContainers` (v1.36); [`merge`](fn@super::merge) asks it.
///
/// ```
/// use pod_lifecycle::lifecycle::status::{Remains, could_have_running_containers};
///
/// assert!(!could_have_running_containers(Remains::default()));
/// assert!(could_have_running_containers(Remains { prepared_resources: true, ..Remains::default() }));
/// ```
#[must_use]
pub fn could_have_running_containers(remains: Remains) -> bool {
    remains.worker || remains.prepared_resources
}
