//! Probes: tells keepalives and probes of a zero window from data. Their octet is not one of their sender's data.

use super::amiss::most_ticks;
use super::{Reading, Turn, closing, habits};
use crate::tcp::connection::Connection;
use crate::tcp::end::rare::WindowProbe;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{BACKOFF, EQUAL_GAPS, LONGEST_RTO, ONE_BREATH};

/// Reads a keepalive or a probe of a zero window: at most one octet, just before the next number, with everything before it
/// acknowledged (RFC 9293, 3.8.4 and 3.8.6.1).
pub(super) fn read(c: &mut Connection, turn: Turn) -> Option<Reading> {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let sender = c.end(from);
    if segment.payload > 1
        || segment.flags.fin()
        || !sender.marks().has_space()
        || segment.seq != sender.next().minus(1)
        || sender.acked() != sender.next()
        || !(sender.state().is_synchronized() || sender.state() == State::Unknown)
        || sender.marks().has_fin()
    {
        return None;
    }
    discount(c, turn);
    if has_heard_no_answer(c, turn) {
        c.note(from, Fact::ProbeUnheard, at);
    }
    let probes = c.end_mut(from).count_probe(segment.ack);
    let is_shut = c.end(from.other()).window() == 0 && c.has(from.other(), Fact::ZeroWindow);
    if is_shut || goes_on_probing(c, turn) {
        keep(c, turn);
        c.note(from, Fact::WindowProbeSent, at);
        return Some(Reading::WindowProbe);
    }
    let silence = if c.woke_ns() == at.time_ns { c.slept_ns().unsigned_abs() } else { 0 };
    // Further probes in a row come at the probe interval, and an end that ignores a reset has not been idle since.
    let is_idle = probes == 1 && !c.has(turn.to(), Fact::RstSent);
    closing::note_unanswered_words(c, from, if is_idle { silence } else { 0 }, at);
    c.note_least(from, Fact::KeepaliveSent, if is_idle { silence } else { 0 }, at);
    if probes > 1 {
        c.note_figure(from, Fact::KeepaliveUnanswered, u64::from(probes), at);
    }
    Some(Reading::Keepalive)
}

/// Whether a probe echoes an older time stamp than the answer to the one before bore: that did not arrive. If the other end has
/// sent data since, the older one may be right: one acknowledgement of several segments echoes the first (RFC 7323, 4.3).
fn has_heard_no_answer(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (prober, other) = (c.end(from), c.end(turn.to()));
    let Some((_, echo)) = segment.options.timestamps else { return false };
    let is_answered = c.has(from, Fact::KeepaliveSent) && prober.probes() == 0;
    let has_said_nothing = prober.probe_ack() == Some(segment.ack) && other.next() == segment.ack;
    let had_time = segment.time_ns - other.last_ns() > c.handshake_ns().max(ONE_BREATH);
    let age = habits::age(echo, c.latest_stamp(turn.to()));
    let could_be = i64::from(age) <= most_ticks(segment.time_ns - other.first_ns());
    is_answered && has_said_nothing && had_time && other.marks().stamps() && age > 0 && could_be
}

/// Whether this is the next of a row of probes of a window of zero, by their back-off. The other end may have opened its window
/// since: then that was lost on the way, for nobody probes an open window. Keepalives come at equal intervals.
fn goes_on_probing(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    c.end(from).window_probe().is_some_and(|last| {
        let since_ns = segment.time_ns - last.time_ns;
        let has_backed_off = since_ns > last.gap_ns.saturating_add(last.gap_ns / EQUAL_GAPS);
        let is_due = since_ns <= last.gap_ns.saturating_mul(BACKOFF * BACKOFF).min(LONGEST_RTO);
        last.seq == segment.seq && has_backed_off && is_due
    })
}

/// Keeps a probe of a window of zero, with the silence before it.
fn keep(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let before = c.end(from).window_probe().filter(|last| last.seq == segment.seq).map(|last| last.time_ns);
    let since_ns = before.or(c.end(turn.to()).shut_since()).unwrap_or(segment.time_ns);
    let gap_ns = (segment.time_ns - since_ns).max(0);
    c.end_mut(from).keep_window_probe(WindowProbe { seq: segment.seq, time_ns: segment.time_ns, gap_ns });
}

/// Takes the octet of a probe out of the count of octets that its sender has sent: it is not data. If the opening was not
/// captured, and the only octet before is that same one, it was a probe's, too.
fn discount(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    if segment.payload == 0 {
        return;
    }
    let sender = c.end_mut(from);
    sender.discount_octet();
    if !sender.marks().has_iss() && sender.bytes() == 1 {
        sender.discount_octet();
    }
}

/// Reads a copy that may be a probe's rather than a retransmission; returns false if it cannot be. Only one octet of its sender
/// was captured, without the opening; it comes again and is not acknowledged. It is a probe if it comes at equal intervals:
/// data would be resent with back-off (RFC 6298, 5.5). Two copies are not enough to tell.
pub(super) fn read_copy(c: &mut Connection, turn: Turn, gap_before_ns: i64) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let is_only_octet = !sender.marks().has_iss()
        && segment.payload == 1
        && sender.bytes() == sender.retransmitted_bytes() + 1
        && !c.has(from, Fact::DataResent);
    if !is_only_octet || gap_before_ns == 0 {
        return is_only_octet;
    }
    let (gap_ns, copies) = (sender.resent_gap_ns(), sender.resent());
    let is_regular = (gap_ns - gap_before_ns).abs() * EQUAL_GAPS <= gap_ns;
    if is_regular {
        c.end_mut(from).take_copies_for_probes(copies);
        c.note(from, Fact::KeepaliveSent, turn.at());
        c.note_figure(from, Fact::KeepaliveUnanswered, u64::from(copies) + 1, turn.at());
    }
    is_regular
}
