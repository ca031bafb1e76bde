//! The probes of a pod's containers, and what follows from what they find.

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Action, Deadline, DeadlineReason, InputError, PodMachine};
use crate::{
    api::{Pod, PodStatus},
    lifecycle::{
        probe::{self, Answer, Kind, Next, Outcome, Tick, TickInput, Worker, Workers},
        status::{self, Probes},
    },
};

/// The probes of a pod's containers.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Prober {
    workers: Vec<Worker>,
    /// Whether there is nothing to set up.
    is_complete: bool,
}

impl Prober {
    /// Sets up the probes of which there is no worker: all of them at first, and later those whose worker has stopped.
    pub(super) fn add(&mut self, pod: &Pod, now: Timestamp) {
        if core::mem::replace(&mut self.is_complete, true) {
            return;
        }
        let known = self.workers.iter();
        let known: BTreeSet<_> = known
            .map(|worker| (worker.container.clone(), worker.kind))
            .collect();
        let sidecars = pod
            .spec
            .init_containers
            .iter()
            .filter(|init| init.is_sidecar());
        for container in pod.spec.containers.iter().chain(sidecars) {
            for kind in [Kind::Startup, Kind::Readiness, Kind::Liveness] {
                let probe = kind.of(container);
                let probe = probe.filter(|_| !known.contains(&(container.name.clone(), kind)));
                self.workers
                    .extend(probe.map(|probe| Worker::new(now, kind, &container.name, probe)));
            }
        }
    }

    pub(super) fn workers(&self) -> &[Worker] {
        &self.workers
    }

    pub(super) fn clear(&mut self) {
        self.workers.clear();
    }

    /// A pod that ends is no longer probed for whether its containers should be killed.
    pub(super) fn stop_liveness_and_startup(&mut self, pod: &Pod) {
        let regular = |name: &str| {
            pod.spec
                .containers
                .iter()
                .any(|container| container.name == name)
        };
        self.workers
            .retain(|worker| worker.kind == Kind::Readiness || !regular(&worker.container));
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let at = self.workers.iter().filter_map(Worker::due).min()?;
        Some(Deadline {
            at,
            reason: DeadlineReason::Probe,
        })
    }

    /// Asks at once for the readiness of containers that have started and are not known to be ready.
    pub(super) fn trigger_readiness(&mut self, pod: &Pod, status: &PodStatus, now: Timestamp) {
        probe::trigger_readiness(now, pod, status, &mut self.workers);
    }

    /// Gives what the probes have found out as the status reads it.
    pub(super) fn with_probes<T>(
        &self,
        started_at: Option<Timestamp>,
        with: impl FnOnce(Probes<'_>) -> T,
    ) -> T {
        let workers = Workers::new(&self.workers);
        with(Probes {
            kubelet_started_at: started_at.unwrap_or(Timestamp::MIN),
            startup: &|status| workers.state(Kind::Startup, status),
            readiness: &|status| workers.state(Kind::Readiness, status),
        })
    }
}

/// What a worker holds to be true, before something may have changed it.
type Held = (String, Option<Outcome>);

fn held(worker: &Worker) -> Held {
    (worker.container_id.clone(), worker.outcome)
}

impl PodMachine {
    /// Lets every probe tick that is due.
    pub(super) fn tick_probes(&mut self) {
        let mut stopped = Vec::new();
        for at in 0..self.prober.workers.len() {
            let Some(worker) = self.prober.workers.get_mut(at) else {
                continue;
            };
            if worker.due().is_none_or(|due| due > self.now) {
                continue;
            }
            let before = held(worker);
            let tick = worker.tick_unaware(&TickInput {
                now: self.now,
                pod: &self.pod,
                status: self.belief.of(&self.pod),
                kubelet_start: self.config.started_at.unwrap_or(Timestamp::MIN),
            });
            if tick == Tick::Probe {
                self.ask(at);
            }
            self.apply(at, &before);
            if tick == Tick::Stop {
                stopped.push(at);
            }
        }
        // A kubelet's next sync sets up what has stopped, which then finds out the same and asks for another sync.
        // Where syncs wait for no look at the runtime, that would be for ever and at once.
        self.prober.is_complete &= stopped.is_empty() || !self.config.pacing.wait_for_observation;
        for at in stopped.into_iter().rev() {
            self.prober.workers.remove(at);
        }
    }

    fn ask(&mut self, at: usize) {
        if let Some(worker) = self.prober.workers.get(at) {
            self.actions.push_back(Action::RunProbe {
                container: worker.container.clone(),
                id: worker.container_id.clone(),
                probe: worker.kind,
            });
        }
    }

    pub(super) fn probe_finished(
        &mut self,
        container: &str,
        kind: Kind,
        answer: Answer,
    ) -> Result<(), InputError> {
        let mut workers = self.prober.workers.iter();
        let found = workers.position(|worker| worker.kind == kind && worker.container == container);
        let worker = found.and_then(|at| Some((at, self.prober.workers.get_mut(at)?)));
        let Some((at, worker)) = worker.filter(|(_, worker)| worker.is_probing()) else {
            return Err(InputError::NotAsked("that probe"));
        };
        let before = held(worker);
        if worker.on_answer(answer) == Next::Again {
            self.ask(at);
        }
        self.apply(at, &before);
        Ok(())
    }

    /// Acts on what a worker holds to be true, if it has just changed its mind.
    fn apply(&mut self, at: usize, before: &Held) {
        let Some(worker) = self.prober.workers.get(at) else {
            return;
        };
        let Some(outcome) = worker.outcome else {
            return;
        };
        if before.1 == Some(outcome) && before.0 == worker.container_id {
            return;
        }
        let (kind, success) = (worker.kind, outcome == Outcome::Success);
        match kind {
            Kind::Readiness => self.take_over(status::set_readiness(
                &self.record(),
                &worker.container_id,
                success,
            )),
            Kind::Startup => self.take_over(status::set_started(
                &self.record(),
                &worker.container_id,
                success,
            )),
            Kind::Liveness if success => return,
            Kind::Liveness => {}
        }
        self.worker.wake();
    }
}
