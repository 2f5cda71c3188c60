//! Counts over all frames of a capture.

use super::defects::{Defects, Oddity};
use super::step::Record;

/// Counts and times over the frames of one capture.
#[derive(Debug)]
pub(super) struct Tally {
    pub frames: u64,
    pub snapped: u64,
    pub defects: Defects,
    /// How often a frame is older than the one before. This is harmless: common in captures of several queues or
    /// interfaces.
    pub backward_steps: u64,
    earliest: i64,
    /// The latest time before time last ran backward.
    latest: i64,
    previous: i64,
    /// The longest time from one frame to the next, in ns.
    pub gap_ns: i64,
    /// When it began, in Unix ns.
    pub gap_from_ns: i64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            frames: 0,
            snapped: 0,
            defects: Defects::default(),
            backward_steps: 0,
            earliest: i64::MAX,
            latest: i64::MIN,
            previous: i64::MAX,
            gap_ns: 0,
            gap_from_ns: 0,
        }
    }
}

impl Tally {
    /// Counts a frame whose record begins at `offset`, and corrects impossible values.
    #[inline]
    pub fn count(&mut self, record: &mut Record, offset: u64) {
        self.frames += 1;
        let time = record.time_ns;
        if time < self.previous {
            self.turn_back(time);
        } else {
            let gap = time.saturating_sub(self.previous);
            if gap > self.gap_ns {
                (self.gap_ns, self.gap_from_ns) = (gap, self.previous);
            }
        }
        self.previous = time;

        let captured = u32::try_from(record.len).unwrap_or(u32::MAX);
        if captured > record.orig_len {
            self.defects.count(Oddity::CapturedBeyondLength, offset);
            record.orig_len = captured;
        }
        self.snapped += u64::from(captured < record.orig_len);
    }

    /// Records a frame that is older than the one before it, or is the first. Only such a frame can be the earliest.
    /// Only the frame before it, or the last of all, can be the latest.
    #[cold]
    fn turn_back(&mut self, time: i64) {
        if self.frames > 1 {
            self.backward_steps += 1;
            self.latest = self.latest.max(self.previous);
        }
        self.earliest = self.earliest.min(time);
    }

    /// The time of the last frame.
    pub const fn previous(&self) -> Option<i64> {
        if self.frames == 0 { None } else { Some(self.previous) }
    }

    pub const fn earliest(&self) -> Option<i64> {
        if self.frames == 0 { None } else { Some(self.earliest) }
    }

    pub fn latest(&self) -> Option<i64> {
        if self.frames == 0 { None } else { Some(self.latest.max(self.previous)) }
    }
}
