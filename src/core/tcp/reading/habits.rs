//! Habits: how to tell the packets of one host from those of others, and copies of a packet from retransmissions.

use super::Turn;
use crate::segment::Segment;
use crate::tcp::connection::Connection;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::thresholds::{
    AT_ONCE, COPY_ON_THE_WAY, FASTEST_TICK, OLD_STAMP, SAME_PACKET, SHORTEST_RTO, STAMP_SLACK,
};

/// Whether the capture holds this segment twice. Two copies of one IPv4 packet have the same identification; without one, a
/// copy is told from a retransmission only if it follows at once and agrees in everything, time stamp included. A host without
/// a socket answers every segment alike, by resets without an identification, and a receiver acknowledges every segment that is
/// out of order alike. No retransmission timer is as short as the time between two copies; some stacks resend with the same
/// identification.
pub(super) fn is_duplicate(c: &Connection, turn: Turn, print: u32) -> bool {
    let Turn { from, segment } = turn;
    let end = c.end(from);
    end.has_just_sent(print)
        && !may_be_said_again(c, turn)
        && is_recent(segment, segment.time_ns - spoke_ns(end))
}

/// Whether a segment without an identification, a bare acknowledgement, a SYN-ACK or a reset, may be the answer to one more
/// segment: its sender answers each of several alike. A SYN-ACK of the sender's timer and one that answers a copy of the SYN are
/// alike within a millisecond.
fn may_be_said_again(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let is_empty = segment.payload == 0 && !segment.flags.fin();
    let is_counted = segment.ip_id.is_some_and(|id| id != 0);
    // In a capture that holds frames twice, the frames that these answer are also there twice.
    let has_heard = c.end(from.other()).last_ns() > c.end(from).last_ns();
    let is_answer = segment.flags.ack() && (!segment.flags.syn() || has_heard);
    let is_one_of_many = is_answer != segment.flags.rst() && !c.has(from, Fact::FramesDuplicated);
    // Whoever acknowledges what nobody was seen to send is answering nothing that the capture holds.
    let claims_more = segment.flags.ack() && segment.ack.after(c.end(from.other()).next());
    is_empty && !is_counted && !claims_more && (is_one_of_many || (segment.flags.rst() && has_heard))
}

/// When the last segment of an end was captured or set aside, in Unix ns.
fn spoke_ns(end: &Endpoint) -> i64 {
    let aside = end.aside().last();
    aside.map_or(end.last_ns(), |aside| aside.segment.time_ns.max(end.last_ns()))
}

/// Whether a packet lacks a habit of its sender: the running count, the label, or the time stamp.
pub(super) fn may_be_foreign(c: &Connection, turn: Turn) -> bool {
    is_off_count(c, turn) || is_foreign(c, turn)
}

/// The same, if no jump of the count may explain it.
pub(super) fn is_foreign(c: &Connection, turn: Turn) -> bool {
    let sender = c.end(turn.from);
    let is_uncounted = turn.segment.has_blank_id() && is_off_count(c, turn);
    let is_from_elsewhere = sender.ttl() != 0 && sender.ttl() != turn.segment.ttl;
    is_uncounted || is_unlabelled(c, turn) || is_unstamped(c, turn) || leaps(c, turn) || is_from_elsewhere
}

/// Whether a packet's time stamp is ahead of the last one by more than the fastest clock has ticked.
fn leaps(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let Some((value, _)) = segment.options.timestamps else { return false };
    let ahead = i64::from(value.wrapping_sub(c.latest_stamp(from)).cast_signed());
    let passed_ns = (segment.time_ns - c.end(from).last_ns()).max(0);
    c.end(from).marks().stamps() && ahead > passed_ns / FASTEST_TICK + STAMP_SLACK
}

/// Whether a segment bears a time stamp older than the last accepted (RFC 7323, 5.3). A tap may have shown the two in
/// another order, but not one that came another way.
#[inline]
pub(super) fn is_stamped_before(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let stamped = c.end(from).marks().stamps() && c.end(turn.to()).marks().stamps();
    let slack = if c.end(from).ttl() == segment.ttl { OLD_STAMP } else { 0 };
    segment.options.timestamps.is_some_and(|(value, _)| stamped && age(value, c.latest_stamp(from)) > slack)
}

