//! How containers are stopped: hooks first, sidecars last, each with the grace that is left.

use alloc::{collections::BTreeSet, string::String, vec::Vec};
use core::{mem, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Action, Deadline, DeadlineReason, Exit, Hook, InputError, PodMachine, sync::Doing};
use crate::lifecycle::{
    ObservedState, SandboxState, reason,
    termination::{self, KillReason, Stop, StopInput},
};

/// Containers that are being stopped together.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Stops {
    containers: Vec<Stopping>,
    /// Whether the sandboxes follow.
    whole_pod: bool,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Stopping {
    id: String,
    name: String,
    stop: Stop,
    /// Whether its hook goes on when its process has ended.
    sleeps: bool,
    signalled: bool,
    exited: bool,
    /// Nothing of it is waited for any more.
    ended: bool,
}

impl Stops {
    pub(super) fn deadline(&self) -> Option<Deadline> {
        let waiting = self.containers.iter().filter(|stopping| !stopping.ended);
        let deadlines = waiting.filter_map(|stopping| {
            let reason = match stopping.stop.stage() {
                termination::Stage::PreStop => DeadlineReason::Hook,
                termination::Stage::Turn => DeadlineReason::TerminationOrder,
                termination::Stage::Signal => return None,
            };
            Some(Deadline {
                at: stopping.stop.poll_timeout(),
                reason,
            })
        });
        deadlines.min_by_key(|deadline| deadline.at)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.containers.iter().map(|stopping| stopping.id.as_str())
    }

    fn alive(&self) -> impl Iterator<Item = &str> {
        let alive = self.containers.iter().filter(|stopping| !stopping.ended);
        alive.map(|stopping| stopping.name.as_str())
    }

    fn end(&mut self, id: &str) -> bool {
        let stopping = self
            .containers
            .iter_mut()
            .find(|stopping| stopping.id == id);
        stopping.is_some_and(|stopping| {
            let is_asleep = stopping.sleeps && stopping.stop.stage() == termination::Stage::PreStop;
            stopping.exited = true;
            stopping.ended = !is_asleep;
            true
        })
    }
}

impl PodMachine {
    /// Stops every container that runs, and then the sandboxes.
    pub(super) fn stop_pod(&mut self, grace: Option<i64>) -> Doing {
        let is_ordered = termination::is_ordered(&self.pod.spec);
        let mut containers = Vec::new();
        for at in 0..self.observation.containers.len() {
            let Some(record) = self.observation.containers.get(at) else {
                break;
            };
            if record.state == ObservedState::Running {
                let (id, name) = (record.id.clone(), record.name.clone());
                let own = || self.grace_seconds(&name, KillReason::Unknown);
                let grace = grace.unwrap_or_else(own);
                containers.push(self.stopping(id, name, grace, is_ordered));
            }
        }
        Doing::Stopping(Stops {
            containers,
            whole_pod: true,
        })
    }

    /// Stops one container.
    pub(super) fn stop_one(&mut self, id: String, name: String, reason: KillReason) -> Doing {
        let grace = self.grace_seconds(&name, reason);
        let stopping = self.stopping(id, name, grace, false);
        Doing::Stopping(Stops {
            containers: [stopping].into(),
            whole_pod: false,
        })
    }

    /// Stops one container without asking its hook.
    pub(super) fn stop_at_once(&mut self, id: String, name: String) -> Doing {
        let stopping = self.stopping(id, name, 0, false);
        Doing::Stopping(Stops {
            containers: [stopping].into(),
            whole_pod: false,
        })
    }

    fn grace_seconds(&self, name: &str, reason: KillReason) -> i64 {
        let pod = self.pod_of_sync();
        let container = pod.spec.container(name).map(|found| found.to_container());
        termination::grace_seconds(pod, container.as_deref(), reason)
    }

    fn stopping(
        &mut self,
        id: String,
        name: String,
        grace_seconds: i64,
        is_ordered: bool,
    ) -> Stopping {
        let container = self
            .pod
            .spec
            .container(&name)
            .map(|found| found.to_container());
        let lifecycle = container
            .as_ref()
            .and_then(|container| container.lifecycle.as_ref());
        let pre_stop = lifecycle.and_then(|lifecycle| lifecycle.pre_stop.as_ref());
        let has_pre_stop = pre_stop.is_some();
        let sleeps = pre_stop.is_some_and(|hook| hook.sleep.is_some());
        let stop = Stop::begin(
            self.now,
            StopInput {
                grace_seconds,
                has_pre_stop,
                is_ordered,
            },
        );
        if stop.stage() == termination::Stage::PreStop {
            let (container, id) = (name.clone(), id.clone());
            self.actions.push_back(Action::RunHook {
                container,
                id,
                hook: Hook::PreStop,
            });
        }
        Stopping {
            id,
            name,
            stop,
            sleeps,
            signalled: false,
            exited: false,
            ended: false,
        }
    }

    /// Goes on with the stops that the sync waits for.
    pub(super) fn advance_stops(&mut self) {
        let Some(run) = self.worker.run_mut() else {
            return;
        };
        let mut stops = match mem::take(&mut run.doing) {
            Doing::Stopping(stops) => stops,
            other => return run.doing = other,
        };
        loop {
            let before = stops.alive().count();
            let alive: BTreeSet<String> = stops.alive().map(Into::into).collect();
            for stopping in &mut stops.containers {
                self.advance_stop(stopping, &alive);
            }
            // The end of one may be what another waits for.
            if stops.alive().count() == before {
                break;
            }
        }
        let done = stops.containers.iter().all(|stopping| stopping.ended);
        let doing = match (done, stops.whole_pod) {
            (false, _) => Doing::Stopping(stops),
            (true, true) => self.stop_sandboxes(),
            (true, false) => Doing::Nothing,
        };
        if let Some(run) = self.worker.run_mut() {
            run.doing = doing;
        }
    }

