//! A connection as populations see it: who came to whom, and what came of it.

use super::socket::{Between, Host, Socket};
use crate::flows::key::Key;
use crate::flows::proof::Proof;
use crate::flows::slab::Slot;
use crate::tcp::connection::Connection;
use crate::tcp::endpoint::Endpoint;
use crate::tcp::entry::{Entry, Move, Sighting, Standing};
use crate::tcp::fact::{Fact, Facts};
use crate::tcp::profile::SECOND;
use crate::tcp::side::Side;
use crate::tcp::state::State;

/// A connection that is counted.
pub struct Visit<'a> {
    /// Its id.
    pub id: u64,
    /// Its 4-tuple.
    pub key: Key,
    /// The connection.
    pub connection: &'a Connection,
    /// Which end is the client.
    pub client: Side,
    /// Those moves of each end that [`counts`] picks.
    pub moves: [&'a [Move]; 2],
    /// How much of it was proven.
    pub proof: Proof,
    /// The facts that every population asks about.
    outcome: Outcome,
}

/// How the opening of a connection ended: found once, since every population asks.
struct Outcome {
    is_answered: bool,
    is_refused: bool,
    is_opened: bool,
    halves: Option<Halves>,
}

/// When an end entered a state, and the move by which it left it, if it did.
pub type Stay<'a> = (i64, Option<&'a Move>);

/// The two halves of a handshake's round trip, in ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halves {
    /// SYN to SYN,ACK: from the tap to the server and back.
    pub to_server: i64,
    /// SYN,ACK to its acknowledgement: from the tap to the client and back.
    pub to_client: Option<i64>,
}

/// Whether it is a believed move that tells populations something.
#[inline]
#[must_use]
pub fn counts(made: &Move) -> bool {
    /// A bit for each state that is entered or left.
    const TELLING: u32 = 1 << State::SynRecv as u32
        | 1 << State::Established as u32
        | 1 << State::CloseWait as u32
        | 1 << State::TimeWait as u32
        | 1 << State::FinWait1 as u32;
    let states = 1 << made.from as u32 | 1 << made.to as u32;
    (made.standing != Standing::Retracted) & (states & TELLING != 0)
}

