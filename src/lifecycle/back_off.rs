//! How long a failing thing waits before it is tried again.
//!
//! Follows client-go's `flowcontrol.Backoff` and the kubelet's
//! `newCrashLoopBackOff`, `GetBackoffKey` and `doBackOff` of Kubernetes v1.36.
//! [`BackOff`] says how waits grow, [`BackOffs`] remembers them, and
//! [`crash_loop`] asks whether a container may start now; [`until`] reads
//! a published status.

use alloc::{collections::BTreeMap, format, string::String};
use core::{
    fmt::{self, Write as _},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::observation::{Observation, ObservedState};
use crate::{
    api::{Container, ContainerStatus, Pod, ResourceList},
    time::{is_within, later, since},
};

/// How waits grow.
///
/// The first one is `initial`, even above `max`; each one after it is twice the one
/// before, up to `max`. After `reset_after` without a failure it starts over.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackOff {
    /// The first wait.
    pub initial: Duration,
    /// The longest wait.
    pub max: Duration,
    /// How much longer than this something has to work for its failures to be forgotten.
    pub reset_after: Duration,
}

/// The settings of a node that decide how its crash loops wait.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct NodeOptions {
    /// Feature gate `ReduceDefaultCrashLoopBackOffDecay`, off by default.
    pub reduce_default_decay: bool,
    /// Feature gate `KubeletCrashLoopBackOffMax`, on by default.
    pub use_max_container_restart_period: bool,
    /// `crashLoopBackOff.maxContainerRestartPeriod` of the node's configuration, 300 s by default.
    pub max_container_restart_period: Duration,
}

/// One thing that has failed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The wait in force.
    pub delay: Duration,
    /// When that wait was decided on.
    pub last_update: Timestamp,
}

/// What has failed, by key, and how long each has to wait.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackOffs {
    /// How waits grow.
    pub back_off: BackOff,
    entries: BTreeMap<String, Entry>,
}

/// Whether something may be tried now.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Attempt {
    /// It may; if it fails, the next one has to wait.
    Now,
    /// It has to wait.
    Wait {
        /// Until when.
        until: Timestamp,
    },
}

impl BackOff {
    /// How the kubelet restarts containers: 10 s, doubling to 300 s, forgotten after 600 s.
    pub const CRASH_LOOP: Self = Self {
        initial: Duration::from_secs(10),
        max: Duration::from_secs(300),
        reset_after: Duration::from_secs(600),
    };

    /// How the kubelet repeats image pulls: as it restarts containers.
    pub const IMAGE_PULL: Self = Self::CRASH_LOOP;

    /// Makes one that is forgotten after twice its longest wait, as client-go does by default.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::lifecycle::back_off::BackOff;
    ///
    /// let back_off = BackOff::new(Duration::from_secs(10), Duration::from_secs(300));
    /// assert_eq!(back_off, BackOff::CRASH_LOOP);
    /// ```
    #[must_use]
    pub const fn new(initial: Duration, max: Duration) -> Self {
        Self {
            initial,
            max,
            reset_after: max.saturating_mul(2),
        }
    }

