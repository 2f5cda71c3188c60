//! Paths: what is common to the connections between two hosts. How long both ends may be silent, how old a connection may
//! become, how far the tap is from either host.

use super::few::Few;
use super::hops::Hops;
use super::roster::{Member, Roster};
use super::socket::Between;
use super::spread::Spread;
use super::visit::Visit;
use crate::flows::examples::Examples;
use crate::flows::proof::Proof;
use crate::tcp::fact::Fact;
use std::cmp::Reverse;

/// How a silence ended that a connection did not survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The segment that ended it was answered by a reset.
    Reset,
    /// The segment that ended it was never answered.
    Unanswered,
}

/// How long, and of which connection.
pub type Lasted = (i64, u64);

/// Figures that only connections with a captured opening tell of a path.
#[derive(Clone, Debug, Default)]
pub struct Talk {
    /// The longest silences of both ends that were survived: what ended them was answered. One a connection.
    pub survived: Few<Lasted>,
    /// How many connections survived one of half a second or longer.
    pub survivals: u64,
    /// The shortest silences that were not survived.
    pub died: Few<Reverse<(Lasted, End)>>,
    /// How many connections ended with one.
    pub deaths: u64,
    /// The greatest ages of connections at their first reset.
    pub reset: Few<Lasted>,
    /// How many were reset after their handshake.
    pub resets: u64,
    /// The longest lived connections, however they ended, from the opening to the last segment.
    pub oldest: Few<Lasted>,
    /// SYN to SYN,ACK.
    pub to_server: Spread,
    /// SYN,ACK to its acknowledgement.
    pub to_client: Spread,
    /// Both together.
    pub handshake: Spread,
}

impl Talk {
    fn count(&mut self, visit: &Visit) {
        let id = visit.id;
        let survived_ns = visit.connection.longest_silence_survived();
        if survived_ns > 0 {
            self.survivals += 1;
            self.survived.offer((survived_ns, id));
        }
        if let Some((slept_ns, end)) = deadly_silence(visit) {
            self.deaths += 1;
            self.died.offer(Reverse(((slept_ns, id), end)));
        }
        if visit.is_opened() {
            let (first_ns, last_ns) = (visit.connection.first_ns(), visit.connection.last_ns());
            self.oldest.offer((last_ns - first_ns, id));
            if let Some(reset) = visit.sighting(Fact::RstSent).filter(|_| !visit.is_refused()) {
                self.resets += 1;
                self.reset.offer((reset.time_ns - first_ns, id));
            }
        }
        if let Some(halves) = visit.halves() {
            self.to_server.add(halves.to_server);
            if let Some(to_client) = halves.to_client {
                self.to_client.add(to_client);
                self.handshake.add(halves.to_server + to_client);
            }
        }
    }
}

/// How long the silence was that a connection did not survive, and how that showed. A silence that a retransmission timer
/// made tells nothing: the connection was dead before it.
fn deadly_silence(visit: &Visit) -> Option<(i64, End)> {
    let ends = [(Fact::RstAfterIdle, End::Reset), (Fact::UnansweredAfterIdle, End::Unanswered)];
    let (seen, end) = ends.into_iter().find_map(|(fact, end)| Some((visit.sighting(fact)?, end)))?;
    let slept_ns = i64::try_from(seen.figure).ok().filter(|slept| *slept > 0)?;
    let waker = if end == End::Reset { seen.side.other() } else { seen.side };
    let heard_ns = visit.connection.end(waker.other()).last_ns();
    let resent = [Fact::DataResent, Fact::FinResent].map(|fact| visit.sighting_of(waker, fact));
    let was_dead = resent
        .into_iter()
        .flatten()
        .any(|again| again.time_ns <= seen.time_ns - slept_ns && heard_ns < again.time_ns);
    (!was_dead).then_some((slept_ns, end))
}

/// The history of one path.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// Connections.
    pub connections: u64,
    /// Those whose handshake was finished.
    pub opened: u64,
    /// TTLs of the clients' packets.
    pub client_ttls: Hops,
    /// TTLs of the servers' packets.
    pub server_ttls: Hops,
    /// Figures of connections in which both ends were heard. In place: there are few paths, but where there would be
    /// many they come and go, and each would ask for memory.
    pub talk: Option<Talk>,
    /// The first connections.
    pub examples: Examples,
    latest: u64,
}

impl Path {
    fn count(&mut self, visit: &Visit) {
        self.connections += 1;
        self.latest = self.latest.max(visit.id);
        self.opened += u64::from(visit.is_opened());
        self.client_ttls.add(visit.client_end().ttl());
        self.server_ttls.add(visit.server_end().ttl());
        self.examples.offer(visit.id);
        if visit.proof > Proof::Unanswered {
            self.talk.get_or_insert_default().count(visit);
        }
    }
}

impl Member for Path {
    fn connections(&self) -> u64 {
        self.connections
    }

    fn worth(&self) -> (bool, u64) {
        (self.opened > 0, self.latest)
    }
}

/// The paths, up to a bound.
#[derive(Clone, Debug)]
pub struct Paths(pub Roster<Between, Path>);

impl Paths {
    /// None yet, and no more than `most`.
    #[must_use]
    pub fn bounded(most: usize) -> Self {
        Self(Roster::bounded(most))
    }

    /// Counts a connection.
    pub fn count(&mut self, visit: &Visit) {
        if let Some(path) = self.0.member(visit.between()) {
            path.count(visit);
        }
    }
}

impl Default for Paths {
    fn default() -> Self {
        Self::bounded(super::most::Most::default().paths)
    }
}
