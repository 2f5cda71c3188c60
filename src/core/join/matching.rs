//! Which segment here is which there: two lists of what one end sent, matched.
//!
//! Exactly first, packet for packet; then, where a device rewrites packet numbers or strips time stamps and so no
//! segment of the connection could be matched exactly by them, without these. Copies that nothing tells apart are
//! matched by when they should have arrived.

use crate::join::sightings::NONE;
use std::collections::HashMap;

/// What a segment is known by. Sequence numbers are those of the first capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Print {
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number, 0 where it does not count.
    pub ack: u32,
    /// Payload length.
    pub payload: u32,
    /// FIN, SYN, RST, ACK.
    pub flags: u16,
    /// TSval.
    pub stamp: Option<u32>,
    /// IPv4 identification.
    pub ip_id: Option<u16>,
}

impl Print {
    const fn without_id(self) -> Self {
        Self { ip_id: None, ..self }
    }

    const fn bare(self) -> Self {
        Self { ip_id: None, stamp: None, ..self }
    }
}

/// One list to be matched: prints, and when each was captured by a clock that both lists share.
pub struct List {
    /// In the order of the capture.
    pub prints: Vec<Print>,
    /// Unix ns; empty while the clocks are not known: then what only time could tell is left unmatched.
    pub times: Vec<i64>,
}

impl List {
    fn is_ambiguous(&self, index: usize) -> bool {
        let print = self.prints[index];
        index > 0 && self.prints[index - 1] == print || self.prints.get(index + 1) == Some(&print)
    }
}

/// For each of `there`, the one of `here` that it is, or [`NONE`].
#[must_use]
pub fn matched(here: &List, there: &List) -> Vec<u32> {
    let mut work = Matching {
        here,
        there,
        taken: vec![false; here.prints.len()],
        found: vec![NONE; there.prints.len()],
    };
    work.in_step();
    work.by(|print| print);
    if work.found.contains(&NONE) && work.taken.contains(&false) {
        let agree = |same: fn(&Print, &Print) -> bool| {
            let pairs = work.found.iter().zip(&there.prints).filter(|(found, _)| **found != NONE);
            pairs.into_iter().any(|(found, print)| same(&here.prints[*found as usize], print))
        };
        let keeps_ids = agree(|a, b| a.ip_id.is_some() && a.ip_id == b.ip_id);
        let keeps_stamps = agree(|a, b| a.stamp.is_some() && a.stamp == b.stamp);
        if !keeps_ids {
            work.by(Print::without_id);
        }
        if !keeps_stamps && !keeps_ids {
            work.by(Print::bare);
        }
    }
    work.found
}

struct Matching<'a> {
    here: &'a List,
    there: &'a List,
    taken: Vec<bool>,
    found: Vec<u32>,
}

