//! Looking ahead: a segment's connection lies anywhere in memory, and fetching it takes longer than reading the segment. So a
//! few segments are looked up before the first of them is read: their memory is asked for, and arrives while others are read.
//! The same is done for connections that are let go.

use super::name::Name;
use super::rounds::Stop;
use super::slab::{NOWHERE, Place};
use super::table::{Flows, LastRead};
use crate::segment::{Decoded, Flags};

/// A frame, decoded.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// When it was captured, in Unix ns.
    pub time_ns: i64,
    /// Its number.
    pub frame: u64,
    /// Its contents.
    pub decoded: Decoded,
}

/// How many frames are looked up at a time: as many as the memory can be asked for at once.
pub const AHEAD: usize = 32;

/// How many frames before it is read the heap of a connection is asked for.
const SOON: usize = 6;

impl Flows {
    /// Takes in some decoded frames, in their order.
    pub fn observe_all(&mut self, seen: &[Seen]) {
        self.observe_each(seen, |_, _| ());
    }

    /// The same; `then` is called for each frame, with where it went: [`Flows::last_read`].
    #[inline(always)]
    pub fn observe_each(&mut self, seen: &[Seen], mut then: impl FnMut(&Seen, &mut LastRead)) {
        let mut names = [Name::NONE; AHEAD];
        // Hashes of the pairs of hosts that SYNs among them name: few, and what is known of each may lie anywhere in memory.
        let mut askers = [0; AHEAD];
        for few in seen.chunks(AHEAD) {
            let mut asking = 0;
            for (name, seen) in names.iter_mut().zip(few) {
                *name = self.name(&seen.decoded);
                self.index.places.ask_for(name.hash);
                if let Decoded::Segment(segment) = &seen.decoded
                    && let Some(hash) = self.clocks.ask_for(segment)
                {
                    askers[asking] = hash;
                    asking += 1;
                }
            }
            for name in &mut names[..few.len()] {
                name.guess = self.index.places.find(name.hash, |_| true).unwrap_or(NOWHERE);
                self.slab.ask_for_log_too_if(!name.adds_only_data, name.guess);
            }
            for hash in &askers[..asking] {
                self.clocks.ask_for_known(*hash);
            }
            self.superseded = false;
            self.look_who_watches();
            for (at, (name, seen)) in names.iter().zip(few).enumerate() {
                // Near the end the last one is asked for again: the processor foretells no end of that.
                let soon = (at + SOON).min(few.len() - 1);
                self.ask_for_more_of(&names[soon]);
                self.observe_named(seen.time_ns, seen.frame, &seen.decoded, name);
                then(seen, &mut self.last_read);
            }
        }
    }

    /// Asks for the heap of a connection, as far as a frame that comes soon may need it: the connection itself has been asked
    /// for, and has arrived by now.
    #[inline]
    fn ask_for_more_of(&self, name: &Name) {
        let Some(slot) = self.slab.get(name.guess) else { return };
        let connection = &slot.connection;
        if name.ends_or_opens | !(name.adds_only_data | connection.is_open()) {
            connection.ask_for_heap();
        } else {
            connection.ask_for_pause();
            // The first segments of an end prove what was presumed of its opening.
            if connection.log().doubts_opening(name.from) {
                connection.ask_for_rest();
            }
        }
    }

    #[inline]
    pub(super) fn name(&self, decoded: &Decoded) -> Name {
        let Decoded::Segment(segment) = decoded else { return Name::NONE };
        let (hash, from) = self.index.hash_of(segment);
        let ends_or_opens = segment.flags.0 & (Flags::SYN | Flags::FIN | Flags::RST) != 0;
        let adds_only_data = (segment.payload > 0) & !ends_or_opens;
        Name { hash, guess: NOWHERE, from, ends_or_opens, adds_only_data }
    }

    /// Asks for everything that passing time for connections, or letting them go, needs of the ones some places after `at`: in
    /// two steps, for the first tells where the second begins.
    pub(super) fn ask_for_those_after(&self, stops: &[Stop], at: usize) {
        const SOON: usize = 8;
        if let Some((place, _)) = stops.get(at + SOON) {
            self.ask_for_kept_beside(*place);
        }
        if let Some((place, _)) = stops.get(at + 2 * SOON) {
            self.slab.ask_for_whole(*place);
        }
    }

