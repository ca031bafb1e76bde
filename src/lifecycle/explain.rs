//! Why a pod is not where it is wanted, and what has to happen: causes as data, and each as a sentence.
//!
//! Like [`health`], everything here reads what the API server has. Where `health` gives one answer,
//! this gives every cause that stands in the way at the moment, and none of what only follows from it: while an init
//! container does not end, the containers behind it are not mentioned. [`Cause::needs`] and [`NotRestarted::needs`] say
//! what has to happen, each a [`Needs`].
//!
//! Four pods that people ask about follow. Each is played by the [`sim`](crate::sim), so that the objects are those of a
//! cluster.
//!
//! # A crash loop
//!
//! The program fails after a second. The first restart comes at once, the second waits 10 s from the end of the
//! instance before, the third 20 s, and so on up to 300 s. While it waits, the container mostly shows as ended: the
//! kubelet says `CrashLoopBackOff` when it looks at the pod again. Then it is known until when it waits; before, only how
//! long at most.
//!
//! ```
//! # use core::time::Duration;
//! # use pod_lifecycle::{lifecycle::explain, sim::{Setup, Sim}};
//! let pod = serde_json::from_str(
//!     r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#,
//! )?;
//! let mut setup = Setup::default();
//! setup.start = "2026-03-01T09:00:00Z".parse()?;
//! setup.script.containers.insert("web".into(), vec!["run=1s exit=1".parse()?]);
//! let mut sim = Sim::new(pod, setup)?;
//!
//! sim.run_for(Duration::from_secs(60));
//! let pod = sim.pod().expect("nobody deleted it");
//! let why = explain::not_restarted(pod, "web").expect("it does not run");
//! assert_eq!(
//!     why.to_string(),
//!     "it is started again when its back-off is over, by 2026-03-01T09:05:44Z at the latest",
//! );
//! assert_eq!(why.needs().to_string(), "the kubelet has to start the container");
//!
//! sim.run_for(Duration::from_secs(115));
//! let pod = sim.pod().expect("nobody deleted it");
//! let why = explain::not_restarted(pod, "web").expect("it does not run");
//! assert_eq!(why.needs().to_string(), "time has to pass until 2026-03-01T09:02:55.05Z");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # An init container that fails
//!
//! The init containers come one after the other, and as long as one has not ended with exit code 0 none of the
//! containers behind it is started. With `restartPolicy: Never` one failure is the end of the pod.
//!
//! ```
//! # use core::time::Duration;
//! # use pod_lifecycle::{api::Pod, lifecycle::explain, sim::{Setup, Sim}};
//! let manifest = r#"{
//!     "metadata": {"name": "shop"},
//!     "spec": {
//!         "initContainers": [{"name": "migrate", "image": "migrate:1"}],
//!         "containers": [{"name": "web", "image": "web:1"}]
//!     }
//! }"#;
//! let mut pod: Pod = serde_json::from_str(manifest)?;
//! let mut setup = Setup::default();
//! setup.start = "2026-03-01T09:00:00Z".parse()?;
//! setup.script.containers.insert("migrate".into(), vec!["run=1s exit=3".parse()?]);
//! let mut sim = Sim::new(pod.clone(), setup.clone())?;
//! sim.run_for(Duration::from_secs(10));
//! let causes = explain::not_ready(sim.pod().expect("nobody deleted it"));
//! assert_eq!(causes[0].to_string(), "init container migrate has ended with exit code 3: Error");
//! assert_eq!(causes[0].needs().to_string(), "the kubelet has to start the container");
//!
//! pod.spec.restart_policy = Some("Never".into());
//! let mut sim = Sim::new(pod, setup)?;
//! sim.run_for(Duration::from_secs(10));
//! let causes = explain::not_ready(sim.pod().expect("nobody deleted it"));
//! assert_eq!(causes[0].to_string(), "the pod is over: Failed");
//! assert_eq!(causes[0].needs().to_string(), "this pod comes to nothing more; a new one has to take its place");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The end of a pod with a sidecar
//!
//! A sidecar is started again whatever the pod's policy is, until the last regular container has ended for good; then it
//! is stopped, and how it ends does not count. Meanwhile the pod is not ready, and nobody has to do anything about it.
//!
//! ```
//! # use core::time::Duration;
//! # use pod_lifecycle::{lifecycle::explain, sim::{Setup, Sim}};
//! let pod = serde_json::from_str(
//!     r#"{
//!         "metadata": {"name": "report"},
//!         "spec": {
//!             "restartPolicy": "Never",
//!             "initContainers": [{"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}],
//!             "containers": [{"name": "report", "image": "report:1"}]
//!         }
//!     }"#,
//! )?;
//! let mut setup = Setup::default();
//! setup.script.containers.insert("report".into(), vec!["run=5s exit=0".parse()?]);
//! setup.script.containers.insert("proxy".into(), vec!["term=ignore".parse()?]);
//! let mut sim = Sim::new(pod, setup)?;
//! sim.run_for(Duration::from_secs(15));
//! let causes = explain::not_ready(sim.pod().expect("nobody deleted it"));
//! assert_eq!(causes[0].to_string(), "container report has ended with exit code 0: Completed");
//! assert_eq!(causes[0].needs().to_string(), "nothing has to happen");
//! sim.run_for(Duration::from_secs(30));
//! let pod = sim.pod().expect("nobody deleted it");
//! let causes = explain::not_ready(pod);
//! assert_eq!(causes[0].to_string(), "the pod is over: Succeeded");
//! let why = explain::not_restarted(pod, "proxy").expect("it does not run");
//! assert_eq!(why.to_string(), "the pod is over: Succeeded");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A readiness gate
//!
//! All containers are ready and the pod is not: it names a condition that somebody else has to set, such as the
//! controller of a load balancer. The kubelet only reads it.
//!
//! ```
//! # use core::time::Duration;
//! # use pod_lifecycle::{lifecycle::explain, sim::{Setup, Sim}};
//! let pod = serde_json::from_str(
//!     r#"{
//!         "metadata": {"name": "web"},
//!         "spec": {
//!             "readinessGates": [{"conditionType": "lb.example/attached"}],
//!             "containers": [{"name": "web", "image": "web:1"}]
//!         }
//!     }"#,
//! )?;
//! let mut sim = Sim::new(pod, Setup::default())?;
//! sim.run_for(Duration::from_secs(10));
//! let causes = explain::not_ready(sim.pod().expect("nobody deleted it"));
//! assert_eq!(causes.len(), 1);
//! assert_eq!(causes[0].to_string(), "the readiness gate lb.example/attached is not true");
//! assert_eq!(causes[0].needs().to_string(), "whoever owns the condition lb.example/attached has to set it to True");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod needs;
mod text;

