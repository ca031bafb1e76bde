//! What probes have to say about containers.

use core::fmt;

use jiff::{SignedDuration, Timestamp};

use super::{
    ConditionsInput, Record, Statuses, Update,
    conditions::{self, is_true},
    owned::replace_or_append,
    update::{Force, take_over},
};
use crate::{
    api::{Container, ContainerStatus, Pod, PodConditionType, PodStatus},
    lifecycle::{by_name::ByName, observation::Observation, probe::Outcome},
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
        derive_started(status, probes);
        if status.started == Some(true) {
            let container = containers.find(&status.name);
            status.ready = ready(status, container, known_ready, probes);
        }
    }
    let mut init_containers = pod.spec.init_containers.iter();
    for status in &mut status.init_container_statuses {
        derive_started(status, probes);
        let container = init_containers
            .next()
            .filter(|container| container.name == status.name);
        match container {
            Some(sidecar) if sidecar.is_sidecar() && status.started == Some(true) => {
                status.ready = ready(status, Some(sidecar), known_ready, probes);
            }
            Some(init) if !init.is_sidecar() => {
                let exit = status.state.terminated.as_ref();
                status.ready |= exit.is_some_and(|exit| exit.exit_code == 0);
            }
            Some(_) | None => {}
        }
    }
}

fn derive_started(status: &mut ContainerStatus, probes: &Probes<'_>) {
    let startup = (probes.startup)(status);
    let passed = match startup.outcome {
        Some(outcome) => outcome == Outcome::Success,
        None => status.started == Some(true) || !startup.worker,
    };
    status.started = Some(passed && status.state.running.is_some());
}

/// Whether a container that has started is ready; `container` is its spec, if it has one.
fn ready(
    status: &ContainerStatus,
    container: Option<&Container>,
    known_ready: bool,
    probes: &Probes<'_>,
) -> bool {
    let readiness = (probes.readiness)(status);
    if readiness.outcome == Some(Outcome::Success) {
        return true;
    }
    let ready = !readiness.worker;
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

/// Notes what a readiness probe has found out about a container, and what follows for the pod's conditions.
///
/// Follows the status manager's `SetContainerReadiness` (v1.36). Nothing changes when no status is cached, when no regular or
/// init container has that id, or when it is what was known.
///
/// ```
/// use pod_lifecycle::{api::Pod, jiff::Timestamp};
/// use pod_lifecycle::lifecycle::status::{Record, Update, set_readiness};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"containers": [{"name": "web"}]},
///         "status": {"containerStatuses": [{"name": "web", "containerID": "containerd://1", "state": {"running": {}}}]}
///     }"#,
/// )?;
/// let record = Record { pod: &pod, cached: Some(&pod.status), mirror: None, now: Timestamp::UNIX_EPOCH };
/// let Update::Changed(status) = set_readiness(&record, "containerd://1", true) else { panic!("it was not ready") };
/// assert!(status.container_statuses[0].ready);
/// assert!(status.conditions.iter().all(|condition| condition.is_true()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn set_readiness(record: &Record<'_>, container_id: &str, ready: bool) -> Update {
    let Some(mut status) =
        cached_unless(record, container_id, |container| container.ready == ready)
    else {
        return Update::Unchanged;
    };
    if let Some(container) = by_id(&mut status, container_id) {
        container.ready = ready;
    }
    let input = ConditionsInput {
        pod: record.pod,
        observation: &Observation::default(),
        previous: Some(&status),
        phase: status.phase.as_ref(),
        statuses: Some(Statuses::of(&status)),
        gates: &status.conditions,
    };
    for condition in [
        conditions::ready(&input),
        conditions::containers_ready(&input),
    ] {
        replace_or_append(&mut status.conditions, condition);
    }
    take_over(record, status, Force::No)
}

/// Notes whether a container has passed its startup probe.
///
/// Follows the status manager's `SetContainerStartup` (v1.36); when nothing changes is as with [`set_readiness`]. A container
/// of which it is not known whether it has started differs from one that has not.
///
/// ```
/// use pod_lifecycle::{api::Pod, jiff::Timestamp};
/// use pod_lifecycle::lifecycle::status::{Record, Update, set_started};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"containers": [{"name": "web"}]},
///         "status": {"containerStatuses": [{"name": "web", "containerID": "containerd://1"}]}
///     }"#,
/// )?;
/// let record = Record { pod: &pod, cached: Some(&pod.status), mirror: None, now: Timestamp::UNIX_EPOCH };
/// assert_ne!(set_started(&record, "containerd://1", false), Update::Unchanged);
/// assert_eq!(set_started(&record, "containerd://2", true), Update::Unchanged);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn set_started(record: &Record<'_>, container_id: &str, started: bool) -> Update {
    let known = |container: &ContainerStatus| container.started == Some(started);
    let Some(mut status) = cached_unless(record, container_id, known) else {
        return Update::Unchanged;
    };
    if let Some(container) = by_id(&mut status, container_id) {
        container.started = Some(started);
    }
    take_over(record, status, Force::No)
}

/// Returns a copy of the cached status, if it knows the container and nothing of what is to be noted.
fn cached_unless(
    record: &Record<'_>,
    container_id: &str,
    known: impl Fn(&ContainerStatus) -> bool,
) -> Option<PodStatus> {
    let cached = record.cached?;
    let regular = cached.container_statuses.iter();
    let container = regular
        .chain(&cached.init_container_statuses)
        .find(|container| container.container_id == container_id)?;
    (!known(container)).then(|| cached.clone())
}

fn by_id<'a>(status: &'a mut PodStatus, container_id: &str) -> Option<&'a mut ContainerStatus> {
    status
        .container_statuses
        .iter_mut()
        .chain(&mut status.init_container_statuses)
        .find(|container| container.container_id == container_id)
}
