//! From 4-tuples to places.

use super::key::Key;
use super::slab::{Place, Slab};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// The hash of a key.
pub type KeyHash = u64;

/// Where the last connection on each 4-tuple is kept.
#[derive(Default)]
pub struct Index {
    places: HashTable<Place>,
    hasher: RandomState,
}

impl Index {
    /// The hash of a key.
    #[must_use]
    #[inline]
    pub fn hash(&self, key: &Key) -> KeyHash {
        self.hasher.hash_one(key)
    }

    /// The place that a hash most likely stands for. Nothing is looked at but the index itself.
    #[must_use]
    #[inline]
    pub fn guess(&self, hash: KeyHash) -> Option<Place> {
        self.places.find(hash, |_| true).copied()
    }

    /// Where the connection is kept that goes by this key and hash.
    #[must_use]
    #[inline]
    pub fn find(&self, hash: KeyHash, key: &Key, slab: &Slab) -> Option<Place> {
        let is_it = |place: &Place| slab.get(*place).is_some_and(|slot| slot.key.is(key));
        self.places.find(hash, is_it).copied()
    }

    /// Adds a place of the slab.
    pub fn insert(&mut self, hash: KeyHash, place: Place, slab: &Slab) {
        let hasher = &self.hasher;
        let hash_of = |place: &Place| slab.get(*place).map_or(0, |slot| hasher.hash_one(slot.key()));
        self.places.insert_unique(hash, place, hash_of);
    }

    /// Puts another place where `old` is; false where that is not found.
    pub fn replace(&mut self, hash: KeyHash, old: Place, new: Place) -> bool {
        self.places.find_mut(hash, |place| *place == old).map(|place| *place = new).is_some()
    }

    /// Takes a place out; false where it is not found.
    pub fn remove(&mut self, hash: KeyHash, place: Place) -> bool {
        self.places.find_entry(hash, |known| *known == place).is_ok_and(|entry| {
            entry.remove();
            true
        })
    }
}
