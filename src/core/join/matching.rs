//! Matches segments: two lists of one end's segments, from two points.
//!
//! Segments are first matched exactly, packet for packet; then without sequence numbers, in case a device shifted
//! these during the connection. If a device rewrites IP identifications or strips timestamps, so that no segment of
//! the connection matched with these, they are left out instead. Copies that are otherwise equal are matched by their
//! expected arrival times.

use crate::join::observations::NONE;
use std::collections::{HashMap, HashSet, VecDeque};

/// The key of a segment. Sequence numbers are those of the first capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Print {
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number, 0 if not valid.
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

    /// The key without sequence and acknowledgement numbers, if identification and timestamp tell it apart. A device
    /// that changes the payload's length (the FTP helper of a NAT) shifts all numbers behind it.
    const fn unnumbered(self) -> Self {
        match (self.stamp, self.ip_id) {
            (Some(_), Some(id)) if id != 0 => Self { seq: 0, ack: 0, ..self },
            _ => self,
        }
    }
}

/// The time of the segment at a place of a list, in Unix ns, on a clock that both lists share.
pub type TimeOf<'a> = &'a dyn Fn(usize) -> i64;

/// One list to be matched.
pub struct List<'a> {
    /// The keys of its segments, in the order of the capture.
    pub prints: &'a [Print],
    /// The times; they are rarely needed. `None` while the clocks are unknown: copies that differ only in time then
    /// stay unmatched.
    pub time: Option<TimeOf<'a>>,
}

impl List<'_> {
    fn is_ambiguous(&self, index: usize) -> bool {
        let print = self.prints[index];
        index > 0 && self.prints[index - 1] == print || self.prints.get(index + 1) == Some(&print)
    }
}

/// For each of `there`, its match in `here`, or [`NONE`].
#[must_use]
pub fn matched(here: &List<'_>, there: &List<'_>) -> Vec<u32> {
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
            let pairs = work.found.iter().zip(there.prints).filter(|(found, _)| **found != NONE);
            pairs.into_iter().any(|(found, print)| same(&here.prints[*found as usize], print))
        };
        let keeps_ids = agree(|a, b| a.ip_id.is_some() && a.ip_id == b.ip_id);
        let keeps_stamps = agree(|a, b| a.stamp.is_some() && a.stamp == b.stamp);
        if keeps_ids {
            work.by(Print::unnumbered);
        } else {
            work.by(Print::without_id);
        }
        if !keeps_stamps && !keeps_ids {
            work.by(Print::bare);
        }
    }
    work.found
}

struct Matching<'a> {
    here: &'a List<'a>,
    there: &'a List<'a>,
    taken: Vec<bool>,
    found: Vec<u32>,
}

impl Matching<'_> {
    fn pair(&mut self, here: usize, there: usize) {
        self.taken[here] = true;
        self.found[there] = here as u32;
    }

    /// Walks through both lists in parallel, and skips segments that one list lacks. This matches nearly all
    /// segments.
    fn in_step(&mut self) {
        const AHEAD: usize = 8;
        let (here, there) = (self.here.prints, self.there.prints);
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

    /// Matches the remaining segments by keys with some fields left out.
    fn by(&mut self, weaken: impl Fn(Print) -> Print) {
        if !self.found.contains(&NONE) || !self.taken.contains(&false) {
            return;
        }
        let mut index: HashMap<Print, Copies, foldhash::fast::RandomState> = HashMap::default();
        for (place, print) in self.here.prints.iter().enumerate().filter(|(place, _)| !self.taken[*place]) {
            index.entry(weaken(*print)).or_default().here.push_back(place);
        }
        for (place, print) in self.there.prints.iter().enumerate().filter(|(p, _)| self.found[*p] == NONE) {
            if let Some(copies) = index.get_mut(&weaken(*print)) {
                copies.there.push(place);
            }
        }
        let clocks = self.here.time.zip(self.there.time);
        let repeated = if clocks.is_some() { HashSet::default() } else { repeated(self.there.prints) };
        for mut copies in index.into_values() {
            if let Some((sent, arrived)) = clocks {
                for place in 0..copies.there.len() {
                    let there = copies.there[place];
                    let Some(here) = copies.take(sent, arrived(there), place) else { break };
                    self.pair(here, there);
                }
            } else if let ([there], 1) = (&copies.there[..], copies.here.len())
                && !repeated.contains(&self.there.prints[*there])
            {
                self.pair(copies.here[0], *there);
            }
        }
    }
}

/// Keys that occur more than once in a list.
fn repeated(prints: &[Print]) -> HashSet<Print, foldhash::fast::RandomState> {
    let mut seen: HashSet<&Print, foldhash::fast::RandomState> = HashSet::default();
    prints.iter().filter(|print| !seen.insert(print)).copied().collect()
}

/// Copies of a segment that differ only in time and order. Each is visited only a few times, however many there are.
#[derive(Default)]
struct Copies {
    /// Unmatched copies here, in the order of the capture.
    here: VecDeque<usize>,
    /// Unmatched copies that were sent before the latest copy there was captured.
    sent: VecDeque<usize>,
    there: Vec<usize>,
}