use alloc::{vec, vec::Vec};

use jiff::Timestamp;

pub use self::needs::Needs;
use super::{
    back_off::{self, BackOff},
    by_name::ByName,
    health::{self, Health, Trouble, WaitingReason},
    restart::Policy,
};
use crate::{
    api::{
        Container, ContainerRestartPolicy, ContainerStateTerminated, ContainerStateWaiting,
        ContainerStatus, Pod, PodCondition, PodConditionType, PodPhase, RestartPolicy, StateView,
        Time,
    },
    time::later,
};

/// Something that stands in a pod's way.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Cause<'a> {
    /// The pod is over.
    Over {
        /// Its phase.
        phase: &'a PodPhase,
        /// Its reason, such as `Evicted`; may be empty.
        reason: &'a str,
    },
    /// The pod is being deleted.
    Deleting,
    /// A scheduling gate is still there.
    SchedulingGate(&'a str),
    /// The scheduler has found no node.
    Unschedulable {
        /// What the scheduler says, for people.
        message: &'a str,
    },
    /// Nobody has given the pod a node yet.
    Unscheduled,
    /// The kubelet of the pod's node has not reported yet.
    Unreported,
    /// The pod has no sandbox with a network.
    ///
    /// Why, no status says: a kubelet tells it by events, such as `FailedCreatePodSandBox`, and here the
    /// [machine](crate::machine::PodMachine::sandbox_failure) knows it.
    NoSandbox,
    /// A container is not where it should be.
    Container {
        /// Its name.
        name: &'a str,
        /// Which part it plays.
        role: Role,
        /// Where it is.
        standing: Standing<'a>,
    },
    /// A readiness gate is not true.
    ReadinessGate(&'a PodConditionType),
    /// Everything is ready, and yet the pod was declared not ready: as a rule its node does not answer.
    Withdrawn,
}

/// Which part a container plays in a pod.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// It ends before the next one starts.
    Init,
    /// It starts before the next one and keeps running.
    Sidecar,
    /// It runs with the others.
    Regular,
}

