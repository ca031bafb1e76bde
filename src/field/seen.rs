//! Keys that must not repeat.

use alloc::collections::BTreeSet;

const IN_PLACE: usize = 16;

/// The keys of a list that must not repeat.
///
/// The first few are kept in place, so that short lists are checked without allocating.
///
/// ```
/// use pod_lifecycle::field::Seen;
///
/// let mut seen = Seen::new();
/// assert!(seen.insert(("TCP", 80)));
/// assert!(seen.insert(("UDP", 80)));
/// assert!(!seen.insert(("TCP", 80)));
/// assert!(seen.contains(&("UDP", 80)));
/// ```
#[derive(Clone, Debug)]
pub struct Seen<K> {
    first: [Option<K>; IN_PLACE],
    rest: BTreeSet<K>,
}

impl<K: Copy + Ord> Default for Seen<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Copy + Ord> Seen<K> {
    /// Returns a value that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            first: [None; IN_PLACE],
            rest: BTreeSet::new(),
        }
    }

    /// Remembers a key; false if it was there before.
    pub fn insert(&mut self, key: K) -> bool {
        for slot in &mut self.first {
            match slot {
                Some(seen) if *seen == key => return false,
                Some(_) => {}
                None => {
                    *slot = Some(key);
                    return true;
                }
            }
        }
        self.rest.insert(key)
    }

    /// Whether a key was remembered.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.first.iter().flatten().any(|seen| seen == key) || self.rest.contains(key)
    }
}
