//! ICMP errors: what a host or router says about a segment that it could not deliver (RFC 1122, 4.2.3.9). They can be forged:
//! an error counts only if it quotes octets that are under way (RFC 5927).

use super::acceptance;
use crate::segment::IcmpError;
use crate::seq::Seq;
use crate::tcp::connection::{At, Connection};
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;

/// Reads an error that quotes a segment of `side`, which it is for.
pub(super) fn read(c: &mut Connection, side: Side, error: &IcmpError, fact: Fact) {
    let quoted = error.seq;
    if !may_quote(c, side, quoted) {
        return;
    }
    let at = At { time_ns: error.time_ns, frame: error.frame };
    let reporter = if c.has(side, fact) { 0 } else { u64::from(reporter_v4(error)) };
    c.note_figure(side, fact, reporter, at);
    let hard = matches!(fact, Fact::IcmpUnreachable | Fact::IcmpPortUnreachable | Fact::IcmpProhibited);
    if hard && c.end(side).marks().has_iss() && quoted == c.end(side).iss() {
        if c.end(side).marks().answered_syn() {
            c.apply(side.other(), Cue::SynAckRejected, at);
        } else {
            c.apply(side, Cue::ReceivedUnreachable, at);
        }
    }
}

/// The sender of an error, as a number: an IPv6 address has none.
fn reporter_v4(error: &IcmpError) -> u32 {
    let [a, b, c, d, ..] = error.reporter;
    if error.scope.is_ipv6() { 0 } else { u32::from_be_bytes([a, b, c, d]) }
}

/// Whether an ICMP error that quotes `quoted` is about octets that `side` has under way (RFC 5927, 4.1): from the first
/// unacknowledged number to the next one, as in Linux. If segments were not captured, the next number may lie as far ahead as
/// the receiver's window.
fn may_quote(c: &Connection, side: Side, quoted: Seq) -> bool {
    let end = c.end(side);
    if !end.marks().has_space() {
        return true;
    }
    let is_partial = end.frames() == 0
        || c.holds_only_control()
        || end.contiguous().before(end.next())
        || end.unseen_bytes() > 0
        || acceptance::furthest_claimed(c, side).after(end.next());
    let ahead = if is_partial { c.end(side.other()).widest_window() } else { 0 };
    quoted.covers(end.acked()) && !quoted.after(acceptance::furthest_claimed(c, side).plus(ahead))
}
