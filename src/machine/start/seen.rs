//! Starts that nobody has reported, and that a look at the runtime shows.

use super::{StartStage, Starting};
use crate::{
    lifecycle::{Observation, ObservedContainer, ObservedState, Sandbox, SandboxState, reason},
    machine::{PodMachine, sync::Doing},
};

impl PodMachine {
    /// What was asked for and is seen to be done needs no report; `before` are the sandboxes and containers known so far.
    pub(in crate::machine) fn resolve_start(&mut self, before: &Observation) {
        match self.worker.run().map(|run| &run.doing) {
            Some(Doing::CreatingSandbox) => self.resolve_sandbox(before),
            Some(Doing::Starting(starting)) => {
                let starting = starting.clone();
                self.resolve_container(starting, before);
            }
            _ => {}
        }
    }

    fn resolve_sandbox(&mut self, before: &Observation) {
        let is_new = |sandbox: &&Sandbox| {
            sandbox.state == SandboxState::Ready
                && before.sandboxes.iter().all(|known| known.id != sandbox.id)
        };
        if self.observation.sandboxes.first().filter(is_new).is_some() {
            self.worker.sandbox_failure = None;
            self.acted();
            self.publish_sandbox_ready();
            self.done(Doing::Nothing);
        }
    }

    fn resolve_container(&mut self, mut starting: Starting, before: &Observation) {
        let is_new = |seen: &&ObservedContainer| {
            seen.active && before.containers.iter().all(|known| known.id != seen.id)
        };
        if starting.stage == StartStage::Creating {
            let Some(made) = self.observation.container(&starting.name).filter(is_new) else {
                return;
            };
            let id = made.id.clone();
            match made.state {
                ObservedState::Created => self.asked_to_start(&mut starting, id),
                _ => starting.stage = StartStage::Starting { id },
            }
        }
        let StartStage::Starting { id } = &starting.stage else {
            return;
        };
        let id = id.clone();
        let mut containers = self.observation.containers.iter();
        let seen = containers.find(|seen| seen.id == id);
        let next = match seen.map(|seen| (seen.state, seen.has_started())) {
            Some((ObservedState::Running, _) | (ObservedState::Exited, true)) => {
                self.container_started(starting, id)
            }
            Some((ObservedState::Exited, false)) => {
                let message = seen.map(|seen| seen.message.clone()).unwrap_or_default();
                self.give_up(&starting.name, reason::RUN_CONTAINER_ERROR, message)
            }
            _ => Doing::Starting(starting),
        };
        self.done(next);
    }
}
