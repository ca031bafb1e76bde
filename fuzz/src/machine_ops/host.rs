//! A host's runtime, as far as a machine can see it.

use pod_lifecycle::{
    lifecycle::{ObservedContainer, ObservedState, Sandbox, SandboxState, probe},
    machine::{Action, ContainerError, Exit, ImagePresence, Input, PullError, ResizeDecision},
};

use super::Life;

impl Life {
    pub(super) fn relist(&mut self) {
        self.asked
            .retain(|action| !matches!(action, Action::Observe));
        self.tell(Input::Observed(self.runtime.clone()));
    }

    fn running(&self) -> Vec<String> {
        let containers = self.runtime.containers.iter();
        containers
            .filter(|container| container.state == ObservedState::Running)
            .map(|container| container.id.clone())
            .collect()
    }

    pub(super) fn exit(&mut self, which: u8, code: u8) {
        let running = self.running();
        if running.is_empty() {
            return;
        }
        self.ended(&running[usize::from(which) % running.len()], code.into());
    }

    /// The process of a container ends, in the runtime and in what the machine is told.
    fn ended(&mut self, id: &str, code: i32) {
        if self.stop_in_runtime(id, code) {
            self.tell(Input::ContainerExited(Exit {
                id: id.into(),
                exit_code: code,
                finished_at: Some(self.now),
                ..Exit::default()
            }));
        }
        self.asked.retain(
            |action| !matches!(action, Action::StopContainer { id: asked, .. } if asked == id),
        );
    }

    fn stop_in_runtime(&mut self, id: &str, code: i32) -> bool {
        let now = self.now;
        let mut containers = self.runtime.containers.iter_mut();
        if let Some(container) = containers.find(|container| container.id == id) {
            if container.state == ObservedState::Exited {
                return false;
            }
            container.state = ObservedState::Exited;
            container.exit_code = code;
            container.reason = if code == 0 { "Completed" } else { "Error" }.into();
            container.finished_at = Some(now);
            return true;
        }
        false
    }

    pub(super) fn lose_sandbox(&mut self) {
        let ready = |sandbox: &&mut Sandbox| sandbox.state == SandboxState::Ready;
        let Some(sandbox) = self.runtime.sandboxes.iter_mut().find(ready) else {
            return;
        };
        sandbox.state = SandboxState::NotReady;
        let id = sandbox.id.clone();
        for running in self.running() {
            self.ended(&running, 137);
        }
        self.tell(Input::SandboxLost { id });
    }

    /// Reports on one of the things that were asked for.
    pub(super) fn report(&mut self, which: usize, success: bool) {
        if self.asked.is_empty() {
            return;
        }
        let action = self.asked.remove(which % self.asked.len());
        match action {
            Action::Observe => self.tell(Input::Observed(self.runtime.clone())),
            Action::MountVolumes => self.tell(Input::VolumesMounted),
            Action::CreateSandbox { attempt } => self.create_sandbox(attempt, success),
            Action::StopSandbox { id } => self.stop_sandbox(id),
            Action::InspectImage { container, .. } => self.tell(Input::ImageInspected {
                container,
                presence: if success {
                    ImagePresence::Present
                } else {
                    ImagePresence::Absent
                },
            }),
            Action::PullImage { container, .. } => self.tell(Input::ImagePulled {
                container,
                result: if success {
                    Ok(())
                } else {
                    Err(PullError::Failed("no such image".into()))
                },
            }),
            Action::CreateContainer {
                container,
                restart_count,
            } => self.create_container(container, restart_count, success),
            Action::StartContainer { container, id } => {
                self.start_container(container, id, success);
            }
            Action::RunHook {
                container, hook, ..
            } => self.tell(Input::HookFinished {
                container,
                hook,
                result: Self::result(success),
            }),
            Action::StopContainer { id, .. } => self.ended(&id, if success { 0 } else { 137 }),
            Action::RunProbe {
                container, probe, ..
            } => self.tell(Input::ProbeFinished {
                container,
                probe,
                answer: if success {
                    probe::Answer::Success
                } else {
                    probe::Answer::Failure
                },
            }),
            Action::CreateMirror { replaces } => {
                let existing = self
                    .mirror
                    .as_ref()
                    .map(|mirror| mirror.metadata.uid.clone());
                if success && existing == replaces {
                    self.create_mirror();
                }
            }
            Action::DecideResize => self.decide(if success {
                ResizeDecision::Allocated
            } else {
                ResizeDecision::Deferred {
                    message: "full".into(),
                }
            }),
            Action::ResizePod { .. } => self.tell(Input::PodResized {
                result: Self::result(success),
            }),
            Action::ResizeContainer { container, .. } => self.tell(Input::ContainerResized {
                container,
                result: Self::result(success),
            }),
            Action::DeletePod if self.mirror.is_some() => self.show_mirror(None),
            Action::DeletePod => self.tell(Input::PodRemoved),
            _ => {}
        }
    }

