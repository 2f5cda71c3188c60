//! How many different ones there were, up to a bound.

/// How many different ones there were, up to a bound.
#[derive(Clone, Debug, Default)]
pub struct Distinct<const MOST: usize> {
    /// The first, in place: very many have no others, and would ask for memory.
    first: Option<u64>,
    /// The others in short: each once and sorted, then those that came since. Looking for each as it comes would take longer:
    /// it may lie anywhere.
    known: Vec<u64>,
    /// Whether the bound is reached: then nobody needs to know them any more.
    are_many: bool,
}

impl<const MOST: usize> Distinct<MOST> {
    /// Adds one.
    pub fn add(&mut self, one: u64) {
        if self.are_many || self.first == Some(one) {
            return;
        }
        if self.first.is_none() {
            self.first = Some(one);
            return;
        }
        self.known.push(one);
        if self.known.len() == self.known.capacity() {
            self.sort();
        }
    }

    /// Makes room for more, and for twice as many unless half were known before.
    #[cold]
    fn sort(&mut self) {
        let before = self.known.len();
        self.known.sort();
        self.known.dedup();
        let different = self.known.len();
        self.are_many = different + 1 >= MOST;
        if self.are_many {
            self.known = Vec::new();
        } else if different * 2 > before {
            self.known.reserve_exact(different);
        }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        if self.are_many {
            return MOST;
        }
        let mut sorted = self.clone();
        sorted.sort();
        if sorted.are_many { MOST } else { usize::from(sorted.first.is_some()) + sorted.known.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;
    use std::collections::HashSet;

    #[test]
    fn as_many_are_counted_as_there_are_until_there_are_many() {
        const MOST: usize = 1000;
        for different in [1, 3, 30, 999, 1000, 1001, 3000] {
            let mut random = Random::of_run(different as u64);
            let (mut distinct, mut known) = (Distinct::<MOST>::default(), HashSet::new());
            for _ in 0..different * 8 {
                let one = random.below(different) as u64;
                distinct.add(one);
                known.insert(one);
                if random.one_in(50) {
                    assert_eq!(distinct.count(), known.len().min(MOST));
                }
            }
            assert_eq!(distinct.count(), known.len().min(MOST));
            assert!(distinct.known.capacity() < 2 * MOST);
        }
    }
}
