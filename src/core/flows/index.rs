//! From 4-tuples to places.

use super::key::Key;
use super::slab::Place;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// The hash of a key. Half of one is enough for millions of connections.
pub type KeyHash = u32;

/// With the hash at hand, no connection is looked at in vain, and growing looks at none.
#[derive(Clone, Copy)]
struct Entry {
    hash: KeyHash,
    place: Place,
}

/// Where the connection on each 4-tuple is kept.
#[derive(Default)]
pub struct Index {
    entries: HashTable<Entry>,
    hasher: RandomState,
}

impl Index {
    /// The hash of a key.
    #[must_use]
    #[inline]
    pub fn hash(&self, key: &Key) -> KeyHash {
        self.hasher.hash_one(key) as KeyHash
    }

    /// The place that a hash most likely stands for. Nothing is looked at but the index itself.
    #[must_use]
    #[inline]
    pub fn guess(&self, hash: KeyHash) -> Option<Place> {
        self.find(hash, |_| true)
    }

    /// The place that goes by this hash and is the one sought.
    #[must_use]
    #[inline]
    pub fn find(&self, hash: KeyHash, is_sought: impl Fn(Place) -> bool) -> Option<Place> {
        let found = self.entries.find(spread(hash), |entry| entry.hash == hash && is_sought(entry.place));
        found.map(|entry| entry.place)
    }

    /// Adds a place.
    pub fn insert(&mut self, hash: KeyHash, place: Place) {
        self.entries.insert_unique(spread(hash), Entry { hash, place }, |entry| spread(entry.hash));
    }

    /// Puts another place where `old` is; false where that is not found.
    pub fn replace(&mut self, hash: KeyHash, old: Place, new: Place) -> bool {
        let entry = self.entries.find_mut(spread(hash), |entry| entry.place == old);
        entry.map(|entry| entry.place = new).is_some()
    }

    /// Takes a place out; false where it is not found.
    pub fn remove(&mut self, hash: KeyHash, place: Place) -> bool {
        self.entries.find_entry(spread(hash), |entry| entry.place == place).is_ok_and(|entry| {
            entry.remove();
            true
        })
    }
}

/// The table takes its rows from the lower end of a hash and its marks from the upper.
#[inline]
const fn spread(hash: KeyHash) -> u64 {
    (hash as u64) << 32 | hash as u64
}
