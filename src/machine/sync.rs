//! When the pod is looked at, and what one look sets going.

mod run;

use alloc::{boxed::Box, collections::VecDeque, string::String};
use core::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Action, Deadline, DeadlineReason, Eviction, Pacing, PodMachine, Stage, mirror::Mirror,
};
use crate::{
    api::{Pod, PodPhase},
    lifecycle::{self, status, termination},
    time::{later, since},
};

pub(super) use self::run::{Doing, Run, RunFailure, Step};

/// What is remembered of when to look at the pod, and how far it is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Worker {
    stage: Stage,
    /// Something is new and waits for a sync.
    pending: bool,
    /// Something else is new, and waits for a sync after that one.
    pending_again: bool,
    timer: Option<Deadline>,
    /// What is known of the runtime is older than the last sync.
    stale: bool,
    run: Option<Run>,
    ending: Option<Ending>,
    /// The object is gone from the API.
    removed: bool,
    volumes: Volumes,
    deletion_asked: bool,
    /// Whether the pod's end found it initialized: the last word on its containers does not look at what came after.
    pub(super) was_initialized: bool,
    /// Why there is no sandbox.
    pub(super) sandbox_failure: Option<Box<str>>,
}

/// How far the mounting of the pod's volumes is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum Volumes {
    Unasked,
    Asked,
    Mounted,
}

/// A termination that was asked for.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
struct Ending {
    /// The grace in force, in seconds, when something sets one for all containers.
    grace: Option<i64>,
    eviction: Option<Eviction>,
}

impl Worker {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::Syncing,
            pending: true,
            pending_again: false,
            timer: None,
            stale: false,
            run: None,
            ending: None,
            removed: false,
            volumes: Volumes::Unasked,
            deletion_asked: false,
            was_initialized: false,
            sandbox_failure: None,
        }
    }

    /// Of a pod that never runs.
    pub(super) fn finished() -> Self {
        Self {
            stage: Stage::Finished,
            pending: false,
            ..Self::new()
        }
    }

    pub(super) fn stage(&self) -> Stage {
        self.stage
    }

    pub(super) fn is_syncing(&self) -> bool {
        self.run.is_some()
    }

    /// Whether nobody has asked for the pod's end.
    pub(super) fn is_kept(&self) -> bool {
        self.stage == Stage::Syncing && self.ending.is_none() && !self.removed
    }

    pub(super) fn is_over(&self) -> bool {
        self.removed && self.stage == Stage::Finished
    }

    pub(super) fn is_removed(&self) -> bool {
        self.removed
    }

    pub(super) fn run_mut(&mut self) -> Option<&mut Run> {
        self.run.as_mut()
    }

    pub(super) fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// Takes note that the volumes are mounted; returns whether that was asked for.
    pub(super) fn volumes_mounted(&mut self) -> bool {
        if self.volumes != Volumes::Asked {
            return false;
        }
        self.volumes = Volumes::Mounted;
        if let Some(run) = &mut self.run {
            if matches!(run.doing, Doing::Mounting { .. }) {
                run.doing = Doing::Nothing;
            }
        }
        true
    }

    pub(super) fn eviction(&self) -> Option<&Eviction> {
        self.ending
            .as_ref()
            .and_then(|ending| ending.eviction.as_ref())
    }

    /// Takes note of a look at the runtime.
    pub(super) fn refresh(&mut self) {
        self.stale = false;
    }

    pub(super) fn is_behind(&self) -> bool {
        self.stale
    }

    pub(super) fn is_pending(&self) -> bool {
        self.pending
    }

    /// Asks for a sync.
    pub(super) fn wake(&mut self) {
        self.pending = true;
    }

    /// Whether a sync waits for nothing but a look at the runtime.
    pub(super) fn awaits_look(&self) -> bool {
        self.pending && self.stale && self.run.is_none()
    }

    /// Asks for a sync after the one that waits.
    pub(super) fn wake_again(&mut self) {
        self.pending_again = true;
    }

    /// Takes note of what the object says about the pod's end.
    pub(super) fn note_pod(&mut self, pod: &Pod) {
        let over = matches!(
            pod.status.phase,
            Some(PodPhase::Succeeded | PodPhase::Failed)
        );
        let deleted = pod.metadata.deletion_timestamp.is_some();
        if deleted || (over && self.stage == Stage::Syncing) {
            self.end(pod, None);
        }
    }

    /// Asks for the pod's end; the grace only ever shrinks.
    pub(super) fn end(&mut self, pod: &Pod, eviction: Option<Eviction>) {
        let ending = self.ending.get_or_insert_default();
        let requested = eviction
            .as_ref()
            .and_then(|eviction| eviction.grace_period_seconds);
        let grace = termination::effective_grace_seconds(ending.grace.unwrap_or(0), pod, requested);
        ending.grace = Some(grace);
        if ending.eviction.is_none() {
            ending.eviction = eviction;
        }
    }

    pub(super) fn removed(&mut self) {
        self.removed = true;
        self.pending = self.stage != Stage::Finished;
    }

    pub(super) fn deadline(&self, pacing: &Pacing) -> Option<Deadline> {
        if let Some(run) = &self.run {
            return match &run.doing {
                Doing::Stopping(stops) => stops.deadline(),
                Doing::Mounting { until } => Some(Deadline {
                    at: *until,
                    reason: DeadlineReason::Mount,
                }),
                _ => None,
            };
        }
        let timer = self.timer?;
        Some(Deadline {
            at: pacing.tick_at(timer.at),
            ..timer
        })
    }
}

