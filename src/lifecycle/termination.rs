//! How containers are stopped: with how much grace, in which order, and when.
//!
//! Follows the kubelet of Kubernetes v1.36: `setTerminationGracePeriod`,
//! `killContainer`, `newTerminationOrdering`, `killContainersWithSyncResult` and
//! `calculateEffectiveGracePeriod`.
//!
//! All containers of a pod are told to stop at once: each gets a [`Stop`] of its own. The
//! preStop hook comes first, sidecars then wait until [`waits_for`] names nobody, and only
//! then the process gets its signal. What a hook or a wait takes is taken from the grace.

use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::api::{AnyContainer, Container, Pod, PodSpec};
use crate::time::{later, since};

/// The least grace that a process gets between its signal and its end, in seconds.
pub const MINIMUM_GRACE_SECONDS: i64 = 2;

/// Why a container is stopped.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub enum KillReason {
    /// Its liveness probe has failed.
    LivenessProbe,
    /// Its startup probe has failed.
    StartupProbe,
    /// The runtime does not know its state, or the whole pod stops.
    Unknown,
    /// Its name or image in the spec has changed.
    SpecChanged,
    /// It takes new resources only by a restart.
    Resized,
    /// Its postStart hook has failed.
    PostStartHook,
    /// All containers of the pod restart.
    RestartAllContainers,
}

impl KillReason {
    /// Returns the kubelet's word, which is empty for changes of the spec.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::termination::KillReason;
    ///
    /// assert_eq!(KillReason::LivenessProbe.as_str(), "LivenessProbe");
    /// assert_eq!(KillReason::Resized.as_str(), "");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LivenessProbe => "LivenessProbe",
            Self::StartupProbe => "StartupProbe",
            Self::Unknown => "Unknown",
            Self::SpecChanged | Self::Resized => "",
            Self::PostStartHook => "FailedPostStartHook",
            Self::RestartAllContainers => "RestartAllContainers",
        }
    }
}

/// Returns the seconds of grace that a container has.
///
/// A deletion's grace goes before everything else. Then a failed probe's own
/// grace counts, which may be longer than the pod's, but only where the pod states one;
/// where it does not, the answer is [`MINIMUM_GRACE_SECONDS`]. `container` is `None` for ephemeral ones.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::termination::{self, KillReason}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"terminationGracePeriodSeconds": 30, "containers": [
///         {"name": "web", "livenessProbe": {"terminationGracePeriodSeconds": 5}}]}}"#,
/// )?;
/// let web = pod.spec.containers.first();
/// assert_eq!(termination::grace_seconds(&pod, web, KillReason::LivenessProbe), 5);
/// assert_eq!(termination::grace_seconds(&pod, web, KillReason::Unknown), 30);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn grace_seconds(pod: &Pod, container: Option<&Container>, reason: KillReason) -> i64 {
    if let Some(deletion) = pod.metadata.deletion_grace_period_seconds {
        return deletion;
    }
    let Some(of_pod) = pod.spec.termination_grace_period_seconds else {
        return MINIMUM_GRACE_SECONDS;
    };
    let probe = container.and_then(|container| match reason {
        KillReason::LivenessProbe => container.liveness_probe.as_ref(),
        KillReason::StartupProbe => container.startup_probe.as_ref(),
        _ => None,
    });
    probe
        .and_then(|probe| probe.termination_grace_period_seconds)
        .unwrap_or(of_pod)
}

/// Returns the seconds of grace that a pod being stopped has, given what it had so far.
///
/// `current` is 0 before there is any. Grace can only shrink: a deletion's and then a
/// requested one are taken where they are smaller, and the spec's only where there is
/// none yet. It is never below 1. As the kubelet has it, a deletion's 0 reads as none
/// beside a requested one, which then holds even where it is longer.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::termination};
///
/// let mut pod = Pod::default();
/// pod.spec.termination_grace_period_seconds = Some(30);
/// assert_eq!(termination::effective_grace_seconds(0, &pod, None), 30);
/// assert_eq!(termination::effective_grace_seconds(30, &pod, Some(5)), 5);
/// assert_eq!(termination::effective_grace_seconds(5, &pod, Some(20)), 5);
/// ```
#[must_use]
pub fn effective_grace_seconds(current: i64, pod: &Pod, requested: Option<i64>) -> i64 {
    let given = [pod.metadata.deletion_grace_period_seconds, requested];
    shrink(current, given, pod.spec.termination_grace_period_seconds)
}

