//! When segments of a connection were captured, and for how long none was.

use super::Connection;
use super::pace::Pace;
use crate::tcp::machine::fact::Fact;
use serde::{Deserialize, Serialize};

/// A silence of both ends.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Pause {
    /// When it ended, in Unix ns.
    pub woke_ns: i64,
    /// How long it was, in ns.
    pub slept_ns: i64,
    /// The longest earlier silence that was survived, in ns; 0 if there was none.
    pub survived_ns: i64,
    /// Whether the end that ended it had spoken last before: nobody was waited for.
    pub goes_on: bool,
    /// Whether the end that ended it was waiting for an acknowledgement: it was not idle.
    pub waits: bool,
    /// When the applications fell silent, in Unix ns: earlier, if probes broke the silence and nobody sent data.
    pub quiet_from_ns: i64,
    /// Octets of both ends until then, if a probe ended it, and nobody has spoken since.
    pub probed_at: Option<u64>,
    /// When somebody spoke so soon after a probe that no other pause lies between, in Unix ns; 0 if nobody did.
    pub spoke_ns: i64,
    /// The words of both ends after it and after those before.
    pub paces: [Pace; 2],
}

impl Connection {
    /// The frame of its first segment.
    #[must_use]
    pub const fn first_frame(&self) -> u64 {
        self.first_frame
    }

    /// The frame of its last segment.
    #[must_use]
    #[inline]
    pub const fn last_frame(&self) -> u64 {
        self.last_frame
    }

    /// Whether a segment of it was captured before the one being read.
    pub(in crate::tcp) const fn has_begun(&self) -> bool {
        self.first_frame != 0
    }

    /// Makes `frame` that of its first segment, unless there is one.
    pub(in crate::tcp) const fn begin_in_frame(&mut self, frame: u64) {
        if !self.has_begun() {
            self.first_frame = frame;
        }
    }

    /// Notes that a segment of it was captured in `frame`. A segment that was set aside comes after later ones.
    #[inline]
    pub(in crate::tcp) fn hear_in_frame(&mut self, frame: u64) {
        self.last_frame = self.last_frame.max(frame);
    }

    /// When its last segment was captured, in Unix ns.
    #[must_use]
    pub fn last_ns(&self) -> i64 {
        self.ends[0].last_ns().max(self.ends[1].last_ns())
    }

    /// When its first segment was captured, in Unix ns.
    #[must_use]
    pub fn first_ns(&self) -> i64 {
        match (&self.ends[0], &self.ends[1]) {
            (a, b) if a.frames() == 0 => b.first_ns(),
            (a, b) if b.frames() == 0 => a.first_ns(),
            (a, b) => a.first_ns().min(b.first_ns()),
        }
    }

    /// The last pause of both ends.
    pub(in crate::tcp) fn pause(&self) -> Option<&Pause> {
        self.pause.as_deref()
    }

    /// Notes a pause of both ends that has ended, in place of the one before, if there was one.
    pub(in crate::tcp) fn end_pause(&mut self, pause: Pause) {
        match &mut self.pause {
            Some(before) => **before = pause,
            None => self.pause = Some(Box::new(pause)),
        }
    }

    /// The words of both ends after pauses.
    pub(in crate::tcp) fn paces(&self) -> [Pace; 2] {
        self.pause.as_ref().map_or_else(Default::default, |pause| pause.paces)
    }

    /// Payload octets of both ends.
    pub(in crate::tcp) fn octets_said(&self) -> u64 {
        self.ends.iter().map(|end| end.bytes()).sum()
    }

    /// Since when neither application has sent data, as far as the last pause and probes after it tell, in Unix ns.
    pub(in crate::tcp) fn quiet_from_ns(&self) -> Option<i64> {
        let pause = self.pause.as_ref()?;
        (pause.probed_at == Some(self.octets_said())).then_some(pause.quiet_from_ns)
    }

    /// Notes that somebody speaks, soon after a probe that broke a silence.
    pub(in crate::tcp) fn speak_after_probe(&mut self, now_ns: i64) {
        if let Some(pause) = &mut self.pause {
            pause.spoke_ns = now_ns;
            pause.probed_at = None;
        }
    }

    /// Whether a segment of `now_ns` ended the last silence of the applications.
    pub(in crate::tcp) fn has_ended_quiet(&self, now_ns: i64) -> bool {
        self.pause.as_ref().is_some_and(|pause| now_ns == pause.woke_ns || now_ns == pause.spoke_ns)
    }

    /// How long the last silence of the applications was, in ns.
    pub(in crate::tcp) fn quiet_ns(&self) -> i64 {
        self.pause.as_ref().map_or(0, |pause| pause.woke_ns.max(pause.spoke_ns) - pause.quiet_from_ns)
    }

    /// Forgets the last pause, which was not one.
    pub(in crate::tcp) fn forget_pause(&mut self) {
        self.pause = None;
    }

    /// When the last pause of both ends ended, in Unix ns; 0 where there was none.
    #[must_use]
    pub fn woke_ns(&self) -> i64 {
        self.pause.as_ref().map_or(0, |pause| pause.woke_ns)
    }

    /// How long that pause was, in ns.
    #[must_use]
    pub fn slept_ns(&self) -> i64 {
        self.pause.as_ref().map_or(0, |pause| pause.slept_ns)
    }

    /// The longest pause of both ends that was survived: both spoke after it, and neither by a reset; 0 if there was none. A
    /// pause that a retransmission timer ended does not count: an end that waits for its timer is not idle.
    #[must_use]
    pub fn longest_silence_survived(&self) -> i64 {
        let Some(pause) = &self.pause else { return 0 };
        let both_spoke = self.ends.iter().all(|end| end.frames() > 0 && end.last_ns() >= pause.woke_ns);
        let is_reset = self.ends.iter().any(|end| end.has_fact(Fact::RstSent));
        if both_spoke && !is_reset { pause.survived_ns.max(pause.slept_ns) } else { pause.survived_ns }
    }
}