/// Where a container is that is not where it should be.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Standing<'a> {
    /// There is no status of it.
    Unknown,
    /// It waits to be started.
    Waiting {
        /// In one word; may be empty.
        reason: &'a str,
        /// For people; may be empty.
        message: &'a str,
        /// When the back-off is over that it waits for, where [that is known](back_off::until).
        until: Option<Timestamp>,
    },
    /// It has ended.
    Ended {
        /// How.
        exit_code: i32,
        /// In one word; may be empty.
        reason: &'a str,
        /// Whether its [policy](Policy) starts it again.
        restarts: bool,
    },
    /// It runs and has not passed its startup probe.
    NotStarted,
    /// It runs and does not pass its readiness probe.
    Unready,
    /// It runs and has to end before others are started.
    Running,
}

/// Returns why a pod is not ready; nothing for one that is.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::explain};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"nodeName": "node-1", "containers": [{"name": "web"}, {"name": "log"}]},
///         "status": {
///             "phase": "Running",
///             "conditions": [{"type": "Initialized", "status": "True"}],
///             "containerStatuses": [
///                 {"name": "log", "ready": true, "started": true, "state": {"running": {}}},
///                 {"name": "web", "started": true, "state": {"running": {}}}
///             ]
///         }
///     }"#,
/// )?;
/// let causes = explain::not_ready(&pod);
/// assert_eq!(causes.len(), 1);
/// assert_eq!(causes[0].to_string(), "container web does not pass its readiness probe");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn not_ready(pod: &Pod) -> Vec<Cause<'_>> {
    if health::is_ready(pod) {
        return Vec::new();
    }
    if let Some(causes) = before_containers(pod) {
        return causes;
    }
    let look = Look::new(pod);
    if let Some(cause) = look.held_up_init() {
        return vec![cause];
    }
    let sidecars = pod.spec.init_containers.iter();
    let sidecars = sidecars.filter(|container| container.is_sidecar());
    let sidecars = sidecars.filter_map(|container| look.unready(container, Role::Sidecar));
    let regular = pod.spec.containers.iter();
    let regular = regular.filter_map(|container| look.unready(container, Role::Regular));
    let deleting = pod.metadata.deletion_timestamp.map(|_| Cause::Deleting);
    let mut causes: Vec<_> = deleting
        .into_iter()
        .chain(sidecars)
        .chain(regular)
        .collect();
    causes.extend(shut_gates(pod));
    if causes.is_empty() {
        causes.push(Cause::Withdrawn);
    }
    causes
}

/// Returns why a pod is still pending; nothing for one in any other phase.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::explain};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"schedulingGates": [{"name": "example.com/quota"}], "containers": [{"name": "web"}]},
///         "status": {"phase": "Pending"}
///     }"#,
/// )?;
/// let causes = explain::pending(&pod);
/// assert_eq!(causes[0].to_string(), "the scheduling gate example.com/quota is not removed");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn pending(pod: &Pod) -> Vec<Cause<'_>> {
    if !matches!(pod.status.phase, None | Some(PodPhase::Pending)) {
        return Vec::new();
    }
    if let Some(causes) = before_containers(pod) {
        return causes;
    }
    let look = Look::new(pod);
    if let Some(cause) = look.held_up_init() {
        return vec![cause];
    }
    let containers = pod.spec.containers.iter();
    let unstarted = containers.filter_map(|container| look.unstarted(container));
    unstarted.collect()
}

/// What stands in the way before any container counts; `None` when nothing does.
fn before_containers(pod: &Pod) -> Option<Vec<Cause<'_>>> {
    let (spec, status) = (&pod.spec, &pod.status);
    if let Some(phase @ (PodPhase::Succeeded | PodPhase::Failed)) = &status.phase {
        let reason = &status.reason;
        return Some(vec![Cause::Over { phase, reason }]);
    }
    if spec.node_name.is_empty() {
        let gates = spec.scheduling_gates.iter();
        let gates: Vec<_> = gates
            .map(|gate| Cause::SchedulingGate(&gate.name))
            .collect();
        if !gates.is_empty() {
            return Some(gates);
        }
        return Some(vec![match health::unscheduled(pod) {
            Some(Health::Unschedulable { message }) => Cause::Unschedulable { message },
            _ => Cause::Unscheduled,
        }]);
    }
    if status.init_container_statuses.is_empty() && status.container_statuses.is_empty() {
        return Some(vec![Cause::Unreported]);
    }
    lacks_sandbox(pod).then(|| vec![Cause::NoSandbox])
}

