//! The contents of the table, as records for Python.

use super::model::{Connection, Endpoint, LadderLine, Sighting, Transition, UdpConversation};
use super::record::Tuple;
use super::words::Role;
use crate::address::{Ip, Scope};
use crate::columns::row::first_sight;
use crate::flows::key::Key;
use crate::flows::ladder::Line;
use crate::flows::signature::{derived_of_connection, derived_of_end};
use crate::flows::slab::Slot;
use crate::flows::table::Flows;
use crate::flows::timing::{self, Opening};
use crate::flows::udp::Conversation;
use crate::tcp::connection;
use crate::tcp::entry::{self, Entry, Verdict};
use crate::tcp::reading::Reading;
use crate::tcp::side::Side;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An address in text.
pub fn address(ip: Ip, scope: Scope) -> String {
    if scope.is_ipv6() {
        Ipv6Addr::from(ip).to_string()
    } else {
        let [a, b, c, d, ..] = ip;
        Ipv4Addr::new(a, b, c, d).to_string()
    }
}

/// One end's address in text, and its port.
pub fn socket(key: &Key, side: Side) -> (String, u16) {
    (address(key.ips[side], key.scope), key.ports[side])
}

/// The role of an end.
fn role(side: Side, client: Side) -> Role {
    if side == client { Role::Client } else { Role::Server }
}

/// A connection, as of the last frame.
pub fn connection(flows: &Flows, slot: &Slot, tunnel: Option<String>) -> Connection {
    let c = &slot.connection;
    let (client, direction_reason) = flows.client_of(slot);
    let opening = Opening::of(c, client);
    let transitions = c.log().transitions().map(|t| transition(&t, client)).collect();
    Connection {
        id: slot.id,
        client: endpoint(flows, slot, client),
        server: endpoint(flows, slot, client.other()),
        incarnation: slot.incarnation,
        previous: flows.before(slot).map(|before| before.id),
        direction_reason,
        tunnel,
        first_time_ns: c.first_ns(),
        last_time_ns: c.last_ns(),
        first_frame: c.first_frame(),
        last_frame: c.last_frame(),
        handshake_rtt_ns: timing::handshake_ns(c),
        transitions,
        facts: facts(c, client),
        connect_ns: opening.connect_ns,
        syn_copies: opening.syn_copies,
        syn_ack_copies: opening.syn_ack_copies,
        syn_to_syn_ack_ns: opening.to_syn_ack_ns,
        syn_ack_to_ack_ns: opening.to_ack_ns,
        first_byte_ns: (c.turns().count(client.other()) > 0).then(|| c.turns().first_ns()),
        network_ns: timing::network_ns(c, &opening),
    }
}

/// The facts of the log, then those derived from the connection and its ends.
fn facts(c: &connection::Connection, client: Side) -> Tuple<Sighting> {
    let mut facts: Vec<Sighting> = Vec::new();
    facts.extend(c.log().entries().filter_map(|entry| match entry {
        Entry::Sighting(s) => Some(sighting(&s, client)),
        Entry::Transition(_) => None,
    }));
    let derived = |fact, endpoint, frame, time_ns| Sighting { fact, endpoint, frame, time_ns, figure: None };
    facts.extend(
        derived_of_connection(c).iter().map(|fact| derived(fact, None, c.first_frame(), c.first_ns())),
    );
    for side in [client, client.other()] {
        facts.extend(derived_of_end(c.end(side)).iter().map(|fact| {
            let (frame, time_ns) = first_sight(c, side, fact);
            derived(fact, Some(role(side, client)), frame, time_ns)
        }));
    }
    Tuple(facts)
}

/// One transition.
pub fn transition(t: &entry::Transition, client: Side) -> Transition {
    let (confirmed_by, retracted_by) = match t.verdict {
        Verdict::Open | Verdict::Undated => (None, None),
        Verdict::Confirmed(frame) => (Some(frame), None),
        Verdict::Retracted(frame) => (None, Some(frame)),
    };
    Transition {
        endpoint: role(t.side, client),
        from_state: t.from,
        to: t.to,
        time_ns: t.time_ns,
        frame: t.frame,
        cue: t.cue,
        evidence: t.evidence,
        confirmed_by,
        retracted_by,
    }
}

