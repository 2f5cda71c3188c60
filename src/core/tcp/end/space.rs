//! One endpoint's sequence space, as far as the capture shows it: the octets that it sent, and those that are missing.

use crate::seq::Seq;
use serde::{Deserialize, Serialize};

/// Octets that were skipped over and have not been captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    start: Seq,
    end: Seq,
    /// The other end has acknowledged them: they were sent, and the capture lacks them.
    acknowledged: bool,
    /// They were sent before the capture began: it does not lack them.
    precedes: bool,
}

/// The holes of one endpoint, in the order of their numbers. There are few, or the capture is useless.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Holes {
    list: Vec<Hole>,
    /// Whether there were too many at one time: some are not in the list.
    has_forgotten: bool,
}

/// How a segment lies in the sequence space of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// It carries nothing that takes up sequence numbers.
    Empty,
    /// It begins where the last one ended.
    Next,
    /// It begins further on, whether it carries something or not: octets are missing before it.
    Ahead,
    /// All of it was captured before.
    Again,
    /// It fills a hole that nobody has acknowledged: the network has reordered, or it was lost before the tap and resent.
    Fills,
    /// It fills a hole that had been acknowledged: the tap has reordered, or lacks an earlier copy and this one was sent in vain.
    FillsAcknowledged,
}

impl Holes {
    /// More than any living connection has at a time.
    const MOST: usize = 32;

    /// Adds the octets from `start` to `end`. The oldest hole is forgotten where there are too many.
    pub fn open(&mut self, start: Seq, end: Seq, acknowledged: bool) {
        if self.list.len() == Self::MOST {
            self.list.remove(0);
            self.has_forgotten = true;
        }
        self.list.push(Hole { start, end, acknowledged, precedes: false });
    }

    /// Notes that the octets missing before `end` were sent before the capture began.
    pub fn precede_the_capture(&mut self, end: Seq) {
        for hole in self.list.iter_mut().filter(|hole| hole.end == end) {
            hole.precedes = true;
        }
    }

    /// The beginning of the first hole that is not acknowledged.
    #[must_use]
    pub fn first_open(&self) -> Option<Seq> {
        self.list.iter().find(|hole| !hole.acknowledged).map(|hole| hole.start)
    }

    /// How many missing octets nobody has acknowledged.
    #[must_use]
    pub fn octets_open(&self) -> u64 {
        let open = self.list.iter().filter(|hole| !hole.acknowledged);
        open.map(|hole| u64::from(hole.end.since(hole.start).unsigned_abs())).sum()
    }

    /// Whether the last octet before `seq` is missing: it may have been a FIN.
    #[must_use]
    pub fn has_end_at(&self, seq: Seq) -> bool {
        self.list.iter().any(|hole| hole.end == seq)
    }

    /// Whether the octet at `seq` is missing.
    #[must_use]
    pub fn has(&self, seq: Seq) -> bool {
        self.list.iter().any(|hole| seq.covers(hole.start) && seq.before(hole.end))
    }

    /// Captures the octets from `start` to `end`. Returns how many of them were missing, and whether they had been
    /// acknowledged.
    pub fn fill(&mut self, start: Seq, end: Seq) -> Option<(u32, bool)> {
        let mut filled = 0;
        let mut acknowledged = false;
        let mut left = Vec::with_capacity(self.list.len() + 1);
        for hole in self.list.drain(..) {
            let from = hole.start.later(start);
            let to = if hole.end.before(end) { hole.end } else { end };
            if !from.before(to) {
                left.push(hole);
                continue;
            }
            filled += to.since(from).unsigned_abs();
            acknowledged |= hole.acknowledged && !hole.precedes;
            if hole.start.before(from) {
                left.push(Hole { end: from, ..hole });
            }
            if to.before(hole.end) {
                left.push(Hole { start: to, ..hole });
            }
        }
        self.list = left;
        self.bound();
        (filled > 0).then_some((filled, acknowledged))
    }

