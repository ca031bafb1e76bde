//! Finding entries by name in a list that usually is short.

use alloc::vec::Vec;

/// Comparisons up to which scanning beats an index.
const SCAN: usize = 4096;

/// Finds the entries of a name in their order, and stays near-linear however long the lists are.
///
/// Nothing is allocated while `entries × lookups` is small.
#[derive(Debug)]
pub(crate) struct ByName<'a, T> {
    entries: &'a [T],
    sorted: Vec<&'a T>,
    name: fn(&T) -> &str,
}

impl<'a, T> ByName<'a, T> {
    /// `lookups` says how often the answer is going to be asked; an index is only made where that pays.
    pub(crate) fn new(entries: &'a [T], lookups: usize, name: fn(&T) -> &str) -> Self {
        if entries.len().saturating_mul(lookups) <= SCAN {
            return Self {
                entries,
                sorted: Vec::new(),
                name,
            };
        }
        let mut sorted: Vec<&T> = entries.iter().collect();
        // Stable, so that the entries of one name stay in their order.
        sorted.sort_by(|a, b| name(a).cmp(name(b)));
        Self {
            entries: &[],
            sorted,
            name,
        }
    }

    /// Returns the first entry of a name.
    pub(crate) fn find(&self, name: &str) -> Option<&'a T> {
        self.all(name).next()
    }

    /// Returns every entry of a name.
    pub(crate) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a T> + use<'a, 's, T> {
        let start = self
            .sorted
            .partition_point(|entry| (self.name)(entry) < name);
        let indexed = self.sorted.iter().skip(start).copied();
        let is_of = move |entry: &&'a T| (self.name)(entry) == name;
        self.entries
            .iter()
            .filter(is_of)
            .chain(indexed.take_while(is_of))
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String, vec::Vec};

    use super::*;

    #[test]
    fn a_long_list_answers_as_a_short_one_does() {
        let entries: Vec<(String, usize)> = (0..200).map(|n| (format!("c{}", n % 70), n)).collect();
        let short = ByName::new(&entries, 1, |entry| &entry.0);
        let long = ByName::new(&entries, 1000, |entry| &entry.0);
        assert!(short.sorted.is_empty());
        assert!(long.entries.is_empty());
        for n in 0..80 {
            let name = format!("c{n}");
            let [short, long] = [&short, &long].map(|list| list.all(&name).collect::<Vec<_>>());
            assert_eq!(short, long, "{name}");
            assert_eq!(short.first().map(|entry| entry.1), (n < 70).then_some(n));
        }
    }
}
