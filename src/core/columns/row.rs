//! A connection and its ends for columns and JSON, read from the flow table. No other file of this directory depends
//! on how a connection is stored.

use super::remembered::{Remembered, Sight, Step, Then};
use super::values::FactSet;
use crate::address::{Ip, Scope};
use crate::flows::key::Key;
use crate::flows::signature::Signature;
use crate::flows::slab::Slot;
use crate::flows::table::{DirectionReason, Flows};
use crate::flows::timing::{self, Opening};
use crate::tcp::connection::Connection;
use crate::tcp::cue::{Cue, Evidence};
use crate::tcp::endpoint::Endpoint;
use crate::tcp::entry::{Entry, Transition};
use crate::tcp::fact::{Fact, Facts};
use crate::tcp::side::Side;
use crate::tcp::state::State;
use crate::zeek::community::{Flow, TCP};
use std::cell::OnceCell;

/// A connection, as of the last frame. Values from its log are computed once, on demand: many callers need only an
/// address and a state.
pub struct Row<'a> {
    flows: &'a Flows,
    slot: &'a Slot,
    key: Key,
    /// Which end is the client.
    pub client: Side,
    /// How that is known.
    pub reason: DirectionReason,
    signature: OnceCell<Signature>,
    opening: OnceCell<Opening>,
}

impl<'a> Row<'a> {
    /// The connection in a slot.
    #[must_use]
    pub fn of(flows: &'a Flows, slot: &'a Slot) -> Self {
        let (client, reason) = flows.client_of(slot);
        let (signature, opening) = (OnceCell::new(), OnceCell::new());
        Self { flows, slot, key: slot.key(), client, reason, signature, opening }
    }

    /// The id of the incarnation before, where it is still kept.
    #[must_use]
    pub fn previous(&self) -> Option<u64> {
        self.flows.before(self.slot).map(|before| before.id)
    }

    /// How it was opened.
    #[must_use]
    pub fn opening(&self) -> &Opening {
        self.opening.get_or_init(|| Opening::of(self.connection(), self.client))
    }

    fn signature(&self) -> &Signature {
        self.signature.get_or_init(|| Signature::of(self.connection(), self.client))
    }

