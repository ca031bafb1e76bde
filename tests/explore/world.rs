//! A machine and what surrounds it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use pod_lifecycle::{
    api::{Pod, Time},
    jiff::Timestamp,
    lifecycle::{
        ObservedState, Sandbox, SandboxState,
        probe::{self, Answer},
    },
    machine::{Action, Config, Exit, ImagePresence, Input, InputError, PodMachine},
};
use serde_json::Value;

use super::diagram::{self, Look};

/// Something that can happen.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Exit(String, i32),
    Probe(String, probe::Kind, bool),
    Delete,
    Time,
}

/// A machine, and what it waits for.
#[derive(Clone)]
pub(super) struct World {
    pub(super) machine: PodMachine,
    pub(super) now: Timestamp,
    pub(super) deleted: bool,
    /// Whether a sync has begun that has not ended.
    pub(super) syncs: bool,
    /// What the last event made the machine ask for, each with what was known of the runtime then.
    pub(super) asked: Vec<Asked>,
    /// How the machine looked after each thing that it was told since the last event.
    pub(super) looks: Vec<Look>,
    probes: Vec<(String, probe::Kind)>,
    /// What the machine remembers of back-offs: the wait in seconds, by container.
    pub(super) back_offs: BTreeMap<String, u64>,
}

/// An action that starts something, as it was asked for.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) container: String,
    pub(super) first: bool,
    /// The init containers that have not come far enough for a regular container to start.
    pub(super) unready: Vec<String>,
}

impl World {
    pub(super) fn new(pod: Pod) -> Self {
        let mut config = Config::default();
        let containers = pod.spec.init_containers.len() + pod.spec.containers.len();
        // A wait that grows is one more thing to remember of each container.
        config.crash_loop.max = config.crash_loop.initial * if containers > 2 { 1 } else { 2 };
        config.pacing.resync = config.pacing.retry;
        let now = Timestamp::UNIX_EPOCH;
        let machine = PodMachine::new(Arc::new(pod), config, now);
        let mut world = Self {
            machine,
            now,
            deleted: false,
            syncs: false,
            asked: Vec::new(),
            looks: Vec::new(),
            probes: Vec::new(),
            back_offs: BTreeMap::new(),
        };
        world.looks.push(Look::of(&world.machine, diagram::START));
        world.serve();
        world
    }

