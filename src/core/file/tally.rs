//! What is counted of every frame of a capture.

use super::defects::{Defects, Oddity};
use super::step::Record;

/// Counts and times over the frames of one capture.
#[derive(Debug)]
pub(super) struct Tally {
    pub frames: u64,
    pub snapped: u64,
    pub defects: Defects,
    earliest: i64,
    latest: i64,
    previous: i64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            frames: 0,
            snapped: 0,
            defects: Defects::default(),
            earliest: i64::MAX,
            latest: i64::MIN,
            previous: i64::MAX,
        }
    }
}

impl Tally {
    /// Counts a frame whose record begins at `offset`, and sets right what cannot be so.
    #[inline]
    pub fn count(&mut self, record: &mut Record, offset: u64) {
        self.frames += 1;
        let time = record.time_ns;
        if time < self.previous {
            self.older(time, offset);
        }
        self.previous = time;
        self.latest = self.latest.max(time);

        let captured = u32::try_from(record.len).unwrap_or(u32::MAX);
        if captured > record.orig_len {
            self.defects.count(Oddity::CapturedBeyondLength, offset);
            record.orig_len = captured;
        }
        self.snapped += u64::from(captured < record.orig_len);
    }

    /// Takes note of a frame that is older than the one before it, or is the first: no other can be the earliest.
    #[cold]
    fn older(&mut self, time: i64, offset: u64) {
        if self.frames > 1 {
            self.defects.count(Oddity::TimeBackward, offset);
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

    pub const fn latest(&self) -> Option<i64> {
        if self.frames == 0 { None } else { Some(self.latest) }
    }
}
