//! The last report about a pod.

use super::{
    Record, Update,
    containers::{KILLED, terminated},
    update::{Force, take_over},
};
use crate::{
    api::{ContainerStateTerminated, ContainerStatus, Pod, PodPhase},
    lifecycle::{kind, reason},
};

/// Gives a pod whose containers are known to be gone its last status.
///
/// Follows the status manager's `TerminatePod` (v1.36): a container of which no end is known gets one with exit code 137,
/// unless the pod was never [initialized](has_pod_initialized); a pod that is not static and in no final phase has failed. The
/// answer is never [`Update::Unchanged`].
///
/// ```
/// use pod_lifecycle::api::{Pod, PodPhase};
/// use pod_lifecycle::{jiff::Timestamp, lifecycle::status::{Record, Update, terminate}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"containers": [{"name": "web"}]},
///         "status": {"phase": "Running", "containerStatuses": [{"name": "web", "state": {"running": {}}}]}
///     }"#,
/// )?;
/// let record = Record { pod: &pod, cached: None, mirror: None, now: Timestamp::UNIX_EPOCH };
/// let Update::Changed(last) = terminate(&record) else { panic!("a container may end") };
/// assert_eq!(last.phase, Some(PodPhase::Failed));
/// assert_eq!(last.container_statuses[0].state.terminated.as_ref().map(|exit| exit.exit_code), Some(137));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn terminate(record: &Record<'_>) -> Update {
    let pod = record.pod;
    let mut status = record.cached.unwrap_or(&pod.status).clone();
    if has_pod_initialized(pod) {
        for container in &mut status.container_statuses {
            end(container);
        }
    }
    let begun = status
        .init_container_statuses
        .iter()
        .rposition(|container| {
            container.state.waiting.is_none() || container.last_state.terminated.is_some()
        });
    let ended = begun.unwrap_or(0).saturating_add(1);
    for container in status.init_container_statuses.iter_mut().take(ended) {
        end(container);
    }
    if !kind::is_static(pod) && !kind::is_terminal(status.phase.as_ref()) {
        status.phase = Some(PodPhase::Failed);
    }
    take_over(record, status, Force::Yes)
}

fn end(container: &mut ContainerStatus) {
    if container.state.terminated.is_none() {
        container.state = terminated(ContainerStateTerminated {
            exit_code: KILLED,
            reason: reason::CONTAINER_STATUS_UNKNOWN.into(),
            message: "the container was gone when the pod was terminated".into(),
            ..ContainerStateTerminated::default()
        });
    }
}

/// Whether a pod's published status shows that its init containers once were done.
///
/// Follows the status manager's `hasPodInitialized` (v1.36): a regular container has begun, or the last init container of
/// which there is a status has ended with exit code 0, or has started if it is a sidecar.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::status::has_pod_initialized};
///
/// let mut pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"initContainers": [{"name": "fetch"}], "containers": [{"name": "web"}]},
///         "status": {"initContainerStatuses": [{"name": "fetch", "state": {"running": {}}}]}
///     }"#,
/// )?;
/// assert!(!has_pod_initialized(&pod));
/// pod.spec.init_containers.clear();
/// assert!(has_pod_initialized(&pod));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn has_pod_initialized(pod: &Pod) -> bool {
    let (spec, status) = (&pod.spec.init_containers, &pod.status);
    let has_begun = |container: &ContainerStatus| {
        container.last_state.terminated.is_some() || container.state.waiting.is_none()
    };
    if spec.is_empty() || status.container_statuses.iter().any(has_begun) {
        return true;
    }
    let Some(last) = status.init_container_statuses.last() else {
        return false;
    };
    let place = status.init_container_statuses.len().saturating_sub(1);
    let Some(container) = spec
        .get(place)
        .filter(|container| container.name == last.name)
    else {
        return false;
    };
    if container.is_sidecar() {
        return last.state.running.is_some() && last.started == Some(true);
    }
    [&last.state, &last.last_state].iter().any(|state| {
        state
            .terminated
            .as_ref()
            .is_some_and(|exit| exit.exit_code == 0)
    })
}
