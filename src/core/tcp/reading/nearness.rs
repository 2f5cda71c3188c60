//! Nearness: how far a number lies from those of an end, which tells its stream from another one's.

use crate::seq::Seq;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::thresholds::UNSCALED_WINDOW;

/// Whether a number is so close to those of an end that the end would not begin again with it (RFC 9293, 3.4.1; RFC 6528).
pub(super) fn is_near(end: &Endpoint, seq: Seq) -> bool {
    end.marks().has_space() && far(seq, end.next()) <= UNSCALED_WINDOW
}

/// How far two numbers lie apart, in octets.
pub(super) fn far(a: Seq, b: Seq) -> u32 {
    a.since(b).unsigned_abs()
}
