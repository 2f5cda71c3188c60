//! What an end asks for by a SYN, SYN,ACK or FIN: how often it asked again, and how often it was wrongly taken for answered.

use crate::tcp::end::endpoint::Endpoint;
use serde::{Deserialize, Serialize};

/// Repeated questions of an end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Asked {
    gap_ns: i64,
    put_off: Option<(i64, u64)>,
    again: u8,
    undone: u8,
}

impl Asked {
    /// Whether no presumption is put off.
    pub const fn is_settled(&self) -> bool {
        self.put_off.is_none()
    }

    /// Counts a copy, sent `gap_ns` after the one before.
    pub fn count_copy(&mut self, gap_ns: i64) {
        self.again = self.again.saturating_add(1);
        self.gap_ns = gap_ns;
        self.put_off = None;
    }

    /// Begins anew: it asks for something else.
    pub const fn begin(&mut self) {
        self.again = 0;
        self.undone = 0;
        self.put_off = None;
    }
}

impl Endpoint {
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

    /// Counts one of those less: what it rested on was not its own.
    pub(in crate::tcp) fn discount_undone(&mut self) {
        let asked = &mut self.rare_mut().asked;
        asked.undone = asked.undone.saturating_sub(1);
    }

    /// Whether a presumption is put off, because the like of it has been disproved before.
    #[must_use]
    pub fn has_put_off(&self) -> bool {
        self.rare().is_some_and(|rare| !rare.asked.is_settled())
    }

    /// Puts off a presumption, unless one is already: when it would have been made, in Unix ns, and by which frame.
    pub(in crate::tcp) fn put_off(&mut self, time_ns: i64, frame: u64) {
        self.rare_mut().asked.put_off.get_or_insert((time_ns, frame));
    }

    /// The presumption that was put off, which is no longer.
    pub(in crate::tcp) fn take_put_off(&mut self) -> Option<(i64, u64)> {
        self.rare.as_mut()?.asked.put_off.take()
    }
}
