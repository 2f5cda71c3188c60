//! Resent data: how much, how often, and at which intervals.

use crate::seq::Seq;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::thresholds::{LONG_RTO, LONGER_BY, TOGETHER};

impl Endpoint {
    /// Counts a segment that carried only octets captured before.
    pub(in crate::tcp) fn count_resent(&mut self, payload: u32) {
        let resent = &mut self.rare_mut().resent;
        resent.frames += 1;
        resent.bytes += u64::from(payload);
    }

    /// Notes whether a segment that it resent was of full size.
    pub(in crate::tcp) fn note_resent_size(&mut self, is_full: bool) {
        self.rare_mut().resent.has_small |= !is_full;
    }

    /// Notes that it resent the head of its unacknowledged data, at an instant in Unix ns.
    pub(in crate::tcp) fn note_head_resent(&mut self, time_ns: i64) {
        let resent = &mut self.rare_mut().resent;
        resent.head_gap_ns = if resent.head_times > 0 { (time_ns - resent.head_ns).max(0) } else { 0 };
        if resent.head_times == 0 {
            resent.head_first_ns = time_ns;
        }
        resent.head_ns = time_ns;
        resent.head_times = resent.head_times.saturating_add(1);
    }

    /// Counts a copy of a segment, at an instant in Unix ns, with those of the same that came just before it.
    pub(in crate::tcp) fn count_together(&mut self, seq: Seq, time_ns: i64) -> u8 {
        let resent = &mut self.rare_mut().resent;
        let soon = (0..=TOGETHER).contains(&(time_ns - resent.copy_ns));
        let same = resent.together > 0 && resent.copy_seq == seq && soon;
        resent.together = if same { resent.together.saturating_add(1) } else { 1 };
        resent.copy_seq = seq;
        resent.copy_ns = time_ns;
        resent.together
    }

    /// Counts the first copy of lost data, which came so long after them, in ns. Returns how many in a row took long, and each
    /// longer than the one before, and how long those took in all, in ns.
    pub(in crate::tcp) fn count_first_copy(&mut self, wait_ns: i64) -> (u8, i64) {
        let resent = &mut self.rare_mut().resent;
        resent.head_wait_ns = wait_ns;
        let is_longer = resent.longer > 0 && wait_ns >= resent.wait_ns * LONGER_BY / 4;
        if wait_ns < LONG_RTO {
            (resent.longer, resent.longer_ns) = (0, 0);
        } else if is_longer {
            (resent.longer, resent.longer_ns) = (resent.longer.saturating_add(1), resent.longer_ns + wait_ns);
        } else {
            (resent.longer, resent.longer_ns) = (1, wait_ns);
        }
        resent.wait_ns = wait_ns;
        (resent.longer, resent.longer_ns)
    }

    /// Notes that the head of its unacknowledged data is acknowledged: the next resent octets are others.
    #[inline]
    pub(in crate::tcp) fn end_resending(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.resent.head_times = 0;
            rare.resent.head_wait_ns = 0;
        }
    }

    /// Counts the time that data waited until their copy came, or was acknowledged, in ns. Returns that of all such data, in ns.
    pub(in crate::tcp) fn count_late(&mut self, waited_ns: i64) -> i64 {
        let resent = &mut self.rare_mut().resent;
        resent.late_ns = resent.late_ns.saturating_add(waited_ns.max(0));
        resent.late_ns
    }

    /// Segments that carried only octets captured before.
    #[must_use]
    pub fn retransmitted_frames(&self) -> u64 {
        self.rare().map_or(0, |rare| rare.resent.frames)
    }

    /// Payload octets of those.
    #[must_use]
    pub fn retransmitted_bytes(&self) -> u64 {
        self.rare().map_or(0, |rare| rare.resent.bytes)
    }

    /// Whether it has resent a segment smaller than full size.
    #[must_use]
    pub fn has_resent_small(&self) -> bool {
        self.rare().is_some_and(|rare| rare.resent.has_small)
    }

    /// How often the head of its unacknowledged data was resent.
    #[must_use]
    pub fn resent(&self) -> u8 {
        self.rare().map_or(0, |rare| rare.resent.head_times)
    }

    /// When it was resent last, in Unix ns; 0 where it was not.
    #[must_use]
    pub fn resent_ns(&self) -> i64 {
        self.rare().map_or(0, |rare| rare.resent.head_ns)
    }

    /// When it was resent first, in Unix ns; 0 where it was not.
    #[must_use]
    pub fn first_resent_ns(&self) -> i64 {
        self.rare().map_or(0, |rare| if rare.resent.head_times == 0 { 0 } else { rare.resent.head_first_ns })
    }

    /// When the data were sent that it has resent first, in Unix ns; where that is not known, when it resent them first.
    #[must_use]
    pub fn first_sent_ns(&self) -> i64 {
        self.first_resent_ns() - self.rare().map_or(0, |rare| rare.resent.head_wait_ns)
    }

    /// How long before that it had been resent, in ns; 0 where it had not.
    #[must_use]
    pub fn resent_gap_ns(&self) -> i64 {
        self.rare().map_or(0, |rare| rare.resent.head_gap_ns)
    }
}
