//! Transitions that a segment showed, and that are only presumed since its receiver turned out not to have accepted it.

use super::Log;
use crate::tcp::connection::entry::Transition;
use crate::tcp::connection::packed::Packed;
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::side::Side;

impl Log {
    /// Downgrades the transition that brought `side` to its state, if it was seen by `seen`, to a presumption by `cause`.
    pub fn doubt(&mut self, side: Side, seen: Cue, cause: Cue) {
        let is_it = |grounds: &Transition| grounds.cue == seen && grounds.evidence == Evidence::Seen;
        let Some(grounds) = self.grounds(side).filter(is_it) else { return };
        let doubted = Transition { cue: cause, evidence: Evidence::Presumed, ..grounds };
        if let Some(place) = usize::from(self.latest[side]).checked_sub(1)
            && let Some(packed) = self.at_mut(place)
        {
            *packed = Packed::transition(&doubted);
            self.doubts[side].add(cause);
        }
    }
}
