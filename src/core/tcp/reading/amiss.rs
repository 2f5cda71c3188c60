//! Amiss: signs in a segment that move nobody, and explain why it may be answered or not: missing options, changing TTLs,
//! copies that differ.

use super::{Turn, author, habits};
use crate::segment::{FastOpen, Flags};
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::thresholds::{
    COLLAPSED, FASTEST_TICK, HALF_FULL, LARGEST_SCALE, LONGEST_RTO, MARKS_ECHOED, OLD_STAMP, SLOWEST_TICK,
    STAMP_SLACK, SYN_ACK_WINDOW_SWAYS, TURNS_OF_TTL, USUAL_TICK,
};

/// Both bits of a SYN that asks for ECN (RFC 3168, 6.1.1).
const ECN: u16 = 0x40 | 0x80;

/// Notes signs in a segment that its sender's other segments do not bear. Call before the segment is counted.
pub(super) fn note(c: &mut Connection, turn: Turn) {
    let sender = c.end(turn.from);
    if sender.ttl() != 0 && sender.ttl() != turn.segment.ttl {
        note_other_ttl(c, turn);
        note_turns_of_ttl(c, turn);
    }
    if c.has(turn.from, Fact::RstCopiesPacket) && author::copies_packet(c, turn) {
        c.note_figure(turn.from, Fact::RstCopiesPacket, 1, turn.at());
    }
    if turn.segment.options.fast_close {
        c.note(turn.from, Fact::AskedForReset, turn.at());
    }
    note_missing_stamps(c, turn);
    note_collapsed_window(c, turn);
    note_echoed_mark(c, turn);
}

/// A receiver echoes a mark of congestion until its sender has slowed down (RFC 3168, 6.1.3). Where both may count marks instead,
/// the bit belongs to their counter (RFC 9768), and stands for as long as no other mark comes.
fn note_echoed_mark(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let echoes = segment.flags.0 & (Flags::ECE | Flags::SYN | Flags::RST) == Flags::ECE;
    if echoes && !c.ends().iter().any(|end| end.marks().syn_asks_to_count()) {
        let count = c.end_mut(from).count_echoed_mark();
        if count >= MARKS_ECHOED {
            c.note_figure(from, Fact::CongestionEchoed, count, turn.at());
        }
    }
}

/// An end that answered a SYN without a window scale, though one was offered, means its first window in bytes. If its next
/// window is a small part of that, and next to nothing has arrived, the end scales after all: the option was removed from its
/// SYN-ACK.
fn note_collapsed_window(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (sender, other) = (c.end(from), c.end(turn.to()));
    if !sender.marks().is_first_after_unscaled_syn_ack()
        || !other.marks().offered_scale()
        || segment.flags.syn()
    {
        return;
    }
    let (before, now) = (sender.window(), u32::from(segment.window));
    let is_full = other.bytes() * HALF_FULL >= u64::from(before);
    let is_small = now.saturating_mul(COLLAPSED) <= before;
    if is_small && !is_full && is_as_large_scaled(now, before, other.bytes()) {
        c.note_figure(from, Fact::WindowCollapsed, u64::from(now), turn.at());
    }
}

/// Whether some scale makes a window about as large as that of the SYN,ACK, less what has been `received` since. A SYN,ACK that
/// tells the most that its header holds may mean more. The windows of small stacks have nothing to do with their SYN,ACK's.
fn is_as_large_scaled(now: u32, before: u32, received: u64) -> bool {
    let (before, sways) = (u64::from(before), u64::from(before / SYN_ACK_WINDOW_SWAYS));
    let least = before.saturating_sub(sways).saturating_sub(received);
    let most = if before == u64::from(u16::MAX) { u64::MAX } else { before + sways };
    (1..=LARGEST_SCALE).any(|shift| (least..=most).contains(&(u64::from(now) << shift)))
}

