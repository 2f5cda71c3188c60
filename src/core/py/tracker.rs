//! The flow table, driven from Python.

use super::buffer::Buffer;
use super::model::{Connection, Event, LadderLine, Summary, UdpConversation};
use super::reader::Reader;
use super::recorder::Recorder;
use super::rows;
use super::segments;
use super::summary::summary;
use super::timers::profile;
use crate::bpf::{Instruction, Program};
use crate::columns::values::bytes_of;
use crate::flows::ahead::Seen;
use crate::flows::ladder::Traced;
use crate::flows::slab::{Place, Slot};
use crate::flows::table::{Capacity, Flows};
use crate::frame::{EARLIEST_NS, Frame, LATEST_NS, LinkType};
use crate::intake::crew::Crew;
use crate::intake::gate::{Compile, Fault};
use crate::intake::line::{Line, Status};
use crate::tcp::entry::Entry;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The maximum number of threads; each reads the whole file.
const MOST_JOBS: usize = 64;

/// Decodes frames and keeps the connections that they belong to.
#[pyclass(module = "wirestat._core")]
pub struct Tracker {
    pub(super) flows: Flows,
    pub(super) line: Line,
    /// The number of tables that may share the connections of a file.
    jobs: usize,
    /// The further tables that share the connections, for the time that they do. The lock is there because Python may
    /// pass an object to any thread.
    crew: Mutex<Option<Crew>>,
    /// Ids and places in the order of ids: made for a query, and dropped when packets arrive.
    order: OnceLock<Vec<(u64, Place)>>,
}

/// Counts of the input of a tracker so far.
#[pyclass(module = "wirestat._core", frozen, get_all)]
pub struct Intake {
    /// Frames that passed the gate.
    frames: u64,
    /// Their captured bytes.
    bytes: u64,
    /// The number of those that were captured only in part.
    snapped: u64,
    /// TCP segments all of whose octets had been captured before.
    retransmissions: u64,
    /// The earliest time of a frame in the table, in Unix ns.
    first_time_ns: Option<i64>,
    /// The latest time of a frame in the table, in Unix ns.
    last_time_ns: Option<i64>,
}

#[pymethods]
impl Tracker {
    /// An empty table. Timers in ns and retries by name, as in `wirestat.timers`; unknown names are rejected.
    /// `trace` is the id of a connection whose segments are kept; 0 means all connections.
    #[new]
    #[pyo3(signature = (timers, *, max_connections, max_bytes, release = false, trace = None, events = false))]
    fn new(
        timers: HashMap<String, i64>,
        max_connections: usize,
        max_bytes: usize,
        release: bool,
        trace: Option<u64>,
        events: bool,
    ) -> PyResult<Self> {
        /// Up to this many connections, rules examine each of them (`_FEW` of `wirestat.diagnosis.members`).
        const FEW: usize = 5_000;
        /// From this many connections on, histories are packed. A tracker that keeps all connections returns all
        /// histories, and unpacking takes twice as long as that.
        const SQUEEZED_FROM: usize = 1_000_000;
        let limits = Capacity {
            connections: max_connections,
            bytes: max_bytes,
            release,
            few: FEW,
            squeezed_from: if release { Capacity::default().squeezed_from } else { SQUEEZED_FROM },
            ..Capacity::default()
        };
        let mut flows = Flows::new(profile(&timers)?, limits);
        flows.ladder.traced = match trace {
            None => Traced::Nobody,
            Some(0) => Traced::Everybody,
            Some(id) => Traced::One(id),
        };
        flows.events.wanted = events;
        Ok(Self::around(flows, Line::default()))
    }

    /// Filters frames before they are tracked: `compile(link_type)` gives the filter's program as a list of tuples
    /// of code, jt, jf and k. None passes all frames.
    fn filter(&mut self, compile: Option<Py<PyAny>>) {
        self.line.gate.filter(compile.map(compiler));
    }

    /// Records frames as they arrive; with `annotate`, comments say what they show.
    #[pyo3(signature = (recorder, annotate = false))]
    fn record(&mut self, recorder: &Recorder, annotate: bool) {
        self.line.gate.recorder = Some(recorder.shared.clone());
        if annotate {
            self.line.gate.hold();
            self.flows.events.notes = Some(Vec::new());
        }
    }