impl Pacing {
    /// The first instant, not before the given one, at which timers are served.
    pub(crate) fn tick_at(&self, at: Timestamp) -> Timestamp {
        let tick = i128::try_from(self.tick.as_nanos()).unwrap_or(i128::MAX);
        if tick == 0 {
            return at;
        }
        let since = at.as_nanosecond() - self.tick_origin.as_nanosecond();
        let late = since.rem_euclid(tick);
        let wait = if late == 0 { 0 } else { tick - late };
        later(
            at,
            Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX)),
        )
    }

    fn stretched(&self, wait: Duration) -> Duration {
        wait.saturating_mul(u32::from(self.stretch.max(1000))) / 1000
    }
}

impl PodMachine {
    /// Lets everything happen that can happen now.
    pub(super) fn settle(&mut self) {
        self.tick_probes();
        // A sync that gives up waiting makes room for what is due.
        self.advance_run();
        self.worker.pending |= self.is_sync_due();
        loop {
            let may_sync = self.worker.pending && self.is_up_to_date() && !self.awaits_decision();
            if self.worker.run.is_some() || !may_sync || self.worker.stage == Stage::Finished {
                break;
            }
            self.worker.pending = core::mem::take(&mut self.worker.pending_again);
            self.worker.timer = None;
            self.sync();
            self.tick_probes();
            self.advance_run();
        }
        self.delete_when_finished();
    }

    fn is_sync_due(&self) -> bool {
        let timer = match self.worker.run {
            Some(_) => None,
            None => self.worker.deadline(&self.config.pacing),
        };
        let due = [timer, self.active_deadline()].into_iter().flatten();
        due.into_iter().any(|deadline| deadline.at <= self.now)
    }

    /// Whether what is known of the runtime is newer than the last sync.
    fn is_up_to_date(&self) -> bool {
        !(self.config.pacing.wait_for_observation && self.worker.stale)
    }

    fn sync(&mut self) {
        if self.worker.stage == Stage::Syncing && !self.worker.is_kept() {
            self.worker.stage = Stage::Terminating;
        }
        match self.worker.stage {
            Stage::Syncing => self.sync_pod(),
            Stage::Terminating => self.sync_terminating(),
            Stage::Terminated => self.sync_terminated(),
            Stage::Finished => {}
        }
    }

    fn sync_pod(&mut self) {
        self.check_resize();
        let status = self.derive_status(false);
        let over = matches!(status.phase, Some(PodPhase::Succeeded | PodPhase::Failed));
        self.set_status(status);
        if over {
            return self.next_stage(Stage::Terminating);
        }
        self.reconcile_mirror();
        let mounts = self.worker.volumes != Volumes::Mounted && !self.pod.spec.volumes.is_empty();
        let mount = mounts.then_some(Step::MountVolumes);
        self.begin(mount.into_iter().chain([Step::Plan]).collect());
    }

