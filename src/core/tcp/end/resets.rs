//! Resets in the name of an end: their numbers, and those that turned out not to be its own, or not to be accepted.

use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::kept::Reset;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::machine::thresholds::DISPROVED_OFTEN;

owns!(Challenged);

impl Endpoint {
    /// The last reset that is assumed to have ended it.
    #[must_use]
    pub fn last_reset(&self) -> Option<Reset> {
        self.rare().and_then(|rare| rare.resets.last)
    }

    /// Keeps the numbers of a reset that is assumed to have ended it.
    pub(in crate::tcp) fn keep_reset(&mut self, reset: Reset) {
        self.rare_mut().resets.last = Some(reset);
    }

    /// When a reset in its name came after which it sent something that the reset may have overtaken, in Unix ns.
    #[must_use]
    pub fn doubted_reset_ns(&self) -> Option<i64> {
        self.rare().and_then(|rare| rare.resets.doubted_ns)
    }

    /// Notes that a reset in its name, captured at an instant in Unix ns, may not have been its own.
    pub(in crate::tcp) fn doubt_reset(&mut self, time_ns: i64) {
        self.rare_mut().resets.doubted_ns = Some(time_ns);
    }

    /// Doubts that reset no longer: it was not the end's own.
    pub(in crate::tcp) fn settle_doubted_reset(&mut self) {
        self.rare_mut().resets.doubted_ns = None;
    }

    /// Notes that a reset is on its way to it that it has to answer with a challenge ACK (RFC 5961, 3.2).
    pub(in crate::tcp) const fn await_challenge_ack(&mut self) {
        self.set_mark(mark::Challenged, true, ME);
    }

    /// Awaits that challenge ACK no longer: it has sent something else, or that.
    pub(in crate::tcp) const fn settle_challenge(&mut self) {
        self.set_mark(mark::Challenged, false, ME);
    }

    /// Counts a reset that it was assumed to have accepted, and has not.
    pub(in crate::tcp) fn count_undone_reset(&mut self) {
        let resets = &mut self.rare_mut().resets;
        resets.undone = resets.undone.saturating_add(1);
    }

    /// Whether it may ignore one more reset: resets that it was assumed to have accepted have been disproved often enough. A
    /// reset that comes without a segment of its own since the last is believed again.
    #[must_use]
    pub fn may_ignore_reset(&self) -> bool {
        self.rare().is_some_and(|rare| {
            rare.resets.undone >= DISPROVED_OFTEN && rare.resets.ignored_ns <= self.last_ns
        })
    }

    /// Notes a reset that it is assumed to have ignored, captured at an instant in Unix ns.
    pub(in crate::tcp) fn ignore_reset(&mut self, time_ns: i64) {
        self.rare_mut().resets.ignored_ns = time_ns;
    }

    /// Whether it is assumed to have ignored a reset since it spoke last.
    #[must_use]
    pub fn has_ignored_reset(&self) -> bool {
        self.rare().is_some_and(|rare| rare.resets.ignored_ns > self.last_ns)
    }
}
