//! Probes: when a container is asked how it is, and what its answers lead to.
//!
//! Follows the kubelet of Kubernetes v1.36: `worker.doProbe` and `prober.probe`. There is one [`Worker`] for each probe of each regular
//! container and each sidecar; it outlives the container's instances. The host runs the
//! handlers:
//!
//! 1. Make a worker when the pod is first synced, and drop it when [`Worker::tick`] says
//!    [`Tick::Stop`]; its outcome goes with it. When the pod starts to terminate, the
//!    liveness and startup workers of regular containers go too.
//! 2. At [`Worker::due`], call [`Worker::tick`]. On [`Tick::Probe`] run the handler.
//! 3. Tell the worker with [`Worker::on_answer`] what came of it. On [`Next::Again`] run the
//!    handler once more.
//! 4. A status that is published gets what the workers know with
//!    [`apply_probes`](super::status::apply_probes) and [`Workers::state`], and
//!    [`trigger_readiness`] asks those about which too little is known.
//! 5. Whenever [`Worker::result`] has changed, the pod is to be synced again; for liveness,
//!    only when it has become a failure.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    by_name::ByName,
    restart::{self, Policy},
    status::ProbeState,
};
use crate::api::{Container, ContainerStatus, Pod, PodPhase, PodStatus, Probe};

/// How often a handler is run in one go while it does not come to an answer.
const ATTEMPTS: u8 = 3;

/// A container that started longer than this before the kubelet is not one that the kubelet has started.
const RESTART_MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// The period of a probe that does not say one.
const DEFAULT_PERIOD: Duration = Duration::from_secs(10);

/// What a probe decides.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Kind {
    /// Whether the container is to be killed.
    Liveness,
    /// Whether the container takes traffic.
    Readiness,
    /// Whether the container has started; the other two wait for that.
    Startup,
}

/// What is held to be true of a container, after enough equal answers in a row.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Outcome {
    /// The probe succeeds.
    Success,
    /// The probe fails.
    Failure,
    /// Nothing is known yet.
    Unknown,
}

/// What came of running a probe's handler once.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Answer {
    /// It succeeded.
    Success,
    /// It succeeded with a warning, as an HTTP redirect to another host does.
    Warning,
    /// It failed; running out of time is a failure.
    Failure,
    /// It cannot be told, which counts as a failure.
    Unknown,
    /// It could not be run.
    Error,
}

/// One probe of one container, over all of the container's instances.
///
/// The count of equal answers is carried over from one instance to the next.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Worker {
    /// The container's name.
    pub container: String,
    /// Which of its probes.
    pub kind: Kind,
    /// The probe's settings, as they were when the worker was made.
    pub settings: Settings,
    /// The instance that [`outcome`](Self::outcome) speaks of; empty before the first one.
    pub container_id: String,
    /// What is held to be true of that instance; `None` while that is left to what was published before.
    pub outcome: Option<Outcome>,
    /// What the last answer came to.
    pub last: Outcome,
    /// How many answers in a row came to that.
    pub run: u32,
    /// Whether the worker waits for the next instance.
    pub on_hold: bool,
    /// The next tick of the period.
    next: Timestamp,
    /// Since when a tick outside the period is wanted.
    triggered: Option<Timestamp>,
    /// How many attempts of the run under way have come to nothing.
    running: Option<u8>,
}

/// The settings of a probe that the worker goes by.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Time from one tick to the next.
    pub period: Duration,
    /// Whole seconds after the start of an instance before it is first probed.
    pub initial_delay_seconds: i32,
    /// How many successes in a row make an outcome.
    pub success_threshold: i32,
    /// How many failures in a row make an outcome.
    pub failure_threshold: i32,
}

/// What a tick is decided on.
#[derive(Clone, Copy, Debug)]
pub struct TickInput<'a> {
    /// The time.
    pub now: Timestamp,
    /// The pod.
    pub pod: &'a Pod,
    /// The status last published, or `None` where there is none yet.
    pub status: Option<&'a PodStatus>,
    /// When the kubelet, or what stands for it, started.
    pub kubelet_start: Timestamp,
}

/// What a tick leads to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Tick {
    /// The worker is done; drop it.
    Stop,
    /// Nothing is to be asked this time.
    Skip,
    /// Run the handler, and tell [`Worker::on_answer`].
    Probe,
}

/// What follows from an answer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Next {
    /// Run the handler once more, now.
    Again,
    /// Nothing before the next tick.
    Wait,
}

