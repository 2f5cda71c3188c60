//! One end of a connection: its state, its sequence space, and what was counted of it.

use crate::segment::Segment;
use crate::seq::Seq;
use crate::tcp::end::marks::Marks;
use crate::tcp::end::rare::Rare;
use crate::tcp::end::space::Placement;
use crate::tcp::end::tick::Tick;
use crate::tcp::machine::fact::{Fact, Facts};
use crate::tcp::machine::state::State;

/// One end of a connection.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// When its first segment was captured, in Unix ns.
    pub first_ns: i64,
    /// When its last segment was captured, in Unix ns.
    pub last_ns: i64,
    /// Its facts, the first 64: see [`Endpoint::facts`].
    first_facts: u64,
    /// See [`Marks`].
    pub marks: Marks,
    /// When its last SYN, SYN,ACK or FIN was captured.
    pub asked_ns: i64,
    /// When the first answer to that was captured; 0 while there is none.
    pub answered_ns: i64,
    /// What few endpoints need.
    pub rare: Option<Box<Rare>>,
    /// Payload octets that it sent; see [`Endpoint::bytes`].
    few_bytes: u32,
    /// Segments that it sent, captured duplicates left out; see [`Endpoint::all_frames`].
    pub frames: u32,
    /// Initial sequence number.
    pub iss: Seq,
    /// One past the last octet captured.
    pub next: Seq,
    /// The highest acknowledgement captured from the other end.
    pub acked: Seq,
    /// The sequence number of its FIN.
    pub fin: Seq,
    /// When the round trip began that is being measured, if one is.
    pub timed: Tick,
    /// The acknowledgement that ends it.
    pub timed_seq: Seq,
    /// Receive window as last advertised, in bytes.
    pub window: u32,
    /// The shortest round trip between the tap and this end, in ns; saturates at 4.29 s.
    pub rtt_ns: u32,
    /// Fingerprints of its last two segments.
    pub recent: [u32; 2],
    /// Maximum segment size, 0 where unknown.
    pub mss: u16,
    /// IPv4 identification of its last segment.
    pub ip_id: u16,
    /// TTL or hop limit of its last segment that was no reset.
    pub ttl: u8,
    /// Window scale shift.
    pub scale: u8,
    /// Its state, as best known now.
    pub state: State,
    /// The state that it was in before its first segment.
    pub first_state: State,
}

// There are two of them a connection, and millions of connections.
const _: () = assert!(size_of::<Endpoint>() == 112);

impl Endpoint {
    /// The rare part, made where there is none.
    pub fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Counts a segment that it sent.
    #[inline]
    pub fn count_frame(&mut self) {
        match self.frames.checked_add(1) {
            Some(frames) => self.frames = frames,
            None => self.rare().frames_beyond += 1,
        }
    }

    /// Segments that it sent, captured duplicates left out.
    #[must_use]
    pub fn all_frames(&self) -> u64 {
        u64::from(self.frames) + self.rare.as_ref().map_or(0, |rare| rare.frames_beyond)
    }

    /// Counts payload octets that it sent.
    #[inline]
    pub fn count_bytes(&mut self, payload: u32) {
        match self.few_bytes.checked_add(payload) {
            Some(bytes) => self.few_bytes = bytes,
            None => {
                self.rare().bytes_beyond += u64::from(payload);
            }
        }
    }

    /// Whether counting payload octets takes no more room.
    #[must_use]
    pub const fn has_room_for(&self, payload: u32) -> bool {
        self.few_bytes.checked_add(payload).is_some()
    }

