//! Opening: what a SYN or a SYN,ACK means to both ends (RFC 9293, 3.5).

use super::{Reading, Turn, amiss, habits};
use crate::segment::Segment;
use crate::seq::Seq;
use crate::tcp::connection::{At, Connection, Direction};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{DEFAULT_MSS, LATE_BY_TAP, SHORTEST_RTO, UNDER_WAY, UNSCALED_WINDOW};

owns!(Scaled);

/// Reads a SYN or a SYN,ACK of this connection; `anew` has excluded those of the next connection.
pub(super) fn read_opening(c: &mut Connection, turn: Turn) -> Reading {
    let segment = turn.segment;
    if segment.flags.ack() { read_syn_ack(c, turn) } else { read_syn(c, turn) }
}

fn read_syn(c: &mut Connection, turn: Turn) -> Reading {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    if c.end(from).marks().has_iss() {
        return read_syn_again(c, turn);
    }
    if c.end(from).marks().has_space() {
        if !c.end(from).has_begun_shortly_before(segment.seq) {
            return Reading::Stray;
        }
        // A late copy that the network has made tells only which end opened.
        c.name_client(from, Direction::Syn);
        return Reading::Retransmission;
    }
    c.end_mut(from).learn_syn(segment, false);
    c.end_mut(from).note_active_open();
    amiss::note_syn(c, turn, false);
    c.name_client(from, Direction::Syn);
    if segment.payload > 0 {
        c.note(from, Fact::FastOpen, at);
    }
    c.apply(from, Cue::SentSyn, at);
    if c.end(to).marks().opened_actively() {
        c.note(from, Fact::SimultaneousOpen, at);
        c.presume(to, Cue::ReceivedSyn, at);
        c.presume(from, Cue::ReceivedSyn, at);
    }
    Reading::Plain
}

/// Reads the SYN of this connection when it comes once more.
#[cold]
fn read_syn_again(c: &mut Connection, turn: Turn) -> Reading {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if segment.seq != c.end(from).iss() {
        return Reading::Stray;
    }
    if is_late_by_the_tap(c, from, at) {
        let is_copy = is_stamped_later(c, turn);
        if !is_copy {
            c.note(from, Fact::ReorderedByTap, at);
        }
        c.name_client(from, Direction::Syn);
        c.end_mut(from).learn_syn(segment, false);
        settle_scale(c);
        c.end_mut(from).restore_acked(segment.seq.plus(1 + segment.payload));
        c.end_mut(from).set_answered(at.time_ns);
        return if is_copy { Reading::Retransmission } else { Reading::OutOfOrder };
    }
    if is_too_soon_for_syn(c, turn) {
        return Reading::Retransmission; // the network has made it
    }
    // After the opening, only a late copy from the network can look like this.
    if c.end(from).state().is_synchronized() && !c.presumes(from, Cue::ReceivedSynAck) {
        return Reading::Retransmission;
    }
    if habits::is_stamped_before(c, turn) {
        return Reading::Retransmission; // an old copy, or somebody else's
    }
    c.end_mut(from).note_request(at.time_ns, true);
    amiss::note_syn(c, turn, true);
    c.note_figure(from, Fact::SynResent, u64::from(c.end(from).asked_again()), at);
    if c.end(from.other()).is_guessed_before(0) {
        forget_answer(c, from, Cue::ResentSyn, at);
    }
    if c.presumes(from, Cue::ReceivedSynAck) {
        c.note(from, Fact::SynResentAfterSynAck, at);
        c.apply(from, Cue::ResentSyn, at);
    }
    let answered_ns = c.end(from.other()).asked_ns();
    if c.end(from.other()).marks().answered_syn() && at.time_ns - answered_ns < UNDER_WAY {
        c.end_mut(from).set_answered(answered_ns); // both may have met on the way
    }
    c.apply(from, Cue::RetriedAfterAll, at);
    c.apply(from, Cue::SpokeAfterOwnRst, at);
    c.apply(from, Cue::ResentSynAfterIcmp, at);
    if c.apply(from, Cue::SpokeAfterRst, at) {
        c.note(from, Fact::SpokeAfterRst, at);
    }
    Reading::Retransmission
}

