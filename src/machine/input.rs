//! What a host tells the machine.

use alloc::{boxed::Box, string::String, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    api::Pod,
    disruption::eviction::Notice,
    lifecycle::{Observation, Sandbox, probe, reason},
};

use super::{Hook, ResizeDecision};

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Input {
    /// The whole of what the runtime knows of the pod, as it is now.
    ///
    /// It wins over everything that was reported before, and what it shows to be done needs no report. What was
    /// asked for and is not there is waited for still: a look may be older than what was reported meanwhile.
    Observed(Observation),
    /// The volumes are mounted.
    VolumesMounted,
    /// The sandbox that was asked for is there, in the network that the pod asks for: a kubelet replaces any other.
    SandboxCreated(Sandbox),
    /// The sandbox that was asked for could not be made.
    ///
    /// As with a kubelet, the status does not say so: [`sandbox_failure`](super::PodMachine::sandbox_failure) does.
    SandboxFailed {
        /// What the runtime said.
        message: String,
    },
    /// A sandbox is torn down.
    SandboxStopped {
        /// The runtime's name for it.
        id: String,
    },
    /// The answer to [`InspectImage`](super::Action::InspectImage).
    ImageInspected {
        /// The container that needs the image.
        container: String,
        /// What was found.
        presence: ImagePresence,
    },
    /// The answer to [`PullImage`](super::Action::PullImage).
    ImagePulled {
        /// The container that needs the image.
        container: String,
        /// How the pull went.
        result: Result<(), PullError>,
    },
    /// A container is made.
    ContainerCreated {
        /// Its name in the pod's spec.
        container: String,
        /// The runtime's name for it.
        id: String,
    },
    /// A container runs.
    ContainerStarted {
        /// Its name in the pod's spec.
        container: String,
        /// The runtime's name for it.
        id: String,
    },
    /// A container could not be made or started.
    ContainerFailed {
        /// Its name in the pod's spec.
        container: String,
        /// What went wrong.
        error: ContainerError,
    },
    /// A hook is over.
    HookFinished {
        /// Its container's name in the pod's spec.
        container: String,
        /// Which hook.
        hook: Hook,
        /// How it went. What a postStart hook failed with is published as the reason why its container waits; about
        /// a preStop hook nothing is said.
        result: Result<(), String>,
    },
    /// A container's process has ended, by itself or because it was stopped.
    ContainerExited(Exit),
    /// A sandbox is gone without having been asked to.
    SandboxLost {
        /// The runtime's name for it.
        id: String,
    },
    /// A probe has run.
    ProbeFinished {
        /// Its container's name in the pod's spec.
        container: String,
        /// Which probe.
        probe: probe::Kind,
        /// How it went.
        answer: probe::Answer,
    },
    /// The answer to [`DecideResize`](super::Action::DecideResize), or a later one for a resize that was put off.
    ResizeDecided(ResizeDecision),
    /// The answer to [`ResizePod`](super::Action::ResizePod).
    PodResized {
        /// How it went.
        result: Result<(), String>,
    },
    /// The answer to [`ResizeContainer`](super::Action::ResizeContainer).
    ContainerResized {
        /// Its name in the pod's spec.
        container: String,
        /// How it went.
        result: Result<(), String>,
    },
    /// The pod object has changed: its spec, its metadata, or the conditions that others write.
    ///
    /// A deletion arrives like this too, as a `deletionTimestamp`.
    PodUpdated(Arc<Pod>),
    /// The pod object is gone from the API, or the manifest of a static pod from its node: whatever runs is stopped.
    PodRemoved,
    /// The copy of a static pod in the API is there, has changed, or is gone.
    ///
    /// A pod of the same name that is no mirror pod counts as none. When another static pod follows on this one, the
    /// copy passes to that: tell this machine that it is gone.
    MirrorUpdated(Option<Arc<Pod>>),
    /// The node wants the pod away: it runs [short](crate::disruption::eviction), makes room for a
    /// [critical](crate::disruption::preemption) pod, or [shuts down](crate::disruption::shutdown).
    ///
    /// The pod fails with that reason and message, and is a disruption target by
    /// [`TerminationByKubelet`](crate::disruption::TERMINATION_BY_KUBELET), unless it was over its own limits.
    Evict(Box<Eviction>),
}

