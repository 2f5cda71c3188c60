//! Waits of an end, before it goes on, for an acknowledgement that the other end delays.

use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::rare::Waits;

impl Endpoint {
    /// Adds a wait, and tells of all.
    pub(in crate::tcp) fn add_wait(&mut self, waited_ns: i64) -> Waits {
        let waits = &mut self.rare_mut().waits;
        waits.count = waits.count.saturating_add(1);
        waits.total_ns = waits.total_ns.saturating_add(waited_ns);
        *waits
    }
}
