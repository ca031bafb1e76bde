//! The values of one node label, node by node.

use alloc::{collections::BTreeMap, vec::Vec};

use super::intern::{Id, index};

/// No value.
const NONE: Id = Id::MAX;

/// A label that at least one node in this many has gets a place for every node.
const DENSE: usize = 8;

/// By node: the number of a key and its value together.
///
/// Filters go through the nodes in order, so that what they read should lie in order, too.
#[derive(Clone, Debug)]
pub(super) enum Column {
    Few(BTreeMap<Id, Id>),
    Many { pairs: Vec<Id>, used: usize },
}

impl Default for Column {
    fn default() -> Self {
        Self::Few(BTreeMap::new())
    }
}

impl Column {
    pub(super) fn get(&self, slot: Id) -> Option<Id> {
        match self {
            Self::Few(pairs) => pairs.get(&slot).copied(),
            Self::Many { pairs, .. } => {
                let pair = pairs.get(index(slot)).copied();
                pair.filter(|pair| *pair != NONE)
            }
        }
    }

    /// Gives a value to a node, one of so many, that has none.
    pub(super) fn insert(&mut self, slot: Id, pair: Id, nodes: usize) {
        match self {
            Self::Few(few) => {
                few.insert(slot, pair);
                if few.len().saturating_mul(DENSE) >= nodes {
                    *self = Self::many(core::mem::take(few));
                }
            }
            Self::Many { pairs, used } => {
                // Half as many as for the way there, so that no label goes to and fro.
                if used.saturating_mul(2 * DENSE) < nodes {
                    let entries = (0..).zip(core::mem::take(pairs));
                    let mut few: BTreeMap<_, _> =
                        entries.filter(|(_, pair)| *pair != NONE).collect();
                    few.insert(slot, pair);
                    *self = Self::Few(few);
                    return;
                }
                if pairs.len() <= index(slot) {
                    pairs.resize(index(slot) + 1, NONE);
                }
                if let Some(place) = pairs.get_mut(index(slot)) {
                    *place = pair;
                    *used += 1;
                }
            }
        }
    }

    fn many(few: BTreeMap<Id, Id>) -> Self {
        let length = few.last_key_value().map_or(0, |(slot, _)| index(*slot) + 1);
        let mut pairs = alloc::vec![NONE; length];
        let used = few.len();
        for (slot, pair) in few {
            if let Some(place) = pairs.get_mut(index(slot)) {
                *place = pair;
            }
        }
        Self::Many { pairs, used }
    }

    pub(super) fn remove(&mut self, slot: Id) {
        match self {
            Self::Few(few) => {
                few.remove(&slot);
            }
            Self::Many { pairs, used } => {
                if let Some(place) = pairs.get_mut(index(slot)).filter(|place| **place != NONE) {
                    *place = NONE;
                    *used -= 1;
                }
                if *used == 0 {
                    *self = Self::default();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_of_few_nodes_takes_no_place_for_the_others_and_is_found_however_it_is_kept() {
        let nodes = 100_000;
        let mut column = Column::default();
        let last = 99_999;
        column.insert(last, 7, nodes);
        assert!(matches!(column, Column::Few(_)));
        for slot in 0..last {
            column.insert(slot, slot, nodes);
        }
        assert!(matches!(column, Column::Many { used: 100_000, .. }));
        assert_eq!((column.get(last), column.get(3)), (Some(7), Some(3)));
        for slot in 10..last {
            column.remove(slot);
        }
        column.remove(last);
        assert_eq!(
            (column.get(9), column.get(10), column.get(last)),
            (Some(9), None, None)
        );
        column.insert(last, 8, nodes);
        assert!(matches!(&column, Column::Few(few) if few.len() == 11));
        assert_eq!(
            (column.get(9), column.get(10), column.get(last)),
            (Some(9), None, Some(8))
        );
    }
}
