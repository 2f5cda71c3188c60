//! Repeated questions of an end (a SYN, SYN,ACK or FIN): how often it asked again, and how often it was wrongly assumed to be
//! answered.

use crate::tcp::end::endpoint::Endpoint;

impl Endpoint {
    /// Counts a copy of what it asks for, sent `gap_ns` after the one before.
    pub(super) fn count_copy(&mut self, gap_ns: i64) {
        let asked = &mut self.rare_mut().asked;
        asked.again = asked.again.saturating_add(1);
        asked.gap_ns = gap_ns;
        asked.put_off = None;
    }

    /// Counts a copy that the capture lacks, sent no longer than `gap_ns` before the one that it holds: what answered that did not
    /// arrive.
    pub(in crate::tcp) fn count_unseen_copy(&mut self, gap_ns: i64) {
        self.count_copy(gap_ns);
        self.count_undone();
    }

    /// Notes that it asks for something else.
    pub(super) fn ask_anew(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.asked.again = 0;
            rare.asked.undone = 0;
            rare.asked.put_off = None;
        }
    }

    /// How often its SYN, SYN,ACK or FIN was resent.
    #[must_use]
    pub fn asked_again(&self) -> u8 {
        self.rare().map_or(0, |rare| rare.asked.again)
    }

    /// Silence between the last two of those, in ns.
    #[must_use]
    pub fn asked_gap_ns(&self) -> i64 {
        self.rare().map_or(0, |rare| rare.asked.gap_ns)
    }

    /// How often a presumption about what it asked for was disproved.
    #[must_use]
    pub fn undone(&self) -> u8 {
        self.rare().map_or(0, |rare| rare.asked.undone)
    }

    /// Counts a presumption about what it asked for that was disproved.
    pub(in crate::tcp) fn count_undone(&mut self) {
        let asked = &mut self.rare_mut().asked;
        asked.undone = asked.undone.saturating_add(1);
    }

    /// Counts one of those less: the segment that it rested on was not its own.
    pub(in crate::tcp) fn discount_undone(&mut self) {
        let asked = &mut self.rare_mut().asked;
        asked.undone = asked.undone.saturating_sub(1);
    }

    /// Whether a presumption is put off, because one like it has been disproved before.
    #[must_use]
    pub fn has_put_off(&self) -> bool {
        self.rare().is_some_and(|rare| rare.asked.put_off.is_some())
    }

    /// Puts off a presumption, unless one is put off already: when it would have been made, in Unix ns, and by which frame.
    pub(in crate::tcp) fn put_off(&mut self, time_ns: i64, frame: u64) {
        self.rare_mut().asked.put_off.get_or_insert((time_ns, frame));
    }

    /// Takes out the presumption that was put off.
    pub(in crate::tcp) fn take_put_off(&mut self) -> Option<(i64, u64)> {
        self.rare.as_mut()?.asked.put_off.take()
    }
}
