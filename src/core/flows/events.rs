//! Changes since the last request: for those who watch a live capture.

use std::collections::VecDeque;

use super::event::Event;
use super::notes::{self, Note};
use super::slab::{Place, Slot};
use crate::tcp::entry::{Entry, Transition, Verdict};
use crate::tcp::log::Log;

/// The changes, oldest first, up to a limit.
#[derive(Default)]
pub struct Events {
    /// Whether anybody asks for changes.
    pub wanted: bool,
    /// The changes.
    pub queue: VecDeque<Event>,
    /// How many more there were.
    pub beyond: u64,
    /// The same as comments on frames, if they are wanted.
    pub notes: Option<Vec<Note>>,
}

impl Events {
    const MOST: usize = 100_000;
    /// Changes that room is kept for.
    const USUAL: usize = 4_096;

    /// Whether anybody asks for changes.
    #[must_use]
    #[inline]
    pub const fn are_wanted(&self) -> bool {
        self.wanted || self.notes.is_some()
    }

    /// The state of a log before a segment is read; `None` if nobody asks for changes.
    #[must_use]
    #[inline]
    pub fn before(&self, log: &Log) -> Option<Vec<Verdict>> {
        self.are_wanted().then(|| log.entries().map(verdict).collect())
    }

    /// Adds the entries added to the log, or retracted in it, since `before`.
    #[inline]
    pub fn compare(&mut self, place: Place, before: Option<Vec<Verdict>>, slot: &Slot) {
        if let Some(before) = before {
            self.add_changes(place, &before, slot);
        }
    }

    /// Takes out the oldest changes, at most so many, and the count of those left out since the last time. Room for many is
    /// given back once they are taken: a pause must not cost memory for good.
    pub fn drain(&mut self, most: usize) -> (Vec<Event>, u64) {
        let taken = self.queue.drain(..most.min(self.queue.len())).collect();
        if self.queue.is_empty() {
            self.queue.shrink_to(Self::USUAL);
        }
        (taken, std::mem::take(&mut self.beyond))
    }

    #[cold]
    fn add_changes(&mut self, place: Place, before: &[Verdict], slot: &Slot) {
        let connection = &slot.connection;
        let states = connection.ends().each_ref().map(|end| end.state());
        let client = connection.client();
        for (index, entry) in connection.log().entries().enumerate() {
            let is_new = index >= before.len();
            let retracted = !is_new
                && before[index] != verdict(entry)
                && matches!(entry, Entry::Transition(Transition { verdict: Verdict::Retracted(_), .. }));
            if is_new || retracted {
                self.push(Event { id: slot.id, place, entry, key: slot.key(), client, states });
            }
        }
    }

    fn push(&mut self, event: Event) {
        if let Some(notes) = &mut self.notes {
            notes.extend(notes::of(&event));
        }
        if !self.wanted {
            return;
        }
        if self.queue.len() < Self::MOST {
            self.queue.push_back(event);
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
