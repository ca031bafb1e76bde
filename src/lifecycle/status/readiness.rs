//! What probes have to say about containers.

use core::fmt;

use jiff::{SignedDuration, Timestamp};

use super::conditions::is_true;
use crate::{
    api::{Container, ContainerStatus, Pod, PodConditionType, PodStatus},
    lifecycle::{by_name::ByName, kind, probe::Outcome},
};

/// How long before the kubelet's own start a container must have started to count as older than the kubelet.
const BEFORE_KUBELET: SignedDuration = SignedDuration::from_secs(10);

/// What the probes of a pod's containers have found out.
#[derive(Clone, Copy)]
pub struct Probes<'a> {
    /// When the kubelet started: an older container that has not been probed since keeps counting as ready.
    pub kubelet_started_at: Timestamp,
    /// Where the startup probe of the container with that status stands.
    pub startup: &'a dyn Fn(&ContainerStatus) -> ProbeState,
    /// Where the readiness probe of the container with that status stands.
    pub readiness: &'a dyn Fn(&ContainerStatus) -> ProbeState,
}

impl Probes<'_> {
    /// No container is probed, and none is older than the kubelet.
    pub const NONE: Self = Self {
        kubelet_started_at: Timestamp::MIN,
        startup: &|_| ProbeState::NONE,
        readiness: &|_| ProbeState::NONE,
    };
}

impl fmt::Debug for Probes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probes")
            .field("kubelet_started_at", &self.kubelet_started_at)
            .finish_non_exhaustive()
    }
}

/// Where one probe of one container stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ProbeState {
    /// Whether somebody keeps probing the container.
    pub worker: bool,
    /// What is remembered for this instance of the container.
    pub outcome: Option<Outcome>,
}

impl ProbeState {
    /// Nobody probes, nothing is remembered.
    pub const NONE: Self = Self {
        worker: false,
        outcome: None,
    };
}

/// Sets `started` and `ready` of every regular and init container's status.
///
/// Follows the prober manager's `UpdatePodStatus` (v1.36). A container has started once it runs and its startup probe, if
/// any, has succeeded; it is ready once it has started and its readiness probe, if any, has succeeded. An init container
/// that is no sidecar is ready when it has ended with exit code 0. Of `pod`, the status tells whether the API server
/// already knows the pod as ready.
///
/// ```
/// use pod_lifecycle::api::Pod;
/// use pod_lifecycle::lifecycle::{probe::Outcome, status::{ProbeState, Probes, apply_probes}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"containers": [{"name": "web", "readinessProbe": {"tcpSocket": {"port": 80}}}]},
///         "status": {"containerStatuses": [{"name": "web", "state": {"running": {}}}]}
///     }"#,
/// )?;
/// let mut status = pod.status.clone();
/// let failing = ProbeState { worker: true, outcome: Some(Outcome::Failure) };
/// apply_probes(&mut status, &pod, &Probes { readiness: &|_| failing, ..Probes::NONE });
/// assert_eq!(status.container_statuses[0].started, Some(true));
/// assert!(!status.container_statuses[0].ready);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn apply_probes(status: &mut PodStatus, pod: &Pod, probes: &Probes<'_>) {
    let known_ready = is_true(&pod.status.conditions, &PodConditionType::READY);
    let containers = ByName::new(
        &pod.spec.containers,
        status.container_statuses.len(),
        |container| &container.name,
    );
    for status in &mut status.container_statuses {
        set_started(status, probes);
        if status.started == Some(true) {
            let container = containers.find(&status.name);
            status.ready = ready(status, container, known_ready, probes);
        }
    }
    let mut init_containers = pod.spec.init_containers.iter();
    for status in &mut status.init_container_statuses {
        set_started(status, probes);
        let container = init_containers
            .next()
            .filter(|container| container.name == status.name);
        match container {
            Some(container) if kind::is_sidecar(container) => {
                if status.started == Some(true) {
                    status.ready = ready(status, Some(container), known_ready, probes);
                }
            }
            Some(_) => {
                let exit = status.state.terminated.as_ref();
                status.ready |= exit.is_some_and(|exit| exit.exit_code == 0);
            }
            None => {}
        }
    }
}

fn set_started(status: &mut ContainerStatus, probes: &Probes<'_>) {
    status.started = Some(
        status.state.running.is_some() && {
            let startup = (probes.startup)(status);
            match startup.outcome {
                Some(outcome) => outcome == Outcome::Success,
                None => status.started == Some(true) || !startup.worker,
            }
        },
    );
}

/// Whether a container that has started is ready; `container` is its spec, if it has one.
fn ready(
    status: &ContainerStatus,
    container: Option<&Container>,
    known_ready: bool,
    probes: &Probes<'_>,
) -> bool {
    let readiness = (probes.readiness)(status);
    let ready = readiness.outcome == Some(Outcome::Success) || !readiness.worker;
    let Some(container) = container else {
        return ready;
    };
    let running = status.state.running.as_ref();
    let older_than_kubelet = running
        .and_then(|running| running.started_at)
        .is_some_and(|at| {
            probes
                .kubelet_started_at
                .checked_sub(BEFORE_KUBELET)
                .is_ok_and(|start| at.timestamp() < start)
        });
    if !older_than_kubelet {
        return ready;
    }
    // The kubelet has lost its results by restarting: what was ready stays so until it is probed again.
    (ready || readiness.outcome.is_none()) && (container.readiness_probe.is_none() || known_ready)
}
