//! How evenly pods lie over the values of a node label.

use alloc::vec::Vec;

use super::{
    Misfit,
    intern::{Id, index},
    node_info::NodeInfo,
    snapshot::{Label, Snapshot},
    template::Template,
};
use crate::{
    api::{NodeInclusionPolicy, Pod, TopologySpreadConstraint, UnsatisfiableConstraintAction},
    field::FieldErrors,
    labels::Selector,
};

/// No domain.
const NONE: Id = Id::MAX;

/// What stands for the least count where there is no domain: `i32::MAX`.
const NO_COUNT: i64 = 0x7fff_ffff;

/// A pod's constraints of one kind, and how its like lie over a cluster.
#[derive(Clone, Debug)]
pub(super) struct Spread<'a> {
    pub(super) constraints: Vec<Constraint<'a>>,
}

/// One constraint, counted.
#[derive(Clone, Debug)]
pub(super) struct Constraint<'a> {
    pub(super) spec: &'a TopologySpreadConstraint,
    /// The label of the topology key; `None` where no node has it.
    label: Option<Label<'a>>,
    selector: Selector<'a>,
    matches_self: bool,
    /// By the number of key and value: how many pods there are, or −1 where that is no domain.
    counts: Vec<i32>,
    /// By node: the domain that its pods count in.
    domain_of: Vec<Id>,
    domains: usize,
    /// The two domains with the fewest pods.
    lowest: [(Id, i64); 2],
}

/// What decides which nodes are counted.
pub(super) struct Inclusion<F, G> {
    /// Whether the pod's node selector and affinity take a node.
    pub(super) affinity: F,
    /// Whether the pod tolerates the taints of a node.
    pub(super) taints: G,
}

impl<'a> Spread<'a> {
    /// Counts a pod's like for its constraints of one kind; `None` where it has none.
    ///
    /// # Errors
    ///
    /// What is wrong with the selector of a constraint.
    pub(super) fn count<F, G>(
        pod: &'a Pod,
        action: &UnsatisfiableConstraintAction,
        snapshot: &'a Snapshot,
        included: &Inclusion<F, G>,
    ) -> Result<Option<Self>, FieldErrors>
    where
        F: Fn(Id, &NodeInfo) -> bool,
        G: Fn(&NodeInfo) -> bool,
    {
        let constraints = pod.spec.topology_spread_constraints.iter();
        let constraints = constraints
            .filter(|constraint| constraint.when_unsatisfiable.as_ref() == Some(action))
            .map(|spec| Constraint::new(spec, pod, snapshot));
        let constraints: Vec<_> = constraints.collect::<Result<_, _>>()?;
        if constraints.is_empty() {
            return Ok(None);
        }
        let mut spread = Self { constraints };
        spread.find_domains(snapshot, included);
        for constraint in &mut spread.constraints {
            constraint.count_pods(&pod.metadata.namespace, snapshot);
        }
        Ok(Some(spread))
    }

    /// Whether a node has all topology keys.
    pub(super) fn has_all_keys(&self, slot: Id) -> bool {
        let mut constraints = self.constraints.iter();
        constraints.all(|constraint| constraint.domain(slot).is_some())
    }

    fn find_domains<F, G>(&mut self, snapshot: &Snapshot, included: &Inclusion<F, G>)
    where
        F: Fn(Id, &NodeInfo) -> bool,
        G: Fn(&NodeInfo) -> bool,
    {
        for (slot, info) in snapshot.known() {
            if self.constraints.len() > 1 && !self.has_all_keys(slot) {
                continue;
            }
            let mut takes = None;
            let mut tolerated = None;
            for constraint in &mut self.constraints {
                let Some(domain) = constraint.domain(slot) else {
                    continue;
                };
                let spec = constraint.spec;
                let ignores_affinity =
                    spec.node_affinity_policy == Some(NodeInclusionPolicy::Ignore);
                let honors_taints = spec.node_taints_policy == Some(NodeInclusionPolicy::Honor);
                if (ignores_affinity
                    || *takes.get_or_insert_with(|| (included.affinity)(slot, info)))
                    && (!honors_taints || *tolerated.get_or_insert_with(|| (included.taints)(info)))
                {
                    constraint.add_domain(slot, domain);
                }
            }
        }
    }

