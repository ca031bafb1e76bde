//! A pod's life on its node, as one deterministic value.
//!
//! A [`PodMachine`] is what a kubelet keeps about one pod: it is told what
//! happened ([`Input`]), says what to do ([`Action`]) and when to call again
//! ([`Deadline`]), and knows the status to publish. It does no I/O, reads no
//! clock, and decides through [`lifecycle`](crate::lifecycle); it
//! remembers only what cannot be derived: back-offs, runs of probe results,
//! grace periods, and work that was asked for and not reported yet.
//!
//! # The contract
//!
//! Four kinds of method: getters (`&self`), [`handle_input`](PodMachine::handle_input) and
//! [`handle_timeout`](PodMachine::handle_timeout) for what happened,
//! [`poll_action`](PodMachine::poll_action) for what to do, and
//! [`poll_timeout`](PodMachine::poll_timeout) for when to call again at the latest.
//!
//! - Any interleaving of calls is legal; a spurious call does nothing.
//! - Two machines that get the same calls do the same.
//! - On `Err(InputError)` nothing has changed.
//! - Time only goes forward: a `now` before the last one counts as the last one.
//! - An action is asked for once and stays outstanding until its outcome is
//!   reported or an [observation](Input::Observed) shows it.
//!
//! # The order of things
//!
//! As a kubelet, the machine works in *syncs*: it derives a status from what
//! was observed last and from the errors that the sync before remembered,
//! publishes it, and only then acts. So a status lags what is done by one sync:
//! an error found while acting is published by the next.
//!
//! A sync is asked for by a change of the pod object, of the runtime, of a
//! probe's result, or by a timer; one that runs goes on with the pod that it
//! began with and is never interrupted, save that it waits no longer for
//! volumes when the pod is to end.
//!
//! # Static pods
//!
//! A pod from a manifest on the node, as [`admission::static_pod`](crate::admission::static_pod) makes it, is known by its annotation.
//! Its status goes to its copy in the API, the *mirror pod*, of which the host tells by [`MirrorUpdated`](Input::MirrorUpdated);
//! until there is one, nothing is published. The machine has the copy [made](Action::CreateMirror) and replaced. Deleting the copy
//! does not end the pod: [`PodRemoved`](Input::PodRemoved) does, which says here that the manifest is gone. A changed manifest is
//! another pod with another machine, made when the former one [is over](PodMachine::is_over), in the order that
//! [`StaticPods`](crate::lifecycle::static_pod::StaticPods) gives.
//!
//! # What follows upon what
//!
//! As found by trying all that can happen to pods with up to two containers: the pod's phase,
//!
#![doc = include_str!("phase.svg")]
//!
//! the state of a container,
//!
#![doc = include_str!("container.svg")]
//!
//! and the [`Stage`] of the machine.
//!
#![doc = include_str!("stage.svg")]
//!
//! # A run loop
//!
//! The [`guide`] has it in full, with clocks, restarts of the host and tests.
//!
//! ```
//! use std::sync::Arc;
//! use pod_lifecycle::{
//!     api::{Pod, PodPhase}, jiff::Timestamp,
//!     lifecycle::{Sandbox, SandboxState},
//!     machine::{Action, Config, ImagePresence, Input, PodMachine},
//! };
//!
//! let pod: Pod = serde_json::from_str(r#"{
//!     "metadata": {"name": "web", "uid": "1"},
//!     "spec": {"containers": [{"name": "web", "image": "web:1"}]}
//! }"#)?;
//! let now = Timestamp::UNIX_EPOCH;
//! let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
//!
//! // 1. Do what the machine asks for, 2. report what came of it, until it asks for no more.
//! while let Some(action) = machine.poll_action() {
//!     let outcome = match action {
//!         Action::CreateSandbox { .. } => Input::SandboxCreated(Sandbox {
//!             id: "sandbox".into(), state: SandboxState::Ready, ip: Some("10.0.0.2".into()), ..Sandbox::default()
//!         }),
//!         Action::InspectImage { container, .. } => {
//!             Input::ImageInspected { container, presence: ImagePresence::Present }
//!         }
//!         Action::PullImage { container, .. } => Input::ImagePulled { container, result: Ok(()) },
//!         Action::CreateContainer { container, .. } => {
//!             Input::ContainerCreated { container, id: "containerd://1".into() }
//!         }
//!         Action::StartContainer { container, id } => Input::ContainerStarted { container, id },
//!         _ => continue,
//!     };
//!     machine.handle_input(now, outcome)?;
//! }
//!
//! // 3. Sleep until the machine's deadline, or until something happens.
//! assert_eq!(machine.status().phase, Some(PodPhase::Running));
//! assert!(machine.poll_timeout().is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[doc = include_str!("guide.md")]
pub mod guide {}