/// By how many ticks a time stamp is older than another one.
pub(super) const fn age(value: u32, than: u32) -> i32 {
    than.wrapping_sub(value).cast_signed()
}

/// Whether a packet has no time stamp on a connection whose ends have agreed on time stamps (RFC 7323, 3.2).
pub(super) fn is_unstamped(c: &Connection, turn: Turn) -> bool {
    let options = &turn.segment.options;
    let agreed = c.ends().iter().all(|end| end.marks().stamps());
    agreed && options.timestamps.is_none() && !options.malformed
}

/// Whether a packet has no time stamp though its sender's SYN had one, and nothing shows yet that the other end uses none.
pub(super) fn drops_stamps(c: &Connection, turn: Turn) -> bool {
    let options = &turn.segment.options;
    c.end(turn.from).marks().stamps() && options.timestamps.is_none() && !options.malformed
}

/// Whether a packet has no flow label, though its sender's packets have one.
pub(super) fn is_unlabelled(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    c.end(from).marks().labels() && !segment.labelled
}

/// Whether a packet does not carry on the count that its sender keeps in the IPv4 identification. If a host counts the packets
/// of all its sockets together, that says nothing.
pub(super) fn is_off_count(c: &Connection, turn: Turn) -> bool {
    let from = turn.from;
    let sender = c.end(from);
    let counts_for_itself = sender.marks().counts_ip_id() && !sender.shares_count();
    counts_for_itself && !is_counted_on(c, turn)
}

/// Whether a packet is the one that its sender sent right after the last one captured.
pub(super) fn is_next_packet(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    sender.marks().has_ip_id() && segment.ip_id == Some(sender.ip_id().wrapping_add(1))
}

/// Whether a packet carries on that count.
pub(super) fn is_counted_on(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    segment.ip_id.is_some_and(|id| c.end(from).is_close_behind(id))
}

/// Whether the network has copied this segment from an earlier one: it has that segment's time stamp, and its identification if
/// there is one, which a retransmission so much later would not have. The copy arrives, and may be answered.
pub(super) fn is_copy_on_the_way(c: &Connection, turn: Turn, print: u32) -> bool {
    let Turn { from, segment } = turn;
    let end = c.end(from);
    let patience = if segment.ip_id.is_some_and(|id| id != 0) { COPY_ON_THE_WAY } else { SHORTEST_RTO };
    let is_soon = segment.time_ns - end.last_ns() < patience;
    let is_its_own = segment.flags.rst() || may_be_said_again(c, turn);
    segment.options.timestamps.is_some() && is_soon && end.has_just_sent(print) && !is_its_own
}

/// Whether a copy of a packet may come so long after the packet of the same sender before it.
pub(super) fn is_recent(segment: &Segment, age_ns: i64) -> bool {
    let patience = match (segment.ip_id, segment.options.timestamps) {
        (None, None) => AT_ONCE,
        _ => SAME_PACKET,
    };
    (0..patience).contains(&age_ns)
}

/// A number that copies of one packet share, and that a retransmission hardly ever has.
#[inline]
pub(super) fn fingerprint(segment: &Segment) -> u32 {
    let stamp = segment.options.timestamps.map_or(0, |(value, _)| value);
    let block = segment.options.sack.map_or(0, |(left, right)| left.0 ^ right.0.rotate_left(16));
    let words = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
    let halves = |high: u16, low: u16| u32::from(high) << 16 | u32::from(low);
    let numbers = words(segment.seq.0, segment.ack.0).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let header = words(segment.payload ^ block, halves(segment.flags.0, segment.window));
    let packet = words(stamp, halves(segment.ip_id.unwrap_or(0), segment.checksum));
    let others = header.wrapping_mul(0xc2b2_ae3d_27d4_eb4f) ^ packet.wrapping_mul(0x1656_67b1_9e37_79f9);
    let sum = numbers ^ others.rotate_left(32);
    ((sum ^ sum >> 29).wrapping_mul(0x9fb2_1c65_1e98_df25) >> 32) as u32
}
