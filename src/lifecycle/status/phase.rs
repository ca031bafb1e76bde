//! A pod's phase.

use super::{Statuses, find_in};
use crate::{
    api::{Container, ContainerState, ContainerStateTerminated, Pod, PodPhase, StateView},
    lifecycle::{kind, reason, restart::Policy},
};

/// What a phase follows from.
#[derive(Clone, Copy, Debug)]
pub struct PhaseInput<'a> {
    /// The pod; its status is not read.
    pub pod: &'a Pod,
    /// The statuses of its containers.
    pub statuses: Statuses<'a>,
    /// Whether the kubelet has ended the pod's work: no container will be started again.
    pub terminal: bool,
    /// Whether some regular container has been made in the current sandbox.
    pub initialized: bool,
}

/// Returns the phase that a pod with these containers is in.
///
/// Follows the kubelet's `getPhase` (v1.36). A pod is `Pending` until its init containers have ended, its sidecars have
/// started once, and no regular container waits for its first start; it is `Running` as long as any of them runs or
/// will run again, and `Succeeded` or `Failed` when none will. Ephemeral containers do not count. The answer is never
/// `Unknown`.
///
/// ```
/// use pod_lifecycle::api::{Pod, PodPhase};
/// use pod_lifecycle::lifecycle::status::{PhaseInput, Statuses, phase};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"restartPolicy": "Never", "containers": [{"name": "job"}]},
///         "status": {"containerStatuses": [{"name": "job", "state": {"terminated": {"exitCode": 3}}}]}
///     }"#,
/// )?;
/// let input = PhaseInput {
///     pod: &pod,
///     statuses: Statuses::of(&pod.status),
///     terminal: false,
///     initialized: true,
/// };
/// assert_eq!(phase(&input), PodPhase::Failed);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn phase(input: &PhaseInput<'_>) -> PodPhase {
    let spec = &input.pod.spec;
    let lookups = spec
        .containers
        .len()
        .saturating_add(spec.init_containers.len());
    let Statuses {
        init_containers,
        containers,
    } = input.statuses;
    let status = find_in([containers, init_containers], lookups);
    let state = |container: &Container| {
        let status = status(&container.name)?;
        Some(Observed {
            state: &status.state,
            last_terminated: status.last_state.terminated.as_deref(),
            started: status.started == Some(true),
        })
    };
    let restartable = |container: &Container, exit: &ContainerStateTerminated| {
        exit.reason == reason::RESTARTING_ALL_CONTAINERS
            || Policy::new(spec, container).restarts_after(exit.exit_code)
    };

    let mut tally = Tally::default();
    for container in &spec.init_containers {
        tally.add(if container.is_sidecar() {
            sidecar(state(container))
        } else {
            init(state(container), |exit| restartable(container, exit))
        });
    }
    for container in &spec.containers {
        tally.add(regular(state(container), |exit| {
            restartable(container, exit)
        }));
    }

    match tally {
        Tally {
            init_failed: 1.., ..
        } => PodPhase::Failed,
        Tally {
            init_pending: 1.., ..
        }
        | Tally { waiting: 1.., .. } => PodPhase::Pending,
        Tally {
            sidecar_starting: 1..,
            ..
        } if !input.initialized => PodPhase::Pending,
        Tally { unknown: 1.., .. } => PodPhase::Pending,
        Tally { running: 1.., .. } => PodPhase::Running,
        Tally { stopped: 0, .. } => PodPhase::Pending,
        Tally {
            restartable: 1.., ..
        } if !input.terminal || kind::is_static(input.pod) => PodPhase::Running,
        Tally {
            stopped, succeeded, ..
        } if stopped == succeeded => PodPhase::Succeeded,
        Tally { .. } => PodPhase::Failed,
    }
}

/// What is reported of one container.
struct Observed<'a> {
    state: &'a ContainerState,
    last_terminated: Option<&'a ContainerStateTerminated>,
    started: bool,
}

/// Where one container stands, as far as the phase is concerned.
enum Standing {
    /// Nothing is known of it.
    Unknown,
    Running,
    /// It waits for its first start.
    Waiting,
    Stopped {
        succeeded: bool,
        restartable: bool,
    },
    InitPending,
    InitFailed,
    /// It neither holds the pod back nor keeps it going.
    Settled,
    /// It runs and has not passed its startup probe yet.
    SidecarStarting,
    SidecarWaiting,
    SidecarUnknown,
}

#[derive(Default)]
struct Tally {
    unknown: usize,
    running: usize,
    waiting: usize,
    stopped: usize,
    succeeded: usize,
    restartable: usize,
    init_pending: usize,
    init_failed: usize,
    sidecar_starting: usize,
}

impl Tally {
    fn add(&mut self, standing: Standing) {
        match standing {
            Standing::Unknown => self.unknown += 1,
            Standing::Running => self.running += 1,
            Standing::Waiting => self.waiting += 1,
            Standing::Stopped {
                succeeded,
                restartable,
            } => {
                self.stopped += 1;
                self.succeeded += usize::from(succeeded);
                self.restartable += usize::from(restartable);
            }
            Standing::InitPending => self.init_pending += 1,
            Standing::InitFailed => self.init_failed += 1,
            Standing::Settled => {}
            Standing::SidecarStarting => {
                self.running += 1;
                self.sidecar_starting += 1;
            }
            Standing::SidecarWaiting => {
                self.waiting += 1;
                self.sidecar_starting += 1;
            }
            Standing::SidecarUnknown => {
                self.unknown += 1;
                self.sidecar_starting += 1;
            }
        }
    }
}

fn init(
    observed: Option<Observed<'_>>,
    restartable: impl Fn(&ContainerStateTerminated) -> bool,
) -> Standing {
    let Some(observed) = observed else {
        return Standing::InitPending;
    };
    let exit = match observed.state.view() {
        Some(StateView::Terminated(exit)) => Some(exit),
        Some(StateView::Waiting(_)) => observed.last_terminated,
        Some(StateView::Running(_)) | None => None,
    };
    match exit {
        Some(exit) if exit.exit_code != 0 && !restartable(exit) => Standing::InitFailed,
        Some(_) => Standing::Settled,
        None => Standing::InitPending,
    }
}

fn sidecar(observed: Option<Observed<'_>>) -> Standing {
    let Some(observed) = observed else {
        return Standing::Unknown;
    };
    match observed.state.view() {
        Some(StateView::Running(_)) if observed.started => Standing::Running,
        Some(StateView::Running(_)) => Standing::SidecarStarting,
        Some(StateView::Terminated(_)) => Standing::Settled,
        Some(StateView::Waiting(_)) if observed.last_terminated.is_some() => Standing::Settled,
        Some(StateView::Waiting(_)) => Standing::SidecarWaiting,
        None => Standing::SidecarUnknown,
    }
}

fn regular(
    observed: Option<Observed<'_>>,
    restartable: impl Fn(&ContainerStateTerminated) -> bool,
) -> Standing {
    let Some(observed) = observed else {
        return Standing::Unknown;
    };
    match (observed.state.view(), observed.last_terminated) {
        (Some(StateView::Running(_)), _) => Standing::Running,
        (Some(StateView::Terminated(exit)), _) => Standing::Stopped {
            succeeded: exit.exit_code == 0,
            restartable: restartable(exit),
        },
        // The container waits to be started again, so that its last exit is not its end.
        (Some(StateView::Waiting(_)), Some(exit)) => Standing::Stopped {
            succeeded: false,
            restartable: restartable(exit),
        },
        (Some(StateView::Waiting(_)), None) => Standing::Waiting,
        (None, _) => Standing::Unknown,
    }
}