impl Settings {
    /// Reads a probe's settings.
    ///
    /// A period that is not positive counts as 10 s, the API's default; the
    /// thresholds are taken as they are, and one below 1 acts like 1.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{api::Probe, lifecycle::probe::Settings};
    ///
    /// let settings = Settings::new(&Probe { period_seconds: 5, ..Probe::default() });
    /// assert_eq!(settings.period, Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn new(probe: &Probe) -> Self {
        Self {
            period: u64::try_from(probe.period_seconds)
                .ok()
                .filter(|seconds| *seconds > 0)
                .map_or(DEFAULT_PERIOD, Duration::from_secs),
            initial_delay_seconds: probe.initial_delay_seconds,
            success_threshold: probe.success_threshold,
            failure_threshold: probe.failure_threshold,
        }
    }
}

impl Kind {
    /// Returns the probe of this kind that a container has.
    ///
    /// ```
    /// use pod_lifecycle::{api::Container, lifecycle::probe::Kind};
    ///
    /// assert_eq!(Kind::Readiness.of(&Container::default()), None);
    /// ```
    #[must_use]
    pub fn of(self, container: &Container) -> Option<&Probe> {
        match self {
            Self::Liveness => container.liveness_probe.as_deref(),
            Self::Readiness => container.readiness_probe.as_deref(),
            Self::Startup => container.startup_probe.as_deref(),
        }
    }

    /// What holds of a new instance before it has been asked.
    fn initial(self) -> Outcome {
        match self {
            Self::Liveness => Outcome::Success,
            Self::Readiness => Outcome::Failure,
            Self::Startup => Outcome::Unknown,
        }
    }
}

impl Worker {
    /// Makes the worker of a probe, whose first tick comes at `first`.
    ///
    /// The kubelet lets it come at once, and only delays it by a part of the period
    /// when it has itself just started.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::Probe,
    ///     jiff::Timestamp,
    ///     lifecycle::probe::{Kind, Worker},
    /// };
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let worker = Worker::new(now, Kind::Liveness, "web", &Probe::default());
    /// assert_eq!(worker.due(), Some(now));
    /// assert_eq!(worker.result(), None);
    /// ```
    #[must_use]
    pub fn new(first: Timestamp, kind: Kind, container: &str, probe: &Probe) -> Self {
        Self {
            container: container.into(),
            kind,
            settings: Settings::new(probe),
            container_id: String::new(),
            outcome: None,
            last: Outcome::Success,
            run: 0,
            on_hold: false,
            next: first,
            triggered: None,
            running: None,
        }
    }

