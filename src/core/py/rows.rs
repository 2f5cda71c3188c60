//! Records as tuples of plain numbers and strings, in the order of the fields of `wirestat.model`.

use crate::address::{Ip, Scope};
use crate::flows::ladder::Line;
use crate::flows::listeners::{Listener, Socket};
use crate::flows::slab::Slot;
use crate::flows::table::{Flows, Reason};
use crate::flows::tally::{Moves, Signature, Tally, derived_of_connection, derived_of_end};
use crate::flows::udp::Conversation;
use crate::flows::{key::Key, tally::Alike};
use crate::tcp::connection::{Connection, Reading};
use crate::tcp::cue::Cue;
use crate::tcp::entry::{Entry, Side, Sighting, Standing, Transition, Verdict};
use crate::tcp::fact::Fact;
use crate::tcp::state::State;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A tuple on its way to Python.
pub type Row = Py<PyTuple>;

/// Makes a tuple of values of any length; Rust's own tuples end at twelve.
macro_rules! row {
    ($py:expr, $($value:expr),* $(,)?) => {{
        use pyo3::IntoPyObjectExt;
        let py = $py;
        pyo3::types::PyTuple::new(py, [$($value.into_py_any(py)?),*]).map(pyo3::Bound::unbind)
    }};
}
pub(super) use row;

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

/// 0 for the client, 1 for the server.
const fn role(side: Side, client: Side) -> u8 {
    (side != client) as u8
}

/// A connection, as of the last frame.
pub fn connection(py: Python<'_>, flows: &Flows, slot: &Slot, tunnel: Option<String>) -> PyResult<Row> {
    let c = &slot.connection;
    let (client, reason) = flows.client_of(slot);
    let mut transitions = Vec::new();
    let mut facts = Vec::new();
    for entry in c.log.entries() {
        match entry {
            Entry::Transition(t) => transitions.push(transition(py, &t, client)?),
            Entry::Sighting(s) => facts.push(sighting(py, &s, client)?),
        }
    }
    for fact in derived_of_connection(c).iter() {
        facts.push(row!(py, fact as u8, None::<u8>, c.first_frame, c.first_ns(), 0)?);
    }
    for side in [client, 1 - client] {
        for fact in derived_of_end(&c.ends[side]).iter() {
            let (frame, time_ns) = first_sight(c, side, fact);
            facts.push(row!(py, fact as u8, Some(role(side, client)), frame, time_ns, 0)?);
        }
    }
    row!(
        py,
        slot.id,
        endpoint(py, flows, slot, client)?,
        endpoint(py, flows, slot, 1 - client)?,
        slot.incarnation,
        flows.before(slot).map(|before| before.id),
        reason_number(reason),
        tunnel,
        c.first_ns(),
        c.last_ns(),
        c.first_frame,
        c.last_frame,
        handshake(c),
        transitions,
        facts
    )
}

/// When a derived fact about an end was first to be seen, as closely as the log tells.
fn first_sight(c: &Connection, side: Side, fact: Fact) -> (u64, i64) {
    let fin = c.log.transitions().find(|t| {
        fact == Fact::FinSent && t.side == side && matches!(t.cue, Cue::SentFin | Cue::SentFinPerhaps)
    });
    fin.map_or((c.first_frame, c.ends[side].first_ns), |t| (t.frame, t.time_ns))
}

fn handshake(c: &Connection) -> Option<i64> {
    let complete = c.ends.iter().all(|end| end.marks.has_iss() && end.answered_ns != 0 && end.frames > 0);
    (complete && c.handshake_ns > 0).then_some(c.handshake_ns)
}

const fn reason_number(reason: Reason) -> u8 {
    reason as u8
}

/// One transition.
pub fn transition(py: Python<'_>, t: &Transition, client: Side) -> PyResult<Row> {
    let (confirmed, retracted) = match t.verdict {
        Verdict::Open => (None, None),
        Verdict::Confirmed(frame) => (Some(frame), None),
        Verdict::Retracted(frame) => (None, Some(frame)),
    };
    row!(
        py,
        role(t.side, client),
        t.from as u8,
        t.to as u8,
        t.time_ns,
        t.frame,
        t.cue as u8,
        t.evidence as u8,
        confirmed,
        retracted
    )
}

/// One fact.
pub fn sighting(py: Python<'_>, s: &Sighting, client: Side) -> PyResult<Row> {
    let who = (!s.fact.is_of_connection()).then(|| role(s.side, client));
    row!(py, s.fact as u8, who, s.frame, s.time_ns, s.figure)
}

fn endpoint(py: Python<'_>, flows: &Flows, slot: &Slot, side: Side) -> PyResult<Row> {
    let (key, c) = (slot.key(), &slot.connection);
    let end = &c.ends[side];
    let grounds = c.grounds(side);
    let now = flows.traffic.last_ns.unwrap_or_default();
    let others: Vec<u8> =
        c.alternatives(side, now, flows.profile()).into_iter().map(|state: State| state as u8).collect();
    let rare = end.rare.as_deref().cloned().unwrap_or_default();
    let spoke = end.frames > 0;
    row!(
        py,
        address(key.ips[side], key.scope),
        key.ports[side],
        end.state as u8,
        grounds.map(|t| t.evidence as u8),
        grounds.is_some_and(|t| t.is_proven()),
        others,
        grounds.map(|t| t.time_ns),
        end.first_state as u8,
        end.all_frames(),
        end.bytes,
        rare.retransmitted_frames,
        rare.retransmitted_bytes,
        rare.out_of_order_frames,
        rare.duplicate_frames,
        rare.unseen_bytes,
        end.unacknowledged(),
        spoke.then_some(end.first_ns),
        spoke.then_some(end.last_ns),
        end.marks.has_iss().then_some(end.iss.0),
        (end.mss != 0).then_some(end.mss),
        end.marks.offered_scale().then_some(end.scale),
        spoke.then_some(end.window),
        (end.ttl != 0).then_some(end.ttl)
    )
}