    /// What can happen next.
    pub(super) fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        if self.machine.is_over() {
            return events;
        }
        for record in &self.machine.observation().containers {
            if record.state == ObservedState::Running {
                events.extend([0, 1].map(|code| Event::Exit(record.id.clone(), code)));
            }
        }
        for (container, kind) in &self.probes {
            events.extend([true, false].map(|good| Event::Probe(container.clone(), *kind, good)));
        }
        if !self.deleted {
            events.push(Event::Delete);
        }
        if self.machine.poll_timeout().is_some() {
            events.push(Event::Time);
        }
        events
    }

    pub(super) fn take(&mut self, event: &Event) {
        self.asked.clear();
        self.looks.clear();
        match event {
            Event::Exit(id, code) => self.tell(Input::ContainerExited(Exit {
                id: id.clone(),
                exit_code: *code,
                ..Exit::default()
            })),
            Event::Probe(container, kind, good) => {
                self.probes
                    .retain(|asked| (&asked.0, asked.1) != (container, *kind));
                let answer = if *good {
                    Answer::Success
                } else {
                    Answer::Failure
                };
                let (container, probe) = (container.clone(), *kind);
                // A worker that was stopped meanwhile has no use for the answer.
                let _ = self.try_tell(Input::ProbeFinished {
                    container,
                    probe,
                    answer,
                });
            }
            Event::Delete => {
                self.deleted = true;
                let mut pod = self.machine.pod().clone();
                pod.metadata.deletion_timestamp = Some(Time::from(self.now));
                pod.metadata.deletion_grace_period_seconds = Some(10);
                self.tell(Input::PodUpdated(Arc::new(pod)));
            }
            Event::Time => {
                if let Some(deadline) = self.machine.poll_timeout() {
                    self.now = deadline.at;
                    self.machine.handle_timeout(self.now);
                    self.looks
                        .push(Look::of(&self.machine, ("time passes", String::new())));
                }
            }
        }
        self.serve();
    }

    fn tell(&mut self, input: Input) {
        let told = self.try_tell(input);
        assert_eq!(told, Ok(()), "the world tells what happened");
    }

    fn try_tell(&mut self, input: Input) -> Result<(), InputError> {
        let news = diagram::news(&input);
        let told = self.machine.handle_input(self.now, input);
        self.looks.push(Look::of(&self.machine, news));
        told
    }

    /// Does what the machine asks for.
    fn serve(&mut self) {
        while let Some(action) = self.machine.poll_action() {
            if let Some(outcome) = self.outcome(action) {
                self.tell(outcome);
            }
        }
    }

    fn outcome(&mut self, action: Action) -> Option<Input> {
        Some(match action {
            Action::CreateSandbox { attempt } => {
                self.note_start("sandbox");
                Input::SandboxCreated(Sandbox {
                    id: "sandbox".into(),
                    state: SandboxState::Ready,
                    ip: Some("10.0.0.2".into()),
                    attempt,
                    ..Sandbox::default()
                })
            }
            Action::StopSandbox { id } => Input::SandboxStopped { id },
            Action::InspectImage { container, .. } => Input::ImageInspected {
                container,
                presence: ImagePresence::Present,
            },
            Action::CreateContainer {
                container,
                restart_count,
            } => {
                self.note_start(&container);
                // Never more than two instances are remembered at a time.
                let id = format!("containerd://{container}-{}", restart_count % 3);
                Input::ContainerCreated { container, id }
            }
            Action::StartContainer { container, id } => Input::ContainerStarted { container, id },
            Action::RunProbe {
                container, probe, ..
            } => {
                if !self.probes.contains(&(container.clone(), probe)) {
                    self.probes.push((container, probe));
                }
                return None;
            }
            Action::DeletePod => Input::PodRemoved,
            _ => return None,
        })
    }

    fn note_start(&mut self, name: &str) {
        let records = &self.machine.observation().containers;
        let inits = &self.machine.pod().spec.init_containers;
        let unready = inits.iter().filter(|init| {
            let mut own = records.iter().filter(|record| record.name == init.name);
            !own.any(|record| match init.is_sidecar() {
                true => record.started_at.is_some() || record.state == ObservedState::Running,
                false => record.state == ObservedState::Exited && record.exit_code == 0,
            })
        });
        let asked = Asked {
            container: name.into(),
            first: records.iter().all(|record| record.name != name),
            unready: unready.map(|init| init.name.clone()).collect(),
        };
        self.asked.push(asked);
    }

    /// Returns a fingerprint of the state without what makes it one of infinitely many.
    pub(super) fn key(&mut self) -> [u64; 2] {
        let text = self.key_text();
        [0, 1].map(|salt| {
            let mut hasher = DefaultHasher::new();
            (salt, &text).hash(&mut hasher);
            hasher.finish()
        })
    }

    fn key_text(&mut self) -> String {
        let mut machine = serde_json::to_value(&self.machine).expect("a machine is written down");
        let entries = machine["back_offs"]["crash_loop"]["entries"].as_object();
        let waits = entries.into_iter().flatten().map(|(key, entry)| {
            let seconds = entry["delay"]["secs"].as_u64();
            (key.clone(), seconds.expect("a wait has seconds"))
        });
        self.back_offs = waits.collect();
        self.syncs = !machine["worker"]["run"].is_null();
        if self.machine.is_over() {
            return format!("over: {:?}", self.machine.status().phase);
        }
        if let Some(pod) = machine.get_mut("pod").and_then(Value::as_object_mut) {
            pod.remove("spec");
        }
        if let Some(machine) = machine.as_object_mut() {
            machine.remove("now");
            machine.remove("config");
        }
        self.abstract_away(&mut machine);
        let mut newest = BTreeSet::new();
        let records = &self.machine.observation().containers;
        let mut key = String::new();
        for (at, record) in records.iter().enumerate() {
            let seen = &mut machine["observation"]["containers"][at];
            // The records are in order of age, the newest first.
            if newest.insert(&record.name) {
                let ended = record
                    .finished_at
                    .map(|ended| self.wait(ended).max(-20_000));
                seen["finishedAt"] = ended.into();
            } else {
                *seen = Value::Null;
            }
        }
        // Whose turn it was to start says nothing about what comes.
        if let Some(seen) = machine["observation"]["containers"].as_array_mut() {
            seen.retain(|record| !record.is_null());
            seen.sort_by(|one, other| one["name"].as_str().cmp(&other["name"].as_str()));
        }
        write!(key, "{machine} {:?} {}", self.probes, self.deleted).expect("a string takes it");
        for run in 0..3 {
            for name in &newest {
                let id = format!("containerd://{name}-{run}");
                let is_newest = records
                    .iter()
                    .find(|record| record.name == **name)
                    .is_some_and(|record| record.id == id);
                let age = if is_newest { "newest" } else { "older" };
                key = key.replace(&id, &format!("{age} of {name}"));
            }
        }
        key
    }

    fn abstract_away(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    match (&**name, field.as_u64()) {
                        ("message" | "lastState", _) => *field = Value::Null,
                        ("restartCount" | "restart_count" | "run", Some(count)) => {
                            *field = count.min(1).into();
                        }
                        _ => self.abstract_away(field),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.abstract_away(item)),
            Value::String(text) if text.ends_with('Z') => {
                if let Ok(at) = text.parse::<Timestamp>() {
                    *text = format!("+{}", self.wait(at).max(0));
                }
            }
            _ => {}
        }
    }

    /// How long it is until then, in milliseconds.
    fn wait(&self, at: Timestamp) -> i64 {
        i64::try_from(at.duration_since(self.now).as_millis()).expect("the story is short")
    }
}