    /// The other end acknowledges everything before `ack`. Returns how many missing octets that newly covers.
    pub fn acknowledge(&mut self, ack: Seq) -> u32 {
        let mut covered = 0;
        let mut split = None;
        for hole in self.list.iter_mut().filter(|hole| !hole.acknowledged && hole.start.before(ack)) {
            if ack.before(hole.end) {
                split = Some(Hole { start: ack, ..*hole });
                hole.end = ack;
            }
            hole.acknowledged = true;
            covered += if hole.precedes { 0 } else { hole.end.since(hole.start).unsigned_abs() };
        }
        if let Some(rest) = split
            && let Some(place) = self.list.iter().position(|hole| hole.end == rest.start)
        {
            self.list.insert(place + 1, rest);
            self.bound();
        }
        covered
    }

    fn bound(&mut self) {
        self.has_forgotten |= self.list.len() > Self::MOST;
        self.list.truncate(Self::MOST);
    }

    /// Whether there were too many at one time, so that octets may be missing that are not in the list any more.
    #[must_use]
    pub const fn has_forgotten(&self) -> bool {
        self.has_forgotten
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn near_the_end(offset: u32) -> Seq {
        Seq(u32::MAX - 50).plus(offset)
    }

    #[test]
    fn a_hole_is_filled_in_parts() {
        let mut holes = Holes::default();
        holes.open(near_the_end(0), near_the_end(100), false);
        assert_eq!(holes.fill(near_the_end(40), near_the_end(60)), Some((20, false)));
        assert_eq!(holes.first_open(), Some(near_the_end(0)));
        assert_eq!(holes.fill(near_the_end(0), near_the_end(40)), Some((40, false)));
        assert_eq!(holes.first_open(), Some(near_the_end(60)));
        assert_eq!(holes.fill(near_the_end(50), near_the_end(200)), Some((40, false)));
        assert!(holes.is_empty());
    }

    #[test]
    fn acknowledging_splits_a_hole() {
        let mut holes = Holes::default();
        holes.open(near_the_end(0), near_the_end(100), false);
        assert_eq!(holes.acknowledge(near_the_end(70)), 70);
        assert_eq!(holes.acknowledge(near_the_end(70)), 0);
        assert_eq!(holes.first_open(), Some(near_the_end(70)));
        assert_eq!(holes.fill(near_the_end(0), near_the_end(10)), Some((10, true)));
        assert_eq!(holes.acknowledge(near_the_end(100)), 30);
        assert_eq!(holes.first_open(), None);
    }

    #[test]
    fn octets_from_before_the_capture_are_not_missing() {
        let mut holes = Holes::default();
        holes.open(Seq(100), Seq(200), false);
        holes.precede_the_capture(Seq(200));
        holes.open(Seq(250), Seq(260), false);
        assert_eq!(holes.acknowledge(Seq(150)), 0);
        assert_eq!(holes.fill(Seq(120), Seq(160)), Some((40, false)));
        assert_eq!(holes.first_open(), Some(Seq(160)));
        assert_eq!(holes.acknowledge(Seq(300)), 10);
    }

    #[test]
    fn filling_elsewhere_changes_nothing() {
        let mut holes = Holes::default();
        holes.open(Seq(100), Seq(200), false);
        assert_eq!(holes.fill(Seq(200), Seq(300)), None);
        assert_eq!(holes.fill(Seq(0), Seq(100)), None);
        assert_eq!(holes.first_open(), Some(Seq(100)));
    }

    #[test]
    fn holes_are_bounded() {
        let mut holes = Holes::default();
        for n in 0..Holes::MOST as u32 {
            holes.open(Seq(n * 10), Seq(n * 10 + 5), false);
        }
        assert!(!holes.has_forgotten());
        for n in 32..1000 {
            holes.open(Seq(n * 10), Seq(n * 10 + 5), false);
        }
        assert_eq!(holes.list.len(), Holes::MOST);
        assert!(holes.has_forgotten());
    }
}
