//! Aim: where a reset lies in the window of the end that it is for, and what it answers (RFC 9293, 3.5.2 and 3.10.7; RFC 5961).

use super::author::{Author, acknowledges_all};
use super::{Turn, habits, opening};
use crate::seq::Seq;
use crate::tcp::connection::Connection;
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::UNDER_WAY;

/// Where a reset lies in the window of the end that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    Exact,
    InWindow,
    Outside,
}

/// Exact is the number that the receiver expects next: the end of what was captured, up to the first gap or in all, or its last
/// acknowledgement. The capture cannot tell which of them. An end that has received a FIN, and is not in TIME_WAIT, also accepts the number
/// of the FIN itself (Linux, `tcp_reset_check`).
pub(super) fn aim(c: &Connection, turn: Turn, author: Author) -> Aim {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(from.other()));
    if !sender.marks().has_space() {
        return Aim::Exact;
    }
    let seq = segment.seq;
    if is_its_first(c, turn) {
        return Aim::Outside;
    }
    let expected = [sender.contiguous(), sender.acked(), sender.next()];
    let follows_probes = sender.may_only_have_probed() && seq == sender.next().plus(1);
    let has_its_fin = matches!(receiver.state(), State::CloseWait | State::Closing | State::LastAck);
    let is_fin = has_its_fin && sender.marks().has_fin() && seq == sender.fin();
    if follows_probes || expected.contains(&seq) || is_fin {
        return Aim::Exact;
    }
    if leaves_data_out(c, turn) && may_follow(c, turn, author) {
        return Aim::Exact;
    }
    // A listener drops a request for any reset in its window (Linux, `tcp_check_req`).
    let is_request = receiver.state() == State::SynRecv && !receiver.marks().opened_actively();
    if is_request && author != Author::Stranger && is_in_window(seq, sender.acked(), receiver.window()) {
        return Aim::Exact;
    }
    let between = seq.covers(sender.acked()) && !seq.after(sender.next());
    if between || is_in_window(seq, sender.acked(), receiver.window()) { Aim::InWindow } else { Aim::Outside }
}

/// Whether a reset bears the number of its sender's SYN, which nobody expects next, nor sends any more.
pub(super) fn is_its_first(c: &Connection, turn: Turn) -> bool {
    let sender = c.end(turn.from);
    sender.marks().has_iss() && !sender.marks().iss_is_guessed() && turn.segment.seq == sender.iss()
}

/// Whether a reset is exact if data were sent before it that a filter leaves out. Whether there is such a filter is not known
/// yet.
pub(super) fn may_follow_left_out(c: &Connection, turn: Turn, author: Author) -> bool {
    c.holds_only_control() && !is_its_first(c, turn) && may_follow(c, turn, author)
}

/// Whether a reset follows, within the widest window, octets of its sender that were not captured.
fn may_follow(c: &Connection, turn: Turn, author: Author) -> bool {
    let (sender, receiver) = (c.end(turn.from), c.end(turn.to()));
    author != Author::Stranger && is_in_window(turn.segment.seq, sender.acked(), receiver.widest_window())
}

/// Whether only segments with control bits were captured for so long that a filter must leave out the others: then a reset
/// follows data that were left out. Right after the handshake no other segment is due yet.
fn leaves_data_out(c: &Connection, turn: Turn) -> bool {
    let waited_ns = turn.segment.time_ns - c.end(turn.to()).last_ns();
    c.holds_only_control() && (c.has(turn.from, Fact::OnlyControl) || waited_ns > UNDER_WAY)
}

/// Whether a reset is the answer of an end in SYN_SENT to a segment that does not acknowledge its SYN: its number is the one
/// that the segment acknowledges, and the attempt goes on (RFC 9293, 3.10.7.3).
pub(super) fn answers_unacceptable_syn_ack(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let is_of_syn = segment.seq.after(sender.iss()) && !segment.seq.after(sender.next());
    let is_answer = !segment.flags.ack() || has_just_been_acknowledged(c, turn);
    sender.state() == State::SynSent && sender.marks().has_iss() && is_answer && !is_of_syn
}