/// Whether a SYN comes again sooner than any timer resends one.
pub(super) fn is_too_soon_for_syn(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let is_again = sender.marks().has_iss() && sender.iss() == segment.seq && sender.asked_ns() != 0;
    is_again && segment.time_ns - sender.asked_ns() < SHORTEST_RTO
}

fn read_syn_ack(c: &mut Connection, turn: Turn) -> Reading {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    if c.end(from).is_guessed_before(1) && segment.seq != c.end(from).iss() {
        forget_answer(c, to, Cue::AnsweredOtherwise, at);
    }
    if c.end(from).marks().answered_syn() && is_late_by_the_tap(c, from, at) {
        c.note(from, Fact::ReorderedByTap, at);
        let acked = c.end(from).acked();
        answer_syn(c, turn);
        c.end_mut(from).restore_acked(acked);
        c.end_mut(from).set_answered(at.time_ns);
        return Reading::OutOfOrder;
    }
    let again = c.end(from).marks().answered_syn();
    if c.end(from).marks().has_iss() && segment.seq != c.end(from).iss() {
        // A second stack knows no more than the SYN, and the data that came with it.
        let is_exact = segment.ack == c.end(to).iss().plus(1) || c.has(to, Fact::FastOpen);
        if again && is_exact && is_ack_of_syn(c, to, segment.ack) {
            c.note_figure(from, Fact::TwoSynAcks, u64::from(segment.seq.0), at);
        }
        return Reading::Stray;
    }
    learn_peers_syn(c, to, segment, at);
    if !is_ack_of_syn(c, to, segment.ack) {
        return Reading::Stray;
    }
    c.name_client(to, Direction::SynAck);
    amiss::note_echo(c, turn);
    // It answers a SYN, captured or not: the client had not given up.
    c.apply(to, Cue::RetriedAfterAll, at);
    let first = !again;
    if first {
        amiss::note_signature(c, turn);
        if segment.options.multipath {
            c.note(from, Fact::SynWithMultipath, at);
        }
        answer_syn(c, turn);
    } else {
        read_syn_ack_again(c, turn);
    }
    c.end_mut(to).acknowledge(segment.ack);
    c.end_mut(to).note_answer(at.time_ns);
    // A client that had to repeat its SYN after the first SYN,ACK proves by its ACK that a later SYN,ACK arrived.
    if c.end(to).undone() == 0 {
        c.apply(to, Cue::ReceivedSynAck, at);
    }
    if first { Reading::Plain } else { Reading::Retransmission }
}

/// True for a SYN or SYN-ACK captured less than 20 ms after its own answer: the tap reordered them; no RTO is that short.
fn is_late_by_the_tap(c: &Connection, from: Side, at: At) -> bool {
    let end = c.end(from);
    end.frames() == 1 && at.time_ns - c.end(from.other()).last_ns() < LATE_BY_TAP
}

/// Whether a SYN bears another time stamp than the one that the SYN,ACK before it echoes: it is a later copy.
fn is_stamped_later(c: &Connection, turn: Turn) -> bool {
    let echoed = c.latest_stamp(turn.from);
    echoed != 0 && turn.segment.options.timestamps.is_some_and(|(value, _)| value != echoed)
}

/// A SYN,ACK whose SYN was not captured shows that there was one, and tells its time stamp (RFC 7323, 3.2).
fn learn_peers_syn(c: &mut Connection, to: Side, segment: &Segment, at: At) {
    let end = c.end(to);
    if !end.marks().has_iss() && !end.state().is_synchronized() {
        guess_syn(c, to, segment, at);
    }
}

#[cold]
fn guess_syn(c: &mut Connection, to: Side, segment: &Segment, at: At) {
    let end = c.end_mut(to);
    let is_known = end.frames() > 0 || end.marks().opened_actively();
    end.learn_iss(segment.ack.minus(1));
    end.note_active_open();
    end.begin_space(segment.ack);
    if let Some((_, echo)) = segment.options.timestamps {
        c.reset_stamp(to, echo);
    }
    // Of one that was never heard nothing is known by a SYN,ACK alone: floods with forged sources scatter them.
    if is_known {
        c.apply(to, Cue::PeerAnsweredSyn, at);
    }
}

