//! Whole joins of made-up captures: which connections are the same, and the fate of each segment.

use super::account::Told;
use super::fate::Fate;
use super::group::By;
use super::testing::segment;
use super::{Join, point::Point};
use crate::address::ipv4;
use crate::flows::table::{Capacity, Flows};
use crate::segment::{Decoded, Flags, Segment};
use crate::seq::Seq;
use crate::tcp::profile::Profile;

const MS: i64 = 1_000_000;
const HOUR: i64 = 3_600_000 * MS;
const START: i64 = 1_700_000_000_000 * MS;
const DELAY: i64 = 2 * MS;

/// A capture at the client's side: handshake, a request, an answer, and a close with FINs. Every packet has an
/// identification.
fn dialogue(client: u32, server: u32) -> Vec<Segment> {
    use Flags as F;
    let steps: [(usize, u16, u32, u32, u32); 10] = [
        (0, F::SYN, 0, 0, 0),
        (1, F::SYN | F::ACK, 0, 1, 0),
        (0, F::ACK, 1, 1, 0),
        (0, F::ACK | F::PSH, 1, 1, 300),
        (1, F::ACK, 1, 301, 0),
        (1, F::ACK | F::PSH, 1, 301, 900),
        (0, F::ACK, 301, 901, 0),
        (0, F::ACK | F::FIN, 301, 901, 0),
        (1, F::ACK | F::FIN, 901, 302, 0),
        (0, F::ACK, 302, 902, 0),
    ];
    let numbers = [Seq(client), Seq(server)];
    let step = |(place, (from, flags, seq, ack, payload)): (usize, (usize, u16, u32, u32, u32))| {
        let ack = if flags & F::ACK == 0 { 0 } else { numbers[1 - from].plus(ack).0 };
        let sent = segment(START + place as i64 * 10 * MS, numbers[from].plus(seq).0, ack, payload);
        let made = Segment { flags: Flags(flags), ip_id: Some(100 + place as u16), ..sent };
        if from == 0 { made } else { turned(&made) }
    };
    steps.into_iter().enumerate().map(step).collect()
}

/// The same segment in the other direction.
fn turned(s: &Segment) -> Segment {
    Segment {
        source: s.destination,
        destination: s.source,
        source_port: s.destination_port,
        destination_port: s.source_port,
        ..*s
    }
}

fn is_from_client(s: &Segment) -> bool {
    s.destination_port == 80
}

/// The same segments as a tap at the server's side captures them, on a clock that is an hour ahead.
fn far(near: &[Segment]) -> Vec<Segment> {
    let late = |s: &Segment| if is_from_client(s) { DELAY } else { -DELAY };
    near.iter().map(|s| Segment { time_ns: s.time_ns + HOUR + late(s), ..*s }).collect()
}

fn point(segments: &[Segment]) -> Point {
    let mut point = Point::new(Flows::new(Profile::default(), Capacity::default()), 1000);
    for (place, s) in segments.iter().enumerate() {
        let frame = place as u64 + 1;
        point.observe(s.time_ns, frame, Decoded::Segment(Segment { frame, ..*s }));
    }
    point
}

fn joined(captures: &[&[Segment]]) -> Join {
    let mut join =
        Join { points: captures.iter().map(|segments| point(segments)).collect(), ..Join::default() };
    join.settle();
    join
}

fn fates(join: &Join, id: u64) -> Vec<Fate> {
    told(join, id).iter().map(|told| told.passage.fate).collect()
}

fn told(join: &Join, id: u64) -> Vec<Told> {
    join.tell(&join.groups[join.place(id).unwrap()])
}

#[test]
fn numbers_that_wrap_around_are_the_same_numbers() {
    let near = dialogue(u32::MAX - 150, u32::MAX - 400);
    let join = joined(&[&near, &far(&near)]);
    assert_eq!(fates(&join, 1), [Fate::Arrived; 10]);
    let clock = join.clocks.by_previous[1].unwrap();
    assert_eq!((clock.offset_ns, clock.uncertainty_ns), (HOUR, Some(DELAY)));
    assert!(told(&join, 1).iter().flat_map(|told| told.legs.iter()).all(|leg| leg.delay_ns == DELAY));
}

#[test]
fn a_missing_segment_was_lost_unless_it_was_acknowledged() {
    let near = dialogue(u32::MAX - 150, 5000);
    let without = |place: usize| {
        let mut far = far(&near);
        far.remove(place);
        fates(&joined(&[&near, &far]), 1)[place]
    };
    assert_eq!(without(6), Fate::Lost);
    // The server acknowledged the request, so the request arrived: the capture there missed it.
    assert_eq!(without(3), Fate::Missed);
}

#[test]
fn a_segment_of_the_far_capture_alone_was_injected() {
    let near = dialogue(1000, 5000);
    let mut far = far(&near);
    let reset = Segment { flags: Flags(Flags::RST), ip_id: Some(9), time_ns: far[6].time_ns + MS, ..far[6] };
    far.insert(7, reset);
    assert_eq!(fates(&joined(&[&near, &far]), 1)[7], Fate::Injected);
    far[7] = Segment { time_ns: far[6].time_ns + MS, ..far[6] };
    assert_eq!(fates(&joined(&[&near, &far]), 1)[7], Fate::Duplicated);
}

