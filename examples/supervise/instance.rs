//! Doing what the machine asks for: containers made, started, asked, and stopped.

use core::time::Duration;
use std::{fs, path::PathBuf, thread};

use pod_lifecycle::{
    api::{Container, Handler, TerminationMessagePolicy},
    lifecycle::{Sandbox, SandboxState, observation::NetworkMode, probe::Kind},
    machine::{Action, ContainerError, Hook, ImagePresence, Input},
};
use rustix::process::{Signal, geteuid};

use crate::{
    environment::{ADDRESS, Setting},
    handler::Task,
    host::{Event, Host},
    log::{self, Tail},
    process::{self, Group, Program},
    volume::Volumes,
};

/// How long to wait before volumes that could not be mounted are tried again.
const MOUNT_AGAIN: Duration = Duration::from_secs(1);
/// How long a termination message may be.
const MESSAGE_BYTES: usize = 4096;

/// One instance of a container.
pub(crate) struct Instance {
    /// The container's name.
    pub(crate) container: String,
    spec: Container,
    program: Program,
    group: Option<Group>,
    message: PathBuf,
    tail: Tail,
}

impl Instance {
    pub(crate) fn is_running(&self) -> bool {
        self.group.as_ref().is_some_and(Group::is_alive)
    }

    pub(crate) fn kill(&self) {
        self.group.iter().for_each(Group::kill);
    }

