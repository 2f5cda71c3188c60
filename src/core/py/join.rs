//! Several captures, joined for Python.

use super::crossing::{self, ByKind};
use super::reader::Reader;
use super::record::Tuple;
use super::rows::socket;
use super::timers::profile;
use super::tracker::{Tracker, raised};
use super::words::Role;
use crate::at_once::at_once;
use crate::flows::table::{Capacity, Flows};
use crate::join::account::{Leg, Passing, Told, changed};
use crate::join::changes::Changed;
use crate::join::clock::Clock;
use crate::join::fate::Fate;
use crate::join::group::{Group, Member, POINTS};
use crate::join::kind::Kind;
use crate::join::observations::{NONE, Observation};
use crate::join::point::Point;
use crate::join::stage::Stage;
use crate::seq::Seq;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::collections::HashMap;

/// Captures of the same traffic at several points, in any order. `path` gives the order from the clients to the
/// servers.
#[pyclass(module = "wirestat._core")]
pub struct Join {
    inner: crate::join::Join,
}

/// The maximum number of segments returned for one connection.
const MOST_SEGMENTS: usize = 100_000;

#[pymethods]
impl Join {
    /// An empty join of `points` points. Limits hold for each of them.
    #[new]
    #[pyo3(signature = (timers, points, *, max_connections, max_bytes, max_segments))]
    fn new(
        timers: HashMap<String, i64>,
        points: usize,
        max_connections: usize,
        max_bytes: usize,
        max_segments: usize,
    ) -> PyResult<Self> {
        if !(1..=POINTS).contains(&points) {
            return Err(PyValueError::new_err(format!("from 1 to {POINTS} captures can be joined")));
        }
        let limits = Capacity { connections: max_connections, bytes: max_bytes, ..Capacity::default() };
        let profile = profile(&timers)?;
        let mut inner = crate::join::Join::default();
        inner.points.extend((0..points).map(|_| Point::new(Flows::new(profile, limits), max_segments)));
        Ok(Self { inner })
    }

    /// Reads up to `frames` frames of each of these captures at the same time, each in a thread. A point may have one
    /// capture at most. Returns "more", "end", or "pending" for each.
    fn read_together(
        &mut self,
        py: Python<'_>,
        readers: HashMap<usize, Py<Reader>>,
        frames: u64,
    ) -> PyResult<HashMap<usize, &'static str>> {
        let points = self.inner.points.iter_mut().enumerate();
        let each: Vec<_> =
            points.filter_map(|(at, point)| Some((at, point, readers.get(&at)?.get()))).collect();
        let ends = py.detach(|| {
            at_once(each.into_iter(), |(at, point, reader)| (at, point.read(&mut reader.lock(), frames)))
        });
        ends.into_iter().map(|(at, status)| Ok((at, status.map_err(raised)?.name()))).collect()
    }

    /// Joins the captures, and returns the table that holds every connection once. Call it only once.
    fn settle(&mut self, py: Python<'_>) -> Tracker {
        let flows = py.detach(|| self.inner.settle());
        Tracker::around(flows, self.inner.points[0].take_line())
    }

    /// The points, under the names given to them.
    fn points(&self, names: Vec<String>) -> Vec<crossing::Point> {
        let points = self.inner.points.iter().zip(&self.inner.clocks.by_previous);
        names
            .into_iter()
            .zip(points)
            .map(|(name, (point, clock))| point_record(name, point, *clock))
            .collect()
    }

    /// The points from the clients' side to the servers'.
    fn path(&self) -> Vec<usize> {
        self.inner.clocks.path.clone()
    }

    /// The losses and changes of each stage.
    fn stages(&self) -> Vec<crossing::Stage> {
        self.inner.account.stages.iter().map(|(stage, passing)| stage_record(*stage, passing)).collect()
    }

    /// How connections were matched between points.
    fn pairing(&self) -> Pairing {
        let mut known_by = std::collections::BTreeMap::new();
        for group in self.inner.groups.iter().filter(|group| group.present().count() > 1) {
            *known_by.entry(group.by).or_insert(0) += 1;
        }
        Pairing {
            presence: self.inner.presence(),
            known_by: known_by.into_iter().map(|(by, count)| (by.name(), count)).collect(),
            torn: self.inner.account.glances.iter().filter(|glance| glance.torn).count(),
            backward: self.inner.groups.iter().filter(|group| group.backward).count(),
        }
    }

    /// The ids of connections with an incident between the points, in order, at most `count`; and their total number.
    fn troubled(&self, count: usize) -> (Vec<u64>, u64) {
        let ids: Vec<u64> = self.inner.troubled().collect();
        let total = ids.len() as u64;
        (ids.into_iter().take(count).collect(), total)
    }

    /// The ids of connections with a segment injected on the way, in order, at most `count`.
    fn injected(&self, count: usize) -> Vec<u64> {
        self.inner.having(Fate::Injected).take(count).collect()
    }

    /// One connection with its segments, or None if it is unknown.
    fn crossing(&self, id: u64) -> Option<crossing::Crossing> {
        let place = self.inner.place(id)?;
        let group = &self.inner.groups[place];
        let told = if self.inner.account.glances[place].torn { Vec::new() } else { self.inner.tell(group) };
        let bases = bases(&self.inner, group, &told);
        let passages = told.iter().take(MOST_SEGMENTS).filter_map(|told| self.passage(group, told, bases));
        let mut path = self.inner.clocks.path.clone();
        if group.backward {
            path.reverse();
        }
        Some(crossing::Crossing {
            id,
            known_by: group.by.name(),
            backward: group.backward,
            names: (0..self.inner.points.len())
                .map(|point| group.member(point).as_ref().map(names))
                .collect(),
            passages: passages.collect(),
            beyond: told.len().saturating_sub(MOST_SEGMENTS),
            path: Tuple(path),
        })
    }
}

