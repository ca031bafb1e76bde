//! Keys that must not repeat, and what they stand for.

use alloc::collections::{BTreeMap, btree_map::Entry};

const FEW: usize = 16;
const MANY: usize = 48;

/// The keys of a list that must not repeat.
///
/// The first 64 are kept in place, so that short lists are checked without allocating.
///
/// ```
/// use pod_lifecycle::field::Seen;
///
/// let mut seen = Seen::new();
/// assert!(seen.insert(("TCP", 80)));
/// assert!(seen.insert(("UDP", 80)));
/// assert!(!seen.insert(("TCP", 80)));
/// assert!(seen.contains(&("UDP", 80)));
///
/// let mut names: Seen<_> = ["web", "log"].into_iter().collect();
/// assert!(!names.insert("log"));
/// ```
#[derive(Clone, Debug)]
pub struct Seen<K>(Index<K, ()>);

impl<K: Copy + Ord> Default for Seen<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Copy + Ord> Seen<K> {
    /// Returns a value that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(Index::new())
    }

    /// Remembers a key; false if it was there before.
    pub fn insert(&mut self, key: K) -> bool {
        self.0.insert(key, ())
    }

    /// Whether a key was remembered.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.0.get(key).is_some()
    }

    /// How many keys there are from one to right before another.
    pub(crate) fn count_between(&self, least: K, end: K) -> usize {
        // A range that ends before it begins is refused by the map.
        if least >= end {
            return 0;
        }
        let in_place = self.0.in_place();
        let in_place = in_place.filter(|(key, ())| (least..end).contains(key));
        in_place.count() + self.0.rest.range(least..end).count()
    }
}

impl<K: Copy + Ord> FromIterator<K> for Seen<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut seen = Self::new();
        for key in keys {
            seen.insert(key);
        }
        seen
    }
}

/// What keys stand for: of equal ones, the first counts.
#[derive(Clone, Debug)]
pub(crate) struct Index<K, V> {
    first: [Option<(K, V)>; FEW],
    /// Left alone until the first ones are taken, since writing all of it costs time.
    second: Option<[Option<(K, V)>; MANY]>,
    rest: BTreeMap<K, V>,
}

impl<K: Copy + Ord, V: Copy> Index<K, V> {
    pub(crate) const fn new() -> Self {
        Self {
            first: [None; FEW],
            second: None,
            rest: BTreeMap::new(),
        }
    }

    /// Remembers what a key stands for; false if it was there before.
    pub(crate) fn insert(&mut self, key: K, value: V) -> bool {
        if let Some(is_new) = insert_in_place(&mut self.first, key, value) {
            return is_new;
        }
        let second = self.second.get_or_insert([None; MANY]);
        if let Some(is_new) = insert_in_place(second, key, value) {
            return is_new;
        }
        match self.rest.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(value);
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let found = self.in_place().find(|(seen, _)| seen == key);
        let found = found.map(|(_, value)| value);
        found.or_else(|| self.rest.get(key)).copied()
    }

    fn in_place(&self) -> impl Iterator<Item = &(K, V)> {
        let slots = self.first.iter().chain(self.second.iter().flatten());
        slots.map_while(Option::as_ref)
    }
}

/// Whether the key is new, or nothing if there is no room for it.
fn insert_in_place<K: Copy + Eq, V>(
    slots: &mut [Option<(K, V)>],
    key: K,
    value: V,
) -> Option<bool> {
    for slot in slots {
        match slot {
            Some((seen, _)) if *seen == key => return Some(false),
            Some(_) => {}
            None => {
                *slot = Some((key, value));
                return Some(true);
            }
        }
    }
    None
}

impl<K: Copy + Ord, V: Copy> FromIterator<(K, V)> for Index<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut index = Self::new();
        for (key, value) in entries {
            index.insert(key, value);
        }
        index
    }
}