    const fn connection(&self) -> &'a Connection {
        &self.slot.connection
    }

    /// Its id: connections are counted from 1 in the order of their first segments.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.slot.id
    }

    /// Its incarnation: 1 for the first connection on its 4-tuple.
    #[must_use]
    pub const fn incarnation(&self) -> u32 {
        self.slot.incarnation
    }

    /// Its address family, and the tunnels around it.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.key.scope
    }

    /// Its two ends, the client first.
    #[must_use]
    pub fn flow(&self) -> Flow {
        let Key { ips, ports, scope } = self.key;
        let (client, server) = (self.client, self.client.other());
        Flow { ips: [ips[client], ips[server]], ports: [ports[client], ports[server]], scope, protocol: TCP }
    }

    /// The states of the client and of the server.
    #[must_use]
    pub fn states(&self) -> [State; 2] {
        [self.client, self.client.other()].map(|side| self.connection().end(side).state())
    }

    /// When its first segment was captured, in Unix ns.
    #[must_use]
    pub fn first_time_ns(&self) -> i64 {
        self.connection().first_ns()
    }

    /// When its last segment was captured, in Unix ns.
    #[must_use]
    pub fn last_time_ns(&self) -> i64 {
        self.connection().last_ns()
    }

    /// The frame of its first segment.
    #[must_use]
    pub const fn first_frame(&self) -> u64 {
        self.connection().first_frame()
    }

    /// The frame of its last segment.
    #[must_use]
    pub const fn last_frame(&self) -> u64 {
        self.connection().last_frame()
    }

    /// The time from the SYN to the acknowledgement of the SYN,ACK, in ns.
    #[must_use]
    pub fn handshake_rtt_ns(&self) -> Option<i64> {
        timing::handshake_ns(self.connection())
    }

    /// The time from the client's last segment to the server's first data, in ns.
    #[must_use]
    pub fn first_byte_ns(&self) -> Option<i64> {
        let turns = self.connection().turns();
        (turns.count(self.client.other()) > 0).then(|| turns.first_ns())
    }

    /// The time spent on the path, in ns: to connect, and a round trip for each turn.
    #[must_use]
    pub fn network_ns(&self) -> i64 {
        timing::network_ns(self.connection(), self.opening())
    }

    /// The facts about the connection as a whole.
    #[must_use]
    pub fn facts(&self) -> FactSet {
        FactSet(self.signature().facts[0].only(true))
    }

    /// Calls `each` with the entries of its log, in the order in which they were inferred, and then with the facts
    /// that are derived from its ends.
    pub fn entries(&self, mut each: impl FnMut(Remembered)) {
        let c = self.connection();
        for entry in c.log().entries() {
            each(match entry {
                Entry::Transition(transition) => Remembered::Step(Step {
                    connection: self.id(),
                    server: self.is_server(transition.side),
                    transition,
                }),
                Entry::Sighting(s) => Remembered::Sight(Sight {
                    connection: self.id(),
                    fact: s.fact,
                    server: (!s.fact.is_of_connection()).then(|| self.is_server(s.side)),
                    frame: s.frame,
                    time_ns: s.time_ns,
                    figure: (s.figure != 0).then_some(s.figure),
                }),
            });
        }
        self.derived(|sight| each(Remembered::Sight(sight)));
    }

    fn derived(&self, mut each: impl FnMut(Sight)) {
        use crate::flows::signature::{derived_of_connection, derived_of_end};
        let c = self.connection();
        let sight = |fact, server, frame, time_ns| Sight {
            connection: self.id(),
            fact,
            server,
            frame,
            time_ns,
            figure: None,
        };
        let of_connection = derived_of_connection(c);
        if of_connection != Facts::default() {
            for fact in of_connection.iter() {
                each(sight(fact, None, c.first_frame(), c.first_ns()));
            }
        }
        for side in [self.client, self.client.other()] {
            let of_end = derived_of_end(c.end(side));
            for fact in of_end.iter() {
                let (frame, time_ns) = first_sight(c, side, fact);
                each(sight(fact, Some(self.is_server(side)), frame, time_ns));
            }
        }
    }

    /// Its state at an instant, as best known now.
    #[must_use]
    pub fn at(&self, at_ns: i64) -> Then {
        let had_begun = self.first_time_ns() <= at_ns;
        let [client, server] =
            [self.client, self.client.other()].map(|side| had_begun.then(|| self.state_at(side, at_ns)));
        Then { connection: self.id(), client, server }
    }

    fn state_at(&self, side: Side, at_ns: i64) -> (State, Option<i64>) {
        let c = self.connection();
        let until = c.log().moves().filter(|made| made.is_believed_of(side) && made.time_ns <= at_ns);
        until.last().map_or((c.end(side).first_state(), None), |made| (made.to, Some(made.time_ns)))
    }

    fn is_server(&self, side: Side) -> bool {
        side != self.client
    }
}

/// When a derived fact about an end first became visible, as closely as the log shows it.
#[must_use]
pub fn first_sight(c: &Connection, side: Side, fact: Fact) -> (u64, i64) {
    let is_fin = fact == Fact::FinSent;
    let fin = if is_fin { c.log().first_by(side, Cue::FINS) } else { None };
    fin.map_or((c.first_frame(), c.end(side).first_ns()), |t| (t.frame, t.time_ns))
}

/// One end of a connection, as of the last frame.
pub struct End<'a> {
    row: &'a Row<'a>,
    side: Side,
    end: &'a Endpoint,
    /// Its address.
    pub ip: Ip,
    /// Its address family.
    pub scope: Scope,
    /// Its port.
    pub port: u16,
    grounds: OnceCell<Option<Transition>>,
}

impl<'a> End<'a> {
    /// The client, and the server.
    #[must_use]
    pub fn both(row: &'a Row<'a>) -> [Self; 2] {
        [Self::of(row, row.client), Self::of(row, row.client.other())]
    }

    fn of(row: &'a Row<'a>, side: Side) -> Self {
        let Key { ips, ports, scope } = row.key;
        let (ip, port) = (ips[side], ports[side]);
        Self { row, side, end: row.connection().end(side), ip, scope, port, grounds: OnceCell::new() }
    }

    fn grounds(&self) -> Option<Transition> {
        *self.grounds.get_or_init(|| self.row.connection().grounds(self.side))
    }

    fn has_spoken(&self) -> bool {
        self.end.frames() > 0
    }

