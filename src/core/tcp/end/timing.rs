//! Timers of an endpoint: when its SYN, SYN-ACK or FIN was sent and answered, and how long a round trip takes.

use crate::seq::Seq;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::end::tick::Tick;
use crate::tcp::machine::thresholds::{CROSSING, TOO_SOON};

owns!(Rtt);

impl Endpoint {
    /// Notes that it asks for something at an instant, in Unix ns.
    pub(in crate::tcp) const fn set_asked(&mut self, time_ns: i64) {
        self.asked_ns = time_ns;
    }

    /// Notes that its question is answered at an instant, in Unix ns.
    pub(in crate::tcp) const fn set_answered(&mut self, time_ns: i64) {
        self.answered_ns = time_ns;
    }

    /// Begins to measure a round trip between the tap and this end, which ends with an acknowledgement of all before `end`.
    #[inline]
    pub(in crate::tcp) const fn begin_round_trip(&mut self, time_ns: i64, end: Seq) {
        if !self.timed.is_some() {
            self.timed = Tick::of(time_ns);
            self.timed_seq = end;
        }
    }

    /// Ends that round trip if `ack` does.
    #[inline]
    pub(in crate::tcp) fn end_round_trip(&mut self, time_ns: i64, ack: Seq) {
        if self.timed.is_some() && ack.covers(self.timed_seq) {
            let rtt = self.timed.until(time_ns);
            self.timed = Tick::default();
            self.note_round_trip(rtt);
        }
    }

    /// Assumes a round trip until one is measured.
    pub(in crate::tcp) fn guess_round_trip(&mut self, rtt_ns: i64) {
        self.rtt_ns = u32::try_from(rtt_ns.max(0)).unwrap_or(u32::MAX);
    }

    /// Converts its times to another clock, those that are known.
    pub fn translate_times(&mut self, translate: impl Fn(i64) -> i64) {
        for time_ns in [&mut self.first_ns, &mut self.last_ns, &mut self.asked_ns, &mut self.answered_ns] {
            if *time_ns != 0 {
                *time_ns = translate(*time_ns);
            }
        }
    }

    /// Notes that it sent a SYN, SYN,ACK or FIN, for the first time or again.
    pub(in crate::tcp) fn note_request(&mut self, time_ns: i64, again: bool) {
        let gap_ns = (time_ns - self.asked_ns).max(0);
        self.asked_ns = time_ns;
        self.answered_ns = 0;
        if again {
            self.count_copy(gap_ns);
        } else {
            self.ask_anew();
        }
    }

    /// Notes the answer to its SYN or SYN,ACK. Returns false if it was answered before, or has sent a FIN since: an old segment
    /// does not answer that.
    pub(in crate::tcp) const fn note_answer(&mut self, time_ns: i64) -> bool {
        let is_first = self.answered_ns == 0 && !self.marks().has_fin();
        if is_first {
            self.answered_ns = time_ns;
        }
        is_first
    }

    /// Whether a segment of its own, captured at `now_ns`, may have been sent before a segment arrived that was captured on its
    /// way to it at `then_ns`: see `CROSSING`.
    #[must_use]
    pub const fn may_have_crossed(&self, then_ns: i64, now_ns: i64) -> bool {
        now_ns - then_ns < self.rtt_ns as i64 * CROSSING / 4
    }

    /// Whether a segment of its own, captured at `now_ns`, left before a segment arrived that was captured on its way to it at
    /// `then_ns`: see `TOO_SOON`.
    #[must_use]
    pub const fn answers_nothing_since(&self, then_ns: i64, now_ns: i64) -> bool {
        self.marks().has_rtt() && now_ns - then_ns < self.rtt_ns as i64 * TOO_SOON / 4
    }

    /// Notes a round trip between the tap and this end.
    pub(in crate::tcp) fn note_round_trip(&mut self, rtt_ns: i64) {
        let rtt = u32::try_from(rtt_ns.max(0)).unwrap_or(u32::MAX);
        self.rtt_ns = if self.marks().has_rtt() { self.rtt_ns.min(rtt) } else { rtt };
        self.note_mark(mark::Rtt, ME);
    }
}
