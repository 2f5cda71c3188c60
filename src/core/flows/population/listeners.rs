//! `netstat -l` from the wire: sockets that connections were opened to, or meant to be, with their load.

use super::close_waits::CloseWaits;
use super::distinct::Distinct;
use super::few::Few;
use super::hops::Hops;
use super::most::Most;
use super::peak::Peak;
use super::socket::{Socket, in_short};
use super::spell::Spell;
use super::spread::Spread;
use super::visit::Visit;
use crate::address::Ip;
use crate::flows::budget::keep_most;
use crate::flows::examples::Examples;
use crate::tcp::profile::SECOND;
use crate::tcp::side::Side;
use crate::tcp::state::State;
use foldhash::fast::RandomState;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Figures of a socket that answers, refuses, or is asked in vain.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// When it answered with a SYN,ACK.
    pub answers: Option<Spell>,
    /// When it refused.
    pub refusals: Option<Spell>,
    /// When SYNs were sent, retries not counted, that nothing answered.
    pub silences: Option<Spell>,
    /// Connections that it reset after the handshake.
    pub reset: u64,
    /// Those among them on which it had not sent a byte.
    pub reset_wordless: u64,
    /// Connections that it closed before the client did, without having sent a byte.
    pub hung_up: u64,
    /// The first of the connections that it reset or closed without having sent a byte.
    pub wordless_examples: Examples,
    /// Connections whose handshake was finished and took a second SYN or SYN,ACK, or a second.
    pub slow: u64,
    /// The slowest of them: from the first SYN to the SYN,ACK, in ns.
    pub slowest: Few<(i64, u64)>,
    /// SYN to SYN,ACK.
    pub to_server: Spread,
    /// SYN,ACK to its acknowledgement.
    pub to_client: Spread,
    /// Its sockets in CLOSE_WAIT.
    pub close_waits: Option<Box<CloseWaits>>,
    /// TTLs of its packets.
    pub ttls: Hops,
}

impl History {
    fn count(&mut self, visit: &Visit) {
        let server = visit.server_end();
        self.ttls.add(server.ttl());
        if let Some(answered_ns) = visit.answered_ns() {
            Spell::note(&mut self.answers, answered_ns);
        }
        if visit.is_refused() {
            Spell::note(&mut self.refusals, server.first_ns());
        }
        if visit.is_unanswered() {
            Spell::note(&mut self.silences, visit.client_end().first_ns());
        }
        if let Some(halves) = visit.halves() {
            self.to_server.add(halves.to_server);
            halves.to_client.into_iter().for_each(|half| self.to_client.add(half));
        }
        if visit.is_opened() {
            self.count_opened(visit);
        }
        // Of connections that began before the capture as well.
        CloseWaits::count(&mut self.close_waits, visit, visit.client.other());
    }

    fn count_opened(&mut self, visit: &Visit) {
        let (server, is_silent) = (visit.client.other(), visit.server_end().bytes() == 0);
        let resets = visit.was_reset_by(server);
        let hangs_up = is_silent && !resets && visit.has_closed_first(server);
        self.reset += u64::from(resets);
        self.reset_wordless += u64::from(resets && is_silent);
        self.hung_up += u64::from(hangs_up);
        if is_silent && (resets || hangs_up) {
            self.wordless_examples.offer(visit.id);
        }
        if let Some(took_ns) =
            visit.waited_ns().filter(|took_ns| *took_ns >= SECOND || visit.was_asked_again())
        {
            self.slow += 1;
            self.slowest.offer((took_ns, visit.id));
        }
    }
}

/// The history of one socket.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    /// Connections opened or tried.
    pub connections: u64,
    /// Its clients.
    pub clients: Distinct<{ Listener::MOST_CLIENTS }>,
    /// Connections that it answered with a SYN,ACK.
    pub answered: u64,
    /// Connections that it refused.
    pub refused: u64,
    /// Connections whose handshake was finished.
    pub opened: u64,
    /// Attempts that nothing answered.
    pub unanswered: u64,
    /// Connections in SYN_RECV at one time.
    pub embryonic: Peak,
    /// Connections over within one second of their opening.
    pub short_lived: u64,
    /// States of the server ends.
    pub states: [u64; State::ALL.len()],
    /// States of the client ends.
    pub client_states: [u64; State::ALL.len()],
    /// Connections in TIME_WAIT at one time, by client address, up to a bound.
    time_wait: HashMap<u128, Peak, RandomState>,
    /// The rest of its history.
    pub history: Box<History>,
    /// The frame of the first connection.
    pub first_frame: u64,
    /// The id of the latest one.
    pub latest: u64,
    /// The first connections.
    pub examples: Examples,
}

impl Listener {
    /// So many client addresses are told apart.
    pub const MOST_CLIENTS: usize = 1000;
    const MOST_IN_TIME_WAIT: usize = 100;

    /// Counts an interval in TIME_WAIT of a connection with one client, which may be new if there is `room` for it.
    fn note_wait(&mut self, client: Ip, (from, until): (i64, Option<i64>), room: bool) {
        let client = u128::from_le_bytes(client);
        let peak = if room && self.time_wait.len() < Self::MOST_IN_TIME_WAIT {
            Some(self.time_wait.entry(client).or_default())
        } else {
            self.time_wait.get_mut(&client)
        };
        if let Some(peak) = peak {
            peak.add(from, until);
        }
    }

