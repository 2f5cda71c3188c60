//! Rounds: two ends that answer each other for ever, each because of a segment that the other rejects (RFC 9293, 3.10.7.4; RFC
//! 5961, 7).

use super::Turn;
use crate::tcp::connection::Connection;
use crate::tcp::end::kept::Echo;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{ROUNDS, ROUNDS_BEHIND, TIMED_RESETS, UNTIMED};

/// Counts a reset, or an acknowledgement that its receiver rejects, with the same numbers as the last such segment of its
/// sender, if the other end has spoken meanwhile. Call before the segment is counted.
pub(super) fn count(c: &mut Connection, turn: Turn) {
    let segment = turn.segment;
    if segment.payload > 0 || segment.flags.syn() || segment.flags.fin() {
        return;
    }
    // A SYN comes again by its timer, whatever the refusals say.
    if segment.flags.rst() && c.end(turn.to()).state() == State::SynSent {
        return;
    }
    // In a loop each reset draws the next at once; one that comes later answers what a timer sends again.
    count_round(c, turn, if segment.flags.rst() { UNTIMED } else { i64::MAX }, ROUNDS);
}

/// Counts the same for acknowledgements that are due: those of two ends whose windows are both shut. Each draws the next at
/// once.
pub(super) fn count_between_shut_windows(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let is_bare = segment.payload == 0 && !segment.flags.fin() && segment.window == 0;
    let both_shut =
        Side::BOTH.iter().all(|side| c.has(*side, Fact::ZeroWindow) && c.end(*side).window() == 0);
    if is_bare && both_shut && segment.seq == c.end(from).next() {
        count_round(c, turn, UNTIMED, ROUNDS);
    }
}

/// Counts bare acknowledgements whose number is below the other end's acknowledgement: the other end rejects them, and its
/// answer draws the next one. Somebody else has sent octets in their sender's name. A probe bears the number before the next
/// one.
pub(super) fn count_behind(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let is_bare = segment.payload == 0 && !segment.flags.syn() && !segment.flags.fin();
    if is_bare && sender.marks().has_space() && segment.seq.plus(1).before(sender.acked()) {
        count_round(c, turn, UNTIMED, ROUNDS_BEHIND);
    }
}

/// Counts copies of data of which the other end had acknowledged all, or the beginning, and which it acknowledges each time:
/// their sender does not receive that, or ignores it. Counts likewise copies of data beyond octets that the other end still
/// lacks and asks for.
pub(super) fn count_acknowledged_copies(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let acked = c.end(from).acked();
    let is_held = !segment.seq.plus(segment.payload).after(acked);
    let last_copy = c.end(from).echo().map_or(i64::MIN, |echo| echo.time_ns);
    let is_asked = segment.seq != acked && c.end(turn.to()).last_ns() > last_copy;
    if segment.payload > 1 && !segment.flags.fin() && (is_held || is_asked) {
        count_round(c, turn, i64::MAX, ROUNDS);
    }
}

fn count_round(c: &mut Connection, turn: Turn, pace_ns: i64, enough: u32) {
    let Turn { from, segment } = turn;
    let (last_frame, frame, time_ns) = (c.last_frame(), segment.frame, segment.time_ns);
    let heard = c.end(turn.to()).bytes();
    let same = c.end(from).echo().filter(|echo| echo.seq == segment.seq && echo.ack == segment.ack);
    let since_ns = same.map_or(0, |echo| time_ns.saturating_sub(echo.time_ns));
    let rounds = match same.filter(|_| since_ns <= pace_ns) {
        // Data that were under way draw a reset each; they do not answer one.
        Some(echo) if last_frame > echo.frame && (heard == echo.heard || !segment.flags.rst()) => {
            echo.rounds.saturating_add(1)
        }
        Some(echo) => echo.rounds,
        None => 1,
    };
    // Something that it may answer was captured since, unless nothing of the other end is.
    let answers = |echo: &Echo| last_frame > echo.frame || c.end(turn.to()).all_frames() == 0;
    let is_timed = |echo: &Echo| since_ns > UNTIMED && answers(echo);
    let timed = same.map_or(1, |echo| echo.timed.saturating_add(u32::from(is_timed(&echo))));
    c.end_mut(from).keep_echo(Echo {
        seq: segment.seq,
        ack: segment.ack,
        frame,
        time_ns,
        heard,
        rounds,
        timed,
    });
    if rounds >= enough {
        c.note_figure(from, Fact::ResetLoop, u64::from(rounds), turn.at());
    }
    if segment.flags.rst() && timed >= TIMED_RESETS {
        c.note_figure(from, Fact::ResetAgain, u64::from(timed), turn.at());
    }
}
