//! The first transition of its kind: searched among packed entries, of which only the result is unpacked.

use super::Log;
use crate::tcp::connection::entry::{Entry, Transition};
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::side::Side;

impl Log {
    /// When `side` first moved by each of some cues, believed or not, in Unix ns.
    #[must_use]
    pub fn first_times<const CUES: usize>(&self, side: Side, cues: [Cue; CUES]) -> [Option<i64>; CUES] {
        let mut found = [None; CUES];
        for (_, packed) in self.packed().filter(|(_, packed)| packed.side() == side) {
            for (found, cue) in found.iter_mut().zip(cues) {
                if found.is_none() && packed.is_by(cue) {
                    *found = Some(packed.time_ns());
                }
            }
            if found.iter().all(Option::is_some) {
                break;
            }
        }
        found
    }

    /// The first transition of `side` by one of these cues, believed or not.
    #[must_use]
    pub fn first_by(&self, side: Side, cues: &[Cue]) -> Option<Transition> {
        let mut those = self.packed().map(|(_, packed)| packed);
        let first =
            those.find(|packed| packed.side() == side && cues.iter().any(|cue| packed.is_by(*cue)))?;
        match first.unpack() {
            Entry::Transition(transition) => Some(transition),
            Entry::Sighting(_) => None,
        }
    }
}
