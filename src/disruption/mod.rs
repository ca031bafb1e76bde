//! Who has to go: what ends a pod that has done nothing wrong.
//!
//! A node that runs short evicts pods ([`eviction`]), and its kernel kills processes in the order
//! that [`oom_score`] gives; a kubelet preempts pods for one that is critical ([`preemption`]); a
//! node's taints evict those that do not tolerate them, or not for long ([`taints`]); a node that shuts
//! down ends its pods by their priority ([`shutdown`]); and pods that nobody will end any more are
//! collected ([`gc`]).
//!
//! | asked by | when | answered by | as in Kubernetes v1.36 |
//! |---|---|---|---|
//! | kubelet | memory, disk, inodes or process ids run short | [`eviction::rank`], [`eviction::victim`] | `rankMemoryPressure`, `rankPIDPressure`, `rankDiskPressureFunc` |
//! | kubelet | it evicts a pod | [`eviction::under_pressure`], [`eviction::over_limit`] | `evictionMessage`, `localStorageEviction` |
//! | kubelet | it starts a container | [`oom_score::adjustment`] | `GetContainerOOMScoreAdjust` |
//! | kubelet | a critical pod arrives that does not fit | [`preemption::victims`] | `getPodsToPreempt` |
//! | kubelet | the node shuts down | [`shutdown::phases`] | `killPods` of the node shutdown manager |
//! | taint eviction controller | a node's taints or a pod's tolerations change | [`taints::stay`], [`taints::timer`] | `processPodOnNode` |
//! | node lifecycle controller | a node is not ready, or not heard of | [`node_lost::fate`], [`node_lost::mark_not_ready`] | `processTaintBaseEviction`, `MarkPodsNotReady` |
//! | pod garbage collector | every 20 seconds | [`gc::collect`] | `gcTerminated`, `gcTerminating`, `gcOrphaned`, `gcUnscheduledTerminating` |
//!
//! What they write into the pod's status is the condition that [`target`] makes. Which pods are
//! critical, and who may preempt whom, [`critical`](crate::critical) says; preemption by the scheduler
//! is in [`scheduling::preemption`](mod@crate::scheduling::preemption).
//!
//! ```
//! use pod_lifecycle::{
//!     api::{Taint, Toleration},
//!     disruption::taints::{self, Stay},
//! };
//!
//! let lost: Taint = serde_json::from_str(
//!     r#"{"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}"#,
//! )?;
//! let default: Toleration = serde_json::from_str(
//!     r#"{"key": "node.kubernetes.io/unreachable", "operator": "Exists",
//!         "effect": "NoExecute", "tolerationSeconds": 300}"#,
//! )?;
//! assert_eq!(taints::stay(&[lost.clone()], &[]), Stay::Untolerated);
//! assert_eq!(taints::stay(&[lost], &[default]).to_string(), "300s");
//! # Ok::<(), serde_json::Error>(())
//! ```

pub mod eviction;
pub mod gc;
pub mod node_lost;
pub mod oom_score;
pub mod preemption;
pub mod shutdown;
pub mod taints;

use alloc::string::String;

use jiff::Timestamp;

use crate::api::{ConditionStatus, PodCondition, PodConditionType, Time};

/// Reason of the condition: the node has a taint that the pod does not tolerate any more.
pub const DELETION_BY_TAINT_MANAGER: &str = "DeletionByTaintManager";

/// Reason of the condition: the pod's node is gone.
pub const DELETION_BY_POD_GC: &str = "DeletionByPodGC";

/// Reason of the condition: the node runs short, shuts down, or makes room for a critical pod.
pub const TERMINATION_BY_KUBELET: &str = "TerminationByKubelet";

/// Returns the condition `DisruptionTarget` of a pod that is about to be ended.
///
/// ```
/// use pod_lifecycle::{disruption, jiff::Timestamp};
///
/// let reason = disruption::DELETION_BY_POD_GC;
/// let target = disruption::target(Timestamp::UNIX_EPOCH, reason, "PodGC: node no longer exists");
/// assert!(target.is_true());
/// ```
#[must_use]
pub fn target(now: Timestamp, reason: &str, message: &str) -> PodCondition {
    PodCondition {
        type_: PodConditionType::DISRUPTION_TARGET,
        status: Some(ConditionStatus::True),
        last_transition_time: Some(Time::new(now)),
        reason: String::from(reason),
        message: String::from(message),
        ..PodCondition::default()
    }
}
