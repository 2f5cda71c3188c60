//! Rounds: when to look at which connection again, whether it is over and may be let go.

use super::slab::Place;
use std::collections::VecDeque;

/// A connection to be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// When, in Unix ns.
    pub due_ns: i64,
    /// Where it is kept.
    pub place: Place,
    /// The lower half of its id: another one may have been put there.
    pub id: u32,
}

/// The connections in the order in which they are due. Whoever is added is due after much the same time, so that a
/// queue is in order, or nearly so.
#[derive(Default)]
pub struct Rounds(VecDeque<Visit>);

impl Rounds {
    /// Adds a connection.
    pub fn add(&mut self, visit: Visit) {
        self.0.push_back(visit);
    }

    /// The next few, if all of them are due at `now_ns`: together they are fetched faster.
    pub fn next_few(&mut self, now_ns: i64) -> Option<[Visit; FEW]> {
        let last = self.0.get(FEW - 1)?;
        if last.due_ns > now_ns {
            return None;
        }
        let mut few = [*last; FEW];
        for (place, visit) in few.iter_mut().zip(self.0.drain(..FEW)) {
            *place = visit;
        }
        Some(few)
    }
}

/// How many connections are looked at together.
const FEW: usize = 8;
