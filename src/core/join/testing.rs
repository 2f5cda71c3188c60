//! Segments for the tests of this room.

use crate::segment::Segment;
use crate::seq::Seq;
use crate::testing;

/// A segment of 10.0.0.1:1000 to 10.0.0.2:80 with the time in ns, numbers and length given.
pub fn segment(time_ns: i64, seq: u32, ack: u32, payload: u32) -> Segment {
    Segment { time_ns, seq: Seq(seq), ack: Seq(ack), payload, ..testing::segment() }
}