/// Takes each given grace where it is smaller, or the spec's where there is none.
pub(super) fn shrink(current: i64, given: [Option<i64>; 2], of_spec: Option<i64>) -> i64 {
    let mut grace = current;
    let mut is_taken = false;
    for seconds in given.into_iter().flatten() {
        if grace == 0 || seconds < grace {
            grace = seconds;
            is_taken = true;
        }
    }
    if !is_taken && grace == 0 {
        grace = of_spec.unwrap_or(0);
    }
    grace.max(1)
}

/// Whether a pod's containers stop in an order, which they do when it has a sidecar.
///
/// ```
/// use pod_lifecycle::{api::PodSpec, lifecycle::termination};
///
/// assert!(!termination::is_ordered(&PodSpec::default()));
/// ```
#[must_use]
pub fn is_ordered(spec: &PodSpec) -> bool {
    spec.init_containers.iter().any(Container::is_sidecar)
}

/// Returns the names that a container waits for before it is stopped, of those that are alive.
///
/// A sidecar waits for all regular containers and for the next sidecar after it; when
/// that one is not alive, it does not wait for the ones after that instead. Every other
/// container waits for nobody.
///
/// ```
/// use pod_lifecycle::{api::PodSpec, lifecycle::termination};
///
/// let spec: PodSpec = serde_json::from_str(
///     r#"{"containers": [{"name": "web"}], "initContainers": [
///         {"name": "mesh", "restartPolicy": "Always"}, {"name": "logs", "restartPolicy": "Always"}]}"#,
/// )?;
/// let names = |of| termination::waits_for(&spec, of, |_| true).collect::<Vec<_>>();
/// assert_eq!(names("mesh"), ["web", "logs"]);
/// assert!(names("web").is_empty());
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn waits_for<'a>(
    spec: &'a PodSpec,
    name: &str,
    mut is_alive: impl FnMut(&str) -> bool,
) -> impl Iterator<Item = &'a str> {
    let mut sidecars = spec
        .init_containers
        .iter()
        .filter(|container| container.is_sidecar());
    let is_waiting = sidecars.any(|container| container.name == name);
    let (regular, next) = if is_waiting {
        (&*spec.containers, sidecars.next())
    } else {
        (&[][..], None)
    };
    regular
        .iter()
        .chain(next)
        .map(|container| &*container.name)
        .filter(move |name| is_alive(name))
}

/// How far the stop of one container has come.
///
/// [`begin`](Self::begin) it, run the hook while [`stage`](Self::stage) says
/// [`Stage::PreStop`], report the end of the hook and of the wait, and call
/// [`handle_timeout`](Self::handle_timeout) at [`poll_timeout`](Self::poll_timeout); at
/// [`Stage::Signal`] stop the process with [`timeout_seconds`](Self::timeout_seconds).
/// A report that does not belong to the stage changes nothing.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stop {
    stage: Stage,
    since: Timestamp,
    grace_seconds: i64,
    is_ordered: bool,
}

/// What the stop of a container waits for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Stage {
    /// The end of its preStop hook.
    PreStop,
    /// The end of the containers that it has to outlive.
    Turn,
    /// The end of its process, which has its signal.
    Signal,
}

/// What the stop of a container starts from.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct StopInput {
    /// The grace; see [`grace_seconds`].
    pub grace_seconds: i64,
    /// Whether it has a preStop hook.
    pub has_pre_stop: bool,
    /// Whether the pod stops in an order; see [`is_ordered`].
    pub is_ordered: bool,
}