/// How a container ended.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Exit {
    /// The runtime's name for the container.
    pub id: String,
    /// What the process gave back: 128 plus the signal when it was killed.
    pub exit_code: i32,
    /// Why, in one word; [`Completed`](crate::lifecycle::reason::COMPLETED) or
    /// [`Error`](crate::lifecycle::reason::ERROR) when empty.
    pub reason: String,
    /// The termination message.
    pub message: String,
    /// When it ended; now when absent.
    pub finished_at: Option<Timestamp>,
}

/// What a node knows of an image.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum ImagePresence {
    /// It is there, and this pod may use it.
    Present,
    /// It is not there.
    Absent,
    /// It is there, but was pulled with credentials that this pod has not shown.
    NotVerified,
    /// The runtime could not say.
    Error,
}

/// Why an image could not be pulled.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, thiserror::Error)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum PullError {
    /// The pull failed.
    #[error("the image cannot be pulled: {0}")]
    Failed(String),
    /// The registry does not answer.
    #[error("the registry does not answer: {0}")]
    RegistryUnavailable(String),
    /// The image's signature is not accepted.
    #[error("the image's signature is not accepted: {0}")]
    SignatureValidationFailed(String),
}

/// Why a container could not be made or started.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, thiserror::Error)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum ContainerError {
    /// What its configuration names is missing or not allowed: a config map, a secret, a user.
    #[error("{0}")]
    Config(String),
    /// The runtime refused to make it.
    #[error("{0}")]
    Create(String),
    /// The runtime made it and could not start it; it is left behind, ended with this exit code.
    #[error("{message}")]
    Start {
        /// What the runtime said.
        message: String,
        /// 128 as runtimes report it.
        exit_code: i32,
    },
}

/// Why a node wants a pod away, and how fast.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Eviction {
    /// The status' reason: `Evicted`, `Preempting`, [`Terminated`](crate::disruption::shutdown::REASON)…
    pub reason: String,
    /// The status' message.
    pub message: String,
    /// The grace to use instead of the pod's own, in seconds; a smaller one in force stays.
    pub grace_period_seconds: Option<i64>,
    /// Whether the pod has used more than its own limits allow; then it is no disruption target.
    pub over_limit: bool,
}

/// An eviction as the node's eviction manager decides on it.
///
/// ```
/// use pod_lifecycle::{disruption::eviction::Notice, machine::Eviction};
///
/// let notice = Notice {
///     message: "The node was low on resource: memory. ".into(),
///     grace_period_seconds: 1,
///     is_disruption_target: true,
/// };
/// let eviction = Eviction::from(notice);
/// assert_eq!((eviction.reason.as_str(), eviction.grace_period_seconds), ("Evicted", Some(1)));
/// ```
impl From<Notice> for Eviction {
    fn from(notice: Notice) -> Self {
        Self {
            reason: reason::EVICTED.into(),
            message: notice.message,
            grace_period_seconds: Some(notice.grace_period_seconds),
            over_limit: !notice.is_disruption_target,
        }
    }
}

/// The host broke the contract; nothing has changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The report answers nothing that was asked for.
    #[error("{0} was not asked for")]
    NotAsked(&'static str),
    /// The pod has no container of that name.
    #[error("the pod has no container {0:?}")]
    NoSuchContainer(String),
    /// No container of that id is known.
    #[error("no container has the id {0:?}")]
    NoSuchContainerId(String),
    /// No sandbox of that id is known.
    #[error("no sandbox has the id {0:?}")]
    NoSuchSandbox(String),
    /// The container had ended before.
    #[error("the container {0:?} had ended before")]
    ExitedBefore(String),
    /// The pod has another UID: it is another pod and needs a machine of its own.
    #[error("the pod has another UID")]
    AnotherPod,
    /// The pod is not static and has no mirror, or the object is not its mirror.
    #[error("the pod has no such mirror")]
    NoMirror,
    /// Nothing can happen any more.
    #[error("the pod is over")]
    Over,
}

