//! A connection assembled from what several captures hold of it.

use super::{Connection, Direction, LongestTurns, Turns};
use crate::tcp::connection::entry::Entry;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::side::Side;

/// Everything of a connection except its log.
#[derive(Default)]
pub struct Parts {
    /// Which end is the client.
    pub client: Side,
    /// How that is known.
    pub direction: Direction,
    /// SYN to the acknowledgement of the SYN,ACK, in ns; 0 where it could not be measured.
    pub handshake_ns: i64,
    /// The frame of its first segment.
    pub first_frame: u64,
    /// The frame of its last segment.
    pub last_frame: u64,
    /// Both ends.
    pub ends: [Endpoint; 2],
    /// How long both took to speak.
    pub turns: Turns,
    /// The longest that each took to speak.
    pub longest_turns: LongestTurns,
}

impl Parts {
    /// Takes over how long both ends took to speak, and how long the way to each was, as one capture holds them. Both ends
    /// are there already.
    pub fn take_turns(&mut self, seen: &Connection) {
        (self.turns, self.longest_turns) = (seen.turns, seen.longest_turns);
        for (end, own) in self.ends.iter_mut().zip(&seen.ends) {
            if own.marks().has_rtt() {
                end.guess_round_trip(i64::from(own.rtt_ns()));
            }
        }
    }

    /// The connection, with a log of these entries. Entries that the log has no room for are left out, as in any log.
    #[must_use]
    pub fn put_together<'a>(self, entries: impl Iterator<Item = &'a Entry>) -> Connection {
        let Self { client, direction, handshake_ns, first_frame, last_frame, ends, turns, longest_turns } =
            self;
        let mut whole = Connection {
            direction,
            handshake_ns,
            first_frame,
            last_frame,
            ends,
            turns,
            longest_turns,
            ..Connection::default()
        };
        whole.mark_client(client);
        for entry in entries {
            match entry {
                Entry::Transition(transition) => whole.log.add(transition),
                Entry::Sighting(sighting) => whole.log.note(sighting),
            };
        }
        whole
    }
}