impl Stop {
    /// Starts to stop a container.
    ///
    /// Without any grace there is neither a hook nor a wait.
    ///
    /// ```
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::termination::{Stage, Stop, StopInput}};
    ///
    /// let input = StopInput { grace_seconds: 30, has_pre_stop: true, is_ordered: false };
    /// let stop = Stop::begin(Timestamp::UNIX_EPOCH, input);
    /// assert_eq!(stop.stage(), Stage::PreStop);
    /// ```
    #[must_use]
    pub fn begin(now: Timestamp, input: StopInput) -> Self {
        let mut stop = Self {
            stage: Stage::PreStop,
            since: now,
            grace_seconds: input.grace_seconds,
            is_ordered: input.is_ordered,
        };
        if !input.has_pre_stop || input.grace_seconds <= 0 {
            stop.leave_pre_stop(now);
        }
        stop
    }

    /// Returns what the stop waits for.
    ///
    /// ```
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::termination::{Stage, Stop, StopInput}};
    ///
    /// let stop = Stop::begin(Timestamp::UNIX_EPOCH, StopInput::default());
    /// assert_eq!(stop.stage(), Stage::Signal);
    /// ```
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Returns since when it waits for that.
    ///
    /// ```
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::termination::{Stop, StopInput}};
    ///
    /// let stop = Stop::begin(Timestamp::UNIX_EPOCH, StopInput::default());
    /// assert_eq!(stop.since(), Timestamp::UNIX_EPOCH);
    /// ```
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Returns the seconds that the process has after its signal, as far as is known by now.
    ///
    /// ```
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::termination::{Stop, StopInput}};
    ///
    /// let stop = Stop::begin(Timestamp::UNIX_EPOCH, StopInput::default());
    /// assert_eq!(stop.timeout_seconds(), 2);
    /// ```
    #[must_use]
    pub fn timeout_seconds(&self) -> i64 {
        self.grace_seconds.max(MINIMUM_GRACE_SECONDS)
    }

    /// Returns when the stage ends at the latest: the end of the grace, or of the process.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::termination::{Stop, StopInput}};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let input = StopInput { grace_seconds: 30, has_pre_stop: true, is_ordered: false };
    /// assert_eq!(Stop::begin(now, input).poll_timeout(), now + Duration::from_secs(30));
    /// ```
    #[must_use]
    pub fn poll_timeout(&self) -> Timestamp {
        let seconds = match self.stage {
            Stage::PreStop | Stage::Turn => self.grace_seconds,
            Stage::Signal => self.timeout_seconds(),
        };
        later(self.since, seconds_of(seconds))
    }

    /// Reports that the hook has ended, however it did.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::termination::{Stage, Stop, StopInput}};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let input = StopInput { grace_seconds: 30, has_pre_stop: true, is_ordered: false };
    /// let mut stop = Stop::begin(now, input);
    /// stop.on_pre_stop_end(now + Duration::from_millis(4900));
    /// assert_eq!((stop.stage(), stop.timeout_seconds()), (Stage::Signal, 26));
    /// ```
    pub fn on_pre_stop_end(&mut self, now: Timestamp) {
        if self.stage == Stage::PreStop {
            self.leave_pre_stop(now);
        }
    }

    /// Reports that nobody is alive any more whom the container has to outlive.
    ///
    /// ```
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::termination::{Stage, Stop, StopInput}};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let input = StopInput { grace_seconds: 30, has_pre_stop: false, is_ordered: true };
    /// let mut stop = Stop::begin(now, input);
    /// assert_eq!(stop.stage(), Stage::Turn);
    /// stop.on_turn(now);
    /// assert_eq!(stop.stage(), Stage::Signal);
    /// ```
    pub fn on_turn(&mut self, now: Timestamp) {
        if self.stage == Stage::Turn {
            self.spend(now);
            self.stage = Stage::Signal;
        }
    }

    /// Gives up waiting for the hook or the turn when the grace has run out; before that, nothing happens.
    ///
    /// ```
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::termination::{Stage, Stop, StopInput}};
    ///
    /// let input = StopInput { grace_seconds: 30, has_pre_stop: true, is_ordered: false };
    /// let mut stop = Stop::begin(Timestamp::UNIX_EPOCH, input);
    /// stop.handle_timeout(stop.poll_timeout());
    /// assert_eq!((stop.stage(), stop.timeout_seconds()), (Stage::Signal, 2));
    /// ```
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if now < self.poll_timeout() {
            return;
        }
        match self.stage {
            Stage::PreStop => self.leave_pre_stop(now),
            Stage::Turn => self.on_turn(now),
            Stage::Signal => {}
        }
    }

    fn leave_pre_stop(&mut self, now: Timestamp) {
        self.spend(now);
        self.stage = if self.is_ordered && self.grace_seconds > 0 {
            Stage::Turn
        } else {
            Stage::Signal
        };
    }

    /// Takes the whole seconds that the stage took from the grace.
    fn spend(&mut self, now: Timestamp) {
        let spent = since(now, self.since).map_or(0, |spent| spent.as_secs());
        let spent = i64::try_from(spent).unwrap_or(i64::MAX);
        self.grace_seconds = self.grace_seconds.saturating_sub(spent);
        self.since = now;
    }
}