    /// Limits the number of frames, counted from the first; 0 for no limit.
    fn limit(&mut self, frames: u64) {
        self.line.gate.most = frames;
    }

    /// Whether the limit is reached.
    fn is_full(&self) -> bool {
        self.line.gate.is_shut()
    }

    /// Counts of the input so far.
    fn intake(&self) -> Intake {
        let (gate, traffic) = (&self.line.gate, &self.flows.traffic);
        Intake {
            frames: gate.passed,
            bytes: gate.bytes,
            snapped: gate.snapped,
            retransmissions: traffic.retransmissions,
            first_time_ns: traffic.first_ns,
            last_time_ns: traffic.last_ns,
        }
    }

    /// Sets the number of threads that track the connections of files, each its own share. The result is the same.
    fn share(&mut self, jobs: usize) {
        self.jobs = jobs.clamp(1, MOST_JOBS);
        self.flows.uses_cores |= self.jobs > 1;
    }

    /// Drops finished connections, each time after this many frames.
    fn turn(&mut self, frames: u64) {
        self.flows.set_turn(frames.max(1));
    }

    /// Reads up to `frames` frames of a reader; with shared connections, a turn of frames. Returns "more", "end", or
    /// "pending" if nothing has arrived yet.
    fn read(&mut self, py: Python<'_>, reader: &Reader, frames: u64) -> PyResult<&'static str> {
        self.order = OnceLock::new();
        let status = py.detach(|| match self.read_together(reader) {
            Some(status) => Ok(status),
            None => self.line.read(&mut reader.lock(), frames, &mut self.flows),
        });
        status.map(Status::name).map_err(raised)
    }

    /// Takes in frames of one link type: tuples of the time in Unix ns, the length on the wire and the bytes; further
    /// members are ignored.
    ///
    /// `number` is that of the first frame; without it, numbers continue. With `stop_at_unknown` it stops before the
    /// first frame without a decoder. Returns the number of frames handled.
    #[pyo3(signature = (link_type, packets, number = None, interface = 0, stop_at_unknown = false))]
    fn feed(
        &mut self,
        link_type: u16,
        packets: &Bound<'_, PyList>,
        number: Option<u64>,
        interface: u32,
        stop_at_unknown: bool,
    ) -> PyResult<usize> {
        self.order = OnceLock::new();
        let link = LinkType(link_type);
        let mut dealt_with = Ok(packets.len());
        for (index, packet) in packets.iter().enumerate() {
            let number = number.map_or(self.line.gate.passed + 1, |first| first + index as u64);
            match self.feed_one(link, &packet, number, interface, stop_at_unknown) {
                Ok(true) => {}
                Ok(false) => {
                    dealt_with = Ok(index);
                    break;
                }
                Err(fault) => {
                    dealt_with = Err(fault);
                    break;
                }
            }
        }
        self.line.hand_over(&mut self.flows);
        dealt_with
    }

    /// Declares that frames are cut behind everything that is decoded: they do not count as truncated.
    fn expect_headers(&mut self) {
        self.line.gate.cut_on_purpose = true;
    }

    /// Reads a block of a TPACKET_V3 ring in place. The kernel may have it back as soon as this returns, and must not
    /// write to it before.
    fn feed_ring_block(&mut self, py: Python<'_>, block: Buffer) -> PyResult<()> {
        self.order = OnceLock::new();
        py.detach(|| self.line.read_block(block.as_slice(), &mut self.flows)).map_err(raised)
    }

    /// Takes in packets that were dissected elsewhere.
    fn feed_segments(&mut self, packets: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        self.order = OnceLock::new();
        let mut done = Ok(());
        for packet in &packets {
            if self.line.gate.is_shut() {
                break;
            }
            match segments::read(&mut self.line.decoder, packet) {
                Ok((time_ns, frame, decoded)) => {
                    self.line.take_dissected(Seen { time_ns, frame, decoded }, &mut self.flows);
                }
                Err(fault) => {
                    done = Err(fault);
                    break;
                }
            }
        }
        self.line.hand_over(&mut self.flows);
        done
    }

    /// From now on, keeps the data for Zeek's log: see `conn_log`.
    fn note_for_zeek(&mut self) {
        self.flows.zeek.get_or_insert_default();
    }

    /// Runs timers up to `now_ns`, and drops connections that are over.
    fn advance(&mut self, py: Python<'_>, now_ns: i64) {
        self.order = OnceLock::new();
        self.disband();
        py.detach(|| self.flows.advance(now_ns.clamp(EARLIEST_NS, LATEST_NS)));
    }

    /// Runs timers up to the last frame: call it before queries.
    fn settle(&mut self, py: Python<'_>) {
        py.detach(|| {
            self.disband();
            self.flows.settle();
        });
    }

    /// The table in numbers.
    fn summary(&self, py: Python<'_>) -> Summary {
        let tally = py.detach(|| self.flows.tally_in(self.order()));
        summary(&self.flows, &self.line.decoder, &tally)
    }

    /// How many connections are in the table.
    const fn kept(&self) -> usize {
        self.flows.slab.len()
    }

    /// The ids of those connections in their order, 64 bits each.
    fn ids(&mut self) -> Buffer {
        bytes_of(self.order().iter().map(|(id, _)| *id)).into()
    }

    /// The connections, in order, from the `start`th on, at most `count`.
    fn connections(&mut self, start: usize, count: usize) -> Vec<Connection> {
        let wanted: Vec<Place> =
            self.order().iter().skip(start).take(count).map(|(_, place)| *place).collect();
        let slots = wanted.iter().filter_map(|place| self.flows.slab.get(*place));
        slots.map(|slot| self.described(slot)).collect()
    }

    /// The connection with the id given, or None.
    fn connection(&mut self, id: u64) -> Option<Connection> {
        self.order();
        self.slot(id).map(|slot| self.described(slot))
    }

    /// The connection at the place of an event, or None if it has been dropped.
    fn connection_at(&self, place: u32, id: u64) -> Option<Connection> {
        let slot = self.flows.slab.get(place).filter(|slot| slot.id == id);
        slot.map(|slot| self.described(slot))
    }

    /// The UDP conversations, the first seen first.
    fn conversations(&self) -> Vec<UdpConversation> {
        self.flows
            .udp
            .list()
            .iter()
            .map(|(key, conversation)| rows::conversation(key, conversation))
            .collect()
    }

    /// The segments of a traced connection; empty if it is not traced.
    fn ladder(&mut self, id: u64) -> Vec<LadderLine> {
        self.order();
        let Some(slot) = self.slot(id) else {
            return Vec::new();
        };
        let (client, _) = self.flows.client_of(slot);
        rows::ladder(self.flows.ladder.of(id), slot, client)
    }

    /// The connections that are traced and have segments.
    fn traced(&self) -> Vec<u64> {
        self.flows.ladder.ids()
    }

    /// The oldest changes since the last call, up to a limit, and the number of those left out.
    fn drain_events(&mut self, py: Python<'_>, most: usize) -> PyResult<(Vec<Event>, u64)> {
        let (taken, beyond) = self.flows.events.drain(most);
        let events = taken.iter().map(|event| self.event(py, event)).collect::<PyResult<_>>()?;
        Ok((events, beyond))
    }
}

impl Tracker {
    /// Reads a turn together with the tables that share the connections.
    fn read_together(&mut self, reader: &Reader) -> Option<Status> {
        let crew = self.crew.get_mut().unwrap_or_else(PoisonError::into_inner);
        if crew.is_none() && self.jobs > 1 {
            let is_fresh = self.line.gate.is_wide_open() && self.flows.may_be_split();
            let readers = if is_fresh { reader.again(self.jobs - 1) } else { Vec::new() };
            *crew = (!readers.is_empty()).then(|| Crew::new(readers, &mut self.flows));
            self.jobs = 1;
        }
        let mut together = crew.take()?;
        if !together.has_room(&self.flows) {
            together.join(&mut self.flows, false);
            return None;
        }
        if together.read(&mut reader.lock(), &mut self.line, &mut self.flows) {
            *crew = Some(together);
            Some(Status::More)
        } else {
            together.join(&mut self.flows, true);
            Some(Status::End)
        }
    }

