//! Acceptance: does the end that a segment is for take it (RFC 9293, 3.10.7; RFC 5961; RFC 7323, 5)? This is asked before
//! anything is concluded from the segment. A rejected segment moves nobody: neither its receiver nor the end named as its
//! sender, for anyone may have sent it.
//!
//! The capture may lack what would make a segment acceptable. So most reasons are grounds to set it aside, until the
//! ends' own numbers decide: see [`super::aside`].

use super::meaning::Meaning;
use super::{Turn, aim, habits, opening, stray_reset};
use crate::segment::{Segment, Sum};
use crate::seq::Seq;
use crate::tcp::connection::{Connection, Stray};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{FAR, LATE_BY_TAP, UNDER_WAY};

/// The receiver's verdict on a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It takes it, as far as the capture tells.
    Accept,
    /// It takes it, and it is a reset.
    AcceptReset(Meaning),
    /// It throws it away.
    Refuse(Fact),
    /// It throws it away, unless the capture lacks what makes it acceptable.
    SetAside(Fact),
}

/// The verdict of the end that a segment is for.
pub(super) fn judge(c: &Connection, turn: Turn) -> Answer {
    let flags = turn.segment.flags;
    if !c.has_begun() {
        return judge_first(c, turn);
    }
    if is_damaged(c, turn) {
        return unless_acknowledged(c, turn, Fact::BadChecksum);
    }
    if turn.segment.is_disputed() {
        return unless_acknowledged(c, turn, Fact::FragmentsDiffer);
    }
    if flags.syn() {
        return judge_syn(c, turn);
    }
    if flags.rst() {
        let meaning = Meaning::of(c, turn);
        return match stray_reset::reason(c, turn, meaning) {
            None => Answer::AcceptReset(meaning),
            Some(reason) if aim::may_follow_left_out(c, turn, meaning.author) => Answer::SetAside(reason),
            Some(reason) => Answer::Refuse(reason),
        };
    }
    judge_in_stream(c, turn)
}

/// Whether the receiver surely takes a segment without SYN and RST that comes next on a calm connection: a shorter [`judge`].
/// `calm` has ruled out every other reason to refuse such a segment; a test there holds that both say the same.
#[inline]
pub(super) fn takes_next(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    let end = segment.seq.plus(segment.payload);
    let is_before_first = sender.lies_before_first(segment.seq) | sender.lies_before_first(end);
    let is_new = !is_before_first & end.covers(sender.acked());
    let is_of_open = segment.ack.after(receiver.iss()) | (receiver.state() != State::SynRecv);
    is_new & is_of_open && !is_damaged(c, turn)
}

/// The verdict on the first segment of a connection, which nothing before it can be compared with. Where the IPv4 header around
/// it is damaged, its addresses may be damaged too; a second such segment shows that the header checksums of this capture mean
/// nothing.
fn judge_first(c: &Connection, turn: Turn) -> Answer {
    let is_first = c.ends().iter().all(|end| end.all_frames() == 0);
    if is_first && turn.segment.is_of_damaged() && !turn.segment.flags.syn() {
        return Answer::Refuse(Fact::BadChecksum);
    }
    if turn.segment.flags.rst() { Answer::AcceptReset(Meaning::of(c, turn)) } else { Answer::Accept }
}

/// Throws the segment away for how it came, unless its receiver acknowledges its payload.
fn unless_acknowledged(c: &Connection, turn: Turn, reason: Fact) -> Answer {
    let flags = turn.segment.flags;
    let may_be_taken = !flags.syn() && !flags.rst() && has_news(c, turn.from, turn.segment);
    if may_be_taken { Answer::SetAside(reason) } else { Answer::Refuse(reason) }
}

/// Whether a reset answers a waiting segment: its number is the one that the segment acknowledges, and it ends no attempt (RFC
/// 9293, 3.10.7.4: in SYN_RECV an unacceptable acknowledgement draws a reset, and changes nothing).
pub(super) fn answers_what_waits(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    if !segment.flags.rst() || segment.flags.ack() || c.end(from).state() != State::SynRecv {
        return false;
    }
    let waiting = c.end(turn.to()).aside();
    waiting.iter().any(|aside| aside.segment.ack == segment.seq)
}

