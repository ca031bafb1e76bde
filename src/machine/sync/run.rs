//! One sync that acts: its steps one after the other, and what each waits for.

use alloc::{boxed::Box, collections::VecDeque, string::String, vec::Vec};
use core::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Volumes;
use crate::{
    api::{Pod, ResourceName, ResourceRequirements},
    lifecycle::{plan::Amounts, termination::KillReason},
    machine::{Action, PodMachine, resize::ContainerResize, start::Starting, stop::Stops},
    time::later,
};

/// A sync that waits longer for volumes fails and is tried again.
const MOUNT_TIMEOUT: Duration = Duration::from_secs(123);

/// A sync that acts.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::machine) struct Run {
    /// The pod as it was when the sync began, with the resources set aside for it then, if it has changed since.
    pub(in crate::machine) began_with: Option<Box<Pod>>,
    steps: VecDeque<Step>,
    pub(in crate::machine) doing: Doing,
    /// Whether the runtime was changed.
    pub(in crate::machine) acted: bool,
    pub(in crate::machine) failure: Option<RunFailure>,
}

/// Why a sync failed, as far as the next one's time depends on it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::machine) enum RunFailure {
    /// Something failed that is tried again.
    Plain,
    /// A container is held back until then.
    BackOff(Timestamp),
}

/// One thing of a sync to do after another.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::machine) enum Step {
    MountVolumes,
    /// Finds out what else is to be done.
    Plan,
    /// Stops everything, the sandboxes last.
    KillPod {
        grace: Option<i64>,
    },
    /// Looks at what is left, once more if nothing had to be stopped: only a change is seen at once.
    SeeEnd,
    Kill {
        id: String,
        name: String,
        reason: KillReason,
    },
    Remove {
        id: String,
        name: String,
        kill: bool,
    },
    /// What was taken down is started by another sync, which follows at once.
    SyncAgain,
    CreateSandbox {
        attempt: u32,
    },
    ResizePod {
        resource: ResourceName,
        amounts: Amounts,
    },
    ResizeContainer(Box<ContainerResize>),
    /// The pod's own resources are as wanted.
    PodResized(Option<Box<ResourceRequirements>>),
    Start(Starting),
}

/// What a sync waits for.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::machine) enum Doing {
    #[default]
    Nothing,
    Mounting {
        until: Timestamp,
    },
    Stopping(Stops),
    StoppingSandboxes(Vec<String>),
    CreatingSandbox,
    ResizingPod,
    ResizingContainer(Box<ContainerResize>),
    Starting(Starting),
    Looking,
}

impl Run {
    /// Leaves the resources as they are.
    pub(in crate::machine) fn drop_resizes(&mut self) {
        self.steps.retain(|step| {
            let resizes = matches!(
                step,
                Step::ResizePod { .. } | Step::ResizeContainer(_) | Step::PodResized(_)
            );
            !resizes
        });
    }
}

impl PodMachine {
    pub(super) fn begin(&mut self, steps: VecDeque<Step>) {
        let run = Run {
            began_with: None,
            steps,
            doing: Doing::Nothing,
            acted: false,
            failure: None,
        };
        self.worker.run = Some(run);
    }

    /// Goes on with the sync that runs until it has to wait for the host, or is done.
    pub(super) fn advance_run(&mut self) {
        loop {
            self.advance_stops();
            self.abandon_mounting();
            let Some(run) = &mut self.worker.run else {
                return;
            };
            if !matches!(run.doing, Doing::Nothing) {
                return;
            }
            match run.steps.pop_front() {
                Some(step) => self.take_step(step),
                None => return self.end_run(),
            }
        }
    }

