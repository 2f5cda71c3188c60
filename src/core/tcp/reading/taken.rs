//! Taken: a segment that its receiver takes, from its arrival to its last consequence.

use super::meaning::Meaning;
use super::{Reading, Turn, acknowledged, alone, amiss, counting, opening, reset, rounds, stream, waking};
use crate::tcp::connection::Connection;
use crate::tcp::machine::profile::Profile;

/// Reads a reset that its receiver takes.
pub(super) fn read_reset(c: &mut Connection, turn: Turn, meaning: Meaning, profile: &Profile) -> Reading {
    alone::judge_fin(c, turn, meaning);
    reset::note_reset_in_one_breath(c, turn);
    rounds::count(c, turn);
    hear_of(c, turn, profile);
    if turn.segment.flags.ack() {
        acknowledged::note_standing_hole(c, turn);
    }
    reset::read_reset(c, turn, meaning, profile);
    Reading::Plain
}

/// Reads a segment that its receiver takes, and that is no reset.
pub(super) fn read(c: &mut Connection, turn: Turn, profile: &Profile) -> Reading {
    rounds::count_between_shut_windows(c, turn);
    rounds::count_behind(c, turn);
    amiss::note(c, turn);
    hear_of(c, turn, profile);
    opening::believe_asked(c, turn);
    let reading =
        if turn.segment.flags.syn() { opening::read_opening(c, turn) } else { stream::read_stream(c, turn) };
    c.end_mut(turn.from).keep_habits(turn.segment);
    c.keep_stamp(turn.from, turn.segment);
    reading
}

/// Counts the segment, and ends a silence.
fn hear_of(c: &mut Connection, turn: Turn, profile: &Profile) {
    let from = turn.from;
    let at = turn.at();
    if c.has_begun() {
        waking::end_pause(c, turn, profile);
    }
    c.begin_in_frame(at.frame);
    c.end_mut(from).begin_at(at.time_ns);
    counting::count(c, turn);
    c.end_mut(from.other()).end_probing();
}