#[cfg(feature = "arbitrary")]
mod arbitrary_inputs {
    use arbitrary::{Arbitrary, Result, Unstructured};

    use super::{Eviction, Exit, Input};
    use crate::{
        api::Time,
        lifecycle::{probe, reason},
    };

    /// Mostly a name that a small pod has.
    fn name(u: &mut Unstructured<'_>) -> Result<alloc::string::String> {
        let names = ["app", "web", "worker", "init", "sidecar", ""];
        Ok((*u.choose(&names)?).into())
    }

    fn id(u: &mut Unstructured<'_>) -> Result<alloc::string::String> {
        let number = u.int_in_range(0..=7_u8)?;
        Ok(alloc::format!("sim://{}-{number}", name(u)?))
    }

    impl<'a> Arbitrary<'a> for Exit {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self {
                id: id(u)?,
                exit_code: *u.choose(&[0, 0, 1, 1, 42, 128, 137, 143, i32::MIN, i32::MAX])?,
                reason: (*u.choose(&["", reason::COMPLETED, reason::ERROR, reason::OOM_KILLED])?)
                    .into(),
                message: u.arbitrary()?,
                finished_at: u.arbitrary::<Option<Time>>()?.map(Time::timestamp),
            })
        }
    }

    impl<'a> Arbitrary<'a> for Eviction {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self {
                reason: (*u.choose(&[reason::EVICTED, "Preempting", ""])?).into(),
                message: u.arbitrary()?,
                grace_period_seconds: u.arbitrary()?,
                over_limit: u.arbitrary()?,
            })
        }
    }

    impl<'a> Arbitrary<'a> for Input {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=20_u8)? {
                0 => Self::Observed(u.arbitrary()?),
                1 => Self::VolumesMounted,
                2 => Self::SandboxCreated(u.arbitrary()?),
                3 => Self::SandboxFailed {
                    message: u.arbitrary()?,
                },
                4 => Self::SandboxStopped { id: u.arbitrary()? },
                5 => Self::ImageInspected {
                    container: name(u)?,
                    presence: u.arbitrary()?,
                },
                6 => Self::ImagePulled {
                    container: name(u)?,
                    result: u.arbitrary()?,
                },
                7 => Self::ContainerCreated {
                    container: name(u)?,
                    id: id(u)?,
                },
                8 => Self::ContainerStarted {
                    container: name(u)?,
                    id: id(u)?,
                },
                9 => Self::ContainerFailed {
                    container: name(u)?,
                    error: u.arbitrary()?,
                },
                10 => Self::HookFinished {
                    container: name(u)?,
                    hook: u.arbitrary()?,
                    result: u.arbitrary()?,
                },
                11 => Self::ContainerExited(u.arbitrary()?),
                12 => Self::SandboxLost { id: u.arbitrary()? },
                13 => {
                    let kinds = [
                        probe::Kind::Liveness,
                        probe::Kind::Readiness,
                        probe::Kind::Startup,
                    ];
                    let answers = [
                        probe::Answer::Success,
                        probe::Answer::Warning,
                        probe::Answer::Failure,
                        probe::Answer::Unknown,
                        probe::Answer::Error,
                    ];
                    Self::ProbeFinished {
                        container: name(u)?,
                        probe: *u.choose(&kinds)?,
                        answer: *u.choose(&answers)?,
                    }
                }
                14 => Self::PodUpdated(alloc::sync::Arc::new(u.arbitrary()?)),
                15 => Self::PodRemoved,
                20 => {
                    let mirror: Option<crate::api::Pod> = u.arbitrary()?;
                    Self::MirrorUpdated(mirror.map(alloc::sync::Arc::new))
                }
                16 => Self::ResizeDecided(u.arbitrary()?),
                17 => Self::PodResized {
                    result: u.arbitrary()?,
                },
                18 => Self::ContainerResized {
                    container: name(u)?,
                    result: u.arbitrary()?,
                },
                _ => Self::Evict(alloc::boxed::Box::new(u.arbitrary()?)),
            })
        }
    }
}
