//! Hosts that have forgotten a connection: a reset shows that the socket is gone, and it went without a packet. Power cuts and
//! crashes take all connections of a host at once, and one of them tells of the others.

use super::slab::Slot;
use crate::address::{Ip, Scope};
use crate::tcp::side::Side;
use std::collections::HashMap;

/// When hosts were last found to have forgotten a connection.
#[derive(Default)]
pub struct Forgetful {
    found_ns: HashMap<(Ip, Scope), i64>,
    /// How many frames had been read when they were looked for.
    pub(super) after: u64,
}

impl Forgetful {
    /// Forgets them all, to look for them anew after so many frames.
    pub(super) fn begin(&mut self, frames: u64) {
        self.found_ns.clear();
        self.after = frames;
    }

    /// Notes which ends of a connection were found without their socket.
    #[inline]
    pub(super) fn look_at(&mut self, slot: &Slot) {
        for side in Side::BOTH {
            let end = slot.connection.end(side);
            if end.marks.has_lost_socket() {
                let key = slot.key();
                let found_ns = self.found_ns.entry((key.ips[side], key.scope)).or_insert(i64::MIN);
                *found_ns = end.last_ns().max(*found_ns);
            }
        }
    }

    /// When the host of either end was last found to have forgotten a connection, in Unix ns; `i64::MIN` if it was not.
    #[must_use]
    pub fn found_ns(&self, slot: &Slot) -> [i64; 2] {
        if self.found_ns.is_empty() {
            return [i64::MIN; 2];
        }
        let key = slot.key();
        Side::BOTH.map(|side| self.found_ns.get(&(key.ips[side], key.scope)).copied().unwrap_or(i64::MIN))
    }
}

#[cfg(test)]
mod tests {
    use crate::address::ipv4;
    use crate::flows::slab::Slot;
    use crate::flows::table::{Capacity, Flows};
    use crate::segment::{Decoded, Flags, Segment};
    use crate::seq::Seq;
    use crate::tcp::profile::{Profile, SECOND};
    use crate::tcp::side::Side;
    use crate::tcp::state::State;
    use crate::testing::segment;

    const SERVER: [u8; 4] = [10, 0, 0, 1];
    const CLIENTS: [[u8; 4]; 2] = [[10, 0, 0, 2], [10, 0, 0, 3]];

    /// A segment of the connection with a client, sent by that client or by the server, with its number and what it acknowledges.
    fn send(
        flows: &mut Flows,
        time_ns: i64,
        (client, by_client): (usize, bool),
        flags: u16,
        numbers: (u32, u32),
        payload: u32,
    ) {
        let (server, client) = ((ipv4(SERVER), 80), (ipv4(CLIENTS[client]), 1000));
        let (from, to) = if by_client { (client, server) } else { (server, client) };
        let frame = flows.traffic.frames + 1;
        let one = Segment {
            time_ns,
            frame,
            source: from.0,
            source_port: from.1,
            destination: to.0,
            destination_port: to.1,
            flags: Flags(flags),
            seq: Seq(numbers.0),
            ack: Seq(numbers.1),
            payload,
            window: 60_000,
            ..segment()
        };
        flows.observe(time_ns, frame, &Decoded::Segment(one));
        flows.settle();
    }

    /// Whether the server's end of the connection with a client may as well be gone.
    fn may_be_gone(flows: &Flows, client: usize) -> bool {
        let is_it = |slot: &&Slot| slot.key().ips[1] == ipv4(CLIENTS[client]);
        let slot = flows.slab.iter().map(|(_, slot)| slot).find(is_it).expect("the connection is kept");
        slot.connection.alternatives(Side::Low, flows.moment_of(slot)).contains(&State::Closed)
    }

    #[test]
    fn a_host_that_has_forgotten_one_connection_may_have_forgotten_the_others_that_were_silent_since() {
        let mut flows = Flows::new(Profile::default(), Capacity::default());
        for client in 0..2 {
            let at = SECOND * (1 + client as i64);
            send(&mut flows, at, (client, true), Flags::SYN, (99, 0), 0);
            send(&mut flows, at + 1000, (client, false), Flags::SYN | Flags::ACK, (299, 100), 0);
            send(&mut flows, at + 2000, (client, true), Flags::ACK, (100, 300), 0);
            send(&mut flows, at + 3000, (client, false), Flags::ACK, (300, 100), 10);
            send(&mut flows, at + 4000, (client, true), Flags::ACK, (100, 310), 0);
        }
        send(&mut flows, 900 * SECOND, (0, true), Flags::ACK, (100, 310), 10);
        assert!(!may_be_gone(&flows, 1));
        send(&mut flows, 900 * SECOND + 1000, (0, false), Flags::RST, (310, 0), 0);
        assert!(may_be_gone(&flows, 1));
        send(&mut flows, 901 * SECOND, (1, false), Flags::ACK, (310, 100), 0);
        assert!(!may_be_gone(&flows, 1));
    }
}
