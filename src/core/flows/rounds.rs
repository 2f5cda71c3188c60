//! Rounds: when to look again at which connection, to see whether it is over and may be let go.

use super::slab::Place;
use std::collections::BTreeMap;

/// A connection on the rounds: where it is kept, and its id. Once it has been let go, another may be kept there.
pub type Stop = (Place, u64);

/// The connections by when they are due. When one is visited does not depend on which others there are.
#[derive(Debug, Default)]
pub struct Rounds {
    by_due_ns: BTreeMap<i64, Vec<Stop>>,
}

impl Rounds {
    /// Those that are due less than this apart are visited together, in ns.
    const LENGTH: i64 = 1 << 28;

    /// Adds a connection that is due at an instant, in Unix ns.
    pub fn add(&mut self, due_ns: i64, stop: Stop) {
        self.by_due_ns.entry(due_ns | (Self::LENGTH - 1)).or_default().push(stop);
    }

    /// Takes off those that are due at `now_ns`.
    pub fn take_due(&mut self, now_ns: i64) -> Vec<Stop> {
        let mut due = Vec::new();
        while let Some(first) = self.by_due_ns.first_entry().filter(|first| *first.key() <= now_ns) {
            due.append(&mut first.remove());
        }
        due
    }

    /// How many are on the rounds, including those let go since.
    #[must_use]
    pub fn held(&self) -> usize {
        self.by_due_ns.values().map(Vec::len).sum()
    }

    /// Takes off those that are gone.
    pub fn forget(&mut self, is_there: impl Fn(Stop) -> bool) {
        self.by_due_ns.retain(|_, stops| {
            stops.retain(|stop| is_there(*stop));
            stops.shrink_to_fit();
            !stops.is_empty()
        });
    }

    /// Takes over the rounds of another table whose connections are now kept `offset` places further on.
    pub fn absorb(&mut self, other: Self, offset: Place) {
        for (due_ns, stops) in other.by_due_ns {
            let moved = stops.into_iter().map(|(place, id)| (place + offset, id));
            self.by_due_ns.entry(due_ns).or_default().extend(moved);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_due_is_visited_once() {
        let mut rounds = Rounds::default();
        for place in 0..100_u32 {
            rounds.add(i64::from(place * 37 % 100) * Rounds::LENGTH / 10, (place, 1));
        }
        assert!(rounds.take_due(0).is_empty());
        let half = rounds.take_due(5 * Rounds::LENGTH);
        assert!((40..=60).contains(&half.len()), "{}", half.len());
        let mut all = [half, rounds.take_due(i64::MAX)].concat();
        all.sort_unstable();
        assert_eq!(all, (0..100).map(|place| (place, 1)).collect::<Vec<_>>());
    }

    #[test]
    fn those_of_another_table_are_due_when_they_were() {
        let (mut rounds, mut other) = (Rounds::default(), Rounds::default());
        rounds.add(0, (1, 10));
        other.add(0, (1, 11));
        other.add(9 * Rounds::LENGTH, (2, 12));
        rounds.absorb(other, 100);
        assert_eq!(rounds.take_due(Rounds::LENGTH), [(1, 10), (101, 11)]);
        assert_eq!(rounds.take_due(i64::MAX), [(102, 12)]);
    }
}