    fn result(success: bool) -> Result<(), String> {
        if success {
            Ok(())
        } else {
            Err("the runtime refuses".into())
        }
    }

    fn create_sandbox(&mut self, attempt: u32, success: bool) {
        if !success {
            self.tell(Input::SandboxFailed {
                message: "no network".into(),
            });
            return;
        }
        self.instances += 1;
        let sandbox = Sandbox {
            id: format!("sandbox-{}", self.instances),
            state: SandboxState::Ready,
            created_at: Some(self.now),
            attempt,
            ip: Some("10.0.0.1".into()),
            ..Sandbox::default()
        };
        for container in &mut self.runtime.containers {
            container.active = false;
        }
        self.runtime.sandboxes.insert(0, sandbox.clone());
        self.runtime.ips = vec!["10.0.0.1".into()];
        self.tell(Input::SandboxCreated(sandbox));
    }

    fn stop_sandbox(&mut self, id: String) {
        for running in self.running() {
            self.ended(&running, 137);
        }
        for sandbox in &mut self.runtime.sandboxes {
            if sandbox.id == id {
                sandbox.state = SandboxState::NotReady;
            }
        }
        self.tell(Input::SandboxStopped { id });
    }

    fn create_container(&mut self, container: String, restart_count: i32, success: bool) {
        if !success {
            self.tell(Input::ContainerFailed {
                container,
                error: ContainerError::Create("no space".into()),
            });
            return;
        }
        let alive =
            self.runtime.containers.iter().any(|instance| {
                instance.name == container && instance.state == ObservedState::Running
            });
        assert!(!alive, "{container} runs, and is made once more");
        self.instances += 1;
        let id = format!("fuzz://{container}-{}", self.instances);
        self.runtime.containers.insert(
            0,
            ObservedContainer {
                id: id.clone(),
                name: container.clone(),
                state: ObservedState::Created,
                created_at: Some(self.now),
                image: format!("{container}:1"),
                restart_count,
                active: true,
                ..ObservedContainer::default()
            },
        );
        self.tell(Input::ContainerCreated { container, id });
    }

    fn start_container(&mut self, container: String, id: String, success: bool) {
        let now = self.now;
        let instance = self.runtime.containers.iter_mut().find(|one| one.id == id);
        let Some(instance) = instance else {
            return self.tell(Input::ContainerFailed {
                container,
                error: ContainerError::Start {
                    message: "no such container".into(),
                    exit_code: 128,
                },
            });
        };
        if success {
            instance.state = ObservedState::Running;
            instance.started_at = Some(now);
            self.tell(Input::ContainerStarted { container, id });
        } else {
            instance.state = ObservedState::Exited;
            instance.exit_code = 128;
            instance.reason = "StartError".into();
            instance.finished_at = Some(now);
            self.tell(Input::ContainerFailed {
                container,
                error: ContainerError::Start {
                    message: "no such program".into(),
                    exit_code: 128,
                },
            });
        }
    }
}