/// Whether a pod waits for its sandbox, and not for one of its containers.
fn lacks_sandbox(pod: &Pod) -> bool {
    let status = &pod.status;
    let made = status.condition(&PodConditionType::POD_READY_TO_START_CONTAINERS);
    status.phase != Some(PodPhase::Running)
        && made.is_some_and(|made| !made.is_true())
        && health::waiting(pod).all(|waiting| waiting.trouble().is_none())
}

fn shut_gates(pod: &Pod) -> impl Iterator<Item = Cause<'_>> {
    let gates = &pod.spec.readiness_gates;
    let conditions = &pod.status.conditions;
    let conditions = ByName::new(conditions, gates.len(), |condition| {
        condition.type_.as_str()
    });
    let shut = gates
        .iter()
        .map(|gate| &gate.condition_type)
        .filter(move |gate| {
            !conditions
                .find(gate.as_str())
                .is_some_and(PodCondition::is_true)
        });
    shut.map(Cause::ReadinessGate)
}

/// The statuses of a pod's containers, found by name.
struct Look<'a> {
    pod: &'a Pod,
    init: ByName<'a, ContainerStatus>,
    regular: ByName<'a, ContainerStatus>,
}

impl<'a> Look<'a> {
    fn new(pod: &'a Pod) -> Self {
        let (spec, status) = (&pod.spec, &pod.status);
        let by_name = |statuses, lookups| {
            ByName::new(statuses, lookups, |status: &ContainerStatus| &status.name)
        };
        Self {
            pod,
            init: by_name(&status.init_container_statuses, spec.init_containers.len()),
            regular: by_name(&status.container_statuses, spec.containers.len()),
        }
    }

