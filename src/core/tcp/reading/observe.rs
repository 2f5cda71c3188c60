//! One segment from its arrival to its last consequence.

use super::acceptance::{self, Answer};
use super::habits::fingerprint;
use super::{
    Reading, Turn, amiss, apart, aside, calm, habits, opening, reset, rounds, silence, stream, waking,
};
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;

/// Reads one segment: what it means to its sender, `from`, and to the other end.
pub(super) fn observe(c: &mut Connection, turn: Turn, profile: &Profile) -> Reading {
    match calm::read_in_order(c, turn) {
        Some(reading) => reading,
        None => observe_in_full(c, turn, profile),
    }
}

/// The same, whatever it may be.
pub(super) fn observe_in_full(c: &mut Connection, turn: Turn, profile: &Profile) -> Reading {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if let Some(reading) = apart::read(c, turn) {
        return reading;
    }
    let print = fingerprint(segment);
    if habits::is_duplicate(c, turn, print) {
        c.note(from, Fact::FramesDuplicated, at);
        c.ends[from].rare_mut().duplicate_frames += 1;
        return Reading::Duplicate;
    }
    if habits::is_copy_on_the_way(c, turn, print) {
        return Reading::Retransmission;
    }
    c.ends[from].keep_fingerprint(print);
    if segment.is_disputed() {
        c.note(from, Fact::FragmentsDiffer, at); // whatever becomes of it
    }
    silence::pass_time(c, segment.time_ns, profile);
    acceptance::learn_sum(c, turn);
    if aside::is_any(c) {
        aside::settle(c, turn, profile);
    }
    let answer = match acceptance::answers_what_waits(c, turn) {
        true => Answer::Refuse(Fact::RstOutOfWindow),
        false => acceptance::judge(c, turn),
    };
    let reading = match answer {
        Answer::Accept => read(c, turn, profile),
        Answer::Refuse(reason) => {
            note_refused(c, turn, reason);
            rounds::count(c, turn);
            aside::count(c, turn);
            Reading::Unacceptable
        }
        Answer::SetAside(reason) => {
            rounds::count(c, turn);
            aside::count(c, turn);
            aside::keep(c, turn, reason);
            Reading::Unacceptable
        }
    };
    if aside::is_any(c) {
        aside::settle_overtaken(c, turn, profile);
    }
    reading
}

/// Takes note of why a receiver throws a segment away.
pub(super) fn note_refused(c: &mut Connection, turn: Turn, reason: Fact) {
    let Turn { from, .. } = turn;
    let mut count = 0;
    if reason == Fact::BadChecksum {
        let rare = c.ends[from].rare_mut();
        rare.wrong_sums = rare.wrong_sums.saturating_add(1);
        count = u64::from(rare.wrong_sums);
    }
    c.note_figure(from, reason, count, turn.at());
}

/// Reads a segment that its receiver takes.
pub(super) fn read(c: &mut Connection, turn: Turn, profile: &Profile) -> Reading {
    let segment = turn.segment;
    if segment.flags.rst() {
        reset::note_reset_in_one_breath(c, turn);
        rounds::count(c, turn);
    } else {
        rounds::count_between_shut_windows(c, turn);
    }
    amiss::note(c, turn);
    hear_of(c, turn, profile);
    let reading = if segment.flags.rst() {
        reset::read_reset(c, turn, profile);
        Reading::Plain
    } else if segment.flags.syn() {
        opening::read_opening(c, turn)
    } else {
        stream::read_stream(c, turn)
    };
    c.ends[turn.from].keep_habits(turn.segment);
    c.keep_stamp(turn.from, turn.segment);
    reading
}

/// Counts the segment, and ends a silence.
fn hear_of(c: &mut Connection, turn: Turn, profile: &Profile) {
    let from = turn.from;
    let at = turn.at();
    if c.first_frame == 0 {
        c.first_frame = at.frame;
    } else {
        waking::end_pause(c, turn, profile);
    }
    c.ends[from].begin_at(at.time_ns);
    count(c, turn);
    if let Some(rare) = c.ends[from.other()].rare_if_any() {
        rare.probes = 0;
    }
}

#[inline]
pub(super) fn count(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    c.last_frame = at.frame;
    c.ends[from].count(segment);
}
