//! A pod's life as it was played: the events, and what they make of each container, the phase and the conditions.

use core::time::Duration;
use std::sync::Arc;

use pod_lifecycle::{
    api::{ConditionStatus, ContainerStatus, Pod, PodPhase, PodStatus},
    field::FieldErrors,
    jiff::Timestamp,
    machine::PodMachine,
    sim::{Entry, Event, Instance, Setup, Sim, parse_duration},
};

/// How long a pod is played, and when it is deleted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Length {
    /// When to stop; some time after the deletion when absent.
    pub(crate) until: Option<Duration>,
    /// When to delete the pod.
    pub(crate) delete: Delete,
}

/// When a pod is deleted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Delete {
    /// After a minute, or soon after the pod is over.
    #[default]
    InTime,
    /// After this time.
    At(Duration),
    /// Not at all.
    Never,
}

/// How long a pod lives when nobody says so.
const LIFETIME: Duration = Duration::from_secs(60);
/// How much longer to look on when everything is said.
const REST: Duration = Duration::from_secs(10);
/// The longest that is played: what needs longer does not end.
const FOREVER: Duration = Duration::from_secs(7 * 24 * 3600);

/// A life that was played.
pub(crate) struct Life {
    start: Timestamp,
    events: Vec<(Duration, Event)>,
    end: Duration,
    last: Arc<Pod>,
}

impl Life {
    /// Plays a pod.
    pub(crate) fn play(pod: Pod, setup: Setup, length: Length) -> Result<Self, FieldErrors> {
        let start = setup.start;
        let mut sim = Sim::new(pod, setup)?;
        let mut deleted = None;
        let mut over = None;
        let mut now = Duration::ZERO;
        loop {
            let status = sim.pod().map(|pod| &pod.status);
            if over.is_none() && status.is_some_and(is_over) {
                over = Some(now);
            }
            let delete = match length.delete {
                Delete::InTime => over.map_or(LIFETIME, |over| LIFETIME.min(over + REST)),
                Delete::At(at) => at,
                Delete::Never => FOREVER,
            };
            if deleted.is_none() && now >= delete {
                sim.delete(None);
                deleted = Some(now);
            }
            let gone = sim.pod().is_none() && sim.machine().is_none_or(PodMachine::is_over);
            let grace = sim.pod().map_or(0, |pod| {
                pod.metadata.deletion_grace_period_seconds.unwrap_or(0)
            });
            let until = length
                .until
                .unwrap_or_else(|| match (length.delete, deleted) {
                    (Delete::Never, _) => 2 * LIFETIME,
                    (_, None) => FOREVER,
                    (_, Some(at)) => at + Duration::from_secs(grace.unsigned_abs()) + 2 * REST,
                });
            if gone || now >= until.min(FOREVER) {
                break;
            }
            let mut next = now + Duration::from_secs(1);
            if deleted.is_none() && delete > now {
                next = next.min(delete);
            }
            now = next.min(until);
            sim.run_until(start + now);
        }
        Ok(Self::of(start, now, &sim))
    }

    fn of(start: Timestamp, now: Duration, sim: &Sim) -> Self {
        let since = |entry: &Entry| Duration::try_from(entry.at.duration_since(start));
        let events: Vec<_> = sim
            .timeline()
            .entries()
            .iter()
            .map(|entry| (since(entry).unwrap_or_default(), entry.event.clone()))
            .collect();
        let pods = sim.timeline().pods().map(|(_, pod)| Arc::clone(pod));
        let last = pods.last().unwrap_or_default();
        let gone = sim.pod().is_none();
        let end = match events.last() {
            Some((at, _)) if gone => *at,
            _ => now,
        };
        Self {
            start,
            events,
            end,
            last,
        }
    }

    /// Returns the instant that lies this long after the pod was made.
    pub(crate) fn instant(&self, at: Duration) -> Timestamp {
        self.start + at
    }

    /// Returns how long after the pod was made an instant lies.
    pub(crate) fn since(&self, at: Timestamp) -> Duration {
        Duration::try_from(at.duration_since(self.start)).unwrap_or_default()
    }

    /// Returns everything that happened.
    pub(crate) fn events(&self) -> &[(Duration, Event)] {
        &self.events
    }

    /// Returns how long the life was looked at.
    pub(crate) fn end(&self) -> Duration {
        self.end
    }

    /// Returns the pod as it was last.
    pub(crate) fn last(&self) -> &Pod {
        &self.last
    }

    /// Returns when the pod object went away.
    pub(crate) fn gone(&self) -> Option<Duration> {
        let mut events = self.events.iter().rev();
        let (at, _) = events.find(|(_, event)| matches!(event, Event::Deleted))?;
        Some(*at)
    }

    /// Returns when the pod was deleted, and how much grace it was given.
    pub(crate) fn deleted(&self) -> Option<(Duration, Duration)> {
        self.pods().find_map(|(at, pod)| {
            pod.metadata.deletion_timestamp?;
            Some((at, grace(pod)))
        })
    }

    /// Returns the versions of the pod object.
    pub(crate) fn pods(&self) -> impl Iterator<Item = (Duration, &Pod)> {
        self.events.iter().filter_map(|(at, event)| match event {
            Event::Changed(pod) => Some((*at, &**pod)),
            _ => None,
        })
    }

    /// Returns the phases, each with when it began.
    pub(crate) fn phases(&self) -> Vec<(Duration, String)> {
        changes(self.pods().filter_map(|(at, pod)| {
            let phase = pod.status.phase.as_ref()?;
            Some((at, phase.to_string()))
        }))
    }

