//! A SYN in the middle of a connection, or what lies beyond both ends of it, kept until its meaning is known.

use super::Connection;
use crate::segment::Segment;
use crate::seq::Seq;
use crate::tcp::machine::side::Side;
use serde::{Deserialize, Serialize};

/// A SYN in the middle of a connection. It draws a challenge ACK and changes nothing (RFC 9293, 3.10.7.4); if its
/// sender has lost the connection it answers that with a reset, and tries again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stray {
    /// Who sent it.
    pub side: Side,
    /// The SYN itself; or, where nothing of the next handshake was captured, the first segment that cannot be this connection's.
    pub segment: Segment,
    /// A SYN-ACK that answered it from elsewhere: anyone may have sent that, until the sender of the SYN goes on from it.
    pub answer: Option<Segment>,
    /// The first segment that goes on from it, as its sender does once a SYN-ACK has come which was not captured. Anyone may
    /// have sent that, too, until the other end goes on from there.
    pub follow: Option<Segment>,
}

impl Stray {
    /// Whether a number acknowledges the SYN, or it and the data that it bears (RFC 7413, 4.2.2).
    pub(in crate::tcp) fn is_acked_by(&self, ack: Seq) -> bool {
        let first = self.segment.seq.plus(1);
        ack == first || ack == first.plus(self.segment.payload)
    }
}

impl Connection {
    /// Whether a segment is kept that may begin the next connection.
    #[must_use]
    #[inline]
    pub const fn has_stray(&self) -> bool {
        self.stray.is_some()
    }

    /// That segment.
    pub(in crate::tcp) fn stray(&self) -> Option<&Stray> {
        self.stray.as_deref()
    }

    /// Keeps a segment of `side`, in place of any other, until its meaning is known.
    pub(in crate::tcp) fn keep_stray(&mut self, side: Side, segment: &Segment) {
        self.stray = Some(Box::new(Stray { side, segment: *segment, answer: None, follow: None }));
    }

    /// Keeps a SYN-ACK that answers it from elsewhere, in place of any other.
    pub(in crate::tcp) fn keep_answer(&mut self, segment: &Segment) {
        if let Some(stray) = &mut self.stray {
            stray.answer = Some(*segment);
        }
    }

    /// Keeps the first segment that goes on from it.
    pub(in crate::tcp) fn keep_follow(&mut self, segment: &Segment) {
        if let Some(stray) = &mut self.stray {
            stray.follow.get_or_insert(*segment);
        }
    }

    /// Drops it: its meaning is known.
    pub(in crate::tcp) const fn take_stray(&mut self) -> Option<Box<Stray>> {
        self.stray.take()
    }

    /// Undoes that a segment of `side` was counted as this connection's: it turned out to be the next one's.
    pub fn give_back(&mut self, side: Side) {
        self.ends[side].discount_frame();
    }
}
