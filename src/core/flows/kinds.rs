//! Kinds of connections: connections that look alike to a rule are judged together. Hostile traffic creates ever new kinds, so
//! there is a budget, and it goes to the most important.

use super::budget::keep_most;
use super::examples::Examples;
use super::proof::Proof;
use super::signature::Signature;
use foldhash::fast::RandomState;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Connections of one signature.
#[derive(Clone, Debug, Default)]
pub struct Alike {
    /// How many.
    pub count: u64,
    /// Some of them.
    pub examples: Examples,
    /// The most that was proven of any of them.
    pub proof: Proof,
    /// The id of the latest one.
    pub latest: u64,
}

/// The result of counting a connection.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// It is an example, and must be kept.
    pub is_example: bool,
    /// Others are examples no more.
    pub has_dropped: bool,
}

/// Connections of kinds that there was no room for: counted, and not judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unjudged {
    /// Connections.
    pub connections: u64,
    /// Those of kinds in which data were exchanged.
    pub conversations: u64,
}

/// The kinds, up to a bound.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    by_signature: HashMap<Signature, Alike, RandomState>,
    counted: u64,
    /// Connections of the kinds that were dropped.
    pub unjudged: Unjudged,
}

impl Kinds {
    /// Real traffic has a few hundred.
    pub const MOST: usize = 10_000;
    /// A kind of at least one connection in so many is common, and always kept: there are at most as many such kinds.
    const COMMON: u64 = 1000;

    /// Counts a connection of which so much was proven.
    pub fn count(&mut self, signature: Signature, id: u64, proof: Proof) -> Counted {
        self.counted += 1;
        let alike = self.by_signature.entry(signature).or_default();
        alike.count += 1;
        let is_example = alike.examples.offer(id);
        alike.proof = alike.proof.max(proof);
        alike.latest = alike.latest.max(id);
        let has_dropped = self.drop_least();
        Counted { is_example, has_dropped }
    }

    /// Drops the least important kinds if there are many: of rare ones those with the weakest proof, and of these the oldest.
    fn drop_least(&mut self) -> bool {
        if self.by_signature.len() <= Self::MOST {
            return false;
        }
        let common = self.counted.div_ceil(Self::COMMON).max(2);
        let rank = |alike: &Alike| (alike.count >= common, alike.proof, alike.latest);
        let unjudged = &mut self.unjudged;
        keep_most(&mut self.by_signature, Self::MOST, rank, |alike| {
            unjudged.connections += alike.count;
            unjudged.conversations += if alike.proof == Proof::Exchanged { alike.count } else { 0 };
        })
    }

    /// The kinds, the most common first.
    #[must_use]
    pub fn list(&self) -> Vec<(&Signature, &Alike)> {
        let mut kinds: Vec<_> = self.by_signature.iter().collect();
        kinds.sort_by_cached_key(|(_, alike)| (Reverse(alike.count), alike.examples.ids()));
        kinds
    }

    /// The ids of all their examples.
    pub fn examples(&self) -> impl Iterator<Item = u64> + '_ {
        self.by_signature.values().flat_map(|alike| alike.examples.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::fact::Facts;
    use crate::tcp::state::State;

    fn signature(number: u64) -> Signature {
        Signature {
            states: [State::Unknown; 2],
            proven: [false; 2],
            facts: [Facts::of_words(number, [0; Facts::WORDS - 1]), Facts::default()],
        }
    }

    fn find(kinds: &Kinds, number: u64) -> Option<&Alike> {
        kinds.by_signature.get(&signature(number))
    }

    #[test]
    fn conversations_are_judged_however_much_junk_there_is() {
        const JUNK: u64 = 50_000;
        for first in [true, false] {
            let mut kinds = Kinds::default();
            let talk = |kinds: &mut Kinds, id: u64| {
                (0..100).for_each(|kind| {
                    kinds.count(signature(1_000_000 + kind), id + kind, Proof::Exchanged);
                });
            };
            if first {
                talk(&mut kinds, 1);
            }
            for number in 0..JUNK {
                kinds.count(signature(number), 1000 + number, Proof::Unanswered);
            }
            if !first {
                talk(&mut kinds, 1000 + JUNK);
            }
            assert!((0..100).all(|kind| find(&kinds, 1_000_000 + kind).is_some()));
            let kept: u64 = kinds.list().iter().map(|(_, alike)| alike.count).sum();
            assert_eq!(kept + kinds.unjudged.connections, JUNK + 100);
            assert_eq!(kinds.unjudged.conversations, 0);
            assert!(kinds.list().len() <= Kinds::MOST);
        }
    }

    #[test]
    fn the_newest_kinds_are_judged_and_the_common_ones() {
        const JUNK: u64 = 40_000;
        let mut kinds = Kinds::default();
        for id in 0..1000 {
            kinds.count(signature(u64::MAX), id, Proof::Unanswered);
        }
        for number in 0..JUNK {
            kinds.count(signature(number), 1000 + number, Proof::Answered);
        }
        assert_eq!(find(&kinds, u64::MAX).map(|alike| alike.count), Some(1000), "a flood is common");
        let newest = (JUNK - 5000..JUNK).all(|number| find(&kinds, number).is_some());
        assert!(newest && find(&kinds, 0).is_none());
    }

    #[test]
    fn conversations_that_are_not_judged_are_counted() {
        let mut kinds = Kinds::default();
        for number in 0..30_000 {
            kinds.count(signature(number), number, Proof::Exchanged);
        }
        assert_eq!(kinds.unjudged.conversations, kinds.unjudged.connections);
        assert_eq!(kinds.unjudged.connections + kinds.list().len() as u64, 30_000);
    }
}
