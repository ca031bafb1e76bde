//! What one sync of a pod has to start and stop.
//!
//! Follows the kubelet of Kubernetes v1.36: `computePodActions`,
//! `computeInitContainerActions`, `computePodResizeAction`,
//! `getContainersToReset` and `PodSandboxChanged`. A plan is derived anew from
//! what is seen on every sync; it knows neither time nor
//! [`back_off`](super::back_off), so a container that has to wait is in it all the same.

mod init;
mod regular;
mod resize;
mod sandbox;

use alloc::{
    collections::{BTreeMap, VecDeque},
    string::String,
    vec::Vec,
};

use serde::{Deserialize, Serialize};

pub(crate) use self::resize::Change;
use self::sandbox::Need;
use super::{
    by_name::ByName,
    observation::{Observation, ObservedContainer, ObservedState},
    probe::{self, Outcome, Worker, Workers},
    restart::Policy,
    termination::KillReason,
};
use crate::api::{Container, EphemeralContainer, Pod, ResourceRequirements};

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PlanInput<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// What its runtime reports.
    pub observation: &'a Observation,
    /// Its probe workers. A result counts while the worker that has it watches the newest instance of its container.
    pub probes: &'a [Worker],
    /// Whether the pod's status carries `AllContainersRestarting=True`.
    pub restart_all: bool,
    /// The resources last applied, or `None` where the host does not resize containers in place.
    pub actuated: Option<&'a ActuatedResources>,
}

/// The resources that were last applied to a pod and its containers.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ActuatedResources {
    /// The pod's own.
    pub pod: Option<ResourceRequirements>,
    /// Its containers', by name. A container that is not here counts as having none.
    pub containers: BTreeMap<String, ResourceRequirements>,
}

/// What one sync has to do, in the order of the fields.
///
/// Everything is borrowed from the pod and the observation, and lists with
/// nothing in them take no memory. `Plan::default()` is the plan of a pod with nothing to do.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan<'a> {
    /// Stop every container and the sandbox. What is listed below to be killed or reset is part of that.
    pub kill_pod: bool,
    /// Make a new sandbox; records of init containers go first, so that initialisation starts over.
    pub create_sandbox: bool,
    /// How many sandboxes the pod had before the one that it has or is to get.
    pub attempt: u32,
    /// The sandbox that the pod has, or that goes away; empty when there is none.
    pub sandbox_id: &'a str,
    /// The containers to stop, each id once, sorted by id.
    pub containers_to_kill: Vec<Kill<'a>>,
    /// The instances to stop and remove, in this order, because all containers restart.
    pub containers_to_reset: Vec<Reset<'a>>,
    /// The ephemeral containers to start.
    pub ephemeral_containers_to_start: Vec<&'a EphemeralContainer>,
    /// The init containers to start.
    pub init_containers_to_start: Vec<&'a Container>,
    /// The containers whose CPU is to be changed while they run, in this order: what shrinks comes first.
    pub cpu_to_update: Vec<Update<'a>>,
    /// The containers whose memory is to be changed while they run, in this order: what shrinks comes first.
    pub memory_to_update: Vec<Update<'a>>,
    /// Some container restarts because of its new resources, which changes the pod's.
    pub update_pod_resources: bool,
    /// The pod's own resources are to be changed.
    pub update_pod_level_resources: bool,
    /// The regular containers to start.
    pub containers_to_start: Vec<&'a Container>,
}

/// A container to stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kill<'a> {
    /// Its name.
    pub name: &'a str,
    /// The instance.
    pub id: &'a str,
    /// Why.
    pub reason: KillReason,
}

/// An instance to remove, because all containers restart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reset<'a> {
    /// The container's name.
    pub name: &'a str,
    /// The instance.
    pub id: &'a str,
    /// Whether it has to be stopped first, without grace.
    pub kill: bool,
}

/// A container whose resources change while it runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Update<'a> {
    /// The container.
    pub container: &'a Container,
    /// The instance.
    pub id: &'a str,
    /// What it is to get.
    pub desired: Amounts,
    /// What it has.
    pub current: Amounts,
}

/// The resources that can be changed while a container runs.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Amounts {
    /// Limit on memory, in bytes.
    pub memory_limit: i64,
    /// Requested memory, in bytes.
    pub memory_request: i64,
    /// Limit on CPU time, in thousandths of a CPU.
    pub cpu_limit_milli: i64,
    /// Requested CPU time, in thousandths of a CPU.
    pub cpu_request_milli: i64,
}

impl<'a> PlanInput<'a> {
    /// Takes a pod and what is seen of it, without probes, restart of all containers or resizes.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, lifecycle::{Observation, PlanInput}};
    ///
    /// let (pod, seen) = (Pod::default(), Observation::default());
    /// let mut input = PlanInput::new(&pod, &seen);
    /// input.restart_all = true;
    /// ```
    #[must_use]
    pub fn new(pod: &'a Pod, observation: &'a Observation) -> Self {
        Self {
            pod,
            observation,
            probes: &[],
            restart_all: false,
            actuated: None,
        }
    }
}