/// The host that answers a SYN may not be the one that goes on.
fn note_other_ttl(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let is_known = c.has(from, Fact::SynAckTtlDiffers);
    let sender = c.end_mut(from);
    let before = sender.ttl();
    sender.keep_ttl(before);
    let is_first = sender.marks().answered_syn() && !sender.marks().carried_on() && !segment.flags.syn();
    if is_first && !is_known {
        sender.keep_syn_ack_ttl(before);
        c.note_figure(from, Fact::SynAckTtlDiffers, u64::from(before), turn.at());
    } else if segment.payload > 0 && sender.has_answered_with_ttl(segment.ttl) {
        c.note(from, Fact::SynAckTtlAgain, turn.at());
    }
}

/// The host that acknowledges in an end's name may not be the one that answers: a proxy that accelerates a slow path.
fn note_turns_of_ttl(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    if segment.flags.syn() || segment.flags.fin() || !c.end(from).marks().carried_on() {
        return;
    }
    let turns = c.end_mut(from).count_turn_of_ttl(segment.payload > 0, segment.ttl);
    if turns.of_kinds() >= TURNS_OF_TTL {
        c.note_figure(from, Fact::AcksFromElsewhere, u64::from(turns.of_bare()), turn.at());
    }
    if turns.is_to_and_fro() {
        c.note(from, Fact::TtlTakesTurns, turn.at());
    }
}

/// The first acknowledgement of a SYN,ACK that was sent several times tells which of them arrived first, by the time stamp that it
/// echoes (RFC 7323, 4.3).
pub(super) fn note_earlier_syn_ack(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let to = turn.to();
    let Some((_, echo)) = segment.options.timestamps else { return };
    let answered = c.end(to);
    let is_first = answered.undone() == 0 && !c.has(to, Fact::SynAckResentAfterAck);
    if !is_first || answered.asked_again() == 0 || !answered.marks().stamps() {
        return;
    }
    let age = habits::age(echo, c.latest_stamp(to));
    let at = turn.at();
    // An echo of what the other end has never sent tells nothing: some stacks send other figures in its place.
    if age > 0 && i64::from(age) <= most_ticks(at.time_ns - answered.first_ns()) {
        let since_ns = at.time_ns - answered.last_ns() + i64::from(age) * USUAL_TICK;
        c.note_figure(from, Fact::AckOfEarlierSynAck, since_ns.max(0).cast_unsigned(), at);
    }
}

/// The most ticks by which a clock of time stamps may have moved within `elapsed_ns`.
pub(super) fn most_ticks(elapsed_ns: i64) -> i64 {
    elapsed_ns.max(0) / FASTEST_TICK + STAMP_SLACK
}

/// The acknowledgement of a SYN,ACK whose time stamp is later than the SYN's: an echo of it tells that it arrived.
pub(super) fn note_stamp_of_ack(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let is_later = |(value, _)| habits::age(value, c.latest_stamp(from)) < 0;
    if c.end(from).marks().stamps() && segment.options.timestamps.is_some_and(is_later) {
        c.end_mut(from).mark_later_stamp_of_ack();
    }
}

/// A SYN,ACK that comes again and echoes the time stamp of the other end's acknowledgement, which the SYN did not bear: that did
/// arrive, and its receiver waits for data (TCP_DEFER_ACCEPT) or has no place in its accept queue. Older
/// Linux keeps the time stamp before it asks either.
pub(super) fn note_echo_of_ack(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let to = turn.to();
    let asker = c.end(to);
    let is_told = asker.marks().ack_bore_later_stamp() && !c.has(to, Fact::SynResentAfterSynAck);
    if is_told && segment.options.timestamps.is_some_and(|(_, echo)| echo == c.latest_stamp(to)) {
        c.note(from, Fact::SynAckEchoesAck, turn.at());
    }
}

/// Once both ends have sent time stamps, every segment except a reset must bear one (RFC 7323, 3.2).
fn note_missing_stamps(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let are_agreed = c.ends().iter().all(|end| end.marks().stamps());
    let options = &segment.options;
    if !are_agreed || options.timestamps.is_some() || options.malformed || segment.flags.syn() {
        return;
    }
    let count = c.end_mut(from).count_unstamped();
    c.note_figure(from, Fact::TimestampsMissing, count, turn.at());
}

/// The options and flags of a SYN that some networks drop it for, and how many of its copies asked for each.
const ASKED: [Fact; 3] = [Fact::SynWithEcn, Fact::SynWithFastOpen, Fact::SynWithMultipath];

