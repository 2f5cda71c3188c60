//! Rounds: when to look at which connection again, whether it is over and may be let go.

use super::slab::Place;
use std::collections::VecDeque;

/// A connection to be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Where it is kept.
    pub place: Place,
    /// The lower half of its id: another one may have been put there.
    pub id: u32,
}

/// Connections that are due at about the same time.
#[derive(Debug)]
struct Round {
    /// When the last of them is, in Unix ns.
    due_ns: i64,
    visits: Vec<Visit>,
}

/// The connections in the order in which they are due. Whoever is added is due after much the same time, so that new
/// ones nearly always belong to the last round.
#[derive(Debug, Default)]
pub struct Rounds {
    rounds: VecDeque<Round>,
    /// Those of the first round that have been visited.
    visited: usize,
}

impl Rounds {
    /// How far apart the connections of one round may be due, in ns.
    const LENGTH: i64 = 1 << 28;
    /// How many connections are visited together: then their memory can be fetched together.
    const FEW: usize = 8;

    /// Adds a connection.
    pub fn add(&mut self, due_ns: i64, visit: Visit) {
        let due_ns = (due_ns | (Self::LENGTH - 1)).max(self.rounds.back().map_or(i64::MIN, |last| last.due_ns));
        match self.rounds.back_mut() {
            Some(last) if last.due_ns == due_ns => last.visits.push(visit),
            _ => self.rounds.push_back(Round { due_ns, visits: vec![visit] }),
        }
    }

    /// The next few that are due at `now_ns`.
    pub fn next_few(&mut self, now_ns: i64) -> Vec<Visit> {
        let Some(first) = self.rounds.front().filter(|first| first.due_ns <= now_ns) else { return Vec::new() };
        let left = &first.visits[self.visited..];
        let few = left[..left.len().min(Self::FEW)].to_vec();
        self.visited += few.len();
        if self.visited == first.visits.len() {
            self.rounds.pop_front();
            self.visited = 0;
        }
        few
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_due_is_visited_once() {
        let mut rounds = Rounds::default();
        for id in 0..100 {
            rounds.add(i64::from(id) * Rounds::LENGTH / 10, Visit { place: id, id });
        }
        let visited = |rounds: &mut Rounds, now_ns| {
            let few = std::iter::repeat_with(|| rounds.next_few(now_ns)).take_while(|few| !few.is_empty());
            few.flatten().map(|visit| visit.id).collect::<Vec<_>>()
        };
        assert!(visited(&mut rounds, 0).is_empty());
        assert_eq!(visited(&mut rounds, Rounds::LENGTH * 3), (0..30).collect::<Vec<_>>());
        assert_eq!(visited(&mut rounds, Rounds::LENGTH * 30), (30..100).collect::<Vec<_>>());
    }

    #[test]
    fn who_comes_late_waits_for_the_last_round() {
        let mut rounds = Rounds::default();
        rounds.add(10 * Rounds::LENGTH, Visit { place: 1, id: 1 });
        rounds.add(0, Visit { place: 2, id: 2 });
        assert!(rounds.next_few(9 * Rounds::LENGTH).is_empty());
        assert_eq!(rounds.next_few(11 * Rounds::LENGTH).len(), 2);
    }
}