/// How connections were matched between points.
#[pyclass(module = "wirestat._core", frozen, get_all)]
pub struct Pairing {
    /// The number of connections at exactly each set of points; the set as bits.
    presence: Vec<(u32, u64)>,
    /// The number of connections by the way they were recognized.
    known_by: Vec<(&'static str, u64)>,
    /// Connections that were not compared.
    torn: usize,
    /// Connections whose client is at the far end of the path.
    backward: usize,
}

/// The origin of each end's relative sequence numbers: its initial one, or the first captured one.
fn bases(join: &crate::join::Join, group: &Group, told: &[Told]) -> [Seq; 2] {
    [0, 1].map(|role: usize| {
        let known = group.present().find_map(|(_, member)| member.iss[role]);
        known.unwrap_or_else(|| {
            let first = told.iter().find(|told| told.role == role);
            let observation = first.and_then(|told| {
                let (point, place) = told.passage.row.at.iter().enumerate().find(|(_, p)| **p != NONE)?;
                let shift = group.shift(point, role);
                Some(join.points[point].observations.get(*place).seq.minus(shift))
            });
            observation.unwrap_or_default()
        })
    })
}

impl Join {
    fn passage(&self, group: &Group, told: &Told, bases: [Seq; 2]) -> Option<crossing::Passage> {
        let passage = &told.passage;
        let points = &self.inner.points;
        let places = passage.row.at.iter().enumerate().filter(|(_, place)| **place != NONE);
        let observations: Vec<(usize, &Observation)> =
            places.map(|(point, place)| (point, points[point].observations.get(*place))).collect();
        let (point, s) = *observations.first()?;
        let relative = |role: usize, seq: Seq| seq.minus(group.shift(point, role)).since(bases[role]);
        Some(crossing::Passage {
            sender: Role::of(told.role),
            fate: passage.fate,
            before: passage.stage.0,
            behind: passage.stage.1,
            kind: Kind::of(s).name(),
            flags: s.flags().0,
            seq: relative(told.role, s.seq),
            ack: s.flags().ack().then(|| relative(1 - told.role, s.ack)),
            payload: s.payload,
            in_pieces: passage.row.in_pieces,
            sights: observations.iter().map(|(point, s)| self.sight(*point, s)).collect(),
            legs: told.legs.iter().map(|leg| leg_record(points, group, told, leg)).collect(),
        })
    }

    fn sight(&self, point: usize, s: &Observation) -> crossing::Sight {
        crossing::Sight {
            point,
            frame: s.frame.into(),
            own_time_ns: s.time_ns,
            time_ns: self.inner.clocks.to_first(point, s.time_ns),
            ttl: s.ttl,
        }
    }
}

fn point_record(name: String, point: &Point, clock: Option<Clock>) -> crossing::Point {
    let traffic = &point.flows.traffic;
    crossing::Point {
        name,
        frames: traffic.frames,
        segments: traffic.segments.all(),
        kept: point.observations.len() as u64,
        beyond: point.observations.beyond,
        first_time_ns: traffic.first_ns,
        last_time_ns: traffic.last_ns,
        clock: clock.map(|c| crossing::Clock {
            anchor_ns: c.anchor_ns,
            offset_ns: c.offset_ns,
            drift: c.drift,
            uncertainty_ns: c.uncertainty_ns,
            stepped: c.stepped,
            samples: c.samples,
        }),
    }
}

fn names(member: &Member) -> crossing::Names {
    let [client, server] = [0, 1].map(|role| member.side(role));
    let (client_address, client_port) = socket(&member.key, client);
    let (server_address, server_port) = socket(&member.key, server);
    let [client_isn, server_isn] = member.iss.map(|iss| iss.map(|iss| iss.0));
    crossing::Names { client_address, client_port, server_address, server_port, client_isn, server_isn }
}

fn leg_record(points: &[Point], group: &Group, told: &Told, leg: &Leg) -> crossing::Leg {
    crossing::Leg {
        before: leg.stage.before,
        behind: leg.stage.behind,
        delay_ns: leg.delay_ns,
        reordered: leg.reordered,
        delayed: leg.delayed,
        changes: changed(points, group, told, leg.stage).iter().map(change_record).collect(),
    }
}

fn change_record((change, before, behind): &Changed) -> crossing::Change {
    crossing::Change { field: change.name(), before: *before, behind: *behind }
}

fn stage_record(stage: Stage, p: &Passing) -> crossing::Stage {
    let delays = crossing::Delays {
        count: p.delays.count(),
        least: p.delays.least(),
        median: p.delays.quantile(50),
        p95: p.delays.quantile(95),
        p99: p.delays.quantile(99),
        most: p.delays.most(),
    };
    let fates =
        Fate::ALL.into_iter().zip(&p.fates).filter(|(_, counts)| counts.iter().any(|count| *count > 0));
    let changes = p.changes.values().map(|(count, frame, change)| crossing::Changed {
        count: *count,
        frame: *frame,
        change: change_record(change),
    });
    crossing::Stage {
        before: stage.before,
        behind: stage.behind,
        entered: by_kind(&p.entered),
        fates: fates.map(|(fate, counts)| (fate, by_kind(counts))).collect(),
        reordered: p.reordered,
        delayed: p.delayed,
        in_pieces: p.in_pieces,
        delays,
        changes: changes.collect(),
    }
}

/// The kinds that occurred, in their order.
fn by_kind(counts: &[u64; Kind::ALL.len()]) -> ByKind {
    Kind::ALL.iter().map(|kind| kind.name()).zip(*counts).filter(|(_, count)| *count > 0).collect()
}