impl Copies {
    /// Takes the match for the copy at `place` there, captured at `time_ns`: the latest copy sent by then. Instead it
    /// is the first copy if none was sent by then, or if at least as many copies are still to come as are left: then
    /// the order decides.
    fn take(&mut self, sent: TimeOf<'_>, time_ns: i64, place: usize) -> Option<usize> {
        while let Some(here) = self.here.front().copied().filter(|here| sent(*here) <= time_ns) {
            self.sent.push_back(here);
            self.here.pop_front();
        }
        let left = self.sent.len() + self.here.len();
        let soon = self.there[place] + left;
        let to_come = self.there[place..].partition_point(|there| *there <= soon);
        if left <= to_come || self.sent.is_empty() {
            self.sent.pop_front().or_else(|| self.here.pop_front())
        } else {
            self.sent.pop_back()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Part = (u32, Option<u32>, Option<u16>, i64);

    fn match_up(here: &[Part], there: &[Part]) -> Vec<u32> {
        let print = |(seq, stamp, ip_id, _): &Part| Print {
            seq: *seq,
            ack: 1,
            payload: 10,
            flags: 16,
            stamp: *stamp,
            ip_id: *ip_id,
        };
        let prints = [here, there].map(|parts| parts.iter().map(print).collect::<Vec<_>>());
        let times: [TimeOf<'_>; 2] = [&|place| here[place].3, &|place| there[place].3];
        matched(
            &List { prints: &prints[0], time: Some(times[0]) },
            &List { prints: &prints[1], time: Some(times[1]) },
        )
    }

    #[test]
    fn lost_segments_leave_a_gap() {
        let here = [(1, None, Some(1), 0), (2, None, Some(2), 0), (3, None, Some(3), 0)];
        let there = [(1, None, Some(1), 0), (3, None, Some(3), 0)];
        assert_eq!(match_up(&here, &there), [0, 2]);
    }

    #[test]
    fn segments_renumbered_during_the_connection_are_not_lost() {
        let here = [(1, Some(5), Some(1), 0), (30, Some(6), Some(2), 0), (40, Some(7), Some(3), 0)];
        let there = [(1, Some(5), Some(1), 0), (29, Some(6), Some(2), 0), (39, Some(8), Some(3), 0)];
        assert_eq!(match_up(&here, &there), [0, 1, NONE]);
        let unmarked = [(1, Some(5), Some(0), 0), (29, Some(6), Some(0), 0), (39, None, Some(3), 0)];
        assert_eq!(match_up(&here, &unmarked)[1..], [NONE, NONE]);
    }

    #[test]
    fn a_retransmission_is_matched_by_its_ip_id() {
        let here = [(1, Some(5), Some(1), 0), (1, Some(5), Some(2), 0)];
        let there = [(1, Some(5), Some(2), 0)];
        assert_eq!(match_up(&here, &there), [1]);
    }

    #[test]
    fn equal_copies_are_matched_by_time() {
        let here = [(1, None, None, 0), (1, None, None, 100)];
        let there = [(1, None, None, 104)];
        assert_eq!(match_up(&here, &there), [1]);
        let there = [(1, None, None, 4)];
        assert_eq!(match_up(&here, &there), [0]);
    }

    #[test]
    fn equal_copies_are_matched_in_order_if_none_was_lost() {
        let here = [(1, None, None, 0), (1, None, None, 1), (1, None, None, 2)];
        let there = [(1, None, None, 5), (1, None, None, 6), (1, None, None, 7)];
        assert_eq!(match_up(&here, &there), [0, 1, 2]);
    }

    #[test]
    fn a_million_copies_cost_what_a_million_segments_do() {
        let many = |late: i64, step: usize| {
            let places = (0..1_000_000).step_by(step);
            places.map(|i| (1, None, None, i * 1000 + late)).collect::<Vec<_>>()
        };
        let found = match_up(&many(0, 1), &many(20, 2));
        assert_eq!((found[0], found[1], found[499_999]), (0, 2, 999_998));
    }

    #[test]
    fn overtaken_segments_are_matched() {
        let here = [(1, None, Some(1), 0), (2, None, Some(2), 0), (3, None, Some(3), 0)];
        let there = [(3, None, Some(3), 0), (2, None, Some(2), 0), (1, None, Some(1), 0)];
        assert_eq!(match_up(&here, &there), [2, 1, 0]);
    }

    #[test]
    fn ip_ids_are_ignored_if_all_are_rewritten() {
        let here = [(1, Some(7), Some(1), 0), (2, Some(8), Some(2), 0)];
        let there = [(1, Some(7), Some(901), 0), (2, Some(8), Some(77), 0)];
        assert_eq!(match_up(&here, &there), [0, 1]);
    }

    #[test]
    fn timestamps_are_ignored_if_all_are_stripped() {
        let here = [(1, Some(7), None, 0), (2, Some(8), None, 0)];
        let there = [(1, None, None, 5), (2, None, None, 5)];
        assert_eq!(match_up(&here, &there), [0, 1]);
    }

    #[test]
    fn packets_with_other_ids_and_numbers_do_not_match() {
        let here = [(1, Some(7), Some(1), 0), (2, Some(8), Some(2), 0)];
        let there = [(1, Some(7), Some(1), 0), (2, Some(9), Some(3), 0)];
        assert_eq!(match_up(&here, &there), [0, NONE]);
    }
}