/// Whether the other end has acknowledged this very number without a SYN: small stacks set ACK in their answer to that.
fn has_just_been_acknowledged(c: &Connection, turn: Turn) -> bool {
    let aside = c.end(turn.to()).aside();
    aside.iter().any(|one| !one.segment.flags.syn() && one.segment.ack == turn.segment.seq)
}

/// Whether a reset is a host's answer to a SYN that nobody listens for and that was not captured: nothing else was captured,
/// and the reset has number zero and an acknowledgement (RFC 9293, 3.10.7.1). A socket of its own begins at another number. Ask
/// before the reset is counted.
pub(super) fn answers_unseen_syn(c: &Connection, turn: Turn) -> bool {
    let segment = turn.segment;
    !c.has_begun() && segment.flags.ack() && segment.seq.0 == 0 && segment.ack.0 != 0 && segment.payload == 0
}

/// Whether a reset acknowledges the SYN of an end that waits for an answer; no other reset counts there (RFC 9293, 3.10.7.3).
pub(super) fn acknowledges_syn(c: &Connection, turn: Turn) -> bool {
    let (opener, segment) = (c.end(turn.to()), turn.segment);
    segment.flags.ack() && segment.ack.after(opener.iss()) && !segment.ack.after(opener.next())
}

/// Whether this is a host's answer to a SYN,ACK that it has no use for: a bare reset at the number acknowledged. A host that
/// has aborted before, or has answered the SYN,ACK otherwise, had a use for it, and answers a later segment. Ask before the
/// reset is counted.
pub(super) fn is_answer_to_syn_ack(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    sender.marks().opened_actively()
        && !c.has(from, Fact::RstAborts)
        && !opening::has_answered_syn_ack(c, from, sender.frames().saturating_add(1))
        && segment.seq == sender.iss().plus(1)
        && sender.next() == sender.iss().plus(1)
        && (matches!(sender.state(), State::SynSent | State::Unknown)
            || c.presumes(from, Cue::ReceivedSynAck))
}

/// Whether a reset that is not exact is its sender's own: a socket that aborts with octets under way sends a reset after them,
/// with an acknowledgement. If those octets are lost, the receiver has to challenge the reset, but the sender is gone all the
/// same. The reset bears the time stamp or carries on the count of its sender, which blind forgers do not know.
pub(super) fn is_own_abort_ahead(c: &Connection, turn: Turn, author: Author) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let is_stamped = sender.marks().stamps() && segment.options.timestamps.is_some();
    let is_marked = is_stamped || (sender.marks().counts_ip_id() && habits::is_counted_on(c, turn));
    let is_behind_lost = segment.flags.ack() && segment.seq.after(sender.next());
    // Nothing follows a FIN.
    let has_closed = sender.fin_is_acked() || sender.fin_copy().is_some();
    is_behind_lost
        && !has_closed
        && is_marked
        && matches!(author, Author::Socket | Author::Perhaps)
        && acknowledges_all(c, turn)
        && !habits::may_be_foreign(c, turn)
        && !habits::is_stamped_before(c, turn)
}

/// Whether a bare reset is due: its sender had closed or reset the connection, and answers each segment that was under way to
/// it, at the number which that segment acknowledged (RFC 9293, 3.5.2).
pub(super) fn answers_what_was_under_way(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(from.other()));
    let is_gone = sender.state() == State::Closed || sender.marks().has_fin();
    let oldest = sender.acked().minus(receiver.widest_window());
    let was_acknowledged = segment.seq.covers(oldest) && !segment.seq.after(sender.next());
    is_gone && was_acknowledged && sender.has_borne_ttl(segment.ttl)
}

/// Whether `seq` lies in a window that begins at `start`.
pub(super) const fn is_in_window(seq: Seq, start: Seq, window: u32) -> bool {
    seq.within(start, if window == 0 { 1 } else { window })
}
