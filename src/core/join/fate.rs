//! The fate of each segment on its way.
//!
//! A segment that one point captured and the next did not is lost between the two, unless something else explains its
//! absence: the other capture had ended or not begun, the receiver has acknowledged octets that only this segment
//! carried (the capture there missed it), or the first capture holds the packet twice.

use super::crossing::{Row, ToFirst, print};
use super::group::{Group, POINTS, Role, Shifts};
use super::matching::Print;
use super::observations::{NONE, Observation};
use super::point::Point;
use std::collections::{HashMap, HashSet};

/// The fate of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It was captured at both ends of the way.
    Arrived,
    /// It was captured before the stage but not behind it.
    Lost,
    /// It was captured behind the stage but not before it: a device on the way sent it.
    Injected,
    /// A copy of a segment that arrived as well; it was made in the stage.
    Duplicated,
    /// It passed a point that did not capture it.
    Missed,
    /// The other capture had ended, or not begun, at the time when the segment passed.
    Outside,
    /// The capture before the stage holds the packet twice.
    Twice,
}

impl Fate {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Arrived,
        Self::Lost,
        Self::Injected,
        Self::Duplicated,
        Self::Missed,
        Self::Outside,
        Self::Twice,
    ];

    /// Its name in Python.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Lost => "lost",
            Self::Injected => "injected",
            Self::Duplicated => "duplicated",
            Self::Missed => "missed",
            Self::Outside => "outside",
            Self::Twice => "captured twice",
        }
    }
}

/// A row with its fate.
#[derive(Clone, Copy, Debug)]
pub struct Passage {
    /// Where it was captured.
    pub row: Row,
    /// Its fate.
    pub fate: Fate,
    /// The stage in which that happened, as the points before and behind it. Both are the same point if there is no
    /// stage.
    pub stage: (usize, usize),
}

/// The facts about the points on which fates depend.
pub struct Context<'a> {
    /// The captures.
    pub points: &'a [Point],
    /// Converts the times of the captures to the clock of the first.
    pub to_first: ToFirst<'a>,
    /// The points from the client's side to the server's, for connections opened in that direction.
    pub path: &'a [usize],
    /// When each capture began and ended, by the clock of the first.
    pub spans: [(i64, i64); POINTS],
    /// The usual delay from one point to the next, in ns.
    pub usual_ns: i64,
    /// The shortest delay from one point to the next, in ns.
    pub least_ns: i64,
}

impl Context<'_> {
    /// The points in the order in which segments of `role` pass them.
    #[must_use]
    pub fn way(&self, group: &Group, role: Role) -> Vec<usize> {
        let forward = (role == 0) != group.backward;
        if forward { self.path.to_vec() } else { self.path.iter().rev().copied().collect() }
    }

    /// An observation of a row.
    #[must_use]
    pub fn observation(&self, row: &Row, point: usize) -> Option<&Observation> {
        let place = row.at[point];
        (place != NONE).then(|| self.points[point].observations.get(place))
    }

    /// When a row was captured at a point, by the clock of the first.
    #[must_use]
    pub fn time(&self, row: &Row, point: usize) -> Option<i64> {
        self.observation(row, point).map(|observation| (self.to_first)(point, observation.time_ns))
    }

    /// The fates of all segments of one end. `back` are the rows of the other end.
    #[must_use]
    pub fn passages(&self, group: &Group, rows: &[Row], back: &[Row], role: Role) -> Vec<Passage> {
        let (shifts, way) = (group.shifts(), self.way(group, role));
        let telling = Telling { context: self, shifts, rows, back, role, way };
        let mut passages: Vec<Passage> = rows.iter().map(|row| telling.passage(row)).collect();
        telling.find_copies(&mut passages);
        telling.find_twice(&mut passages);
        telling.find_missed(&mut passages);
        passages
    }
}