impl Matching<'_> {
    fn pair(&mut self, here: usize, there: usize) {
        self.taken[here] = true;
        self.found[there] = here as u32;
    }

    /// Goes through both lists at once, past what is missing in one of them: nearly all is matched here.
    fn in_step(&mut self) {
        const AHEAD: usize = 8;
        let (here, there) = (&self.here.prints, &self.there.prints);
        let (mut i, mut j) = (0, 0);
        while i < here.len() && j < there.len() {
            if here[i] == there[j] {
                if !self.here.is_ambiguous(i) && !self.there.is_ambiguous(j) {
                    self.pair(i, j);
                }
                (i, j) = (i + 1, j + 1);
            } else if let Some(skip) = here[i..].iter().take(AHEAD).position(|print| *print == there[j]) {
                i += skip;
            } else if let Some(skip) = there[j..].iter().take(AHEAD).position(|print| *print == here[i]) {
                j += skip;
            } else {
                (i, j) = (i + 1, j + 1);
            }
        }
    }

    /// Matches what is left by what a print keeps when it is weakened.
    fn by(&mut self, weaken: impl Fn(Print) -> Print) {
        if !self.found.contains(&NONE) || !self.taken.contains(&false) {
            return;
        }
        let mut index: HashMap<Print, Vec<usize>, foldhash::fast::RandomState> = HashMap::default();
        for (place, print) in self.here.prints.iter().enumerate().filter(|(place, _)| !self.taken[*place]) {
            index.entry(weaken(*print)).or_default().push(place);
        }
        for there in 0..self.found.len() {
            if self.found[there] != NONE {
                continue;
            }
            let Some(alike) = index.get_mut(&weaken(self.there.prints[there])) else { continue };
            if let Some(choice) = self.choose(alike, there) {
                let here = alike.remove(choice);
                self.pair(here, there);
            }
        }
    }

    /// The latest of the copies that had been sent by then; where none had, the first.
    fn choose(&self, alike: &[usize], there: usize) -> Option<usize> {
        let Some(time_ns) = self.there.times.get(there).copied() else {
            let print = self.there.prints[there];
            let only = self.there.prints.iter().filter(|other| **other == print).nth(1).is_none();
            return (alike.len() == 1 && only).then_some(0);
        };
        let sent = alike.iter().rposition(|here| self.here.times[*here] <= time_ns);
        // As many copies here as are still to come there: then their order decides.
        let print = self.there.prints[there];
        let to_come =
            self.there.prints[there..].iter().take(alike.len() + 1).filter(|p| **p == print).count();
        if alike.len() <= to_come || sent.is_none() { (!alike.is_empty()).then_some(0) } else { sent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(parts: &[(u32, Option<u32>, Option<u16>, i64)]) -> List {
        let print = |(seq, stamp, ip_id, _): &(u32, Option<u32>, Option<u16>, i64)| Print {
            seq: *seq,
            ack: 1,
            payload: 10,
            flags: 16,
            stamp: *stamp,
            ip_id: *ip_id,
        };
        List { prints: parts.iter().map(print).collect(), times: parts.iter().map(|part| part.3).collect() }
    }

    #[test]
    fn what_was_lost_leaves_a_gap() {
        let here = list(&[(1, None, Some(1), 0), (2, None, Some(2), 0), (3, None, Some(3), 0)]);
        let there = list(&[(1, None, Some(1), 0), (3, None, Some(3), 0)]);
        assert_eq!(matched(&here, &there), [0, 2]);
    }

    #[test]
    fn a_copy_sent_again_is_told_by_its_packet_number() {
        let here = list(&[(1, Some(5), Some(1), 0), (1, Some(5), Some(2), 0)]);
        let there = list(&[(1, Some(5), Some(2), 0)]);
        assert_eq!(matched(&here, &there), [1]);
    }

    #[test]
    fn copies_that_nothing_tells_apart_are_told_by_time() {
        let here = list(&[(1, None, None, 0), (1, None, None, 100)]);
        let there = list(&[(1, None, None, 104)]);
        assert_eq!(matched(&here, &there), [1]);
        let there = list(&[(1, None, None, 4)]);
        assert_eq!(matched(&here, &there), [0]);
    }

    #[test]
    fn overtaken_segments_are_the_same_segments() {
        let here = list(&[(1, None, Some(1), 0), (2, None, Some(2), 0), (3, None, Some(3), 0)]);
        let there = list(&[(3, None, Some(3), 0), (2, None, Some(2), 0), (1, None, Some(1), 0)]);
        assert_eq!(matched(&here, &there), [2, 1, 0]);
    }

    #[test]
    fn rewritten_packet_numbers_are_left_out_where_none_survives() {
        let here = list(&[(1, Some(7), Some(1), 0), (2, Some(8), Some(2), 0)]);
        let there = list(&[(1, Some(7), Some(901), 0), (2, Some(8), Some(77), 0)]);
        assert_eq!(matched(&here, &there), [0, 1]);
    }

    #[test]
    fn stripped_stamps_are_left_out_where_none_survives() {
        let here = list(&[(1, Some(7), None, 0), (2, Some(8), None, 0)]);
        let there = list(&[(1, None, None, 5), (2, None, None, 5)]);
        assert_eq!(matched(&here, &there), [0, 1]);
    }

    #[test]
    fn another_packet_is_not_the_same_because_its_numbers_are() {
        let here = list(&[(1, Some(7), Some(1), 0), (2, Some(8), Some(2), 0)]);
        let there = list(&[(1, Some(7), Some(1), 0), (2, Some(9), Some(3), 0)]);
        assert_eq!(matched(&here, &there), [0, NONE]);
    }
}
