//! From 4-tuples to places.

use super::key::{Key, Narrow};
use super::places::{Hash32, Places};
use crate::address::{Scope, words};
use crate::segment::Segment;
use crate::tcp::side::Side;
use foldhash::fast::RandomState;
use std::hash::BuildHasher;

/// Where the last connection on each 4-tuple is kept.
pub struct Index {
    /// The places, by the hashes of keys.
    pub places: Places,
    /// Nobody may know which keys have equal hashes.
    seeds: [u64; 4],
}

impl Default for Index {
    fn default() -> Self {
        let random = RandomState::default();
        Self { places: Places::default(), seeds: [0, 1, 2, 3].map(|number: u64| random.hash_one(number)) }
    }
}

impl Index {
    /// An empty one with the same hashes.
    #[must_use]
    pub fn alike(&self) -> Self {
        Self { places: Places::default(), seeds: self.seeds }
    }

    /// The hash of a packet's key between two IPv4 addresses and ports, outside of tunnels.
    #[must_use]
    #[inline]
    pub fn hash_of_ends(&self, source: ([u8; 4], u16), destination: ([u8; 4], u16)) -> Hash32 {
        self.hash_narrow(Narrow::of_ends(source, destination), Scope::default())
    }

    /// The hash of a key: multiplications, with the upper half of each product folded into the lower. For IPv4 one is enough.
    #[must_use]
    #[inline]
    pub fn hash(&self, key: &Key) -> Hash32 {
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
    fn hash_narrow(&self, narrow: Narrow, scope: Scope) -> Hash32 {
        let others = u64::from(narrow.ports) << 32 | u64::from(scope.0);
        fold(narrow.ips ^ self.seeds[0], others ^ self.seeds[1]) as Hash32
    }

    /// The hash of a segment's key, and which end sent it.
    #[must_use]
    #[inline]
    pub fn hash_of(&self, segment: &Segment) -> (Hash32, Side) {
        if segment.scope.is_ipv6() {
            let (key, from) = Key::of_segment(segment);
            (self.hash(&key), from)
        } else {
            let (narrow, from) = Narrow::of_segment(segment);
            (self.hash_narrow(narrow, segment.scope), from)
        }
    }
}

const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}