    /// Payload octets that it sent, each counted as often as it was sent.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        u64::from(self.few_bytes) + self.rare.as_ref().map_or(0, |rare| rare.bytes_beyond)
    }

    /// Its facts.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts::of_words(
            self.first_facts,
            self.rare.as_ref().map_or_else(Default::default, |rare| rare.facts_beyond),
        )
    }

    /// Gives it the facts in place of its own.
    pub fn set_facts(&mut self, facts: Facts) {
        let (first, beyond) = facts.words();
        self.first_facts = first;
        if self.rare.is_some() || beyond != [0; Facts::WORDS - 1] {
            self.rare().facts_beyond = beyond;
        }
    }

    /// Adds a fact; true where it is new.
    pub fn add_fact(&mut self, fact: Fact) -> bool {
        let mut facts = self.facts();
        let is_new = facts.add(fact);
        self.set_facts(facts);
        is_new
    }

    /// Whether it has the fact.
    #[must_use]
    #[inline]
    pub fn has_fact(&self, fact: Fact) -> bool {
        self.facts().has(fact)
    }

    /// How often its SYN, SYN,ACK or FIN was resent.
    #[must_use]
    pub fn asked_again(&self) -> u8 {
        self.rare.as_ref().map_or(0, |rare| rare.asked_again)
    }

    /// How often a presumption about what it asked for was disproved.
    #[must_use]
    pub fn undone(&self) -> u8 {
        self.rare.as_ref().map_or(0, |rare| rare.undone)
    }

    /// How often the head of its unacknowledged data was resent.
    #[must_use]
    pub fn resent(&self) -> u8 {
        self.rare.as_ref().map_or(0, |rare| rare.resent)
    }

    /// Where what was captured without a gap ends.
    #[must_use]
    pub fn contiguous(&self) -> Seq {
        self.rare.as_ref().and_then(|rare| rare.holes.first_open()).unwrap_or(self.next)
    }

    /// Whether what it sent last before `seq` was never captured, acknowledged or not.
    #[must_use]
    pub fn is_missing_before(&self, seq: Seq) -> bool {
        let began_unseen = self.marks.iss_is_guessed() && !self.marks.sent_new_data();
        began_unseen
            || seq.after(self.contiguous())
            || self.rare.as_ref().is_some_and(|rare| rare.holes.end_at(seq))
    }

    /// One past its FIN.
    #[must_use]
    pub const fn after_fin(&self) -> Seq {
        self.fin.plus(1)
    }

    /// Whether its FIN was captured with no octet missing before it.
    #[must_use]
    pub fn fin_is_deliverable(&self) -> bool {
        self.marks.has_fin() && self.contiguous().covers(self.fin)
    }

    /// Whether its FIN was captured, and `ack` acknowledges it.
    #[must_use]
    pub const fn fin_is_covered_by(&self, ack: Seq) -> bool {
        self.marks.has_fin() && ack.covers(self.after_fin())
    }

    /// Whether its FIN was captured and acknowledged.
    #[must_use]
    pub const fn fin_is_acked(&self) -> bool {
        self.fin_is_covered_by(self.acked)
    }

    /// Payload octets captured or acknowledged, and not yet acknowledged: netstat's Send-Q.
    #[must_use]
    pub const fn unacknowledged(&self) -> u32 {
        if !self.marks.has_space() || !self.acked.before(self.next) {
            return 0;
        }
        let octets = self.next.since(self.acked).unsigned_abs();
        let fin = self.marks.has_fin() && !self.fin_is_acked();
        let syn = self.marks.has_iss() && self.acked.0 == self.iss.0;
        octets.saturating_sub(fin as u32 + syn as u32)
    }

    /// Payload octets that were captured and acknowledged.
    #[must_use]
    pub fn octets_acknowledged(&self) -> u64 {
        let resent = self.rare.as_ref().map_or(0, |rare| rare.retransmitted_bytes);
        self.bytes().saturating_sub(resent + u64::from(self.unacknowledged()))
    }

    /// Begins the sequence space at `seq`.
    pub const fn begin_space(&mut self, seq: Seq) {
        if !self.marks.has_space() {
            self.marks.set_space(true);
            self.next = seq;
            self.acked = seq;
        }
    }

    /// Places a segment that is neither SYN nor RST. A FIN ahead of a hole takes up no room until it is accepted.
    pub fn place(&mut self, segment: &Segment) -> Placement {
        self.begin_space(segment.seq);
        let fin = segment.flags.fin() && !segment.seq.after(self.contiguous());
        let length = segment.payload + u32::from(fin);
        if length == 0 {
            if segment.seq.after(self.next) {
                // What it sent before was not captured, or not yet.
                let next = self.next;
                self.rare().holes.open(next, segment.seq, false);
                self.next = segment.seq;
            }
            return Placement::Empty;
        }
        let (start, end) = (segment.seq, segment.seq.plus(length));
        if start == self.next {
            self.next = end;
            return Placement::Next;
        }
        if start.after(self.next) {
            let next = self.next;
            self.rare().holes.open(next, start, false);
            self.next = end;
            return Placement::Ahead;
        }
        let filled = self.fill(start, end);
        let beyond = end.after(self.next);
        self.next = self.next.later(end);
        match filled {
            Some(true) => Placement::FillsAcknowledged,
            Some(false) => Placement::Fills,
            None if beyond => Placement::Next,
            None => Placement::Again,
        }
    }

    /// Takes what was missing between `start` and `end` for captured, if anything was; whether it had been acknowledged.
    fn fill(&mut self, start: Seq, end: Seq) -> Option<bool> {
        let rare = self.rare.as_mut()?;
        let (octets, acknowledged) = rare.holes.fill(start, end)?;
        if acknowledged {
            rare.unseen_bytes = rare.unseen_bytes.saturating_sub(u64::from(octets));
        }
        Some(acknowledged)
    }

    /// Takes octets before `seq` that the capture leaves out for arrived.
    pub fn leave_out(&mut self, seq: Seq) {
        if seq.after(self.next) {
            let next = self.next;
            self.rare().holes.open(next, seq, false);
            self.next = seq;
        }
        let rare = self.rare();
        rare.unseen_bytes += u64::from(rare.holes.acknowledge(seq));
    }

    /// Makes room for a FIN that was captured ahead of a hole.
    pub fn accept_fin(&mut self, fin: Seq) {
        if fin.after(self.next) {
            let next = self.next;
            self.rare().holes.open(next, fin, false);
        }
        self.fill(fin, fin.plus(1));
        self.next = self.next.later(fin.plus(1));
    }

    /// Whether all that was captured of it may be probes, its opening not captured: bare acknowledgements of nothing new.
    /// A probe bears the number before the one that comes next (RFC 9293, 3.8.4).
    #[must_use]
    pub fn may_only_have_probed(&self) -> bool {
        let is_placed = self.marks.has_space() && self.frames > 0;
        let has_said_more = self.marks.has_iss() || self.marks.has_fin() || self.marks.ack_advanced();
        is_placed && !has_said_more && self.bytes() == 0
    }

    /// Takes note that the other end acknowledges all before `ack`. How many octets that shows to be missing.
    pub fn acknowledge(&mut self, ack: Seq) -> u32 {
        if !self.marks.has_space() {
            self.begin_space(ack);
            return 0;
        }
        let mut missing = 0;
        if let Some(rare) = &mut self.rare {
            missing = rare.holes.acknowledge(ack);
        }
        if ack.after(self.next) {
            let next = self.next;
            missing += ack.since(next).unsigned_abs();
            self.rare().holes.open(next, ack, true);
            self.next = ack;
        }
        self.acked = self.acked.later(ack);
        if missing > 0 {
            self.rare().unseen_bytes += u64::from(missing);
        }
        missing
    }

    /// Takes note of the receive window that the segment advertises.
    pub fn note_window(&mut self, segment: &Segment) {
        let shift = if self.marks.is_scaled() { u32::from(self.scale) } else { 0 };
        self.window = u32::from(segment.window) << shift;
    }

    /// The widest receive window that it can advertise, in bytes.
    #[must_use]
    pub const fn widest_window(&self) -> u32 {
        (u16::MAX as u32) << if self.marks.is_scaled() { self.scale } else { 0 }
    }

    /// Takes note that it sent a SYN, SYN,ACK or FIN, for the first time or again.
    pub fn note_request(&mut self, time_ns: i64, again: bool) {
        let gap_ns = (time_ns - self.asked_ns).max(0);
        self.asked_ns = time_ns;
        self.answered_ns = 0;
        if again {
            let rare = self.rare();
            rare.asked_again = rare.asked_again.saturating_add(1);
            rare.asked_gap_ns = gap_ns;
            rare.doubt = None;
        } else if let Some(rare) = &mut self.rare {
            rare.asked_again = 0;
            rare.undone = 0;
            rare.doubt = None;
        }
    }

    /// Whether an identification carries on its count. Few enough may be missing between: lost, or on another interface.
    #[must_use]
    pub const fn is_close_behind(&self, id: u16) -> bool {
        const CLOSE_BEHIND: u16 = 64;
        let ahead = id.wrapping_sub(self.ip_id);
        ahead >= 1 && ahead <= CLOSE_BEHIND
    }

    /// Whether its host counts the packets of all sockets together: the count has jumped, or the TTL is that of Windows,
    /// which begins at 128.
    #[must_use]
    pub const fn shares_count(&self) -> bool {
        self.marks.count_has_jumped() || (self.ttl > 64 && self.ttl <= 128)
    }

    /// Takes note of the answer to its SYN or SYN,ACK. False where there was one before, or where it has sent a FIN since:
    /// an old answer is none to that.
    pub const fn note_answer(&mut self, time_ns: i64) -> bool {
        let is_first = self.answered_ns == 0 && !self.marks.has_fin();
        if is_first {
            self.answered_ns = time_ns;
        }
        is_first
    }

    /// Whether something that it sent, captured at `now_ns`, may have left before what was captured at `then_ns` on its
    /// way to it had arrived. A quarter is added to the round trip: the shortest is not the usual one.
    #[must_use]
    pub const fn may_have_crossed(&self, then_ns: i64, now_ns: i64) -> bool {
        now_ns - then_ns < self.rtt_ns as i64 + self.rtt_ns as i64 / 4
    }

    /// Takes note of a round trip between the tap and this end.
    pub fn note_round_trip(&mut self, rtt_ns: i64) {
        let rtt = u32::try_from(rtt_ns.max(0)).unwrap_or(u32::MAX);
        self.rtt_ns = if self.marks.has_rtt() { self.rtt_ns.min(rtt) } else { rtt };
        self.marks.set_rtt(true);
    }

    /// The heap that it uses, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        if self.rare.is_some() { size_of::<Rare>() + 64 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_endpoint_needs_no_more_room_for_facts_and_octets() {
        let mut end = Endpoint::default();
        let first: Facts = Fact::ALL.iter().copied().take(64).collect();
        first.iter().for_each(|fact| assert!(end.add_fact(fact) && !end.add_fact(fact)));
        end.count_bytes(u32::MAX);
        assert!(end.rare.is_none() && end.facts() == first && first.iter().all(|fact| end.has_fact(fact)));
        assert_eq!(end.bytes(), u64::from(u32::MAX));
    }

    #[test]
    fn facts_beyond_the_first_word_and_octets_beyond_four_gigabytes_are_kept() {
        let mut end = Endpoint::default();
        let facts = Facts::of_words(5, [u64::MAX, 1 << 63]);
        end.set_facts(facts);
        assert_eq!(end.facts(), facts);
        end.set_facts(Facts::default());
        assert_eq!(end.facts(), Facts::default());
        for sent in 1..=5 {
            assert!(end.has_room_for(1 << 30) == (sent <= 3));
            end.count_bytes(1 << 30);
            assert_eq!(end.bytes(), sent << 30);
        }
    }
}
