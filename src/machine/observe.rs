//! What the machine learns of the runtime and of the pod object.

use alloc::{
    borrow::ToOwned, boxed::Box, collections::BTreeMap, string::String, sync::Arc, vec::Vec,
};

use super::{Belief, Eviction, InputError, PodMachine, sync::Doing};
use crate::{
    api::Pod,
    critical,
    lifecycle::{Observation, ObservedContainer, ObservedState, Sandbox, SandboxState},
};

impl PodMachine {
    /// Takes a whole observation; a change of the set of containers or of their states asks for a sync.
    pub(super) fn observed(&mut self, observation: Observation) {
        let before = core::mem::replace(&mut self.observation, observation);
        self.keep_addresses(&before);
        let awaited = self.config.pacing.wait_for_observation && self.worker.awaits_look();
        self.worker.refresh();
        self.note_forgotten(&before);
        let states = states(&self.observation);
        let news = states
            .iter()
            .any(|(id, state)| self.relisted.get(id) != Some(state))
            || self
                .relisted
                .iter()
                .any(|(id, state)| *state != ObservedState::Exited && !states.contains_key(id))
            || is_missed(&before, &states);
        self.relisted = states;
        match self.resize_is_seen() || news {
            // A kubelet hears of it only when the sync that waited has begun.
            true if awaited => self.worker.wake_again(),
            true => self.worker.wake(),
            false => {}
        }
        self.resolve_stops();
        self.resolve_look();
        self.resolve_start(&before);
        self.collect_garbage();
    }

    /// A pod whose sandboxes are all down keeps the addresses that it had last.
    fn keep_addresses(&mut self, before: &Observation) {
        let seen = &mut self.observation;
        let mut sandboxes = seen.sandboxes.iter();
        let is_up = sandboxes.any(|sandbox| sandbox.state == SandboxState::Ready);
        if seen.ips.is_empty() && !is_up {
            seen.ips.clone_from(&before.ips);
        }
    }

    fn note_forgotten(&mut self, before: &Observation) {
        for record in before.containers.iter().rev() {
            if self.observation.container(&record.name).is_none() {
                self.forgotten
                    .insert(record.name.clone(), record.restart_count);
            }
        }
        let seen = &self.observation;
        self.forgotten
            .retain(|name, _| seen.container(name).is_none());
    }

    /// What was asked to stop and is seen to have stopped needs no report.
    fn resolve_stops(&mut self) {
        let Some(run) = self.worker.run() else { return };
        match &run.doing {
            Doing::Stopping(stops) => {
                let alive = |id: &str| {
                    let mut containers = self.observation.containers.iter();
                    containers
                        .any(|record| record.id == id && record.state != ObservedState::Exited)
                };
                let gone: Vec<String> = stops
                    .ids()
                    .filter(|id| !alive(id))
                    .map(Into::into)
                    .collect();
                for id in gone {
                    self.stopped(&id);
                }
            }
            Doing::StoppingSandboxes(ids) => {
                let up = |id: &str| {
                    let mut sandboxes = self.observation.sandboxes.iter();
                    sandboxes
                        .any(|sandbox| sandbox.id == id && sandbox.state == SandboxState::Ready)
                };
                let gone: Vec<String> = ids.iter().filter(|id| !up(id)).cloned().collect();
                for id in gone {
                    self.sandbox_gone(&id);
                }
            }
            Doing::ResizingContainer(resize) => {
                let id = resize.id().to_owned();
                let mut containers = self.observation.containers.iter();
                if !containers
                    .any(|record| record.id == id && record.state == ObservedState::Running)
                {
                    self.resize_is_moot(&id);
                }
            }
            _ => {}
        }
    }

    fn resolve_look(&mut self) {
        if let Some(run) = self.worker.run_mut() {
            if matches!(run.doing, Doing::Looking) {
                run.doing = Doing::Nothing;
            }
        }
    }

