//! Rounds: when to look at which connection again, whether it is over and may be let go.

use super::slab::{NOWHERE, Place};
use std::collections::VecDeque;

/// Connections that are due at about the same time.
#[derive(Debug)]
struct Round {
    /// When the last of them is, in Unix ns.
    due_ns: i64,
    places: Vec<Place>,
}

/// The connections in the order in which they are due. Whoever is added is due after much the same time, so that new
/// ones nearly always belong to the last round.
#[derive(Debug, Default)]
pub struct Rounds {
    rounds: VecDeque<Round>,
    /// How many of the first round have been visited.
    visited: usize,
    /// The places that are on the rounds. One that has been let go, and taken by another, is visited once: too early.
    listed: Vec<bool>,
}

impl Rounds {
    /// How far apart the connections of one round may be due, in ns.
    const LENGTH: i64 = 1 << 28;
    /// How many connections are visited together: then their memory can be fetched together.
    pub const FEW: usize = 8;

    /// Adds a place, unless it is on the rounds already.
    pub fn add(&mut self, due_ns: i64, place: Place) {
        let index = place as usize;
        if self.listed.len() <= index {
            self.listed.resize(index + 1, false);
        }
        if std::mem::replace(&mut self.listed[index], true) {
            return;
        }
        let due_ns =
            (due_ns | (Self::LENGTH - 1)).max(self.rounds.back().map_or(i64::MIN, |last| last.due_ns));
        match self.rounds.back_mut() {
            Some(last) if last.due_ns == due_ns => last.places.push(place),
            _ => self.rounds.push_back(Round { due_ns, places: vec![place] }),
        }
    }

    /// Takes off the next few that are due at `now_ns`. Where there are fewer, the rest is nowhere.
    #[inline]
    pub fn next_few(&mut self, now_ns: i64) -> Option<[Place; Self::FEW]> {
        let first = self.rounds.front().filter(|first| first.due_ns <= now_ns)?;
        let left = &first.places[self.visited..];
        let mut few = [NOWHERE; Self::FEW];
        for (place, next) in few.iter_mut().zip(left) {
            *place = *next;
            self.listed[*next as usize] = false;
        }
        if left.len() <= Self::FEW {
            self.rounds.pop_front();
            self.visited = 0;
        } else {
            self.visited += Self::FEW;
        }
        Some(few)
    }

    /// Those of the first round that will be visited after `skipped` others, together.
    pub fn upcoming(&self, skipped: usize) -> &[Place] {
        let first = self.rounds.front().map_or(&[][..], |first| &first.places);
        let begin = (self.visited + skipped).min(first.len());
        &first[begin..first.len().min(begin + Self::FEW)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visited(rounds: &mut Rounds, now_ns: i64) -> Vec<Place> {
        let few = std::iter::from_fn(|| rounds.next_few(now_ns));
        few.flatten().filter(|place| *place != NOWHERE).collect()
    }

    #[test]
    fn whoever_is_due_is_visited_once() {
        let mut rounds = Rounds::default();
        for id in 0..100_u32 {
            rounds.add(i64::from(id) * Rounds::LENGTH / 10, id);
        }
        assert!(visited(&mut rounds, 0).is_empty());
        assert_eq!(visited(&mut rounds, Rounds::LENGTH * 3), (0..30).collect::<Vec<_>>());
        assert_eq!(visited(&mut rounds, Rounds::LENGTH * 30), (30..100).collect::<Vec<_>>());
    }

    #[test]
    fn those_that_come_next_are_told() {
        let mut rounds = Rounds::default();
        (0..20).for_each(|place| rounds.add(0, place));
        assert_eq!(rounds.upcoming(Rounds::FEW), (8..16).collect::<Vec<_>>());
        let visited = rounds.next_few(Rounds::LENGTH);
        assert_eq!((visited.map(|few| few[7]), rounds.upcoming(0)[0]), (Some(7), 8));
        assert_eq!(rounds.upcoming(Rounds::FEW), (16..20).collect::<Vec<_>>());
        assert!(rounds.upcoming(Rounds::FEW * 2).is_empty() && Rounds::default().upcoming(0).is_empty());
    }

    #[test]
    fn who_comes_late_waits_for_the_last_round() {
        let mut rounds = Rounds::default();
        rounds.add(10 * Rounds::LENGTH, 1);
        rounds.add(0, 2);
        assert!(visited(&mut rounds, 9 * Rounds::LENGTH).is_empty());
        assert_eq!(visited(&mut rounds, 11 * Rounds::LENGTH), [1, 2]);
    }

    #[test]
    fn no_place_is_on_the_rounds_twice() {
        let mut rounds = Rounds::default();
        rounds.add(0, 5);
        rounds.add(7 * Rounds::LENGTH, 5);
        assert_eq!(visited(&mut rounds, 100 * Rounds::LENGTH), [5]);
        assert!(visited(&mut rounds, 100 * Rounds::LENGTH).is_empty());
        rounds.add(7 * Rounds::LENGTH, 5);
        assert_eq!(visited(&mut rounds, 100 * Rounds::LENGTH), [5]);
    }
}
