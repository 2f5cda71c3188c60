//! Who is next to be let go where there is no room: a queue for each worth, so that nobody has to be ranked anew.
//!
//! A connection stands in one queue. Who becomes worth more, or says something, stays where it stands, and moves when
//! its turn comes: each such move is paid for by a segment. Only who is over moves at once, for those are wanted first.

use super::slab::Place;
use super::worth::Worth;
use crate::tcp::connection::Connection;
use std::collections::VecDeque;

/// A connection in its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is kept.
    pub place: Place,
    /// Its worth when it was put in the queue.
    pub worth: Worth,
    /// The last 32 bits of the frame in which it had last been heard by then.
    pub heard: u32,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    place: Place,
    serial: u32,
    heard: u32,
}

/// Where the connection at a place stands.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// The number of its entry; 0 if it has none. All other entries of the place are void.
    serial: u32,
    worth: Worth,
}

const NONE: Standing = Standing { serial: 0, worth: Worth::Failed };

/// The queues. There are none until there is no room for the first time.
#[derive(Debug, Default)]
pub struct Queues {
    by_worth: [VecDeque<Waiting>; Worth::ALL.len()],
    /// By place.
    standings: Vec<Standing>,
    /// How many connections stand in each queue, and how many entries are void.
    held: [usize; Worth::ALL.len()],
    void: usize,
    last_serial: u32,
    is_active: bool,
}

impl Queues {
    /// Whether connections stand in queues.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.is_active
    }

    /// Begins to keep the queues. All connections there are must be added.
    pub const fn activate(&mut self) {
        self.is_active = true;
    }

    /// Puts the connection at a place at the end of a queue, wherever it stands now.
    pub fn add(&mut self, candidate: Candidate) {
        let Candidate { place, worth, heard } = candidate;
        self.forget(place);
        let index = place as usize;
        if self.standings.len() <= index {
            self.standings.resize(index + 1, NONE);
        }
        self.last_serial = self.last_serial.wrapping_add(1).max(1);
        let serial = self.last_serial;
        self.standings[index] = Standing { serial, worth };
        self.by_worth[worth as usize].push_back(Waiting { place, serial, heard });
        self.held[worth as usize] += 1;
    }

    /// The worth of the connection at a place, by the queue that it stands in.
    #[must_use]
    pub fn worth_at(&self, place: Place) -> Option<Worth> {
        self.standings
            .get(place as usize)
            .filter(|standing| standing.serial != 0)
            .map(|standing| standing.worth)
    }

    /// Puts a connection that is over, and may stand elsewhere, among the first to go.
    pub fn put_forward(&mut self, place: Place, connection: &Connection) {
        if self.worth_at(place).is_some_and(|worth| worth > Worth::Over) {
            let worth = Worth::of(connection);
            self.add(Candidate { place, worth, heard: connection.last_frame() as u32 });
        }
    }

    /// Takes the connection at a place out of its queue.
    pub fn forget(&mut self, place: Place) {
        if let Some(worth) = self.worth_at(place) {
            self.leave(place, worth);
            self.void += 1;
            if self.void > 64 + self.held.iter().sum::<usize>() {
                self.sweep();
            }
        }
    }

    fn leave(&mut self, place: Place, worth: Worth) {
        self.standings[place as usize] = NONE;
        self.held[worth as usize] -= 1;
    }

    /// Takes out the void entries.
    #[cold]
    fn sweep(&mut self) {
        let standings = &self.standings;
        for queue in &mut self.by_worth {
            queue.retain(|waiting| standings[waiting.place as usize].serial == waiting.serial);
        }
        self.void = 0;
    }

    /// Takes out the next to go. As long as no more than `protected` have yet to prove themselves, those come last: otherwise
    /// nothing new could ever prove anything.
    pub fn next(&mut self, protected: usize) -> Option<Candidate> {
        let young: usize = self.number_of(Worth::is_young);
        let others: usize = self.number_of(|worth| !worth.is_young());
        let spares_young = young <= protected && others > 0;
        let worth = Worth::ALL
            .into_iter()
            .find(|worth| self.held[*worth as usize] > 0 && !(spares_young && worth.is_young()))?;
        while let Some(Waiting { place, serial, heard }) = self.by_worth[worth as usize].pop_front() {
            if self.standings[place as usize].serial == serial {
                self.leave(place, worth);
                return Some(Candidate { place, worth, heard });
            }
            self.void -= 1;
        }
        None
    }

    fn number_of(&self, is_counted: impl Fn(Worth) -> bool) -> usize {
        Worth::ALL.into_iter().filter(|worth| is_counted(*worth)).map(|worth| self.held[worth as usize]).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    fn add(queues: &mut Queues, place: Place, worth: Worth) {
        queues.add(Candidate { place, worth, heard: place });
    }

    fn turns(queues: &mut Queues, protected: usize) -> Vec<Place> {
        std::iter::from_fn(|| queues.next(protected)).map(|candidate| candidate.place).collect()
    }

    #[test]
    fn the_least_worth_come_first_and_of_those_the_longest_queued() {
        let mut queues = Queues::default();
        for (place, worth) in
            [(0, Worth::Exchanged), (1, Worth::Failed), (2, Worth::Unanswered), (3, Worth::Failed)]
        {
            add(&mut queues, place, worth);
        }
        assert_eq!(turns(&mut queues, 0), [1, 3, 2, 0]);
    }

    #[test]
    fn few_young_ones_are_spared() {
        let mut queues = Queues::default();
        for place in 0..4 {
            add(&mut queues, place, Worth::Unanswered);
            add(&mut queues, 10 + place, Worth::Exchanged);
        }
        assert_eq!(turns(&mut queues, 2), [0, 1, 10, 11, 12, 13, 2, 3]);
    }

    #[test]
    fn each_place_has_one_turn_whatever_became_of_it_before() {
        for run in 1..40 {
            let mut random = Random::of_run(run);
            let (mut queues, mut known) = (Queues::default(), std::collections::BTreeMap::new());
            for _ in 0..3000 {
                let place = random.below(50) as Place;
                if random.one_in(4) {
                    queues.forget(place);
                    known.remove(&place);
                } else {
                    let worth = Worth::ALL[random.below(Worth::ALL.len())];
                    add(&mut queues, place, worth);
                    known.insert(place, worth);
                }
                assert_eq!(queues.worth_at(place), known.get(&place).copied());
                let entries: usize = queues.by_worth.iter().map(VecDeque::len).sum();
                assert_eq!(entries, known.len() + queues.void);
                assert!(entries <= 2 * known.len() + 65, "void entries do not pile up");
            }
            let mut turns = turns(&mut queues, 0);
            turns.sort_unstable();
            assert_eq!(turns, known.into_keys().collect::<Vec<_>>());
        }
    }
}