    /// Merges the tables that share the connections, if any do.
    fn disband(&mut self) {
        if let Some(crew) = self.crew.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            crew.join(&mut self.flows, true);
            self.order = OnceLock::new();
        }
    }

    /// A tracker around a table that was filled elsewhere.
    pub(super) fn around(flows: Flows, line: Line) -> Self {
        Self { flows, line, jobs: 1, crew: Mutex::new(None), order: OnceLock::new() }
    }

    fn order(&self) -> &[(u64, Place)] {
        self.order.get_or_init(|| self.flows.in_order())
    }

    /// The places of `count` connections in the order of ids, from the `start`th on; only those whose byte in `chosen`
    /// is not 0.
    pub(super) fn places(
        &mut self,
        start: usize,
        count: usize,
        chosen: Option<&[u8]>,
    ) -> PyResult<Vec<Place>> {
        let order = self.order();
        if let Some(chosen) = chosen.filter(|chosen| chosen.len() != order.len()) {
            let (bytes, connections) = (chosen.len(), order.len());
            let message = format!("{bytes} bytes choose among {connections} connections");
            return Err(PyValueError::new_err(message));
        }
        let is_chosen = |index: usize| chosen.is_none_or(|chosen| chosen[index] != 0);
        let in_order = order.iter().enumerate().skip(start).take(count);
        Ok(in_order.filter(|(index, _)| is_chosen(*index)).map(|(_, (_, place))| *place).collect())
    }

