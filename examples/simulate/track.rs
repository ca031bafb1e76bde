//! What one container did in a life: its states one after the other, and what happened in between.

use core::time::Duration;

use pod_lifecycle::{
    api::{AnyContainer, Pod},
    lifecycle::probe::Kind,
    machine::Hook,
    sim::{Event, Instance},
};

use crate::life::{Life, instance, status};

/// Returns what each container of a pod did.
pub(crate) fn tracks(life: &Life) -> Vec<Track> {
    let containers = life.last().spec.all_containers();
    containers.map(|any| Track::of(life, &any)).collect()
}

/// What one container did.
pub(crate) struct Track {
    pub(crate) name: String,
    pub(crate) role: &'static str,
    /// Its states, each with when it began.
    pub(crate) states: Vec<(Duration, State)>,
    pub(crate) marks: Vec<(Duration, Mark)>,
}

/// A container's state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    Waiting,
    Pulling,
    HeldBack,
    Running,
    Ready,
    Stopping,
    Ended { code: i32 },
}

/// Something about a container that has no length, or a length of its own.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    Started {
        number: usize,
    },
    Exited {
        code: i32,
        reason: String,
        /// How long it is held back after that.
        held: Option<Duration>,
    },
    Stopping {
        grace: Duration,
    },
    Hook {
        hook: Hook,
        until: Duration,
        success: bool,
    },
    Probe {
        probe: Kind,
        success: bool,
    },
    Failed {
        what: &'static str,
    },
}

impl Track {
    fn of(life: &Life, container: &AnyContainer<'_>) -> Self {
        let role = match container {
            AnyContainer::Init(_) if container.is_sidecar() => "sidecar",
            AnyContainer::Init(_) => "init container",
            AnyContainer::Regular(_) => "container",
            AnyContainer::Ephemeral(_) => "ephemeral container",
        };
        let mut track = Self {
            name: container.name().to_owned(),
            role,
            states: vec![(Duration::ZERO, State::Waiting)],
            marks: Vec::new(),
        };
        for (index, (at, event)) in life.events().iter().enumerate() {
            if let Event::Changed(pod) = event {
                track.changed(*at, pod);
            } else if let Event::PullStarted { image } | Event::PullFinished { image, .. } = event {
                if life.puller(index, image) == Some(container.name()) {
                    track.pulled(*at, event);
                }
            } else if instance(event).is_some_and(|instance| instance.name == track.name) {
                track.happened(life, index, *at, event);
            }
        }
        track
    }

    /// Returns the state at a time.
    pub(crate) fn state_at(&self, at: Duration) -> State {
        let states = self.states.iter().take_while(|(from, _)| *from <= at);
        states.last().map_or(State::Waiting, |(_, state)| *state)
    }

    fn state(&self) -> State {
        self.states
            .last()
            .map_or(State::Waiting, |(_, state)| *state)
    }

    fn enter(&mut self, at: Duration, state: State) {
        if self.state() == state {
            return;
        }
        // A state that lasted no time was none.
        if let Some(last) = self.states.last_mut().filter(|(from, _)| *from == at) {
            last.1 = state;
        } else {
            self.states.push((at, state));
        }
    }

    fn changed(&mut self, at: Duration, pod: &Pod) {
        let Some(status) = status(pod, &self.name) else {
            return;
        };
        match self.state() {
            State::Running if status.ready => self.enter(at, State::Ready),
            State::Ready if !status.ready => self.enter(at, State::Running),
            _ => {}
        }
    }

    fn pulled(&mut self, at: Duration, event: &Event) {
        match event {
            Event::PullFinished { success: true, .. } => self.enter(at, State::Waiting),
            Event::PullFinished { .. } => {
                self.enter(at, State::HeldBack);
                self.marks.push((at, Mark::Failed { what: "pulled" }));
            }
            _ => self.enter(at, State::Pulling),
        }
    }

    fn happened(&mut self, life: &Life, index: usize, at: Duration, event: &Event) {
        match event {
            Event::ContainerCreated { success: false, .. } => {
                self.marks.push((at, Mark::Failed { what: "created" }));
            }
            Event::ContainerStarted { success: false, .. } => {
                self.marks.push((at, Mark::Failed { what: "started" }));
            }
            Event::ContainerStarted { container, .. } => {
                let number = container.number;
                self.enter(at, State::Running);
                self.marks.push((at, Mark::Started { number }));
            }
            Event::ContainerStopping { grace, .. } => {
                if matches!(self.state(), State::Running | State::Ready) {
                    self.enter(at, State::Stopping);
                    self.marks.push((at, Mark::Stopping { grace: *grace }));
                }
            }
            Event::ContainerExited {
                container,
                code,
                reason,
            } => self.exited(life, index, container, *code, reason),
            Event::HookFinished { hook, success, .. } => {
                let (hook, success) = (*hook, *success);
                let mut events = life.events().iter().take(index).rev();
                let started = events.find(|(_, event)| match event {
                    Event::HookStarted {
                        container,
                        hook: which,
                    } => container.name == self.name && *which == hook,
                    _ => false,
                });
                let from = started.map_or(at, |(from, _)| *from);
                let until = at;
                self.marks.push((
                    from,
                    Mark::Hook {
                        hook,
                        until,
                        success,
                    },
                ));
            }
            Event::Probed { probe, success, .. } => {
                let (probe, success) = (*probe, *success);
                self.marks.push((at, Mark::Probe { probe, success }));
            }
            _ => {}
        }
    }

    fn exited(&mut self, life: &Life, index: usize, container: &Instance, code: i32, reason: &str) {
        let at = life
            .events()
            .get(index)
            .map_or(Duration::ZERO, |(at, _)| *at);
        let after = life.after_exit(index, container);
        let reason = reason.to_owned();
        let held = after.held_until.map(|until| until.saturating_sub(at));
        self.marks.push((at, Mark::Exited { code, reason, held }));
        match after.held_until {
            Some(until) => {
                self.enter(at, State::HeldBack);
                if after.started.is_some_and(|started| until < started) {
                    self.enter(until, State::Waiting);
                }
            }
            None if after.started.is_some() => self.enter(at, State::Waiting),
            None => self.enter(at, State::Ended { code }),
        }
    }
}
