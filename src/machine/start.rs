//! How a sandbox comes up and a container is started, one report after another.

mod seen;

use alloc::{format, string::String};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Action, ContainerError, Failure, Hook, ImagePresence, Input, InputError, PodMachine, PullError,
    sync::{Doing, RunFailure},
};
use crate::{
    api::Container,
    lifecycle::{
        ObservedContainer, ObservedState, Sandbox, SandboxState,
        back_off::{self, BackOff},
        image::{self, ImageDecision, ImageRequest, LocalImage, PullFailure},
        reason,
        termination::KillReason,
    },
};

/// The back-offs that are remembered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct BackOffs {
    crash_loop: back_off::BackOffs,
    image_pull: back_off::BackOffs,
}

impl BackOffs {
    pub(super) fn new(crash_loop: BackOff, image_pull: BackOff) -> Self {
        Self {
            crash_loop: back_off::BackOffs::new(crash_loop),
            image_pull: back_off::BackOffs::new(image_pull),
        }
    }

    pub(super) fn collect_garbage(&mut self, now: Timestamp) {
        self.crash_loop.collect_garbage(now);
        self.image_pull.collect_garbage(now);
    }
}

/// A container that is about to be started.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Starting {
    name: String,
    /// When the newest instance that had ended before this sync ended.
    died_at: Option<Timestamp>,
    restart_count: i32,
    stage: StartStage,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum StartStage {
    Planned,
    InspectingImage,
    PullingImage,
    Creating,
    Starting { id: String },
    PostStart { id: String },
}

impl PodMachine {
    /// What is to be remembered about a container that this sync starts.
    pub(super) fn starting(&self, name: &str) -> Starting {
        let mut records = self
            .observation
            .containers
            .iter()
            .filter(|record| record.name == name);
        let newest = records.clone().next().map(|newest| newest.restart_count);
        let forgotten = || self.forgotten.get(name).copied();
        let before = newest
            .or_else(forgotten)
            .or_else(|| self.published_restarts(name));
        let restart_count = before.map_or(0, |before| before.saturating_add(1));
        let dead = records.find(|record| record.state == ObservedState::Exited);
        Starting {
            name: name.into(),
            died_at: dead.map(|dead| dead.finished_at.unwrap_or(self.now)),
            restart_count,
            stage: StartStage::Planned,
        }
    }

    /// How often a container was restarted of which the runtime has nothing left, if it has ever run.
    ///
    /// A kubelet finds it out from the logs that are left on the node.
    fn published_restarts(&self, name: &str) -> Option<i32> {
        let status = self.status();
        let lists = [&status.init_container_statuses, &status.container_statuses];
        let mut statuses = lists.into_iter().flatten();
        let known = statuses.find(|status| status.name == name)?;
        let has_run = !known.container_id.is_empty() || known.last_state.terminated.is_some();
        // A status that waits for the instance to come counts it already.
        let counted = [
            reason::CONTAINER_STATUS_UNKNOWN,
            reason::RESTARTING_ALL_CONTAINERS,
        ];
        let last = known.last_state.terminated.as_ref();
        let is_counted = known.state.waiting.is_some()
            && last.is_some_and(|last| counted.contains(&last.reason.as_str()));
        has_run.then_some(known.restart_count.saturating_sub(is_counted.into()))
    }

    /// Begins to start a container, unless its back-off or its image forbids.
    pub(super) fn start(&mut self, mut starting: Starting) -> Doing {
        let Some(spec) = self.spec(&starting.name) else {
            return Doing::Nothing;
        };
        if let Some(until) = self.held_back(&spec, starting.died_at) {
            let name = &starting.name;
            let message = back_off::message(until, format_args!("restarting container {name}"));
            self.start_failed(&starting.name, reason::CRASH_LOOP_BACK_OFF, message);
            self.fail_run(RunFailure::BackOff(until));
            return Doing::Nothing;
        }
        if !image::needs_inspection(spec.image_pull_policy.as_ref()) {
            return self.decide_on_image(starting, &spec, LocalImage::Absent);
        }
        let Ok(name) = crate::image::with_default_tag(&spec.image) else {
            // Refused before anybody looks for it.
            return self.decide_on_image(starting, &spec, LocalImage::Absent);
        };
        self.actions.push_back(Action::InspectImage {
            container: starting.name.clone(),
            image: name.into(),
        });
        starting.stage = StartStage::InspectingImage;
        Doing::Starting(starting)
    }

