//! What is reported of each container.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::{cmp::Reverse, fmt};

use jiff::Timestamp;

use super::resources;
use crate::{
    api::{
        Container, ContainerState, ContainerStateRunning, ContainerStateTerminated,
        ContainerStateWaiting, ContainerStatus, ContainerUser, EphemeralContainer,
        MountPropagationMode, Pod, PodSpec, PodStatus, RecursiveReadOnlyMode, ResourceRequirements,
        Time, VolumeMount, VolumeMountStatus,
    },
    lifecycle::{
        by_name::ByName,
        observation::{Observation, ObservedContainer, ObservedState},
        reason,
        restart::{self, Policy},
    },
};

/// The exit code of a container that was killed.
pub(super) const KILLED: i32 = 137;

/// What the statuses of a pod's containers follow from.
#[derive(Clone, Copy)]
pub struct ContainersInput<'a> {
    /// The pod; its status is not read.
    pub pod: &'a Pod,
    /// What the runtime reports.
    pub observation: &'a Observation,
    /// The status before.
    pub previous: Option<&'a PodStatus>,
    /// Whether all containers of the pod are being restarted.
    pub restarting_all: bool,
    /// Why the last attempt to start the container of that name failed, as long as it is remembered.
    pub start_failure: &'a dyn Fn(&str) -> Option<StartFailure<'a>>,
    /// Whether the node's runtime can mount read-only recursively.
    pub recursive_read_only: bool,
}

impl fmt::Debug for ContainersInput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContainersInput")
            .field("pod", &self.pod.metadata.name)
            .field("observation", &self.observation)
            .field("previous", &self.previous)
            .field("restarting_all", &self.restarting_all)
            .field("recursive_read_only", &self.recursive_read_only)
            .finish_non_exhaustive()
    }
}

/// Why a container could not be started.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct StartFailure<'a> {
    /// One word, such as [`CrashLoopBackOff`](reason::CRASH_LOOP_BACK_OFF).
    pub reason: &'a str,
    /// A sentence for people.
    pub message: &'a str,
}

/// The statuses of all containers of a pod.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct ContainerStatuses {
    /// Those of init containers and sidecars, in the order of the spec.
    pub init_containers: Vec<ContainerStatus>,
    /// Those of regular containers, sorted by name.
    pub containers: Vec<ContainerStatus>,
    /// Those of ephemeral containers, sorted by name.
    pub ephemeral_containers: Vec<ContainerStatus>,
}

/// Returns what is reported of each container that the spec names.
///
/// Follows the kubelet's `convertToAPIContainerStatuses` (v1.36): the newest instance that the runtime knows gives the
/// state, the one before it the last state; what the runtime has forgotten is carried on from the previous status; a
/// container that cannot be started waits with the reason of its last failure. Readiness is left false and `started`
/// as it was: [`apply_probes`](super::apply_probes) sets both.
///
/// ```
/// use pod_lifecycle::api::Pod;
/// use pod_lifecycle::lifecycle::{Observation, status::{ContainersInput, StartFailure, container_statuses}};
///
/// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web"}]}}"#)?;
/// let observation: Observation = serde_json::from_str(
///     r#"{"containers": [{"id": "containerd://1", "name": "web", "state": "Exited", "exitCode": 2}]}"#,
/// )?;
/// let failure = StartFailure { reason: "CrashLoopBackOff", message: "" };
/// let statuses = container_statuses(&ContainersInput {
///     pod: &pod,
///     observation: &observation,
///     previous: None,
///     restarting_all: false,
///     start_failure: &|_| Some(failure),
///     recursive_read_only: false,
/// });
/// let web = &statuses.containers[0];
/// assert_eq!(web.state.waiting.as_ref().map(|waiting| &*waiting.reason), Some("CrashLoopBackOff"));
/// assert_eq!(web.last_state.terminated.as_ref().map(|exit| exit.exit_code), Some(2));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn container_statuses(input: &ContainersInput<'_>) -> ContainerStatuses {
    let spec = &input.pod.spec;
    let none = [].as_slice();
    let (init, regular, ephemeral) = input.previous.map_or((none, none, none), |previous| {
        (
            &*previous.init_container_statuses,
            &*previous.container_statuses,
            &*previous.ephemeral_container_statuses,
        )
    });
    let lookups = spec.all_containers().count();
    let newest_first = newest_first(&input.observation.containers);
    let derive = Derive {
        input,
        records: input.observation.newest(lookups),
        newest_first: ByName::new(&newest_first, lookups, |record| &record.name),
    };
    let regular_specs = spec.containers.iter().map(|c| Spec::of(spec, c));
    let ephemeral_specs = spec
        .ephemeral_containers
        .iter()
        .map(|c| Spec::of_ephemeral(spec, c));
    ContainerStatuses {
        init_containers: derive.init_containers(init),
        containers: derive.containers(regular_specs, regular),
        ephemeral_containers: derive.containers(ephemeral_specs, ephemeral),
    }
}

