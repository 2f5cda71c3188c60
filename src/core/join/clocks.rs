//! The clocks of all captures relative to that of the first.

use super::clock::{Clock, Samples};
use super::crossing::{Row, rows};
use super::group::{Group, POINTS};
use super::observations::NONE;
use super::order;
use super::point::Point;
use crate::address::Ip;
use std::collections::HashMap;

/// The clocks of the captures, and the order of their points on the path.
#[derive(Clone, Debug, Default)]
pub struct Clocks {
    /// Each capture's clock relative to that of the previous one. `None` for the first capture, and if the two share
    /// no segments.
    pub by_previous: Vec<Option<Clock>>,
    /// The points in the order from the clients' side to the servers'.
    pub path: Vec<usize>,
    /// The earliest and latest time of segments that must have passed a point but were captured only elsewhere: by
    /// that point, then by the capturing point, on the capturing point's clock.
    passed_by: [[Option<(i64, i64)>; POINTS]; POINTS],
}

/// The maximum number of segments used: plenty for a line.
const MOST_SAMPLES: usize = 4_000_000;
/// The segments used of each connection outside the sample, to determine its direction.
const FIRST_FEW: usize = 64;

impl Clocks {
    /// Estimates the clocks from shared segments, and marks the connections that run against the path.
    #[must_use]
    pub fn draw(points: &[Point], groups: &mut [Group]) -> Self {
        let path = order::path(points, groups);
        let total: usize = points.iter().map(|point| point.observations.len()).sum();
        let stride = total.div_ceil(MOST_SAMPLES).max(1);
        let mut samples: Vec<Samples> = points.iter().map(empty).collect();
        let mut hosts: HashMap<Ip, i64, foldhash::fast::RandomState> = HashMap::default();
        let mut passed_by = [[None; POINTS]; POINTS];
        let mut undecided = Vec::new();
        for (place, group) in groups.iter_mut().enumerate() {
            let limit = if place % stride == 0 { usize::MAX } else { FIRST_FEW };
            let sent = [0, 1].map(|role| rows(points, group, role, None, limit));
            let direction = order::direction(&order::distances(points, group, &sent[0], &sent[1]), &path);
            group.backward = direction < 0;
            if direction == 0 {
                undecided.push(place);
            } else if let Some(client) = client(group) {
                *hosts.entry(client).or_default() += i64::from(direction);
            }
            if direction != 0 {
                sample(points, group, &sent, &mut samples);
            }
            note_passed(points, group, &sent, &path, &mut passed_by);
        }
        let is_empty = samples.iter().all(Samples::is_empty);
        for place in undecided {
            let group = &mut groups[place];
            group.backward =
                client(group).and_then(|client| hosts.get(&client)).is_some_and(|votes| *votes < 0);
            if is_empty {
                let sent = [0, 1].map(|role| rows(points, group, role, None, FIRST_FEW));
                sample(points, group, &sent, &mut samples);
            }
        }
        let position = |point: usize| path.iter().position(|other| *other == point);
        let mut by_previous = vec![None];
        by_previous.extend((1..points.len()).map(|point| {
            let is_backward = position(point) < position(point - 1);
            samples[point].clock(is_backward)
        }));
        Self { by_previous, path, passed_by }
    }

    /// The time by the first capture's clock at which the clock of `point` showed `time_ns`.
    #[must_use]
    pub fn to_first(&self, point: usize, time_ns: i64) -> i64 {
        let clocks = self.by_previous.iter().take(point + 1).rev();
        clocks.flatten().fold(time_ns, |time_ns, clock| clock.other(time_ns))
    }

    /// When each capture began and ended, by the clock of the first.
    ///
    /// A capture without more segments may have ended, or no more may have reached it. It counts as running for as
    /// long as the others, unless they show segments from its side that it lacks.
    #[must_use]
    pub fn spans(&self, points: &[Point]) -> [(i64, i64); POINTS] {
        let mut own = [None; POINTS];
        for (index, point) in points.iter().enumerate() {
            let traffic = &point.flows.traffic;
            own[index] = traffic.first_ns.zip(traffic.last_ns);
            own[index] = own[index].map(|(a, b)| (self.to_first(index, a), self.to_first(index, b)));
        }
        // The last segments may still have been under way when all captures ended, so the common end counts. The
        // beginning has no such problem.
        let end = own.iter().flatten().map(|span| span.1).max().unwrap_or(0);
        let mut spans = [(i64::MIN, end); POINTS];
        for (index, span) in own.iter().enumerate() {
            let Some((first, last)) = *span else { continue };
            for (other, passed) in self.passed_by[index].iter().enumerate() {
                let Some((earliest, latest)) = *passed else { continue };
                if self.to_first(other, earliest) < first {
                    spans[index].0 = first;
                }
                if self.to_first(other, latest) > last {
                    spans[index].1 = last;
                }
            }
        }
        spans
    }
}

/// Records segments that a point should hold because it lies between their sender and a point that holds them. Resets
/// do not count: devices on the way forge them.
fn note_passed(
    points: &[Point],
    group: &Group,
    sent: &[Vec<Row>; 2],
    path: &[usize],
    passed_by: &mut [[Option<(i64, i64)>; POINTS]; POINTS],
) {
    for (role, rows) in sent.iter().enumerate() {
        let forward = (role == 0) != group.backward;
        for (place, point) in path.iter().enumerate() {
            let behind = if forward { &path[place + 1..] } else { &path[..place] };
            for row in rows.iter().filter(|row| row.at[*point] == NONE && !row.accounted) {
                for other in behind.iter().filter(|other| row.at[**other] != NONE) {
                    let s = points[*other].observations.get(row.at[*other]);
                    if s.flags().rst() {
                        continue;
                    }
                    let known = passed_by[*point][*other].get_or_insert((s.time_ns, s.time_ns));
                    *known = (known.0.min(s.time_ns), known.1.max(s.time_ns));
                }
            }
        }
    }
}

fn empty(point: &Point) -> Samples {
    let traffic = &point.flows.traffic;
    Samples::new(traffic.first_ns.unwrap_or(0), traffic.last_ns.unwrap_or(0))
}

fn client(group: &Group) -> Option<Ip> {
    group.present().next().map(|(_, member)| member.key.ips[member.client])
}

/// Adds the segments that were captured at two consecutive points.
fn sample(points: &[Point], group: &Group, sent: &[Vec<Row>; 2], samples: &mut [Samples]) {
    for (point, samples) in samples.iter_mut().enumerate().skip(1) {
        for (role, rows) in sent.iter().enumerate() {
            let both = |row: &&Row| row.at[point] != NONE && row.at[point - 1] != NONE && !row.in_pieces;
            for row in rows.iter().filter(both) {
                let time = |point: usize| points[point].observations.get(row.at[point]).time_ns;
                let along = role ^ usize::from(group.backward);
                samples.add(along, time(point), time(point - 1));
            }
        }
    }
}