    /// Until when a container's crashes hold it back; when they do not, the start is remembered.
    fn held_back(&mut self, spec: &Container, died_at: Option<Timestamp>) -> Option<Timestamp> {
        let died_at = died_at?;
        let key = back_off::crash_loop_key(&self.pod, spec);
        let back_offs = &mut self.back_offs.crash_loop;
        let until = back_offs.until(&key, self.now, died_at);
        if until.is_none() {
            back_offs.next(&key, self.now, died_at);
        }
        until
    }

    /// Goes on with what is known of a container's image on the node.
    fn decide_on_image(
        &mut self,
        mut starting: Starting,
        spec: &Container,
        local: LocalImage,
    ) -> Doing {
        let request = ImageRequest {
            policy: spec.image_pull_policy.as_ref(),
            image: &spec.image,
            pod_uid: &self.pod.metadata.uid,
            local,
        };
        match image::decide(&self.back_offs.image_pull, self.now, &request) {
            ImageDecision::Use => self.create(starting),
            ImageDecision::Pull(image) => {
                let (container, image) = (starting.name.clone(), image.into_owned());
                self.actions
                    .push_back(Action::PullImage { container, image });
                starting.stage = StartStage::PullingImage;
                Doing::Starting(starting)
            }
            ImageDecision::BackOff { until } => {
                let image = &spec.image;
                let message = back_off::message(until, format_args!("pulling image {image:?}"));
                self.give_up(&starting.name, reason::IMAGE_PULL_BACK_OFF, message)
            }
            ImageDecision::Refuse(why) => {
                let message = format!("image {:?} cannot be used", spec.image);
                self.give_up(&starting.name, why, message)
            }
        }
    }

    fn create(&mut self, mut starting: Starting) -> Doing {
        let container = starting.name.clone();
        let restart_count = starting.restart_count;
        self.actions.push_back(Action::CreateContainer {
            container,
            restart_count,
        });
        starting.stage = StartStage::Creating;
        Doing::Starting(starting)
    }

    /// Remembers why a container does not start, for the next status.
    fn start_failed(&mut self, name: &str, reason: &'static str, message: String) {
        let failure = Failure {
            reason: reason.into(),
            message,
        };
        self.failures.insert(name.into(), failure);
        let init = self
            .pod
            .spec
            .init_containers
            .iter()
            .find(|init| init.name == name);
        if init.is_some_and(|init| !init.is_sidecar()) {
            self.abort_run();
        }
    }

    /// As [`start_failed`](Self::start_failed), and the sync fails by it.
    fn give_up(&mut self, name: &str, reason: &'static str, message: String) -> Doing {
        self.start_failed(name, reason, message);
        self.fail_run(RunFailure::Plain);
        Doing::Nothing
    }

    /// Takes the report on something that the sync waits for.
    pub(super) fn start_outcome(&mut self, input: Input) -> Result<(), InputError> {
        if self.is_known(&input) {
            return Ok(());
        }
        if matches!(input, Input::VolumesMounted) && self.worker.volumes_mounted() {
            return Ok(());
        }
        let doing = self.worker.run().map(|run| &run.doing);
        match (input, doing) {
            (Input::SandboxCreated(sandbox), Some(Doing::CreatingSandbox)) => {
                self.sandbox_created(sandbox);
                self.done(Doing::Nothing);
            }
            (Input::SandboxFailed { message }, Some(Doing::CreatingSandbox)) => {
                self.worker.sandbox_failure = Some(message.into());
                self.fail_run(RunFailure::Plain);
                self.abort_run();
                self.done(Doing::Nothing);
            }
            (input, Some(Doing::Starting(starting))) => {
                let starting = starting.clone();
                return self.container_outcome(input, starting);
            }
            (input, _) => return Err(InputError::NotAsked(name_of(&input))),
        }
        Ok(())
    }

    fn done(&mut self, next: Doing) {
        if let Some(run) = self.worker.run_mut() {
            run.doing = next;
        }
    }

