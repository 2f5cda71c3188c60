//! The flow table, driven from Python.

use super::reader::Reader;
use super::rows::{self, Row, row};
use crate::file::Next;
use crate::flows::events::Event;
use crate::flows::slab::Slot;
use crate::flows::table::{Flows, Limits};
use crate::frame::{Frame, LinkType};
use crate::tcp::log::Entry;
use crate::tcp::profile::Profile;
use crate::wire::{self, Decoder};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use std::collections::HashMap;

/// Decodes frames and keeps the connections that they belong to.
#[pyclass(module = "wirestat._core")]
pub struct Tracker {
    flows: Flows,
    decoder: Decoder,
}

#[pymethods]
impl Tracker {
    /// An empty table. Timers in ns and retries by name, as `wirestat.timers` gives them; unknown names are refused.
    #[new]
    #[pyo3(signature = (timers, *, max_connections, max_bytes, release = false, trace = 0, events = false))]
    fn new(
        timers: HashMap<String, i64>,
        max_connections: usize,
        max_bytes: usize,
        release: bool,
        trace: u64,
        events: bool,
    ) -> PyResult<Self> {
        let limits = Limits { connections: max_connections, bytes: max_bytes, release, ..Limits::default() };
        let mut flows = Flows::new(profile(&timers)?, limits);
        flows.ladder.id = trace;
        flows.events.wanted = events;
        Ok(Self { flows, decoder: Decoder::new(wire::Limits::default()) })
    }