    fn take_step(&mut self, step: Step) {
        let doing = match step {
            Step::MountVolumes => self.mount_volumes(),
            Step::Plan => {
                self.prober.add(&self.pod, self.now);
                let steps = self.plan();
                if let Some(run) = &mut self.worker.run {
                    run.steps = steps;
                }
                self.tick_probes();
                Doing::Nothing
            }
            Step::KillPod { grace } => self.stop_pod(grace),
            Step::SeeEnd => {
                let has_acted = self.worker.run().is_some_and(|run| run.acted);
                match self.config.pacing.wait_for_observation && !has_acted {
                    true => Doing::Looking,
                    false => Doing::Nothing,
                }
            }
            Step::Kill { id, name, reason } => self.stop_one(id, name, reason),
            Step::Remove {
                id,
                name,
                kill: true,
            } => {
                let removal = Step::Remove {
                    id: id.clone(),
                    name: name.clone(),
                    kill: false,
                };
                if let Some(run) = &mut self.worker.run {
                    run.steps.push_front(removal);
                }
                self.stop_at_once(id, name)
            }
            Step::Remove {
                id,
                name,
                kill: false,
            } => {
                self.remove_container(id, name);
                Doing::Nothing
            }
            Step::SyncAgain => {
                self.worker.wake();
                Doing::Nothing
            }
            Step::CreateSandbox { attempt } => {
                self.actions.push_back(Action::CreateSandbox { attempt });
                Doing::CreatingSandbox
            }
            Step::ResizePod { resource, amounts } => self.resize_pod(resource, amounts),
            Step::ResizeContainer(resize) => self.resize_container(resize),
            Step::PodResized(own) => {
                self.pod_has(own);
                Doing::Nothing
            }
            Step::Start(starting) => self.start(starting),
        };
        if let Some(run) = &mut self.worker.run {
            run.doing = doing;
        }
    }

    fn mount_volumes(&mut self) -> Doing {
        if self.worker.volumes == Volumes::Unasked {
            self.worker.volumes = Volumes::Asked;
            self.actions.push_back(Action::MountVolumes);
        }
        let until = later(self.now, MOUNT_TIMEOUT);
        Doing::Mounting { until }
    }

    /// Gives up waiting for volumes when it has lasted too long, or the pod is to end.
    fn abandon_mounting(&mut self) {
        let is_kept = self.worker.is_kept();
        let Some(Doing::Mounting { until }) = self.worker.run().map(|run| &run.doing) else {
            return;
        };
        if is_kept && *until > self.now {
            return;
        }
        self.fail_run(RunFailure::Plain);
        self.abort_run();
        if let Some(run) = self.worker.run_mut() {
            run.doing = Doing::Nothing;
        }
    }

    /// Has the sync that runs go on with the pod as it is now: a change is for the next one.
    pub(in crate::machine) fn hold_pod(&mut self) {
        let is_due = |run: &Run| run.began_with.is_none();
        if self.worker.run.as_ref().is_some_and(is_due) {
            let pod = Box::new(self.allocated_pod().into_owned());
            if let Some(run) = &mut self.worker.run {
                run.began_with = Some(pod);
            }
        }
    }

    /// The pod as the sync that runs has it.
    pub(in crate::machine) fn pod_of_sync(&self) -> &Pod {
        let began_with = self.worker.run.as_ref().map(|run| &run.began_with);
        match began_with {
            Some(Some(pod)) => pod,
            _ => &self.pod,
        }
    }

    /// Takes note that the sync that runs has changed the runtime.
    pub(in crate::machine) fn acted(&mut self) {
        if let Some(run) = &mut self.worker.run {
            run.acted = true;
        }
    }

    pub(in crate::machine) fn remove_container(&mut self, id: String, name: String) {
        self.observation
            .containers
            .retain(|container| container.id != id);
        self.acted();
        self.actions.push_back(Action::RemoveContainer {
            container: name,
            id,
        });
    }

    /// Drops what is left to do of the sync that runs: something failed that the rest depends on.
    pub(in crate::machine) fn abort_run(&mut self) {
        if let Some(run) = &mut self.worker.run {
            run.steps.clear();
        }
    }

    pub(in crate::machine) fn fail_run(&mut self, failure: RunFailure) {
        let Some(run) = &mut self.worker.run else {
            return;
        };
        run.failure = Some(match (run.failure, failure) {
            (Some(RunFailure::BackOff(one)), RunFailure::BackOff(other)) => {
                RunFailure::BackOff(one.min(other))
            }
            (Some(back_off @ RunFailure::BackOff(_)), RunFailure::Plain) => back_off,
            (_, failure) => failure,
        });
    }
}
