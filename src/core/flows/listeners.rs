//! `netstat -l` from the wire: sockets that connections were opened to, or meant to be, with their load.

use super::budget::keep_most;
use super::examples::Examples;
use super::key::Key;
use super::peak::Peak;
use super::slab::Slot;
use crate::address::{Ip, Scope};
use crate::tcp::connection::Connection;
use crate::tcp::entry::{Move, Standing};
use crate::tcp::fact::Fact;
use crate::tcp::profile::SECOND;
use crate::tcp::side::Side;
use crate::tcp::state::State;
use foldhash::fast::RandomState;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

/// A socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Socket {
    /// Its address.
    pub ip: Ip,
    /// Its port.
    pub port: u16,
    /// Address family and tunnel.
    pub scope: Scope,
}

/// Three words. What derives would hash the address as a slice with its length, which takes longer.
impl Hash for Socket {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(u128::from_le_bytes(self.ip));
        state.write_u64(u64::from(self.port) << 32 | u64::from(self.scope.0));
    }
}

/// How many different clients there were, up to a bound.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    /// Their addresses in short: each once and sorted, then those that came since. Looking for each as it comes would
    /// take longer: it may lie anywhere.
    known: Vec<u64>,
    /// Whether the bound is reached: then nobody needs to know them any more.
    are_many: bool,
}

impl Clients {
    const MOST: usize = 1_000;

    fn add(&mut self, ip: Ip) {
        if self.are_many {
            return;
        }
        self.known.push(in_short(ip));
        if self.known.len() == self.known.capacity() {
            self.sort();
        }
    }

    /// Makes room for more, and for twice as many unless half were known before.
    #[cold]
    fn sort(&mut self) {
        let before = self.known.len();
        self.known.sort();
        self.known.dedup();
        let different = self.known.len();
        self.are_many = different >= Self::MOST;
        if self.are_many {
            self.known = Vec::new();
        } else if different * 2 > before {
            self.known.reserve_exact(different);
        }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        if self.are_many {
            return Self::MOST;
        }
        let mut sorted = self.clone();
        sorted.sort();
        if sorted.are_many { Self::MOST } else { sorted.known.len() }
    }
}

/// What is known of one socket.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    /// Connections opened or tried.
    pub connections: u64,
    /// Its clients.
    pub clients: Clients,
    /// Connections that it answered with a SYN,ACK.
    pub answered: u64,
    /// Connections that it refused.
    pub refused: u64,
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
    /// The frame of the first connection.
    pub first_frame: u64,
    /// The id of the latest one.
    pub latest: u64,
    /// The first connections.
    pub examples: Examples,
}

impl Listener {
    const MOST_IN_TIME_WAIT: usize = 100;