    /// Takes in up to `frames` frames of a reader. "more", "end", or "pending" where nothing has arrived yet.
    fn read(&mut self, py: Python<'_>, reader: &Reader, frames: u64) -> &'static str {
        py.detach(|| {
            let mut reader = reader.lock();
            for _ in 0..frames {
                match reader.next() {
                    Next::Frame(frame) => self.take(&frame),
                    Next::End => return "end",
                    Next::Pending => return "pending",
                }
            }
            "more"
        })
    }

    /// Takes in frames of one link type: tuples of the time in Unix ns, the length on the wire, and the bytes.
    fn feed(&mut self, link_type: u16, packets: &Bound<'_, PyList>) -> PyResult<()> {
        for packet in packets {
            let (time_ns, orig_len, data): (i64, u32, Bound<'_, PyBytes>) = packet.extract()?;
            let data = data.as_bytes();
            let number = self.flows.traffic.frames + 1;
            let frame = Frame { number, time_ns, link: LinkType(link_type), fcs_len: 0, orig_len, data };
            self.take(&frame);
        }
        Ok(())
    }

    /// Lets time pass until `now_ns`, and lets go of what is over.
    fn advance(&mut self, py: Python<'_>, now_ns: i64) {
        py.detach(|| self.flows.advance(now_ns));
    }

    /// Lets time pass until the last frame: call it before asking for what is known.
    fn settle(&mut self, py: Python<'_>) {
        py.detach(|| self.flows.settle());
    }

    /// Counts of frames, and of what was let go.
    fn counts(&self, py: Python<'_>) -> PyResult<Row> {
        let t = &self.flows.traffic;
        let undecoded: Vec<Row> = t
            .undecoded
            .iter()
            .map(|u| {
                let f = &u.first;
                row!(py, f.layer, f.reason, u.frames, u.first_frame, f.offset, f.need, f.have)
            })
            .collect::<PyResult<_>>()?;
        let evicted = self.flows.evicted;
        row!(
            py,
            t.frames,
            t.segments,
            t.datagrams,
            t.icmp_errors,
            t.others.iter().copied().collect::<HashMap<_, _>>(),
            undecoded,
            t.duplicates,
            self.flows.udp.len(),
            self.flows.udp.beyond,
            t.first_ns,
            t.last_ns,
            (evicted.closed, evicted.embryonic, evicted.idle),
            self.flows.released
        )
    }

    /// States, transitions and signatures of all connections.
    fn tally(&self, py: Python<'_>) -> PyResult<Row> {
        rows::tally(py, &py.detach(|| self.flows.tally()))
    }

    /// The ids of the connections that can be asked for, in order.
    fn ids(&self) -> Vec<u64> {
        let mut ids: Vec<u64> = self.flows.kept.keys().copied().collect();
        ids.extend(self.flows.slab.iter().map(|(_, slot)| slot.id));
        ids.sort_unstable();
        ids
    }

    /// Rows of connections, in order, from the `start`th on, at most `count`.
    fn connections(&self, py: Python<'_>, start: usize, count: usize) -> PyResult<Vec<Row>> {
        self.flows
            .in_order()
            .iter()
            .skip(start)
            .take(count)
            .filter_map(|place| self.flows.slab.get(*place))
            .map(|slot| self.connection_row(py, slot))
            .collect()
    }

    /// The row of the connection with the id given, or None.
    fn connection(&self, py: Python<'_>, id: u64) -> PyResult<Option<Row>> {
        let slot = match self.flows.kept.get(&id) {
            Some(slot) => Some(&**slot),
            None => self.flows.slab.iter().map(|(_, slot)| slot).find(|slot| slot.id == id),
        };
        slot.map(|slot| self.connection_row(py, slot)).transpose()
    }

    /// Rows of the UDP conversations, the first seen first.
    fn conversations(&self, py: Python<'_>) -> PyResult<Vec<Row>> {
        self.flows
            .udp
            .list()
            .iter()
            .map(|(key, conversation)| rows::conversation(py, key, conversation))
            .collect()
    }

    /// Rows of the segments of the connection that is traced, and how many more there were.
    fn ladder(&self, py: Python<'_>) -> PyResult<(Vec<Row>, u64)> {
        let ladder = &self.flows.ladder;
        let slot = self.flows.slab.iter().map(|(_, slot)| slot).find(|slot| slot.id == ladder.id);
        let Some(slot) = slot.or_else(|| self.flows.kept.get(&ladder.id).map(|slot| &**slot)) else {
            return Ok((Vec::new(), 0));
        };
        let (client, _) = self.flows.client_of(slot);
        Ok((rows::ladder(py, &ladder.lines, slot, client)?, ladder.beyond))
    }

    /// What has changed since it was last asked: (id, transition or None, fact or None) each; and how much was left out.
    fn drain_events(&mut self, py: Python<'_>) -> PyResult<(Vec<Row>, u64)> {
        let queue = std::mem::take(&mut self.flows.events.queue);
        let beyond = std::mem::take(&mut self.flows.events.beyond);
        let rows = queue.iter().map(|event| self.event_row(py, event)).collect::<PyResult<_>>()?;
        Ok((rows, beyond))
    }

    /// Fragments held, reassembled, given up, overlapping.
    fn fragments(&self) -> (u64, u64, u64, u64) {
        let counts = self.decoder.fragments();
        (counts.held, counts.reassembled, counts.given_up, counts.overlapping)
    }
}

impl Tracker {
    /// A tracker around a table that was filled elsewhere.
    pub(super) const fn around(flows: Flows, decoder: Decoder) -> Self {
        Self { flows, decoder }
    }

    fn take(&mut self, frame: &Frame<'_>) {
        let decoded = self.decoder.decode(frame);
        self.flows.observe(frame.time_ns, frame.number, &decoded);
    }

    fn connection_row(&self, py: Python<'_>, slot: &Slot) -> PyResult<Row> {
        rows::connection(py, &self.flows, slot, self.decoder.tunnel(slot.key.scope))
    }

    fn event_row(&self, py: Python<'_>, event: &Event) -> PyResult<Row> {
        let slot = self.flows.slab.get(event.place).filter(|slot| slot.id == event.id);
        let client = slot.map_or(0, |slot| self.flows.client_of(slot).0);
        match &event.entry {
            Entry::Transition(t) => row!(py, event.id, rows::transition(py, t, client)?, None::<u8>),
            Entry::Sighting(s) => row!(py, event.id, None::<u8>, rows::sighting(py, s, client)?),
        }
    }
}

/// The timers that the core goes by, as `wirestat.timers` names them.
pub const TIMERS: [&str; 8] = [
    "time_wait_ns",
    "fin_timeout_ns",
    "syn_retries",
    "synack_retries",
    "orphan_retries",
    "close_wait_held_ns",
    "zero_window_held_ns",
    "idle_gap_ns",
];

pub(super) fn profile(timers: &HashMap<String, i64>) -> PyResult<Profile> {
    // Far beyond any capture, and far from overflow.
    const NEVER: i64 = i64::MAX / 4;
    let mut profile = Profile::default();
    for (name, value) in timers {
        let duration = if *value > 0 { (*value).min(NEVER) } else { NEVER };
        let retries = u8::try_from((*value).clamp(0, 255)).unwrap_or(u8::MAX);
        match name.as_str() {
            "time_wait_ns" => profile.time_wait = duration,
            "fin_timeout_ns" => profile.fin_timeout = duration,
            "syn_retries" => profile.syn_retries = retries,
            "synack_retries" => profile.synack_retries = retries,
            "orphan_retries" => profile.orphan_retries = retries,
            "close_wait_held_ns" => profile.close_wait_held = duration,
            "zero_window_held_ns" => profile.zero_window_held = duration,
            "idle_gap_ns" => profile.idle_gap = duration,
            unknown => return Err(PyValueError::new_err(format!("no such timer: {unknown}"))),
        }
    }
    Ok(profile)
}
