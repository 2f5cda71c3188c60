//! Waits of an end, before it goes on: for an acknowledgement that the other end delays, or for room in its window.

use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::rare::Waits;

impl Endpoint {
    /// Keeps how long an acknowledgement took that the other end has delayed. Most ends never wait for one: keeping it for them
    /// as well would take heap for every connection, and a look there for each of their segments.
    pub(in crate::tcp) fn keep_late_ack(&mut self, took_ns: i64) {
        if let Some(rare) = &mut self.rare {
            rare.waits.last_ns = took_ns;
        }
    }

    /// Counts that it waited for the last of those, and returns the sums of all. If the length of the first was not kept, the
    /// second's is used.
    pub(in crate::tcp) fn count_wait(&mut self) -> Waits {
        let waits = &mut self.rare_mut().waits;
        let last_ns = std::mem::take(&mut waits.last_ns);
        let is_first_unknown = waits.count == 1 && waits.total_ns == 0;
        waits.count = waits.count.saturating_add(1);
        waits.total_ns = waits.total_ns.saturating_add(if is_first_unknown { 2 * last_ns } else { last_ns });
        *waits
    }

    /// Counts that the rest of a message seems to have waited for a cork, and returns how often that was so.
    pub(in crate::tcp) fn count_held(&mut self) -> u16 {
        let waits = &mut self.rare_mut().waits;
        waits.held = waits.held.saturating_add(1);
        waits.held
    }

    /// Counts that it filled a window as it stands in the header, without its scale, and returns how often it did so, if those
    /// windows were not all alike; else 0.
    pub(in crate::tcp) fn count_unscaled(&mut self, room: u16) -> u16 {
        let cramped = &mut self.rare_mut().cramped;
        cramped.unscaled_varies |= cramped.unscaled > 0 && cramped.unscaled_room != room;
        cramped.unscaled = cramped.unscaled.saturating_add(1);
        cramped.unscaled_room = room;
        if cramped.unscaled_varies { cramped.unscaled } else { 0 }
    }

    /// Counts that it waited so long, in ns, for room in the other end's window; returns how often and how long it did in all.
    pub(in crate::tcp) fn count_cramped(&mut self, waited_ns: i64) -> (u16, i64) {
        let cramped = &mut self.rare_mut().cramped;
        cramped.count = cramped.count.saturating_add(1);
        cramped.total_ns = cramped.total_ns.saturating_add(waited_ns);
        (cramped.count, cramped.total_ns)
    }
}