/// Believes that the ends have opened as the SYN,ACK says whose SYN was not captured: the one that is said to have asked
/// speaks, or the other goes on from its SYN,ACK.
pub(super) fn believe_asked(c: &mut Connection, turn: Turn) {
    let at = turn.at();
    let asker = if c.end(turn.from).marks().opened_actively() { turn.from } else { turn.to() };
    let end = c.end(asker);
    let is_believed = asker == turn.from || !turn.segment.flags.syn();
    if is_believed && end.state() == State::Unknown && end.marks().opened_actively() {
        c.apply(asker, Cue::PeerAnsweredSyn, at);
        c.apply(asker, Cue::ReceivedSynAck, at);
    }
}

/// Whether `ack` acknowledges the SYN of `to`, and no more than was sent with it.
pub(super) fn is_ack_of_syn(c: &Connection, to: Side, ack: Seq) -> bool {
    let end = c.end(to);
    end.marks().has_iss() && ack.covers(end.iss().plus(1)) && !ack.after(end.next())
}

fn answer_syn(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    let both_active = c.end(from).marks().opened_actively();
    if both_active && !c.has(from, Fact::SimultaneousOpen) && c.end(to).marks().answered_syn() {
        // The SYNs were not captured. This segment answers the other's SYN; its sender had not received the SYN,ACK that was
        // captured before.
        c.note(from, Fact::SimultaneousOpen, at);
        c.apply(from, Cue::ResentSyn, at);
    }
    c.end_mut(from).learn_syn(segment, both_active);
    c.end_mut(from).note_answer_to_syn();
    if segment.window == 0 {
        c.end_mut(from).set_shut_since_syn(true);
    }
    if c.end(from).marks().has_fin() && !c.end(from).fin().after(segment.seq) {
        c.end_mut(from).forget_fin(); // it lies below the first number: somebody else's
    }
    settle_scale(c);
    c.apply(from, Cue::SentSynAck, at);
    if c.end(from).marks().has_fin() {
        c.apply(from, Cue::SentFinPerhaps, at); // which has overtaken it, if it is its own
    }
    if both_active {
        let opener = c.end(to);
        if opener.frames() == 1 || (opener.frames() == 2 && opener.marks().answered_syn()) {
            let rtt = at.time_ns - opener.first_ns();
            c.end_mut(from).note_round_trip(rtt);
        }
    } else if c.end(to).asked_ns() != 0 {
        let rtt = at.time_ns - c.end(to).asked_ns();
        if c.end(to).asked_again() == 0 {
            c.end_mut(from).note_round_trip(rtt);
        } else {
            // It may answer an earlier SYN: a guess, until a round trip is measured.
            c.end_mut(from).guess_round_trip(rtt);
        }
        c.measure_handshake(rtt);
    }
}

/// Windows are scaled where both SYNs say so, whichever was captured first (RFC 7323, 2.2).
fn settle_scale(c: &mut Connection) {
    let scaled = c.ends().iter().all(|end| end.marks().offered_scale());
    for end in c.ends_mut() {
        end.set_mark(mark::Scaled, scaled, ME);
    }
}

#[cold]
fn read_syn_ack_again(c: &mut Connection, turn: Turn) {
    let (from, at) = (turn.from, turn.at());
    let end = c.end(from);
    let answered = end.answered_ns();
    let crossed = answered != 0 && end.may_have_crossed(answered, at.time_ns);
    let by_timer = at.time_ns - end.asked_ns() >= SHORTEST_RTO;
    let answers_copy = c.end(from.other()).asked_again() > end.asked_again();
    if !by_timer && !answers_copy {
        return; // the network has made it, or the SYN twice
    }
    c.end_mut(from).note_request(at.time_ns, true);
    // A host that keeps only a cookie answers every copy of the SYN alike.
    if by_timer && c.end(from).asked_again() > c.end(from.other()).asked_again() {
        c.apply(from, Cue::KeepsSocket, at);
    }
    let copies = u64::from(c.end(from).asked_again());
    if answered == 0 || (crossed && !by_timer) {
        c.note_figure(from, Fact::SynAckResent, copies, at); // each answers a copy of the SYN
    } else if !crossed {
        c.note_figure(from, Fact::SynAckResentAfterAck, copies, at);
        amiss::note_echo_of_ack(c, turn);
        if c.apply(from, Cue::ResentSynAck, at) {
            c.doubt(from.other(), Cue::SentFin, Cue::SentFinUnheard);
        }
    }
    c.apply(from, Cue::RetriedAfterAll, at);
}