/// A SYN that belongs to this connection, as `anew` has seen to it.
fn judge_syn(c: &Connection, turn: Turn) -> Answer {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    if is_malformed_syn(segment) {
        return Answer::Refuse(Fact::StraySyn);
    }
    let is_stray = |stray: &Stray| {
        stray.side == from && stray.segment.seq == segment.seq && stray.segment.flags == segment.flags
    };
    if c.stray().is_some_and(is_stray) {
        return Answer::Refuse(if segment.flags.ack() { Fact::UnaskedSynAck } else { Fact::StraySyn });
    }
    if !segment.flags.ack() {
        let is_out_of_turn = opening::is_too_soon_for_syn(c, turn) || comes_after_its_end(c, turn);
        let is_forged = is_out_of_turn && habits::is_foreign(c, turn);
        return if is_forged { Answer::Refuse(Fact::StraySyn) } else { Answer::Accept };
    }
    if speaks_already(c, turn) || opens_again(c, turn) {
        return Answer::Refuse(Fact::UnaskedSynAck);
    }
    // An end that has sent a SYN answers only another SYN (RFC 9293, 3.5). Where its own SYN was not captured, the other's may
    // be missing.
    let is_first = sender.frames() == 0 && segment.seq == sender.iss();
    let nobody_asked = sender.marks().opened_actively() && !receiver.marks().opened_actively() && !is_first;
    let answers_another = receiver.marks().has_iss() && !opening::is_ack_of_syn(c, turn.to(), segment.ack);
    if nobody_asked && receiver.frames() == 0 && segment.seq == sender.iss() {
        return Answer::SetAside(Fact::UnaskedSynAck); // the other's SYN may be missing
    }
    if nobody_asked || answers_another {
        return Answer::Refuse(Fact::UnaskedSynAck);
    }
    Answer::Accept
}

/// Whether a SYN bears the number of one that has failed: an end that gives up begins with another number.
pub(super) fn comes_after_its_end(c: &Connection, turn: Turn) -> bool {
    let sender = c.end(turn.from);
    sender.marks().has_iss() && sender.iss() == turn.segment.seq && sender.state() == State::Closed
}

/// Whether a segment bears a SYN whose number is not the one that its sender began with: it draws a challenge ACK, and its
/// acknowledgement is ignored (RFC 9293, 3.10.7.4).
pub(super) fn begins_otherwise(c: &Connection, turn: Turn) -> bool {
    let sender = c.end(turn.from);
    let is_known = sender.marks().has_iss() && !sender.marks().iss_is_guessed();
    turn.segment.flags.syn() && is_known && turn.segment.seq != sender.iss()
}

/// Whether a SYN,ACK is neither the one that its sender sent before, nor that of a second stack, which knows the SYN alone.
pub(super) fn opens_again(c: &Connection, turn: Turn) -> bool {
    let receiver = c.end(turn.to());
    let knows_more = turn.segment.ack != receiver.iss().plus(1) && !c.has(turn.to(), Fact::FastOpen);
    let has_answered = c.end(turn.from).marks().answered_syn() && receiver.marks().has_iss();
    has_answered && knows_more && begins_otherwise(c, turn)
}

/// Whether a SYN,ACK comes from an end that has sent data or a FIN, and whose opening was not captured: such an end is open,
/// and sends no SYN,ACK. An earlier SYN,ACK may be shown a little later.
fn speaks_already(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let receiver = c.end(turn.to());
    // An end that asks again has taken nothing that came.
    let is_ignored = receiver.state() == State::SynSent && receiver.asked_ns() > sender.first_ns();
    let is_open =
        !sender.marks().has_iss() && !is_ignored && (sender.bytes() > 0 || sender.marks().has_fin());
    let is_answered = receiver.marks().ack_advanced();
    // With Fast Open, data may overtake the SYN,ACK (RFC 7413, 4.1).
    let is_overtaken = c.has(turn.to(), Fact::FastOpen) && sender.has_begun_shortly_before(segment.seq);
    is_open && !is_overtaken && (is_answered || segment.time_ns - sender.first_ns() >= LATE_BY_TAP)
}

