//! Pods that a pod wants near it, and pods that are not to be near each other.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use super::{
    Misfit,
    intern::{Id, index},
    snapshot::{Label, Snapshot},
    template::{Template, Term, Terms},
};
use crate::api::Pod;

/// What a pod's required terms, and those of the pods that are there, say about a cluster.
#[derive(Clone, Debug)]
pub(super) struct PodAffinity<'a> {
    incoming: Incoming<'a>,
    affinity_labels: Vec<Option<Label<'a>>>,
    affinity: Counts<'a>,
    anti_affinity: Counts<'a>,
    /// Required terms of pods that are there, against this one.
    existing: Counts<'a>,
    /// Whether the pod meets its own terms of affinity, so that it may be the first of its kind.
    may_be_first: bool,
}

/// The pod that is to be placed.
#[derive(Clone, Debug)]
pub(super) struct Incoming<'a> {
    pub(super) terms: Terms<'a>,
    pod: &'a Pod,
    namespace_labels: &'a BTreeMap<String, String>,
}

static NO_LABELS: BTreeMap<String, String> = BTreeMap::new();

impl<'a> Incoming<'a> {
    pub(super) fn new(pod: &'a Pod, mut terms: Terms<'a>, snapshot: &'a Snapshot) -> Self {
        let required = terms.affinity.iter_mut().chain(&mut terms.anti_affinity);
        let preferred = terms.preferred.iter_mut().map(|(_, term)| term);
        for term in required.chain(preferred) {
            term.resolve(&snapshot.namespaces);
        }
        Self {
            terms,
            pod,
            namespace_labels: snapshot.namespace_labels(&pod.metadata.namespace),
        }
    }

    /// Whether a term of this pod means a pod that is there.
    pub(super) fn means(term: &Term<'_>, existing: &Template) -> bool {
        term.matches(&existing.namespace, &NO_LABELS, &existing.labels)
    }

    /// Whether a term of a pod that is there means this one.
    pub(super) fn is_meant_by(&self, term: &Term<'_>) -> bool {
        let metadata = &self.pod.metadata;
        term.matches(&metadata.namespace, self.namespace_labels, &metadata.labels)
    }

    fn meets_own_terms(&self) -> bool {
        let metadata = &self.pod.metadata;
        let terms = &self.terms.affinity;
        terms
            .iter()
            .all(|term| term.matches(&metadata.namespace, &NO_LABELS, &metadata.labels))
    }

    /// Whether a pod that is there is one that all terms of affinity mean.
    fn wants(&self, existing: &Template) -> bool {
        let terms = &self.terms.affinity;
        !terms.is_empty() && terms.iter().all(|term| Self::means(term, existing))
    }
}

/// How often something was found near nodes, by the number of topology key and value.
#[derive(Clone, Debug, Default)]
struct Counts<'a> {
    by_pair: Vec<u32>,
    labels: Vec<Label<'a>>,
    total: i64,
}

impl<'a> Counts<'a> {
    fn add(&mut self, label: Option<Label<'a>>, template: Id, snapshot: &Snapshot) {
        let Some(label) = label else {
            return;
        };
        for (slot, placement) in snapshot.placements(template) {
            let Some(pair) = label.of(slot) else {
                continue;
            };
            if self.by_pair.is_empty() {
                self.by_pair.resize(snapshot.pairs.bound(), 0);
            }
            if let Some(count) = self.by_pair.get_mut(index(pair)) {
                *count = count.saturating_add(placement.pods);
            }
            self.total += i64::from(placement.pods);
            if self.labels.iter().all(|known| known.key != label.key) {
                self.labels.push(label);
            }
        }
    }

    fn near(&self, pair: Id, shift: &Shift) -> bool {
        let count = self.by_pair.get(index(pair)).copied().unwrap_or_default();
        i64::from(count) + shift.of(pair) > 0
    }

    /// Whether anything was found near a node.
    fn any_near(&self, slot: Id, shift: &Shift) -> bool {
        let mut pairs = self.labels.iter().filter_map(|label| label.of(slot));
        pairs.any(|pair| self.near(pair, shift))
    }
}

/// By how much counts differ if pods have left a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Shift(Vec<(Id, i64)>);

