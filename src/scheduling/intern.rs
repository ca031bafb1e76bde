//! Values that occur often, kept once and named by small numbers.

use alloc::{collections::BTreeSet, vec::Vec};
use core::hash::{Hash, Hasher};

/// The number of an interned value; free again once nothing uses it.
pub(super) type Id = u32;

/// Keeps equal values once, and counts their uses.
#[derive(Clone, Debug)]
pub(super) struct Interner<T> {
    slots: Vec<Slot<T>>,
    by_hash: BTreeSet<(u64, Id)>,
    free: Vec<Id>,
}

#[derive(Clone, Debug)]
struct Slot<T> {
    value: Option<T>,
    uses: u32,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            by_hash: BTreeSet::new(),
            free: Vec::new(),
        }
    }
}

impl<T: Hash + Eq> Interner<T> {
    /// Returns the number of a value and one use more.
    pub(super) fn acquire(&mut self, value: T) -> Id {
        let hash = hash(&value);
        let found = self.find_hashed(hash, |candidate| *candidate == value);
        if let Some(id) = found {
            if let Some(slot) = self.slots.get_mut(index(id)) {
                slot.uses = slot.uses.saturating_add(1);
            }
            return id;
        }
        let slot = Slot {
            value: Some(value),
            uses: 1,
        };
        let free = self.free.pop();
        let id = free.unwrap_or_else(|| id(self.slots.len()));
        match self.slots.get_mut(index(id)) {
            Some(place) => *place = slot,
            None => self.slots.push(slot),
        }
        self.by_hash.insert((hash, id));
        id
    }

    /// Takes one use away, and the value with the last.
    pub(super) fn release(&mut self, id: Id) -> Option<T> {
        let slot = self.slots.get_mut(index(id))?;
        slot.uses = slot.uses.saturating_sub(1);
        if slot.uses > 0 {
            return None;
        }
        let value = slot.value.take()?;
        self.by_hash.remove(&(hash(&value), id));
        self.free.push(id);
        Some(value)
    }

    /// Returns the number of a value that looks like `key`, which has to hash as the value does.
    pub(super) fn find<Q: Hash + ?Sized>(&self, key: &Q, is: impl Fn(&T) -> bool) -> Option<Id> {
        self.find_hashed(hash(key), is)
    }

    fn find_hashed(&self, hash: u64, is: impl Fn(&T) -> bool) -> Option<Id> {
        let alike = self.by_hash.range((hash, 0)..=(hash, Id::MAX));
        let mut alike = alike.map(|(_, id)| *id);
        alike.find(|id| self.get(*id).is_some_and(&is))
    }
}

impl<T> Interner<T> {
    pub(super) fn get(&self, id: Id) -> Option<&T> {
        self.slots.get(index(id))?.value.as_ref()
    }

    pub(super) fn uses(&self, id: Id) -> u32 {
        self.slots.get(index(id)).map_or(0, |slot| slot.uses)
    }

    /// One more than the largest number in use.
    pub(super) fn bound(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Id, &T)> {
        let values = (0..).zip(&self.slots);
        values.filter_map(|(id, slot)| Some((id, slot.value.as_ref()?)))
    }
}

/// The place of a number in a list.
pub(super) fn index(id: Id) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

/// The number of a place in a list.
pub(super) fn id(index: usize) -> Id {
    Id::try_from(index).expect("a list of four billion entries does not fit into memory")
}

fn hash<Q: Hash + ?Sized>(value: &Q) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    value.hash(&mut hasher);
    hasher.finish()
}

/// FNV-1a: the same on every machine and in every run.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