    /// Its state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.end.state()
    }

    /// The evidence of its last transition.
    #[must_use]
    pub fn evidence(&self) -> Option<Evidence> {
        self.grounds().map(|grounds| grounds.evidence)
    }

    /// Whether its state is proven.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.grounds().is_some_and(|grounds| grounds.is_proven())
    }

    /// Other states that also fit the evidence.
    #[must_use]
    pub fn or_since(&self) -> Vec<State> {
        self.row.connection().alternatives(self.side, self.row.flows.moment())
    }

    /// How often it took a turn: it began to send data at the start, or after data of the other end.
    #[must_use]
    pub fn turns(&self) -> u16 {
        self.row.connection().turns().count(self.side)
    }

    /// Its total think time before these turns, in ns.
    #[must_use]
    pub fn think_ns(&self) -> i64 {
        timing::think_ns(self.row.connection(), self.side)
    }

    /// Its longest single think time, in ns.
    #[must_use]
    pub fn longest_think_ns(&self) -> i64 {
        timing::longest_think_ns(self.row.connection(), self.side)
    }

    /// When it entered its state, in Unix ns.
    #[must_use]
    pub fn since_ns(&self) -> Option<i64> {
        self.grounds().map(|grounds| grounds.time_ns)
    }

    /// The state it was in before the first segment.
    #[must_use]
    pub const fn first_state(&self) -> State {
        self.end.first_state()
    }

    /// Segments that it sent, without captured duplicates.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.end.all_frames()
    }

    /// Payload octets that it sent, retransmissions included.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.end.bytes()
    }

    /// Segments whose octets had all been captured before.
    #[must_use]
    pub fn retransmitted_frames(&self) -> u64 {
        self.end.retransmitted_frames()
    }

    /// Payload octets of its retransmitted segments.
    #[must_use]
    pub fn retransmitted_bytes(&self) -> u64 {
        self.end.retransmitted_bytes()
    }

    /// Segments that filled a hole.
    #[must_use]
    pub fn out_of_order_frames(&self) -> u64 {
        self.end.out_of_order_frames()
    }

    /// Frames that the capture holds twice.
    #[must_use]
    pub fn duplicate_frames(&self) -> u64 {
        self.end.duplicate_frames()
    }

    /// Octets that were acknowledged but never captured.
    #[must_use]
    pub fn unseen_bytes(&self) -> u64 {
        self.end.unseen_bytes()
    }

    /// Octets sent and not yet acknowledged.
    #[must_use]
    pub const fn unacknowledged_bytes(&self) -> u32 {
        self.end.unacknowledged()
    }

    /// When its first segment was captured, in Unix ns.
    #[must_use]
    pub fn first_time_ns(&self) -> Option<i64> {
        self.has_spoken().then_some(self.end.first_ns())
    }

    /// When its last segment was captured, in Unix ns.
    #[must_use]
    pub fn last_time_ns(&self) -> Option<i64> {
        self.has_spoken().then_some(self.end.last_ns())
    }

    /// Its initial sequence number.
    #[must_use]
    pub fn isn(&self) -> Option<u32> {
        self.end.marks().has_iss().then_some(self.end.iss().0)
    }

    /// Its maximum segment size, in bytes.
    #[must_use]
    pub fn mss(&self) -> Option<u16> {
        (self.end.mss() != 0).then_some(self.end.mss())
    }

    /// The window scale that it offered.
    #[must_use]
    pub fn window_scale(&self) -> Option<u8> {
        self.end.marks().offered_scale().then_some(self.end.scale())
    }

    /// The receive window that it advertised last, in bytes.
    #[must_use]
    pub fn window(&self) -> Option<u32> {
        self.has_spoken().then_some(self.end.window())
    }

    /// TTL or hop limit of its last segment other than a reset.
    #[must_use]
    pub fn ttl(&self) -> Option<u8> {
        (self.end.ttl() != 0).then_some(self.end.ttl())
    }

    /// The shortest round trip between the tap and it, in ns.
    #[must_use]
    pub fn rtt_ns(&self) -> Option<i64> {
        self.end.marks().has_rtt().then_some(i64::from(self.end.rtt_ns()))
    }

    /// The facts about it.
    #[must_use]
    pub fn facts(&self) -> FactSet {
        FactSet(self.row.signature().facts[usize::from(self.row.is_server(self.side))].only(false))
    }
}