struct Telling<'a> {
    context: &'a Context<'a>,
    shifts: Shifts,
    rows: &'a [Row],
    back: &'a [Row],
    role: Role,
    way: Vec<usize>,
}

impl Telling<'_> {
    /// The fate as far as presence and absence at the points tell.
    fn passage(&self, row: &Row) -> Passage {
        let arrived = Passage { row: *row, fate: Fate::Arrived, stage: (self.way[0], self.way[0]) };
        let seen = |point: &usize| row.at[*point] != NONE;
        let (Some(first), Some(last)) = (self.way.iter().position(seen), self.way.iter().rposition(seen))
        else {
            return arrived;
        };
        if row.accounted {
            return arrived;
        }
        if first > 0 {
            let Some(first_ns) = self.context.time(row, self.way[first]) else { return arrived };
            let stage = (self.way[first - 1], self.way[first]);
            let fate = if self.covers(stage.0, first_ns - self.context.least_ns) {
                Fate::Injected
            } else {
                Fate::Outside
            };
            return Passage { fate, stage, ..arrived };
        }
        if last + 1 < self.way.len() {
            let stage = (self.way[last], self.way[last + 1]);
            let Some(last_ns) = self.context.time(row, self.way[last]) else { return arrived };
            let twice = self.context.observation(row, stage.0).is_some_and(Observation::is_twice);
            let fate = match (twice, self.covers(stage.1, last_ns + self.context.usual_ns)) {
                (true, _) => Fate::Twice,
                (false, true) => Fate::Lost,
                (false, false) => Fate::Outside,
            };
            return Passage { fate, stage, ..arrived };
        }
        match self.way.iter().position(|point| !seen(point)) {
            Some(gap) => Passage { fate: Fate::Missed, stage: (self.way[gap - 1], self.way[gap]), ..arrived },
            None => arrived,
        }
    }

    /// Whether a point was capturing at about that time, by the clock of the first point.
    fn covers(&self, point: usize, time_ns: i64) -> bool {
        let (start, end) = self.context.spans[point];
        (start..=end).contains(&time_ns)
    }

    /// Finds copies: a segment that seems injected is a copy if it equals a packet that was captured before the
    /// stage.
    fn find_copies(&self, passages: &mut [Passage]) {
        if !passages.iter().any(|passage| passage.fate == Fate::Injected) {
            return;
        }
        let mut twins: HashMap<Print, usize, foldhash::fast::RandomState> = HashMap::default();
        for (place, row) in self.rows.iter().enumerate() {
            if row.at[self.way[0]] != NONE {
                twins.entry(self.print(row)).or_insert(place);
            }
        }
        for passage in passages.iter_mut().filter(|passage| passage.fate == Fate::Injected) {
            if let Some(twin) = twins.get(&self.print(&passage.row))
                && self.rows[*twin].at[passage.stage.0] != NONE
            {
                passage.fate = Fate::Duplicated;
            }
        }
    }

    /// Finds packets that a mirror port shows twice, as they come in and as they go out: a segment that seems lost is
    /// one of these if the capture before the stage holds the same packet again, and the second copy passed.
    fn find_twice(&self, passages: &mut [Passage]) {
        if !passages.iter().any(|passage| passage.fate == Fate::Lost) {
            return;
        }
        let is_second =
            |row: &Row, point| self.context.observation(row, point).is_some_and(Observation::is_twice);
        let mut passed: HashSet<(usize, Print), foldhash::fast::RandomState> = HashSet::default();
        for stage in self.way.windows(2) {
            let second = self.rows.iter().filter(|row| row.at[stage[1]] != NONE && is_second(row, stage[0]));
            passed.extend(second.map(|row| (stage[0], self.print(row))));
        }
        for passage in passages.iter_mut().filter(|passage| passage.fate == Fate::Lost) {
            if passed.contains(&(passage.stage.0, self.print(&passage.row))) {
                passage.fate = Fate::Twice;
            }
        }
    }

    fn print(&self, row: &Row) -> Print {
        let point = self.way.iter().copied().find(|point| row.at[*point] != NONE).unwrap_or(0);
        let observation = self.context.points[point].observations.get(row.at[point]);
        print(&self.shifts, self.role, point, observation)
    }

    /// Finds segments that a point missed: the segment seems lost or injected there, the other end acknowledged its
    /// octets, and the point holds no other copy of them.
    fn find_missed(&self, passages: &mut [Passage]) {
        for point in self.way.clone() {
            let absent = |passage: &Passage| match passage.fate {
                Fate::Lost => passage.stage.1 == point,
                Fate::Injected => passage.stage.0 == point,
                _ => false,
            };
            if !passages.iter().any(absent) {
                continue;
            }
            let acks = self.acknowledgements(point);
            let held = self.held(point);
            let mut proven = false;
            for passage in passages.iter_mut().filter(|passage| absent(passage)) {
                if self.was_missed(&passage.row, &acks, &held) {
                    passage.fate = Fate::Missed;
                    passage.stage.1 = point;
                    proven = true;
                }
            }
            // A point without any segment of this direction that provably missed some of them missed all.
            if proven && held.is_empty() && self.rows.iter().all(|row| row.at[point] == NONE) {
                for passage in passages.iter_mut().filter(|passage| absent(passage)) {
                    passage.fate = Fate::Missed;
                    passage.stage.1 = point;
                }
            }
        }
    }

    /// Sequence numbers relative to the first row, so that they can be sorted.
    fn relative(&self, point: usize, seq: crate::seq::Seq) -> i64 {
        let base = self.rows.first().map_or(0, |row| self.print(row).seq);
        i64::from(seq.minus(self.shifts[point][self.role]).since(crate::seq::Seq(base)))
    }

    /// The other end's acknowledgement numbers that the point could capture, sorted.
    fn acknowledgements(&self, point: usize) -> Vec<i64> {
        let observations = self.back.iter().filter_map(|row| self.context.observation(row, point));
        // The number in a reset need not acknowledge anything.
        let acks = observations.filter(|s| s.flags().ack() && !s.flags().rst());
        let mut acks: Vec<i64> = acks.map(|s| self.relative(point, s.ack)).collect();
        acks.sort_unstable();
        acks.dedup();
        acks
    }

    /// The octets that a point holds, as sorted disjoint ranges.
    fn held(&self, point: usize) -> Vec<(i64, i64)> {
        let observations = self.rows.iter().filter_map(|row| self.context.observation(row, point));
        let mut ranges: Vec<(i64, i64)> = observations
            .filter(|s| s.length() > 0 && !s.flags().rst())
            .map(|s| {
                let start = self.relative(point, s.seq);
                (start, start + i64::from(s.length()))
            })
            .collect();
        ranges.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::with_capacity(ranges.len());
        for (start, end) in ranges {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        merged
    }

    fn was_missed(&self, row: &Row, acks: &[i64], held: &[(i64, i64)]) -> bool {
        let Some(point) = self.way.iter().copied().find(|point| row.at[*point] != NONE) else { return false };
        let Some(s) = self.context.observation(row, point) else { return false };
        if s.length() == 0 || s.flags().rst() {
            return false;
        }
        let start = self.relative(point, s.seq);
        let end = start + i64::from(s.length());
        let place = held.partition_point(|range| range.1 <= start);
        let is_held = held.get(place).is_some_and(|range| range.0 < end);
        // A stray SYN has an unrelated sequence number, which later acknowledgements may exceed by chance. Only an
        // exact acknowledgement counts.
        let is_acked = if s.flags().syn() {
            acks.binary_search(&end).is_ok()
        } else {
            let goes_on = held.first().is_none_or(|first| first.0 <= start);
            goes_on && acks.last().is_some_and(|acked| *acked >= end)
        };
        is_acked && !is_held
    }
}