    /// Returns what the container left as its last words.
    pub(crate) fn message(&self, exit_code: i32) -> String {
        let mut text = fs::read(&self.message).unwrap_or_default();
        text.truncate(MESSAGE_BYTES);
        let policy = self.spec.termination_message_policy.as_ref();
        let falls_back = policy == Some(&TerminationMessagePolicy::FallbackToLogsOnError);
        if text.is_empty() && falls_back && exit_code != 0 {
            return self.tail.text();
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

impl Host {
    /// Does what the machine asks for.
    pub(crate) fn perform(&mut self, action: Action) {
        match action {
            Action::MountVolumes => self.mount(),
            Action::CreateSandbox { attempt } => self.create_sandbox(attempt),
            Action::StopSandbox { id } => {
                self.instances.values().for_each(Instance::kill);
                self.tell(Input::SandboxStopped { id });
            }
            // There are no images, and none is missing.
            Action::InspectImage { container, .. } => self.tell(Input::ImageInspected {
                container,
                presence: ImagePresence::Present,
            }),
            Action::PullImage { container, .. } => self.tell(Input::ImagePulled {
                container,
                result: Ok(()),
            }),
            Action::CreateContainer { container, .. } => match self.create(&container) {
                Ok(id) => self.tell(Input::ContainerCreated { container, id }),
                Err(error) => self.container_failed(container, error),
            },
            Action::StartContainer { container, id } => match self.start(&id) {
                Ok(()) => self.tell(Input::ContainerStarted { container, id }),
                Err(error) => self.container_failed(container, error),
            },
            Action::RunHook {
                container,
                id,
                hook,
            } => self.run_hook(container, &id, hook),
            Action::RunProbe {
                container,
                id,
                probe,
            } => self.run_probe(container, &id, probe),
            Action::StopContainer { id, grace, .. } => self.stop(id, grace),
            Action::RemoveContainer { id, .. } => {
                if let Some(gone) = self.instances.remove(&id) {
                    let _ = fs::remove_file(gone.message);
                }
            }
            Action::PublishStatus { status } => self.publish(*status),
            Action::DeletePod => self.tell(Input::PodRemoved),
            // Everything is reported when it happens: nothing has to be looked for.
            _ => {}
        }
    }

    /// Mounts the volumes, as often as it takes.
    pub(crate) fn mount(&mut self) {
        match Volumes::mount(&self.pod, &self.directory) {
            Ok(volumes) => {
                self.volumes = volumes;
                self.tell(Input::VolumesMounted);
            }
            Err(why) => {
                log::print(&format!("pod: {why}"));
                self.post.later(MOUNT_AGAIN, Event::Mount);
            }
        }
    }

    /// Makes what there is nothing to make of: the network is the host's, which is told as what the pod asks for.
    fn create_sandbox(&mut self, attempt: u32) {
        let network_mode = match self.pod.spec.host_network {
            true => NetworkMode::Node,
            false => NetworkMode::Pod,
        };
        self.tell(Input::SandboxCreated(Sandbox {
            id: format!("sandbox-{attempt}"),
            state: SandboxState::Ready,
            created_at: Some(self.clock.now()),
            attempt,
            ip: Some(ADDRESS.to_string()),
            network_mode,
            ..Sandbox::default()
        }));
    }

    fn container_failed(&mut self, container: String, error: ContainerError) {
        log::print(&format!("{container}: not started: {error}"));
        self.tell(Input::ContainerFailed { container, error });
    }

    fn create(&mut self, name: &str) -> Result<String, ContainerError> {
        let spec = self.pod.spec.container(name);
        let spec = spec.ok_or_else(|| ContainerError::Create(format!("there is no {name}")))?;
        let spec = spec.to_container().into_owned();
        self.check_user(&spec)?;
        self.made += 1;
        let id = format!("process://{name}-{}", self.made);
        let message = self.directory.join(format!("{name}-{}.message", self.made));
        let written = fs::write(&message, "");
        written.map_err(|error| ContainerError::Create(error.to_string()))?;
        let setting = Setting {
            pod: &self.pod,
            container: &spec,
            volumes: &self.volumes,
            message: &message,
        };
        let program = setting.program().map_err(ContainerError::Config)?;
        if spec.command.is_empty() {
            return Err(ContainerError::Create("no command specified".to_owned()));
        }
        let instance = Instance {
            container: name.to_owned(),
            spec,
            program,
            group: None,
            message,
            tail: Tail::default(),
        };
        self.instances.insert(id.clone(), instance);
        Ok(id)
    }

    /// Refuses, as a kubelet does, to run as root what must not.
    fn check_user(&self, container: &Container) -> Result<(), ContainerError> {
        let own = container.security_context.as_deref();
        let own = own.and_then(|context| context.run_as_non_root);
        let of_pod = self.pod.spec.security_context.as_deref();
        let non_root = own.or_else(|| of_pod?.run_as_non_root);
        if non_root == Some(true) && geteuid().is_root() {
            let why = "container has runAsNonRoot and would run as root";
            return Err(ContainerError::Config(why.to_owned()));
        }
        Ok(())
    }

    fn start(&mut self, id: &str) -> Result<(), ContainerError> {
        let failed = |message: String| ContainerError::Start {
            message,
            exit_code: 128,
        };
        let instance = self.instances.get_mut(id);
        let instance = instance.ok_or_else(|| failed(format!("there is no {id}")))?;
        let started = instance.program.start();
        let (mut child, group) = started.map_err(|error| failed(error.to_string()))?;
        let container = &instance.container;
        log::print(&format!("{container}: started as process {}", child.id()));
        let readers = instance.tail.follow(container, &mut child);
        instance.group = Some(group.clone());
        let (post, id) = (self.post.clone(), id.to_owned());
        thread::spawn(move || {
            let status = group.wait(&mut child);
            readers.finish();
            let code = status.map_or(-1, process::exit_code);
            post.send(Event::Ended { id, code });
        });
        Ok(())
    }

    fn stop(&self, id: String, grace: Duration) {
        let Some(instance) = self.instances.get(&id) else {
            return;
        };
        // One that has just ended is about to be reported.
        let Some(group) = instance.group.as_ref().filter(|group| group.is_alive()) else {
            return;
        };
        let container = &instance.container;
        if grace.is_zero() {
            log::print(&format!("{container}: killed"));
            return group.kill();
        }
        let lifecycle = instance.spec.lifecycle.as_deref();
        let signal = lifecycle.and_then(|lifecycle| lifecycle.stop_signal.as_ref());
        let signal = signal.and_then(|signal| process::signal(signal.as_str()));
        log::print(&format!("{container}: told to end within {grace:?}"));
        group.signal(signal.unwrap_or(Signal::TERM));
        self.post.later(grace, Event::GraceOver { id });
    }

    pub(crate) fn grace_over(&self, id: &str) {
        let instance = self.instances.get(id);
        if let Some(instance) = instance.filter(|instance| instance.is_running()) {
            log::print(&format!(
                "{}: its grace is over: killed",
                instance.container
            ));
            instance.kill();
        }
    }

    fn run_hook(&self, container: String, id: &str, hook: Hook) {
        let task = self.task(id, |spec| {
            let lifecycle = spec.lifecycle.as_deref()?;
            let handler = match hook {
                Hook::PostStart => lifecycle.post_start.as_deref(),
                Hook::PreStop => lifecycle.pre_stop.as_deref(),
            };
            handler?.handler()
        });
        let post = self.post.clone();
        thread::spawn(move || {
            post.send(Event::Hooked {
                container,
                hook,
                finding: task.hook(),
            });
        });
    }

    fn run_probe(&self, container: String, id: &str, probe: Kind) {
        let task = self.task(id, |spec| probe.of(spec)?.handler());
        let spec = self.instances.get(id).map(|instance| &instance.spec);
        let seconds = spec.and_then(|spec| Some(probe.of(spec)?.timeout_seconds));
        let seconds = seconds.unwrap_or_default().max(1).unsigned_abs();
        let post = self.post.clone();
        thread::spawn(move || {
            post.send(Event::Probed {
                container,
                probe,
                finding: task.probe(Duration::from_secs(seconds.into())),
            });
        });
    }

    fn task(&self, id: &str, handler: impl Fn(&Container) -> Option<Handler<'_>>) -> Task {
        let running = self.instances.get(id).and_then(|instance| {
            let Instance { spec, program, .. } = instance;
            let group = instance.group.as_ref()?;
            Some(Task::of(handler(spec), spec, (program, group)))
        });
        running.unwrap_or_else(|| Task::Impossible("its container is gone".to_owned()))
    }
}