/// Reads what a segment without SYN tells about the handshake.
pub(super) fn read_handshake(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    if c.end(from).marks().opened_actively() && !c.has(from, Fact::SimultaneousOpen) {
        read_third_ack(c, turn);
    }
    // Data of another host than the answering one, such as a proxy, come next; data farther ahead may be forged.
    let is_ahead = segment.seq.after(c.end(from).contiguous());
    let may_be_forged = habits::is_unstamped(c, turn) || is_ahead && habits::is_foreign(c, turn);
    if is_proof_of_open(c, turn) && !may_be_forged {
        c.apply(from, Cue::KeepsSocket, at);
        if may_have_awaited_words(c, turn) || may_have_ignored_words(c, turn) {
            c.settle(from, Cue::ReceivedAckOfSyn);
        } else if !may_have_closed_before_ack(c, from) {
            c.apply(from, Cue::SentSynchronized, at);
        }
        if c.has(from, Fact::SimultaneousOpen) {
            c.apply(from, Cue::SentAckOfSyn, at);
        }
    }
    let listener = c.end(to);
    if listener.marks().answered_syn() && segment.ack.covers(listener.iss().plus(1)) {
        if c.end_mut(to).note_answer(at.time_ns) {
            amiss::note_earlier_syn_ack(c, turn);
            amiss::note_stamp_of_ack(c, turn);
            let asked = c.end(to).asked_ns();
            if c.end(to).asked_again() == 0 && !c.end(from).marks().has_rtt() {
                c.end_mut(from).note_round_trip(at.time_ns - asked);
                c.lengthen_handshake(at.time_ns - asked);
            }
        }
        if c.end(to).state() == State::SynRecv {
            // An end that has ignored one acknowledgement, and ignores data, is unlikely to accept the next one.
            let ignores = c.end(to).undone() > 0 && c.end(from).acked().before(c.end(from).next());
            c.presume_unless(ignores, to, Cue::ReceivedAckOfSyn, at);
        }
    }
}

/// Whether an end of a simultaneous open has sent something beside its SYN and copies of it with a SYN,ACK, of which there are
/// `frames` including the segment being read: the other's SYN,ACK had called for it.
pub(super) fn has_answered_syn_ack(c: &Connection, from: Side, frames: u32) -> bool {
    c.has(from, Fact::SimultaneousOpen) && frames > 2 + u32::from(c.end(from).asked_again())
}

/// The client's acknowledgement of the SYN,ACK, captured or not.
fn read_third_ack(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    let (client, server) = (c.end(from), c.end(to));
    if server.marks().has_iss() {
        // If its SYN was not captured, the SYN,ACK may have come again long after the opening, and the client's segments may be
        // resent ones: only a bare acknowledgement, with the first number, shows that the client has not closed meanwhile.
        let bears_something = segment.payload > 0 || segment.flags.fin();
        let later_perhaps =
            client.asked_ns() == 0 && (bears_something || client.is_missing_before(segment.seq));
        let is_astray = is_astray(c, turn);
        if segment.ack.covers(server.iss().plus(1)) && !later_perhaps && !is_astray {
            c.apply(from, Cue::SentAckOfSyn, at);
        }
    } else if server.frames() == 0 && c.end(from).state() == State::SynSent {
        guess_syn_ack(c, turn);
    }
}

