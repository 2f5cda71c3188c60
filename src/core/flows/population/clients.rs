//! Clients: what became of the connections that one address asked for.

use super::beats::Beats;
use super::distinct::Distinct;
use super::roster::{Member, Roster};
use super::socket::{Host, socket_in_short};
use super::spell::Spell;
use super::visit::Visit;
use crate::flows::examples::Examples;

/// The history of one client address.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Connections asked for.
    pub connections: u64,
    /// Those that were answered with a SYN,ACK.
    pub answered: u64,
    /// Those whose handshake was finished.
    pub opened: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Those that nothing answered.
    pub unanswered: u64,
    /// Those that the client reset after the handshake.
    pub reset: u64,
    /// Those whose handshake was finished, and on which nobody sent a byte.
    pub wordless: u64,
    /// The sockets asked for.
    pub sockets: Distinct<{ Client::MOST_SOCKETS }>,
    /// When the first and the last of them began.
    pub spell: Option<Spell>,
    /// The wordless ones.
    pub beats: Beats,
    /// The first of the wordless ones.
    pub wordless_examples: Examples,
    /// The first connections.
    pub examples: Examples,
    latest: u64,
}

impl Client {
    /// So many sockets are told apart.
    pub const MOST_SOCKETS: usize = 256;

    fn count(&mut self, visit: &Visit) {
        let socket = visit.socket();
        let asked = socket_in_short(socket.ip, socket.port);
        let time_ns = visit.connection.first_ns();
        self.connections += 1;
        self.latest = self.latest.max(visit.id);
        self.sockets.add(asked);
        self.examples.offer(visit.id);
        Spell::note(&mut self.spell, time_ns);
        self.answered += u64::from(visit.is_answered());
        self.refused += u64::from(visit.is_refused());
        self.unanswered += u64::from(visit.is_unanswered());
        self.opened += u64::from(visit.is_opened());
        self.reset += u64::from(visit.was_reset_by(visit.client));
        if visit.is_wordless() {
            self.wordless += 1;
            self.wordless_examples.offer(visit.id);
            self.beats.add(asked, time_ns);
        }
    }
}

impl Member for Client {
    fn connections(&self) -> u64 {
        self.connections
    }

    fn worth(&self) -> (bool, u64) {
        (self.opened > 0, self.latest)
    }
}

/// The clients, up to a bound.
#[derive(Clone, Debug)]
pub struct Clients(pub Roster<Host, Client>);

impl Clients {
    /// None yet, and no more than `most`.
    #[must_use]
    pub fn bounded(most: usize) -> Self {
        Self(Roster::bounded(most))
    }

    /// Counts a connection.
    pub fn count(&mut self, visit: &Visit) {
        if let Some(client) = self.0.member(visit.host()) {
            client.count(visit);
        }
    }
}

impl Default for Clients {
    fn default() -> Self {
        Self::bounded(super::most::Most::default().clients)
    }
}