    /// The steps of a sync that keeps the pod as its spec says.
    fn plan(&self) -> VecDeque<Step> {
        let mut steps = VecDeque::new();
        let pod = self.allocated_pod();
        let plan = lifecycle::plan(&self.plan_input(&pod));
        if plan.kill_pod {
            steps.push_back(Step::KillPod { grace: None });
        } else {
            for kill in &plan.containers_to_kill {
                steps.push_back(Step::Kill {
                    id: kill.id.into(),
                    name: kill.name.into(),
                    reason: kill.reason,
                });
            }
            for reset in &plan.containers_to_reset {
                steps.push_back(Step::Remove {
                    id: reset.id.into(),
                    name: reset.name.into(),
                    kill: reset.kill,
                });
            }
            if !plan.containers_to_reset.is_empty() {
                steps.push_back(Step::SyncAgain);
            }
        }
        if plan.create_sandbox {
            let init = |name: &str| {
                self.pod
                    .spec
                    .init_containers
                    .iter()
                    .any(|init| init.name == name)
            };
            let records = self
                .observation
                .containers
                .iter()
                .filter(|record| init(&record.name));
            for record in records {
                steps.push_back(Step::Remove {
                    id: record.id.clone(),
                    name: record.name.clone(),
                    kill: false,
                });
            }
            steps.push_back(Step::CreateSandbox {
                attempt: plan.attempt,
            });
        }
        let start = |name: &String| Step::Start(self.starting(name));
        let ephemeral = &plan.ephemeral_containers_to_start;
        steps.extend(ephemeral.iter().map(|container| start(&container.name)));
        let init = &plan.init_containers_to_start;
        steps.extend(init.iter().map(|container| start(&container.name)));
        steps.extend(self.resize_steps(&pod, &plan));
        let regular = &plan.containers_to_start;
        steps.extend(regular.iter().map(|container| start(&container.name)));
        steps
    }

    fn sync_terminating(&mut self) {
        self.worker.was_initialized = status::has_pod_initialized(&self.pod);
        let status = self.derive_status(false);
        self.set_status(status);
        self.prober.stop_liveness_and_startup(&self.pod);
        let grace = self.worker.ending.as_ref().and_then(|ending| ending.grace);
        self.begin([Step::KillPod { grace }, Step::SeeEnd].into());
    }

    fn sync_terminated(&mut self) {
        let status = self.derive_status(true);
        self.set_status(status);
        self.finish_status();
        self.worker.stage = Stage::Finished;
    }

    fn next_stage(&mut self, stage: Stage) {
        self.worker.stage = stage;
        self.worker.stale = true;
        if self.config.pacing.tick.is_zero() {
            return self.worker.wake();
        }
        // The tick that this sync may have come from is over.
        self.worker.timer = Some(Deadline {
            at: later(self.now, Duration::from_nanos(1)),
            reason: DeadlineReason::NextStage,
        });
    }

    fn end_run(&mut self) {
        if self.worker.stage == Stage::Terminating {
            return self.end_terminating();
        }
        let Some(run) = self.worker.run.take() else {
            return;
        };
        self.worker.stale = true;
        self.back_offs.collect_garbage(self.now);
        let pacing = &self.config.pacing;
        let (wait, reason) = match run.failure {
            None => (pacing.resync, DeadlineReason::Resync),
            Some(RunFailure::Plain) => (pacing.retry, DeadlineReason::Retry),
            Some(RunFailure::BackOff(until)) => (
                since(until, self.now)
                    .unwrap_or_default()
                    .min(pacing.resync),
                DeadlineReason::BackOff,
            ),
        };
        let at = later(
            self.now,
            pacing.stretched(wait).max(Duration::from_millis(1)),
        );
        self.worker.timer = Some(Deadline { at, reason });
        if !pacing.wait_for_observation {
            self.worker.pending |= run.acted;
        } else if run.acted && run.failure.is_none() {
            self.ask_once(Action::Observe);
        }
    }

    fn end_terminating(&mut self) {
        self.prober.clear();
        // It is said of the pod that the sync began with.
        let status = self.derive_status(true);
        let update = self.updated(status);
        self.worker.run = None;
        self.next_stage(Stage::Terminated);
        self.take_over(update);
    }

    /// Asks for the object's deletion once nothing of the pod is left.
    pub(super) fn delete_when_finished(&mut self) {
        let deleted = self.pod.metadata.deletion_timestamp.is_some();
        if self.worker.stage != Stage::Finished || !(deleted || self.worker.removed) {
            return;
        }
        for record in core::mem::take(&mut self.observation.containers) {
            let (container, id) = (record.name, record.id);
            self.actions
                .push_back(Action::RemoveContainer { container, id });
        }
        let can_be_deleted = match &self.mirror {
            Mirror::Present(_) => self.worker.removed,
            Mirror::Absent | Mirror::Lost => {
                !self.worker.removed && status::can_be_deleted(&self.pod, true)
            }
        };
        if can_be_deleted && !self.worker.deletion_asked {
            self.worker.deletion_asked = true;
            self.actions.push_back(Action::DeletePod);
        }
    }
}