    /// The connection with the id given, in the table or among the examples kept. `order` must have been called.
    fn slot(&self, id: u64) -> Option<&Slot> {
        if let Some(slot) = self.flows.kept.get(&id) {
            return Some(slot);
        }
        let order = self.order.get()?;
        let index = order.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.flows.slab.get(order[index].1)
    }

    /// Takes in one packet of a list: see `feed`. False if its link type has no decoder, and that is to stop it.
    fn feed_one(
        &mut self,
        link: LinkType,
        packet: &Bound<'_, PyAny>,
        number: u64,
        interface: u32,
        stop_at_unknown: bool,
    ) -> PyResult<bool> {
        let packet = packet.cast::<PyTuple>()?;
        let (time_ns, orig_len) = (packet.get_item(0)?.extract()?, packet.get_item(1)?.extract()?);
        let data = packet.get_item(2)?.cast_into::<PyBytes>()?;
        let frame = Frame { number, time_ns, link, fcs_len: 0, orig_len, data: data.as_bytes() };
        let taken = if stop_at_unknown {
            self.line.take_known(interface, &frame, &mut self.flows)
        } else {
            self.line.take(interface, &frame, &mut self.flows).map(|()| true)
        };
        taken.map_err(raised)
    }

    fn described(&self, slot: &Slot) -> Connection {
        rows::connection(&self.flows, slot, self.line.decoder.tunnel(slot.key.scope()))
    }

    fn event(&self, py: Python<'_>, event: &crate::flows::event::Event) -> PyResult<Event> {
        let slot = self.flows.slab.get(event.place).filter(|slot| slot.id == event.id);
        let client = slot.map_or(event.client, |slot| self.flows.client_of(slot).0);
        let what = match &event.entry {
            Entry::Transition(t) => rows::transition(t, client).into_py_any(py)?,
            Entry::Sighting(s) => rows::sighting(s, client).into_py_any(py)?,
        };
        Ok(Event {
            connection: event.id,
            what,
            client: rows::socket(&event.key, client),
            server: rows::socket(&event.key, client.other()),
            client_state: event.states[client],
            server_state: event.states[client.other()],
            place: event.place,
        })
    }
}

/// The Python function that compiles the filter for a link type; it returns instructions as tuples.
fn compiler(compile: Py<PyAny>) -> Compile {
    Box::new(move |link| {
        let instructions: Vec<(u16, u8, u8, u32)> =
            Python::attach(|py| compile.call1(py, (link.0,))?.extract(py))?;
        let each = instructions.into_iter().map(|(code, jt, jf, k)| Instruction { code, jt, jf, k });
        Ok(Program::new(each.collect()).map_err(|invalid| invalid.to_string())?)
    })
}

/// The exception for a fault: the one that Python raised, or a `ValueError`.
pub(super) fn raised(fault: Fault) -> PyErr {
    match fault.downcast::<PyErr>() {
        Ok(error) => *error,
        Err(fault) => PyValueError::new_err(fault.to_string()),
    }
}
