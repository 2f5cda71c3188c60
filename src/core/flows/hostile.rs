//! The cost of an attacker's traffic: work is counted in connections looked at, not in time.

use super::slab::{NOWHERE, Slot};
use super::table::{Capacity, Flows};
use crate::address::ipv4;
use crate::segment::{Decoded, Flags, Segment};
use crate::seq::Seq;
use crate::tcp::profile::Profile;
use crate::testing;
use std::sync::atomic::Ordering;

const ACK: u16 = Flags::ACK;
const SERVER: ([u8; 4], u16) = ([10, 0, 0, 2], 80);

/// The table of a capture whose frames are ten milliseconds apart.
struct Wire {
    flows: Flows,
    frame: u64,
    /// The client that speaks, or is spoken to.
    client: ([u8; 4], u16),
}

impl Wire {
    fn new(limits: Capacity) -> Self {
        Self { flows: Flows::new(Profile::default(), limits), frame: 0, client: ([10, 0, 0, 1], 4000) }
    }

    /// A segment of the client (0) or of the server (1).
    fn says(&mut self, side: usize, flags: u16, seq: u32, ack: u32, payload: u32) {
        self.frame += 1;
        let ends = [self.client, SERVER];
        let segment = Segment {
            time_ns: 1_000_000_000 + self.frame as i64 * 10_000_000,
            frame: self.frame,
            source: ipv4(ends[side].0),
            destination: ipv4(ends[1 - side].0),
            source_port: ends[side].1,
            destination_port: ends[1 - side].1,
            seq: Seq(seq),
            ack: Seq(ack),
            flags: Flags(flags),
            payload,
            ..testing::segment()
        };
        self.flows.observe(segment.time_ns, segment.frame, &Decoded::Segment(segment));
    }

    /// A connection's opening.
    fn opens(&mut self, iss: u32) {
        self.says(0, Flags::SYN, iss, 0, 0);
        self.says(1, Flags::SYN | ACK, 5000, iss + 1, 0);
        self.says(0, ACK, iss + 1, 5001, 0);
    }

    /// A request and its answer.
    fn asks(&mut self, iss: u32) {
        self.says(0, ACK, iss + 1, 5001, 10);
        self.says(1, ACK, 5001, iss + 11, 20);
        self.says(0, ACK, iss + 11, 5021, 0);
    }

    /// A connection's end.
    fn closes(&mut self, iss: u32) {
        self.says(1, Flags::FIN | ACK, 5021, iss + 11, 0);
        self.says(0, Flags::FIN | ACK, iss + 11, 5022, 0);
        self.says(1, ACK, 5022, iss + 12, 0);
    }

    /// A connection from its opening to its end, with data.
    fn converse(&mut self, iss: u32) {
        self.opens(iss);
        self.asks(iss);
        self.closes(iss);
    }

    /// Speaks as somebody whom nobody has heard of.
    fn be_stranger(&mut self, number: usize) {
        let [_, a, b, c] = (number as u32).to_be_bytes();
        self.client = ([172, a, b, c], 4000);
    }

    /// How many of the first connections are still held.
    fn held_of_first(&self, count: u64) -> usize {
        self.flows.slab.iter().filter(|(_, slot)| slot.id <= count).count()
    }

    /// SYNs of one host on one 4-tuple, each with another initial sequence number.
    fn flood(&mut self, count: u32) {
        (0..count).for_each(|number| self.says(0, Flags::SYN, number.wrapping_mul(0x9e37_79b1), 0, 0));
    }

    fn looks_during(&mut self, act: impl FnOnce(&mut Self)) -> usize {
        let before = self.flows.slab.looks.load(Ordering::Relaxed);
        act(self);
        self.flows.slab.looks.load(Ordering::Relaxed) - before
    }

