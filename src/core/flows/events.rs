//! What has changed since it was last asked: for those who watch a live capture.

use super::slab::Place;
use crate::tcp::log::{Entry, Log, Transition, Verdict};

/// One change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// The id of the connection.
    pub id: u64,
    /// Where it is kept, as long as it is.
    pub place: Place,
    /// What happened.
    pub entry: Entry,
}

/// The changes, oldest first, up to a limit.
#[derive(Default)]
pub struct Events {
    /// Whether anybody asks.
    pub wanted: bool,
    /// The changes.
    pub queue: Vec<Event>,
    /// How many more there were.
    pub beyond: u64,
}

impl Events {
    const MOST: usize = 100_000;

    /// What a log looks like before a segment is read; nothing where nobody asks.
    #[must_use]
    #[inline]
    pub fn before(&self, log: &Log) -> Option<Vec<Verdict>> {
        self.wanted.then(|| log.entries().map(verdict).collect())
    }

    /// Adds what was added to the log, or retracted in it, since `before`.
    #[inline]
    pub fn compare(&mut self, id: u64, place: Place, before: Option<Vec<Verdict>>, log: &Log) {
        if let Some(before) = before {
            self.add_changes(id, place, &before, log);
        }
    }

    #[cold]
    fn add_changes(&mut self, id: u64, place: Place, before: &[Verdict], log: &Log) {
        for (index, entry) in log.entries().enumerate() {
            let is_new = index >= before.len();
            let retracted = !is_new
                && before[index] != verdict(entry)
                && matches!(entry, Entry::Transition(Transition { verdict: Verdict::Retracted(_), .. }));
            if is_new || retracted {
                self.push(Event { id, place, entry });
            }
        }
    }

    fn push(&mut self, event: Event) {
        if self.queue.len() < Self::MOST {
            self.queue.push(event);
        } else {
            self.beyond += 1;
        }
    }
}

const fn verdict(entry: Entry) -> Verdict {
    match entry {
        Entry::Transition(transition) => transition.verdict,
        Entry::Sighting(_) => Verdict::Open,
    }
}
