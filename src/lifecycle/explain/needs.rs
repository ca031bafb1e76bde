//! What has to happen for a pod to get on.

use jiff::Timestamp;

use super::{Cause, NotRestarted, Standing};
use crate::{
    api::{PodConditionType, PodPhase},
    lifecycle::{
        health::{Trouble, WaitingReason},
        probe,
    },
};

/// What has to happen for a [`Cause`] to go away, or for a container to be [started again](NotRestarted).
///
/// Its text is a sentence that is read after that of the cause. One need may uncover the next: a
/// back-off ends, and the container crashes once more.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Needs<'a> {
    /// Nothing: all was done.
    Nothing,
    /// Another pod: nothing can help this one.
    NewPod,
    /// Whoever set a scheduling gate removes it.
    GateRemoved(&'a str),
    /// A node is able to take the pod.
    Room,
    /// The scheduler gives the pod a node.
    Scheduler,
    /// The kubelet reports, on the pod or on a container.
    Kubelet,
    /// The runtime makes a sandbox, and the network gives it an address.
    Sandbox,
    /// Time passes.
    Time {
        /// Until when, where [that is known](crate::lifecycle::back_off::until).
        until: Option<Timestamp>,
    },
    /// The image can be pulled.
    Image,
    /// Somebody puts the image on the node, from where alone it may come.
    ImageOnNode,
    /// Somebody corrects the name of the image.
    ImageName,
    /// What the container's configuration names exists.
    Configuration,
    /// The kubelet starts the container; it tries by itself.
    Start,
    /// The container ends with exit code 0.
    Success,
    /// A probe of the container succeeds.
    Probe(probe::Kind),
    /// The owner of a condition sets it to `True`.
    Condition(&'a PodConditionType),
    /// The pod's node answers again.
    Node,
}

impl<'a> Cause<'a> {
    /// Returns what has to happen for this to stand in the way no longer.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, lifecycle::{explain::{self, Needs}, probe}};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{
    ///         "spec": {"nodeName": "node-1", "containers": [{"name": "web"}]},
    ///         "status": {
    ///             "phase": "Running",
    ///             "containerStatuses": [{"name": "web", "started": true, "state": {"running": {}}}]
    ///         }
    ///     }"#,
    /// )?;
    /// let needs = explain::not_ready(&pod)[0].needs();
    /// assert_eq!(needs, Needs::Probe(probe::Kind::Readiness));
    /// assert_eq!(needs.to_string(), "the container's readiness probe has to succeed");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn needs(&self) -> Needs<'a> {
        match *self {
            Self::Over { phase, .. } => of_over(phase),
            Self::Deleting => Needs::NewPod,
            Self::SchedulingGate(gate) => Needs::GateRemoved(gate),
            Self::Unschedulable { .. } => Needs::Room,
            Self::Unscheduled => Needs::Scheduler,
            Self::Unreported => Needs::Kubelet,
            Self::NoSandbox => Needs::Sandbox,
            Self::Container { standing, .. } => of_standing(standing),
            Self::ReadinessGate(type_) => Needs::Condition(type_),
            Self::Withdrawn => Needs::Node,
        }
    }
}

impl NotRestarted<'_> {
    /// Returns what has to happen for the container to run again.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, lifecycle::explain::{self, Needs}};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{
    ///         "spec": {"containers": [{"name": "web", "image": "web:1"}]},
    ///         "status": {"containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "ErrImageNeverPull"}}}]}
    ///     }"#,
    /// )?;
    /// let why = explain::not_restarted(&pod, "web");
    /// assert_eq!(why.map(|why| why.needs()), Some(Needs::ImageOnNode));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn needs(&self) -> Needs<'static> {
        match *self {
            Self::Over(phase) => of_over(phase),
            Self::Done => Needs::Nothing,
            Self::Policy { exit_code, .. } => of_end(exit_code),
            Self::Deleting => Needs::NewPod,
            Self::BackOff { until, .. } => Needs::Time { until },
            Self::Waits { reason, .. } => of_reason(reason, None),
            Self::Soon { .. } => Needs::Start,
        }
    }
}

fn of_over(phase: &PodPhase) -> Needs<'static> {
    match phase {
        PodPhase::Succeeded => Needs::Nothing,
        _ => Needs::NewPod,
    }
}

/// What the end of a container for good leaves to be wanted.
fn of_end(exit_code: i32) -> Needs<'static> {
    match exit_code {
        0 => Needs::Nothing,
        _ => Needs::NewPod,
    }
}

fn of_standing(standing: Standing<'_>) -> Needs<'static> {
    match standing {
        Standing::Unknown => Needs::Kubelet,
        Standing::Waiting { reason, until, .. } => of_reason(reason, until),
        Standing::Ended { restarts: true, .. } => Needs::Start,
        Standing::Ended { exit_code, .. } => of_end(exit_code),
        Standing::NotStarted => Needs::Probe(probe::Kind::Startup),
        Standing::Unready => Needs::Probe(probe::Kind::Readiness),
        Standing::Running => Needs::Success,
    }
}

fn of_reason(reason: &str, until: Option<Timestamp>) -> Needs<'static> {
    let reason = WaitingReason::from(reason);
    match (reason.trouble(), reason) {
        (Some(Trouble::Crash), _) => Needs::Time { until },
        (_, WaitingReason::InvalidImageName) => Needs::ImageName,
        (_, WaitingReason::ErrImageNeverPull) => Needs::ImageOnNode,
        (Some(Trouble::Image), _) => Needs::Image,
        (_, WaitingReason::CreateContainerConfigError) => Needs::Configuration,
        (Some(Trouble::Start) | None, _) => Needs::Start,
    }
}
