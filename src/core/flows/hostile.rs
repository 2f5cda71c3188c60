//! What an attacker sends, and what it may cost: work is counted in connections looked at, not in time.

use super::slab::{NOWHERE, Slot};
use super::table::{Flows, Limits};
use crate::address::ipv4;
use crate::segment::{Decoded, Flags, Segment};
use crate::seq::Seq;
use crate::tcp::profile::Profile;
use crate::testing;
use std::sync::atomic::Ordering;

const HOSTS: [[u8; 4]; 2] = [[10, 0, 0, 1], [10, 0, 0, 2]];

/// The table of a capture whose frames are ten milliseconds apart.
struct Wire {
    flows: Flows,
    frame: u64,
}

impl Wire {
    fn new(limits: Limits) -> Self {
        Self { flows: Flows::new(Profile::default(), limits), frame: 0 }
    }

    /// A segment of one end, from port 4000 of the first host or from port 80 of the second.
    fn says(&mut self, side: usize, flags: u16, seq: u32, ack: u32, payload: u32) {
        self.frame += 1;
        let ports = [4000, 80];
        let segment = Segment {
            time_ns: 1_000_000_000 + self.frame as i64 * 10_000_000,
            frame: self.frame,
            source: ipv4(HOSTS[side]),
            destination: ipv4(HOSTS[1 - side]),
            source_port: ports[side],
            destination_port: ports[1 - side],
            seq: Seq(seq),
            ack: Seq(ack),
            flags: Flags(flags),
            payload,
            ..testing::segment()
        };
        self.flows.observe(segment.time_ns, segment.frame, &Decoded::Segment(segment));
    }

    /// A connection from its opening to its end, with data.
    fn converse(&mut self, iss: u32) {
        const ACK: u16 = Flags::ACK;
        self.says(0, Flags::SYN, iss, 0, 0);
        self.says(1, Flags::SYN | ACK, 5000, iss + 1, 0);
        self.says(0, ACK, iss + 1, 5001, 0);
        self.says(0, ACK, iss + 1, 5001, 10);
        self.says(1, ACK, 5001, iss + 11, 0);
        self.says(1, Flags::FIN | ACK, 5001, iss + 11, 0);
        self.says(0, Flags::FIN | ACK, iss + 11, 5002, 0);
        self.says(1, ACK, 5002, iss + 12, 0);
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
        let evicted = &self.flows.evicted;
        let gone = evicted.closed + evicted.embryonic + evicted.idle + evicted.superseded;
        let held = self.flows.slab.len() as u64;
        assert_eq!(self.flows.connections(), held + gone + self.flows.released);
        assert_eq!(self.flows.tally().connections, self.flows.connections());
    }
}

#[test]
fn a_syn_on_a_tuple_used_very_often_costs_what_the_first_ones_did() {
    for release in [false, true] {
        for connections in [2000, 1_000_000] {
            let limits = Limits { connections, release, incarnations: u32::MAX, ..Limits::default() };
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
    let mut wire = Wire::new(Limits { incarnations: 10, ..Limits::default() });
    wire.flood(100);
    assert_eq!(wire.flows.evicted.superseded, 90);
    wire.assert_counted();
    let ids: Vec<u64> = wire.chain().iter().map(|slot| slot.id).collect();
    assert_eq!(ids, (91..=100).rev().collect::<Vec<_>>(), "the newest are kept");
    assert!(wire.chain().iter().all(|slot| u64::from(slot.incarnation) == slot.id));
}

#[test]
fn a_flood_on_its_tuple_does_not_displace_a_conversation() {
    let mut wire = Wire::new(Limits { incarnations: 10, ..Limits::default() });
    wire.flood(50);
    wire.converse(1_000_000);
    wire.flood(500);
    let conversation =
        wire.chain().into_iter().find(|slot| slot.connection.ends[0].bytes > 0).map(|slot| slot.id);
    assert_eq!(conversation, Some(51));
    assert_eq!(wire.chain().last().map(|slot| slot.before), Some(NOWHERE));
    wire.assert_counted();
}
