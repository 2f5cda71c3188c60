//! Counts over connections: states, transitions, and signatures, the connections that look alike to a rule.

use super::examples::Examples;
use super::kinds::{Counted, Kinds};
use super::population::Populations;
use super::population::most::Most;
use super::proof::Proof;
use super::signature::Signature;
use super::slab::Slot;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::entry::{Move, Standing};
use crate::tcp::side::Side;
use crate::tcp::state::State;
use foldhash::fast::RandomState;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

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
    /// Connections with more history than is kept of one.
    pub cut_histories: u64,
    /// Connections whose streams had more open gaps at one time than are kept of an end.
    pub cut_gaps: u64,
    /// By listening socket, client and path.
    pub populations: Populations,
    /// The moves of a connection while it is counted.
    moves_of_one: Vec<Move>,
}

impl Tally {
    /// Nothing counted yet, and no more populations than so many.
    #[must_use]
    pub fn bounded(most: Most) -> Self {
        Self { populations: Populations::bounded(most), ..Self::default() }
    }

    /// Counts a connection, whose client is the end given. Returns the change to the examples.
    pub fn count(&mut self, slot: &Slot, client: Side) -> Counted {
        let moves = self.take_moves_of(slot);
        self.populations.count(slot, client, &moves);
        self.count_beside(slot, client, moves)
    }

    /// Counts connections, each with its client: in populations, which takes longest, and in a second thread in everything
    /// else; where the system has no thread to give, one after the other. Returns the changes to the examples.
    pub fn count_at_once<'a, Each>(&mut self, each: impl Fn() -> Each + Sync) -> Vec<Counted>
    where
        Each: Iterator<Item = (&'a Slot, Side)>,
    {
        let mut populations = std::mem::take(&mut self.populations);
        let rest = Mutex::new(Some(|| each().map(|(slot, client)| self.count_alone(slot, client)).collect()));
        let count_rest = || {
            let rest = rest.lock().unwrap_or_else(PoisonError::into_inner).take();
            rest.map_or_else(Vec::new, |mut count| count())
        };
        let counted = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().spawn_scoped(scope, count_rest);
            let mut moves = Vec::new();
            for (slot, client) in each() {
                moves.clear();
                slot.connection.log().put_moves(&mut moves);
                populations.count(slot, client, &moves);
            }
            match thread {
                Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                Err(_) => count_rest(),
            }
        });
        self.populations = populations;
        counted
    }

    /// Counts a connection that is counted in its populations elsewhere.
    fn count_alone(&mut self, slot: &Slot, client: Side) -> Counted {
        let moves = self.take_moves_of(slot);
        self.count_beside(slot, client, moves)
    }

    fn take_moves_of(&mut self, slot: &Slot) -> Vec<Move> {
        let mut moves = std::mem::take(&mut self.moves_of_one);
        moves.clear();
        slot.connection.log().put_moves(&mut moves);
        moves
    }

    /// Counts a connection whose moves are known in everything but its populations.
    fn count_beside(&mut self, slot: &Slot, client: Side, moves: Vec<Move>) -> Counted {
        let connection = &slot.connection;
        self.connections += 1;
        self.incarnations += u64::from(slot.incarnation > 1);
        self.cut_histories += u64::from(connection.log().is_full());
        self.cut_gaps += u64::from(connection.ends().iter().any(Endpoint::has_forgotten_holes));
        for (role, side) in [client, client.other()].into_iter().enumerate() {
            self.states[role][connection.end(side).state() as usize] += 1;
        }
        let (mut is_example, mut proven) = (false, [false; 2]);
        for made in &moves {
            is_example |= self.count_move(slot.id, client, made);
            if made.standing != Standing::Retracted {
                proven[made.side] =
                    matches!(made.standing, Standing::Seen | Standing::Confirmed | Standing::Undated);
            }
        }
        self.moves_of_one = moves;
        let signature = Signature::with(connection, client, proven);
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
