//! Turns to speak: a segment and its sender, the class that the tracker gives it, and the instant that questions are asked of.

use crate::segment::Segment;
use crate::tcp::connection::At;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;

/// How the tracker classed a segment, for a ladder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// Nothing out of the ordinary.
    #[default]
    Plain,
    /// The capture holds it twice.
    Duplicate,
    /// All of it was captured before.
    Retransmission,
    /// It fills a hole.
    OutOfOrder,
    /// Octets before it are missing.
    AfterHole,
    /// A keepalive probe.
    Keepalive,
    /// A probe of a zero window.
    WindowProbe,
    /// A SYN that changes nothing.
    Stray,
    /// Its receiver throws it away.
    Unacceptable,
    /// Its receiver throws it away, unless later segments prove that it took it.
    SetAside,
}

/// As of when it is asked which other states an end may be in, and what is known beyond its connection.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The instant, in Unix ns.
    pub now_ns: i64,
    /// The timers to go by.
    pub profile: &'a Profile,
    /// Frames are missing from the capture here and there: acknowledged octets of several connections.
    pub tap_loses_frames: bool,
}

/// Whose turn it is to speak: a segment, and who sent it. Two words, so that passing it on costs nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn<'a> {
    /// Who sent it.
    pub(super) from: Side,
    /// The segment.
    pub(super) segment: &'a Segment,
}

impl<'a> Turn<'a> {
    #[inline]
    pub(super) const fn new(from: Side, segment: &'a Segment) -> Self {
        Self { from, segment }
    }

    /// The other end, which it is for.
    #[inline]
    pub(super) const fn to(self) -> Side {
        self.from.other()
    }

    /// When it was captured, and in which frame.
    #[inline]
    pub(super) const fn at(self) -> At {
        At::of(self.segment)
    }
}