    /// Whether a report only says what an observation has shown before.
    fn is_known(&self, input: &Input) -> bool {
        let has = |id: &str, states: &[ObservedState]| {
            let mut containers = self.observation.containers.iter();
            containers.any(|container| container.id == id && states.contains(&container.state))
        };
        let waits = |name: &str, stage: fn(&StartStage) -> bool| {
            let doing = self.worker.run().map(|run| &run.doing);
            matches!(doing, Some(Doing::Starting(it)) if it.name == name && stage(&it.stage))
        };
        let creates = |stage: &StartStage| *stage == StartStage::Creating;
        let starts = |stage: &StartStage| matches!(stage, StartStage::Starting { .. });
        match input {
            Input::SandboxCreated(sandbox) => {
                let creating = matches!(
                    self.worker.run().map(|run| &run.doing),
                    Some(Doing::CreatingSandbox)
                );
                !creating
                    && self
                        .observation
                        .sandboxes
                        .iter()
                        .any(|known| known.id == sandbox.id)
            }
            Input::ContainerCreated { container, id } => {
                let states = [
                    ObservedState::Created,
                    ObservedState::Running,
                    ObservedState::Exited,
                ];
                !waits(container, creates) && has(id, &states)
            }
            Input::ContainerStarted { container, id } => {
                let states = [ObservedState::Running, ObservedState::Exited];
                !waits(container, starts) && has(id, &states)
            }
            Input::ContainerFailed {
                container,
                error: ContainerError::Start { .. },
            } => {
                let newest = self.observation.container(container);
                let failed = newest.is_some_and(|newest| {
                    newest.state == ObservedState::Exited && !newest.has_started()
                });
                !waits(container, starts) && failed
            }
            _ => false,
        }
    }

    fn sandbox_created(&mut self, sandbox: Sandbox) {
        self.observation
            .sandboxes
            .retain(|known| known.id != sandbox.id);
        self.worker.sandbox_failure = None;
        self.observation.ips = sandbox
            .ip
            .iter()
            .filter(|ip| !ip.is_empty())
            .cloned()
            .collect();
        self.observation
            .ips
            .extend(sandbox.additional_ips.iter().cloned());
        self.acted();
        let ready = sandbox.state == SandboxState::Ready;
        self.observation.sandboxes.insert(0, sandbox);
        for container in &mut self.observation.containers {
            container.active = false;
        }
        if ready {
            self.publish_sandbox_ready();
        }
    }

    fn container_outcome(
        &mut self,
        input: Input,
        mut starting: Starting,
    ) -> Result<(), InputError> {
        let asked = name_of(&input);
        let next = match (input, &starting.stage) {
            (
                Input::ImageInspected {
                    container,
                    presence,
                },
                StartStage::InspectingImage,
            ) if container == starting.name => self.image_inspected(starting, presence),
            (Input::ImagePulled { container, result }, StartStage::PullingImage)
                if container == starting.name =>
            {
                self.image_pulled(starting, result)
            }
            (Input::ContainerCreated { container, id }, StartStage::Creating)
                if container == starting.name =>
            {
                self.container_created(&mut starting, id);
                Doing::Starting(starting)
            }
            (
                Input::ContainerStarted {
                    container,
                    id: started,
                },
                StartStage::Starting { id },
            ) if container == starting.name && started == *id => {
                self.container_started(starting, started)
            }
            (Input::ContainerFailed { container, error }, StartStage::Creating)
                if container == starting.name && !matches!(error, ContainerError::Start { .. }) =>
            {
                let (reason, message) = match error {
                    ContainerError::Config(message) => {
                        (reason::CREATE_CONTAINER_CONFIG_ERROR, message)
                    }
                    ContainerError::Create(message) | ContainerError::Start { message, .. } => {
                        (reason::CREATE_CONTAINER_ERROR, message)
                    }
                };
                self.give_up(&container, reason, message)
            }
            (
                Input::ContainerFailed {
                    container,
                    error: ContainerError::Start { message, exit_code },
                },
                StartStage::Starting { id },
            ) if container == starting.name => {
                let now = self.now;
                if let Some(record) = self.record_mut(id) {
                    record.state = ObservedState::Exited;
                    record.exit_code = exit_code;
                    record.reason = reason::START_ERROR.into();
                    record.message.clone_from(&message);
                    record.started_at = Some(Timestamp::UNIX_EPOCH);
                    record.finished_at = Some(now);
                }
                self.give_up(&container, reason::RUN_CONTAINER_ERROR, message)
            }
            _ => return Err(InputError::NotAsked(asked)),
        };
        self.done(next);
        Ok(())
    }

    fn image_inspected(&mut self, starting: Starting, presence: ImagePresence) -> Doing {
        let Some(spec) = self.spec(&starting.name) else {
            return Doing::Nothing;
        };
        let local = match presence {
            ImagePresence::Present => LocalImage::Present,
            ImagePresence::Absent => LocalImage::Absent,
            ImagePresence::NotVerified => LocalImage::Unverified,
            ImagePresence::Error => LocalImage::Unknown,
        };
        self.decide_on_image(starting, &spec, local)
    }

