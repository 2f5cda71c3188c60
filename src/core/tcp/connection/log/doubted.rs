//! Transitions that are only presumed: the one that brought an end to its state, and those that a segment showed which its receiver
//! turned out not to have accepted.

use super::Log;
use crate::tcp::connection::entry::{Entry, Transition, Verdict};
use crate::tcp::connection::packed::Packed;
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;

impl Log {
    /// The transition that brought `side` to its state, if it was by `cue`, and something may still disprove it.
    #[must_use]
    pub fn unproven_grounds(&self, side: Side, cue: Cue) -> Option<Transition> {
        let by_cue = self.latest(side).is_some_and(|latest| latest.is_by(cue) && latest.is_unproven());
        if by_cue { self.grounds(side) } else { None }
    }

    /// The state that `side` left for the one it is in, if that was by `cue`, and something may still disprove it.
    #[must_use]
    #[inline]
    pub fn left_unproven_by(&self, side: Side, cue: Cue) -> Option<State> {
        let latest = self.latest(side)?;
        (latest.is_by(cue) && latest.is_unproven()).then(|| latest.from())
    }

    /// Downgrades the latest transition of `side` that was seen by `seen` to a presumption by `cause`, unless a later one is
    /// proven.
    pub fn doubt(&mut self, side: Side, seen: Cue, cause: Cue) {
        let mut latest = self.believed(side);
        let is_it = |packed: &Packed| packed.is_by(seen) && packed.evidence() == Evidence::Seen;
        let found = latest.find(|(_, packed)| is_it(packed) || !packed.is_unproven());
        let Some((place, _)) = found.filter(|(_, packed)| is_it(packed)) else { return };
        drop(latest);
        self.presume_instead(side, place, cause);
    }

    /// Takes back the proof that `side` moved to its state by `cause`, or by `seen`: it is a presumption by `cause`.
    pub fn doubt_grounds(&mut self, side: Side, seen: Cue, cause: Cue) {
        let Some(place) = usize::from(self.latest[side]).checked_sub(1) else { return };
        let is_it = |shown: Transition| [seen, cause].contains(&shown.cue) && shown.is_proven();
        if self.grounds(side).is_some_and(is_it) {
            self.presume_instead(side, place, cause);
        }
    }

    /// Makes a presumption by `cause` of the transition of `side` at `place`.
    fn presume_instead(&mut self, side: Side, place: usize, cause: Cue) {
        if let Some(Entry::Transition(shown)) = self.get(place)
            && let Some(packed) = self.at_mut(place)
        {
            let doubted =
                Transition { cue: cause, evidence: Evidence::Presumed, verdict: Verdict::Open, ..shown };
            *packed = Packed::transition(&doubted);
            self.doubts[side].add(cause);
        }
    }
}
