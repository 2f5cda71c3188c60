//! Waits of an end, before it goes on, for an acknowledgement that the other end delays.

use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::rare::Waits;

impl Endpoint {
    /// Keeps how long an acknowledgement took that the other end has delayed.
    pub(in crate::tcp) fn keep_late_ack(&mut self, took_ns: i64) {
        self.rare_mut().waits.last_ns = took_ns;
    }

    /// Counts that it waited for the last of those, and tells of all.
    pub(in crate::tcp) fn count_wait(&mut self) -> Waits {
        let waits = &mut self.rare_mut().waits;
        waits.count = waits.count.saturating_add(1);
        waits.total_ns = waits.total_ns.saturating_add(waits.last_ns);
        *waits
    }
}