    /// Returns what a node's settings make of [`CRASH_LOOP`](Self::CRASH_LOOP).
    ///
    /// The node's longest period is applied last, so that its default of 300 s
    /// stands even where the reduced decay alone would end at 60 s. Failures are
    /// always forgotten after 600 s.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::lifecycle::back_off::{BackOff, NodeOptions};
    ///
    /// let mut options = NodeOptions::default();
    /// assert_eq!(BackOff::of_node(&options), BackOff::CRASH_LOOP);
    /// options.max_container_restart_period = Duration::from_secs(5);
    /// assert_eq!(BackOff::of_node(&options).initial, Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn of_node(options: &NodeOptions) -> Self {
        let mut back_off = Self::CRASH_LOOP;
        if options.reduce_default_decay {
            back_off.initial = Duration::from_secs(1);
            back_off.max = Duration::from_secs(60);
        }
        if options.use_max_container_restart_period {
            back_off.max = options.max_container_restart_period;
            back_off.initial = back_off.initial.min(back_off.max);
        }
        back_off
    }

    /// Decides on the wait after a failure at `event`, as of `now`.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::back_off::BackOff};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let first = BackOff::CRASH_LOOP.next(None, now, now);
    /// let second = BackOff::CRASH_LOOP.next(Some(first), now, now);
    /// assert_eq!([first.delay, second.delay], [10, 20].map(Duration::from_secs));
    /// ```
    #[must_use]
    pub fn next(&self, entry: Option<Entry>, now: Timestamp, event: Timestamp) -> Entry {
        let delay = match entry {
            Some(entry) if !self.has_expired(entry, event) => {
                entry.delay.saturating_mul(2).min(self.max)
            }
            _ => self.initial,
        };
        Entry {
            delay,
            last_update: now,
        }
    }

    /// Whether an entry is so old at an instant that it no longer counts.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::back_off::BackOff};
    ///
    /// let start = Timestamp::UNIX_EPOCH;
    /// let entry = BackOff::CRASH_LOOP.next(None, start, start);
    /// assert!(!BackOff::CRASH_LOOP.has_expired(entry, start + Duration::from_secs(600)));
    /// assert!(BackOff::CRASH_LOOP.has_expired(entry, start + Duration::from_secs(601)));
    /// ```
    #[must_use]
    pub fn has_expired(&self, entry: Entry, at: Timestamp) -> bool {
        since(at, entry.last_update).is_some_and(|idle| idle > self.reset_after)
    }

    /// Whether what failed at `event` still has to wait as of `now`.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::back_off::BackOff};
    ///
    /// let crash = Timestamp::UNIX_EPOCH;
    /// let entry = BackOff::CRASH_LOOP.next(None, crash, crash);
    /// assert!(BackOff::CRASH_LOOP.is_waiting(entry, crash + Duration::from_secs(9), crash));
    /// assert!(!BackOff::CRASH_LOOP.is_waiting(entry, crash + Duration::from_secs(10), crash));
    /// ```
    #[must_use]
    pub fn is_waiting(&self, entry: Entry, now: Timestamp, event: Timestamp) -> bool {
        !self.has_expired(entry, event) && is_within(now, event, entry.delay)
    }
}

impl Default for BackOff {
    fn default() -> Self {
        Self::CRASH_LOOP
    }
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            reduce_default_decay: false,
            use_max_container_restart_period: true,
            max_container_restart_period: BackOff::CRASH_LOOP.max,
        }
    }
}

impl BackOffs {
    /// Starts with nothing failed.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::back_off::{BackOff, BackOffs};
    ///
    /// assert_eq!(BackOffs::new(BackOff::IMAGE_PULL).get("web"), None);
    /// ```
    #[must_use]
    pub const fn new(back_off: BackOff) -> Self {
        Self {
            back_off,
            entries: BTreeMap::new(),
        }
    }

    /// Returns the entry of a key.
    ///
    /// ```
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::back_off::{BackOff, BackOffs}};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let mut pulls = BackOffs::new(BackOff::IMAGE_PULL);
    /// let entry = pulls.next("web", now, now);
    /// assert_eq!(pulls.get("web"), Some(entry));
    /// ```
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Entry> {
        self.entries.get(key).copied()
    }

    /// Remembers a failure at `event`, as of `now`, and decides on the wait after it.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::back_off::{BackOff, BackOffs}};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let mut pulls = BackOffs::new(BackOff::IMAGE_PULL);
    /// assert_eq!(pulls.next("web", now, now).delay, Duration::from_secs(10));
    /// assert_eq!(pulls.next("web", now, now).delay, Duration::from_secs(20));
    /// ```
    pub fn next(&mut self, key: &str, now: Timestamp, event: Timestamp) -> Entry {
        let entry = self.back_off.next(self.get(key), now, event);
        if let Some(known) = self.entries.get_mut(key) {
            *known = entry;
        } else {
            self.entries.insert(key.into(), entry);
        }
        entry
    }

    /// Whether a key that failed at `event` still has to wait as of `now`.
    ///
    /// ```
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::back_off::{BackOff, BackOffs}};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let mut pulls = BackOffs::new(BackOff::IMAGE_PULL);
    /// assert!(!pulls.is_waiting("web", now, now));
    /// pulls.next("web", now, now);
    /// assert!(pulls.is_waiting("web", now, now));
    /// ```
    #[must_use]
    pub fn is_waiting(&self, key: &str, now: Timestamp, event: Timestamp) -> bool {
        self.get(key)
            .is_some_and(|entry| self.back_off.is_waiting(entry, now, event))
    }

    /// Returns until when a key that failed at `event` still has to wait as of `now`, if it has to.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::back_off::{BackOff, BackOffs}};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let mut pulls = BackOffs::new(BackOff::IMAGE_PULL);
    /// assert_eq!(pulls.until("web", now, now), None);
    /// pulls.next("web", now, now);
    /// assert_eq!(pulls.until("web", now, now), Some(now + Duration::from_secs(10)));
    /// ```
    #[must_use]
    pub fn until(&self, key: &str, now: Timestamp, event: Timestamp) -> Option<Timestamp> {
        let entry = self.get(key)?;
        let waits = self.back_off.is_waiting(entry, now, event);
        waits.then(|| later(event, entry.delay))
    }

    /// Whether a key still has to wait at an instant, counted from its last failure.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::back_off::{BackOff, BackOffs}};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let mut pulls = BackOffs::new(BackOff::IMAGE_PULL);
    /// pulls.next("web", now, now);
    /// assert!(pulls.is_waiting_since_update("web", now + Duration::from_secs(9)));
    /// assert!(!pulls.is_waiting_since_update("web", now + Duration::from_secs(10)));
    /// ```
    #[must_use]
    pub fn is_waiting_since_update(&self, key: &str, at: Timestamp) -> bool {
        self.get(key).is_some_and(|entry| {
            !self.back_off.has_expired(entry, at) && is_within(at, entry.last_update, entry.delay)
        })
    }

    /// Forgets a key.
    ///
    /// ```
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::back_off::{BackOff, BackOffs}};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let mut pulls = BackOffs::new(BackOff::IMAGE_PULL);
    /// pulls.next("web", now, now);
    /// pulls.reset("web");
    /// assert_eq!(pulls.get("web"), None);
    /// ```
    pub fn reset(&mut self, key: &str) {
        self.entries.remove(key);
    }

    /// Forgets every key that no longer counts as of `now`.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::back_off::{BackOff, BackOffs}};
    ///
    /// let now = Timestamp::UNIX_EPOCH;
    /// let mut pulls = BackOffs::new(BackOff::IMAGE_PULL);
    /// pulls.next("web", now, now);
    /// pulls.collect_garbage(now + Duration::from_secs(601));
    /// assert_eq!(pulls.keys().count(), 0);
    /// ```
    pub fn collect_garbage(&mut self, now: Timestamp) {
        let back_off = self.back_off;
        self.entries
            .retain(|_, entry| !back_off.has_expired(*entry, now));
    }

    /// Returns the keys that are remembered, sorted.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::back_off::{BackOff, BackOffs};
    ///
    /// assert_eq!(BackOffs::new(BackOff::CRASH_LOOP).keys().next(), None);
    /// ```
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

