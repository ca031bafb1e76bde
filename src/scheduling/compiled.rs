//! Selectors of nodes, put in the numbers of a snapshot.

use alloc::{boxed::Box, vec::Vec};

use super::{
    intern::Id,
    node_affinity::NodeAffinity,
    node_info::NodeInfo,
    snapshot::{Label, Snapshot},
};
use crate::labels::{FieldRequirement, NodeSelectorTerm, Requirement};

/// What [`NodeAffinity`] asks.
#[derive(Clone, Debug)]
pub(super) struct Nodes<'a> {
    labels: Vec<Test<'a>>,
    terms: Option<Vec<TermTest<'a>>>,
}

impl<'a> Nodes<'a> {
    pub(super) fn new(affinity: &NodeAffinity<'a>, snapshot: &'a Snapshot) -> Self {
        let labels = affinity.labels.requirements().unwrap_or_default();
        let terms = affinity.required.as_ref().map(|selector| {
            let terms = selector.terms().iter();
            terms.map(|term| TermTest::new(term, snapshot)).collect()
        });
        Self {
            labels: Test::all(labels, snapshot),
            terms,
        }
    }

    pub(super) fn matches(&self, slot: Id, info: &NodeInfo) -> bool {
        self.labels.iter().all(|test| test.holds(slot))
            && self
                .terms
                .as_ref()
                .is_none_or(|terms| terms.iter().any(|term| term.matches(slot, info)))
    }
}

/// One term of a selector of nodes.
#[derive(Clone, Debug)]
pub(super) struct TermTest<'a> {
    labels: Vec<Test<'a>>,
    fields: Vec<FieldRequirement<'a>>,
}

impl<'a> TermTest<'a> {
    pub(super) fn new(term: &NodeSelectorTerm<'a>, snapshot: &'a Snapshot) -> Self {
        Self {
            labels: Test::all(term.labels(), snapshot),
            fields: term.fields().to_vec(),
        }
    }

    pub(super) fn matches(&self, slot: Id, info: &NodeInfo) -> bool {
        !(self.labels.is_empty() && self.fields.is_empty())
            && self.labels.iter().all(|test| test.holds(slot))
            && (self.fields.is_empty()
                || info.details.name.is_empty()
                || self
                    .fields
                    .iter()
                    .all(|field| field.holds(&info.details.name)))
    }
}

/// A requirement on one label.
#[derive(Clone, Debug)]
struct Test<'a> {
    /// `None` where no node has it.
    label: Option<Label<'a>>,
    accepts_absent: bool,
    /// Sorted.
    listed: Box<[Id]>,
    accepts_listed: bool,
    accepts_others: bool,
}

impl<'a> Test<'a> {
    fn all(requirements: &[Requirement<'_>], snapshot: &'a Snapshot) -> Vec<Self> {
        let requirements = requirements.iter();
        requirements.map(|one| Self::new(one, snapshot)).collect()
    }

    fn new(requirement: &Requirement<'_>, snapshot: &'a Snapshot) -> Self {
        let label = snapshot.label(requirement.key());
        let mut test = Self {
            label,
            accepts_absent: requirement.accepts(None),
            listed: Box::default(),
            accepts_listed: true,
            accepts_others: false,
        };
        let Some(Label { key, .. }) = label else {
            return test;
        };
        let mut listed: Vec<Id> = match requirement.accepts_others() {
            Some(others) => {
                test.accepts_others = others;
                test.accepts_listed = !others;
                let values = requirement.values().iter();
                values
                    .filter_map(|value| snapshot.pair(key, value))
                    .collect()
            }
            None => {
                let accepted = |pair: &(Id, &(Id, Box<str>))| {
                    pair.1.0 == key && requirement.accepts(Some(&pair.1.1))
                };
                let pairs = snapshot.pairs.iter().filter(accepted);
                pairs.map(|(pair, _)| pair).collect()
            }
        };
        listed.sort_unstable();
        test.listed = listed.into();
        test
    }

    fn holds(&self, slot: Id) -> bool {
        let Some(pair) = self.label.and_then(|label| label.of(slot)) else {
            return self.accepts_absent;
        };
        if self.listed.binary_search(&pair).is_ok() {
            self.accepts_listed
        } else {
            self.accepts_others
        }
    }
}
