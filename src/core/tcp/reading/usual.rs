//! Usual: the SYN that begins nearly every connection, and the SYN-ACK that answers it at once. Nothing was captured of their
//! sender before, so that there is nothing to compare them with, and few of the questions need be asked that a segment with SYN
//! is asked elsewhere. A test in `calm` holds that reading in full says the same.

use super::habits::fingerprint;
use super::{Reading, Turn, acceptance, anew, counting, opening, silence};
use crate::segment::Flags;
use crate::tcp::connection::Connection;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{NOTHING_OVERDUE, PAUSE};

/// Reads a segment with SYN if it begins a connection, or answers at once the SYN that did. Where it does neither, the
/// answer is false, and nothing has happened.
#[inline]
pub(super) fn read_opening(c: &mut Connection, turn: Turn, profile: &Profile) -> bool {
    let Turn { from, segment } = turn;
    let is_plain = segment.flags.0 & (Flags::FIN | Flags::RST) == 0
        && !segment.is_disputed()
        && (segment.source_port != segment.destination_port || segment.source != segment.destination);
    let print = fingerprint(segment);
    if !is_plain || !is_untouched(c.end(from)) || c.end(from).has_just_sent(print) {
        return false;
    }
    if !if segment.flags.ack() { answers_at_once(c, turn, profile) } else { begins(c, turn) } {
        return false;
    }
    c.end_mut(from).keep_fingerprint(print);
    c.end_mut(from).learn_sum(segment);
    c.begin_in_frame(segment.frame);
    c.end_mut(from).begin_at(segment.time_ns);
    counting::count(c, turn);
    let reading = opening::read_opening(c, turn);
    debug_assert!(reading == Reading::Plain, "it is the first of its sender");
    c.end_mut(from).keep_habits(segment);
    c.keep_stamp(from, segment);
    true
}

/// Whether nothing was captured of an end, nor concluded from what the other end sent.
#[inline]
fn is_untouched(end: &Endpoint) -> bool {
    end.state() == State::Unknown && end.frames() == 0 && end.marks().are_untouched() && end.has_no_rare()
}

/// Whether a SYN is the first segment of a connection.
#[inline]
fn begins(c: &Connection, turn: Turn) -> bool {
    !c.has_begun() && is_untouched(c.end(turn.to()))
}

/// Whether a SYN-ACK answers a SYN that was sent once, and a short time before.
#[inline]
fn answers_at_once(c: &Connection, turn: Turn, profile: &Profile) -> bool {
    let Turn { from, segment } = turn;
    let (opener, silence) = (c.end(turn.to()), segment.time_ns - c.last_ns());
    let is_no_copy_due = || silence < PAUSE && silence::is_no_copy_overdue(c, segment.time_ns, profile);
    opener.state() == State::SynSent
        && opener.has_no_rare()
        && !c.has_stray()
        && segment.seq.0 | segment.ack.0 != 0
        && (silence < NOTHING_OVERDUE || is_no_copy_due())
        && anew::answers_syn(c, turn)
        && !(c.end(from).marks().sums_are_right() && acceptance::is_damaged(c, turn))
}