    /// Returns when the worker is next to be called, or `None` while its handler runs.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::Probe,
    ///     jiff::Timestamp,
    ///     lifecycle::probe::{Kind, Worker},
    /// };
    ///
    /// let worker = Worker::new(Timestamp::UNIX_EPOCH, Kind::Startup, "web", &Probe::default());
    /// assert_eq!(worker.due(), Some(Timestamp::UNIX_EPOCH));
    /// ```
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match (self.running, self.triggered) {
            (Some(_), _) => None,
            (None, Some(triggered)) => Some(triggered.min(self.next)),
            // A tick that would lie after the end of time never comes.
            (None, None) => Some(self.next).filter(|next| *next < Timestamp::MAX),
        }
    }

    /// Whether the handler is being run.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::Probe,
    ///     jiff::Timestamp,
    ///     lifecycle::probe::{Kind, Worker},
    /// };
    ///
    /// let worker = Worker::new(Timestamp::UNIX_EPOCH, Kind::Startup, "web", &Probe::default());
    /// assert!(!worker.is_probing());
    /// ```
    #[must_use]
    pub fn is_probing(&self) -> bool {
        self.running.is_some()
    }

    /// Asks for a tick at once, from which the period then counts on.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{
    ///     api::Probe,
    ///     jiff::Timestamp,
    ///     lifecycle::probe::{Kind, Worker},
    /// };
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let later = now + Duration::from_secs(8);
    /// let mut worker = Worker::new(later, Kind::Readiness, "web", &Probe::default());
    /// worker.trigger(now);
    /// assert_eq!(worker.due(), Some(now));
    /// ```
    pub fn trigger(&mut self, now: Timestamp) {
        self.triggered.get_or_insert(now);
    }

    /// Whether a tick at once has been asked for.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::Probe,
    ///     jiff::Timestamp,
    ///     lifecycle::probe::{Kind, Worker},
    /// };
    ///
    /// let mut worker = Worker::new(Timestamp::UNIX_EPOCH, Kind::Readiness, "web", &Probe::default());
    /// worker.trigger(Timestamp::UNIX_EPOCH);
    /// assert!(worker.is_triggered());
    /// ```
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.triggered.is_some()
    }

    /// Returns what is held to be true, and of which instance.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::Probe,
    ///     jiff::Timestamp,
    ///     lifecycle::probe::{Kind, Outcome, Worker},
    /// };
    ///
    /// let mut worker = Worker::new(Timestamp::UNIX_EPOCH, Kind::Liveness, "web", &Probe::default());
    /// worker.container_id = "containerd://web-1".into();
    /// worker.outcome = Some(Outcome::Success);
    /// assert_eq!(worker.result(), Some(("containerd://web-1", Outcome::Success)));
    /// ```
    #[must_use]
    pub fn result(&self) -> Option<(&str, Outcome)> {
        self.outcome.map(|outcome| (&*self.container_id, outcome))
    }

    /// Looks at the pod and decides whether the container is to be asked now.
    ///
    /// While the handler runs, nothing happens.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::{Pod, PodStatus},
    ///     jiff::Timestamp,
    ///     lifecycle::probe::{Answer, Kind, Next, Outcome, Tick, TickInput, Worker},
    /// };
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "web", "readinessProbe": {"periodSeconds": 5}}]}}"#,
    /// )?;
    /// let status: PodStatus = serde_json::from_str(
    ///     r#"{"containerStatuses": [{"name": "web", "containerID": "containerd://web-1",
    ///         "started": true, "state": {"running": {"startedAt": "2026-03-01T09:00:00Z"}}}]}"#,
    /// )?;
    /// let now: Timestamp = "2026-03-01T09:00:01Z".parse()?;
    /// let web = &pod.spec.containers[0];
    /// let probe = Kind::Readiness.of(web).ok_or("no probe")?;
    /// let mut worker = Worker::new(now, Kind::Readiness, "web", probe);
    ///
    /// let input = TickInput { now, pod: &pod, status: Some(&status), kubelet_start: now };
    /// assert_eq!(worker.tick(&input), Tick::Probe);
    /// assert_eq!(worker.outcome, Some(Outcome::Failure));
    /// assert_eq!(worker.on_answer(Answer::Error), Next::Again);
    /// assert_eq!(worker.on_answer(Answer::Success), Next::Wait);
    /// assert_eq!(worker.outcome, Some(Outcome::Success));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tick(&mut self, input: &TickInput<'_>) -> Tick {
        self.tick_of(input, input.pod.metadata.deletion_timestamp.is_some())
    }

    /// As [`tick`](Self::tick), for a pod that may have been deleted since the worker was made: it does not get to know.
    pub(crate) fn tick_unaware(&mut self, input: &TickInput<'_>) -> Tick {
        self.tick_of(input, false)
    }

    fn tick_of(&mut self, input: &TickInput<'_>, is_deleted: bool) -> Tick {
        if self.is_probing() {
            return Tick::Skip;
        }
        self.advance(input.now);
        let tick = self.decide(input, is_deleted);
        if tick == Tick::Probe {
            self.running = Some(0);
        }
        tick
    }

    /// Moves to the next tick of the period; ticks that were missed fall into one.
    fn advance(&mut self, now: Timestamp) {
        let period = self.settings.period.as_nanos().max(1);
        let late = u128::try_from(now.duration_since(self.next).as_nanos()).ok();
        let wait = match (self.triggered.take(), late) {
            (Some(_), _) => period,
            (None, Some(late)) => period.saturating_sub(late % period),
            (None, None) => return,
        };
        let wait = i64::try_from(wait).map_or(SignedDuration::MAX, SignedDuration::from_nanos);
        self.next = now.checked_add(wait).unwrap_or(Timestamp::MAX);
    }

    fn decide(&mut self, input: &TickInput<'_>, is_deleted: bool) -> Tick {
        let Some(status) = input.status else {
            return Tick::Skip;
        };
        if let Some(PodPhase::Failed | PodPhase::Succeeded) = status.phase {
            return Tick::Stop;
        }
        let Some(container) = published(status, &self.container) else {
            return Tick::Skip;
        };
        if self.container_id != container.container_id {
            self.meet(container, input);
        }
        if self.on_hold {
            return Tick::Skip;
        }
        let Some(running) = &container.state.running else {
            self.outcome = Some(Outcome::Failure);
            return match &container.state.terminated {
                Some(ended) if !self.may_return(ended.exit_code, input.pod, status) => Tick::Stop,
                _ => Tick::Skip,
            };
        };
        if is_deleted && self.kind != Kind::Readiness {
            self.outcome = Some(Outcome::Success);
            return Tick::Stop;
        }
        let delay = i64::from(self.settings.initial_delay_seconds);
        let age = running
            .started_at
            .map(|start| input.now.duration_since(start.timestamp()).as_secs());
        let is_started = container.started == Some(true);
        let is_waiting = age.is_some_and(|age| age < delay);
        if is_waiting || is_started == (self.kind == Kind::Startup) {
            return Tick::Skip;
        }
        Tick::Probe
    }

    /// Turns to a new instance of the container.
    fn meet(&mut self, container: &ContainerStatus, input: &TickInput<'_>) {
        self.container_id.clone_from(&container.container_id);
        self.on_hold = false;
        self.outcome = if !outlived_kubelet(container, input.kubelet_start) {
            Some(self.kind.initial())
        } else if self.kind == Kind::Startup
            && container.started == Some(true)
            && is_sidecar(input.pod, &self.container)
        {
            Some(Outcome::Success)
        } else {
            None
        };
    }

    /// Whether there may be another instance of the container after one that has ended.
    fn may_return(&self, exit_code: i32, pod: &Pod, status: &PodStatus) -> bool {
        let spec = &pod.spec;
        let mut containers = spec.containers.iter().chain(&spec.init_containers);
        let container = containers.find(|container| container.name == self.container);
        container.is_some_and(|container| Policy::new(spec, container).restarts_after(exit_code))
            || restart::should_restart_all(spec, None, Some(status))
    }

    /// Takes what came of running the handler.
    ///
    /// An error is tried again, twice at most, and then counts as nothing. An answer
    /// that nobody asked for changes nothing.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::Probe,
    ///     jiff::Timestamp,
    ///     lifecycle::probe::{Answer, Kind, Next, Worker},
    /// };
    ///
    /// let mut worker = Worker::new(Timestamp::UNIX_EPOCH, Kind::Liveness, "web", &Probe::default());
    /// let before = worker.clone();
    /// assert_eq!(worker.on_answer(Answer::Failure), Next::Wait);
    /// assert_eq!(worker, before);
    /// ```
    pub fn on_answer(&mut self, answer: Answer) -> Next {
        let Some(errors) = self.running.take() else {
            return Next::Wait;
        };
        let (outcome, threshold) = match answer {
            Answer::Success | Answer::Warning => {
                (Outcome::Success, self.settings.success_threshold)
            }
            Answer::Failure | Answer::Unknown => {
                (Outcome::Failure, self.settings.failure_threshold)
            }
            Answer::Error => {
                let errors = errors.saturating_add(1);
                if errors >= ATTEMPTS {
                    return Next::Wait;
                }
                self.running = Some(errors);
                return Next::Again;
            }
        };
        if self.last == outcome {
            self.run = self.run.saturating_add(1);
        } else {
            self.last = outcome;
            self.run = 1;
        }
        if i64::from(self.run) < i64::from(threshold) {
            return Next::Wait;
        }
        self.outcome = Some(outcome);
        let is_final = match self.kind {
            Kind::Liveness => outcome == Outcome::Failure,
            Kind::Startup => true,
            Kind::Readiness => false,
        };
        if is_final {
            // The container is killed, or has started: nothing more to ask this instance.
            self.on_hold = true;
            self.run = 0;
        }
        Next::Wait
    }
}

