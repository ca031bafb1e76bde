//! The kubelet's loop of a simulation: does what the machine asks for and reports what came of it.

use alloc::{boxed::Box, format, string::String, sync::Arc};
use core::time::Duration;

use jiff::Timestamp;

use super::{
    Sim,
    runtime::{End, Making},
    script::{PullFailure, StartFailure},
    timeline::{Event, Instance},
};
use crate::{
    api::{Container, Pod, PodStatus},
    lifecycle::ObservedState,
    machine::{Action, ContainerError, Exit, Hook, ImagePresence, Input, PodMachine, PullError},
};

/// Something that will happen.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    Schedule,
    Bound,
    Told,
    Gone {
        last: Arc<Pod>,
    },
    Relist,
    Relisted,
    Observe,
    Report(Box<Input>),
    Mount,
    SandboxUp {
        attempt: u32,
    },
    SandboxDown {
        id: String,
    },
    SandboxDies {
        id: String,
    },
    PullEnds {
        container: String,
        image: String,
    },
    Created(Box<Making>),
    Started {
        container: String,
        id: String,
    },
    Ends {
        id: String,
        how: End,
    },
    HookEnds {
        container: String,
        id: String,
        hook: Hook,
        success: bool,
    },
    Published,
    DeleteObject,
    StartStatic,
    CreateMirror {
        replaces: Option<String>,
    },
}

/// A look at the runtime that is not at its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Whether the machine's last sync was newer than what it knew when the look began.
    was_behind: bool,
    /// Whether the machine asked for a look meanwhile.
    is_asked: bool,
}

/// A status on its way to the API server.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    uid: String,
    status: Box<PodStatus>,
    at: Timestamp,
}