fn judge_in_stream(c: &Connection, turn: Turn) -> Answer {
    let flags = turn.segment.flags;
    if !flags.ack() {
        return Answer::Refuse(Fact::NoAckBit);
    }
    if awaits_syn_ack(c, turn.from) {
        let may_end_opening = is_bare(turn.segment)
            && turn.segment.seq == c.end(turn.from).next()
            && !habits::is_foreign(c, turn)
            && !echoes_nothing(turn.segment)
            && !habits::drops_stamps(c, turn);
        return if may_end_opening { Answer::Accept } else { Answer::SetAside(Fact::AckBeyond) };
    }
    if (flags.fin() || turn.segment.payload > 0) && overtakes_syn_ack(c, turn) {
        return Answer::SetAside(Fact::AckBeyond);
    }
    if is_old(c, turn) || is_foreign_fin_behind(c, turn) || is_fin_among_data(c, turn) {
        return Answer::Refuse(Fact::OldSegment);
    }
    if speaks_before_its_opening(c, turn) {
        return Answer::SetAside(Fact::SpokeBeforeOpening);
    }
    if habits::is_stamped_before(c, turn) {
        return Answer::SetAside(Fact::PawsDropped);
    }
    if is_beyond_window(c, turn) || leaps_without_marks(c, turn) {
        return Answer::SetAside(Fact::BeyondWindow);
    }
    if acknowledges_too_little(c, turn) {
        return Answer::Refuse(Fact::AckTooOld);
    }
    if challenges_by_its_own_number(c, turn) {
        return Answer::Refuse(Fact::ChallengeAck);
    }
    if lies_before_syn(c, turn) {
        return Answer::SetAside(Fact::AckTooOld);
    }
    if acknowledges_unsent(c, turn) {
        return Answer::SetAside(Fact::AckBeyond);
    }
    Answer::Accept
}

/// Whether `side` has sent a SYN and nothing of the other end was captured. If `side` then sends anything but that SYN, it has
/// got an answer, which the capture lacks or shows later. Anyone may forge that.
pub(super) fn awaits_syn_ack(c: &Connection, side: Side) -> bool {
    let asked = c.end(side).marks().has_iss() && c.end(side).frames() > 0;
    asked && c.end(side).state() == State::SynSent && c.end(side.other()).frames() == 0
}

/// Whether a segment bears a time stamp and echoes none: its sender has not received the other end's SYN (RFC 7323, 3.2).
fn echoes_nothing(segment: &Segment) -> bool {
    segment.options.timestamps.is_some_and(|(_, echoed)| echoed == 0)
}

/// Whether a segment is the first captured of its sender, and its receiver waits for a SYN,ACK. With Fast Open, data and a FIN
/// may overtake the SYN,ACK (RFC 7413, 4.1).
fn overtakes_syn_ack(c: &Connection, turn: Turn) -> bool {
    let (sender, receiver) = (c.end(turn.from), c.end(turn.to()));
    let waits = receiver.state() == State::SynSent && receiver.frames() > 0;
    waits && !sender.marks().has_space() && !c.has(turn.from, Fact::FastOpen)
}

/// Whether a segment carries something in the name of an end whose SYN,ACK nobody has acknowledged, though the other end was
/// heard; and the segment lacks the marks of that SYN,ACK, does not come next, or closes. A listener's child sends nothing
/// before; with Fast Open it may, and an active opener may close (RFC 9293, 3.10.4).
fn speaks_before_its_opening(c: &Connection, turn: Turn) -> bool {
    let (sender, receiver) = (c.end(turn.from), c.end(turn.to()));
    let waits = sender.state() == State::SynRecv && sender.marks().answered_syn() && receiver.frames() > 0;
    let leaps = turn.segment.seq.after(sender.next());
    let closes = turn.segment.flags.fin() && !sender.marks().opened_actively();
    let is_odd = leaps || closes || habits::is_foreign(c, turn);
    waits && !is_bare(turn.segment) && !c.has(turn.to(), Fact::FastOpen) && is_odd
}

/// Whether a segment carries nothing.
const fn is_bare(segment: &Segment) -> bool {
    segment.payload == 0 && !segment.flags.fin()
}

/// Whether a segment has the SYN bit together with that of FIN or RST: no host sends that, and no listener takes it.
pub(super) const fn is_malformed_syn(segment: &Segment) -> bool {
    segment.flags.syn() && (segment.flags.fin() || segment.flags.rst())
}

/// The end of the sequence space that a segment takes up.
pub(super) fn end_of(segment: &Segment) -> Seq {
    segment.seq.plus(segment.payload + u32::from(segment.flags.fin()))
}

