//! What the machine asks of its host.

use alloc::{boxed::Box, string::String};
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    api::{PodStatus, ResourceName},
    lifecycle::{plan::Amounts, probe},
};

/// Something that the host is to do.
///
/// An action is asked for once. Those that say *reported by* stay outstanding
/// until the host reports the named [`Input`](super::Input); the others need no
/// report.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Action {
    /// Mount the pod's volumes and make its directories; reported by
    /// [`VolumesMounted`](super::Input::VolumesMounted).
    ///
    /// Asked for once, before the first sandbox of a pod that has volumes. There is
    /// no failure to report: the host tries until it can, as a kubelet does. A sync
    /// waits for them two minutes and three seconds, and is tried again then; it
    /// stops waiting when the pod is to end.
    MountVolumes,
    /// Make the environment that the pod's containers share; reported by
    /// [`SandboxCreated`](super::Input::SandboxCreated) or
    /// [`SandboxFailed`](super::Input::SandboxFailed).
    CreateSandbox {
        /// How many sandboxes the pod had before.
        attempt: u32,
    },
    /// Tear a sandbox down, its network included, and whatever still runs in it; reported by
    /// [`SandboxStopped`](super::Input::SandboxStopped).
    StopSandbox {
        /// The runtime's name for it.
        id: String,
    },
    /// Look whether an image is on the node; reported by
    /// [`ImageInspected`](super::Input::ImageInspected).
    InspectImage {
        /// The container that needs it.
        container: String,
        /// The image, with `:latest` added when it names neither tag nor digest.
        image: String,
    },
    /// Pull an image; reported by [`ImagePulled`](super::Input::ImagePulled).
    PullImage {
        /// The container that needs it.
        container: String,
        /// The image, with `:latest` added when it names neither tag nor digest.
        image: String,
    },
    /// Make a container, as [`allocated_pod`](super::PodMachine::allocated_pod) has it; reported by [`ContainerCreated`](super::Input::ContainerCreated) or
    /// [`ContainerFailed`](super::Input::ContainerFailed).
    CreateContainer {
        /// Its name in the pod's spec.
        container: String,
        /// The restart count to remember with it.
        restart_count: i32,
    },
    /// Start a container that was made; reported by
    /// [`ContainerStarted`](super::Input::ContainerStarted) or
    /// [`ContainerFailed`](super::Input::ContainerFailed).
    StartContainer {
        /// Its name in the pod's spec.
        container: String,
        /// The runtime's name for it.
        id: String,
    },
    /// Run a lifecycle hook; reported by [`HookFinished`](super::Input::HookFinished).
    ///
    /// A hook that is not finished when its container's grace is over is
    /// abandoned: the container is stopped, and a late report is ignored. When
    /// its container ends before, only a preStop hook that sleeps is waited for.
    RunHook {
        /// Its name in the pod's spec.
        container: String,
        /// The runtime's name for it.
        id: String,
        /// Which hook.
        hook: Hook,
    },
    /// Ask a container's process to end, and kill it when the grace is over; reported by
    /// [`ContainerExited`](super::Input::ContainerExited).
    StopContainer {
        /// Its name in the pod's spec.
        container: String,
        /// The runtime's name for it.
        id: String,
        /// How long the process may take: whole seconds, and zero to kill it at once.
        grace: Duration,
    },
    /// Forget a container that has ended; it need not be reported.
    RemoveContainer {
        /// Its name in the pod's spec.
        container: String,
        /// The runtime's name for it.
        id: String,
    },
    /// Run a probe once; reported by [`ProbeFinished`](super::Input::ProbeFinished).
    RunProbe {
        /// Its name in the pod's spec.
        container: String,
        /// The runtime's name for it.
        id: String,
        /// Which probe.
        probe: probe::Kind,
    },
    /// Say whether the node sets aside the resources that the pod's spec now asks for; reported by
    /// [`ResizeDecided`](super::Input::ResizeDecided).
    ///
    /// Syncs of a pod that is not ending wait for the answer, since a kubelet has it before it looks at
    /// the pod. One that puts the resize off may be followed by another, whenever room is found.
    DecideResize,
    /// Change a resource of the control group that the pod's containers share; reported by
    /// [`PodResized`](super::Input::PodResized).
    ///
    /// A host without such groups reports success.
    ResizePod {
        /// `cpu` or `memory`.
        resource: ResourceName,
        /// What the pod is to have in all.
        amounts: Amounts,
    },
    /// Change a resource of a container that runs; reported by
    /// [`ContainerResized`](super::Input::ContainerResized).
    ResizeContainer {
        /// Its name in the pod's spec.
        container: String,
        /// The runtime's name for it.
        id: String,
        /// `cpu` or `memory`.
        resource: ResourceName,
        /// What it is to have; what is not of that resource is as it was.
        amounts: Amounts,
    },
    /// Look at the runtime now and report by [`Observed`](super::Input::Observed).
    Observe,
    /// Write this status to the pod's `status` subresource; it need not be reported.
    ///
    /// A newer one replaces one that was not written yet.
    PublishStatus {
        /// The whole status.
        status: Box<PodStatus>,
    },
    /// Create the [copy](crate::lifecycle::static_pod::mirror) of the static pod in the API, where there is none; reported by
    /// [`MirrorUpdated`](super::Input::MirrorUpdated).
    ///
    /// It may fail: the next sync asks again.
    CreateMirror {
        /// The uid of the copy to delete before with grace period zero; where that fails, nothing is created.
        replaces: Option<String>,
    },
    /// Delete the pod object with grace period zero; reported by [`PodRemoved`](super::Input::PodRemoved).
    ///
    /// Of a static pod it is the copy; reported by [`MirrorUpdated`](super::Input::MirrorUpdated).
    DeletePod,
}

/// A lifecycle hook.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Hook {
    /// `lifecycle.postStart`.
    PostStart,
    /// `lifecycle.preStop`.
    PreStop,
}