    /// The incarnations of the 4-tuple, the newest first.
    fn chain(&self) -> Vec<&Slot> {
        let newest = self.flows.slab.iter().map(|(_, slot)| slot).max_by_key(|slot| slot.id);
        std::iter::successors(newest, |slot| self.flows.before(slot)).collect()
    }

    fn assert_counted(&self) {
        let held = self.flows.slab.len() as u64;
        assert_eq!(self.flows.connections(), held + self.flows.evicted.sum() + self.flows.released);
        assert_eq!(self.flows.tally().connections, self.flows.connections());
    }
}

#[test]
fn a_syn_on_a_tuple_used_very_often_costs_what_the_first_ones_did() {
    for release in [false, true] {
        for connections in [2000, 1_000_000] {
            let limits = Capacity { connections, release, incarnations: u32::MAX, ..Capacity::default() };
            let mut wire = Wire::new(limits);
            let first = wire.looks_during(|wire| wire.flood(2000));
            wire.flood(20_000);
            let last = wire.looks_during(|wire| wire.flood(2000));
            assert!(last < 4 * first, "{first} looks at connections became {last}");
            wire.assert_counted();
        }
    }
}

#[test]
fn incarnations_of_one_tuple_are_bounded_and_counted() {
    let mut wire = Wire::new(Capacity { incarnations: 10, ..Capacity::default() });
    wire.flood(100);
    assert_eq!(wire.flows.evicted.superseded, 90);
    wire.assert_counted();
    let ids: Vec<u64> = wire.chain().iter().map(|slot| slot.id).collect();
    assert_eq!(ids, (91..=100).rev().collect::<Vec<_>>(), "the newest are kept");
    assert!(wire.chain().iter().all(|slot| u64::from(slot.incarnation) == slot.id));
}

#[test]
fn a_flood_on_its_tuple_does_not_displace_a_conversation() {
    let mut wire = Wire::new(Capacity { incarnations: 10, ..Capacity::default() });
    wire.flood(50);
    wire.converse(1_000_000);
    wire.flood(500);
    let conversation =
        wire.chain().into_iter().find(|slot| slot.connection.ends()[0].bytes() > 0).map(|slot| slot.id);
    assert_eq!(conversation, Some(51));
    assert_eq!(wire.chain().last().map(|slot| slot.before), Some(NOWHERE));
    wire.assert_counted();
}

/// The conversations of some clients before a flood begins.
type Scene = fn(&mut Wire);

const SCENES: [(&str, Scene); 4] = [
    ("a proven handshake", |wire| wire.opens(100)),
    ("an exchange", |wire| {
        wire.opens(100);
        wire.asks(100);
    }),
    ("an exchange whose opening was not captured", |wire| wire.asks(100)),
    ("a half-close", |wire| {
        wire.opens(100);
        wire.asks(100);
        wire.says(1, Flags::FIN | ACK, 5021, 111, 0);
        wire.says(0, ACK, 111, 5022, 0);
    }),
];

#[test]
fn no_segment_of_a_stranger_outranks_a_conversation() {
    const REAL: usize = 20;
    for (scene, play) in SCENES {
        for flags in 0..=0xff {
            for payload in [0, 10] {
                let mut wire = Wire::new(Capacity { connections: 40, ..Capacity::default() });
                for client in 0..REAL {
                    wire.be_stranger(client);
                    play(&mut wire);
                }
                for number in 0..60 {
                    wire.be_stranger(REAL + number);
                    wire.says(0, flags, number as u32, 77, payload);
                }
                let held = wire.held_of_first(REAL as u64);
                assert_eq!(held, REAL, "{scene} against flags {flags:#x} with {payload} bytes");
                wire.assert_counted();
            }
        }
    }
}

