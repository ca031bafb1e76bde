//! What becomes of the pods of a node that is not heard of any more, or says that it is not ready.
//!
//! Follows the node lifecycle controller of Kubernetes v1.36, and the taint eviction controller that goes on from there:
//!
//! 1. A kubelet renews its node's lease every 10 seconds. When a node has not been heard of for [`GRACE`], its condition
//!    `Ready` becomes `Unknown`; a kubelet that is there and not well makes it `False` itself.
//! 2. As soon as the node is not ready, its pods are not ready either: [`mark_not_ready`]. Nothing else of
//!    their statuses changes. **No phase becomes `Unknown`**: what a pod's phase was, it stays,
//!    since nobody knows better.
//! 3. The node gets a taint with the effect `NoExecute`: [`taint`]. A pod without a toleration for it is evicted at once, one with the
//!    300 seconds that the API server gives to pods by default then, those of a `DaemonSet` never: [`fate`].
//! 4. An evicted pod is a disruption target by [`DELETION_BY_TAINT_MANAGER`](super::DELETION_BY_TAINT_MANAGER), and its object is marked as
//!    deleted. It stays, `Terminating`, until its kubelet is back and has ended it, or until somebody deletes the node:
//!    then pod garbage collection takes it as [orphaned](super::gc).

use core::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::taints::{self, Timer};
use crate::api::{
    ConditionStatus, Node, Pod, PodConditionType, PodStatus, Taint, TaintEffect, Time,
};

/// How long a node may be silent, where the controller's `--node-monitor-grace-period` says nothing else.
pub const GRACE: Duration = Duration::from_secs(50);

/// The key of the taint of a node that says it is not ready.
pub const NOT_READY: &str = "node.kubernetes.io/not-ready";

/// The key of the taint of a node that is not heard of.
pub const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// Returns the taint that a node gets for the status of its condition `Ready`; a condition that is not there is unknown.
///
/// ```
/// use pod_lifecycle::{api::ConditionStatus, disruption::node_lost};
///
/// let taint = node_lost::taint(Some(&ConditionStatus::Unknown)).unwrap();
/// assert_eq!(taint.key, "node.kubernetes.io/unreachable");
/// assert_eq!(node_lost::taint(Some(&ConditionStatus::True)), None);
/// ```
#[must_use]
pub fn taint(ready: Option<&ConditionStatus>) -> Option<Taint> {
    let key = match ready {
        Some(ConditionStatus::False) => NOT_READY,
        Some(ConditionStatus::Unknown) | None => UNREACHABLE,
        Some(_) => return None,
    };
    Some(Taint {
        key: key.into(),
        effect: Some(TaintEffect::NoExecute),
        ..Taint::default()
    })
}

/// Marks a pod as not ready, since its node is not; returns whether that is news.
///
/// Only the condition `Ready` changes, and of it neither reason nor message. A pod without the condition stays as it is.
///
/// ```
/// use pod_lifecycle::{api::PodStatus, disruption::node_lost};
///
/// let mut status: PodStatus = serde_json::from_str(
///     r#"{"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}"#,
/// )?;
/// let now = "2026-03-01T09:00:50Z".parse().unwrap();
/// assert!(node_lost::mark_not_ready(now, &mut status));
/// assert!(!status.conditions[0].is_true());
/// assert!(!node_lost::mark_not_ready(now, &mut status));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn mark_not_ready(now: Timestamp, status: &mut PodStatus) -> bool {
    let mut conditions = status.conditions.iter_mut();
    let ready = conditions.find(|condition| condition.type_ == PodConditionType::READY);
    let Some(ready) = ready.filter(|ready| ready.status != Some(ConditionStatus::False)) else {
        return false;
    };
    ready.status = Some(ConditionStatus::False);
    ready.last_transition_time = Some(Time::new(now));
    true
}

/// What becomes of a pod whose node is not ready.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Fate {
    /// It stays bound to its node, for as long as that is not ready.
    Stays,
    /// It is deleted then, unless the node is well again before.
    EvictedAt(Timestamp),
}

/// Returns what becomes of a pod when its node gets the [taint](fn@taint) for not being ready at a given time.
///
/// Other taints of the node with the effect `NoExecute` count, too, as if they came at the same time.
///
/// ```
/// use pod_lifecycle::{api::{ConditionStatus, Node, Pod}, disruption::node_lost::{self, Fate}};
///
/// let by_default: Pod = serde_json::from_str(
///     r#"{"spec": {"tolerations": [{"key": "node.kubernetes.io/unreachable", "operator": "Exists",
///         "effect": "NoExecute", "tolerationSeconds": 300}]}}"#,
/// )?;
/// let at = "2026-03-01T09:00:00Z".parse().unwrap();
/// let fate = |pod| node_lost::fate(pod, &Node::default(), &ConditionStatus::Unknown, at);
/// assert_eq!(fate(&by_default), Fate::EvictedAt("2026-03-01T09:05:00Z".parse().unwrap()));
/// assert_eq!(fate(&Pod::default()), Fate::EvictedAt(at));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn fate(pod: &Pod, node: &Node, ready: &ConditionStatus, at: Timestamp) -> Fate {
    let own = taint(Some(ready));
    let stay = taints::stay(own.iter().chain(&node.spec.taints), &pod.spec.tolerations);
    let timer = taints::timer(at, None, stay);
    timer.map_or(Fate::Stays, |Timer { deadline, .. }| {
        Fate::EvictedAt(deadline)
    })
}
