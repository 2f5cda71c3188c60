//! Waking: who ends a silence, and whether that is answered.

use super::{Turn, acceptance};
use crate::seq::Seq;
use crate::tcp::connection::{Connection, Pace, Pause};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::kept::Waking;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::thresholds::{ANSWER, PAUSE, SLOWEST_TICK, UNASKED};

/// Ends a silence of both ends, if there was one, and notes the outcome of the last one. Call before the segment is counted.
pub(super) fn end_pause(c: &mut Connection, turn: Turn, profile: &Profile) {
    let slept = turn.segment.time_ns - c.last_ns();
    if c.end(turn.to()).waking().is_some() {
        settle_waking(c, turn);
    }
    let is_copy = is_sent_again(c, turn);
    if is_copy && c.end(turn.from).waking().is_some() {
        c.end_mut(turn.from).count_waking_copy(turn.segment.time_ns);
    }
    if slept < PAUSE || is_copy || lacks_what_passed(c, turn) {
        if !is_copy && turn.segment.flags.fin() {
            end_quiet(c, turn);
        }
        return;
    }
    let survived_ns = c.longest_silence_survived();
    let at = turn.at();
    let goes_on = c.end(turn.to()).marks().heard_last();
    let waits = c.end(turn.from).unacknowledged() > 0;
    let is_probe = is_probe(c, turn);
    let paces = note_pace(c, turn, slept, is_probe);
    c.end_pause(Pause {
        woke_ns: at.time_ns,
        slept_ns: slept,
        survived_ns,
        goes_on,
        waits,
        quiet_from_ns: c.quiet_from_ns().unwrap_or_else(|| c.last_ns()),
        probed_at: is_probe.then(|| c.octets_said()),
        spoke_ns: 0,
        paces,
    });
    if slept <= profile.idle_gap {
        return;
    }
    if is_probe && c.end(turn.from).waking().is_some() {
        c.end_mut(turn.from).count_waking_copy(at.time_ns);
        return;
    }
    if !is_probe {
        c.note_figure(turn.from, Fact::IdleGap, slept.unsigned_abs(), at);
    }
    if !turn.segment.flags.rst() {
        let stamp = turn.segment.options.timestamps.map(|(value, _)| value);
        let stood_still = has_stood_still(c, turn);
        let waking = Waking { slept_ns: slept, sent_ns: at.time_ns, copies: 0, stamp, stood_still };
        c.end_mut(turn.from).keep_waking(waking);
    }
}

/// Notes what its sender says after a silence, if it does so of its own accord or at steady intervals; returns what both ends have
/// said after silences.
fn note_pace(c: &mut Connection, turn: Turn, slept_ns: i64, is_probe: bool) -> [Pace; 2] {
    let Turn { from, segment } = turn;
    let mut paces = c.paces();
    if segment.payload == 0 || is_probe {
        return paces;
    }
    let pace = &mut paces[from as usize];
    let is_unasked = c.end(turn.to()).marks().heard_last() && c.end(from).unacknowledged() == 0;
    if is_unasked && slept_ns >= UNASKED {
        c.note_figure(from, Fact::SpokeUnasked, pace.go_on_unasked(), turn.at());
    }
    pace.speak(segment.time_ns, segment.payload);
    if let Some(interval_ns) = pace.heartbeat_ns() {
        c.note_figure(from, Fact::Heartbeats, interval_ns, turn.at());
    }
    paces
}

/// Notes a FIN soon after a probe: it ends the silence of the applications, which a probe does not end. Call before the FIN is
/// counted.
pub(super) fn end_quiet(c: &mut Connection, turn: Turn) {
    if c.quiet_from_ns().is_some() {
        c.speak_after_probe(turn.segment.time_ns);
    }
}

/// A timer ends a silence that ends with a copy: its sender waited for an answer.
pub(super) fn is_sent_again(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, other) = (c.end(from), c.end(turn.to()));
    let end = acceptance::end_of(segment);
    if segment.flags.syn() {
        return sender.marks().has_iss() && sender.iss() == segment.seq;
    }
    if segment.flags.rst() || !sender.marks().has_space() {
        return false;
    }
    let is_its_fin = segment.flags.fin() && sender.marks().has_fin() && end == sender.after_fin();
    let is_old = segment.payload > 0 && !end.after(sender.next());
    let probes_window = segment.payload <= 1 && other.is_shut() && segment.seq.covers(sender.next().minus(1));
    is_its_fin || probes_window || is_old && segment.seq != sender.next().minus(1)
}

/// Whether a segment's numbers are ahead of everything captured of both ends: they have spoken meanwhile, and the capture lacks
/// it. A FIN, or a single octet, may be missing without that.
fn lacks_what_passed(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let leaps = |end: &Endpoint, to: Seq| end.marks().has_space() && to.after(end.next().plus(1));
    let skips = leaps(c.end(from), segment.seq);
    skips && segment.flags.ack() && !segment.flags.syn() && leaps(c.end(turn.to()), segment.ack)
}

/// Whether a segment is a probe: empty, or the last octet once more, at the number before the next one (RFC 9293, 3.8.4).
fn is_probe(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let is_plain = segment.payload <= 1 && !segment.flags.fin() && !segment.flags.syn();
    let before = if sender.may_only_have_probed() { sender.next() } else { sender.next().minus(1) };
    is_plain && sender.marks().has_space() && segment.seq == before
}

/// Whether the sender's time stamps show far less time since its last segment than the capture does.
fn has_stood_still(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let Some((value, _)) = segment.options.timestamps else { return false };
    let ticks = i64::from(value.wrapping_sub(c.latest_stamp(from)).cast_signed());
    let passed_ns = segment.time_ns - c.end(from).last_ns();
    c.end(from).marks().stamps() && ticks >= 0 && ticks.saturating_mul(SLOWEST_TICK) < passed_ns
}

/// The clocks of both ends agree that there was no silence: the capture's clock has leapt, or both hosts stood still.
fn take_leap_back(c: &mut Connection, turn: Turn, waking: &Waking) {
    c.note_figure(turn.from, Fact::ClockLeapt, waking.slept_ns.unsigned_abs(), turn.at());
    if c.slept_ns() == waking.slept_ns {
        c.forget_pause();
    }
}

/// The other end speaks: if soon, in answer to the segment that broke the silence.
fn settle_waking(c: &mut Connection, turn: Turn) {
    let woken = turn.to();
    let Some(waking) = c.end_mut(woken).take_waking() else { return };
    // An answer from long before the segment that broke the silence: the clock had leapt, and there was no silence.
    let is_timely = turn.segment.time_ns.abs_diff(waking.sent_ns) <= ANSWER.unsigned_abs();
    if turn.segment.flags.rst() || !is_timely {
        return;
    }
    if waking.stood_still && has_stood_still(c, turn) {
        return take_leap_back(c, turn, &waking);
    }
    // The answer echoes the first arrival (RFC 7323, 4.3): the first may have come late, and every copy been needless.
    let echo = turn.segment.options.timestamps.map(|(_, echo)| echo);
    let lost = waking.copies > 0 && (echo.is_none() || echo != waking.stamp);
    let at = turn.at();
    c.note_figure(woken, Fact::SurvivedGap, waking.slept_ns.unsigned_abs(), at);
    if lost {
        let count = c.end_mut(woken).count_lost_after_idle();
        c.note_figure(woken, Fact::ProbeLostAfterIdle, count, at);
    }
}
