//! A hash table of places: it holds only numbers, so that the place of an entry is known before any memory is read, and the
//! memory can be asked for beforehand.

use super::slab::{NOWHERE, Place};
use crate::memory::ask_for;

/// A whole hash: a key with another hash is another key.
pub type Hash32 = u32;

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: Hash32,
    place: Place,
}

const FREE: Entry = Entry { hash: 0, place: NOWHERE };

/// Places by hash: open addressing, one after the other from where the hash points. The hash is kept, so that growing needs no
/// keys.
#[derive(Debug)]
pub struct Places {
    /// A power of two of them.
    entries: Vec<Entry>,
    taken: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self { entries: vec![FREE; Self::FEWEST], taken: 0 }
    }
}

impl Places {
    const FEWEST: usize = 64;

    const fn mask(&self) -> usize {
        self.entries.len() - 1
    }

    const fn home(&self, hash: Hash32) -> usize {
        hash as usize & self.mask()
    }

    /// The entries from where the hash points to the first free one, with their places.
    #[inline]
    fn probe(&self, hash: Hash32) -> impl Iterator<Item = (usize, Entry)> {
        let (home, mask) = (self.home(hash), self.mask());
        let entries = (home..).map(move |at| (at & mask, self.entries[at & mask]));
        entries.take_while(|(_, entry)| entry.place != NOWHERE)
    }

    #[inline]
    fn position(&self, hash: Hash32, is_it: impl Fn(Place) -> bool) -> Option<usize> {
        self.probe(hash).find(|(_, entry)| entry.hash == hash && is_it(entry.place)).map(|(at, _)| at)
    }

    /// Asks for the memory that looking for a hash needs, and does not wait for it.
    #[inline]
    pub fn ask_for(&self, hash: Hash32) {
        ask_for(&self.entries[self.home(hash)]);
    }

    /// The place with this hash that `is_it` picks.
    #[must_use]
    #[inline]
    pub fn find(&self, hash: Hash32, is_it: impl Fn(Place) -> bool) -> Option<Place> {
        self.position(hash, is_it).map(|at| self.entries[at].place)
    }

    /// Adds a place.
    pub fn insert(&mut self, hash: Hash32, place: Place) {
        if (self.taken + 1) * 2 > self.entries.len() {
            self.grow();
        }
        self.put(Entry { hash, place });
        self.taken += 1;
    }

    /// Takes over the places of another table that are `offset` further on now.
    pub fn absorb(&mut self, other: Self, offset: Place) {
        for entry in other.entries.into_iter().filter(|entry| entry.place != NOWHERE) {
            self.insert(entry.hash, entry.place + offset);
        }
    }

    fn put(&mut self, entry: Entry) {
        let mask = self.mask();
        let mut at = self.home(entry.hash);
        while self.entries[at].place != NOWHERE {
            at = (at + 1) & mask;
        }
        self.entries[at] = entry;
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![FREE; self.entries.len() * 2];
        for entry in std::mem::replace(&mut self.entries, larger) {
            if entry.place != NOWHERE {
                self.put(entry);
            }
        }
    }

    /// Puts another place where `old` is; false where that is not found.
    pub fn replace(&mut self, hash: Hash32, old: Place, new: Place) -> bool {
        let position = self.position(hash, |place| place == old);
        position.map(|at| self.entries[at].place = new).is_some()
    }

    /// Takes a place out; false where it is not found.
    pub fn remove(&mut self, hash: Hash32, place: Place) -> bool {
        let Some(mut hole) = self.position(hash, |known| known == place) else { return false };
        let mask = self.mask();
        // An entry that would not be found across the hole moves into it, and leaves another hole.
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let entry = self.entries[at];
            if entry.place == NOWHERE {
                break;
            }
            let from_home = at.wrapping_sub(self.home(entry.hash)) & mask;
            if from_home >= at.wrapping_sub(hole) & mask {
                self.entries[hole] = entry;
                hole = at;
            }
        }
        self.entries[hole] = FREE;
        self.taken -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;
    use std::collections::HashMap;

    #[test]
    fn a_key_put_in_and_not_taken_out_is_found() {
        for run in 1..20 {
            let mut random = Random::of_run(run);
            let (mut places, mut known) = (Places::default(), HashMap::new());
            // Few hashes, and all of them near one end: many meet, and some go around it.
            let hash = |key: u32| (key / 3).wrapping_mul(run as u32 % 4).wrapping_sub(20);
            for place in 0..4000 {
                let key = random.below(600) as u32;
                match known.get(&key).copied() {
                    None => {
                        places.insert(hash(key), place);
                        known.insert(key, place);
                    }
                    Some(old) if random.one_in(3) => {
                        assert!(places.replace(hash(key), old, place));
                        known.insert(key, place);
                    }
                    Some(old) => {
                        assert!(places.remove(hash(key), old));
                        assert!(!places.remove(hash(key), old));
                        known.remove(&key);
                    }
                }
                let key = random.below(600) as u32;
                let expected = known.get(&key).copied();
                assert_eq!(places.find(hash(key), |place| Some(place) == expected), expected);
                assert!(!places.replace(hash(key), Place::MAX - 1, 1));
            }
            assert_eq!(places.taken, known.len());
            assert!(places.entries.iter().filter(|entry| entry.place != NOWHERE).count() == known.len());
        }
    }
}
