//! Populations, counted from dialogues that a flow table has read.

use super::Populations;
use super::clients::Client;
use super::listeners::Listener;
use super::paths::{End, Talk};
use crate::address::ipv4;
use crate::flows::table::{Capacity, Flows};
use crate::flows::tally::Tally;
use crate::segment::{Decoded, Flags, Segment};
use crate::seq::Seq;
use crate::tcp::profile::{Profile, SECOND};
use crate::testing::segment;

const MS: i64 = SECOND / 1000;
const SYN: u16 = Flags::SYN;
const ACK: u16 = Flags::ACK;
const FIN: u16 = Flags::FIN;
const RST: u16 = Flags::RST;

/// A capture of dialogues between 10.0.0.1 and port 80 of 10.0.0.2.
struct Wire {
    flows: Flows,
    frame: u64,
}

impl Wire {
    fn new() -> Self {
        Self { flows: Flows::new(Profile::default(), Capacity::default()), frame: 0 }
    }

    /// A segment of the client, or of the server, with the client's port; numbers from 1000 and from 5000 on.
    fn send(
        &mut self,
        time_ns: i64,
        (port, by_client): (u16, bool),
        flags: u16,
        (seq, ack): (u32, u32),
        payload: u32,
    ) {
        self.frame += 1;
        let (client, server) = ((ipv4([10, 0, 0, 1]), port), (ipv4([10, 0, 0, 2]), 80));
        let (from, to) = if by_client { (client, server) } else { (server, client) };
        let one = Segment {
            time_ns,
            frame: self.frame,
            source: from.0,
            source_port: from.1,
            destination: to.0,
            destination_port: to.1,
            flags: Flags(flags),
            seq: Seq(seq),
            ack: Seq(ack),
            payload,
            window: 60_000,
            ttl: if by_client { 64 } else { 57 },
            ..segment()
        };
        self.flows.observe(time_ns, self.frame, &Decoded::Segment(one));
    }

    /// A handshake: 20 ms to the server and back, 1 ms to the client.
    fn open(&mut self, time_ns: i64, port: u16) {
        self.send(time_ns, (port, true), SYN, (1000, 0), 0);
        self.send(time_ns + 20 * MS, (port, false), SYN | ACK, (5000, 1001), 0);
        self.send(time_ns + 21 * MS, (port, true), ACK, (1001, 5001), 0);
    }

    /// A request of ten octets and its answer of ten, the `nth` such.
    fn talk(&mut self, time_ns: i64, port: u16, nth: u32) {
        let (client, server) = (1001 + 10 * nth, 5001 + 10 * nth);
        self.send(time_ns, (port, true), ACK, (client, server), 10);
        self.send(time_ns + 20 * MS, (port, false), ACK, (server, client + 10), 10);
        self.send(time_ns + 21 * MS, (port, true), ACK, (client + 10, server + 10), 0);
    }

    fn end(mut self) -> Populations {
        self.flows.settle();
        self.flows.tally().populations
    }
}

fn listener(people: &Populations) -> Listener {
    people.listeners.busiest()[0].1.clone()
}

fn client(people: &Populations) -> Client {
    people.clients.0.busiest()[0].1.clone()
}

fn talk(people: &Populations) -> Talk {
    people.paths.0.busiest()[0].1.talk.clone().unwrap_or_default()
}

#[test]
fn a_path_brackets_the_silences_that_it_survives() {
    let mut wire = Wire::new();
    for (port, slept) in [(1, 100), (2, 800), (3, 900), (4, 2000)] {
        wire.open(SECOND, port);
        wire.talk(2 * SECOND, port, 0);
        wire.talk(5 * SECOND, port, 1);
        let woke = (5 + slept) * SECOND;
        if slept < 850 {
            wire.talk(woke, port, 2);
        } else {
            wire.send(woke, (port, true), ACK, (1021, 5021), 10);
            wire.send(woke + 20 * MS, (port, false), RST, (5021, 0), 0);
        }
    }
    let talk = talk(&wire.end());
    let slept = |seconds| seconds * SECOND - 21 * MS;
    assert_eq!(talk.survived.iter().take(2).collect::<Vec<_>>(), [(slept(800), 2), (slept(100), 1)]);
    // Before they died of one silence, the others survived a shorter one.
    assert_eq!((talk.survivals, talk.survived.iter().last()), (4, Some((slept(3), 3))));
    let died: Vec<_> = talk.died.iter().map(|died| died.0).collect();
    assert_eq!(died, [((slept(900), 3), End::Reset), ((slept(2000), 4), End::Reset)]);
    assert_eq!((talk.deaths, talk.resets), (2, 2));
}

#[test]
fn the_halves_of_the_handshake_tell_where_the_tap_is() {
    let mut wire = Wire::new();
    (1..=10).for_each(|n| wire.open(n * SECOND, 100 + n as u16));
    let people = wire.end();
    let (talk, listener) = (talk(&people), listener(&people));
    assert_eq!((talk.to_server.usual_ns(), talk.to_client.usual_ns()), (20 * MS, MS));
    assert_eq!((talk.handshake.count(), talk.handshake.least_ns()), (10, 21 * MS));
    assert_eq!((listener.opened, listener.history.slow), (10, 0));
    assert_eq!(listener.history.ttls.iter().collect::<Vec<_>>(), [57]);
}