    /// Asks for what is kept beside a connection, which has been asked for itself.
    pub(super) fn ask_for_kept_beside(&self, place: Place) {
        if let Some(slot) = self.slab.get(place) {
            self.index.places.ask_for(self.index.hash(&slot.key()));
            slot.connection.ask_for_heap();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{Scope, ipv4};
    use crate::flows::slab::Slot;
    use crate::flows::table::Capacity;
    use crate::segment::{IcmpError, IcmpKind, Segment};
    use crate::seq::Seq;
    use crate::tcp::profile::Profile;
    use crate::tcp::side::Side;
    use crate::testing::{self, Random};

    /// Traffic of hosts that open the same few connections again and again, and mostly go on as they should.
    fn talk(seed: u64) -> Vec<Seen> {
        let mut random = Random::of_run(seed);
        let mut below = |end| random.below(end);
        let mut next = [[Seq(0); 2]; 4];
        let mut time_ns = 1_000_000_000;
        let mut seen = Vec::new();
        for frame in 1..1500_u64 {
            time_ns +=
                [1_000_000, 40_000_000, 400_000_000, 40_000_000_000][[0, 0, 0, 1, 1, 2, 2, 3][below(8)]];
            let (pair, from) = (below(4), Side::BOTH[below(2)]);
            let hosts = [ipv4([10, 0, 0, 1 + (pair as u8 & 1)]), ipv4([10, 0, 0, 9])];
            let ports = [4000 + (pair as u16 >> 1), 80];
            if below(60) == 0 {
                let error = IcmpError {
                    time_ns,
                    frame,
                    reporter: hosts[1],
                    kind: IcmpKind::HostUnreachable,
                    source: hosts[0],
                    destination: hosts[1],
                    source_port: ports[0],
                    destination_port: ports[1],
                    scope: Scope::default(),
                    seq: next[pair][0],
                };
                seen.push(Seen { time_ns, frame, decoded: Decoded::IcmpError(error) });
                continue;
            }
            let opens = below(if seed.is_multiple_of(3) { 60 } else { 12 }) == 0;
            let (flags, from) = match below(12) {
                _ if opens => (Flags::SYN, Side::Low),
                0 => (Flags::SYN | Flags::ACK, Side::High),
                1 => (Flags::FIN | Flags::ACK, from),
                2 if below(3) == 0 => (Flags::RST, from),
                _ => (Flags::ACK, from),
            };
            if opens {
                next[pair] = [0, 1].map(|_| Seq(below(1 << 32) as u32));
            }
            let payload = if flags == Flags::ACK { below(2) as u32 * 100 } else { 0 };
            let astray = if below(20) == 0 { below(3) as u32 * 100 } else { 0 };
            let seq = next[pair][from].plus(astray);
            let decoded = Decoded::Segment(Segment {
                time_ns,
                frame,
                source: hosts[from],
                destination: hosts[from.other()],
                source_port: ports[from],
                destination_port: ports[from.other()],
                seq,
                ack: next[pair][from.other()],
                flags: Flags(flags),
                payload,
                ip_id: Some(frame as u16),
                ..testing::segment()
            });
            next[pair][from] = seq.plus(payload + u32::from(flags & (Flags::SYN | Flags::FIN) != 0));
            seen.push(Seen { time_ns, frame, decoded });
        }
        seen
    }

    fn all_of(flows: &Flows) -> Vec<String> {
        let places = flows.in_order().into_iter();
        let slots = places.filter_map(|(id, place)| flows.slab.get(place).map(|slot| (id, slot)));
        let told = slots.map(|(id, slot)| {
            format!(
                "{id} {:?} {} {:?} {:?}",
                slot.key(),
                slot.incarnation,
                slot.connection.ends(),
                slot.connection.log().entries().collect::<Vec<_>>()
            )
        });
        let sums =
            format!("{:?} {:?} {:?} {}", flows.traffic, flows.last_read, flows.evicted, flows.released);
        told.chain([sums]).collect()
    }

    #[test]
    fn looking_ahead_changes_nothing_nor_does_squeezing() {
        let (mut incarnations, mut released) = (0, 0);
        for seed in 1..80 {
            let seen = talk(seed);
            let limits = Capacity { release: seed % 2 == 0, ..Capacity::default() };
            let squeezing = Capacity { squeezed_from: 0, ..limits };
            let (mut ahead, mut one_by_one) =
                (Flows::new(Profile::default(), squeezing), Flows::new(Profile::default(), limits));
            ahead.observe_all(&seen);
            for seen in &seen {
                one_by_one.observe(seen.time_ns, seen.frame, &seen.decoded);
            }
            assert_eq!(all_of(&ahead), all_of(&one_by_one), "seed {seed}");
            ahead.settle();
            ahead.advance(seen.last().unwrap().time_ns + 100_000_000_000);
            let heap: usize = ahead.slab.iter().map(|(_, slot)| slot.heap_bytes()).sum();
            assert_eq!(ahead.heap_bytes, heap, "seed {seed}");
            incarnations += ahead.connections();
            released += ahead.released;
        }
        assert!(incarnations > 2000 && released > 200, "{incarnations}, {released}: this shows little");
    }

    #[test]
    fn once_there_are_many_all_that_are_over_are_squeezed() {
        let may_be_squeezed = |(_, slot): &(Place, &Slot)| {
            let mut connection = slot.connection.clone();
            connection.squeeze_log();
            connection.log().is_squeezed() && !slot.connection.log().is_squeezed()
        };
        let mut loose_before = 0;
        for seed in 1..20 {
            let limits = Capacity { squeezed_from: 40, ..Capacity::default() };
            let mut flows = Flows::new(Profile::default(), limits);
            let loose = |flows: &Flows| flows.slab.iter().filter(may_be_squeezed).count();
            let mut before = 0;
            for seen in talk(seed) {
                flows.observe(seen.time_ns, seen.frame, &seen.decoded);
                if flows.has_squeezed {
                    // The segment that began a connection may have ended the one before afterwards.
                    assert!(loose(&flows) <= 1, "seed {seed}");
                    loose_before += before;
                    break;
                }
                before = loose(&flows);
            }
            let heap: usize = flows.slab.iter().map(|(_, slot)| slot.heap_bytes()).sum();
            assert_eq!(flows.heap_bytes, heap, "seed {seed}");
        }
        assert!(loose_before > 40, "{loose_before}: this shows little");
    }
}
