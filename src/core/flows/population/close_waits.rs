//! Sockets in CLOSE_WAIT: how many at one time, and how they left it.

use super::peak::Peak;
use super::visit::{Stay, Visit};
use crate::flows::examples::Examples;
use crate::tcp::profile::SECOND;
use crate::tcp::side::Side;
use crate::tcp::state::State;

/// Stays in CLOSE_WAIT of a second or longer. Who closes sooner lets nothing pile up.
#[derive(Clone, Debug, Default)]
pub struct CloseWaits {
    /// How many at one time.
    pub present: Peak,
    /// How many left it within one second.
    pub leaving: Peak,
    /// Those that left it with a FIN of their own.
    pub by_fin: u64,
    /// Those that left it otherwise: a reset of either end ended the connection.
    pub by_reset: u64,
    /// The first of them.
    pub examples: Examples,
}

impl CloseWaits {
    /// Counts the stays of one end of a connection; none was made where there are none to count.
    pub fn count(counted: &mut Option<Box<Self>>, visit: &Visit, side: Side) {
        for (from, left) in visit.stays(side, State::CloseWait) {
            if left.is_none_or(|left| left.time_ns - from >= SECOND) {
                counted.get_or_insert_default().add((from, left), visit.id);
            }
        }
    }

    fn add(&mut self, (from, left): Stay<'_>, id: u64) {
        self.examples.offer(id);
        self.present.add(from, left.map(|left| left.time_ns));
        if let Some(left) = left {
            let closes = left.to == State::LastAck;
            self.by_fin += u64::from(closes);
            self.by_reset += u64::from(!closes);
            self.leaving.add(left.time_ns, Some(left.time_ns + SECOND));
        }
    }
}