mod action;
mod config;
mod input;
mod mirror;
mod observe;
mod packed;
mod parked;
mod prober;
mod publish;
mod resize;
mod start;
mod stop;
mod sync;

use alloc::{
    boxed::Box,
    collections::{BTreeMap, VecDeque},
    format,
    string::String,
    sync::Arc,
};
use core::mem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    action::{Action, Hook},
    config::{Config, Pacing},
    input::{ContainerError, Eviction, Exit, ImagePresence, Input, InputError, PullError},
    parked::ParkedMachine,
    resize::ResizeDecision,
};
use self::{mirror::Mirror, prober::Prober, resize::Resizing, sync::Worker};
use crate::{
    api::{Pod, PodPhase, PodStatus},
    lifecycle::{Observation, ObservedState, deadline},
    resources::qos,
};

/// A pod's life on its node.
///
/// See the [module](self) for its contract and a run loop.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PodMachine {
    now: Timestamp,
    #[serde(with = "shared")]
    config: Arc<Config>,
    /// The object as the API has it; its status is what the machine published, and what others wrote.
    #[serde(with = "shared")]
    pod: Arc<Pod>,
    mirror: Mirror,
    /// The status as the kubelet believes it to be, before it is merged with what others wrote.
    belief: Belief,
    observation: Observation,
    /// The states that the last whole observation had, to tell whether the next one brings news.
    relisted: BTreeMap<String, ObservedState>,
    /// The restart counts of containers of which the runtime has nothing left.
    forgotten: BTreeMap<String, i32>,
    /// Why the last attempt to start a container failed.
    failures: BTreeMap<String, Failure>,
    back_offs: start::BackOffs,
    prober: Prober,
    /// Only once the pod has asked for other resources than it came with.
    resizing: Option<Box<Resizing>>,
    worker: Worker,
    actions: VecDeque<Action>,
}

/// A shared value on the wire is the value.
mod shared {
    use alloc::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Arc<T>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        (**value).serialize(s)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(d).map(Arc::new)
    }
}

/// A status, kept only where it is not the published one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum Belief {
    None,
    Published,
    Own(Box<PodStatus>),
}

impl Belief {
    fn of<'a>(&'a self, pod: &'a Pod) -> Option<&'a PodStatus> {
        match self {
            Self::None => None,
            Self::Published => Some(&pod.status),
            Self::Own(status) => Some(status),
        }
    }
}

/// Why a container did not start.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Failure {
    reason: String,
    message: String,
}

/// When a machine is to be called again, and why then.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Deadline {
    /// The instant.
    pub at: Timestamp,
    /// What is due then.
    pub reason: DeadlineReason,
}

/// What is due at a [`Deadline`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub enum DeadlineReason {
    /// A pod that is fine is looked at again.
    Resync,
    /// A sync failed and is tried again.
    Retry,
    /// A back-off is over.
    BackOff,
    /// The pod goes on to the next stage of its end.
    NextStage,
    /// The pod's active deadline is over.
    ActiveDeadline,
    /// The pod has waited for its volumes as long as one sync may.
    Mount,
    /// A probe is due.
    Probe,
    /// A hook has used up its container's grace.
    Hook,
    /// A sidecar has waited for its turn to end as long as it may.
    TerminationOrder,
}

