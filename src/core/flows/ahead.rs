//! Looking ahead: a segment's connection lies anywhere in memory, and fetching it takes longer than reading the segment.
//! So a few segments at a time are looked up before the first of them is read, and the memory answers all at once.

use super::index::KeyHash;
use super::slab::{NOWHERE, Place};
use super::table::Flows;
use crate::segment::Decoded;
use crate::tcp::log::Side;
use std::hint::black_box;

/// What one frame turned out to be.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// When it was captured, in Unix ns.
    pub time_ns: i64,
    /// Its number.
    pub frame: u64,
    /// What it holds.
    pub decoded: Decoded,
}

/// How many frames are looked up at a time: as many as the memory can be asked for at once.
pub const AHEAD: usize = 32;

/// What the connection of a segment is found by, and which of its ends sent it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub hash: KeyHash,
    pub from: Side,
    /// Where it most likely is.
    pub guess: Place,
}

impl Name {
    const NONE: Self = Self { hash: 0, from: 0, guess: NOWHERE };
}

impl Flows {
    /// Takes in what some frames turned out to be, in their order.
    pub fn observe_all(&mut self, seen: &[Seen]) {
        let mut names = [Name::NONE; AHEAD];
        for few in seen.chunks(AHEAD) {
            for (name, seen) in names.iter_mut().zip(few) {
                *name = self.name(&seen.decoded);
                name.guess = self.index.guess(name.hash);
            }
            for name in &names[..few.len()] {
                black_box(self.slab.touch(name.guess));
            }
            self.superseded = false;
            for (name, seen) in names.iter().zip(few) {
                self.observe_named(seen.time_ns, seen.frame, &seen.decoded, name);
            }
        }
    }

    #[inline]
    pub(super) fn name(&self, decoded: &Decoded) -> Name {
        let Decoded::Segment(segment) = decoded else { return Name::NONE };
        let (hash, from) = self.index.hash_of(segment);
        Name { hash, from, guess: NOWHERE }
    }

    /// Has all fetched that letting go of these connections needs.
    pub(super) fn fetch_whole(&self, places: impl Iterator<Item = Place> + Clone) {
        for place in places.clone() {
            black_box(self.slab.touch(place));
        }
        for slot in places.filter_map(|place| self.slab.get(place)) {
            black_box((self.index.guess(self.index.hash(&slot.key())), slot.connection.log.touch()));
        }
    }
}
