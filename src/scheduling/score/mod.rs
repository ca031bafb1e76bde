//! Which of the nodes that a pod fits is the best.
//!
//! Each score is a number from 0 to 100 for each node, made from raw numbers that are compared
//! among the nodes; the best node has the greatest sum, each score taken as often as its weight
//! says. Follows the score plugins of kube-scheduler's default profile, and `MostAllocated` beside
//! them.

mod nodes;
mod pods;
mod room;

use alloc::vec::Vec;

use super::{Cycle, NodeId, intern::Id, node_info::NodeInfo};

/// The best score.
const MAX: i64 = 100;

/// A way to compare nodes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Score {
    /// Fewer taints that had better be tolerated.
    TaintToleration,
    /// More of the node affinity that the pod prefers.
    NodeAffinity,
    /// More room left; the usual strategy of `NodeResourcesFit`.
    LeastAllocated,
    /// Less room left; another strategy of `NodeResourcesFit`.
    MostAllocated,
    /// Cpu and memory used evenly.
    BalancedAllocation,
    /// More even spreading, for constraints that may be broken.
    PodTopologySpread,
    /// More of the pods near by that are preferred.
    InterPodAffinity,
    /// More of the pod's images present.
    ImageLocality,
}

impl Score {
    /// The scores of the default profile.
    pub const DEFAULT: [Self; 7] = [
        Self::TaintToleration,
        Self::NodeAffinity,
        Self::LeastAllocated,
        Self::BalancedAllocation,
        Self::PodTopologySpread,
        Self::InterPodAffinity,
        Self::ImageLocality,
    ];

    /// Returns the weight of the plugin in the default profile.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::score::Score;
    ///
    /// assert_eq!(Score::TaintToleration.weight(), 3);
    /// ```
    #[must_use]
    pub const fn weight(self) -> i64 {
        match self {
            Self::TaintToleration => 3,
            Self::NodeAffinity | Self::PodTopologySpread | Self::InterPodAffinity => 2,
            Self::LeastAllocated
            | Self::MostAllocated
            | Self::BalancedAllocation
            | Self::ImageLocality => 1,
        }
    }

    /// Returns the name of the plugin; the strategies of `NodeResourcesFit` go by their own.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::score::Score;
    ///
    /// assert_eq!(Score::BalancedAllocation.as_str(), "NodeResourcesBalancedAllocation");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TaintToleration => "TaintToleration",
            Self::NodeAffinity => "NodeAffinity",
            Self::LeastAllocated => "LeastAllocated",
            Self::MostAllocated => "MostAllocated",
            Self::BalancedAllocation => "NodeResourcesBalancedAllocation",
            Self::PodTopologySpread => "PodTopologySpread",
            Self::InterPodAffinity => "InterPodAffinity",
            Self::ImageLocality => "ImageLocality",
        }
    }
}

/// The scores of nodes, in the order in which the nodes were given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scores {
    /// As they are counted.
    pub raw: Vec<i64>,
    /// As they are summed: from 0 to 100.
    pub normalized: Vec<i64>,
}

impl Scores {
    fn as_counted(raw: Vec<i64>) -> Self {
        Self {
            normalized: raw.clone(),
            raw,
        }
    }

    /// The greatest becomes 100.
    fn greatest_is_best(raw: Vec<i64>) -> Self {
        let max = raw.iter().copied().max().unwrap_or_default();
        let share = |raw: &i64| if max > 0 { percent(*raw, max) } else { *raw };
        Self {
            normalized: raw.iter().map(share).collect(),
            raw,
        }
    }

    /// Nothing becomes 100, and the greatest 0.
    fn least_is_best(raw: Vec<i64>) -> Self {
        let max = raw.iter().copied().max().unwrap_or_default();
        let share = |raw: &i64| {
            if max > 0 {
                MAX - percent(*raw, max)
            } else {
                MAX
            }
        };
        Self {
            normalized: raw.iter().map(share).collect(),
            raw,
        }
    }
}

/// The share of a part in the whole, in hundredths, truncated.
fn percent(part: i64, whole: i64) -> i64 {
    let share = (i128::from(part) * i128::from(MAX)).checked_div(i128::from(whole));
    let share = share.and_then(|share| i64::try_from(share).ok());
    share.unwrap_or_default()
}

/// Cuts off what is behind the point.
#[expect(
    clippy::cast_possible_truncation,
    reason = "beyond the range it stays at its end, as is meant"
)]
fn truncate(number: f64) -> i64 {
    number as i64
}