impl Plan<'_> {
    /// Whether there is nothing to do.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::Plan;
    ///
    /// assert!(Plan::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.kill_pod
            && !self.create_sandbox
            && self.containers_to_kill.is_empty()
            && self.containers_to_reset.is_empty()
            && self.ephemeral_containers_to_start.is_empty()
            && self.init_containers_to_start.is_empty()
            && self.cpu_to_update.is_empty()
            && self.memory_to_update.is_empty()
            && !self.update_pod_resources
            && !self.update_pod_level_resources
            && self.containers_to_start.is_empty()
    }
}

/// Says what one sync of a pod has to do.
///
/// The answer is near-linear in the number of containers and instances, and takes no
/// memory where nothing is to be done.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::{self, Observation, PlanInput}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"initContainers": [{"name": "migrate"}], "containers": [{"name": "web"}]}}"#,
/// )?;
/// let nothing_yet = Observation::default();
/// let plan = lifecycle::plan(&PlanInput::new(&pod, &nothing_yet));
/// assert!(plan.create_sandbox);
/// assert_eq!(plan.init_containers_to_start, [&pod.spec.init_containers[0]]);
/// assert!(plan.containers_to_start.is_empty());
///
/// let migrated: Observation = serde_json::from_str(
///     r#"{"sandboxes": [{"id": "s1", "state": "Ready", "ip": "10.0.0.7"}],
///         "containers": [{"name": "migrate", "state": "Exited", "exitCode": 0}]}"#,
/// )?;
/// let plan = lifecycle::plan(&PlanInput::new(&pod, &migrated));
/// assert_eq!(plan.containers_to_start, [&pod.spec.containers[0]]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn plan<'a>(input: &PlanInput<'a>) -> Plan<'a> {
    let spec = &input.pod.spec;
    let sandbox = sandbox::need(input.pod, input.observation);
    let mut planner = Planner::new(input, &sandbox);
    if input.restart_all {
        planner.reset_all();
        return planner.finish();
    }
    if sandbox.is_new {
        planner.start_over();
        return planner.finish();
    }
    for container in &spec.ephemeral_containers {
        if planner.observed.find(&container.name).is_none() {
            planner.plan.ephemeral_containers_to_start.push(container);
        }
    }
    if planner.initialize().is_done() {
        planner.run();
    }
    planner.finish()
}

/// A plan in the making.
struct Planner<'a> {
    input: PlanInput<'a>,
    observed: ByName<'a, ObservedContainer>,
    probes: Workers<'a>,
    cpu_to_update: VecDeque<Update<'a>>,
    memory_to_update: VecDeque<Update<'a>>,
    plan: Plan<'a>,
}

/// Whether a pod's regular containers may run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Initialization {
    Done,
    Underway,
    Failed,
}

impl Initialization {
    fn is_done(self) -> bool {
        self == Self::Done
    }
}

impl<'a> Planner<'a> {
    fn new(input: &PlanInput<'a>, sandbox: &Need<'a>) -> Self {
        let spec = &input.pod.spec;
        let containers = [
            spec.containers.len(),
            spec.init_containers.len(),
            spec.ephemeral_containers.len(),
        ];
        let lookups = containers.into_iter().fold(0, usize::saturating_add);
        Self {
            input: *input,
            observed: input.observation.newest(lookups),
            probes: Workers::new(input.probes),
            cpu_to_update: VecDeque::new(),
            memory_to_update: VecDeque::new(),
            plan: Plan {
                kill_pod: sandbox.is_new,
                create_sandbox: sandbox.is_new,
                attempt: sandbox.attempt,
                sandbox_id: sandbox.id,
                ..Plan::default()
            },
        }
    }

    /// Takes down every instance of every regular and init container; those whose exit asked for it go last.
    fn reset_all(&mut self) {
        let spec = &self.input.pod.spec;
        for sources in [false, true] {
            for container in spec.containers.iter().chain(&spec.init_containers) {
                let policy = Policy::new(spec, container);
                for seen in self.observed.all(&container.name) {
                    let exited = seen.state == ObservedState::Exited;
                    let is_source = exited && policy.restarts_all_after(seen.exit_code);
                    if is_source == sources {
                        self.plan.containers_to_reset.push(Reset {
                            name: &seen.name,
                            id: &seen.id,
                            kill: !exited,
                        });
                    }
                }
            }
        }
    }

    fn kill(&mut self, seen: &'a ObservedContainer, reason: KillReason) {
        self.plan.containers_to_kill.push(Kill {
            name: &seen.name,
            id: &seen.id,
            reason,
        });
    }

    /// Returns the result of a probe of that very instance.
    fn outcome(&self, kind: probe::Kind, seen: &ObservedContainer) -> Option<Outcome> {
        self.probes.outcome(kind, &seen.name, &seen.id)
    }

    fn finish(mut self) -> Plan<'a> {
        // Where hostile input has two instances of one id, the later decision holds.
        let kills = &mut self.plan.containers_to_kill;
        kills.reverse();
        kills.sort_by_key(|kill| kill.id);
        kills.dedup_by_key(|kill| kill.id);
        self.plan.cpu_to_update = self.cpu_to_update.into();
        self.plan.memory_to_update = self.memory_to_update.into();
        self.plan
    }
}