    /// Returns the types of the conditions, in the order in which a pod usually meets them.
    pub(crate) fn condition_types(&self) -> Vec<String> {
        let known = [
            "PodScheduled",
            "PodReadyToStartContainers",
            "Initialized",
            "ContainersReady",
            "Ready",
        ];
        let mut types: Vec<String> = Vec::new();
        for (_, pod) in self.pods() {
            for condition in &pod.status.conditions {
                if !types.iter().any(|known| *known == condition.type_.as_str()) {
                    types.push(condition.type_.to_string());
                }
            }
        }
        types.sort_by_key(|name| known.iter().position(|known| known == name).unwrap_or(9));
        types
    }

    /// Returns the values of a condition, each with when it began.
    pub(crate) fn condition(&self, name: &str) -> Vec<(Duration, Option<ConditionStatus>)> {
        changes(self.pods().map(|(at, pod)| {
            let mut conditions = pod.status.conditions.iter();
            let condition = conditions.find(|condition| condition.type_.as_str() == name);
            (at, condition.and_then(|condition| condition.status.clone()))
        }))
    }

    /// Returns what comes of a container that has ended in the event at that index.
    pub(crate) fn after_exit(&self, index: usize, container: &Instance) -> After {
        let mut after = After::default();
        let exited = self.events.get(index).map_or(Duration::ZERO, |(at, _)| *at);
        for (at, event) in self.events.iter().skip(index + 1) {
            match event {
                Event::ContainerCreated {
                    container: next, ..
                }
                | Event::ContainerStarted {
                    container: next, ..
                } if next.name == container.name && next.number > container.number => {
                    after.started = Some(*at);
                    break;
                }
                Event::Changed(pod) => {
                    let state = status(pod, &container.name).map(|status| &status.state);
                    let waiting = state.and_then(|state| state.waiting.as_ref());
                    if let Some(waiting) = waiting.filter(|it| it.reason == "CrashLoopBackOff") {
                        let until = self.held_until(exited, &waiting.message);
                        after.held_until = Some(until.unwrap_or(*at));
                    }
                }
                _ => {}
            }
        }
        after
    }

    /// Returns the container that an image is pulled for: the one that is made next with it, or cannot be.
    pub(crate) fn puller(&self, index: usize, image: &str) -> Option<&str> {
        let uses = |name: &str| {
            let mut all = self.last.spec.all_containers();
            all.any(|any| any.name() == name && any.to_container().image == image)
        };
        let mut events = self.events.iter().skip(index);
        events.find_map(|(_, event)| match event {
            Event::ContainerCreated { container, .. } if uses(&container.name) => {
                Some(container.name.as_str())
            }
            Event::Changed(pod) => {
                let status = &pod.status;
                let mut all = status.init_container_statuses.iter();
                let mut more = status.container_statuses.iter();
                let failed = |it: &&ContainerStatus| {
                    let waiting = it.state.waiting.as_ref();
                    let reason = waiting.map_or("", |waiting| waiting.reason.as_str());
                    uses(&it.name)
                        && !matches!(
                            reason,
                            "" | "PodInitializing" | "ContainerCreating" | "CrashLoopBackOff"
                        )
                };
                let status = all.find(failed).or_else(|| more.find(failed))?;
                Some(status.name.as_str())
            }
            _ => None,
        })
    }

    /// Reads the end of a back-off out of its message.
    fn held_until(&self, exited: Duration, message: &str) -> Option<Duration> {
        message.split_whitespace().find_map(|word| {
            let until: Option<Timestamp> = word.parse().ok();
            match until {
                Some(until) => Some(self.since(until)),
                None => Some(exited.saturating_add(parse_duration(word).ok()?)),
            }
        })
    }

    /// Returns the termination message of a container instance.
    pub(crate) fn message(&self, container: &Instance) -> Option<&str> {
        let id = format!("sim://{container}");
        self.pods().find_map(|(_, pod)| {
            let status = status(pod, &container.name)?;
            [&status.state, &status.last_state]
                .into_iter()
                .filter_map(|state| state.terminated.as_ref())
                .find(|ended| ended.container_id == id && !ended.message.is_empty())
                .map(|ended| ended.message.as_str())
        })
    }
}

/// What comes of a container that has ended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct After {
    /// When it was made again.
    pub(crate) started: Option<Duration>,
    /// Until when its crashes held it back.
    pub(crate) held_until: Option<Duration>,
}

/// Returns the container instance that an event is about.
pub(crate) fn instance(event: &Event) -> Option<&Instance> {
    match event {
        Event::ContainerCreated { container, .. }
        | Event::ContainerStarted { container, .. }
        | Event::ContainerStopping { container, .. }
        | Event::ContainerExited { container, .. }
        | Event::ContainerRemoved { container }
        | Event::HookStarted { container, .. }
        | Event::HookFinished { container, .. }
        | Event::Probed { container, .. } => Some(container),
        _ => None,
    }
}

/// Returns the status of a container.
pub(crate) fn status<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerStatus> {
    let status = &pod.status;
    let mut all = status
        .init_container_statuses
        .iter()
        .chain(&status.container_statuses)
        .chain(&status.ephemeral_container_statuses);
    all.find(|status| status.name == name)
}

/// Returns the grace period that a pod being deleted was given.
pub(crate) fn grace(pod: &Pod) -> Duration {
    let seconds = pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
    Duration::from_secs(seconds.try_into().unwrap_or(0))
}

fn is_over(status: &PodStatus) -> bool {
    let phase = status.phase.as_ref().map(PodPhase::as_str);
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// Leaves out values that are as the one before.
fn changes<T: PartialEq>(values: impl Iterator<Item = (Duration, T)>) -> Vec<(Duration, T)> {
    let mut changes: Vec<(Duration, T)> = Vec::new();
    for (at, value) in values {
        if changes.last().is_none_or(|(_, last)| *last != value) {
            changes.push((at, value));
        }
    }
    changes
}