/// One UDP conversation.
pub fn conversation(py: Python<'_>, key: &Key, c: &Conversation) -> PyResult<Row> {
    row!(
        py,
        address(key.ips[0], key.scope),
        key.ports[0],
        address(key.ips[1], key.scope),
        key.ports[1],
        c.frames[0],
        c.bytes[0],
        c.frames[1],
        c.bytes[1],
        c.first_ns,
        c.last_ns
    )
}

/// The states, transitions and signatures of all connections.
pub fn tally(py: Python<'_>, tally: &Tally) -> PyResult<Row> {
    let moves: Vec<Row> = tally
        .moves
        .iter()
        .map(|(role, from, to, moves)| move_row(py, role, from, to, moves))
        .collect::<PyResult<_>>()?;
    let mut alike: Vec<_> = tally.signatures.iter().collect();
    alike.sort_by_cached_key(|(_, alike)| (std::cmp::Reverse(alike.count), alike.examples.ids()));
    let signatures: Vec<Row> = alike
        .into_iter()
        .map(|(signature, alike)| signature_row(py, signature, alike))
        .collect::<PyResult<_>>()?;
    let mut busiest: Vec<_> = tally.listeners.0.iter().collect();
    busiest.sort_unstable_by_key(|(socket, l)| (std::cmp::Reverse(l.connections), l.first_frame, **socket));
    let listeners: Vec<Row> = busiest
        .into_iter()
        .take(MOST_LISTENERS)
        .map(|(socket, listener)| listener_row(py, *socket, listener))
        .collect::<PyResult<_>>()?;
    let states = tally.states.map(|counts| counts.to_vec()).to_vec();
    let beyond = tally.signatures_beyond;
    row!(py, tally.connections, tally.incarnations, states, moves, signatures, beyond, listeners)
}

/// Sockets that are reported: those with the most connections.
const MOST_LISTENERS: usize = 1000;

fn listener_row(py: Python<'_>, Socket { ip, port, scope }: Socket, l: &Listener) -> PyResult<Row> {
    let crowded = l.most_in_time_wait();
    row!(
        py,
        address(ip, scope),
        port,
        l.connections,
        l.clients.count(),
        l.answered,
        l.refused,
        l.unanswered,
        l.states[State::SynRecv as usize],
        l.embryonic.value(),
        l.short_lived,
        l.states.to_vec(),
        l.client_states.to_vec(),
        crowded.map_or(0, |(peak, _)| peak),
        crowded.map(|(_, client)| address(client, scope)),
        l.first_frame,
        l.examples.ids()
    )
}

fn move_row(py: Python<'_>, role: usize, from: State, to: State, m: &Moves) -> PyResult<Row> {
    row!(
        py,
        role,
        from as u8,
        to as u8,
        m.count(),
        m.of(Standing::Seen),
        m.of(Standing::Confirmed),
        m.of(Standing::Presumed),
        m.of(Standing::Implied),
        m.of(Standing::Timer),
        m.of(Standing::Retracted),
        m.examples.ids()
    )
}

fn signature_row(py: Python<'_>, s: &Signature, alike: &Alike) -> PyResult<Row> {
    let numbers = |role: usize| s.facts[role].iter().map(|fact| fact as u8).collect::<Vec<_>>();
    row!(
        py,
        s.states[0] as u8,
        s.states[1] as u8,
        s.proven[0],
        s.proven[1],
        numbers(0),
        numbers(1),
        alike.count,
        alike.examples.ids()
    )
}

/// The segments of the connection that was traced; sequence numbers relative to each end's first.
pub fn ladder(py: Python<'_>, lines: &[Line], slot: &Slot, client: Side) -> PyResult<Vec<Row>> {
    let base = [0, 1].map(|side: usize| {
        let end = &slot.connection.ends[side];
        let first = lines.iter().find(|line| line.from == side).map(|line| line.segment.seq);
        let acked = lines.iter().find(|line| line.from != side).map(|line| line.segment.ack);
        if end.marks.has_iss() { Some(end.iss) } else { first.or(acked) }
    });
    lines
        .iter()
        .map(|line| {
            let s = &line.segment;
            let relative = |side: usize, seq: crate::seq::Seq| base[side].map_or(0, |base| seq.since(base));
            let shift = &slot.connection.ends[line.from];
            let scale = if shift.marks.is_scaled() && !s.flags.syn() { shift.scale } else { 0 };
            row!(
                py,
                s.frame,
                s.time_ns,
                role(line.from, client),
                s.flags.0,
                relative(line.from, s.seq),
                s.flags.ack().then(|| relative(1 - line.from, s.ack)),
                s.payload,
                u32::from(s.window) << scale,
                reading_words(line.reading)
            )
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
    }
}
