//! Losses of the tap: known from octets that were acknowledged and never captured, over all connections.

use crate::tcp::thresholds::LOSSES;

/// How many connections lack frames. This is a property of the tap: the loss that hit some may have hit any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loss {
    /// Connections of which both directions are captured, and acknowledged octets are missing.
    pub lacking: u64,
}

impl Loss {
    /// Whether frames are lost here and there.
    #[must_use]
    pub const fn is_of_the_tap(self) -> bool {
        self.lacking >= LOSSES
    }
}
