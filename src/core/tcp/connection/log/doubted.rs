//! Transitions that a segment showed, and that are only presumed since its receiver turned out not to have accepted it.

use super::Log;
use crate::tcp::connection::entry::{Entry, Transition};
use crate::tcp::connection::packed::Packed;
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::side::Side;

impl Log {
    /// Downgrades the latest transition of `side` that was seen by `seen` to a presumption by `cause`, unless a later one is
    /// proven.
    pub fn doubt(&mut self, side: Side, seen: Cue, cause: Cue) {
        let mut latest = self.believed(side);
        let is_it = |packed: &Packed| packed.is_by(seen) && packed.evidence() == Evidence::Seen;
        let found = latest.find(|(_, packed)| is_it(packed) || !packed.is_unproven());
        let Some((place, _)) = found.filter(|(_, packed)| is_it(packed)) else { return };
        drop(latest);
        if let Some(Entry::Transition(shown)) = self.get(place)
            && let Some(packed) = self.at_mut(place)
        {
            let doubted = Transition { cue: cause, evidence: Evidence::Presumed, ..shown };
            *packed = Packed::transition(&doubted);
            self.doubts[side].add(cause);
        }
    }
}
