//! Several captures, joined for Python.

use super::reader::Reader;
use super::rows::{Row, address, row};
use super::tracker::{Tracker, profile};
use crate::file::Next;
use crate::flows::table::{Flows, Limits};
use crate::join::account::{Passing, Stage, Told, changed};
use crate::join::changes::Changed;
use crate::join::fate::Fate;
use crate::join::group::{Group, POINTS};
use crate::join::kind::Kind;
use crate::join::point::Point;
use crate::join::sightings::NONE;
use crate::seq::Seq;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::collections::HashMap;

/// Captures of the same traffic at several points, the one on the clients' side first.
#[pyclass(module = "wirestat._core")]
pub struct Join {
    inner: crate::join::Join,
}

/// Segments of one connection that are handed out, at most.
const MOST_TOLD: usize = 100_000;

#[pymethods]
impl Join {
    /// Room for so many points. Limits hold for each of them.
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
        let limits = Limits { connections: max_connections, bytes: max_bytes, ..Limits::default() };
        let profile = profile(&timers)?;
        let mut inner = crate::join::Join::default();
        inner.points.extend((0..points).map(|_| Point::new(Flows::new(profile, limits), max_segments)));
        Ok(Self { inner })
    }

    /// Takes in up to `frames` frames of the capture at `point`. "more", "end", or "pending".
    fn read(&mut self, py: Python<'_>, point: usize, reader: &Reader, frames: u64) -> PyResult<&'static str> {
        let missing = || PyValueError::new_err("no such point");
        let point = self.inner.points.get_mut(point).ok_or_else(missing)?;
        Ok(py.detach(|| {
            let mut reader = reader.lock();
            for _ in 0..frames {
                match reader.next() {
                    Next::Frame(frame) => point.take(&frame),
                    Next::End => return "end",
                    Next::Pending => return "pending",
                }
            }
            "more"
        }))
    }

    /// Joins what was read, once, and gives the table that holds every connection once.
    fn settle(&mut self, py: Python<'_>) -> Tracker {
        let flows = py.detach(|| self.inner.settle());
        Tracker::around(flows, self.inner.points[0].take_decoder())
    }

    /// For each point: frames, segments, kept, beyond the limit, first and last time by its clock, and its clock by
    /// that of the point before: (anchor, offset, drift, uncertainty, stepped, samples) or None.
    fn points(&self, py: Python<'_>) -> PyResult<Vec<Row>> {
        self.inner
            .points
            .iter()
            .zip(&self.inner.clocks.by_previous)
            .map(|(point, clock)| {
                let traffic = &point.flows.traffic;
                let clock = clock
                    .map(|c| {
                        row!(py, c.anchor_ns, c.offset_ns, c.drift, c.uncertainty_ns, c.stepped, c.samples)
                    })
                    .transpose()?;
                let (kept, beyond) = (point.sightings.len(), point.sightings.beyond);
                row!(
                    py,
                    traffic.frames,
                    traffic.segments,
                    kept,
                    beyond,
                    traffic.first_ns,
                    traffic.last_ns,
                    clock
                )
            })
            .collect()
    }

    /// The points from the clients' side to the servers'.
    fn path(&self) -> Vec<usize> {
        self.inner.clocks.path.clone()
    }

    /// What happened in each stage.
    fn stages(&self, py: Python<'_>) -> PyResult<Vec<Row>> {
        self.inner.account.stages.iter().map(|(stage, passing)| stage_row(py, *stage, passing)).collect()
    }

    /// How many connections each set of points has, as bits; how they were known again; how many were not compared;
    /// how many go against the path.
    #[expect(clippy::type_complexity, reason = "it is a row")]
    fn pairing(&self) -> (Vec<(u32, u64)>, Vec<(&'static str, u64)>, u64, u64) {
        let mut by = std::collections::BTreeMap::new();
        for group in self.inner.groups.iter().filter(|group| group.present().count() > 1) {
            *by.entry(group.by).or_insert(0) += 1;
        }
        let by = by.into_iter().map(|(by, count)| (by.name(), count)).collect();
        let torn = self.inner.account.glances.iter().filter(|glance| glance.torn).count();
        let backward = self.inner.groups.iter().filter(|group| group.backward).count();
        (self.inner.presence(), by, torn as u64, backward as u64)
    }

    /// The ids of connections that something happened to between the points, in order, at most `count`; and of how many.
    fn troubled(&self, count: usize) -> (Vec<u64>, u64) {
        let ids: Vec<u64> = self.inner.troubled().collect();
        let total = ids.len() as u64;
        (ids.into_iter().take(count).collect(), total)
    }

    /// The ids of connections into which somebody on the way sent a segment, in order, at most `count`.
    fn injected(&self, count: usize) -> Vec<u64> {
        self.inner.having(Fate::Injected).take(count).collect()
    }

    /// One connection: how it was known again, whether it goes against the path, its names at each point, its segments
    /// and how many more there are.
    fn crossing(&self, py: Python<'_>, id: u64) -> PyResult<Option<Row>> {
        let Some(place) = self.inner.place(id) else { return Ok(None) };
        let group = &self.inner.groups[place];
        let names: Vec<Option<Row>> = (0..self.inner.points.len())
            .map(|point| {
                group
                    .member(point)
                    .map(|member| {
                        let end = |role: usize| {
                            let side = member.side(role);
                            (address(member.key.ips[side], member.key.scope), member.key.ports[side])
                        };
                        let ((client, client_port), (server, server_port)) = (end(0), end(1));
                        let isns = member.iss.map(|iss| iss.map(|iss| iss.0));
                        row!(py, client, client_port, server, server_port, isns[0], isns[1])
                    })
                    .transpose()
            })
            .collect::<PyResult<_>>()?;
        let told = if self.inner.account.glances[place].torn { Vec::new() } else { self.inner.tell(group) };
        let bases = bases(&self.inner, group, &told);
        let rows: Vec<Row> = told
            .iter()
            .take(MOST_TOLD)
            .map(|told| self.told_row(py, group, told, bases))
            .collect::<PyResult<_>>()?;
        let beyond = told.len().saturating_sub(MOST_TOLD);
        Ok(Some(row!(py, group.by.name(), group.backward, names, rows, beyond)?))
    }
}

/// What each end's numbers are counted from: its initial sequence number, or the first one captured.
fn bases(join: &crate::join::Join, group: &Group, told: &[Told]) -> [Seq; 2] {
    [0, 1].map(|role: usize| {
        let known = group.present().find_map(|(_, member)| member.iss[role]);
        known.unwrap_or_else(|| {
            let first = told.iter().find(|told| told.role == role);
            let sighting = first.and_then(|told| {
                let (point, place) = told.passage.row.at.iter().enumerate().find(|(_, p)| **p != NONE)?;
                let shift = group.shift(point, role);
                Some(join.points[point].sightings.get(*place).seq.minus(shift))
            });
            sighting.unwrap_or_default()
        })
    })
}

impl Join {
    fn told_row(&self, py: Python<'_>, group: &Group, told: &Told, bases: [Seq; 2]) -> PyResult<Row> {
        let passage = &told.passage;
        let points = &self.inner.points;
        let mut seen: Vec<Row> = Vec::new();
        let mut first = None;
        for (point, place) in passage.row.at.iter().enumerate().filter(|(_, place)| **place != NONE) {
            let s = points[point].sightings.get(*place);
            first.get_or_insert((point, s));
            seen.push(row!(
                py,
                point,
                s.frame,
                s.time_ns,
                self.inner.clocks.to_first(point, s.time_ns),
                s.ttl
            )?);
        }
        let Some((point, s)) = first else { return row!(py, told.role) };
        let relative = |role: usize, seq: Seq| seq.minus(group.shift(point, role)).since(bases[role]);
        let ack = s.flags().ack().then(|| relative(1 - told.role, s.ack));
        let mut legs: Vec<Row> = Vec::new();
        for leg in told.legs.iter() {
            let changes = changed(points, group, told, leg.stage);
            let changes: Vec<Row> =
                changes.iter().map(|change| change_row(py, change)).collect::<PyResult<_>>()?;
            let (before, behind) = (leg.stage.before, leg.stage.behind);
            legs.push(row!(py, before, behind, leg.delay_ns, leg.reordered, leg.delayed, changes)?);
        }
        row!(
            py,
            told.role,
            passage.fate as u8,
            passage.stage.0,
            passage.stage.1,
            Kind::of(s) as u8,
            s.flags().0,
            relative(told.role, s.seq),
            ack,
            s.payload,
            passage.row.in_pieces,
            seen,
            legs
        )
    }
}

fn change_row(py: Python<'_>, (change, before, behind): &Changed) -> PyResult<Row> {
    row!(py, *change as u8, *before, *behind)
}

fn stage_row(py: Python<'_>, stage: Stage, p: &Passing) -> PyResult<Row> {
    let changes: Vec<Row> = p
        .changes
        .values()
        .map(|(count, frame, (change, before, behind))| {
            row!(py, *change as u8, *count, *frame, *before, *behind)
        })
        .collect::<PyResult<_>>()?;
    let delays = row!(
        py,
        p.delays.count(),
        p.delays.least(),
        p.delays.quantile(50),
        p.delays.quantile(95),
        p.delays.quantile(99),
        p.delays.most()
    )?;
    let fates: Vec<Vec<u64>> = (0..Fate::ALL.len()).map(|fate| p.fates[fate].to_vec()).collect();
    row!(
        py,
        stage.before,
        stage.behind,
        p.entered.to_vec(),
        fates,
        p.reordered,
        p.delayed,
        p.in_pieces,
        delays,
        changes
    )
}
