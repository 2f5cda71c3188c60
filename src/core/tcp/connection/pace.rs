//! Pace: what an end says after pauses, of its own accord or at steady intervals, rather than in answer to the other.

use crate::tcp::machine::thresholds::ALIKE_INTERVALS;
use serde::{Deserialize, Serialize};

/// The words of an end after pauses of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// When it last spoke after one, in Unix ns; 0 where it never did.
    spoke_ns: i64,
    /// How long before that it had, in ns; 0 where it had not, or with other lengths.
    interval_ns: i64,
    /// How many octets it said then, in one segment.
    octets: u32,
    /// How many intervals in a row were like the one before, with as many octets each.
    beats: u8,
    /// How often it went on though nobody had asked.
    unasked: u8,
}

impl Pace {
    /// Adds so many octets that it says after a pause, at an instant in Unix ns.
    pub(in crate::tcp) fn speak(&mut self, now_ns: i64, octets: u32) {
        let interval = if self.octets == octets { now_ns - self.spoke_ns } else { 0 };
        let differs = (interval - self.interval_ns).abs();
        let is_like_before = self.interval_ns > 0 && differs * ALIKE_INTERVALS <= interval;
        let beats = if is_like_before { self.beats.saturating_add(1) } else { 0 };
        *self = Self { spoke_ns: now_ns, interval_ns: interval, octets, beats, ..*self };
    }

    /// The length of its intervals in ns, once several in a row were alike.
    #[must_use]
    pub const fn heartbeat_ns(&self) -> Option<u64> {
        if self.beats > 1 { Some(self.interval_ns.unsigned_abs()) } else { None }
    }

    /// Counts that it went on unasked, and returns how often it has.
    pub(in crate::tcp) const fn go_on_unasked(&mut self) -> u64 {
        self.unasked = self.unasked.saturating_add(1);
        self.unasked as u64
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    const SECOND: i64 = 1_000_000_000;

    fn after(times: &[(i64, u32)]) -> Pace {
        let mut pace = Pace::default();
        for &(at, octets) in times {
            pace.speak(at * SECOND, octets);
        }
        pace
    }

    #[test]
    fn three_intervals_alike_are_a_heartbeat() {
        assert_eq!(after(&[(5, 9), (15, 9), (25, 9)]).heartbeat_ns(), None);
        assert_eq!(after(&[(5, 9), (15, 9), (25, 9), (36, 9)]).heartbeat_ns(), Some(11_000_000_000));
    }

    #[test]
    fn intervals_are_alike_that_differ_by_an_eighth_of_the_later_one() {
        assert_eq!(after(&[(5, 9), (12, 9), (20, 9), (28, 9)]).heartbeat_ns(), Some(8_000_000_000));
        assert_eq!(after(&[(5, 9), (67, 9), (138, 9), (209, 9)]).heartbeat_ns(), None, "9 of 71 s");
    }

    #[test]
    fn other_lengths_or_intervals_are_none() {
        assert_eq!(after(&[(5, 9), (15, 9), (25, 8), (35, 9)]).heartbeat_ns(), None);
        assert_eq!(after(&[(5, 9), (15, 9), (25, 9), (39, 9)]).heartbeat_ns(), None);
    }
}