    /// Counts an interval in TIME_WAIT of a connection with one client, which may be new if there is `room` for it.
    fn waits(&mut self, client: Ip, (from, until): Stay, room: bool) {
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
#[derive(Clone, Debug, Default)]
pub struct Listeners {
    by_socket: HashMap<Socket, Listener, RandomState>,
    counted: u64,
    /// Clients of all sockets whose connections in TIME_WAIT are counted.
    in_time_wait: usize,
    /// Connections of the sockets that were dropped.
    pub beyond: u64,
}

impl Listeners {
    const MOST: usize = 10_000;
    /// A socket of one connection in so many is busy, and kept whatever it is: at most as many sockets are.
    const BUSY: u64 = 1000;
    /// Clients of all sockets whose connections in TIME_WAIT are counted: each can take up 16 kB.
    const MOST_IN_TIME_WAIT: usize = 10_000;
    /// Sockets that are reported.
    const MOST_REPORTED: usize = 1000;

    /// The sockets with the most connections, most first.
    #[must_use]
    pub fn busiest(&self) -> Vec<(&Socket, &Listener)> {
        let mut busiest: Vec<_> = self.by_socket.iter().collect();
        busiest.sort_unstable_by_key(|(socket, l)| (Reverse(l.connections), l.first_frame, **socket));
        busiest.truncate(Self::MOST_REPORTED);
        busiest
    }

    /// Counts a connection whose client is the end given, with those of its moves that [`counts`] picks.
    pub fn count(&mut self, slot: &Slot, client: Side, moves: &[Move]) {
        let server = client.other();
        let key = slot.key();
        let socket = socket(&key, server);
        self.counted += 1;
        let l = self.by_socket.entry(socket).or_default();
        let connection = &slot.connection;
        let (c, s) = (&connection.ends[client], &connection.ends[server]);
        l.connections += 1;
        l.latest = l.latest.max(slot.id);
        l.clients.add(key.ips[client]);
        l.answered += u64::from(s.marks.answered_syn());
        l.refused += u64::from(connection.has(server, Fact::Refused));
        l.unanswered += u64::from(c.marks.opened_actively() && s.frames() == 0 && !s.marks.has_iss());
        l.states[s.state() as usize] += 1;
        l.client_states[c.state() as usize] += 1;
        l.short_lived += u64::from(is_short(connection));
        if l.first_frame == 0 || connection.first_frame < l.first_frame {
            l.first_frame = connection.first_frame;
        }
        l.examples.offer(slot.id);
        for entered in moves.iter().filter(|m| m.standing != Standing::Retracted) {
            match entered.to {
                State::SynRecv if entered.side == server => {
                    let (from, until) = stay(entered, moves);
                    l.embryonic.add(from, until);
                }
                State::TimeWait => {
                    let (before, room) = (l.time_wait.len(), self.in_time_wait < Self::MOST_IN_TIME_WAIT);
                    l.waits(key.ips[client], stay(entered, moves), room);
                    self.in_time_wait += l.time_wait.len() - before;
                }
                _ => {}
            }
        }
        self.drop_least();
    }

    /// Drops the sockets that matter least where there are many, as a scan makes them: of those that are not busy, those
    /// that never answered, and of these the oldest.
    fn drop_least(&mut self) {
        let busy = self.counted.div_ceil(Self::BUSY).max(2);
        let rank = |l: &Listener| (l.connections >= busy, l.answered > 0, l.latest);
        let (beyond, in_time_wait) = (&mut self.beyond, &mut self.in_time_wait);
        keep_most(&mut self.by_socket, Self::MOST, rank, |l| {
            *beyond += l.connections;
            *in_time_wait -= l.time_wait.len();
        });
    }
}

fn socket(key: &Key, side: Side) -> Socket {
    Socket { ip: key.ips[side], port: key.ports[side], scope: key.scope }
}

/// An address in half the memory: all of an IPv4 address, and of an IPv6 address as good as all.
const fn in_short(ip: Ip) -> u64 {
    let whole = u128::from_le_bytes(ip);
    whole as u64 ^ ((whole >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Opened, and over within a second.
fn is_short(connection: &Connection) -> bool {
    let opened = connection.ends.iter().all(|end| end.marks.has_iss());
    let over = connection.ends.iter().all(|end| end.state().is_over());
    opened && over && connection.last_ns() - connection.first_ns() <= SECOND
}

/// Whether it is a move into or out of a state whose peak is counted.
#[inline]
#[must_use]
pub fn counts(made: &Move) -> bool {
    let peaks = |state| matches!(state, State::SynRecv | State::TimeWait);
    peaks(made.from) || peaks(made.to)
}

/// When an end entered a state, and when it left it, if it did.
type Stay = (i64, Option<i64>);

fn stay(entered: &Move, moves: &[Move]) -> Stay {
    let leaves =
        |m: &&Move| m.from == entered.to && m.is_believed_of(entered.side) && m.time_ns >= entered.time_ns;
    (entered.time_ns, moves.iter().find(leaves).map(|left| left.time_ns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::ipv4;
    use crate::segment::{Flags, Segment};
    use crate::tcp::profile::Profile;
    use crate::testing::{Random, segment};
    use std::collections::HashSet;

    #[test]
    fn as_many_clients_are_counted_as_there_are_until_there_are_many() {
        for different in [1, 3, 30, 999, 1000, 1001, 3000] {
            let mut random = Random::of_run(different as u64);
            let (mut clients, mut known) = (Clients::default(), HashSet::new());
            for _ in 0..different * 8 {
                let [high, low] = (random.below(different) as u16).to_be_bytes();
                let ip = ipv4([10, 0, high, low]);
                clients.add(ip);
                known.insert(ip);
                if random.one_in(50) {
                    assert_eq!(clients.count(), known.len().min(Clients::MOST));
                }
            }
            assert_eq!(clients.count(), known.len().min(Clients::MOST));
            assert!(clients.known.capacity() < 2 * Clients::MOST);
        }
    }

    /// A connection from one client to a port, with a server that answers or does not.
    fn visit(listeners: &mut Listeners, id: u64, port: u16, answers: bool) {
        let mut slot = Slot { id, ..Slot::default() };
        let ends = ((ipv4([10, 0, 0, 1]), 40_000), (ipv4([10, 0, 0, 2]), port));
        let (key, client) = Key::of(ends.0, ends.1, Scope::default());
        slot.key = key.into();
        if answers {
            let syn_ack = Segment { flags: Flags(Flags::SYN | Flags::ACK), ..segment() };
            slot.connection.observe(client.other(), &syn_ack, &Profile::default());
        }
        listeners.count(&slot, client, &[]);
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
        assert_eq!((answering, listeners.by_socket.len() <= Listeners::MOST), (100, true));
        let counted: u64 = listeners.by_socket.values().map(|l| l.connections).sum();
        assert_eq!(counted + listeners.beyond, 100 + 59_000);
    }
}
