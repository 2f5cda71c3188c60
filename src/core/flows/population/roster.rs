//! A roster: the members of a population by name, up to a bound, with what is known of each.

use super::door::Door;
use crate::flows::budget::keep_most;
use foldhash::fast::{FixedState, RandomState};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash};

/// The methods that a roster needs of its members.
pub trait Member: Default {
    /// Connections counted of it.
    fn connections(&self) -> u64;
    /// Its worth to the roster, where it has few connections.
    fn worth(&self) -> (bool, u64);
}

/// The members.
#[derive(Clone, Debug)]
pub struct Roster<K, V> {
    members: HashMap<K, V, RandomState>,
    most: usize,
    door: Door,
    counted: u64,
    /// Whether there was no room once: from then on the door is kept.
    is_guarded: bool,
    /// Connections that are counted of no member, for want of room.
    pub beyond: u64,
}

impl<K: Copy + Eq + Hash + Ord, V: Member> Roster<K, V> {
    /// A member of one connection in so many is busy, and kept whatever it is.
    const BUSY: u64 = 1000;
    /// Members that are reported.
    const MOST_REPORTED: usize = 250;

    /// An empty one, of no more than `most`.
    #[must_use]
    pub fn bounded(most: usize) -> Self {
        let (members, door) = (HashMap::default(), Door::default());
        Self { members, most, door, counted: 0, is_guarded: false, beyond: 0 }
    }

    /// The member of a name, to be changed; new if need be. Once there was no room, only one that has come before, lately,
    /// is let in: anybody can make up names, and the busiest are asked for. None is turned away uncounted.
    pub fn member(&mut self, name: K) -> Option<&mut V> {
        self.counted += 1;
        self.drop_least();
        self.is_guarded |= self.members.len() >= self.most;
        match self.members.entry(name) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(new) if !self.is_guarded || self.door.admit(hash_of(&name)) => {
                Some(new.insert(V::default()))
            }
            Entry::Vacant(_) => {
                self.beyond += 1;
                None
            }
        }
    }

    /// Drops the members that matter least where there are many.
    fn drop_least(&mut self) {
        if self.members.len() <= self.most {
            return;
        }
        let busy = self.counted.div_ceil(Self::BUSY).max(2);
        let rank = |member: &V| (member.connections() >= busy, member.worth());
        let beyond = &mut self.beyond;
        keep_most(&mut self.members, self.most, rank, |member| *beyond += member.connections());
    }

    /// The members with the most connections, most first.
    #[must_use]
    pub fn busiest(&self) -> Vec<(&K, &V)> {
        let mut busiest: Vec<_> = self.members.iter().collect();
        busiest.sort_unstable_by_key(|(name, member)| (std::cmp::Reverse(member.connections()), **name));
        busiest.truncate(Self::MOST_REPORTED);
        busiest
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

/// By no secret: the same capture shall let in the same ones each time.
fn hash_of(name: &impl Hash) -> u64 {
    FixedState::default().hash_one(name)
}

#[cfg(test)]
mod tests {
    use super::{Member, Roster};

    #[derive(Default)]
    struct Guest {
        name: u64,
        visits: u64,
        is_worthy: bool,
    }

    impl Member for Guest {
        fn connections(&self) -> u64 {
            self.visits
        }

        fn worth(&self) -> (bool, u64) {
            (self.is_worthy, self.name)
        }
    }

    fn visit(roster: &mut Roster<u64, Guest>, name: u64, is_worthy: bool) {
        if let Some(guest) = roster.member(name) {
            guest.name = name;
            guest.visits += 1;
            guest.is_worthy |= is_worthy;
        }
    }

    #[test]
    fn a_flood_of_made_up_names_displaces_nobody_and_is_counted() {
        let mut roster = Roster::bounded(1000);
        (0..100).for_each(|name| visit(&mut roster, name, true));
        (1000..300_000).for_each(|name| visit(&mut roster, name, false));
        (0..300).for_each(|n| visit(&mut roster, 100 + n / 3, true));
        let known = roster.members.values().filter(|guest| guest.is_worthy).count();
        assert_eq!((known, roster.len() <= 1001), (200, true));
        let counted: u64 = roster.members.values().map(|guest| guest.visits).sum();
        assert_eq!(counted + roster.beyond, 100 + 299_000 + 300);
    }

    #[test]
    fn who_comes_again_is_let_in_though_it_proves_nothing() {
        let mut roster = Roster::bounded(10);
        (0..100).for_each(|name| visit(&mut roster, name, false));
        (0..3).for_each(|_| visit(&mut roster, 500, false));
        assert_eq!(roster.members.get(&500).map(|guest| guest.visits), Some(2));
        assert!(roster.len() <= 11);
    }
}
