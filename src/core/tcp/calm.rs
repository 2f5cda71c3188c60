//! Calm: most segments of most connections only carry on. Both ends are open, all of that is proven, nothing is
//! missing, waiting or amiss, and the segment is the next one. Then nothing can follow but larger numbers, and none of
//! the questions need be asked that the other files of this folder ask of a segment. Calm is what the connection shows
//! itself to be, so that nobody has to remember when it ceases to be. A test holds that reading in full says the same.

use super::connection::{At, Connection, Reading, fingerprint};
use super::endpoint::{Endpoint, Marks};
use super::log::Side;
use super::silence::SOON;
use super::state::State;
use crate::segment::{Flags, Segment};

/// The marks of an end that was captured opening, has not closed, and owes no answer to a reset.
const CALM: Marks = {
    let mut marks = Marks::NONE;
    marks.set_space(true);
    marks.set_iss(true);
    marks
};

/// The marks that tell.
const TELLING: Marks = {
    let mut marks = CALM;
    marks.set_fin(true);
    marks.set_challenged(true);
    marks
};

/// The control bits that tell.
const DECIDING: u16 = Flags::SYN | Flags::FIN | Flags::RST | Flags::ACK;

impl Connection {
    /// Reads the segment if it only carries on: neither log nor heap change by that. Where it does not, nothing has
    /// happened.
    #[inline]
    pub fn carry_on(&mut self, from: Side, segment: &Segment) -> Option<Reading> {
        let from = from & 1; // so that the compiler knows, too
        if !self.is_calm() || !self.only_carries_on(from, segment) {
            return None;
        }
        let print = fingerprint(segment);
        if self.ends[from].recent.contains(&print) {
            return None;
        }
        let (to, at) = (1 - from, At { time_ns: segment.time_ns, frame: segment.frame });
        self.ends[from].recent = [print, self.ends[from].recent[0]];
        self.count(from, segment, at);
        if segment.payload > 0 {
            self.ends[from].next = segment.seq.plus(segment.payload);
            self.sent_octets(from);
            self.ends[from].marks.set_sent_new_data(true);
            self.ends[from].marks.set_asked_after_pause(false);
        }
        self.ends[from].marks.set_said_old_things(false);
        if segment.ack.after(self.ends[to].acked) {
            self.ends[to].acked = segment.ack;
            self.acknowledges_more(from, segment, at);
            self.ends[from].marks.set_acked_one_unseen(false);
        }
        self.ends[from].advertises(segment);
        self.begin_round_trip(from, segment, at);
        self.remember(from, segment);
        Some(Reading::Plain)
    }

    fn is_calm(&self) -> bool {
        self.log.is_proven() && self.ends.iter().all(Endpoint::is_calm)
    }

    /// Whether the segment carries nothing but octets that come next and an acknowledgement of what was captured, and
    /// no silence precedes it.
    fn only_carries_on(&self, from: Side, segment: &Segment) -> bool {
        let (sender, receiver) = (&self.ends[from], &self.ends[1 - from]);
        segment.flags.0 & DECIDING == Flags::ACK
            && segment.seq == sender.next
            && receiver.next.covers(segment.ack)
            && segment.window != 0
            && (segment.payload <= u32::from(receiver.mss) || receiver.mss == 0)
            && segment.time_ns - self.last_ns() < SOON
            && segment.time_ns != self.woke_ns
    }
}

impl Endpoint {
    #[inline]
    fn is_calm(&self) -> bool {
        self.state == State::Established
            && self.rare.is_none()
            && self.frames > 0
            && self.answered_ns != 0
            && self.marks.among(TELLING) == CALM
    }
}
