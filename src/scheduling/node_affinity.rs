//! Labels and names of nodes that a pod asks for.

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use super::Misfit;
use crate::{
    api::{self, Node, NodeSelectorOperator, PodSpec},
    labels::{NodeSelector, Selector},
};

/// What a pod requires of its node: its `nodeSelector` and its required node affinity.
///
/// A term of the affinity that cannot be read matches nothing.
///
/// ```
/// use pod_lifecycle::{api::{Node, PodSpec}, scheduling::{Misfit, node_affinity::NodeAffinity}};
///
/// let spec: PodSpec = serde_json::from_str(r#"{"nodeSelector": {"disk": "ssd"}}"#)?;
/// let affinity = NodeAffinity::of(&spec).unwrap();
/// assert_eq!(affinity.check(&Node::default()), Some(Misfit::NodeAffinity));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct NodeAffinity<'a> {
    pub(super) labels: Selector<'a>,
    pub(super) required: Option<NodeSelector<'a>>,
}

impl<'a> NodeAffinity<'a> {
    /// Returns what a pod requires, or `None` where it requires nothing.
    ///
    /// ```
    /// use pod_lifecycle::{api::PodSpec, scheduling::node_affinity::NodeAffinity};
    ///
    /// let spec: PodSpec = serde_json::from_str(r#"{"nodeSelector": {"disk": "ssd"}}"#)?;
    /// assert!(NodeAffinity::of(&spec).is_some());
    /// assert_eq!(NodeAffinity::of(&PodSpec::default()), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of(pod: &'a PodSpec) -> Option<Self> {
        let required = required(pod);
        if required.is_none() && pod.node_selector.is_empty() {
            return None;
        }
        Some(Self {
            labels: Selector::from_labels(&pod.node_selector),
            required: required.map(NodeSelector::parse_lossy),
        })
    }

    /// Whether a node is as required.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, PodSpec}, scheduling::node_affinity::NodeAffinity};
    ///
    /// let spec: PodSpec = serde_json::from_str(r#"{"nodeSelector": {"disk": "ssd"}}"#)?;
    /// let node: Node = serde_json::from_str(r#"{"metadata": {"labels": {"disk": "ssd"}}}"#)?;
    /// let affinity = NodeAffinity::of(&spec).unwrap();
    /// assert!(affinity.matches(&node));
    /// assert!(!affinity.matches(&Node::default()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn matches(&self, node: &Node) -> bool {
        self.labels.matches(&node.metadata.labels)
            && self
                .required
                .as_ref()
                .is_none_or(|terms| terms.matches(node))
    }

    /// Whether a node is not as required.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, PodSpec}, scheduling::{Misfit, node_affinity::NodeAffinity}};
    ///
    /// let spec: PodSpec = serde_json::from_str(r#"{"nodeSelector": {"disk": "ssd"}}"#)?;
    /// let node: Node = serde_json::from_str(r#"{"metadata": {"labels": {"disk": "ssd"}}}"#)?;
    /// let affinity = NodeAffinity::of(&spec).unwrap();
    /// assert_eq!(affinity.check(&node), None);
    /// assert_eq!(affinity.check(&Node::default()), Some(Misfit::NodeAffinity));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn check(&self, node: &Node) -> Option<Misfit> {
        (!self.matches(node)).then_some(Misfit::NodeAffinity)
    }
}

fn required(pod: &PodSpec) -> Option<&api::NodeSelector> {
    let affinity = pod.affinity.as_ref()?.node_affinity.as_ref()?;
    affinity
        .required_during_scheduling_ignored_during_execution
        .as_ref()
}

/// Returns the only nodes that the pod's affinity names, or `None` where a term names none.
///
/// A term names the nodes that all its requirements `metadata.name In` have in common. Where the
/// result is empty, the terms contradict themselves ([`Misfit::NamesConflict`]).
///
/// ```
/// use pod_lifecycle::{api::PodSpec, scheduling::node_affinity};
///
/// let spec: PodSpec = serde_json::from_str(
///     r#"{"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
///         "nodeSelectorTerms": [{"matchFields": [
///             {"key": "metadata.name", "operator": "In", "values": ["a"]}]}]}}}}"#,
/// )?;
/// assert_eq!(node_affinity::named_nodes(&spec), Some(["a"].into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn named_nodes(pod: &PodSpec) -> Option<BTreeSet<&str>> {
    let terms = &required(pod)?.node_selector_terms;
    if terms.is_empty() {
        return None;
    }
    let mut all = BTreeSet::new();
    for term in terms {
        let names_nodes = |field: &&api::NodeSelectorRequirement| {
            field.key == "metadata.name" && field.operator == Some(NodeSelectorOperator::In)
        };
        let sets = term.match_fields.iter().filter(names_nodes).map(|field| {
            let names = field.values.iter().map(String::as_str);
            names.collect::<BTreeSet<_>>()
        });
        let sets: Vec<_> = sets.collect();
        let common = sets
            .into_iter()
            .reduce(|all, more| all.intersection(&more).copied().collect())?;
        all.extend(common);
    }
    Some(all)
}
