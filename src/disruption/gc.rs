//! Pods that nobody will end any more.
//!
//! Follows the pod garbage collector of Kubernetes v1.36: it deletes, without grace, pods that have
//! ended where there are too many of them, and pods whose kubelet is not there to do it.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::cmp::Reverse;

use crate::api::{ConditionStatus, Node, NodeConditionType, Pod, PodPhase};

/// The taint of a node that has been shut down for good.
const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";

/// The reason that an evicted pod's status has.
const EVICTED: &str = "Evicted";

/// The message of the condition that an orphaned pod gets.
pub const NODE_GONE: &str = "PodGC: node no longer exists";

/// Why a pod is collected.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Reason {
    /// It has ended, and more pods have ended than are kept.
    Terminated,
    /// It is being deleted on a node that is not ready and tainted as out of service.
    TerminatingOutOfService,
    /// Its node does not exist.
    Orphaned,
    /// It is being deleted and has no node.
    TerminatingUnscheduled,
}

impl Reason {
    /// Returns the name of the rule.
    ///
    /// ```
    /// use pod_lifecycle::disruption::gc::Reason;
    ///
    /// assert_eq!(Reason::Orphaned.as_str(), "Orphaned");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminated => "Terminated",
            Self::TerminatingOutOfService => "TerminatingOutOfService",
            Self::Orphaned => "Orphaned",
            Self::TerminatingUnscheduled => "TerminatingUnscheduled",
        }
    }
}

/// A pod that is deleted, with a grace period of 0.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Collected<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// Why; at least one, in the order in which the rules are applied.
    pub reasons: Vec<Reason>,
}

impl Collected<'_> {
    /// Whether the pod becomes `Failed` before it is deleted: it has not ended.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, disruption::gc};
    ///
    /// let pod: Pod = serde_json::from_str(r#"{"spec": {"nodeName": "gone"}}"#)?;
    /// let collected = gc::collect([&pod], [], 0);
    /// assert!(collected[0].is_marked_failed());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn is_marked_failed(&self) -> bool {
        !matches!(
            self.pod.status.phase,
            Some(PodPhase::Succeeded | PodPhase::Failed)
        )
    }

    /// Whether the pod gets the condition `DisruptionTarget` before it is deleted, with the reason
    /// [`DELETION_BY_POD_GC`](super::DELETION_BY_POD_GC) and the message [`NODE_GONE`]: it has not
    /// ended, and its node is gone.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, disruption::gc};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"metadata": {"deletionTimestamp": "2026-03-01T12:00:00Z"}}"#,
    /// )?;
    /// let collected = gc::collect([&pod], [], 0);
    /// assert!(!collected[0].is_disruption_target());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn is_disruption_target(&self) -> bool {
        self.is_marked_failed() && self.reasons.contains(&Reason::Orphaned)
    }
}

/// Returns the pods that one pass collects, in the order in which they are given.
///
/// Of the pods that have ended, as many as the threshold says are kept (all of them, where it is
/// not positive); the others go, evicted ones first, then the oldest. A pod whose phase is not set
/// counts as ended. A pod is orphaned once its node is known to be gone: the original waits 40
/// seconds and asks again, so `nodes` should not miss one for less.
///
/// ```
/// use pod_lifecycle::{api::Pod, disruption::gc::{self, Reason}};
///
/// let pods: Vec<Pod> = serde_json::from_str(
///     r#"[
///         {"metadata": {"name": "a"}, "status": {"phase": "Succeeded"}},
///         {"metadata": {"name": "b"}, "status": {"phase": "Failed", "reason": "Evicted"}}
///     ]"#,
/// )?;
/// let collected = gc::collect(&pods, [], 1);
/// assert_eq!(collected.len(), 1);
/// assert_eq!(collected[0].pod.metadata.name, "b");
/// assert_eq!(collected[0].reasons, [Reason::Terminated]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn collect<'a, 'n>(
    pods: impl IntoIterator<Item = &'a Pod>,
    nodes: impl IntoIterator<Item = &'n Node>,
    terminated_pod_threshold: i32,
) -> Vec<Collected<'a>> {
    let pods: Vec<_> = pods.into_iter().collect();
    let nodes: BTreeMap<_, _> = nodes
        .into_iter()
        .map(|node| (node.metadata.name.as_str(), node))
        .collect();
    let surplus = surplus(&pods, terminated_pod_threshold);
    let collected = pods.iter().enumerate().filter_map(|(index, &pod)| {
        let terminated = surplus.contains(&index).then_some(Reason::Terminated);
        let reasons: Vec<_> = terminated
            .into_iter()
            .chain(abandoned(pod, &nodes))
            .collect();
        (!reasons.is_empty()).then_some(Collected { pod, reasons })
    });
    collected.collect()
}

/// Why nobody will end a pod; the rules exclude one another.
fn abandoned(pod: &Pod, nodes: &BTreeMap<&str, &Node>) -> Option<Reason> {
    let terminating = pod.metadata.deletion_timestamp.is_some();
    if pod.spec.node_name.is_empty() {
        return terminating.then_some(Reason::TerminatingUnscheduled);
    }
    match nodes.get(pod.spec.node_name.as_str()) {
        None => Some(Reason::Orphaned),
        Some(node) => {
            (terminating && is_out_of_service(node)).then_some(Reason::TerminatingOutOfService)
        }
    }
}

fn is_out_of_service(node: &Node) -> bool {
    let mut conditions = node.status.conditions.iter();
    let ready = conditions.find(|condition| condition.type_ == NodeConditionType::READY);
    let is_ready = ready.is_some_and(|ready| ready.status == Some(ConditionStatus::True));
    !is_ready
        && node
            .spec
            .taints
            .iter()
            .any(|taint| taint.key == OUT_OF_SERVICE)
}

/// The pods that have ended and are too many.
fn surplus(pods: &[&Pod], threshold: i32) -> BTreeSet<usize> {
    let Some(kept) = usize::try_from(threshold).ok().filter(|kept| *kept > 0) else {
        return BTreeSet::new();
    };
    let ended = pods.iter().enumerate().filter(|(_, pod)| has_ended(pod));
    let mut ended: Vec<_> = ended.map(|(index, &pod)| (order(pod), index)).collect();
    ended.sort();
    let count = ended.len().saturating_sub(kept);
    ended
        .into_iter()
        .take(count)
        .map(|(_, index)| index)
        .collect()
}

fn has_ended(pod: &Pod) -> bool {
    !matches!(
        pod.status.phase,
        Some(PodPhase::Pending | PodPhase::Running | PodPhase::Unknown)
    )
}

fn order(pod: &Pod) -> impl Ord + '_ {
    let evicted = pod.status.phase == Some(PodPhase::Failed) && pod.status.reason == EVICTED;
    let created = pod.metadata.creation_timestamp;
    (Reverse(evicted), created, pod.metadata.name.as_str())
}
