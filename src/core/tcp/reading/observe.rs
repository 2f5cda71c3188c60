//! One segment from its arrival to its last consequence.

use super::acceptance::{self, Answer};
use super::habits::fingerprint;
use super::{Reading, Turn, apart, aside, calm, counting, habits, rounds, silence, taken, unopened, usual};
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;

/// Reads one segment: what it means to its sender, `from`, and to the other end.
pub(super) fn observe(c: &mut Connection, turn: Turn, profile: &Profile) -> Reading {
    if observe_shortly(c, turn, profile) { Reading::Plain } else { observe_in_full(c, turn, profile) }
}

/// The same of a segment of which little need be asked: it is plain. Where it is none, the answer is false, and nothing has
/// happened.
#[inline]
pub(super) fn observe_shortly(c: &mut Connection, turn: Turn, profile: &Profile) -> bool {
    if turn.segment.flags.syn() {
        usual::read_opening(c, turn, profile)
    } else {
        calm::read_in_order(c, turn, profile)
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
        c.end_mut(from).count_duplicate();
        return Reading::Duplicate;
    }
    if habits::is_copy_on_the_way(c, turn, print) {
        c.note(from, Fact::CopiedLater, at);
        return Reading::Retransmission;
    }
    c.end_mut(from).keep_fingerprint(print);
    if segment.is_disputed() {
        c.note(from, Fact::FragmentsDiffer, at); // whatever becomes of it
    }
    silence::pass_time(c, segment.time_ns, profile);
    c.end_mut(turn.from).learn_sum(turn.segment);
    if aside::is_any(c) {
        aside::settle(c, turn, profile);
    }
    let answer = match acceptance::answers_what_waits(c, turn) {
        true => Answer::Refuse(Fact::RstOutOfWindow),
        false => acceptance::judge(c, turn),
    };
    let reading = match answer {
        Answer::Accept => taken::read(c, turn, profile),
        Answer::AcceptReset(meaning) => taken::read_reset(c, turn, meaning, profile),
        Answer::Refuse(reason) => {
            counting::begin_with_refused(c, turn);
            counting::note_refused(c, turn, reason);
            count_round(c, turn, reason);
            aside::count(c, turn);
            unopened::keep(c, turn);
            Reading::Unacceptable
        }
        Answer::SetAside(reason) => {
            count_round(c, turn, reason);
            aside::count(c, turn);
            aside::keep(c, turn, reason);
            unopened::keep(c, turn);
            Reading::SetAside
        }
    };
    if aside::is_any(c) {
        aside::settle_overtaken(c, turn, profile);
    }
    reading
}

/// Counts a rejected segment among the rounds of a loop, unless it arrives damaged: that draws no answer.
fn count_round(c: &mut Connection, turn: Turn, reason: Fact) {
    if reason != Fact::BadChecksum {
        rounds::count(c, turn);
    }
}