impl Shift {
    fn of(&self, pair: Id) -> i64 {
        let of_pair = self.0.iter().filter(|(shifted, _)| *shifted == pair);
        of_pair.map(|(_, by)| by).sum()
    }

    fn total(&self) -> i64 {
        self.0.iter().map(|(_, by)| by).sum()
    }

    fn add(&mut self, pair: Option<Id>, by: i64) {
        let Some(pair) = pair else {
            return;
        };
        match self.0.iter_mut().find(|(shifted, _)| *shifted == pair) {
            Some((_, sum)) => *sum += by,
            None => self.0.push((pair, by)),
        }
    }
}

/// The shifts of all counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Shifts {
    affinity: Shift,
    anti_affinity: Shift,
    existing: Shift,
}

impl Shifts {
    pub(super) const fn none() -> Self {
        Self {
            affinity: Shift(Vec::new()),
            anti_affinity: Shift(Vec::new()),
            existing: Shift(Vec::new()),
        }
    }
}

impl<'a> PodAffinity<'a> {
    /// Looks through a cluster; `None` where nothing is required of any node.
    pub(super) fn new(incoming: Incoming<'a>, snapshot: &'a Snapshot) -> Option<Self> {
        let label = |term: &Term<'_>| snapshot.label(&term.topology_key);
        let terms = &incoming.terms;
        let affinity_labels: Vec<_> = terms.affinity.iter().map(label).collect();
        let mut affinity = Counts::default();
        let mut anti_affinity = Counts::default();
        let mut existing = Counts::default();
        for (id, template) in snapshot.templates.iter() {
            for term in &template.terms.anti_affinity {
                if incoming.is_meant_by(term) {
                    existing.add(label(term), id, snapshot);
                }
            }
            if incoming.wants(template) {
                for label in &affinity_labels {
                    affinity.add(*label, id, snapshot);
                }
            }
            for term in &terms.anti_affinity {
                if Incoming::means(term, template) {
                    anti_affinity.add(label(term), id, snapshot);
                }
            }
        }
        if terms.affinity.is_empty() && terms.anti_affinity.is_empty() && existing.total == 0 {
            return None;
        }
        Some(Self {
            may_be_first: incoming.meets_own_terms(),
            incoming,
            affinity_labels,
            affinity,
            anti_affinity,
            existing,
        })
    }

    /// Returns the first rule that a node breaks.
    pub(super) fn check(&self, slot: Id, shifts: &Shifts) -> Option<Misfit> {
        if !self.is_near_wanted(slot, &shifts.affinity) {
            Some(Misfit::PodAffinity)
        } else if self.anti_affinity.any_near(slot, &shifts.anti_affinity) {
            Some(Misfit::PodAntiAffinity)
        } else if self.existing.any_near(slot, &shifts.existing) {
            Some(Misfit::ExistingPodAntiAffinity)
        } else {
            None
        }
    }

    fn is_near_wanted(&self, slot: Id, shift: &Shift) -> bool {
        let mut all_near = true;
        for label in &self.affinity_labels {
            let Some(pair) = label.and_then(|label| label.of(slot)) else {
                return false;
            };
            all_near &= self.affinity.near(pair, shift);
        }
        all_near || self.affinity.total + shift.total() == 0 && self.may_be_first
    }

    /// By how much the counts change when a pod leaves a node.
    pub(super) fn leave(
        &self,
        shifts: &mut Shifts,
        slot: Id,
        pod: &Template,
        (by, snapshot): (i64, &Snapshot),
    ) {
        let pair = |term: &Term<'_>| snapshot.label(&term.topology_key)?.of(slot);
        for term in &pod.terms.anti_affinity {
            if self.incoming.is_meant_by(term) {
                shifts.existing.add(pair(term), by);
            }
        }
        if self.incoming.wants(pod) {
            for label in &self.affinity_labels {
                let pair = label.and_then(|label| label.of(slot));
                shifts.affinity.add(pair, by);
            }
        }
        for term in &self.incoming.terms.anti_affinity {
            if Incoming::means(term, pod) {
                shifts.anti_affinity.add(pair(term), by);
            }
        }
    }
}