    /// Returns the first constraint that a node does not meet. `shift` says by how much the count
    /// of the node's domain differs, constraint by constraint, if pods have left the node.
    pub(super) fn check(&self, slot: Id, shift: &[i64]) -> Option<Misfit> {
        let shift = shift.iter().copied().chain(core::iter::repeat(0));
        for (constraint, shift) in self.constraints.iter().zip(shift) {
            let Some(domain) = constraint.domain(slot) else {
                return Some(Misfit::SpreadLabelMissing);
            };
            let count = constraint.count(domain) + shift;
            let skew = count + i64::from(constraint.matches_self)
                - constraint.least(domain, constraint.is_domain(domain).then_some(count));
            if skew > i64::from(constraint.spec.max_skew) {
                return Some(Misfit::Spread);
            }
        }
        None
    }

    /// By how much the counts change when a pod leaves a node.
    pub(super) fn leave(&self, shift: &mut Vec<i64>, slot: Id, pod: &Template, by: i64) {
        shift.resize(self.constraints.len(), 0);
        for (constraint, shift) in self.constraints.iter().zip(shift) {
            if constraint.domain_of(slot).is_some() && constraint.selector.matches(&pod.labels) {
                *shift += by;
            }
        }
    }
}

impl<'a> Constraint<'a> {
    fn new(
        spec: &'a TopologySpreadConstraint,
        pod: &'a Pod,
        snapshot: &'a Snapshot,
    ) -> Result<Self, FieldErrors> {
        let labels = &pod.metadata.labels;
        let mut selector = Selector::parse(spec.label_selector.as_deref())?;
        for key in &spec.match_label_keys {
            if let Some((key, value)) = labels.get_key_value(key) {
                selector = selector.and(key, value);
            }
        }
        let label = snapshot.label(&spec.topology_key);
        Ok(Self {
            spec,
            label,
            matches_self: selector.matches(labels),
            selector,
            counts: label.map_or_else(Vec::new, |_| alloc::vec![-1; snapshot.pairs.bound()]),
            domain_of: label.map_or_else(Vec::new, |_| alloc::vec![NONE; snapshot.nodes.len()]),
            domains: 0,
            lowest: [(NONE, NO_COUNT); 2],
        })
    }

    /// The domain that a node is in.
    pub(super) fn domain(&self, slot: Id) -> Option<Id> {
        self.label?.of(slot)
    }

    fn add_domain(&mut self, slot: Id, domain: Id) {
        if let Some(place) = self.domain_of.get_mut(index(slot)) {
            *place = domain;
        }
        if let Some(count) = self.counts.get_mut(index(domain)) {
            self.domains += usize::from(*count < 0);
            *count = 0;
        }
    }

    fn count_pods(&mut self, namespace: &str, snapshot: &Snapshot) {
        // An empty selector finds no pods here, though the pod itself matches it.
        if !self.selector.is_empty() {
            for (id, template) in snapshot.templates.iter() {
                if template.namespace != namespace || !self.selector.matches(&template.labels) {
                    continue;
                }
                for (slot, placement) in snapshot.placements(id) {
                    let domain = self.domain_of(slot).map(index);
                    if let Some(count) = domain.and_then(|domain| self.counts.get_mut(domain)) {
                        let pods = placement.pods - placement.terminating;
                        *count = count.saturating_add_unsigned(pods);
                    }
                }
            }
        }
        for (domain, count) in (0..).zip(&self.counts) {
            let count = i64::from(*count);
            if count < 0 {
                continue;
            }
            let [first, second] = self.lowest;
            if count < first.1 {
                self.lowest = [(domain, count), first];
            } else if count < second.1 {
                self.lowest = [first, (domain, count)];
            }
        }
    }

    fn domain_of(&self, slot: Id) -> Option<Id> {
        let domain = self.domain_of.get(index(slot)).copied();
        domain.filter(|domain| *domain != NONE)
    }

    fn is_domain(&self, domain: Id) -> bool {
        self.counts
            .get(index(domain))
            .is_some_and(|count| *count >= 0)
    }

    /// How many pods there are in a domain.
    pub(super) fn count(&self, domain: Id) -> i64 {
        let count = self.counts.get(index(domain));
        count.map_or(0, |count| i64::from(*count).max(0))
    }

    /// How many pods the emptiest domain has, if one of the domains has `count` of them.
    fn least(&self, domain: Id, count: Option<i64>) -> i64 {
        let min_domains = self.spec.min_domains.unwrap_or(1);
        if i64::try_from(self.domains).is_ok_and(|domains| domains < i64::from(min_domains)) {
            return 0;
        }
        let other = self.lowest.iter().find(|lowest| lowest.0 != domain);
        let other = other.map_or(NO_COUNT, |lowest| lowest.1);
        count.map_or(other, |count| count.min(other))
    }

    /// Whether a pod of a template is counted.
    pub(super) fn counts(&self, template: &Template, namespace: &str) -> bool {
        template.namespace == namespace
            && !self.selector.is_empty()
            && self.selector.matches(&template.labels)
    }
}