    /// Forgets dead instances but the newest of each name, so that a crash loop does not pile them up.
    pub(super) fn collect_garbage(&mut self) {
        let mut newest: BTreeMap<&str, &str> = BTreeMap::new();
        let mut old = Vec::new();
        for record in self
            .observation
            .containers
            .iter()
            .filter(|record| record.state == ObservedState::Exited)
        {
            if newest.insert(&record.name, &record.id).is_some() {
                old.push((record.id.clone(), record.name.clone()));
            }
        }
        for (id, name) in old {
            self.remove_container(id, name);
        }
    }

    /// Takes a new version of the object.
    pub(super) fn pod_updated(&mut self, mut pod: Arc<Pod>) -> Result<(), InputError> {
        if pod.metadata.uid != self.pod.metadata.uid {
            return Err(InputError::AnotherPod);
        }
        if critical::is_static(&self.pod) && pod.status != self.pod.status {
            // A manifest says nothing about what the API has.
            Arc::make_mut(&mut pod).status = self.pod.status.clone();
        }
        if differs(&self.pod, &pod) {
            self.worker.wake();
        }
        let (before, after) = (&self.pod.metadata, &pod.metadata);
        let is_due = self.worker.is_syncing()
            && (before.deletion_grace_period_seconds != after.deletion_grace_period_seconds
                || self.pod.spec != pod.spec);
        if is_due {
            self.hold_pod();
        }
        for record in &mut self.observation.containers {
            let mut containers = pod.spec.init_containers.iter().chain(&pod.spec.containers);
            let spec = containers.find(|container| container.name == record.name);
            record.spec_changed |= spec.is_some_and(|spec| {
                let mut before = self
                    .pod
                    .spec
                    .init_containers
                    .iter()
                    .chain(&self.pod.spec.containers);
                before.any(|before| before.name == spec.name && before.image != spec.image)
            });
        }
        let old = core::mem::replace(&mut self.pod, pod);
        if self.belief == Belief::Published && old.status != self.pod.status {
            self.belief = Belief::Own(Box::new(old.status.clone()));
        }
        self.worker.note_pod(&self.pod);
        self.note_resources(&old.spec);
        Ok(())
    }

    pub(super) fn evict(&mut self, eviction: Eviction) {
        self.worker.end(&self.pod, Some(eviction));
        self.worker.wake();
    }
}

/// Whether a kubelet looks at the pod again for this change: anything but its status,
/// and of that the conditions that its readiness gates wait for.
pub(super) fn differs(old: &Pod, new: &Pod) -> bool {
    let gates = || {
        let condition = |pod: &Pod, kind: &_| {
            let mut conditions = pod.status.conditions.iter();
            conditions
                .find(|condition| condition.type_ == *kind)
                .and_then(|found| found.status.clone())
        };
        let mut gates = new
            .spec
            .readiness_gates
            .iter()
            .map(|gate| &gate.condition_type);
        gates.any(|kind| condition(old, kind) != condition(new, kind))
    };
    let (before, after) = (&old.metadata, &new.metadata);
    old.spec != new.spec
        || before.labels != after.labels
        || before.annotations != after.annotations
        || before.deletion_timestamp != after.deletion_timestamp
        || before.deletion_grace_period_seconds != after.deletion_grace_period_seconds
        || gates()
}

/// Whether something has vanished of which only reports have told.
fn is_missed(before: &Observation, states: &BTreeMap<String, ObservedState>) -> bool {
    let gone = |id: &String| !states.contains_key(id);
    let ready = |sandbox: &Sandbox| sandbox.state == SandboxState::Ready;
    let alive = |record: &ObservedContainer| record.state != ObservedState::Exited;
    let mut sandboxes = before.sandboxes.iter();
    let mut containers = before.containers.iter();
    sandboxes.any(|sandbox| ready(sandbox) && gone(&sandbox.id))
        || containers.any(|record| alive(record) && gone(&record.id))
}

fn states(observation: &Observation) -> BTreeMap<String, ObservedState> {
    let sandboxes = observation.sandboxes.iter().map(|sandbox| {
        let state = match sandbox.state {
            SandboxState::Ready => ObservedState::Running,
            SandboxState::NotReady => ObservedState::Exited,
        };
        (sandbox.id.clone(), state)
    });
    let containers = observation
        .containers
        .iter()
        .map(|record| (record.id.clone(), record.state));
    sandboxes.chain(containers).collect()
}
