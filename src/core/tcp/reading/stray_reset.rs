//! Stray resets: their receiver rejects them, and their supposed sender would not have sent them. They move nobody, and tell
//! nothing about the end in whose name they came (RFC 9293, 3.10.7; RFC 5961, 3.2).

use super::aim::{self, Aim};
use super::author::{Author, author};
use super::meaning::{Meaning, Purpose};
use super::{Turn, habits};
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::state::State;

/// Why a reset is a stray; `None` if it is not.
pub(super) fn reason(c: &Connection, turn: Turn, meaning: Meaning) -> Option<Fact> {
    let Meaning { author, purpose } = meaning;
    match purpose {
        Purpose::Ends(_) if is_late_strangers(c, turn, author) => Some(Fact::RstOutOfWindow),
        Purpose::RefusesUnseen | Purpose::TurnsAway | Purpose::Abandons | Purpose::Ends(Aim::Exact) => None,
        Purpose::AnswersSyn => {
            let wants_none = author == Author::NoSocket && aim::is_answer_to_syn_ack(c, turn);
            (!wants_none && !aim::acknowledges_syn(c, turn)).then_some(Fact::RstOutOfWindow)
        }
        Purpose::Ends(_) if author != Author::Stranger && may_be_own(c, turn, author) => None,
        Purpose::Ends(Aim::InWindow) => Some(Fact::RstInWindow),
        Purpose::Ends(Aim::Outside) => Some(Fact::RstOutOfWindow),
    }
}

/// Whether the first reset in the name of an end lacks its marks, and comes when the other end is already closed.
fn is_late_strangers(c: &Connection, turn: Turn, author: Author) -> bool {
    let (from, ttl) = (turn.from, turn.segment.ttl);
    let is_closed = c.end(turn.to()).state() == State::Closed && c.has(turn.to(), Fact::RstSent);
    let is_foreign = author == Author::Stranger || !c.end(from).has_borne_ttl(ttl);
    is_closed && is_foreign && c.end(from).frames() > 0 && !c.has(from, Fact::RstSent)
}

/// Whether the supposed sender may have sent a reset that is not exact: at a number that the other end has not acknowledged
/// yet, or in answer to something old.
fn may_be_own(c: &Connection, turn: Turn, author: Author) -> bool {
    let (sender, seq) = (c.end(turn.from), turn.segment.seq);
    let is_under_way = seq.covers(sender.acked()) && !seq.after(sender.next()) && !aim::is_its_first(c, turn);
    let answers_old = author == Author::NoSocket
        && seq.before(sender.acked())
        && !sender.lies_before_first(seq)
        && !habits::is_stamped_before(c, turn);
    let is_abort = aim::is_own_abort_ahead(c, turn, author);
    sender.has_borne_ttl(turn.segment.ttl) && (is_under_way || answers_old || is_abort)
}

/// Notes what a stray reset shows.
pub(super) fn note(c: &mut Connection, turn: Turn, reason: Fact) {
    let (from, segment, at) = (turn.from, turn.segment, turn.at());
    if reason == Fact::RstInWindow {
        c.end_mut(turn.to()).await_challenge_ack();
    }
    if author(c, turn) == Author::Stranger || !c.end(from).has_borne_ttl(segment.ttl) {
        c.note(from, Fact::StrayRstLooksForeign, at);
    }
}