pub(super) fn by_name(a: &ContainerStatus, b: &ContainerStatus) -> core::cmp::Ordering {
    a.name.cmp(&b.name)
}

fn newest_first(records: &[ObservedContainer]) -> Vec<&ObservedContainer> {
    let mut records: Vec<_> = records.iter().collect();
    records.sort_by_key(|record| Reverse(record.created_at));
    records
}

/// What regular, init and ephemeral containers have in common.
struct Spec<'a> {
    name: &'a str,
    image: &'a str,
    resources: &'a ResourceRequirements,
    restart: Policy<'a>,
    volume_mounts: &'a [VolumeMount],
}

impl<'a> Spec<'a> {
    fn of(spec: &'a PodSpec, container: &'a Container) -> Self {
        Self {
            name: &container.name,
            image: &container.image,
            resources: &container.resources,
            restart: Policy::new(spec, container),
            volume_mounts: &container.volume_mounts,
        }
    }

    fn of_ephemeral(spec: &'a PodSpec, container: &'a EphemeralContainer) -> Self {
        Self {
            name: &container.name,
            image: &container.image,
            resources: &container.resources,
            restart: Policy::of_ephemeral(spec, container),
            volume_mounts: &container.volume_mounts,
        }
    }
}

struct Derive<'d, 'a> {
    input: &'d ContainersInput<'a>,
    records: ByName<'a, ObservedContainer>,
    newest_first: ByName<'d, &'a ObservedContainer>,
}

