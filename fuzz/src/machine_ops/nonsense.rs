//! Reports that no sound host would make.

use std::sync::Arc;

use arbitrary::Arbitrary;
use pod_lifecycle::{
    lifecycle::{Sandbox, probe},
    machine::{Action, Exit, Hook, ImagePresence, Input, PullError},
};

use super::Life;

#[derive(Arbitrary, Debug)]
pub(super) enum Nonsense {
    Started { name: u8, id: u8 },
    Created { name: u8, id: u8 },
    Pulled { name: u8, success: bool },
    Inspected { name: u8 },
    Exited { id: u8, code: i32 },
    Probed { name: u8, success: bool },
    Hooked { name: u8, pre_stop: bool },
    SandboxCreated { id: u8 },
    SandboxFailed,
    SandboxStopped { id: u8 },
    SandboxLost { id: u8 },
    Mounted,
    AnotherPod,
}

impl Life {
    pub(super) fn nonsense(&mut self, nonsense: &Nonsense) {
        let name = |index: u8| {
            ["main", "main-0", "main-1", "init-0", "nobody"][usize::from(index) % 5].to_owned()
        };
        let id = |index: u8| format!("nobody-{index}");
        let input = match *nonsense {
            Nonsense::Started { name: n, id: i } => Input::ContainerStarted {
                container: name(n),
                id: id(i),
            },
            Nonsense::Created { name: n, id: i } => Input::ContainerCreated {
                container: name(n),
                id: id(i),
            },
            Nonsense::Pulled { name: n, success } => Input::ImagePulled {
                container: name(n),
                result: if success {
                    Ok(())
                } else {
                    Err(PullError::RegistryUnavailable(String::new()))
                },
            },
            Nonsense::Inspected { name: n } => Input::ImageInspected {
                container: name(n),
                presence: ImagePresence::Error,
            },
            Nonsense::Exited { id: i, code } => Input::ContainerExited(Exit {
                id: id(i),
                exit_code: code,
                ..Exit::default()
            }),
            Nonsense::Probed { name: n, success } => Input::ProbeFinished {
                container: name(n),
                probe: probe::Kind::Readiness,
                answer: if success {
                    probe::Answer::Success
                } else {
                    probe::Answer::Unknown
                },
            },
            Nonsense::Hooked { name: n, pre_stop } => Input::HookFinished {
                container: name(n),
                hook: if pre_stop {
                    Hook::PreStop
                } else {
                    Hook::PostStart
                },
                result: Ok(()),
            },
            Nonsense::SandboxCreated { id: i } => Input::SandboxCreated(Sandbox {
                id: id(i),
                ..Sandbox::default()
            }),
            Nonsense::SandboxFailed => Input::SandboxFailed {
                message: String::new(),
            },
            Nonsense::SandboxStopped { id: i } => Input::SandboxStopped { id: id(i) },
            Nonsense::SandboxLost { id: i } => Input::SandboxLost { id: id(i) },
            Nonsense::Mounted => Input::VolumesMounted,
            Nonsense::AnotherPod => {
                let mut pod = self.pod.clone();
                pod.metadata.uid = "2".into();
                Input::PodUpdated(Arc::new(pod))
            }
        };
        if !self
            .asked
            .iter()
            .any(|action| is_answered_by(action, &input))
        {
            self.tell(input);
        }
    }
}

/// Whether a report might answer what the host was asked for, and so makes sense after all.
fn is_answered_by(action: &Action, input: &Input) -> bool {
    match action {
        Action::MountVolumes => matches!(input, Input::VolumesMounted),
        Action::CreateSandbox { .. } => {
            matches!(
                input,
                Input::SandboxCreated(_) | Input::SandboxFailed { .. }
            )
        }
        Action::InspectImage {
            container: asked, ..
        }
        | Action::PullImage {
            container: asked, ..
        }
        | Action::CreateContainer {
            container: asked, ..
        }
        | Action::StartContainer {
            container: asked, ..
        }
        | Action::RunHook {
            container: asked, ..
        }
        | Action::RunProbe {
            container: asked, ..
        } => match input {
            Input::ImageInspected { container, .. }
            | Input::ImagePulled { container, .. }
            | Input::ContainerCreated { container, .. }
            | Input::ContainerStarted { container, .. }
            | Input::ContainerFailed { container, .. }
            | Input::HookFinished { container, .. }
            | Input::ProbeFinished { container, .. } => container == asked,
            _ => false,
        },
        _ => false,
    }
}
