//! `netstat -l` from the wire: sockets that connections were opened to, or meant to be, with their load.

use super::slab::Slot;
use super::tally::Examples;
use crate::address::{Ip, Scope};
use crate::tcp::connection::Connection;
use crate::tcp::fact::Fact;
use crate::tcp::log::{Side, Transition};
use crate::tcp::profile::SECOND;
use crate::tcp::state::State;
use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet};

/// A socket: address, port, scope.
pub type Socket = (Ip, u16, Scope);

/// How many were in some state at one time, at most. Intervals may come in any order. Where there are very many, only
/// some instants are looked at, equally far apart: the peak is then a lower bound.
#[derive(Clone, Debug, Default)]
pub struct Peak {
    /// When the number rises or falls, and by how much.
    steps: Vec<(i64, i32)>,
    /// The instants looked at are multiples of two to the power of this, in Unix ns.
    coarseness: u32,
}

impl Peak {
    const MOST_STEPS: usize = 1024;

    /// Adds an interval, in Unix ns; without an end it lasts for ever.
    pub fn add(&mut self, from_ns: i64, until_ns: Option<i64>) {
        self.step(from_ns, 1);
        if let Some(until) = until_ns {
            self.step(until, -1);
        }
    }

    fn step(&mut self, time_ns: i64, by: i32) {
        if self.steps.len() >= Self::MOST_STEPS {
            self.join();
            while self.steps.len() > Self::MOST_STEPS / 2 {
                self.coarseness += 1;
                self.join();
            }
        }
        self.steps.push((self.next_instant(time_ns), by));
    }

    /// Makes one of all steps that are seen at the same instant.
    fn join(&mut self) {
        for at in 0..self.steps.len() {
            self.steps[at].0 = self.next_instant(self.steps[at].0);
        }
        self.steps.sort_unstable();
        self.steps.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            kept.1 += if same { later.1 } else { 0 };
            same
        });
        self.steps.retain(|(_, by)| *by != 0);
    }

    const fn next_instant(&self, time_ns: i64) -> i64 {
        let below = (1 << self.coarseness) - 1;
        time_ns.saturating_add(below) & !below
    }

    /// The peak.
    #[must_use]
    pub fn value(&self) -> u64 {
        let mut whole = self.clone();
        // An interval that ends when another begins does not overlap it.
        whole.join();
        let levels = whole.steps.iter().scan(0, |level, (_, by)| {
            *level += by;
            Some(*level)
        });
        u64::try_from(levels.max().unwrap_or(0)).unwrap_or(0)
    }
}

/// What is known of one socket.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    /// Connections opened or tried.
    pub connections: u64,
    /// Client addresses, up to a bound, in short.
    pub clients: HashSet<u64, RandomState>,
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
    pub time_wait: HashMap<Ip, Peak, RandomState>,
    /// The frame of the first connection.
    pub first_frame: u64,
    /// The first connections.
    pub examples: Examples,
}

/// The sockets, up to a bound.
#[derive(Clone, Debug, Default)]
pub struct Listeners(pub HashMap<Socket, Listener, RandomState>);

impl Listeners {
    const MOST: usize = 10_000;
    const MOST_CLIENTS: usize = 1_000;
    const MOST_IN_TIME_WAIT: usize = 100;

    /// Counts a connection whose client is the end given, with its transitions.
    pub fn count(&mut self, slot: &Slot, client: Side, transitions: &[Transition]) {
        let server = 1 - client;
        let key = slot.key();
        let socket = (key.ips[server], key.ports[server], key.scope);
        if self.0.len() >= Self::MOST && !self.0.contains_key(&socket) {
            return;
        }
        let connection = &slot.connection;
        let (c, s) = (&connection.ends[client], &connection.ends[server]);
        let l = self.0.entry(socket).or_default();
        l.connections += 1;
        if l.clients.len() < Self::MOST_CLIENTS {
            l.clients.insert(in_short(key.ips[client]));
        }
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
        for (from, until) in stays(transitions, server, State::SynRecv) {
            l.embryonic.add(from, until);
        }
        let address = key.ips[client];
        if l.time_wait.len() < Self::MOST_IN_TIME_WAIT || l.time_wait.contains_key(&address) {
            let peak = l.time_wait.entry(address).or_default();
            for side in [client, server] {
                for (from, until) in stays(transitions, side, State::TimeWait) {
                    peak.add(from, until);
                }
            }
        }
    }
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

/// When an end entered a state, and when it left it.
fn stays(log: &[Transition], side: Side, state: State) -> impl Iterator<Item = (i64, Option<i64>)> + '_ {
    let believed = move || log.iter().filter(move |t| t.side == side && t.is_believed());
    believed().filter(move |t| t.to == state).map(move |entered| {
        let left = believed().find(|t| t.from == state && t.time_ns >= entered.time_ns);
        (entered.time_ns, left.map(|t| t.time_ns))
    })
}

#[cfg(test)]
mod tests {
    use super::Peak;

    #[test]
    fn a_peak_counts_what_overlaps() {
        let mut peak = Peak::default();
        peak.add(10, Some(20));
        peak.add(20, Some(30));
        assert_eq!(peak.value(), 1);
        peak.add(15, None);
        assert_eq!(peak.value(), 2);
        peak.add(0, Some(100));
        assert_eq!(peak.value(), 3);
    }

    #[test]
    fn of_very_many_intervals_some_instants_are_looked_at() {
        let mut peak = Peak::default();
        for n in 0..200_000 {
            peak.add(n * 10, Some(n * 10 + 35));
        }
        assert_eq!(peak.value(), 4);
        assert!(peak.steps.len() <= Peak::MOST_STEPS);
    }
}