impl Derive<'_, '_> {
    fn containers<'s>(
        &self,
        specs: impl ExactSizeIterator<Item = Spec<'s>>,
        previous: &[ContainerStatus],
    ) -> Vec<ContainerStatus> {
        let previous = ByName::new(previous, specs.len(), |status| &status.name);
        let statuses = specs.map(|spec| {
            let mut status = self.reported(&spec, previous.find(spec.name));
            self.explain_missing_start(&spec, &mut status);
            status
        });
        let mut statuses: Vec<_> = statuses.collect();
        statuses.sort_by(by_name);
        statuses
    }

    fn init_containers(&self, previous: &[ContainerStatus]) -> Vec<ContainerStatus> {
        let spec = &self.input.pod.spec;
        let previous = ByName::new(previous, spec.init_containers.len(), |status| &status.name);
        let is_made = |record: &ObservedContainer| record.state != ObservedState::Unknown;
        let mut regular = spec.containers.iter();
        let any_regular_made =
            regular.any(|container| self.records.find(&container.name).is_some_and(is_made));
        let status = |container: &Container| {
            let spec = Spec::of(spec, container);
            let mut status = self.reported(&spec, previous.find(spec.name));
            match self.records.find(spec.name) {
                Some(record) if record.state == ObservedState::Exited && record.exit_code == 0 => {}
                None if any_regular_made
                    && !container.is_sidecar()
                    && status.state.waiting.is_some() =>
                {
                    status.state = taken_to_have_succeeded();
                }
                _ => self.explain_missing_start(&spec, &mut status),
            }
            status
        };
        spec.init_containers.iter().map(status).collect()
    }

    /// What runtime and previous status say.
    fn reported(&self, spec: &Spec<'_>, previous: Option<&ContainerStatus>) -> ContainerStatus {
        let mut records = self.newest_first.all(spec.name);
        let Some(newest) = records.next() else {
            return self.unobserved(spec, previous);
        };
        let mut status = self.observed(spec, newest, previous);
        if let Some(before) = records.next() {
            status.last_state = self.observed_state(before, previous).0;
        }
        status
    }

    /// The status of a container of which the runtime knows nothing.
    fn unobserved(&self, spec: &Spec<'_>, previous: Option<&ContainerStatus>) -> ContainerStatus {
        let fresh = || {
            let waits = if self.input.pod.spec.init_containers.is_empty() {
                reason::CONTAINER_CREATING
            } else {
                reason::POD_INITIALIZING
            };
            ContainerStatus {
                name: spec.name.into(),
                image: spec.image.into(),
                state: waiting(waits, ""),
                volume_mounts: self.volume_mounts(spec.volume_mounts),
                ..ContainerStatus::default()
            }
        };
        let Some(previous) = previous else {
            return fresh();
        };
        let mut status = if previous.state.terminated.is_some() {
            previous.clone()
        } else {
            ContainerStatus {
                restart_count: previous.restart_count,
                last_state: previous.last_state.clone(),
                ..fresh()
            }
        };
        if self.input.restarting_all && previous.state.waiting.is_none() {
            status.state = waiting(reason::RESTARTING_ALL_CONTAINERS, "");
            status.last_state.terminated = Some(Box::new(ContainerStateTerminated {
                exit_code: KILLED,
                reason: reason::RESTARTING_ALL_CONTAINERS.into(),
                message: "the container was removed to restart all containers of the pod".into(),
                ..ContainerStateTerminated::default()
            }));
            status.restart_count = previous.restart_count.saturating_add(1);
        } else if previous.state.terminated.is_none()
            && previous.state.running.is_some()
            && status.last_state.terminated.is_none()
        {
            status.last_state.terminated = Some(Box::new(ContainerStateTerminated {
                exit_code: KILLED,
                reason: reason::CONTAINER_STATUS_UNKNOWN.into(),
                message: "the container was running and the runtime no longer knows it".into(),
                ..ContainerStateTerminated::default()
            }));
            if self.input.pod.metadata.deletion_timestamp.is_none() {
                status.restart_count = status.restart_count.saturating_add(1);
            }
        }
        status
    }

    fn volume_mounts(&self, mounts: &[VolumeMount]) -> Vec<VolumeMountStatus> {
        let status = |mount: &VolumeMount| VolumeMountStatus {
            name: mount.name.clone(),
            mount_path: mount.mount_path.clone(),
            read_only: mount.read_only,
            recursive_read_only: mount.read_only.then(|| self.recursive_read_only(mount)),
            volume_status: None,
        };
        mounts.iter().map(status).collect()
    }

    fn recursive_read_only(&self, mount: &VolumeMount) -> RecursiveReadOnlyMode {
        let asked = matches!(
            mount.recursive_read_only,
            Some(RecursiveReadOnlyMode::IfPossible | RecursiveReadOnlyMode::Enabled)
        );
        let private = matches!(
            mount.mount_propagation,
            None | Some(MountPropagationMode::None)
        );
        if asked && private && self.input.recursive_read_only {
            RecursiveReadOnlyMode::Enabled
        } else {
            RecursiveReadOnlyMode::Disabled
        }
    }

    /// The status of the newest instance that the runtime knows.
    fn observed(
        &self,
        spec: &Spec<'_>,
        record: &ObservedContainer,
        previous: Option<&ContainerStatus>,
    ) -> ContainerStatus {
        let container_id = container_id(record);
        let last_terminated = previous.and_then(|previous| match &previous.state.terminated {
            Some(exit) if previous.container_id != container_id => Some(exit.clone()),
            _ => previous.last_state.terminated.clone(),
        });
        let (state, restart_count) = self.observed_state(record, previous);
        let mut status = ContainerStatus {
            name: spec.name.into(),
            state,
            last_state: ContainerState {
                terminated: last_terminated,
                ..ContainerState::default()
            },
            restart_count,
            image: record.image.clone(),
            image_id: record.image_ref.clone(),
            started: previous
                .filter(|_| record.state == ObservedState::Running)
                .and_then(|previous| previous.started),
            allocated_resources: spec.resources.requests.clone(),
            volume_mounts: previous
                .map_or_else(Vec::new, |previous| previous.volume_mounts.clone()),
            user: user(record),
            container_id,
            ..ContainerStatus::default()
        };
        let same_instance = previous.filter(|previous| {
            previous.state.running.is_some() && previous.container_id == status.container_id
        });
        status.resources = Some(Box::new(resources::of_container(
            spec.resources,
            record,
            same_instance.and_then(|previous| previous.resources.as_deref()),
        )));
        status
    }

    /// The state of an instance, and the restart count that goes with it.
    fn observed_state(
        &self,
        record: &ObservedContainer,
        previous: Option<&ContainerStatus>,
    ) -> (ContainerState, i32) {
        let before = previous.map_or(0, |previous| previous.restart_count);
        let restart_count = record.restart_count.max(before);
        let was_running = previous.is_some_and(|previous| previous.state.running.is_some());
        match record.state {
            ObservedState::Running => {
                let restarted = previous.is_some_and(|previous| {
                    previous.state.terminated.is_some()
                        && previous.restart_count >= record.restart_count
                });
                let state = ContainerState {
                    running: Some(ContainerStateRunning {
                        started_at: record.started_at.map(Time::new),
                    }),
                    ..ContainerState::default()
                };
                let restart_count = if restarted {
                    before.saturating_add(1)
                } else {
                    restart_count
                };
                (state, restart_count)
            }
            ObservedState::Exited => (exited(record), restart_count),
            ObservedState::Unknown if was_running => {
                let reason = if self.input.restarting_all {
                    reason::RESTARTING_ALL_CONTAINERS
                } else {
                    reason::CONTAINER_STATUS_UNKNOWN
                };
                let state = terminated(ContainerStateTerminated {
                    exit_code: KILLED,
                    reason: reason.into(),
                    message: "the runtime does not know what became of the container".into(),
                    ..ContainerStateTerminated::default()
                });
                (state, before.saturating_add(1))
            }
            ObservedState::Created | ObservedState::Unknown => (waiting("", ""), restart_count),
        }
    }

    /// Lets a container that should be started, and could not be, wait with the reason.
    fn explain_missing_start(&self, spec: &Spec<'_>, status: &mut ContainerStatus) {
        let newest = self.records.find(spec.name);
        if !restart::should_restart(self.input.pod, spec.restart, newest) {
            return;
        }
        let Some(failure) = (self.input.start_failure)(spec.name) else {
            return;
        };
        let explained = waiting(failure.reason, failure.message);
        let state = core::mem::replace(&mut status.state, explained);
        if state.terminated.is_some() {
            status.last_state = state;
        }
    }
}

