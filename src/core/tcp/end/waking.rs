//! Waking: by which segment an end broke a long silence, and whether that was answered.

use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::kept::Waking;

impl Endpoint {
    /// The segment that broke a long silence, until it is answered.
    #[must_use]
    pub fn waking(&self) -> Option<Waking> {
        self.rare().and_then(|rare| rare.wakings.now)
    }

    /// Keeps the segment that breaks a long silence.
    pub(in crate::tcp) fn keep_waking(&mut self, waking: Waking) {
        self.rare_mut().wakings.now = Some(waking);
    }

    /// Counts a copy of it, captured at an instant in Unix ns.
    pub(in crate::tcp) fn count_waking_copy(&mut self, time_ns: i64) {
        if let Some(waking) = self.rare.as_mut().and_then(|rare| rare.wakings.now.as_mut()) {
            waking.copies = waking.copies.saturating_add(1);
            waking.sent_ns = time_ns;
        }
    }

    /// Takes out the segment that broke a long silence.
    pub(in crate::tcp) fn take_waking(&mut self) -> Option<Waking> {
        self.rare.as_mut()?.wakings.now.take()
    }

    /// Counts a segment that was answered only when it came again, and returns how often that has happened.
    pub(in crate::tcp) fn count_lost_after_idle(&mut self) -> u64 {
        let wakings = &mut self.rare_mut().wakings;
        wakings.lost = wakings.lost.saturating_add(1);
        u64::from(wakings.lost)
    }
}
