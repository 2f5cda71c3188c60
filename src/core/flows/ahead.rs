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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{Scope, ipv4};
    use crate::flows::table::Limits;
    use crate::segment::{Flags, Options, Segment};
    use crate::seq::Seq;
    use crate::tcp::profile::Profile;

    /// Whatever it is that hosts say which open the same few connections again and again.
    fn talk(seed: u64) -> Vec<Seen> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut below = |limit: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % limit
        };
        let seen = (1..400_u64).map(|frame| {
            let time_ns = frame as i64 * 400_000_000;
            let hosts = [ipv4([10, 0, 0, 1 + below(2) as u8]), ipv4([10, 0, 0, 9])];
            let ports = [4000 + below(2) as u16, 80];
            let from = below(2) as usize;
            let flags =
                [Flags::SYN, Flags::SYN | Flags::ACK, Flags::ACK, Flags::FIN | Flags::ACK, Flags::RST];
            let segment = Segment {
                time_ns,
                frame,
                source: hosts[from],
                destination: hosts[1 - from],
                source_port: ports[from],
                destination_port: ports[1 - from],
                scope: Scope::default(),
                seq: Seq(below(4) as u32 * 100_000_000 + below(3) as u32),
                ack: Seq(below(4) as u32 * 100_000_000 + below(3) as u32),
                flags: Flags(flags[below(5) as usize]),
                window: 1000,
                payload: below(2) as u32 * 100,
                checksum: 0,
                ip_id: Some(frame as u16),
                labelled: false,
                ttl: 64,
                options: Options::default(),
            };
            Seen { time_ns, frame, decoded: Decoded::Segment(segment) }
        });
        seen.collect()
    }

    fn all_of(flows: &Flows) -> Vec<String> {
        let places = flows.in_order().into_iter();
        let slots = places.filter_map(|(id, place)| flows.slab.get(place).map(|slot| (id, slot)));
        let told = slots.map(|(id, slot)| {
            let log: Vec<_> = slot.connection.log.entries().collect();
            format!("{id} {:?} {} {:?} {log:?}", slot.key(), slot.incarnation, slot.connection.ends)
        });
        told.collect()
    }

    #[test]
    fn looking_ahead_changes_nothing() {
        let mut incarnations = 0;
        for seed in 1..40 {
            let seen = talk(seed);
            let limits = Limits { release: seed % 2 == 0, ..Limits::default() };
            let (mut ahead, mut one_by_one) =
                (Flows::new(Profile::default(), limits), Flows::new(Profile::default(), limits));
            ahead.observe_all(&seen);
            for seen in &seen {
                one_by_one.observe(seen.time_ns, seen.frame, &seen.decoded);
            }
            assert_eq!(all_of(&ahead), all_of(&one_by_one), "seed {seed}");
            incarnations += ahead.connections();
        }
        assert!(incarnations > 500, "{incarnations} incarnations: this shows little");
    }
}
