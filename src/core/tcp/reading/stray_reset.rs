//! Stray resets: their receiver throws them away, and their supposed sender would not have sent them. They move nobody, and
//! tell nothing of the end in whose name they came (RFC 9293, 3.10.7; RFC 5961, 3.2).

use super::Turn;
use super::aim::{self, Aim};
use super::author::{Author, author};
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;

/// Why a reset is a stray; nothing where it is none.
pub(super) fn reason(c: &Connection, turn: Turn) -> Option<Fact> {
    let Turn { from, segment } = turn;
    let (to, author) = (turn.to(), author(c, turn));
    let wants_none = author == Author::NoSocket && aim::is_answer_to_syn_ack(c, turn);
    if !segment.flags.rst() || wants_none || aim::answers_unacceptable_syn_ack(c, turn) {
        return None;
    }
    let opener = c.end(to);
    if opener.state() == State::SynSent && opener.marks.has_iss() {
        return (!aim::acknowledges_syn(c, turn)).then_some(Fact::RstOutOfWindow);
    }
    let aim = aim::aim(c, turn, author);
    if aim == Aim::Exact || (author != Author::Stranger && may_be_own(c, from, turn, author)) {
        return None;
    }
    Some(if aim == Aim::InWindow { Fact::RstInWindow } else { Fact::RstOutOfWindow })
}

/// Whether the supposed sender may have sent a reset that is not exact: at a number that the other end has not acknowledged
/// yet, or in answer to something old.
fn may_be_own(c: &Connection, from: Side, turn: Turn, author: Author) -> bool {
    let (sender, seq) = (c.end(from), turn.segment.seq);
    let is_under_way = seq.covers(sender.acked()) && !seq.after(sender.next());
    let answers_old = author == Author::NoSocket && seq.before(sender.acked());
    let is_abort = aim::is_own_abort_ahead(c, turn, author);
    sender.has_borne_ttl(turn.segment.ttl) && (is_under_way || answers_old || is_abort)
}

/// Takes note of what a stray reset shows.
pub(super) fn note(c: &mut Connection, turn: Turn, reason: Fact) {
    let (from, segment, at) = (turn.from, turn.segment, turn.at());
    if reason == Fact::RstInWindow {
        c.end_mut(turn.to()).marks.set_challenged(true);
    }
    if author(c, turn) == Author::Stranger || !c.end(from).has_borne_ttl(segment.ttl) {
        c.note(from, Fact::StrayRstLooksForeign, at);
    }
}