/// Whether everything in a segment was captured before and acknowledged, or lies before the first number of its sender: the
/// receiver answers it and ignores its content. A FIN is old only where it is known as a FIN; octets that the capture lacks are
/// never old.
pub(super) fn is_old(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    if !sender.marks().has_iss() || !sender.marks().has_space() || sender.marks().iss_is_guessed() {
        return false;
    }
    let end = end_of(segment);
    let is_probe = segment.payload <= 1 && segment.seq == sender.next().minus(1);
    if !is_probe && end != segment.seq && sender.lies_before_first(segment.seq) {
        return true; // nobody has octets there
    }
    let is_its_fin = sender.marks().has_fin() && end == sender.after_fin();
    if segment.flags.fin() {
        let fin = end.minus(1);
        let is_taken = sender.lies_before_first(fin) || (fin.before(sender.next()) && !sender.lacks(fin));
        return is_taken && !is_its_fin;
    }
    // A probe brings nothing new, either.
    let is_old_probe = is_probe && !segment.ack.after(c.end(turn.to()).acked());
    end.before(sender.acked()) && !is_old_probe && !sender.lacks(segment.seq)
}

/// Whether a FIN lies below the number that its sender has announced as next, and lacks the marks of its packets, on a
/// connection whose opening was not captured: an end that closed before the capture began resends its FIN with those marks.
fn is_foreign_fin_behind(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let is_behind = sender.marks().has_space() && !end_of(segment).after(sender.contiguous());
    segment.flags.fin() && is_behind && !sender.marks().has_fin() && habits::is_foreign(c, turn)
}

/// Whether a FIN bears the number of an octet that was captured, the opening not captured. Who closed before the capture began has
/// sent nothing new since.
fn is_fin_among_data(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let is_first = segment.flags.fin() && sender.marks().has_space() && !sender.marks().has_fin();
    let fin = end_of(segment).minus(1);
    let captured = sender.bytes().saturating_sub(sender.retransmitted_bytes());
    let back = sender.next().since(fin);
    is_first && back > 0 && u64::from(back.unsigned_abs()) <= captured && !sender.lacks(fin)
}

/// Whether a segment's checksum is wrong, though its sender is known to send right ones. Offload leaves wrong checksums on all
/// segments of a host, or on those that hardware has merged.
pub(super) fn is_damaged(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let marks = c.end(from).marks();
    let most = u32::from(c.end(turn.to()).mss());
    let is_judged = marks.sums_are_right() && (most == 0 || segment.payload <= most);
    is_judged && segment.sum() == Sum::Wrong
}

/// Whether a segment goes beyond all that its sender is known to have sent.
pub(super) fn has_news(c: &Connection, side: Side, segment: &Segment) -> bool {
    end_of(segment).after(c.end(side).next())
}

/// Whether a segment begins beyond the window that the receiver has offered (RFC 9293, 3.4).
pub(super) fn is_beyond_window(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    let is_known = sender.marks().has_iss() && receiver.marks().has_iss() && receiver.frames() > 0;
    let is_left_out = segment.flags.fin() && lacks_handshake(c, turn);
    if !is_known || !sender.marks().has_space() || receiver.marks().scale_is_unknown() || is_left_out {
        return false;
    }
    let edge = sender.acked().plus(receiver.window().max(1));
    // A segment that bears nothing may have the very number of the edge.
    let is_beyond = segment.seq.after(edge) || segment.seq == edge && !is_bare(segment);
    is_beyond && segment.seq.after(sender.next())
}

/// Whether a segment lies far beyond everything its sender has sent, on a connection whose opening was not captured, and lacks
/// the marks of its packets.
pub(super) fn leaps_without_marks(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let is_placed = !sender.marks().has_iss() && sender.marks().has_space() && sender.frames() > 0;
    is_placed
        && segment.seq.after(sender.next())
        && segment.seq.since(sender.next()).unsigned_abs() >= FAR
        && habits::is_foreign(c, turn)
}

/// Whether it acknowledges less than any segment under way can (RFC 5961, 5.2), or no SYN: SYN_SENT answers that (RFC 9293, 3.5.1).
fn acknowledges_too_little(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    if !receiver.marks().has_space() || receiver.frames() == 0 || receiver.state() == State::SynSent {
        return false;
    }
    let waits = receiver.state() == State::SynRecv && receiver.marks().has_iss();
    let lacks_syn = waits && !segment.ack.after(receiver.iss());
    lacks_syn || segment.ack.before(receiver.acked().minus(sender.widest_window()))
}