pub(super) fn waiting(reason: &str, message: &str) -> ContainerState {
    ContainerState {
        waiting: Some(ContainerStateWaiting {
            reason: reason.into(),
            message: message.into(),
        }),
        ..ContainerState::default()
    }
}

pub(super) fn terminated(exit: ContainerStateTerminated) -> ContainerState {
    ContainerState {
        terminated: Some(Box::new(exit)),
        ..ContainerState::default()
    }
}

/// The state of an init container whose record is gone, while regular ones have been made.
fn taken_to_have_succeeded() -> ContainerState {
    terminated(ContainerStateTerminated {
        reason: reason::COMPLETED.into(),
        message: "the container's record is gone; it must have succeeded for the pod to go on"
            .into(),
        ..ContainerStateTerminated::default()
    })
}

fn exited(record: &ObservedContainer) -> ContainerState {
    let time = |instant: Option<Timestamp>| instant.map(Time::new);
    terminated(ContainerStateTerminated {
        exit_code: record.exit_code,
        reason: record.reason.clone(),
        message: record.message.clone(),
        started_at: time(record.started_at),
        finished_at: time(record.finished_at),
        container_id: container_id(record),
        ..ContainerStateTerminated::default()
    })
}

/// The runtime's name for an instance, in the form that even a missing one has.
fn container_id(record: &ObservedContainer) -> String {
    if record.id.is_empty() {
        "://".into()
    } else {
        record.id.clone()
    }
}

fn user(record: &ObservedContainer) -> Option<Box<ContainerUser>> {
    (record.user.is_some() || record.empty_user).then(|| {
        Box::new(ContainerUser {
            linux: record.user.clone(),
        })
    })
}
