//! Apart: connections of which the numbers, or the two ends, are not what they are elsewhere.
//!
//! * A socket that connected to itself is both ends: a SYN meets a SYN, its own (RFC 9293, 3.5, Figure 7), and each segment
//!   is its own answer.
//! * Who makes packets by hand and leaves both numbers at zero says nothing by them: the flags alone are followed, all that
//!   follows is presumed, and no timer is drawn from it.

use super::{Reading, Turn, counting};
use crate::tcp::connection::{Connection, Direction};
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::end::space::Placement;
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;

owns!(SelfConnected, SenselessNumbers);

/// Reads a segment of such a connection; nothing where it is none.
pub(super) fn read(c: &mut Connection, turn: Turn) -> Option<Reading> {
    recognize(c, turn);
    let marks = c.end(Side::Low).marks();
    if marks.is_self_connected() {
        Some(read_own(c, turn))
    } else if marks.has_senseless_numbers() {
        read_flags(c, turn);
        Some(Reading::Plain)
    } else {
        None
    }
}

/// Whether its numbers say nothing.
pub(super) const fn is_senseless(c: &Connection) -> bool {
    c.end(Side::Low).marks().has_senseless_numbers()
}

fn recognize(c: &mut Connection, turn: Turn) {
    let segment = turn.segment;
    if !c.has_begun() {
        if segment.source_port == segment.destination_port && segment.source == segment.destination {
            c.ends_mut().iter_mut().for_each(|end| end.note_mark(mark::SelfConnected, ME));
            c.note(turn.from, Fact::SelfConnected, turn.at());
        }
    } else if segment.seq.0 == 0 && segment.ack.0 == 0 && bears_zeros_only(c, turn) {
        c.ends_mut().iter_mut().for_each(|end| end.note_mark(mark::SenselessNumbers, ME));
        c.note(turn.from, Fact::NumbersSenseless, turn.at());
    }
}

/// Whether a segment with both numbers zero is the second of a connection, and the first had no others: an acknowledgement of
/// zero acknowledges nothing on a connection that began at zero.
fn bears_zeros_only(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let heard: u64 = c.ends().iter().map(|end| end.all_frames()).sum();
    if heard != 1 || !segment.flags.ack() || segment.flags.rst() {
        return false;
    }
    let first = if c.end(from).frames() == 1 { from } else { from.other() };
    let (speaker, other) = (c.end(first), c.end(first.other()));
    let opens = speaker.marks().has_iss() && speaker.iss().0 == 0 && !speaker.marks().answered_syn();
    let carries_on = !speaker.marks().has_iss()
        && u64::from(speaker.next().0) == speaker.bytes() + u64::from(speaker.marks().has_fin())
        && other.marks().has_space()
        && other.acked().0 == 0
        && first != from;
    opens || carries_on
}

/// Counts a segment for one end.
fn count(c: &mut Connection, turn: Turn) {
    c.begin_in_frame(turn.at().frame);
    c.end_mut(turn.from).begin_at(turn.at().time_ns);
    counting::count(c, turn);
}

/// Follows the flags of a segment whose numbers say nothing.
fn read_flags(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (to, at, flags) = (turn.to(), turn.at(), segment.flags);
    count(c, turn);
    c.end_mut(from).keep_habits(segment);
    if flags.rst() {
        c.note(from, Fact::RstSent, at);
        c.apply(from, Cue::SentRstPerhaps, at);
        c.apply(to, Cue::ReceivedRst, at);
        return;
    }
    if flags.syn() {
        return follow_syn(c, turn);
    }
    if !flags.ack() && !flags.fin() {
        return;
    }
    if c.end(from).state() == State::SynSent {
        c.apply(from, Cue::ReceivedSynAck, at);
    }
    c.apply(from, Cue::SentMidStream, at);
    c.apply(to, Cue::ReceivedAckOfSyn, at);
    if c.end(to).marks().has_fin() && flags.ack() {
        c.apply(to, Cue::ReceivedAckOfFin, at);
    }
    if flags.fin() && !c.end(from).marks().has_fin() {
        c.end_mut(from).learn_fin(segment.seq.plus(segment.payload));
        c.apply(from, Cue::SentFinPerhaps, at);
        c.apply(to, Cue::ReceivedFin, at);
    }
}

