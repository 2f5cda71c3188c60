//! FINs of an end beside the one that counts: ahead of a hole, or resent.

use crate::seq::Seq;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::kept::Fin;

impl Endpoint {
    /// A FIN captured ahead of a hole: it may be somebody else's, and counts when the hole is filled.
    #[must_use]
    pub fn early_fin(&self) -> Option<Fin> {
        self.rare().and_then(|rare| rare.fins.early)
    }

    /// Keeps a FIN that was captured ahead of a hole.
    pub(in crate::tcp) fn keep_early_fin(&mut self, fin: Fin) {
        self.rare_mut().fins.early = Some(fin);
    }

    /// Drops it: it counts now, or is somebody else's.
    pub(in crate::tcp) fn forget_early_fin(&mut self) {
        self.rare_mut().fins.early = None;
    }

    /// The last copy of its FIN, if it was resent.
    #[must_use]
    pub fn fin_copy(&self) -> Option<Fin> {
        self.rare().and_then(|rare| rare.fins.copy)
    }

    /// Keeps a copy of its FIN, and returns the copy before.
    pub(in crate::tcp) fn keep_fin_copy(&mut self, fin: Fin) -> Option<Fin> {
        self.rare_mut().fins.copy.replace(fin)
    }

    /// Counts a copy of its FIN that came after an acknowledgement of it, and returns how many there are.
    pub(in crate::tcp) fn count_fin_after_ack(&mut self) -> u64 {
        let fins = &mut self.rare_mut().fins;
        fins.after_ack = fins.after_ack.saturating_add(1);
        u64::from(fins.after_ack)
    }

    /// Notes whether the copy of its FIN that came now is the only one since an acknowledgement of it.
    pub(in crate::tcp) fn note_lone_copy(&mut self, is_lone: bool) {
        self.rare_mut().fins.copy_is_lone = is_lone;
    }

    /// Whether only one copy of its FIN came after an acknowledgement of it.
    #[must_use]
    pub fn has_sent_lone_copy(&self) -> bool {
        self.rare().is_some_and(|rare| rare.fins.copy_is_lone && rare.fins.after_ack <= 1)
    }

    /// How many copies of its FIN came after an acknowledgement of it.
    #[must_use]
    pub fn fins_after_ack(&self) -> u16 {
        self.rare().map_or(0, |rare| rare.fins.after_ack)
    }

    /// How much of its octets the other end's FIN acknowledged, if not all of that had been captured before.
    #[must_use]
    pub fn acked_by_fin(&self) -> Option<Seq> {
        self.rare().and_then(|rare| rare.fins.acked_by_others)
    }

    /// The time stamp of the first segment past a hole that acknowledged the other's FIN.
    #[must_use]
    pub fn stamp_past_gap(&self) -> Option<u32> {
        self.rare().and_then(|rare| rare.fins.stamp_past_gap)
    }

    /// Keeps that time stamp, unless one was kept before.
    pub(in crate::tcp) fn keep_stamp_past_gap(&mut self, stamp: u32) {
        self.rare_mut().fins.stamp_past_gap.get_or_insert(stamp);
    }

    /// Notes how much of its octets the other end's FIN acknowledges.
    pub(in crate::tcp) fn note_acked_by_fin(&mut self, ack: Seq) {
        self.rare_mut().fins.acked_by_others = Some(ack);
    }
}