/// How far a pod is on its way through its node.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Stage {
    /// It is kept as its spec says.
    Syncing,
    /// Its containers are being stopped.
    Terminating,
    /// Its containers have stopped.
    Terminated,
    /// Nothing of it is left.
    Finished,
}

impl PodMachine {
    /// Takes up a pod that is bound to this node.
    ///
    /// The pod is expected to be as the API server stores it: defaulted and valid.
    /// One that is not is lived as far as its fields allow. Nothing of it runs yet; for a pod that
    /// was there before its host was, see [`resume`](Self::resume). Machines of one node
    /// share their settings when they are given the same `Arc` of them.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    ///
    /// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// let mut machine = PodMachine::new(Arc::new(pod), Config::default(), Timestamp::UNIX_EPOCH);
    /// assert!(matches!(machine.poll_action(), Some(Action::PublishStatus { .. })));
    /// assert_eq!(machine.poll_action(), Some(Action::CreateSandbox { attempt: 0 }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(pod: Arc<Pod>, config: impl Into<Arc<Config>>, now: Timestamp) -> Self {
        Self::resume(pod, Observation::default(), config, now)
    }

    /// Takes up a pod of which the runtime may know already: after a restart of the host that kept nothing.
    ///
    /// It is what a kubelet does that has just started. What runs goes on running; what has ended
    /// meanwhile is seen now, with its restart count; what was to end goes on ending, with its whole
    /// grace. Of resources that were changed, what the pod's status says is taken as set aside and
    /// given, and the node is asked about the rest. With [`started_at`](Config::started_at), containers
    /// keep the readiness that they were last published with until their probes have spoken.
    ///
    /// Lost are back-offs, so that whatever waits starts at once; the row of results that a probe had;
    /// the time that hooks and graces have used up; and why containers could not be started. The restart
    /// count of a container that the runtime has forgotten goes on from the published one, where a kubelet
    /// counts the logs that are left. A machine that was written down and read again loses nothing.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pod_lifecycle::{
    ///     api::{Pod, PodPhase}, jiff::Timestamp, lifecycle::Observation, machine::{Config, PodMachine},
    /// };
    ///
    /// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// let seen: Observation = serde_json::from_str(r#"{
    ///     "ips": ["10.0.0.2"],
    ///     "sandboxes": [{"id": "s", "state": "Ready", "ip": "10.0.0.2"}],
    ///     "containers": [{"id": "c", "name": "web", "state": "Running", "restartCount": 3, "active": true}]
    /// }"#)?;
    /// let machine = PodMachine::resume(Arc::new(pod), seen, Config::default(), Timestamp::UNIX_EPOCH);
    /// assert_eq!(machine.status().phase, Some(PodPhase::Running));
    /// assert_eq!(machine.status().container_statuses[0].restart_count, 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn resume(
        pod: Arc<Pod>,
        observation: Observation,
        config: impl Into<Arc<Config>>,
        now: Timestamp,
    ) -> Self {
        let mut machine = Self::with_worker(pod, config, now, Worker::new());
        machine.worker.note_pod(&machine.pod);
        machine.observed(observation);
        machine.resume_resize();
        machine.settle();
        machine
    }

    /// Takes up a pod that the node does not take: it is `Failed`, and nothing of it ever runs.
    ///
    /// [`node_admission`](crate::scheduling::node_admission) decides which pods these are, and says the reason; its message
    /// follows on `Pod was rejected: `. What others wrote into the status stays.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pod_lifecycle::{
    ///     api::{Pod, PodPhase}, jiff::Timestamp, machine::{Action, Config, PodMachine, Stage},
    /// };
    ///
    /// let (pod, now) = (Arc::new(Pod::default()), Timestamp::UNIX_EPOCH);
    /// let mut machine = PodMachine::rejected(pod, Config::default(), now, ("OutOfpods", "it is full"));
    /// assert!(matches!(machine.poll_action(), Some(Action::PublishStatus { .. })));
    /// assert_eq!(machine.poll_action(), None);
    /// assert_eq!(machine.stage(), Stage::Finished);
    /// assert_eq!(machine.status().phase, Some(PodPhase::Failed));
    /// assert_eq!(machine.status().message, "Pod was rejected: it is full");
    /// ```
    #[must_use]
    pub fn rejected(
        pod: Arc<Pod>,
        config: impl Into<Arc<Config>>,
        now: Timestamp,
        (reason, message): (&str, &str),
    ) -> Self {
        let mut machine = Self::with_worker(pod, config, now, Worker::finished());
        machine.set_status(PodStatus {
            phase: Some(PodPhase::Failed),
            reason: reason.into(),
            message: format!("Pod was rejected: {message}"),
            qos_class: Some(qos::class(&machine.pod)),
            ..PodStatus::default()
        });
        machine.delete_when_finished();
        machine
    }

    fn with_worker(
        pod: Arc<Pod>,
        config: impl Into<Arc<Config>>,
        now: Timestamp,
        worker: Worker,
    ) -> Self {
        let config = config.into();
        let back_offs = start::BackOffs::new(config.crash_loop, config.image_pull);
        Self {
            now,
            config,
            pod,
            mirror: Mirror::default(),
            belief: Belief::None,
            observation: Observation::default(),
            relisted: BTreeMap::new(),
            forgotten: BTreeMap::new(),
            failures: BTreeMap::new(),
            back_offs,
            prober: Prober::default(),
            resizing: None,
            worker,
            actions: VecDeque::new(),
        }
    }

    /// Takes note of what happened.
    ///
    /// # Errors
    ///
    /// The input contradicts what the machine knows: it answers nothing that was
    /// asked for, or names something that does not exist. Nothing has changed then.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
    /// use pod_lifecycle::machine::{Input, InputError};
    ///
    /// let refused = machine.handle_input(now, Input::VolumesMounted);
    /// assert_eq!(refused, Err(InputError::NotAsked("mounting volumes")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn handle_input(&mut self, now: Timestamp, input: Input) -> Result<(), InputError> {
        let before = self.now;
        self.now = before.max(now);
        let handled = match input {
            Input::Observed(observation) => {
                self.observed(observation);
                Ok(())
            }
            Input::PodUpdated(pod) => self.pod_updated(pod),
            Input::PodRemoved => {
                self.worker.removed();
                Ok(())
            }
            Input::MirrorUpdated(mirror) => self.mirror_updated(mirror),
            Input::Evict(eviction) => {
                self.evict(*eviction);
                Ok(())
            }
            Input::ContainerExited(exit) => self.container_exited(exit),
            Input::SandboxLost { id } => self.sandbox_lost(&id),
            Input::SandboxStopped { id } => self.sandbox_stopped(&id),
            Input::ProbeFinished {
                container,
                probe,
                answer,
            } => self.probe_finished(&container, probe, answer),
            Input::HookFinished {
                container,
                hook,
                result,
            } => self.hook_finished(&container, hook, result),
            Input::ResizeDecided(decision) => self.resize_decided(decision),
            Input::PodResized { result } => self.pod_resized(result),
            Input::ContainerResized { container, result } => {
                self.container_resized(&container, result)
            }
            outcome => self.start_outcome(outcome),
        };
        match handled {
            Ok(()) => self.settle(),
            Err(_) => self.now = before,
        }
        handled
    }

    /// Does what is due by now.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
    /// let before = machine.clone();
    /// machine.handle_timeout(now);
    /// assert_eq!(machine, before, "nothing was due");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.settle();
    }

    /// Returns the next thing to do, if there is one.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
    /// while let Some(action) = machine.poll_action() {
    ///     println!("{action:?}");
    /// }
    /// assert_eq!(machine.poll_action(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn poll_action(&mut self) -> Option<Action> {
        let action = self.actions.pop_front();
        if action.is_none() {
            // A machine that is idle keeps no room for what it will ask for.
            self.actions = VecDeque::new();
        }
        action
    }

    /// Returns when to call [`handle_timeout`](Self::handle_timeout) at the latest, unless something happens before.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
    /// use pod_lifecycle::machine::Input;
    ///
    /// while machine.poll_action().is_some() {}
    /// let message = "no network".into();
    /// machine.handle_input(now, Input::SandboxFailed { message })?;
    /// let deadline = machine.poll_timeout().map(|deadline| deadline.at.duration_since(now).as_secs());
    /// assert_eq!(deadline, Some(10), "the sandbox is tried again");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Deadline> {
        let worker = self.worker.deadline(&self.config.pacing);
        let probe = self.prober.deadline();
        let active = self.active_deadline();
        [worker, probe, active]
            .into_iter()
            .flatten()
            .filter(|deadline| deadline.at > self.now)
            .min_by_key(|deadline| deadline.at)
    }

    /// Returns the pod as the machine knows it: its status is the one in the API, for a static pod its mirror's.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
    /// assert_eq!(machine.pod().spec.containers[0].name, "web");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pod(&self) -> &Pod {
        &self.pod
    }

    /// Returns the status that is published, or about to be.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
    /// use pod_lifecycle::api::PodPhase;
    ///
    /// assert_eq!(machine.status().phase, Some(PodPhase::Pending));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn status(&self) -> &PodStatus {
        self.believed().unwrap_or(&self.pod.status)
    }

    /// Returns what the machine knows of the runtime.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
    /// assert!(machine.observation().containers.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn observation(&self) -> &Observation {
        &self.observation
    }

    /// Returns what the runtime said when it failed to make the pod's sandbox, until it has made one.
    ///
    /// A kubelet tells it by an event and nowhere else: the status goes on saying `ContainerCreating`.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
    /// use pod_lifecycle::machine::Input;
    ///
    /// machine.handle_input(now, Input::SandboxFailed { message: "no network".into() })?;
    /// assert_eq!(machine.sandbox_failure(), Some("no network"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sandbox_failure(&self) -> Option<&str> {
        self.worker.sandbox_failure.as_deref()
    }

    /// Returns how far the pod is on its way.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
    /// use pod_lifecycle::machine::Stage;
    ///
    /// assert_eq!(machine.stage(), Stage::Syncing);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.worker.stage()
    }

    /// Whether nothing will be asked for any more: the pod's containers have ended and its object is gone.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let mut machine = PodMachine::new(Arc::new(pod), Config::default(), now);
    /// assert!(!machine.is_over());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.worker.is_over() && !matches!(self.mirror, Mirror::Present(_))
    }

    /// Whether the last sync is newer than what is known of the runtime.
    pub(crate) fn is_behind(&self) -> bool {
        self.worker.is_behind()
    }

    /// The status as the kubelet believes it to be, once there is one.
    fn believed(&self) -> Option<&PodStatus> {
        self.belief.of(&self.pod)
    }

    /// Asks for something of which only the newest request counts.
    fn ask_once(&mut self, action: Action) {
        let kind = mem::discriminant(&action);
        self.actions
            .retain(|asked| mem::discriminant(asked) != kind);
        self.actions.push_back(action);
    }

    fn active_deadline(&self) -> Option<Deadline> {
        if self.worker.stage() != Stage::Syncing
            || self.worker.is_syncing()
            || self.worker.is_pending()
        {
            return None;
        }
        let start = self.status().start_time?.timestamp();
        let at = self
            .config
            .pacing
            .tick_at(deadline::of(&self.pod.spec, start)?);
        Some(Deadline {
            at,
            reason: DeadlineReason::ActiveDeadline,
        })
    }
}