/// A pod's workers, to be asked for single containers.
#[derive(Debug)]
pub struct Workers<'a>(ByName<'a, Worker>);

impl<'a> Workers<'a> {
    /// Takes a pod's workers, in any order.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::{ContainerStatus, Probe},
    ///     jiff::Timestamp,
    ///     lifecycle::probe::{Kind, Worker, Workers},
    /// };
    ///
    /// let workers = [Worker::new(Timestamp::UNIX_EPOCH, Kind::Startup, "web", &Probe::default())];
    /// let web = ContainerStatus { name: "web".into(), ..ContainerStatus::default() };
    /// assert!(Workers::new(&workers).state(Kind::Startup, &web).worker);
    /// ```
    #[must_use]
    pub fn new(workers: &'a [Worker]) -> Self {
        Self(ByName::new(workers, workers.len(), |worker| {
            &worker.container
        }))
    }

    /// Returns the worker of a probe.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::probe::{Kind, Workers};
    ///
    /// assert_eq!(Workers::new(&[]).worker(Kind::Liveness, "web"), None);
    /// ```
    #[must_use]
    pub fn worker(&self, kind: Kind, container: &str) -> Option<&'a Worker> {
        self.0.all(container).find(|worker| worker.kind == kind)
    }

    /// Returns what a probe has found out about one instance of a container.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::probe::{Kind, Workers};
    ///
    /// assert_eq!(Workers::new(&[]).outcome(Kind::Liveness, "web", "containerd://web-1"), None);
    /// ```
    #[must_use]
    pub fn outcome(&self, kind: Kind, container: &str, id: &str) -> Option<Outcome> {
        self.worker(kind, container)
            .filter(|worker| worker.container_id == id)
            .and_then(|worker| worker.outcome)
    }

    /// Returns where a probe of the container with that status stands, as
    /// [`Probes`](super::status::Probes) asks for it.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::ContainerStatus,
    ///     lifecycle::{probe::{Kind, Workers}, status::ProbeState},
    /// };
    ///
    /// let state = Workers::new(&[]).state(Kind::Readiness, &ContainerStatus::default());
    /// assert_eq!(state, ProbeState::NONE);
    /// ```
    #[must_use]
    pub fn state(&self, kind: Kind, status: &ContainerStatus) -> ProbeState {
        ProbeState {
            worker: self.worker(kind, &status.name).is_some(),
            outcome: self.outcome(kind, &status.name, &status.container_id),
        }
    }
}

