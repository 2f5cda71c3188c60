//! `netstat -l` from the wire: sockets that connections were opened to, or meant to be, with their load.

use super::key::Key;
use super::peak::Peak;
use super::slab::Slot;
use super::tally::Examples;
use crate::address::{Ip, Scope};
use crate::tcp::connection::Connection;
use crate::tcp::fact::Fact;
use crate::tcp::log::{Move, Side};
use crate::tcp::profile::SECOND;
use crate::tcp::state::State;
use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet};
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
    count: usize,
    /// Their addresses in short, until the bound is reached: then nobody needs them any more.
    known: HashSet<u64, RandomState>,
}

impl Clients {
    const MOST: usize = 1_000;

    fn add(&mut self, ip: Ip) {
        if self.count < Self::MOST {
            self.count += usize::from(self.known.insert(in_short(ip)));
            if self.count == Self::MOST {
                self.known = HashSet::default();
            }
        }
    }

    /// How many.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
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
    /// The first connections.
    pub examples: Examples,
}

impl Listener {
    const MOST_IN_TIME_WAIT: usize = 100;

    /// Counts intervals in TIME_WAIT of connections with one client.
    fn waits(&mut self, client: Ip, stays: impl Iterator<Item = (i64, Option<i64>)>) {
        let client = u128::from_le_bytes(client);
        let peak = if self.time_wait.len() < Self::MOST_IN_TIME_WAIT {
            Some(self.time_wait.entry(client).or_default())
        } else {
            self.time_wait.get_mut(&client)
        };
        if let Some(peak) = peak {
            stays.for_each(|(from, until)| peak.add(from, until));
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
pub struct Listeners(pub HashMap<Socket, Listener, RandomState>);

impl Listeners {
    const MOST: usize = 10_000;

    /// Counts a connection whose client is the end given, with those of its moves that [`counts`] picks.
    pub fn count(&mut self, slot: &Slot, client: Side, moves: &[Move]) {
        let server = 1 - client;
        let key = slot.key();
        let socket = socket(&key, server);
        let l = if self.0.len() < Self::MOST {
            self.0.entry(socket).or_default()
        } else {
            let Some(known) = self.0.get_mut(&socket) else { return };
            known
        };
        let connection = &slot.connection;
        let (c, s) = (&connection.ends[client], &connection.ends[server]);
        l.connections += 1;
        l.clients.add(key.ips[client]);
        l.answered += u64::from(s.marks.answered_syn());
        l.refused += u64::from(connection.has(server, Fact::Refused));
        l.unanswered += u64::from(c.marks.opened_actively() && s.frames == 0 && !s.marks.has_iss());
        l.states[s.state as usize] += 1;
        l.client_states[c.state as usize] += 1;
        l.short_lived += u64::from(is_short(connection));
        if l.first_frame == 0 || connection.first_frame < l.first_frame {
            l.first_frame = connection.first_frame;
        }
        l.examples.offer(slot.id);
        for (from, until) in stays(moves, server, State::SynRecv) {
            l.embryonic.add(from, until);
        }
        let waits = [client, server].into_iter().flat_map(|side| stays(moves, side, State::TimeWait));
        l.waits(key.ips[client], waits);
    }
}

const fn socket(key: &Key, side: Side) -> Socket {
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
    let over = connection.ends.iter().all(|end| end.state.is_over());
    opened && over && connection.last_ns() - connection.first_ns() <= SECOND
}

/// Whether it is a move into or out of a state whose peak is counted.
#[inline]
#[must_use]
pub fn counts(made: &Move) -> bool {
    let peaks = |state| matches!(state, State::SynRecv | State::TimeWait);
    peaks(made.from) || peaks(made.to)
}

/// When an end entered a state, and when it left it.
fn stays(moves: &[Move], side: Side, state: State) -> impl Iterator<Item = (i64, Option<i64>)> + '_ {
    let entered = moves.iter().filter(move |m| m.to == state && m.is_believed_of(side));
    entered.map(move |entered| {
        let leaves = |m: &&Move| m.from == state && m.is_believed_of(side) && m.time_ns >= entered.time_ns;
        (entered.time_ns, moves.iter().find(leaves).map(|left| left.time_ns))
    })
}