/// Notes for a SYN, the first of its attempt or a copy, which options that some networks drop it asks for (ECN, Fast Open,
/// Multipath TCP), and how many copies have asked.
pub(super) fn note_syn(c: &mut Connection, turn: Turn, again: bool) {
    let Turn { from, segment } = turn;
    let ecn = segment.flags.0 & ECN == ECN && segment.flags.0 & Flags::ACK == 0;
    let options = &segment.options;
    let asks = [ecn, options.fast_open != FastOpen::Absent, options.multipath];
    if !again {
        note_signature(c, turn);
        c.end_mut(from).keep_first_asks(asks);
        c.end_mut(from).keep_whether_it_joins(options.joins);
        c.end_mut(from).keep_whether_it_counts(segment.flags.0 & Flags::AE != 0);
        return;
    }
    let first = c.end(from).first_asks();
    for kind in 0..ASKED.len() {
        if asks[kind] || first[kind] {
            let count = c.end_mut(from).count_asking_syn(kind, first[kind], asks[kind]);
            c.note_figure(from, ASKED[kind], count, turn.at());
        }
    }
    note_stamp_left_out(c, turn);
}

/// A copy of a SYN without the time stamp that those before bore: some networks drop these, and some hosts try without.
fn note_stamp_left_out(c: &mut Connection, turn: Turn) {
    let from = turn.from;
    let bears = turn.segment.options.timestamps.is_some();
    let first_did = c.end(from).marks().stamps();
    if !bears && !first_did {
        return;
    }
    let count = c.end_mut(from).count_asking_syn(ASKED.len(), first_did, bears);
    if !bears {
        c.note_figure(from, Fact::SynLeftOutStamps, count, turn.at());
    }
}

/// A SYN with a signature, or the first answer to one: an end with no password, or another one, drops it silently (RFC 2385,
/// 2.0).
pub(super) fn note_signature(c: &mut Connection, turn: Turn) {
    if turn.segment.options.signed {
        c.note(turn.from, Fact::SynSigned, turn.at());
    }
}

/// A SYN-ACK that echoes a time stamp which no SYN of the other end can have borne: that end refuses it (RFC 7323, 5.2, and the
/// checks of Linux in SYN-SENT). An echo older than the last copy's stamp tells that an earlier SYN had arrived; where the capture
/// holds none, the client has been asking since before it began, and no answer has reached it so far.
pub(super) fn note_echo(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let Some((_, echo)) = segment.options.timestamps else { return };
    let asker = c.end(turn.to());
    if echo == 0 || !asker.marks().has_iss() || !asker.marks().stamps() || asker.marks().carried_on() {
        return;
    }
    let span = most_ticks(segment.time_ns.saturating_sub(asker.first_ns()));
    let age = i64::from(c.latest_stamp(turn.to()).wrapping_sub(echo).cast_signed());
    if !(-STAMP_SLACK..=span).contains(&age) {
        c.note_figure(from, Fact::SynAckEchoWrong, u64::from(echo), turn.at());
    } else if age > 0 && c.has(turn.to(), Fact::SynResent) {
        c.note(from, Fact::SynAckOfEarlierSyn, turn.at());
    } else if age > i64::from(OLD_STAMP) && !c.has(from, Fact::SynAckOfEarlierSyn) {
        c.note_figure(from, Fact::SynAckOfEarlierSyn, age.unsigned_abs(), turn.at());
        let gap_ns = age.saturating_mul(SLOWEST_TICK).min(LONGEST_RTO);
        c.end_mut(turn.to()).count_unseen_copy(gap_ns);
    }
}

/// The window of the SYN-ACK was zero, and a bare acknowledgement opens it before anything is sent: a proxy answers so in place
/// of a server that it has yet to ask.
pub(super) fn note_opened_window(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    if !c.end(from).is_shut_since_syn() {
        return;
    }
    let is_bare = segment.payload == 0 && !segment.flags.fin();
    if is_bare && segment.window == 0 {
        return;
    }
    c.end_mut(from).set_shut_since_syn(false);
    if is_bare {
        c.note(from, Fact::SynAckWindowZero, turn.at());
    }
}