/// Asks at once about every container that has started and is not known to be ready.
///
/// The kubelet does so whenever it builds a status; `status` is one to which
/// [`apply_probes`](super::status::apply_probes) has been applied. Follows the same function, `UpdatePodStatus`.
///
/// ```
/// use pod_lifecycle::{
///     api::{Pod, PodStatus, Probe},
///     jiff::Timestamp,
///     lifecycle::probe::{self, Kind, Worker},
/// };
///
/// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web"}]}}"#)?;
/// let status: PodStatus = serde_json::from_str(
///     r#"{"containerStatuses": [{"name": "web", "started": true}]}"#,
/// )?;
/// let now = Timestamp::UNIX_EPOCH;
/// let mut workers = [Worker::new(Timestamp::MAX, Kind::Readiness, "web", &Probe::default())];
/// probe::trigger_readiness(now, &pod, &status, &mut workers);
/// assert_eq!(workers[0].due(), Some(now));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn trigger_readiness(now: Timestamp, pod: &Pod, status: &PodStatus, workers: &mut [Worker]) {
    if !workers.iter().any(|worker| worker.kind == Kind::Readiness) {
        return;
    }
    // The kubelet pairs init containers with their statuses by position.
    let sidecars = pod
        .spec
        .init_containers
        .iter()
        .zip(&status.init_container_statuses)
        .filter(|(container, status)| container.is_sidecar() && container.name == status.name)
        .map(|(_, status)| status);
    let mut started: Vec<&ContainerStatus> = status
        .container_statuses
        .iter()
        .chain(sidecars)
        .filter(|status| status.started == Some(true))
        .collect();
    started.sort_by(|a, b| a.name.cmp(&b.name));
    for worker in workers {
        let first = started.partition_point(|status| status.name < worker.container);
        let is_asked = started
            .iter()
            .skip(first)
            .take_while(|status| status.name == worker.container)
            .any(|status| worker.result() != Some((&status.container_id, Outcome::Success)));
        if is_asked && worker.kind == Kind::Readiness {
            worker.trigger(now);
        }
    }
}

/// Returns the published status of a container that has an instance.
fn published<'a>(status: &'a PodStatus, name: &str) -> Option<&'a ContainerStatus> {
    let find = |statuses: &'a [ContainerStatus]| {
        let found = statuses.iter().find(|container| container.name == name);
        found.filter(|container| !container.container_id.is_empty())
    };
    find(&status.container_statuses).or_else(|| find(&status.init_container_statuses))
}

/// Whether a container runs since before the kubelet was started.
fn outlived_kubelet(container: &ContainerStatus, kubelet_start: Timestamp) -> bool {
    let start = container
        .state
        .running
        .as_ref()
        .and_then(|running| running.started_at);
    start.is_some_and(|start| kubelet_start.duration_since(start.timestamp()) > RESTART_MARGIN)
}

fn is_sidecar(pod: &Pod, name: &str) -> bool {
    let mut containers = pod.spec.init_containers.iter();
    containers
        .find(|container| container.name == name)
        .is_some_and(Container::is_sidecar)
}
