//! From 4-tuples to places.

use super::key::{Key, Narrow};
use super::slab::{NOWHERE, Place, Slab};
use crate::address::{Scope, words};
use crate::segment::Segment;
use crate::tcp::log::Side;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// The hash of a key.
pub type KeyHash = u64;

/// Where the last connection on each 4-tuple is kept.
pub struct Index {
    places: HashTable<Place>,
    /// Nobody shall know which keys have like hashes.
    seeds: [u64; 4],
}

impl Default for Index {
    fn default() -> Self {
        let random = RandomState::default();
        Self { places: HashTable::new(), seeds: [0, 1, 2, 3].map(|number: u64| random.hash_one(number)) }
    }
}

impl Index {
    /// The hash of a key: multiplications, the upper half of whose products is folded into the lower. One of them does
    /// for IPv4.
    #[must_use]
    #[inline]
    pub fn hash(&self, key: &Key) -> KeyHash {
        let narrow = Narrow::from(key);
        if !key.scope.is_ipv6() {
            return self.hash_narrow(narrow, key.scope);
        }
        let [a, b, c, d] = self.seeds;
        let [low, high] = key.ips.each_ref().map(words);
        let ips = fold(low[0] ^ a, low[1] ^ b) ^ fold(high[0] ^ c, high[1] ^ d);
        self.hash_narrow(Narrow { ips, ..narrow }, key.scope)
    }

    #[inline]
    fn hash_narrow(&self, narrow: Narrow, scope: Scope) -> KeyHash {
        let others = u64::from(narrow.ports) << 32 | u64::from(scope.0);
        fold(narrow.ips ^ self.seeds[0], others ^ self.seeds[1])
    }

    /// The hash of a segment's key, and which end sent it.
    #[must_use]
    #[inline]
    pub fn hash_of(&self, segment: &Segment) -> (KeyHash, Side) {
        if segment.scope.is_ipv6() {
            let (key, from) = Key::of_segment(segment);
            (self.hash(&key), from)
        } else {
            let (narrow, from) = Narrow::of_segment(segment);
            (self.hash_narrow(narrow, segment.scope), from)
        }
    }

    /// The place that a hash most likely stands for. Nothing is looked at but the index itself.
    #[must_use]
    #[inline]
    pub fn guess(&self, hash: KeyHash) -> Place {
        self.places.find(hash, |_| true).copied().unwrap_or(NOWHERE)
    }

    /// The place with this hash that `is_it` picks.
    #[must_use]
    #[inline]
    pub fn find(&self, hash: KeyHash, is_it: impl Fn(&Place) -> bool) -> Option<Place> {
        self.places.find(hash, is_it).copied()
    }

    /// Adds a place of the slab.
    pub fn insert(&mut self, hash: KeyHash, place: Place, slab: &Slab) {
        // Growing, it has to hash all keys again: the places are lent out meanwhile.
        let mut places = std::mem::take(&mut self.places);
        let hash_of = |place: &Place| slab.get(*place).map_or(0, |slot| self.hash(&slot.key()));
        places.insert_unique(hash, place, hash_of);
        self.places = places;
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

const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}