    fn advance_stop(&mut self, stopping: &mut Stopping, alive: &BTreeSet<String>) {
        if stopping.ended || stopping.signalled {
            return;
        }
        let is_alive = |name: &str| alive.contains(name);
        let is_turn = termination::waits_for(&self.pod.spec, &stopping.name, is_alive)
            .next()
            .is_none();
        stopping.stop.handle_timeout(self.now);
        if is_turn {
            stopping.stop.on_turn(self.now);
        }
        if stopping.exited && stopping.stop.stage() != termination::Stage::PreStop {
            stopping.ended = true;
        } else if stopping.stop.stage() == termination::Stage::Signal {
            stopping.signalled = true;
            self.acted();
            let grace = u64::try_from(stopping.stop.timeout_seconds()).unwrap_or(0);
            self.actions.push_back(Action::StopContainer {
                container: stopping.name.clone(),
                id: stopping.id.clone(),
                grace: Duration::from_secs(grace),
            });
        }
    }

    fn stop_sandboxes(&mut self) -> Doing {
        let mut ids = Vec::new();
        let mut any_ready = false;
        for sandbox in &self.observation.sandboxes {
            any_ready |= sandbox.state == SandboxState::Ready;
            let id = sandbox.id.clone();
            self.actions.push_back(Action::StopSandbox { id });
            ids.push(sandbox.id.clone());
        }
        if any_ready {
            self.acted();
        }
        if ids.is_empty() {
            Doing::Nothing
        } else {
            Doing::StoppingSandboxes(ids)
        }
    }

    pub(super) fn sandbox_stopped(&mut self, id: &str) -> Result<(), InputError> {
        if !self
            .observation
            .sandboxes
            .iter()
            .any(|sandbox| sandbox.id == id)
        {
            return Err(InputError::NoSuchSandbox(id.into()));
        }
        self.sandbox_down(id);
        self.sandbox_gone(id);
        Ok(())
    }

    /// The stop of a sandbox, if the sync waits for it, is done.
    pub(super) fn sandbox_gone(&mut self, id: &str) {
        let Some(run) = self.worker.run_mut() else {
            return;
        };
        if let Doing::StoppingSandboxes(ids) = &mut run.doing {
            ids.retain(|waiting| waiting != id);
            if ids.is_empty() {
                run.doing = Doing::Nothing;
            }
        }
    }

    pub(super) fn sandbox_lost(&mut self, id: &str) -> Result<(), InputError> {
        self.sandbox_stopped(id)?;
        self.worker.wake();
        Ok(())
    }

    /// Takes note of a sandbox's end; what ran in it is reported by itself or observed.
    fn sandbox_down(&mut self, id: &str) {
        let newest = self
            .observation
            .sandboxes
            .first()
            .is_some_and(|sandbox| sandbox.id == id);
        for sandbox in self
            .observation
            .sandboxes
            .iter_mut()
            .filter(|sandbox| sandbox.id == id)
        {
            sandbox.state = SandboxState::NotReady;
            sandbox.ip = sandbox.ip.take().map(|_| String::new());
        }
        if newest {
            for container in &mut self.observation.containers {
                container.active = false;
            }
        }
    }

    pub(super) fn hook_finished(
        &mut self,
        container: &str,
        hook: Hook,
        result: Result<(), String>,
    ) -> Result<(), InputError> {
        if hook == Hook::PostStart {
            return self
                .post_start_finished(container, result)
                .ok_or(InputError::NotAsked("that hook"));
        }
        if !self
            .pod
            .spec
            .init_containers
            .iter()
            .chain(&self.pod.spec.containers)
            .any(|known| known.name == container)
        {
            return Err(InputError::NoSuchContainer(container.into()));
        }
        let now = self.now;
        if let Some(Doing::Stopping(stops)) = self.worker.run_mut().map(|run| &mut run.doing) {
            for stopping in stops
                .containers
                .iter_mut()
                .filter(|stopping| stopping.name == container)
            {
                stopping.stop.on_pre_stop_end(now);
            }
        }
        Ok(())
    }

    pub(super) fn container_exited(&mut self, exit: Exit) -> Result<(), InputError> {
        let now = self.now;
        let Some(record) = self.record_mut(&exit.id) else {
            return Err(InputError::NoSuchContainerId(exit.id));
        };
        let first_report = record.state != ObservedState::Exited;
        if first_report {
            record.state = ObservedState::Exited;
            record.exit_code = exit.exit_code;
            record.finished_at = Some(exit.finished_at.unwrap_or(now));
            let fallback = if exit.exit_code == 0 {
                reason::COMPLETED
            } else {
                reason::ERROR
            };
            record.reason = if exit.reason.is_empty() {
                fallback.into()
            } else {
                exit.reason
            };
            record.message = exit.message;
        }
        self.resize_is_moot(&exit.id);
        match self.stopped(&exit.id) {
            true => Ok(()),
            false if first_report => {
                self.worker.wake();
                self.collect_garbage();
                Ok(())
            }
            false => Err(InputError::ExitedBefore(exit.id)),
        }
    }

    /// The stop of a container, if the sync waits for it, is done; returns whether it did.
    pub(super) fn stopped(&mut self, id: &str) -> bool {
        match self.worker.run_mut().map(|run| &mut run.doing) {
            Some(Doing::Stopping(stops)) => stops.end(id),
            _ => false,
        }
    }
}