#[test]
fn random_flags_and_answers_displace_no_conversation() {
    const REAL: usize = 100;
    let mut random = testing::Random(7);
    let mut wire = Wire::new(Capacity { connections: 1000, ..Capacity::default() });
    for client in 0..REAL {
        wire.be_stranger(client);
        SCENES[client % SCENES.len()].1(&mut wire);
    }
    for number in 0..50_000 {
        wire.be_stranger(REAL + number / 2);
        let (flags, seq) = (random.below(0x100) as u16, random.below(1 << 32) as u32);
        wire.says(0, flags, seq, random.below(1 << 32) as u32, random.below(2) as u32 * 100);
        if random.one_in(2) {
            // A host that knows nothing of it answers with a reset.
            wire.says(1, Flags::RST | ACK, 0, seq.wrapping_add(1), 0);
        }
    }
    assert_eq!(wire.held_of_first(REAL as u64), REAL);
    wire.assert_counted();
}

#[test]
fn a_handshake_can_finish_while_the_table_is_full_of_conversations() {
    let mut wire = Wire::new(Capacity { connections: 64, ..Capacity::default() });
    for client in 0..200 {
        wire.be_stranger(client);
        wire.opens(100);
        wire.asks(100);
    }
    // Two at once: neither may displace the other.
    for number in 1000..1002 {
        wire.be_stranger(number);
        wire.says(0, Flags::SYN, 100, 0, 0);
    }
    for number in 1000..1002 {
        wire.be_stranger(number);
        wire.says(1, Flags::SYN | ACK, 5000, 101, 0);
        wire.says(0, ACK, 101, 5001, 0);
    }
    assert_eq!(wire.flows.connections(), 202, "nothing began twice");
    wire.assert_counted();
}

#[test]
fn the_longest_silent_conversation_goes_first() {
    let mut wire = Wire::new(Capacity { connections: 64, ..Capacity::default() });
    for client in 0..64 {
        wire.be_stranger(client);
        wire.opens(100);
    }
    for number in 0..100 {
        // Those with odd numbers go on talking.
        for client in (1..64).step_by(2) {
            wire.be_stranger(client);
            wire.says(1, ACK, 5001 + number, 101, 1);
            wire.says(0, ACK, 101, 5002 + number, 0);
        }
        wire.be_stranger(1000 + number as usize);
        wire.opens(100);
    }
    let odd = wire.flows.slab.iter().filter(|(_, slot)| slot.id <= 64 && slot.id % 2 == 0).count();
    assert_eq!((odd, wire.held_of_first(64)), (32, 32));
    wire.assert_counted();
}

#[test]
fn a_syn_beyond_the_limit_looks_at_few_connections() {
    for connections in [1000, 8000] {
        let mut wire = Wire::new(Capacity { connections, ..Capacity::default() });
        let flood = |numbers: std::ops::Range<usize>| {
            move |wire: &mut Wire| {
                for number in numbers {
                    wire.be_stranger(number);
                    wire.says(0, Flags::SYN, 100, 0, 0);
                }
            }
        };
        let below = wire.looks_during(flood(0..connections));
        wire.looks_during(flood(connections..connections + 10));
        let beyond = wire.looks_during(flood(20_000..20_000 + connections));
        assert!(beyond < below * 4, "{below} looks at connections became {beyond}");
        wire.assert_counted();
    }
}

#[test]
fn examples_of_kinds_that_were_dropped_are_not_kept() {
    let mut random = testing::Random(3);
    let mut wire = Wire::new(Capacity { connections: 100, ..Capacity::default() });
    for number in 0..30_000 {
        wire.be_stranger(number);
        for _ in 0..8 {
            let flags = [Flags::SYN, ACK, Flags::FIN | ACK, Flags::RST, Flags::SYN | ACK][random.below(5)];
            let [seq, ack] = [0, 1].map(|_| 1000 + random.below(3) as u32);
            wire.says(random.below(2), flags, seq, ack, random.below(2) as u32);
        }
    }
    assert!(wire.flows.gone.kinds.unjudged.connections > 0, "there were too few kinds to show anything");
    let examples = wire.flows.gone.examples();
    assert!(wire.flows.kept.keys().all(|id| examples.contains(id)));
    wire.assert_counted();
}