/// The SYN,ACK was not captured, and nothing else of the server has been. Others may claim as much.
#[cold]
fn guess_syn_ack(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    let server = c.end_mut(to);
    server.guess_iss(segment.ack.minus(1));
    server.note_answer_to_syn();
    server.begin_space(segment.ack);
    server.set_asked(at.time_ns);
    c.end_mut(from).advance_acked(segment.seq);
    c.apply(to, Cue::PeerAckedSyn, at);
    c.apply(from, Cue::ReceivedSynAck, at);
}

/// Undoes the conclusion that `client`'s SYN had been answered, drawn from an acknowledgement in its name.
#[cold]
fn forget_answer(c: &mut Connection, client: Side, cue: Cue, at: At) {
    if c.apply(client, cue, at) {
        c.end_mut(client).discount_undone();
        c.apply(client.other(), Cue::NotAcked, at);
        let is_moved = c.grounds(client.other()).is_some();
        c.end_mut(client.other()).forget_guesses(is_moved);
    }
}

/// Whether a segment of the client, whose SYN was captured, lies before that SYN or beyond the server's window: it belongs to
/// an older connection, or is forged.
fn is_astray(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (client, server) = (c.end(from), c.end(from.other()));
    let beyond = server.frames() > 0 && segment.seq.after(client.acked().plus(server.window()));
    client.marks().has_iss() && (beyond || !segment.seq.after(client.iss()))
}

/// Whether a segment without SYN shows that the SYN,ACK of its sender was acknowledged. With Fast Open, data and a FIN may come
/// before that (RFC 7413, 4.1), and if the SYN was not captured, the use of Fast Open does not show; a bare acknowledgement of
/// the SYN says nothing.
fn is_proof_of_open(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(from.other()));
    if !sender.marks().answered_syn() {
        return false;
    }
    if c.has(from, Fact::FastOpen) {
        return segment.ack.after(most_acked_with_syn(receiver));
    }
    // An active opener may close before its SYN,ACK is acknowledged (RFC 9293, 3.10.4); a listener's child may not.
    let closes = segment.flags.fin() && !sender.marks().opened_actively();
    let is_syn_captured = receiver.asked_ns() != 0;
    is_syn_captured && (segment.payload > 0 || closes) || segment.ack.after(receiver.iss().plus(1))
}

/// Whether a server speaks for the first time after the other end has acknowledged its SYN,ACK, paused, and spoken. If it waits for
/// data (TCP_DEFER_ACCEPT), it has ignored that acknowledgement, and been silent for as long: it is open, but since when does not
/// show.
fn may_have_awaited_words(c: &Connection, turn: Turn) -> bool {
    let client = c.end(turn.to());
    let woke_ns = c.woke_ns();
    let is_after = woke_ns != 0 && woke_ns < turn.segment.time_ns;
    let has_spoken = client.bytes() > 0 || client.marks().has_fin();
    is_after
        && has_spoken
        && c.presumed_at(turn.from, Cue::ReceivedAckOfSyn).is_some_and(|then| then < woke_ns)
}

/// Whether a server takes the data of its client only when they come again: until then its accept queue may have been full, and then
/// it has dropped the acknowledgement of its SYN,ACK as well.
fn may_have_ignored_words(c: &Connection, turn: Turn) -> bool {
    c.has(turn.to(), Fact::DataResent) && c.presumed_at(turn.from, Cue::ReceivedAckOfSyn).is_some()
}

/// Whether a server has sent a FIN, and the other's SYN was not captured: by Fast Open it may have closed before its SYN,ACK was
/// acknowledged, and what it sends later does not tell.
fn may_have_closed_before_ack(c: &Connection, from: Side) -> bool {
    let marks = c.end(from).marks();
    let is_syn_captured = || c.log().first_by(from.other(), &[Cue::SentSyn]).is_some();
    marks.answered_syn() && marks.has_fin() && !is_syn_captured()
}

/// With Fast Open: the highest number that a SYN,ACK may acknowledge. A higher one was sent after it.
fn most_acked_with_syn(client: &Endpoint) -> Seq {
    let is_cut = client.marks().scale_is_unknown(); // and with it the maximum segment size
    let most = if is_cut { UNSCALED_WINDOW } else { u32::from(client.mss().max(DEFAULT_MSS)) };
    client.iss().plus(1 + most)
}
