//! Timing: where the time of a connection went, read from its log and its counters.

use crate::tcp::connection::Connection;
use crate::tcp::cue::Cue;
use crate::tcp::entry::Entry;
use crate::tcp::fact::Fact;
use crate::tcp::side::Side;

/// The parts of opening a connection. Times are in ns; what was not captured is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// From the first SYN to the first acknowledgement of a SYN,ACK: the client's wait, wherever the tap is.
    pub connect_ns: Option<i64>,
    /// From the last SYN before it to the first SYN,ACK.
    pub to_syn_ack_ns: Option<i64>,
    /// From the first SYN,ACK to its acknowledgement.
    pub to_ack_ns: Option<i64>,
    /// Copies of the SYN after the first.
    pub syn_copies: u32,
    /// Copies of the SYN,ACK after the first.
    pub syn_ack_copies: u32,
}

impl Opening {
    /// The opening of a connection whose client is the end given.
    #[must_use]
    pub fn of(c: &Connection, client: Side) -> Self {
        let server = client.other();
        let syn_copies = copies(c, client, &[Fact::SynResent]);
        let syn_ack_copies = copies(c, server, &[Fact::SynAckResent, Fact::SynAckResentAfterAck]);
        let copies = Self { syn_copies, syn_ack_copies, ..Self::default() };
        let (opener, answerer) = (c.end(client), c.end(server));
        let is_plain = opener.marks().opened_actively() && !answerer.marks().opened_actively();
        if !is_plain || opener.frames() == 0 || opener.asked_ns() == 0 || answerer.frames() == 0 {
            return copies;
        }
        let [answered, acked] = c.log().first_times(server, [Cue::SentSynAck, Cue::ReceivedAckOfSyn]);
        let to_ack_ns = answered.zip(acked).map(|(from, to)| to - from).filter(|took| *took >= 0);
        let round_trip = Some(c.handshake_ns()).filter(|took| *took > 0);
        Self {
            connect_ns: acked.map(|acked| acked - opener.first_ns()).filter(|took| *took >= 0),
            to_syn_ack_ns: to_ack_ns
                .zip(round_trip)
                .map(|(back, whole)| whole - back)
                .filter(|took| *took >= 0),
            to_ack_ns,
            ..copies
        }
    }
}

/// SYN to the acknowledgement of the SYN,ACK, in ns, once both SYNs were acknowledged.
///
/// When an end was answered last does not say that: a FIN waits for an answer of its own.
#[must_use]
pub fn handshake_ns(c: &Connection) -> Option<i64> {
    let is_over = c.ends().iter().all(|end| {
        let is_acked = end.answered_ns() != 0 || end.acked().after(end.iss());
        end.marks().has_iss() && end.frames() > 0 && is_acked
    });
    Some(c.handshake_ns()).filter(|took| is_over && *took > 0)
}

/// How many copies followed the first, by the figure of any of these facts.
fn copies(c: &Connection, side: Side, facts: &[Fact]) -> u32 {
    if !facts.iter().any(|fact| c.has(side, *fact)) {
        return 0;
    }
    let figures = c.log().entries().filter_map(|entry| match entry {
        Entry::Sighting(seen) if seen.side == side && facts.contains(&seen.fact) => Some(seen.figure),
        _ => None,
    });
    figures.max().map_or(0, |most| u32::try_from(most).unwrap_or(u32::MAX))
}

/// How long an end took by itself before it began to send data, in ns, the way to it and back left out.
#[must_use]
pub fn think_ns(c: &Connection, side: Side) -> i64 {
    (c.turns().waited_ns(side) - on_the_way_ns(c, side)).max(0)
}

/// The longest that an end took by itself for one turn, in ns, the way to it and back left out.
#[must_use]
pub fn longest_think_ns(c: &Connection, side: Side) -> i64 {
    let end = c.end(side);
    let trip_ns = if end.marks().has_rtt() { i64::from(end.rtt_ns()) } else { 0 };
    (c.longest_turns().ns(side) - trip_ns).clamp(0, think_ns(c, side))
}

/// How long the octets that others waited for were under way, in ns: a round trip between the tap and the end for each turn.
fn on_the_way_ns(c: &Connection, side: Side) -> i64 {
    let end = c.end(side);
    let trip_ns = if end.marks().has_rtt() { i64::from(end.rtt_ns()) } else { 0 };
    (trip_ns * i64::from(c.turns().count(side))).min(c.turns().waited_ns(side))
}

/// How long was spent on the way: to open it, and in each turn of either end, in ns.
#[must_use]
pub fn network_ns(c: &Connection, opening: &Opening) -> i64 {
    let turns: i64 = Side::BOTH.into_iter().map(|side| on_the_way_ns(c, side)).sum();
    opening.connect_ns.unwrap_or(0) + turns
}