#[test]
fn an_opening_that_took_a_second_syn_is_slow_and_tells_no_round_trip() {
    let mut wire = Wire::new();
    wire.open(SECOND, 1);
    wire.send(2 * SECOND, (2, true), SYN, (1000, 0), 0);
    wire.open(3 * SECOND, 2);
    let history = listener(&wire.end()).history;
    assert_eq!((history.slow, history.to_server.count()), (1, 1));
    assert_eq!(history.slowest.iter().collect::<Vec<_>>(), [(SECOND + 20 * MS, 2)]);
}

#[test]
fn a_listener_remembers_when_it_refused_and_when_it_answered() {
    let mut wire = Wire::new();
    wire.open(SECOND, 1);
    for (port, second) in [(2, 10), (3, 20)] {
        wire.send(second * SECOND, (port, true), SYN, (1000, 0), 0);
        wire.send(second * SECOND + MS, (port, false), RST | ACK, (0, 1001), 0);
    }
    wire.send(15 * SECOND, (4, true), SYN, (1000, 0), 0);
    wire.open(30 * SECOND, 5);
    let people = wire.end();
    let (listener, client) = (listener(&people), client(&people));
    let times = |spell: Option<super::spell::Spell>| spell.map(|spell| (spell.first_ns, spell.last_ns));
    assert_eq!(times(listener.history.answers), Some((SECOND + 20 * MS, 30 * SECOND + 20 * MS)));
    assert_eq!(times(listener.history.refusals), Some((10 * SECOND + MS, 20 * SECOND + MS)));
    assert_eq!(times(listener.history.silences), Some((15 * SECOND, 15 * SECOND)));
    let counts =
        (client.connections, client.opened, client.refused, client.unanswered, client.sockets.count());
    assert_eq!(counts, (5, 2, 2, 1, 1));
}

#[test]
fn close_waits_are_counted_that_last_and_how_they_end() {
    let mut wire = Wire::new();
    for port in 1..=20 {
        let began = i64::from(port) * SECOND;
        wire.open(began, port);
        wire.send(began + 100 * MS, (port, true), FIN | ACK, (1001, 5001), 0);
        wire.send(began + 120 * MS, (port, false), ACK, (5001, 1002), 0);
    }
    for port in 1..=20 {
        wire.send(100 * SECOND, (port, false), FIN | ACK, (5001, 1002), 0);
        wire.send(100 * SECOND + MS, (port, true), ACK, (1002, 5002), 0);
    }
    let listener = listener(&wire.end());
    let waits = listener.history.close_waits.unwrap_or_default();
    let entered = 20 * SECOND + 100 * MS;
    assert_eq!((waits.present.most(), waits.leaving.most()), ((20, Some(entered)), (20, Some(100 * SECOND))));
    assert_eq!((waits.by_fin, waits.by_reset), (20, 0));
}

#[test]
fn a_server_that_hangs_up_without_a_word_is_told_from_a_client_that_does() {
    let mut wire = Wire::new();
    for (port, by_client) in [(1, false), (2, true), (3, false)] {
        let second = i64::from(port) * 10 * SECOND;
        wire.open(second, port);
        let numbers = |by_client| if by_client { (1001, 5001) } else { (5001, 1001) };
        wire.send(second + SECOND, (port, by_client), FIN | ACK, numbers(by_client), 0);
    }
    let people = wire.end();
    let (listener, client) = (listener(&people), client(&people));
    assert_eq!((listener.history.hung_up, listener.history.wordless_examples.ids()), (2, vec![1, 3]));
    assert_eq!((client.wordless, client.beats.period().map(|period| period.ns)), (3, Some(10 * SECOND)));
}

#[test]
fn half_open_connections_of_made_up_clients_are_bounded_and_counted() {
    let mut flows = Flows::new(Profile::default(), Capacity::default());
    for n in 0..40_000_u32 {
        let [_, a, b, c] = n.to_be_bytes();
        let source = ipv4([10, a, b, c]);
        let one = Segment {
            time_ns: i64::from(n) * 1000,
            frame: u64::from(n) + 1,
            source,
            destination: ipv4([192, 0, 2, 1]),
            destination_port: 80,
            flags: Flags(SYN),
            ..segment()
        };
        flows.observe(one.time_ns, one.frame, &Decoded::Segment(one));
    }
    let people = flows.tally().populations;
    assert!(people.clients.0.len() <= 2_001 && people.paths.0.len() <= 2_001);
    assert_eq!((people.clients.0.beyond, people.paths.0.beyond), (38_000, 38_000));
}

#[test]
fn two_threads_count_as_one_does() {
    let mut wire = Wire::new();
    for port in 1..=2500 {
        wire.open(SECOND + i64::from(port) * MS, port);
        wire.talk(10 * SECOND, port, 0);
    }
    wire.flows.settle();
    let alone = wire.flows.tally();
    wire.flows.uses_cores = true;
    let together = wire.flows.tally();
    let of = |tally: &Tally| {
        let (people, moves) = (&tally.populations, tally.moves.iter());
        let moves: Vec<_> = moves.map(|(role, from, to, moves)| (role, from, to, moves.count())).collect();
        let (server, client) = (listener(people), client(people));
        let counts =
            (tally.connections, tally.states, server.opened, client.opened, talk(people).to_server.count());
        let mut examples: Vec<_> = tally.examples().into_iter().collect();
        examples.sort_unstable();
        (counts, moves, server.examples.iter().collect::<Vec<_>>(), client.answered, examples)
    };
    assert_eq!(of(&alone), of(&together));
    assert_eq!(together.connections, 2500);
}