/// Asks whether a container that the [`plan`](super::plan()) starts may start now, and remembers that it does.
///
/// The wait counts from the end of the container's newest instance that has exited,
/// whatever its exit code; one that runs or was only made is looked past. So the first crash
/// restarts at once and arms the first wait, and each later start doubles it.
/// Call it only where a start follows at once.
///
/// ```
/// use core::time::Duration;
/// use pod_lifecycle::{
///     api::Pod,
///     jiff::Timestamp,
///     lifecycle::{Observation, back_off::{self, Attempt, BackOff, BackOffs}},
/// };
///
/// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web"}]}}"#)?;
/// let seen: Observation = serde_json::from_str(
///     r#"{"containers": [{"name": "web", "state": "Exited", "finishedAt": "2026-03-01T09:00:00Z"}]}"#,
/// )?;
/// let crash: Timestamp = "2026-03-01T09:00:00Z".parse()?;
/// let mut waits = BackOffs::new(BackOff::CRASH_LOOP);
/// let mut start = |now| back_off::crash_loop(&mut waits, now, &pod, &pod.spec.containers[0], &seen);
/// assert_eq!(start(crash), Attempt::Now);
/// assert_eq!(start(crash), Attempt::Wait { until: crash + Duration::from_secs(10) });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn crash_loop(
    back_offs: &mut BackOffs,
    now: Timestamp,
    pod: &Pod,
    container: &Container,
    observation: &Observation,
) -> Attempt {
    let Some(end) = last_end(container, observation) else {
        return Attempt::Now;
    };
    let key = crash_loop_key(pod, container);
    if let Some(until) = back_offs.until(&key, now, end) {
        return Attempt::Wait { until };
    }
    back_offs.next(&key, now, end);
    Attempt::Now
}