/// How long a container takes over its end.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Ending {
    /// How long its preStop hook runs; `None` when it returns at once.
    pub pre_stop: Option<Duration>,
    /// How long its process runs on after its signal.
    pub exit: Duration,
}

/// When one container of a stopping pod gets its signal and ends, counted from the start of the stop.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stopped {
    /// Its name.
    pub name: String,
    /// When it gets its signal.
    pub at: Duration,
    /// The seconds that it has from then.
    pub timeout_seconds: i64,
    /// When it has ended.
    pub done: Duration,
}

/// Foretells how a pod stops, given how long its running containers take over their ends.
///
/// `requested` takes the place of every container's own grace. The answer is sorted by
/// the time of the signal, then by name; the pod has stopped with the last of them.
///
/// ```
/// use core::time::Duration;
/// use std::collections::BTreeMap;
/// use pod_lifecycle::{api::Pod, lifecycle::termination::{self, Ending}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"terminationGracePeriodSeconds": 30, "containers": [{"name": "web"}],
///         "initContainers": [{"name": "mesh", "restartPolicy": "Always"}]}}"#,
/// )?;
/// let slow = Ending { exit: Duration::from_secs(5), ..Ending::default() };
/// let running = BTreeMap::from([("web", slow), ("mesh", Ending::default())]);
/// let stops = termination::timeline(&pod, &running, None);
/// assert_eq!(stops[1].name, "mesh");
/// assert_eq!((stops[1].at, stops[1].timeout_seconds), (Duration::from_secs(5), 25));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn timeline(
    pod: &Pod,
    running: &BTreeMap<&str, Ending>,
    requested: Option<i64>,
) -> Vec<Stopped> {
    let spec = &pod.spec;
    let is_ordered = is_ordered(spec);
    let start = Timestamp::UNIX_EPOCH;
    let stop = |name: &str, container: Option<&Container>, turn: Timestamp| {
        let ending = running.get(name).copied().unwrap_or_default();
        let own = || grace_seconds(pod, container, KillReason::Unknown);
        let lifecycle = container.and_then(|container| container.lifecycle.as_ref());
        let mut stop = Stop::begin(
            start,
            StopInput {
                grace_seconds: requested.unwrap_or_else(own),
                has_pre_stop: lifecycle.is_some_and(|lifecycle| lifecycle.pre_stop.is_some()),
                is_ordered,
            },
        );
        let hook_end = later(start, ending.pre_stop.unwrap_or_default());
        stop.on_pre_stop_end(hook_end.min(stop.poll_timeout()));
        stop.on_turn(turn.max(stop.since()).min(stop.poll_timeout()));
        let exit = later(stop.since(), ending.exit).min(stop.poll_timeout());
        let after = |instant| since(instant, start).unwrap_or_default();
        let stopped = Stopped {
            name: name.into(),
            at: after(stop.since()),
            timeout_seconds: stop.timeout_seconds(),
            done: after(exit),
        };
        (stopped, exit)
    };

    // Everything but sidecars first: those wait for the others, and for the next of their own.
    let of_name: BTreeMap<&str, AnyContainer<'_>> = spec
        .all_containers()
        .map(|container| (container.name(), container))
        .collect();
    let mut stops = Vec::with_capacity(running.len());
    let mut regular_gone = start;
    for name in running.keys() {
        let (container, is_regular) = match of_name.get(name) {
            Some(container) if container.is_sidecar() => continue,
            Some(AnyContainer::Regular(container)) => (Some(*container), true),
            Some(AnyContainer::Init(container)) => (Some(*container), false),
            Some(AnyContainer::Ephemeral(_)) | None => (None, false),
        };
        let (stopped, exit) = stop(name, container, start);
        if is_regular {
            regular_gone = regular_gone.max(exit);
        }
        stops.push(stopped);
    }
    let mut next_gone = start;
    for container in spec.init_containers.iter().rev() {
        if !container.is_sidecar() {
            continue;
        }
        if !running.contains_key(&*container.name) {
            next_gone = start;
            continue;
        }
        let turn = regular_gone.max(next_gone);
        let (stopped, exit) = stop(&container.name, Some(container), turn);
        next_gone = exit;
        stops.push(stopped);
    }
    stops.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
    stops
}

fn seconds_of(seconds: i64) -> Duration {
    Duration::try_from(SignedDuration::from_secs(seconds)).unwrap_or_default()
}