/// One fact.
pub fn sighting(s: &entry::Sighting, client: Side) -> Sighting {
    Sighting {
        fact: s.fact,
        endpoint: (!s.fact.is_of_connection()).then(|| role(s.side, client)),
        frame: s.frame,
        time_ns: s.time_ns,
        figure: (s.figure != 0).then_some(s.figure),
    }
}

fn endpoint(flows: &Flows, slot: &Slot, side: Side) -> Endpoint {
    let (key, c) = (slot.key(), &slot.connection);
    let end = c.end(side);
    let grounds = c.grounds(side);
    let spoke = end.frames() > 0;
    Endpoint {
        address: address(key.ips[side], key.scope),
        port: key.ports[side],
        state: end.state(),
        evidence: grounds.map(|t| t.evidence),
        confirmed: grounds.is_some_and(|t| t.is_proven()),
        or_since: c.alternatives(side, flows.moment()).into_iter().collect(),
        since_ns: grounds.map(|t| t.time_ns),
        first_state: end.first_state(),
        frames: end.all_frames(),
        bytes: end.bytes(),
        retransmitted_frames: end.retransmitted_frames(),
        retransmitted_bytes: end.retransmitted_bytes(),
        out_of_order_frames: end.out_of_order_frames(),
        duplicate_frames: end.duplicate_frames(),
        unseen_bytes: end.unseen_bytes(),
        unacknowledged_bytes: end.unacknowledged().into(),
        first_time_ns: spoke.then_some(end.first_ns()),
        last_time_ns: spoke.then_some(end.last_ns()),
        isn: end.marks().has_iss().then_some(end.iss().0),
        mss: (end.mss() != 0).then_some(end.mss()),
        window_scale: end.marks().offered_scale().then_some(end.scale()),
        window: spoke.then_some(end.window()),
        ttl: (end.ttl() != 0).then_some(end.ttl()),
        turns: c.turns().count(side),
        think_ns: timing::think_ns(c, side),
        longest_think_ns: timing::longest_think_ns(c, side),
    }
}

/// One UDP conversation.
pub fn conversation(key: &Key, c: &Conversation) -> UdpConversation {
    let [(address_a, port_a), (address_b, port_b)] = Side::BOTH.map(|side| socket(key, side));
    UdpConversation {
        address_a,
        port_a,
        address_b,
        port_b,
        frames_a: c.frames[0],
        bytes_a: c.bytes[0],
        frames_b: c.frames[1],
        bytes_b: c.bytes[1],
        first_time_ns: c.first_ns,
        last_time_ns: c.last_ns,
    }
}

/// The segments of the connection that was traced; sequence numbers relative to each end's first.
pub fn ladder(lines: &[Line], slot: &Slot, client: Side) -> Vec<LadderLine> {
    let base = Side::BOTH.map(|side| {
        let end = slot.connection.end(side);
        let first = lines.iter().find(|line| line.from == side).map(|line| line.seq);
        let acked = lines.iter().find(|line| line.from != side).map(|line| line.ack);
        if end.marks().has_iss() { Some(end.iss()) } else { first.or(acked) }
    });
    let relative = |side: Side, seq: crate::seq::Seq| base[side].map_or(0, |base| seq.since(base));
    lines
        .iter()
        .map(|line| {
            let shift = slot.connection.end(line.from);
            let scale = if shift.marks().is_scaled() && !line.flags.syn() { shift.scale() } else { 0 };
            LadderLine {
                frame: line.frame,
                time_ns: line.time_ns,
                sender: role(line.from, client),
                flags: line.flags.0,
                seq: relative(line.from, line.seq),
                ack: line.flags.ack().then(|| relative(line.from.other(), line.ack)),
                payload: line.payload,
                window: u32::from(line.window) << scale,
                notes: reading_words(line.reading).into_iter().collect(),
            }
        })
        .collect()
}

const fn reading_words(reading: Reading) -> Option<&'static str> {
    match reading {
        Reading::Plain => None,
        Reading::Duplicate => Some("duplicate frame"),
        Reading::Retransmission => Some("retransmission"),
        Reading::OutOfOrder => Some("out of order"),
        Reading::AfterHole => Some("earlier bytes missing"),
        Reading::Keepalive => Some("keepalive"),
        Reading::WindowProbe => Some("window probe"),
        Reading::Stray => Some("stray"),
        Reading::Unacceptable => Some("unacceptable"),
        Reading::SetAside => Some("unacceptable so far"),
    }
}
