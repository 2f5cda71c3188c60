//! The order in which segments pass the points, and the connections that go against it.
//!
//! The further a point is from the client, the later it captures the client's segments, and the earlier it captures
//! the answers. Half the difference is the point's distance, whatever its clock shows.

use super::crossing::{Row, rows};
use super::group::{Group, POINTS};
use super::observations::NONE;
use super::point::Point;

/// The distance of each point that has a connection from its client, in ns, counted from an arbitrary place.
pub type Distances = [Option<i64>; POINTS];

/// Computes the distances from the rows of both ends.
#[must_use]
pub fn distances(points: &[Point], group: &Group, there: &[Row], back: &[Row]) -> Distances {
    const LOOKED_AT: usize = 64;
    let mut distances = [None; POINTS];
    let everywhere = |row: &&Row| group.present().all(|(point, _)| row.at[point] != NONE) && !row.in_pieces;
    let Some((first, _)) = group.present().next() else { return distances };
    let time = |row: &Row, point: usize| points[point].observations.get(row.at[point]).time_ns;
    let there: Vec<&Row> = there.iter().filter(everywhere).take(LOOKED_AT).collect();
    let back: Vec<&Row> = back.iter().filter(everywhere).take(LOOKED_AT).collect();
    // The closer the two are in time, the less drift affects the difference.
    let closest = there.iter().filter_map(|row| {
        let place = back.partition_point(|other| time(other, first) < time(row, first));
        let near = [place.checked_sub(1), Some(place)];
        let others = near.into_iter().flatten().filter_map(|place| back.get(place));
        others.map(|other| (time(row, first).abs_diff(time(other, first)), *row, *other)).min_by_key(|p| p.0)
    });
    let Some((_, row, other)) = closest.min_by_key(|pair| pair.0) else { return distances };
    for (point, _) in group.present() {
        distances[point] = Some((time(row, point) - time(other, point)) / 2);
    }
    distances
}

/// The points from the clients' side to the servers', by the majority of connections.
#[must_use]
pub fn path(points: &[Point], groups: &[Group]) -> Vec<usize> {
    const LOOKED_AT: usize = 2000;
    const SEGMENTS: usize = 64;
    let stride = groups.len().div_ceil(LOOKED_AT).max(1);
    let all: Vec<Distances> = groups
        .iter()
        .step_by(stride)
        .map(|group| {
            let [there, back] = [0, 1].map(|role| rows(points, group, role, None, SEGMENTS));
            distances(points, group, &there, &back)
        })
        .collect();
    let given: Vec<usize> = (0..points.len()).collect();
    let votes: i64 = all.iter().map(|distances| i64::from(direction(distances, &given))).sum();
    let most = if votes < 0 { -1 } else { 1 };
    let mut far = [(0_i128, 0_i128); POINTS];
    for distances in all.iter().filter(|distances| direction(distances, &given) == most) {
        let Some(first) = distances.iter().flatten().next() else { continue };
        for (point, distance) in distances.iter().enumerate() {
            if let Some(distance) = distance {
                far[point].0 += i128::from(distance - first);
                far[point].1 += 1;
            }
        }
    }
    let mut path = given;
    path.sort_by_key(|point| far[*point].0 / far[*point].1.max(1));
    path
}

/// 1 if a connection goes along the path, -1 if against it, 0 if unknown.
#[must_use]
pub fn direction(distances: &Distances, path: &[usize]) -> i8 {
    let mut known = path.iter().filter_map(|point| distances[*point]);
    match (known.next(), known.next_back()) {
        (Some(first), Some(last)) => (last - first).signum() as i8,
        _ => 0,
    }
}