/// Returns until when a container has to wait that the [`plan`](super::plan()) starts; `None` where it may start at once.
///
/// What [`crash_loop`] would answer, for whoever only wants to know.
///
/// ```
/// use core::time::Duration;
/// use pod_lifecycle::{
///     api::Pod,
///     jiff::Timestamp,
///     lifecycle::{Observation, back_off::{self, BackOff, BackOffs}},
/// };
///
/// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web"}]}}"#)?;
/// let seen: Observation = serde_json::from_str(
///     r#"{"containers": [{"name": "web", "state": "Exited", "finishedAt": "2026-03-01T09:00:00Z"}]}"#,
/// )?;
/// let (web, crash): (_, Timestamp) = (&pod.spec.containers[0], "2026-03-01T09:00:00Z".parse()?);
/// let mut waits = BackOffs::new(BackOff::CRASH_LOOP);
/// assert_eq!(back_off::crash_loop_until(&waits, crash, &pod, web, &seen), None);
/// back_off::crash_loop(&mut waits, crash, &pod, web, &seen);
/// let until = back_off::crash_loop_until(&waits, crash, &pod, web, &seen);
/// assert_eq!(until, Some(crash + Duration::from_secs(10)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn crash_loop_until(
    back_offs: &BackOffs,
    now: Timestamp,
    pod: &Pod,
    container: &Container,
    observation: &Observation,
) -> Option<Timestamp> {
    let end = last_end(container, observation)?;
    back_offs.until(&crash_loop_key(pod, container), now, end)
}

/// When the newest instance of a container ended that has exited, if any has.
fn last_end(container: &Container, observation: &Observation) -> Option<Timestamp> {
    let mut seen = observation.containers.iter();
    let exited =
        seen.find(|seen| seen.name == container.name && seen.state == ObservedState::Exited)?;
    // An end that nobody knows lies before everything else.
    Some(exited.finished_at.unwrap_or(Timestamp::MIN))
}

/// How the message of a container begins that waits for the end of its back-off.
const MESSAGE: &str = "back-off ";
const UNTIL: &str = "until ";

/// What is said of a container that waits, such that [`until`] reads it.
pub(crate) fn message(until: Timestamp, wanted: fmt::Arguments<'_>) -> String {
    format!("{MESSAGE}{UNTIL}{until} {wanted}")
}

/// Returns until when a container waits that a published status says to be in back-off, where that is known.
///
/// Kubernetes publishes no such instant. A kubelet's message on a crash loop names the wait, as in `back-off 1m20s
/// restarting failed container=…`, which counts from the end of the last instance; that end is published in whole seconds,
/// so the answer may lie up to a second early. The [machine](crate::machine)'s messages name the instant itself. Where the
/// message says neither, as on a kubelet's back-off of pulls, or that end is not known, there is no answer. Whoever
/// holds the [`BackOffs`] themselves asks [`crash_loop_until`].
///
/// ```
/// use pod_lifecycle::{api::ContainerStatus, lifecycle::back_off};
///
/// let status: ContainerStatus = serde_json::from_str(
///     r#"{
///         "name": "web",
///         "state": {"waiting": {
///             "reason": "CrashLoopBackOff",
///             "message": "back-off 1m20s restarting failed container=web pod=web_shop(7b1f)"
///         }},
///         "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-03-01T09:00:00Z"}}
///     }"#,
/// )?;
/// assert_eq!(back_off::until(&status), Some("2026-03-01T09:01:20Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn until(status: &ContainerStatus) -> Option<Timestamp> {
    let waiting = status.state.waiting.as_ref()?;
    let wait = waiting.message.strip_prefix(MESSAGE)?;
    if let Some(until) = wait.strip_prefix(UNTIL) {
        return first_word(until).parse().ok();
    }
    let exit = status.last_state.terminated.as_ref()?;
    let wait: SignedDuration = first_word(wait).parse().ok()?;
    let wait = Duration::try_from(wait).ok()?;
    Some(later(exit.finished_at?.timestamp(), wait))
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

/// Returns the key under which a container's crashes are remembered.
///
/// It names the pod and the container, and what of the spec lets a container start
/// afresh when it changes: the image and the resources.
///
/// ```
/// use pod_lifecycle::{api::{Container, Pod}, lifecycle::back_off};
///
/// let (pod, container) = (Pod::default(), Container::default());
/// let updated = Container { image: "web:2".into(), ..Container::default() };
/// assert_ne!(
///     back_off::crash_loop_key(&pod, &container),
///     back_off::crash_loop_key(&pod, &updated),
/// );
/// ```
#[must_use]
pub fn crash_loop_key(pod: &Pod, container: &Container) -> String {
    let meta = &pod.metadata;
    let mut key = String::new();
    for part in [
        &meta.name,
        &meta.namespace,
        &meta.uid,
        &container.name,
        &container.image,
    ] {
        key.push_str(part);
        key.push('_');
    }
    let mut list = |label: &str, list: &ResourceList| {
        key.push_str(label);
        for (name, quantity) in list {
            // Writing into a `String` cannot fail.
            let _ = write!(key, " {name}={quantity}");
        }
    };
    list("limits", &container.resources.limits);
    list(" requests", &container.resources.requests);
    key.push_str(" claims");
    for claim in &container.resources.claims {
        let _ = write!(key, " {}/{}", claim.name, claim.request);
    }
    key
}
