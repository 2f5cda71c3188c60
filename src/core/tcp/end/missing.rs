//! Octets of an end that the capture lacks: not captured yet, or acknowledged and never captured.

use crate::seq::Seq;
use crate::tcp::end::space::Holes;
use serde::{Deserialize, Serialize};

/// Octets that the capture lacks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Missing {
    holes: Holes,
    unseen_bytes: u64,
    /// When octets first were missing after none were, in Unix ns.
    since_ns: i64,
}

impl Missing {
    /// Which octets are missing.
    pub const fn holes(&self) -> &Holes {
        &self.holes
    }

    /// Octets that were acknowledged and never captured.
    pub const fn unseen_bytes(&self) -> u64 {
        self.unseen_bytes
    }

    /// When octets began to be missing, in Unix ns: those that are missing now, or were last.
    pub const fn since_ns(&self) -> i64 {
        self.since_ns
    }

    /// Notes that octets beyond a hole are captured now.
    pub fn begin(&mut self, now_ns: i64) {
        if self.holes.is_empty() {
            self.since_ns = now_ns;
        }
    }

    /// Opens a hole: octets beyond it were captured.
    pub fn open(&mut self, start: Seq, end: Seq) {
        self.holes.open(start, end, false);
    }

    /// Notes that the octets missing before `end` were sent before the capture began.
    pub fn precede_the_capture(&mut self, end: Seq) {
        self.holes.precede_the_capture(end);
    }

    /// Opens a hole of octets that are acknowledged already, and returns how many those are.
    pub fn open_acknowledged(&mut self, start: Seq, end: Seq) -> u32 {
        self.holes.open(start, end, true);
        let octets = end.since(start).unsigned_abs();
        self.unseen_bytes += u64::from(octets);
        octets
    }

    /// Treats octets missing between `start` and `end` as captured. Returns whether they had been acknowledged; `None` if none
    /// were missing there.
    pub fn fill(&mut self, start: Seq, end: Seq) -> Option<bool> {
        let (octets, acknowledged) = self.holes.fill(start, end)?;
        if acknowledged {
            self.unseen_bytes = self.unseen_bytes.saturating_sub(u64::from(octets));
        }
        Some(acknowledged)
    }

    /// Notes that everything before `ack` is acknowledged. Returns how many missing octets that shows to have been sent.
    pub fn acknowledge(&mut self, ack: Seq) -> u32 {
        let octets = self.holes.acknowledge(ack);
        self.unseen_bytes += u64::from(octets);
        octets
    }
}