#[test]
fn a_packet_that_a_mirror_port_shows_twice_was_not_lost() {
    let near = dialogue(1000, 5000);
    let again = Segment { time_ns: near[3].time_ns + 50_000, ..near[3] };
    let mirrored = [&near[..4], &[again], &near[4..]].concat();
    let told = told(&joined(&[&mirrored, &far(&near)]), 1);
    let count = |fate| told.iter().filter(|told| told.passage.fate == fate).count();
    assert_eq!((count(Fate::Arrived), count(Fate::Twice)), (10, 1));
}

#[test]
fn segments_split_by_offload_are_not_lost() {
    let near = dialogue(u32::MAX - 100, 5000);
    let mut far = far(&near);
    let whole = far.remove(3);
    for part in (0..3).rev() {
        let seq = whole.seq.plus(part * 100);
        far.insert(3, Segment { seq, payload: 100, ip_id: Some(500 + part as u16), ..whole });
    }
    let told = told(&joined(&[&near, &far]), 1);
    assert!(told.iter().all(|told| told.passage.fate == Fate::Arrived));
    assert_eq!(told.iter().filter(|told| told.passage.row.in_pieces).count(), 1);
}

#[test]
fn data_that_were_joined_to_a_fin_are_counted_as_data() {
    // The first point captures data, and a FIN with data; offload merges both into one packet before the second
    // point. That packet is lost on the next stage, where another connection has it, twice.
    let near = dialogue(1000, 5000);
    let joined_fin = Segment { payload: 200, ..near[7] };
    let data = Segment { payload: 100, flags: Flags(Flags::ACK), ip_id: Some(500), ..joined_fin };
    let fin = Segment { seq: data.seq.plus(100), payload: 100, ip_id: Some(501), ..joined_fin };
    let with = |last: &[Segment]| [&near[..7], last].concat();
    let stray = Segment { source_port: 1001, time_ns: joined_fin.time_ns + HOUR + DELAY, ..joined_fin };
    let syn = Segment { flags: Flags(Flags::SYN), seq: stray.seq.plus(u32::MAX), payload: 0, ..stray };
    let far = [far(&near[..7]), vec![syn, stray, stray]].concat();
    let join = joined(&[&with(&[data, fin]), &with(&[joined_fin]), &far]);
    let lost = join.account.stages.values().flat_map(|passing| passing.fates[Fate::Lost as usize]);
    assert_eq!(lost.sum::<u64>(), 0);
    assert_eq!(join.account.glances[0].fates[0][Fate::Lost as usize], 0);
}

/// The segments behind a gateway that translates the client's address and port.
fn translated(segments: &[Segment]) -> Vec<Segment> {
    let (address, port) = (ipv4([203, 0, 113, 7]), 4444);
    let translate = |s: &Segment| {
        if is_from_client(s) {
            Segment { source: address, source_port: port, ..*s }
        } else {
            Segment { destination: address, destination_port: port, ..*s }
        }
    };
    segments.iter().map(translate).collect()
}

#[test]
fn translated_connections_are_matched_by_both_isns() {
    let near = dialogue(u32::MAX, 5000);
    let join = joined(&[&near, &translated(&far(&near))]);
    assert_eq!((join.groups.len(), join.groups[0].by), (1, By::Translated));
    assert_eq!(fates(&join, 1), [Fate::Arrived; 10]);
}

#[test]
fn connections_with_rewritten_sequence_numbers_are_matched() {
    let near = dialogue(u32::MAX - 10, 5000);
    let rewrite = |s: &Segment| {
        if is_from_client(s) {
            Segment { seq: s.seq.plus(77), ..*s }
        } else {
            Segment { ack: s.ack.plus(77), ..*s }
        }
    };
    let far: Vec<Segment> = far(&near).iter().map(rewrite).collect();
    let join = joined(&[&near, &far]);
    assert_eq!((join.groups.len(), join.groups[0].by), (1, By::RewrittenNumbers));
    assert_eq!(fates(&join, 1), [Fate::Arrived; 10]);
}

#[test]
fn captures_that_share_nothing_are_not_matched() {
    let (near, other) = (dialogue(1000, 5000), dialogue(2_000_000_000, 3_000_000_000));
    let join = joined(&[&near, &translated(&far(&other))]);
    assert_eq!(join.presence(), [(1, 1), (2, 1)]);
    assert_eq!(join.clocks.by_previous[1], None);
}

#[test]
fn captures_in_the_other_order_are_understood() {
    let near = dialogue(1000, 5000);
    let join = joined(&[&far(&near), &near]);
    assert_eq!(join.clocks.path, [1, 0]);
    assert_eq!(join.clocks.by_previous[1].unwrap().offset_ns, -HOUR);
    assert_eq!(fates(&join, 1), [Fate::Arrived; 10]);
}

#[test]
fn segments_without_room_are_not_compared() {
    let near = dialogue(1000, 5000);
    let mut join = Join { points: vec![point(&near), point(&far(&near))], ..Join::default() };
    join.points[1].observations.limit = 10;
    join.points[1].observe(START + HOUR, 11, Decoded::Segment(near[9]));
    join.settle();
    assert!(join.account.glances[0].torn);
}
