//! Stray resets: their receiver throws them away, and their supposed sender would not have sent them. They move nobody, and
//! tell nothing of the end in whose name they came (RFC 9293, 3.10.7; RFC 5961, 3.2).

use super::author::{Author, acknowledges_all, author};
use super::reset::{self, Aim};
use super::{Turn, habits};
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;

/// Why a reset is a stray; nothing where it is none.
pub(super) fn reason(c: &Connection, turn: Turn) -> Option<Fact> {
    let Turn { from, segment } = turn;
    let (to, author) = (turn.to(), author(c, turn));
    let wants_none = author == Author::NoSocket && reset::is_answer_to_syn_ack(c, turn);
    if !segment.flags.rst() || wants_none || reset::answers_unacceptable_syn_ack(c, turn) {
        return None;
    }
    let opener = &c.ends[to];
    if opener.state() == State::SynSent && opener.marks.has_iss() {
        return (!reset::acknowledges_syn(c, turn)).then_some(Fact::RstOutOfWindow);
    }
    let aim = reset::aim(c, turn, author);
    if aim == Aim::Exact || (author != Author::Stranger && may_be_own(c, from, turn, author)) {
        return None;
    }
    Some(if aim == Aim::InWindow { Fact::RstInWindow } else { Fact::RstOutOfWindow })
}

/// Whether the supposed sender may have sent a reset that is not exact: at a number that the other end has not acknowledged
/// yet, or in answer to something old.
fn may_be_own(c: &Connection, from: Side, turn: Turn, author: Author) -> bool {
    let (sender, seq) = (&c.ends[from], turn.segment.seq);
    let is_under_way = seq.covers(sender.acked()) && !seq.after(sender.next());
    let answers_old = author == Author::NoSocket && seq.before(sender.acked());
    let is_abort = is_own_abort_ahead(c, turn, author);
    sender.has_borne_ttl(turn.segment.ttl) && (is_under_way || answers_old || is_abort)
}

/// Whether a reset that is not exact is its sender's own: a socket that aborts with octets under way sends a reset behind
/// them, with an acknowledgement. Where they are lost, the receiver has to challenge it; the sender is gone all the same.
/// It bears the time stamp or carries on the count of its sender, which blind forgers do not know.
pub(super) fn is_own_abort_ahead(c: &Connection, turn: Turn, author: Author) -> bool {
    let Turn { from, segment } = turn;
    let sender = &c.ends[from];
    let is_stamped = sender.marks.stamps() && segment.options.timestamps.is_some();
    let is_marked = is_stamped || (sender.marks.counts_ip_id() && habits::is_counted_on(c, turn));
    let is_behind_lost = segment.flags.ack() && segment.seq.after(sender.next());
    is_behind_lost
        && is_marked
        && matches!(author, Author::Socket | Author::Perhaps)
        && acknowledges_all(c, turn)
        && !habits::may_be_foreign(c, turn)
        && !habits::is_stamped_before(c, turn)
}

/// Whether a bare reset is due: its sender had closed or reset the connection, and answers what was under way to it, each
/// segment at the number that this acknowledged (RFC 9293, 3.5.2).
pub(super) fn answers_what_was_under_way(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (&c.ends[from], &c.ends[from.other()]);
    let is_gone = sender.state() == State::Closed || sender.marks.has_fin();
    let oldest = sender.acked().minus(receiver.widest_window());
    let was_acknowledged = segment.seq.covers(oldest) && !segment.seq.after(sender.next());
    is_gone && was_acknowledged && sender.has_borne_ttl(segment.ttl)
}

/// Takes note of what a stray reset shows.
pub(super) fn note(c: &mut Connection, turn: Turn, reason: Fact) {
    let (from, segment, at) = (turn.from, turn.segment, turn.at());
    if reason == Fact::RstInWindow {
        c.ends[turn.to()].marks.set_challenged(true);
    }
    if author(c, turn) == Author::Stranger || !c.ends[from].has_borne_ttl(segment.ttl) {
        c.note(from, Fact::StrayRstLooksForeign, at);
    }
}
