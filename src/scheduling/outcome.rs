//! What the filters and the scores come to for a whole cluster.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::{
    Cycle, Misfit, NodeId, Snapshot, Verdict, gates,
    score::{self, Ranking},
};
use crate::api::Pod;

/// Finds out where in a cluster a pod fits: all filters on all nodes.
///
/// Follows `findNodesThatFitPod` with the default profile, and says of each node what the first
/// plugin says that the pod does not pass. [`Cycle`] answers for single nodes, and gives all
/// reasons.
///
/// ```
/// use pod_lifecycle::{api::{Node, Pod}, scheduling::{self, Snapshot}};
///
/// let mut snapshot = Snapshot::new();
/// snapshot.set_node(&Node::default());
/// let outcome = scheduling::schedule(&Pod::default(), &snapshot);
/// assert_eq!(outcome.summary(), "0/1 nodes are available: 1 Too many pods.");
/// ```
#[must_use]
pub fn schedule(pod: &Pod, snapshot: &Snapshot) -> Outcome {
    if let Some(misfit) = gates::check(&pod.spec) {
        return Outcome {
            pre_filter: Some(misfit),
            nodes: Vec::new(),
        };
    }
    Cycle::new(pod, snapshot).outcome()
}

/// Finds a pod's place in a cluster: filters all nodes, compares those that it fits, and takes the
/// best.
///
/// Of equally good nodes the first in the snapshot's order is taken, where Kubernetes draws lots.
/// All nodes are looked at, while Kubernetes stops in large clusters once it has found enough.
///
/// ```
/// use pod_lifecycle::{api::{Node, Pod}, scheduling::{self, Snapshot}};
///
/// let mut snapshot = Snapshot::new();
/// for (name, cpu) in [("a", "1"), ("b", "4")] {
///     let node: Node = serde_json::from_value(serde_json::json!({
///         "metadata": {"name": name},
///         "status": {"allocatable": {"cpu": cpu, "pods": "9"}}
///     }))?;
///     snapshot.set_node(&node);
/// }
/// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "a"}]}}"#)?;
/// let placement = scheduling::schedule_one(&pod, &snapshot);
/// let best = placement.ranking.best().unwrap();
/// assert_eq!(snapshot.node_name(best), "b");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn schedule_one(pod: &Pod, snapshot: &Snapshot) -> Placement {
    let gated = gates::check(&pod.spec);
    let cycle = Cycle::new(pod, snapshot);
    let outcome = match gated {
        Some(_) => schedule(pod, snapshot),
        None => cycle.outcome(),
    };
    let feasible = outcome.nodes.iter().filter(|(_, verdict)| verdict.fits());
    let feasible = feasible.map(|(node, _)| *node).collect();
    Placement {
        ranking: score::rank(&cycle, feasible),
        outcome,
    }
}

/// Where a pod goes, and why: the verdict on every node, and how those compare that it fits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Placement {
    /// What the filters say.
    pub outcome: Outcome,
    /// What the scores say about the nodes that the pod fits.
    pub ranking: Ranking,
}

/// What the filters say about a pod and all nodes of a cluster.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Outcome {
    /// What keeps the pod from all nodes, before any is looked at; with
    /// [`Gated`](Misfit::Gated), no node was asked at all.
    pub pre_filter: Option<Misfit>,
    /// The nodes in the snapshot's order, each with its verdict.
    pub nodes: Vec<(NodeId, Verdict)>,
}

impl Outcome {
    /// Returns how many nodes the pod fits.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{self, Snapshot}};
    ///
    /// let mut snapshot = Snapshot::new();
    /// for name in ["a", "b"] {
    ///     let node: Node = serde_json::from_value(serde_json::json!({
    ///         "metadata": {"name": name},
    ///         "spec": {"unschedulable": name == "b"},
    ///         "status": {"allocatable": {"cpu": "1", "pods": "9"}}
    ///     }))?;
    ///     snapshot.set_node(&node);
    /// }
    /// let outcome = scheduling::schedule(&Pod::default(), &snapshot);
    /// assert_eq!((outcome.nodes.len(), outcome.feasible()), (2, 1));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn feasible(&self) -> usize {
        self.nodes
            .iter()
            .filter(|(_, verdict)| verdict.fits())
            .count()
    }

    /// Returns how many nodes have which reason.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{self, Snapshot}};
    ///
    /// let mut snapshot = Snapshot::new();
    /// snapshot.set_node(&Node::default());
    /// let outcome = scheduling::schedule(&Pod::default(), &snapshot);
    /// assert_eq!(outcome.reason_counts()["Too many pods"], 1);
    /// ```
    #[must_use]
    pub fn reason_counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for misfit in self.nodes.iter().flat_map(|(_, verdict)| verdict.misfits()) {
            *counts.entry(misfit.to_string()).or_default() += 1;
        }
        counts
    }

    /// Returns what the event `FailedScheduling` says, without what
    /// [`preemption::remark`](super::preemption::remark) adds to it; empty where the pod fits a
    /// node, or is not looked at.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{self, Snapshot}};
    ///
    /// let mut snapshot = Snapshot::new();
    /// for name in ["a", "b"] {
    ///     let node: Node = serde_json::from_value(serde_json::json!({
    ///         "metadata": {"name": name},
    ///         "spec": {"unschedulable": name == "b"},
    ///         "status": {"allocatable": {"cpu": "1", "pods": "9"}}
    ///     }))?;
    ///     snapshot.set_node(&node);
    /// }
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": "2"}}}]}}"#,
    /// )?;
    /// assert_eq!(
    ///     scheduling::schedule(&pod, &snapshot).summary(),
    ///     "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.",
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn summary(&self) -> String {
        if self.feasible() > 0 || self.pre_filter == Some(Misfit::Gated) {
            return String::new();
        }
        if self.nodes.is_empty() {
            return "no nodes available to schedule pods".into();
        }
        let reasons = match &self.pre_filter {
            Some(misfit) => misfit.to_string(),
            None => listed(self.reason_counts()),
        };
        unavailable(self.nodes.len(), &reasons)
    }
}

/// How the scheduler begins when no node will do.
pub(super) fn unavailable(nodes: usize, reasons: &str) -> String {
    format!("0/{nodes} nodes are available: {reasons}.")
}

/// Lists reasons as the scheduler does: each with its number before it, sorted as texts.
pub(super) fn listed(counts: BTreeMap<String, usize>) -> String {
    let counts = counts.into_iter();
    let mut items: Vec<_> = counts
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    items.sort_unstable();
    items.join(", ")
}
