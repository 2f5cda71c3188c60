//! Populations: what many connections have in common, a socket, a client or a path between two hosts, with its history.
//!
//! * [`visit`] is a connection as they see it: who came to whom, and what came of it. Each is counted once, when it is
//!   let go or at the end.
//! * [`listeners`] counts by listening socket, [`clients`] by client address, [`paths`] by pair of hosts.
//! * A [`roster`] bounds how many there are, and [`most`] says how many; its [`door`] keeps out what is made up in passing.
//! * They are built of small measures, each bounded: [`peak`], how many at one time; [`spell`], first and last;
//!   [`spread`], how long; [`few`], the extreme ones; [`distinct`], how many different ones; [`beats`], how regularly;
//!   [`hops`], which TTLs; [`close_waits`], how many sockets waited for their own application.

pub mod beats;
pub mod clients;
pub mod close_waits;
pub mod distinct;
pub mod door;
pub mod few;
pub mod hops;
pub mod listeners;
pub mod most;
pub mod paths;
pub mod peak;
pub mod roster;
pub mod socket;
pub mod spell;
pub mod spread;
pub mod visit;

#[cfg(test)]
mod tests;

use clients::Clients;
use listeners::Listeners;
use most::Most;
use paths::Paths;
use visit::Visit;

use super::slab::Slot;
use crate::tcp::entry::Move;
use crate::tcp::side::Side;

/// The populations.
#[derive(Clone, Debug, Default)]
pub struct Populations {
    /// By listening socket.
    pub listeners: Listeners,
    /// By client address.
    pub clients: Clients,
    /// By pair of hosts.
    pub paths: Paths,
    /// Those moves of each end of a connection that they look at, while it is counted.
    moves: [Vec<Move>; 2],
}

impl Populations {
    /// None yet, and no more than so many of each.
    #[must_use]
    pub fn bounded(most: Most) -> Self {
        Self {
            listeners: Listeners::bounded(most.listeners),
            clients: Clients::bounded(most.clients),
            paths: Paths::bounded(most.paths),
            moves: Default::default(),
        }
    }

    /// Counts a connection, whose client is the end given, and whose moves are these.
    pub fn count(&mut self, slot: &Slot, client: Side, moves: &[Move]) {
        self.moves.iter_mut().for_each(Vec::clear);
        for made in moves.iter().filter(|made| visit::counts(made)) {
            self.moves[made.side].push(*made);
        }
        let visit = Visit::of(slot, client, self.moves.each_ref().map(Vec::as_slice));
        self.listeners.count(&visit);
        self.clients.count(&visit);
        self.paths.count(&visit);
    }
}