    fn image_pulled(&mut self, starting: Starting, result: Result<(), PullError>) -> Doing {
        let spec = self.spec(&starting.name);
        let image = spec.map(|spec| spec.image).unwrap_or_default();
        let pulls = &mut self.back_offs.image_pull;
        let Err(error) = result else {
            image::on_success(pulls, self.now);
            return self.create(starting);
        };
        let failure = match error {
            PullError::Failed(_) => PullFailure::Other,
            PullError::RegistryUnavailable(_) => PullFailure::RegistryUnavailable,
            PullError::SignatureValidationFailed(_) => PullFailure::SignatureValidationFailed,
        };
        let uid = &self.pod.metadata.uid;
        let reason = image::on_failure(pulls, self.now, uid, &image, failure);
        self.give_up(&starting.name, reason, format!("{error}"))
    }

    fn note_instance(&mut self, starting: &Starting, id: String) {
        let image = self
            .spec(&starting.name)
            .map(|spec| spec.image)
            .unwrap_or_default();
        let wanted = self.pod.spec.container(&starting.name);
        let spec_changed = wanted.is_some_and(|wanted| wanted.to_container().image != image);
        let record = ObservedContainer {
            id,
            name: starting.name.clone(),
            state: ObservedState::Created,
            created_at: Some(self.now),
            image,
            restart_count: starting.restart_count,
            active: true,
            spec_changed,
            ..ObservedContainer::default()
        };
        self.forgotten.remove(&record.name);
        let containers = &mut self.observation.containers;
        containers.retain(|known| known.id != record.id);
        containers.insert(0, record);
    }

    fn container_created(&mut self, starting: &mut Starting, id: String) {
        self.note_instance(starting, id.clone());
        self.asked_to_start(starting, id);
    }

    /// A container is made; the next step is to start it.
    fn asked_to_start(&mut self, starting: &mut Starting, id: String) {
        self.given(&starting.name);
        self.acted();
        let container = starting.name.clone();
        self.actions.push_back(Action::StartContainer {
            container,
            id: id.clone(),
        });
        starting.stage = StartStage::Starting { id };
    }

    fn container_started(&mut self, mut starting: Starting, id: String) -> Doing {
        let now = self.now;
        if self.record_mut(&id).is_none() {
            // An older look at the runtime did not show it yet.
            self.note_instance(&starting, id.clone());
        }
        if let Some(record) = self.record_mut(&id) {
            if record.state == ObservedState::Created {
                record.state = ObservedState::Running;
                record.started_at = Some(now);
            }
        }
        let spec = self.spec(&starting.name);
        let lifecycle = spec.as_ref().and_then(|spec| spec.lifecycle.as_ref());
        if lifecycle.is_some_and(|lifecycle| lifecycle.post_start.is_some()) {
            let container = starting.name.clone();
            self.actions.push_back(Action::RunHook {
                container,
                id: id.clone(),
                hook: Hook::PostStart,
            });
            starting.stage = StartStage::PostStart { id };
            return Doing::Starting(starting);
        }
        self.failures.remove(&starting.name);
        Doing::Nothing
    }

    /// Takes the end of the postStart hook that the sync waits for; `None` when it waits for none.
    pub(super) fn post_start_finished(
        &mut self,
        container: &str,
        result: Result<(), String>,
    ) -> Option<()> {
        let Doing::Starting(Starting {
            name,
            stage: StartStage::PostStart { id },
            ..
        }) = &self.worker.run()?.doing
        else {
            return None;
        };
        if name != container {
            return None;
        }
        let (name, id) = (name.clone(), id.clone());
        let next = match result {
            Ok(()) => {
                self.failures.remove(&name);
                Doing::Nothing
            }
            Err(message) => {
                self.give_up(&name, reason::POST_START_HOOK_ERROR, message);
                self.stop_one(id, name, KillReason::PostStartHook)
            }
        };
        self.done(next);
        Some(())
    }

    /// A container as it is to be made, with the resources that are set aside for it.
    pub(super) fn spec(&self, name: &str) -> Option<Container> {
        let pod = self.allocated_pod();
        let found = pod.spec.container(name)?;
        Some(found.to_container().into_owned())
    }

    pub(super) fn record_mut(&mut self, id: &str) -> Option<&mut ObservedContainer> {
        self.observation
            .containers
            .iter_mut()
            .find(|record| record.id == id)
    }
}

fn name_of(input: &Input) -> &'static str {
    match input {
        Input::VolumesMounted => "mounting volumes",
        Input::SandboxCreated(_) | Input::SandboxFailed { .. } => "a sandbox",
        Input::ImageInspected { .. } => "looking at that image",
        Input::ImagePulled { .. } => "pulling that image",
        Input::ContainerCreated { .. } => "making that container",
        Input::ContainerStarted { .. } => "starting that container",
        _ => "that report",
    }
}
