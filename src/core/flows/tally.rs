//! Counts over connections: states, transitions, and signatures, the connections that look alike to a rule.

use super::kinds::{Counted, Kinds};
use super::listeners::{self, Listeners};
use super::proof::Proof;
use super::slab::Slot;
use crate::tcp::connection::Connection;
use crate::tcp::endpoint::Endpoint;
use crate::tcp::entry::{Move, Standing};
use crate::tcp::fact::{Fact, Facts};
use crate::tcp::side::Side;
use crate::tcp::state::State;
use foldhash::fast::RandomState;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};

/// Ids of a few connections of their kind: of the first that were counted.
#[derive(Clone, Debug, Default)]
pub struct Examples(Vec<u64>);

impl Examples {
    const MOST: usize = 5;

    /// Adds one, if there is room. True where there was.
    pub fn offer(&mut self, id: u64) -> bool {
        let room = self.0.len() < Self::MOST;
        if room && self.0.last() != Some(&id) {
            self.0.push(id);
        }
        room
    }

    /// The ids.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().copied()
    }

    /// The ids, the lowest first.
    #[must_use]
    pub fn ids(&self) -> Vec<u64> {
        let mut ids = self.0.clone();
        ids.sort_unstable();
        ids
    }
}

/// How often a transition was believed, by how it is known.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    counts: [u64; Standing::COUNT],
    /// Connections that made it.
    pub examples: Examples,
}

impl Moves {
    /// How often it was of that standing.
    #[must_use]
    pub const fn of(&self, standing: Standing) -> u64 {
        self.counts[standing as usize]
    }

    /// How often it was believed, however it is known.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum::<u64>() - self.of(Standing::Retracted)
    }
}

/// The moves by end (client, server), state left and state entered.
#[derive(Clone, Debug)]
pub struct AllMoves(Vec<Moves>);

impl AllMoves {
    const STATES: usize = State::ALL.len();

    fn of(&mut self, role: usize, from: State, to: State) -> &mut Moves {
        &mut self.0[(role * Self::STATES + from as usize) * Self::STATES + to as usize]
    }

    /// Those that occurred, in the order of ends and states.
    pub fn iter(&self) -> impl Iterator<Item = (usize, State, State, &Moves)> {
        let places = (0..2).flat_map(|role| State::ALL.map(|from| State::ALL.map(|to| (role, from, to))));
        let moves = places.flatten().zip(&self.0).filter(|(_, moves)| moves.counts != [0; Standing::COUNT]);
        moves.map(|((role, from, to), moves)| (role, from, to, moves))
    }
}

impl Default for AllMoves {
    fn default() -> Self {
        Self(vec![Moves::default(); 2 * Self::STATES * Self::STATES])
    }
}

/// What a rule sees of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// States of client and server.
    pub states: [State; 2],
    /// Whether those are proven.
    pub proven: [bool; 2],
    /// Facts of client and server; those about the connection as a whole are with the client's.
    pub facts: [Facts; 2],
}

/// A word for states and proofs. What derives would take four.
impl Hash for Signature {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b] = self.states.map(|state| state as u64);
        let [a_is_proven, b_is_proven] = self.proven.map(u64::from);
        state.write_u64(a | b << 8 | a_is_proven << 16 | b_is_proven << 24);
        for facts in self.facts {
            let (first, beyond) = facts.words();
            state.write_u64(first);
            beyond.into_iter().for_each(|word| state.write_u64(word));
        }
    }
}

/// The counts.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Connections counted.
    pub connections: u64,
    /// Connections that reuse a 4-tuple.
    pub incarnations: u64,
    /// By end (client, server) and state.
    pub states: [[u64; State::ALL.len()]; 2],
    /// By end, state left and state entered.
    pub moves: AllMoves,
    /// By signature.
    pub kinds: Kinds,
    /// Connections that had more of a history than is kept of one.
    pub cut_histories: u64,
    /// By listening socket.
    pub listeners: Listeners,
    /// Those moves of one connection that the listener counts, while it is counted.
    of_listener: Vec<Move>,
}

impl Tally {
    /// Counts a connection, whose client is the end given. What became of the examples.
    pub fn count(&mut self, slot: &Slot, client: Side) -> Counted {
        let connection = &slot.connection;
        self.connections += 1;
        self.incarnations += u64::from(slot.incarnation > 1);
        self.cut_histories += u64::from(connection.log.is_full());
        for (role, side) in [client, client.other()].into_iter().enumerate() {
            self.states[role][connection.ends[side].state() as usize] += 1;
        }
        self.of_listener.clear();
        let mut is_example = false;
        for made in connection.log.moves() {
            is_example |= self.count_move(slot.id, client, &made);
            if listeners::counts(&made) {
                self.of_listener.push(made);
            }
        }
        self.listeners.count(slot, client, &self.of_listener);
        let signature = Signature::of(connection, client);
        let counted = self.kinds.count(signature, slot.id, Proof::of(connection));
        Counted { is_example: is_example | counted.is_example, ..counted }
    }

    fn count_move(&mut self, id: u64, client: Side, made: &Move) -> bool {
        let role = usize::from(made.side != client);
        let moves = self.moves.of(role, made.from, made.to);
        moves.counts[made.standing as usize] += 1;
        made.standing != Standing::Retracted && moves.examples.offer(id)
    }

    /// The ids of all examples of moves and kinds.
    #[must_use]
    pub fn examples(&self) -> HashSet<u64, RandomState> {
        let of_moves = self.moves.0.iter().flat_map(|moves| moves.examples.iter());
        of_moves.chain(self.kinds.examples()).collect()
    }
}

impl Signature {
    /// The signature of a connection, whose client is the end given.
    #[must_use]
    pub fn of(connection: &Connection, client: Side) -> Self {
        let ends = [&connection.ends[client], &connection.ends[client.other()]];
        let proven = |side| connection.grounds(side).is_some_and(|t| t.is_proven());
        let whole =
            connection.ends[0].facts().and(Facts::OF_CONNECTION).or(derived_of_connection(connection));
        let [client_facts, server_facts] =
            ends.map(|end| end.facts().without(Facts::OF_CONNECTION).or(derived_of_end(end)));
        let facts = [client_facts.or(whole), server_facts];
        Self { states: ends.map(|end| end.state()), proven: [proven(client), proven(client.other())], facts }
    }
}

/// Facts about an end that are read off it rather than noted: nearly every one has them.
#[must_use]
pub fn derived_of_end(end: &Endpoint) -> Facts {
    let mut facts = Facts::default();
    if end.bytes() > 0 {
        facts.add(Fact::SentData);
    }
    if end.marks.has_fin() {
        facts.add(Fact::FinSent);
    }
    facts
}

/// Facts about the connection as a whole that are read off it rather than noted.
#[must_use]
pub fn derived_of_connection(connection: &Connection) -> Facts {
    let mut facts = Facts::default();
    for side in Side::BOTH {
        let (silent, speaker) = (&connection.ends[side], &connection.ends[side.other()]);
        let evidently_answers =
            speaker.marks.ack_advanced() || silent.marks.has_iss() || silent.marks.has_fin();
        if silent.frames() == 0 && evidently_answers {
            facts.add(Fact::OneWay);
        }
    }
    facts
}
