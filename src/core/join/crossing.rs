//! The segments of one connection, each once, with its observation at every point.

use super::group::{Group, POINTS, Role, Shifts};
use super::matching::{List, Print, matched};
use super::observations::{NONE, Observation};
use super::point::Point;
use super::resegmented::resegmented;
use crate::segment::Flags;

/// One segment on its way: its observation at each point.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The sender, or the claimed sender.
    pub role: Role,
    /// Its place among the observations of each point, or [`NONE`].
    pub at: [u32; POINTS],
    /// Whether some points captured its octets in other segments, because it was split or merged.
    pub in_pieces: bool,
    /// Whether all its octets are in segments of other rows.
    pub accounted: bool,
}

impl Row {
    fn new(role: Role, point: usize, place: u32) -> Self {
        let mut at = [NONE; POINTS];
        at[point] = place;
        Self { role, at, in_pieces: false, accounted: false }
    }

    /// The last point, in the order given to the comparison, that captured it.
    fn latest(&self) -> Option<(usize, u32)> {
        self.at.iter().copied().enumerate().rev().find(|(_, place)| *place != NONE)
    }
}

/// Converts a capture's time to the clock of the first capture.
pub type ToFirst<'a> = &'a dyn Fn(usize, i64) -> i64;

/// The rows of all segments of one end. Without `to_first`, while the clocks are unknown, copies that differ only in
/// time are not matched. At most `limit` segments of each capture are used.
#[must_use]
pub fn rows(
    points: &[Point],
    group: &Group,
    role: Role,
    to_first: Option<ToFirst<'_>>,
    limit: usize,
) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (point, _) in group.present() {
        let sent: Vec<(u32, &Observation)> = group.sent(points, point, role).take(limit).collect();
        if rows.is_empty() {
            rows.extend(sent.iter().map(|(place, _)| Row::new(role, point, *place)));
        } else {
            Adding { points, shifts: group.shifts(), role, to_first }.add(&mut rows, point, &sent);
        }
    }
    rows
}

/// The key of an observation, in the numbers of the first point.
#[must_use]
pub fn print(shifts: &Shifts, role: Role, point: usize, s: &Observation) -> Print {
    let ack = s.ack.minus(shifts[point][1 - role]).0;
    let captured = print_of(s);
    Print { seq: s.seq.minus(shifts[point][role]).0, ack: if s.flags().ack() { ack } else { 0 }, ..captured }
}

/// The key of an observation, in the numbers of its own point.
#[must_use]
pub fn print_of(s: &Observation) -> Print {
    const TOLD_BY: u16 = Flags::FIN | Flags::SYN | Flags::RST | Flags::ACK;
    let flags = s.flags();
    Print {
        seq: s.seq.0,
        ack: if flags.ack() { s.ack.0 } else { 0 },
        payload: s.payload,
        flags: flags.0 & TOLD_BY,
        stamp: s.has_stamp().then_some(s.stamp),
        ip_id: s.has_id().then_some(s.ip_id),
    }
}

struct Adding<'a> {
    points: &'a [Point],
    shifts: Shifts,
    role: Role,
    to_first: Option<ToFirst<'a>>,
}

impl Adding<'_> {
    fn print(&self, point: usize, s: &Observation) -> Print {
        print(&self.shifts, self.role, point, s)
    }

    fn add(&self, rows: &mut Vec<Row>, point: usize, sent: &[(u32, &Observation)]) {
        let latest = |row: &Row| {
            let (before, place) = row.latest().unwrap_or_default(); // every row was captured somewhere
            (before, self.points[before].observations.get(place))
        };
        let here: Vec<Print> = rows.iter().map(latest).map(|(before, s)| self.print(before, s)).collect();
        let there: Vec<Print> = sent.iter().map(|(_, s)| self.print(point, s)).collect();
        let found = match self.to_first {
            None => matched(&List { prints: &here, time: None }, &List { prints: &there, time: None }),
            Some(to_first) => {
                let left = |place: usize| {
                    let (before, s) = latest(&rows[place]);
                    to_first(before, s.time_ns)
                };
                let arrived = |place: usize| to_first(point, sent[place].1.time_ns);
                matched(
                    &List { prints: &here, time: Some(&left) },
                    &List { prints: &there, time: Some(&arrived) },
                )
            }
        };
        let mut taken = vec![false; rows.len()];
        for (index, row) in found.iter().enumerate().filter(|(_, row)| **row != NONE) {
            rows[*row as usize].at[point] = sent[index].0;
            taken[*row as usize] = true;
        }
        let mut left: Vec<usize> = (0..sent.len()).filter(|index| found[*index] == NONE).collect();
        if left.is_empty() {
            return;
        }
        let cut = resegmented(&here, &there, &taken, &found);
        for (row, last) in cut.whole {
            rows[row].at[point] = sent[last].0;
            rows[row].in_pieces = true;
        }
        left.retain(|index| found[*index] == NONE);
        for index in left {
            let mut row = Row::new(self.role, point, sent[index].0);
            row.accounted = cut.accounted.binary_search(&index).is_ok();
            rows.push(row);
        }
    }
}