/// Whether a segment does not acknowledge the receiver's SYN, although its sender has answered or received that SYN. The
/// receiver may still take the segment, for an old one.
fn lies_before_syn(c: &Connection, turn: Turn) -> bool {
    let receiver = c.end(turn.to());
    let is_known = receiver.marks().has_iss() && !receiver.marks().iss_is_guessed() && receiver.frames() > 0;
    is_known && receiver.lies_before_first(turn.segment.ack) && !probes_with_both_numbers(c, turn)
}

/// Whether a segment is a probe that some stacks send: both its numbers are one less than the next ones, on a connection on
/// which the receiver has said nothing.
fn probes_with_both_numbers(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    let is_probe = segment.payload <= 1 && !segment.flags.fin() && segment.seq == sender.next().minus(1);
    // An end that was taken for reset may still be open, as this shows.
    let were_open = c.ends().iter().all(|end| end.state().is_synchronized() || end.state() == State::Closed);
    is_probe && were_open && segment.ack == receiver.iss() && sender.acked() == sender.next()
}

/// Whether a segment acknowledges what the receiver, which has been heard of, is not known to have sent (RFC 9293,
/// 3.10.7.4).
fn acknowledges_unsent(c: &Connection, turn: Turn) -> bool {
    let receiver = c.end(turn.to());
    is_beyond(c, turn.to(), turn.segment.ack)
        && !receiver.answers_probes(turn.segment.ack)
        && !acknowledges_last_fin(c, turn)
        && !lacks_handshake(c, turn)
        && !is_own_beside_gaps(c, turn)
}

/// Whether the capture began in the middle of the connection, and a segment is the first of its sender, or bears the marks of
/// its packets while frames are missing: then the octets that it acknowledges are missing as well. They are no more than a
/// window.
fn is_own_beside_gaps(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    let is_counted_on = habits::is_counted_on(c, turn) || !sender.marks().has_ip_id();
    let is_own = sender.ttl() == segment.ttl && is_counted_on;
    let began_mid_stream = c.ends().iter().all(|end| !end.marks().has_iss());
    let is_near = !segment.ack.after(receiver.next().plus(sender.widest_window()));
    began_mid_stream && is_near && (sender.frames() == 0 || is_own && c.lacks_frames())
}

/// Whether a segment's acknowledgement is the very number of a reset that was not exact, and the segment answers that reset: if
/// that number were the next one, the reset would have been accepted (RFC 5961, 3.2). So the acknowledgement tells nothing of
/// what was sent.
fn challenges_by_its_own_number(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let reset = c.end(turn.to()).echo();
    let is_bare = segment.payload == 0 && !segment.flags.fin();
    let answers = reset.is_some_and(|reset| reset.seq == segment.ack);
    is_bare && answers && c.end(from).marks().challenged() && is_beyond(c, turn.to(), segment.ack)
}

/// Whether the acknowledgement that ends the opening is long overdue, and only segments with control bits were captured: a
/// filter keeps no others, and a FIN acknowledges octets that the filter leaves out.
pub(super) fn lacks_handshake(c: &Connection, turn: Turn) -> bool {
    c.holds_only_control() && turn.segment.time_ns - c.last_ns() > UNDER_WAY
}

/// Whether a bare acknowledgement of one more octet comes from an end that has closed: the octet is a FIN, which the tap lacks
/// or shows later. Conclusions from it are presumed.
fn acknowledges_last_fin(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    let comes_next = segment.seq == sender.next() && segment.ack == receiver.next().plus(1);
    let is_last = sender.marks().has_fin() && !receiver.marks().has_fin();
    is_bare(segment) && comes_next && is_last && !habits::may_be_foreign(c, turn)
}

/// Whether `ack` goes beyond all that `side`, which has been heard of, is known to have sent.
pub(super) fn is_beyond(c: &Connection, side: Side, ack: Seq) -> bool {
    let end = c.end(side);
    end.frames() > 0 && end.marks().has_space() && ack.after(end.next())
}

impl Endpoint {
    /// Whether everything captured of it may be probes, which `ack` answers.
    fn answers_probes(&self, ack: Seq) -> bool {
        self.may_only_have_probed() && ack == self.next().plus(1)
    }
}

/// The next number of `side`, if the waiting segments of the other end acknowledge only what was sent.
pub(super) fn furthest_claimed(c: &Connection, side: Side) -> Seq {
    let waiting = c.end(side.other()).aside();
    waiting.iter().fold(c.end(side).next(), |next, aside| next.later(aside.segment.ack))
}