impl Sim {
    pub(super) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Schedule => self.schedule(),
            Happening::Bound => self.bound(),
            Happening::Told => self.told(),
            Happening::Gone { .. } if self.is_static() => {
                self.report(Input::MirrorUpdated(None));
            }
            Happening::Gone { last } => {
                self.report(Input::PodUpdated(last));
                self.report(Input::PodRemoved);
            }
            Happening::Relist => {
                self.look = Some(Look {
                    was_behind: self.is_behind(),
                    is_asked: false,
                });
                self.later(self.setup.node.relist_work, Happening::Relisted);
            }
            Happening::Relisted => self.relisted(),
            Happening::Observe => match &mut self.look {
                Some(look) => look.is_asked = true,
                None => self.observe(),
            },
            Happening::Report(input) => self.report(*input),
            Happening::Mount => self.mount_volumes(),
            Happening::SandboxUp { attempt } => self.sandbox_up(attempt),
            Happening::SandboxDown { id } => self.sandbox_down(id),
            Happening::SandboxDies { id } => self.sandbox_dies(&id),
            Happening::PullEnds { container, image } => self.pull_ends(container, image),
            Happening::Created(making) => self.created(*making),
            Happening::Started { container, id } => self.started(container, id),
            Happening::Ends { id, how } => self.ends(&id, how),
            Happening::HookEnds {
                container,
                id,
                hook,
                success,
            } => {
                self.hook_ends(container, &id, hook, success);
            }
            Happening::Published => self.published(),
            Happening::DeleteObject => self.delete_when_told(),
            Happening::StartStatic => self.start_static(),
            Happening::CreateMirror { replaces } => self.create_mirror(replaces),
        }
    }

    /// Does what the machine asks for until it asks for no more.
    pub(super) fn pump(&mut self) {
        while let Some(action) = self.machine.as_mut().and_then(PodMachine::poll_action) {
            self.restart_host();
            self.perform(action);
        }
        self.share();
    }

    pub(super) fn report(&mut self, input: Input) {
        if let Some(machine) = &mut self.machine {
            // What a late answer was asked for may be over by now.
            let _ = machine.handle_input(self.now, input);
        }
        self.restart_host();
    }

    /// Ends the look that the kubelet takes again and again.
    fn relisted(&mut self) {
        let Some(look) = self.look.take() else { return };
        // What was asked for while it lasted is looked at after it; what a sync did while it lasted is not seen.
        if look.is_asked || look.was_behind || !self.is_behind() {
            self.observe();
        }
        let is_over = self.machine.as_ref().is_some_and(PodMachine::is_over);
        if !is_over || self.awaits_start() {
            self.later(self.setup.node.relist, Happening::Relist);
        }
    }

    fn is_behind(&self) -> bool {
        self.machine.as_ref().is_some_and(PodMachine::is_behind)
    }

    fn observe(&mut self) {
        let Some(machine) = &self.machine else { return };
        let spec = &machine.pod().spec;
        let observation = self.runtime.observe(|seen| {
            let wanted = spec.container(&seen.name).map(|found| found.to_container());
            wanted.is_some_and(|wanted| wanted.image != seen.image)
        });
        self.report(Input::Observed(observation));
    }

    pub(super) fn spec(&self, name: &str) -> Option<Container> {
        let pod = self.machine.as_ref()?.allocated_pod();
        let found = pod.spec.container(name)?;
        Some(found.to_container().into_owned())
    }

    fn perform(&mut self, action: Action) {
        let Self { setup, .. } = self;
        match action {
            Action::MountVolumes => {
                self.mounting = Some(self.now);
                self.mount_volumes();
            }
            Action::CreateSandbox { attempt } => {
                let takes = setup.script.sandbox.create;
                self.timeline
                    .push(self.now, Event::SandboxRequested { attempt });
                self.later(takes, Happening::SandboxUp { attempt });
            }
            Action::StopSandbox { id } => {
                let takes = setup.node.stop_sandbox;
                self.later(takes, Happening::SandboxDown { id });
            }
            Action::InspectImage { container, .. } => {
                let image = self
                    .spec(&container)
                    .map(|spec| spec.image)
                    .unwrap_or_default();
                let present = self.runtime.has_image(&self.setup.script, &image);
                let presence = if present {
                    ImagePresence::Present
                } else {
                    ImagePresence::Absent
                };
                self.report(Input::ImageInspected {
                    container,
                    presence,
                });
            }
            Action::PullImage { container, .. } => {
                let image = self
                    .spec(&container)
                    .map(|spec| spec.image)
                    .unwrap_or_default();
                let takes = self
                    .setup
                    .script
                    .images
                    .get(&image)
                    .map_or(Duration::ZERO, |image| image.pull);
                self.timeline.push(
                    self.now,
                    Event::PullStarted {
                        image: image.clone(),
                    },
                );
                self.later(takes, Happening::PullEnds { container, image });
            }
            Action::CreateContainer {
                container,
                restart_count,
            } => {
                self.create_container(container, restart_count);
            }
            Action::StartContainer { container, id } => {
                let takes = self
                    .runtime
                    .find(&id)
                    .map_or(Duration::ZERO, |record| record.behaviour.start);
                self.later(takes, Happening::Started { container, id });
            }
            Action::RunHook {
                container,
                id,
                hook,
            } => self.run_hook(container, id, hook),
            Action::StopContainer { id, grace, .. } => self.stop_container(id, grace),
            Action::RemoveContainer { id, .. } => {
                if let Some(at) = self
                    .runtime
                    .containers
                    .iter()
                    .position(|record| record.observed.id == id)
                {
                    let record = self.runtime.containers.remove(at);
                    self.timeline.push(
                        self.now,
                        Event::ContainerRemoved {
                            container: record.instance,
                        },
                    );
                }
            }
            Action::RunProbe {
                container,
                id,
                probe,
            } => self.run_probe(container, &id, probe),
            Action::DecideResize => self.decide_resize(),
            Action::ResizePod { resource, amounts } => self.resize_pod(&resource, amounts),
            Action::ResizeContainer {
                container,
                id,
                amounts,
                ..
            } => self.resize_container(container, &id, amounts),
            // What ends at this instant is seen to have ended.
            Action::Observe => self.later(Duration::ZERO, Happening::Observe),
            Action::PublishStatus { status } => self.send(status),
            Action::CreateMirror { replaces } => {
                let takes = setup.node.api_latency;
                self.later(takes, Happening::CreateMirror { replaces });
            }
            Action::DeletePod => {
                let takes = setup.node.api_latency;
                self.later(takes, Happening::DeleteObject);
            }
        }
    }

    /// Sends a status, one at a time: of those that have to wait only the last is kept.
    fn send(&mut self, status: Box<PodStatus>) {
        let Some(stored) = &self.stored else { return };
        let status = Outgoing {
            uid: stored.metadata.uid.clone(),
            status,
            at: self.now,
        };
        let merges = self.setup.node.merges_statuses;
        match &mut self.sending {
            Some(sent) if merges && sent.at == self.now => *sent = status,
            Some(_) => self.unsent = Some(status),
            None => self.send_now(status),
        }
    }

    fn send_now(&mut self, status: Outgoing) {
        self.sending = Some(status);
        self.later(self.setup.node.api_latency, Happening::Published);
    }

    fn published(&mut self) {
        if let Some(Outgoing { uid, status, .. }) = self.sending.take() {
            self.publish(&uid, *status);
        }
        if let Some(next) = self.unsent.take() {
            self.send_now(next);
        }
    }

    /// Deletes the object once all that was to be said of the pod has been said.
    fn delete_when_told(&mut self) {
        match self.sending {
            Some(_) => self.later(self.setup.node.api_latency, Happening::DeleteObject),
            None => self.delete_finished(),
        }
    }

    fn sandbox_up(&mut self, attempt: u32) {
        if !self.runtime.try_sandbox(&self.setup.script) {
            self.timeline.push(self.now, Event::SandboxFailed);
            return self.report(Input::SandboxFailed {
                message: "the script says so".into(),
            });
        }
        let host_network = self
            .machine
            .as_ref()
            .is_some_and(|machine| machine.pod().spec.host_network);
        let [a, b, c, d] = self.setup.node.pod_address;
        let number = u32::from_be_bytes([a, b, c, d]).saturating_add(attempt);
        let address = format!("{}", core::net::Ipv4Addr::from(number));
        let first = self.runtime.sandboxes.is_empty();
        let sandbox = self
            .runtime
            .add_sandbox(self.now, attempt, host_network, &address);
        self.timeline.push(self.now, Event::SandboxReady);
        self.make_cgroup();
        if let Some(dies) = self.setup.script.sandbox.dies_after.filter(|_| first) {
            self.later(
                dies,
                Happening::SandboxDies {
                    id: sandbox.id.clone(),
                },
            );
        }
        self.report(Input::SandboxCreated(sandbox));
    }

    fn sandbox_down(&mut self, id: String) {
        self.end_with_sandbox(&id);
        self.timeline.push(self.now, Event::SandboxStopped);
        self.report(Input::SandboxStopped { id });
    }

    fn sandbox_dies(&mut self, id: &str) {
        let alive = self.runtime.sandboxes.iter().any(|sandbox| {
            sandbox.id == id && sandbox.state == crate::lifecycle::SandboxState::Ready
        });
        if alive {
            self.timeline.push(self.now, Event::SandboxDied);
            self.end_with_sandbox(id);
            if !self.setup.config.pacing.wait_for_observation {
                self.report(Input::SandboxLost { id: id.into() });
            }
        }
    }

    fn end_with_sandbox(&mut self, id: &str) {
        for (container, exit) in self.runtime.stop_sandbox(self.now, id) {
            self.ended(container, exit);
        }
    }

    fn pull_ends(&mut self, container: String, image: String) {
        let success = self.runtime.pull(&self.setup.script, &image);
        let failure = self
            .setup
            .script
            .images
            .get(&image)
            .map(|image| image.failure);
        let message = format!("the script says so of {image}");
        self.timeline
            .push(self.now, Event::PullFinished { image, success });
        let result = match failure {
            _ if success => Ok(()),
            Some(PullFailure::RegistryUnavailable) => Err(PullError::RegistryUnavailable(message)),
            Some(PullFailure::SignatureValidationFailed) => {
                Err(PullError::SignatureValidationFailed(message))
            }
            Some(PullFailure::Plain) | None => Err(PullError::Failed(message)),
        };
        self.report(Input::ImagePulled { container, result });
    }

    fn create_container(&mut self, container: String, restart_count: i32) {
        let Some(spec) = self.spec(&container) else {
            return;
        };
        if let Some(missing) = self.missing_configuration(&spec) {
            let error = ContainerError::Config(missing);
            return self.report(Input::ContainerFailed { container, error });
        }
        let (instance, behaviour) = self.runtime.next_instance(&self.setup.script, &container);
        let takes = behaviour.create;
        let making = Making {
            instance,
            behaviour,
            restart_count,
        };
        self.later(takes, Happening::Created(Box::new(making)));
    }

    fn created(&mut self, making: Making) {
        let container = making.instance.name.clone();
        let works = making.behaviour.failure != Some(StartFailure::Create);
        let created = Event::ContainerCreated {
            container: making.instance.clone(),
            success: works,
        };
        self.timeline.push(self.now, created);
        let Some(spec) = self.spec(&container) else {
            return;
        };
        if !works {
            let error = ContainerError::Create("the script says so".into());
            return self.report(Input::ContainerFailed { container, error });
        }
        let id = self.runtime.add_container(self.now, &spec, making);
        self.report(Input::ContainerCreated { container, id });
    }

    fn started(&mut self, container: String, id: String) {
        let now = self.now;
        let Some(record) = self.runtime.find(&id) else {
            return;
        };
        let success = record.start(now);
        let instance = record.instance.clone();
        let run = record.behaviour.run;
        self.timeline.push(
            now,
            Event::ContainerStarted {
                container: instance,
                success,
            },
        );
        if !success {
            let error = ContainerError::Start {
                message: "the script says so".into(),
                exit_code: 128,
            };
            return self.report(Input::ContainerFailed { container, error });
        }
        if let Some(run) = run {
            self.later(
                run,
                Happening::Ends {
                    id: id.clone(),
                    how: End::Voluntary,
                },
            );
        }
        self.report(Input::ContainerStarted { container, id });
    }

    fn stop_container(&mut self, id: String, grace: Duration) {
        let Some(record) = self.runtime.find(&id) else {
            return;
        };
        let instance = record.instance.clone();
        self.timeline.push(
            self.now,
            Event::ContainerStopping {
                container: instance,
                grace,
            },
        );
        let Some(record) = self.runtime.find(&id) else {
            return;
        };
        if record.observed.state == ObservedState::Running {
            let (takes, how) = record.stop(grace);
            self.stopping.push(id.clone());
            self.later(takes, Happening::Ends { id, how });
        } else {
            let exit = record.to_exit();
            self.report(Input::ContainerExited(exit));
        }
    }

    fn ends(&mut self, id: &str, how: End) {
        let Some((container, exit)) = self.runtime.exit(self.now, id, how) else {
            return;
        };
        self.ended(container, exit);
    }

    /// What follows when a container has ended.
    fn ended(&mut self, container: Instance, exit: Exit) {
        let name = container.name.clone();
        let event = Event::ContainerExited {
            container,
            code: exit.exit_code,
            reason: exit.reason.clone(),
        };
        self.timeline.push(self.now, event);
        self.abandon_hooks(&name, &exit.id);
        let asked = self
            .stopping
            .iter()
            .position(|stopping| *stopping == exit.id);
        if let Some(at) = asked {
            self.stopping.remove(at);
        }
        if asked.is_some() || !self.setup.config.pacing.wait_for_observation {
            self.report(Input::ContainerExited(exit));
        }
    }
}