    /// The most connections that were in TIME_WAIT at one time with one client, and that client.
    #[must_use]
    pub fn most_in_time_wait(&self) -> Option<(u64, Ip)> {
        let peaks = self.time_wait.iter().map(|(client, peak)| (peak.value(), client.to_le_bytes()));
        peaks.max().filter(|(peak, _)| *peak > 0)
    }
}

/// The sockets, up to a bound.
#[derive(Clone, Debug)]
pub struct Listeners {
    by_socket: HashMap<Socket, Listener, RandomState>,
    most: usize,
    counted: u64,
    /// Clients of all sockets whose connections in TIME_WAIT are counted.
    in_time_wait: usize,
    /// Connections of the sockets that were dropped.
    pub beyond: u64,
}

impl Listeners {
    /// A socket of one connection in so many is busy, and kept whatever it is: at most as many sockets are.
    const BUSY: u64 = 1000;
    /// Clients of all sockets whose connections in TIME_WAIT are counted: each can take up 16 kB.
    const MOST_IN_TIME_WAIT: usize = 10_000;
    /// Sockets that are reported.
    const MOST_REPORTED: usize = 1000;

    /// None yet, and no more than `most`.
    #[must_use]
    pub fn bounded(most: usize) -> Self {
        Self { by_socket: HashMap::default(), most, counted: 0, in_time_wait: 0, beyond: 0 }
    }

    /// The sockets with the most connections, most first.
    #[must_use]
    pub fn busiest(&self) -> Vec<(&Socket, &Listener)> {
        let mut busiest: Vec<_> = self.by_socket.iter().collect();
        busiest.sort_unstable_by_key(|(socket, l)| (Reverse(l.connections), l.first_frame, **socket));
        busiest.truncate(Self::MOST_REPORTED);
        busiest
    }

    /// Counts a connection.
    pub fn count(&mut self, visit: &Visit) {
        self.counted += 1;
        let l = self.by_socket.entry(visit.socket()).or_default();
        let client = visit.host().ip;
        l.connections += 1;
        l.latest = l.latest.max(visit.id);
        l.clients.add(in_short(client));
        l.answered += u64::from(visit.is_answered());
        l.refused += u64::from(visit.is_refused());
        l.opened += u64::from(visit.is_opened());
        l.unanswered += u64::from(visit.is_unanswered());
        l.states[visit.server_end().state() as usize] += 1;
        l.client_states[visit.client_end().state() as usize] += 1;
        l.short_lived += u64::from(visit.is_short());
        if l.first_frame == 0 || visit.connection.first_frame() < l.first_frame {
            l.first_frame = visit.connection.first_frame();
        }
        l.examples.offer(visit.id);
        l.history.count(visit);
        for (from, left) in visit.stays(visit.client.other(), State::SynRecv) {
            l.embryonic.add(from, left.map(|left| left.time_ns));
        }
        let before = l.time_wait.len();
        for side in Side::BOTH {
            for (from, left) in visit.stays(side, State::TimeWait) {
                let room = self.in_time_wait < Self::MOST_IN_TIME_WAIT;
                l.note_wait(client, (from, left.map(|left| left.time_ns)), room);
            }
        }
        self.in_time_wait += l.time_wait.len() - before;
        self.drop_least();
    }

    /// Drops the sockets that matter least where there are many, as a scan makes them: of those that are not busy, those
    /// that never answered, and of these the oldest.
    fn drop_least(&mut self) {
        if self.by_socket.len() <= self.most {
            return;
        }
        let busy = self.counted.div_ceil(Self::BUSY).max(2);
        let rank = |l: &Listener| (l.connections >= busy, l.answered > 0, l.latest);
        let (beyond, in_time_wait) = (&mut self.beyond, &mut self.in_time_wait);
        keep_most(&mut self.by_socket, self.most, rank, |l| {
            *beyond += l.connections;
            *in_time_wait -= l.time_wait.len();
        });
    }
}

impl Default for Listeners {
    fn default() -> Self {
        Self::bounded(Most::default().listeners)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{Scope, ipv4};
    use crate::flows::key::{KeptKey, Key};
    use crate::flows::slab::Slot;
    use crate::segment::{Flags, Segment};
    use crate::tcp::connection::Connection;
    use crate::tcp::profile::Profile;
    use crate::testing::segment;

    /// A connection from one client to a port, with a server that answers or does not.
    fn visit(listeners: &mut Listeners, id: u64, port: u16, answers: bool) {
        let ends = ((ipv4([10, 0, 0, 1]), 40_000), (ipv4([10, 0, 0, 2]), port));
        let (key, client) = Key::of(ends.0, ends.1, Scope::default());
        let mut connection = Connection::default();
        if answers {
            let syn_ack = Segment { flags: Flags(Flags::SYN | Flags::ACK), ..segment() };
            connection.observe(client.other(), &syn_ack, &Profile::default());
        }
        let slot = Slot { key: KeptKey::from(key), connection, id, ..Slot::default() };
        listeners.count(&Visit::of(&slot, client, [&[], &[]]));
    }

    #[test]
    fn a_scan_displaces_no_socket_that_answers() {
        let mut listeners = Listeners::default();
        for port in 1..=100 {
            visit(&mut listeners, u64::from(port), port, true);
        }
        for port in 1000..60_000 {
            visit(&mut listeners, u64::from(port), port, false);
        }
        let answering = listeners.by_socket.values().filter(|l| l.answered > 0).count();
        assert_eq!((answering, listeners.by_socket.len() <= listeners.most), (100, true));
        let counted: u64 = listeners.by_socket.values().map(|l| l.connections).sum();
        assert_eq!(counted + listeners.beyond, 100 + 59_000);
    }
}