fn follow_syn(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    if segment.flags.ack() {
        c.name_client(to, Direction::SynAck);
        c.end_mut(from).note_answer_to_syn();
        c.apply(from, Cue::SentSynAck, at);
        c.apply(to, Cue::ReceivedSynAck, at);
    } else {
        c.name_client(from, Direction::Syn);
        c.end_mut(from).note_active_open();
        c.apply(from, Cue::SentSyn, at);
    }
}

/// Reads a segment of a socket that is connected to itself: each is sent by both ends, and for both.
fn read_own(c: &mut Connection, turn: Turn) -> Reading {
    let at = turn.at();
    let flags = turn.segment.flags;
    let mut reading = Reading::Plain;
    for side in Side::BOTH {
        let turn = Turn::new(side, turn.segment);
        count(c, turn);
        c.end_mut(side).keep_habits(turn.segment);
        if flags.rst() {
            c.note(side, Fact::RstSent, at);
            c.apply(side, Cue::SentRstPerhaps, at);
        } else if flags.syn() {
            open_to_itself(c, turn);
        } else if flags.ack() {
            reading = carry_on_with_itself(c, turn);
        }
    }
    if flags.syn() && !flags.ack() {
        c.name_client(turn.from, Direction::Syn);
        c.note(turn.from, Fact::SimultaneousOpen, at);
    }
    reading
}

fn open_to_itself(c: &mut Connection, turn: Turn) {
    let Turn { from: side, segment } = turn;
    let at = turn.at();
    if !c.end(side).marks().has_iss() {
        c.end_mut(side).learn_syn(segment, false);
        c.end_mut(side).note_active_open();
    } else if !segment.flags.ack() {
        c.end_mut(side).note_request(at.time_ns, true);
        c.note(side, Fact::SynResent, at);
    }
    if segment.flags.ack() {
        c.end_mut(side).note_answer_to_syn();
        c.end_mut(side).acknowledge(segment.ack);
        c.end_mut(side).note_answer(at.time_ns);
        c.apply(side, Cue::SentSynAck, at);
        c.apply(side, Cue::ReceivedSynAck, at);
    } else {
        c.apply(side, Cue::SentSyn, at);
        c.apply(side, Cue::ReceivedSyn, at);
    }
}

fn carry_on_with_itself(c: &mut Connection, turn: Turn) -> Reading {
    let Turn { from: side, segment } = turn;
    let at = turn.at();
    let placement = c.end_mut(side).place(segment);
    c.end_mut(side).acknowledge(segment.ack);
    c.end_mut(side).note_window(segment);
    if !c.end(side).marks().has_iss() {
        c.note(side, Fact::MidStream, at);
        c.apply(side, Cue::SentMidStream, at);
    }
    c.apply(side, Cue::SentAckOfSyn, at);
    if c.end(side).fin_is_covered_by(segment.ack) {
        c.end_mut(side).set_answered(at.time_ns);
        c.apply(side, Cue::SentAckOfFin, at);
        c.apply(side, Cue::ReceivedAckOfFin, at);
    }
    if segment.flags.fin() {
        let again = c.end(side).marks().has_fin();
        c.end_mut(side).learn_fin(segment.seq.plus(segment.payload));
        c.end_mut(side).note_request(at.time_ns, again);
        c.apply(side, Cue::SentFin, at);
        c.apply(side, Cue::ReceivedFin, at);
    }
    match placement {
        Placement::Again => Reading::Retransmission,
        Placement::Ahead => Reading::AfterHole,
        _ => Reading::Plain,
    }
}