/// Scores nodes for a pod; `None` where the pod gives no reason to tell them apart.
///
/// The nodes are usually those that the pod fits ([`Cycle::feasible`]); one that the snapshot does
/// not hold counts as a node without anything.
///
/// ```
/// use pod_lifecycle::{
///     api::{Node, Pod},
///     scheduling::{Cycle, Snapshot, score::{self, Score}},
/// };
///
/// let mut snapshot = Snapshot::new();
/// for (name, cpu) in [("a", "1"), ("b", "4")] {
///     let node: Node = serde_json::from_value(serde_json::json!({
///         "metadata": {"name": name},
///         "status": {"allocatable": {"cpu": cpu, "pods": "9"}}
///     }))?;
///     snapshot.set_node(&node);
/// }
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [{"name": "a", "resources": {"requests": {"cpu": "500m"}}}]}}"#,
/// )?;
/// let cycle = Cycle::new(&pod, &snapshot);
/// let nodes: Vec<_> = cycle.feasible().collect();
/// let scores = score::of(Score::LeastAllocated, &cycle, &nodes).unwrap();
/// assert_eq!(scores.normalized, [50, 87]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn of(score: Score, cycle: &Cycle<'_>, nodes: &[NodeId]) -> Option<Scores> {
    let absent = NodeInfo {
        taints: Id::MAX,
        ..NodeInfo::default()
    };
    let nodes: Vec<(Id, &NodeInfo)> = nodes
        .iter()
        .map(|node| (node.0, cycle.snapshot.known_info(node.0).unwrap_or(&absent)))
        .collect();
    let mut scores = match score {
        Score::TaintToleration => nodes::taint_toleration(cycle, &nodes),
        Score::NodeAffinity => nodes::node_affinity(cycle, &nodes)?,
        Score::LeastAllocated => room::least_allocated(cycle, &nodes),
        Score::MostAllocated => room::most_allocated(cycle, &nodes),
        Score::BalancedAllocation => room::balanced_allocation(cycle, &nodes)?,
        Score::PodTopologySpread => pods::topology_spread(cycle, &nodes)?,
        Score::InterPodAffinity => pods::inter_pod_affinity(cycle, &nodes)?,
        Score::ImageLocality => nodes::image_locality(cycle, &nodes),
    };
    // What validation would have refused, such as weights and requests below 0, leads beyond.
    for normalized in &mut scores.normalized {
        *normalized = (*normalized).clamp(0, MAX);
    }
    Some(scores)
}

/// How nodes compare for a pod: a row for each score that applies, a column for each node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ranking {
    /// The nodes.
    pub nodes: Vec<NodeId>,
    /// The scores, and what each makes of the nodes.
    pub rows: Vec<(Score, Scores)>,
    /// The sums, each score taken as often as its weight says.
    pub totals: Vec<i64>,
}

impl Ranking {
    /// Returns the node with the greatest sum; of several, the first. Kubernetes picks one of them
    /// at random.
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
    /// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "app"}]}}"#)?;
    /// let placement = scheduling::schedule_one(&pod, &snapshot);
    /// assert_eq!(placement.ranking.best(), snapshot.node("b"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn best(&self) -> Option<NodeId> {
        let mut best: Option<(i64, NodeId)> = None;
        for (total, node) in self.totals.iter().zip(&self.nodes) {
            if best.is_none_or(|(most, _)| *total > most) {
                best = Some((*total, *node));
            }
        }
        best.map(|(_, node)| node)
    }
}

/// Compares nodes by the scores of the default profile.
///
/// ```
/// use pod_lifecycle::{
///     api::{Node, Pod},
///     scheduling::{Cycle, Snapshot, score},
/// };
///
/// let mut snapshot = Snapshot::new();
/// let node = snapshot.set_node(&Node::default());
/// let pod = Pod::default();
/// let ranking = score::rank(&Cycle::new(&pod, &snapshot), [node].into());
/// assert_eq!(ranking.best(), Some(node));
/// ```
#[must_use]
pub fn rank(cycle: &Cycle<'_>, nodes: Vec<NodeId>) -> Ranking {
    let mut totals = alloc::vec![0_i64; nodes.len()];
    let mut rows = Vec::new();
    for score in Score::DEFAULT {
        let Some(scores) = of(score, cycle, &nodes) else {
            continue;
        };
        for (total, normalized) in totals.iter_mut().zip(&scores.normalized) {
            *total += score.weight() * normalized;
        }
        rows.push((score, scores));
    }
    Ranking {
        nodes,
        rows,
        totals,
    }
}