impl<'a> Visit<'a> {
    /// The visit of the connection in a slot, whose client is the end given, with those moves of each end that
    /// [`counts`] picks.
    #[must_use]
    pub fn of(slot: &'a Slot, client: Side, moves: [&'a [Move]; 2]) -> Self {
        let connection = &slot.connection;
        let proof = Proof::of(connection);
        let outcome = Outcome::of(connection, client, proof);
        Self { id: slot.id, key: slot.key(), connection, client, moves, proof, outcome }
    }

    /// The client's end.
    #[must_use]
    pub fn client_end(&self) -> &'a Endpoint {
        self.connection.end(self.client)
    }

    /// The server's end.
    #[must_use]
    pub fn server_end(&self) -> &'a Endpoint {
        self.connection.end(self.client.other())
    }

    /// The server's socket.
    #[must_use]
    pub fn socket(&self) -> Socket {
        let server = self.client.other();
        Socket { ip: self.key.ips[server], port: self.key.ports[server], scope: self.key.scope }
    }

    /// The client's host.
    #[must_use]
    pub fn host(&self) -> Host {
        Host { ip: self.key.ips[self.client], scope: self.key.scope }
    }

    /// Both hosts.
    #[must_use]
    pub fn between(&self) -> Between {
        let [client, server] = [self.client, self.client.other()].map(|side| self.key.ips[side]);
        Between { client, server, scope: self.key.scope }
    }

    /// Whether the server answered the SYN with a SYN,ACK, captured or not.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.outcome.is_answered
    }

    /// Whether the server answered the SYN with a reset.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        self.outcome.is_refused
    }

    /// When the first SYN,ACK was captured, in Unix ns.
    #[must_use]
    pub fn answered_ns(&self) -> Option<i64> {
        let server = self.server_end();
        let (from, _) = self.stays(self.client.other(), State::SynRecv).next()?;
        (server.frames() > 0 && self.is_answered()).then_some(from)
    }

    /// Whether an end reset it after the handshake, or somebody in its name.
    #[must_use]
    pub fn was_reset_by(&self, side: Side) -> bool {
        self.is_opened() && !self.is_refused() && self.connection.has(side, Fact::RstSent)
    }

    /// Whether nothing answered the SYN.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        let server = self.server_end();
        self.client_end().marks().opened_actively() && server.frames() == 0 && !server.marks().has_iss()
    }

    /// Whether the handshake was finished: the client acknowledged the SYN,ACK, and more than that perhaps.
    #[must_use]
    pub const fn is_opened(&self) -> bool {
        self.outcome.is_opened
    }

    /// Whether the handshake was finished, and then not a byte was sent.
    #[must_use]
    pub fn is_wordless(&self) -> bool {
        self.is_opened() && self.client_end().bytes() == 0 && self.server_end().bytes() == 0
    }

    /// Whether its opening was captured and it was over within a second.
    #[must_use]
    pub fn is_short(&self) -> bool {
        let ends = &self.connection.ends();
        let is_whole = ends.iter().all(|end| end.marks().has_iss() && end.state().is_over());
        is_whole && self.connection.last_ns() - self.connection.first_ns() <= SECOND
    }

    /// The moves of an end into a state, each with the move that ended it.
    pub fn stays(&self, side: Side, state: State) -> impl Iterator<Item = Stay<'a>> + '_ {
        let moves = self.moves[side];
        moves.iter().filter(move |m| m.to == state).map(move |entered| {
            let leaves = |m: &&Move| m.from == state && m.time_ns >= entered.time_ns;
            (entered.time_ns, moves.iter().find(leaves))
        })
    }

    /// Whether an end sent its FIN before it had received the other's.
    #[must_use]
    pub fn has_closed_first(&self, side: Side) -> bool {
        self.moves[side].iter().any(|m| m.to == State::FinWait1 && m.from != State::CloseWait)
    }

    /// Whether its handshake took a second SYN or SYN,ACK.
    #[must_use]
    pub fn was_asked_again(&self) -> bool {
        let server = self.client.other();
        let c = self.connection;
        c.has(self.client, Fact::SynResent) || c.has(server, Fact::SynAckResent)
    }

    /// From the client's first SYN until it had a SYN,ACK, in ns; nothing where either was not captured.
    #[must_use]
    pub fn waited_ns(&self) -> Option<i64> {
        let client = self.client_end();
        if !self.is_opened() || client.frames() == 0 || client.asked_ns() == 0 {
            return None;
        }
        let (opened_ns, _) = self.stays(self.client, State::Established).next()?;
        Some(opened_ns - client.first_ns()).filter(|took| *took >= 0)
    }

    /// The halves of the handshake, where nothing of it was sent or captured twice, or out of order.
    #[must_use]
    pub const fn halves(&self) -> Option<Halves> {
        self.outcome.halves
    }

    /// The first sight of a fact about an end, where it has it.
    #[must_use]
    pub fn sighting_of(&self, side: Side, fact: Fact) -> Option<Sighting> {
        if !self.connection.end(side).has_fact(fact) {
            return None;
        }
        self.connection.log().entries().find_map(|entry| match entry {
            Entry::Sighting(seen) if seen.fact == fact && seen.side == side => Some(seen),
            _ => None,
        })
    }

    /// The first sight of a fact about either end.
    #[must_use]
    pub fn sighting(&self, fact: Fact) -> Option<Sighting> {
        let of_ends = Side::BOTH.into_iter().filter_map(|side| self.sighting_of(side, fact));
        of_ends.min_by_key(|seen| seen.time_ns)
    }
}

impl Outcome {
    fn of(connection: &Connection, client: Side, proof: Proof) -> Self {
        let server = &connection.ends()[client.other()];
        let is_answered = server.marks().answered_syn();
        let is_opened = is_answered && proof >= Proof::Opened && server.acked().after(server.iss());
        let halves = if is_answered { halves(connection, client, is_opened) } else { None };
        Self { is_answered, is_refused: connection.has(client.other(), Fact::Refused), is_opened, halves }
    }
}

/// The halves of the handshake of a connection that was answered.
fn halves(connection: &Connection, client: Side, is_opened: bool) -> Option<Halves> {
    let (client, server) = (&connection.ends()[client], &connection.ends()[client.other()]);
    let is_captured = client.frames() > 0 && server.frames() > 0 && client.marks().opened_actively();
    if !is_captured || client.facts().or(server.facts()).and(UNFIT) != Facts::default() {
        return None;
    }
    let to_server = server.first_ns() - client.first_ns();
    if to_server < 0 {
        return None;
    }
    let whole = connection.handshake_ns();
    let to_client = (is_opened && whole >= to_server).then(|| whole - to_server);
    Some(Halves { to_server, to_client })
}

/// The facts that make a handshake's times meaningless.
const UNFIT: Facts = {
    let mut facts = Facts::of_words(0, [0; Facts::WORDS - 1]);
    facts.add(Fact::Refused);
    facts.add(Fact::SynResent);
    facts.add(Fact::SynAckResent);
    facts.add(Fact::SynAckResentAfterAck);
    facts.add(Fact::SimultaneousOpen);
    facts.add(Fact::FramesDuplicated);
    facts.add(Fact::ReorderedByTap);
    facts
};