    /// The first init container that keeps the others from being started.
    fn held_up_init(&self) -> Option<Cause<'a>> {
        let initialized = self.pod.status.condition(&PodConditionType::INITIALIZED);
        if initialized.is_some_and(PodCondition::is_true) {
            return None;
        }
        self.pod.spec.init_containers.iter().find_map(|container| {
            let status = self.init.find(&container.name);
            let role = if container.is_sidecar() {
                Role::Sidecar
            } else {
                Role::Init
            };
            let is_done = status.is_some_and(|status| match role {
                Role::Sidecar => status.started == Some(true),
                Role::Init | Role::Regular => {
                    let exit = status.state.terminated.as_ref();
                    status.ready || exit.is_some_and(|exit| exit.exit_code == 0)
                }
            });
            let standing = self.standing(status, container, role);
            (!is_done).then_some(Cause::Container {
                name: &container.name,
                role,
                standing,
            })
        })
    }

    fn standing(
        &self,
        status: Option<&'a ContainerStatus>,
        container: &'a Container,
        role: Role,
    ) -> Standing<'a> {
        let Some(status) = status else {
            return Standing::Unknown;
        };
        match status.state.view() {
            Some(StateView::Waiting(waiting)) => Standing::Waiting {
                reason: &waiting.reason,
                message: &waiting.message,
                until: back_off::until(status),
            },
            Some(StateView::Terminated(exit)) => Standing::Ended {
                exit_code: exit.exit_code,
                reason: &exit.reason,
                restarts: self.pod.metadata.deletion_timestamp.is_none()
                    && Policy::new(&self.pod.spec, container).restarts_after(exit.exit_code),
            },
            Some(StateView::Running(_)) if role == Role::Init => Standing::Running,
            Some(StateView::Running(_)) if status.started != Some(true) => Standing::NotStarted,
            Some(StateView::Running(_)) => Standing::Unready,
            None => Standing::Unknown,
        }
    }

    fn unready(&self, container: &'a Container, role: Role) -> Option<Cause<'a>> {
        let statuses = match role {
            Role::Regular => &self.regular,
            Role::Init | Role::Sidecar => &self.init,
        };
        let status = statuses.find(&container.name);
        let is_ready = status.is_some_and(|status| status.ready);
        (!is_ready).then(|| Cause::Container {
            name: &container.name,
            role,
            standing: self.standing(status, container, role),
        })
    }

    /// A regular container that has never run.
    fn unstarted(&self, container: &'a Container) -> Option<Cause<'a>> {
        let status = self.regular.find(&container.name);
        let has_run = status.is_some_and(|status| {
            status.state.waiting.is_none() || status.last_state.terminated.is_some()
        });
        (!has_run).then(|| Cause::Container {
            name: &container.name,
            role: Role::Regular,
            standing: self.standing(status, container, Role::Regular),
        })
    }
}

/// Why a container that has ended, or that waits, does not run.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum NotRestarted<'a> {
    /// The pod is over.
    Over(&'a PodPhase),
    /// The pod is being deleted.
    Deleting,
    /// An init container has done its part.
    Done,
    /// Its restart policy does not start it again after this exit.
    Policy {
        /// How it ended.
        exit_code: i32,
        /// The policy in force.
        policy: &'a str,
        /// Whether that is the container's own policy, and not the pod's.
        own: bool,
    },
    /// It is started again when its back-off is over.
    BackOff {
        /// When that is, where [it is known](back_off::until).
        until: Option<Timestamp>,
        /// What the kubelet says, for people.
        message: &'a str,
    },
    /// It is to be started, and something is wrong.
    Waits {
        /// In one word; may be empty.
        reason: &'a str,
        /// For people; may be empty.
        message: &'a str,
    },
    /// It is started again by itself: at once, or when its back-off is over.
    ///
    /// A kubelet publishes that a container waits only when it looks at the pod again meanwhile, so that this is what
    /// most of a wait looks like. How long it is depends on how often the kubelet has tried to start the container, which
    /// a pod does not say for sure; as a rule it is none after the first end, 10 s after the second, then 20 s, 40 s and so on.
    Soon {
        /// When that is at the latest: the longest back-off after its end, where that end is known.
        by: Option<Timestamp>,
    },
}

/// Returns why a container does not run; `None` for one that runs, or of which nothing is known.
///
/// Goes by [`restart`](super::restart) where the container has ended. Ephemeral containers are never started again and are
/// not answered for.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::explain};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"restartPolicy": "OnFailure", "containers": [{"name": "job"}]},
///         "status": {"containerStatuses": [{"name": "job", "state": {"terminated": {"exitCode": 0}}}]}
///     }"#,
/// )?;
/// let why = explain::not_restarted(&pod, "job").map(|why| why.to_string());
/// assert_eq!(why.as_deref(), Some("the pod's restart policy OnFailure does not start it again after exit code 0"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn not_restarted<'a>(pod: &'a Pod, container: &str) -> Option<NotRestarted<'a>> {
    let (spec, status) = (&pod.spec, &pod.status);
    let specified = |spec: &&Container| spec.name == container;
    let (spec_of, is_init, statuses) = match spec.containers.iter().find(specified) {
        Some(regular) => (regular, false, &status.container_statuses),
        None => {
            let init = spec.init_containers.iter().find(specified)?;
            (init, !init.is_sidecar(), &status.init_container_statuses)
        }
    };
    let reported = statuses.iter().find(|status| status.name == container)?;
    let state = match reported.state.view()? {
        StateView::Running(_) => return None,
        StateView::Terminated(exit) if is_init && exit.exit_code == 0 => {
            return Some(NotRestarted::Done);
        }
        state => state,
    };
    if let Some(phase @ (PodPhase::Succeeded | PodPhase::Failed)) = &status.phase {
        return Some(NotRestarted::Over(phase));
    }
    if pod.metadata.deletion_timestamp.is_some() {
        return Some(NotRestarted::Deleting);
    }
    match state {
        StateView::Running(_) => None,
        StateView::Waiting(waiting) => Some(waits(waiting, back_off::until(reported))),
        StateView::Terminated(exit) => Some(after(exit, Policy::new(spec, spec_of))),
    }
}

fn waits(waiting: &ContainerStateWaiting, until: Option<Timestamp>) -> NotRestarted<'_> {
    let ContainerStateWaiting { reason, message } = waiting;
    if WaitingReason::from(&**reason).trouble() == Some(Trouble::Crash) {
        NotRestarted::BackOff { until, message }
    } else {
        NotRestarted::Waits { reason, message }
    }
}

fn after<'a>(exit: &ContainerStateTerminated, policy: Policy<'a>) -> NotRestarted<'a> {
    let exit_code = exit.exit_code;
    if policy.restarts_after(exit_code) {
        let longest = BackOff::CRASH_LOOP.max;
        let end = exit.finished_at.map(Time::timestamp);
        return NotRestarted::Soon {
            by: end.map(|end| later(end, longest)),
        };
    }
    let own = policy.container.map(ContainerRestartPolicy::as_str);
    let pods = policy.pod.map_or("Always", RestartPolicy::as_str);
    NotRestarted::Policy {
        exit_code,
        policy: own.unwrap_or(pods),
        own: own.is_some(),
    }
}
