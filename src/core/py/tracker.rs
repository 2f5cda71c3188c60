//! The flow table, driven from Python.

use super::gate::Gate;
use super::model::{Connection, Event, LadderLine, Summary, UdpConversation};
use super::reader::Reader;
use super::recorder::Recorder;
use super::rows;
use super::segments;
use super::summary::summary;
use crate::file::{self, Next};
use crate::flows::ahead::{AHEAD, Seen};
use crate::flows::events;
use crate::flows::slab::{Place, Slot};
use crate::flows::table::{Flows, Limits};
use crate::frame::{EARLIEST_NS, Frame, LATEST_NS, LinkType};
use crate::ring;
use crate::segment::Decoded;
use crate::tcp::entry::Entry;
use crate::tcp::profile::Profile;
use crate::wire::{self, Decoder, plain};
use pyo3::IntoPyObjectExt;
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use std::collections::HashMap;

/// Decodes frames and keeps the connections that they belong to.
#[pyclass(module = "wirestat._core")]
pub struct Tracker {
    pub(super) flows: Flows,
    pub(super) decoder: Decoder,
    gate: Gate,
    /// Frames taken in, and not yet observed.
    seen: Vec<Seen>,
    /// The last block of a ring, copied so that the kernel may have it back; and a frame with its tag put back.
    block: Vec<u8>,
    tagged: Vec<u8>,
    /// Ids and places in the order of ids, made when connections are asked for and dropped when packets come.
    order: Option<Vec<(u64, Place)>>,
}

/// What a tracker was given so far.
#[pyclass(module = "wirestat._core", frozen, get_all)]
pub struct Intake {
    /// Frames that passed the gate.
    frames: u64,
    /// Bytes captured of them.
    bytes: u64,
    /// How many of them were captured in part.
    snapped: u64,
    /// The earliest time of those that the table has seen, in Unix ns.
    first_time_ns: Option<i64>,
    /// The latest.
    last_time_ns: Option<i64>,
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
        Ok(Self::around(flows, Decoder::new(wire::Limits::default())))
    }

    /// Has frames judged before they are taken in: `compile(link_type)` gives the filter's program as a list of tuples
    /// of code, jt, jf and k. None lets all pass.
    fn filter(&mut self, compile: Option<Py<PyAny>>) {
        self.gate.filter(compile);
    }

    /// Has frames recorded as they are taken in.
    fn record(&mut self, recorder: &Recorder) {
        self.gate.recorder = Some(recorder.shared.clone());
    }

    /// Takes in no more than this many frames, counted from the first; 0 for any number.
    fn limit(&mut self, frames: u64) {
        self.gate.most = frames;
    }

    /// Whether the limit is reached.
    fn is_full(&self) -> bool {
        self.gate.is_shut()
    }

    /// What was taken in so far.
    fn intake(&self) -> Intake {
        let (gate, traffic) = (&self.gate, &self.flows.traffic);
        Intake {
            frames: gate.passed,
            bytes: gate.bytes,
            snapped: gate.snapped,
            first_time_ns: traffic.first_ns,
            last_time_ns: traffic.last_ns,
        }
    }

    /// Takes in up to `frames` frames of a reader. "more", "end", or "pending" where nothing has arrived yet.
    fn read(&mut self, py: Python<'_>, reader: &Reader, frames: u64) -> PyResult<&'static str> {
        py.detach(|| {
            let status = self.take_from(&mut reader.lock(), frames);
            self.observe();
            status
        })
    }

    /// Takes in frames of one link type: tuples of the time in Unix ns, the length on the wire, the bytes, and
    /// whatever else.
    ///
    /// `number` is that of the first of them; without it they are numbered on. With `stop_at_unknown` the first frame
    /// that has no decoder is not taken in and ends it. Answers how many frames were dealt with.
    #[pyo3(signature = (link_type, packets, number = None, interface = 0, stop_at_unknown = false))]
    fn feed(
        &mut self,
        link_type: u16,
        packets: &Bound<'_, PyList>,
        number: Option<u64>,
        interface: u32,
        stop_at_unknown: bool,
    ) -> PyResult<usize> {
        let link = LinkType(link_type);
        let mut dealt_with = Ok(packets.len());
        for (index, packet) in packets.iter().enumerate() {
            let number = number.map_or(self.gate.passed + 1, |first| first + index as u64);
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
        self.observe();
        dealt_with
    }

    /// Says that frames come cut behind all that is looked at: they do not count as captured in part.
    fn expect_headers(&mut self) {
        self.gate.cut_on_purpose = true;
    }

    /// Takes in a block of a TPACKET_V3 ring. The kernel may have it back as soon as this returns.
    fn feed_ring_block(&mut self, py: Python<'_>, block: PyBuffer<u8>) -> PyResult<()> {
        let mut copy = std::mem::take(&mut self.block);
        copy.resize(block.item_count(), 0);
        block.copy_to_slice(py, &mut copy)?;
        let done = py.detach(|| {
            let done = self.take_block(&copy);
            self.observe();
            done
        });
        self.block = copy;
        done
    }

    /// Takes in packets that were dissected elsewhere; see `segments` for their rows.
    fn feed_segments(&mut self, rows: Vec<Bound<'_, PyTuple>>) -> PyResult<()> {
        for row in &rows {
            if self.gate.is_shut() {
                break;
            }
            let (time_ns, frame, decoded) = segments::read(&mut self.decoder, row)?;
            self.gate.passed += 1;
            self.order = None;
            self.flows.observe(time_ns, frame, &decoded);
        }
        Ok(())
    }

    /// Lets time pass until `now_ns`, and lets go of what is over.
    fn advance(&mut self, py: Python<'_>, now_ns: i64) {
        self.order = None;
        py.detach(|| self.flows.advance(now_ns.clamp(EARLIEST_NS, LATEST_NS)));
    }

    /// Lets time pass until the last frame: call it before asking for what is known.
    fn settle(&mut self, py: Python<'_>) {
        py.detach(|| self.flows.settle());
    }

    /// The table in numbers.
    fn summary(&self, py: Python<'_>) -> Summary {
        let tally = py.detach(|| self.flows.tally());
        summary(&self.flows, &self.decoder, &tally)
    }

    /// How many connections are in the table.
    const fn kept(&self) -> usize {
        self.flows.slab.len()
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

    /// The connection at a place that an event named, or None where it has been let go.
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

    /// The segments of the connection that is traced, and how many more there were.
    fn ladder(&mut self) -> (Vec<LadderLine>, u64) {
        self.order();
        let ladder = &self.flows.ladder;
        let Some(slot) = self.slot(ladder.id) else {
            return (Vec::new(), 0);
        };
        let (client, _) = self.flows.client_of(slot);
        (rows::ladder(&ladder.lines, slot, client), ladder.beyond)
    }

    /// What has changed since it was last asked, and how much was left out.
    fn drain_events(&mut self, py: Python<'_>) -> PyResult<(Vec<Event>, u64)> {
        let queue = std::mem::take(&mut self.flows.events.queue);
        let beyond = std::mem::take(&mut self.flows.events.beyond);
        let events = queue.iter().map(|event| self.event(py, event)).collect::<PyResult<_>>()?;
        Ok((events, beyond))
    }
}

impl Tracker {
    /// A tracker around a table that was filled elsewhere.
    pub(super) fn around(flows: Flows, decoder: Decoder) -> Self {
        let (seen, block, tagged) = (Vec::with_capacity(AHEAD), Vec::new(), Vec::new());
        Self { flows, decoder, gate: Gate::default(), seen, block, tagged, order: None }
    }

    fn order(&mut self) -> &[(u64, Place)] {
        self.order.get_or_insert_with(|| self.flows.in_order())
    }

    /// Where `count` connections are kept, in the order of ids, from the `start`th on; of those only the ones that
    /// `chosen` has a byte for that is not 0.
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
        let order = self.order.as_ref()?;
        let index = order.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.flows.slab.get(order[index].1)
    }

    /// Takes in up to `frames` frames of a reader.
    fn take_from(&mut self, reader: &mut file::Reader, frames: u64) -> PyResult<&'static str> {
        let wide_open = self.gate.is_wide_open();
        for _ in 0..frames {
            match reader.next() {
                Next::Frame(frame) if wide_open => {
                    self.gate.count(&frame);
                    self.take_in(frame.in_sane_time());
                }
                Next::Frame(frame) => self.take(0, &frame)?,
                Next::End => return Ok("end"),
                Next::Pending => return Ok("pending"),
            }
        }
        Ok("more")
    }

    /// Takes in one packet of a list: see `feed`. False where it is the unknown one that ends it.
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
        if stop_at_unknown {
            return self.take_known(interface, &frame);
        }
        self.take(interface, &frame).map(|()| true)
    }

    /// Takes in a frame, if it is wanted; `observe` must follow.
    fn take(&mut self, interface: u32, frame: &Frame<'_>) -> PyResult<()> {
        let frame = frame.in_sane_time();
        if self.gate.admits(interface, &frame)? {
            self.take_in(frame);
        }
        Ok(())
    }

    #[inline(always)]
    fn take_in(&mut self, frame: Frame<'_>) {
        // A plain frame's segment is made where it is kept.
        match plain::decode(&frame) {
            Some(segment) => self.keep(&frame, Decoded::Segment(segment)),
            None => self.decode(frame),
        }
    }

    #[inline(never)]
    fn decode(&mut self, frame: Frame<'_>) {
        let decoded = self.decoder.decode(&frame);
        self.keep(&frame, decoded);
    }

    #[inline(always)]
    fn keep(&mut self, frame: &Frame<'_>, decoded: Decoded) {
        self.seen.push(Seen { time_ns: frame.time_ns, frame: frame.number, decoded });
        if self.seen.len() == AHEAD {
            self.observe();
        }
    }

    /// Hands to the table what was taken in. Nothing is kept back when Python has its turn.
    fn observe(&mut self) {
        self.order = None;
        self.flows.observe_all(&self.seen);
        self.seen.clear();
    }

    /// Takes in a frame unless it holds something that has no decoder, rather than nothing of interest or damage.
    /// Answers whether it was dealt with.
    fn take_known(&mut self, interface: u32, frame: &Frame<'_>) -> PyResult<bool> {
        let decoded = self.decoder.decode(frame);
        if matches!(decoded, Decoded::Undecodable(fault) if fault.need == 0) {
            return Ok(false);
        }
        if self.gate.admits(interface, frame)? {
            self.keep(frame, decoded);
        }
        Ok(true)
    }

    fn take_block(&mut self, block: &[u8]) -> PyResult<()> {
        let damaged = |damaged: ring::Damaged| PyValueError::new_err(damaged.to_string());
        let mut tagged = std::mem::take(&mut self.tagged);
        for packet in ring::packets(block).map_err(damaged)? {
            let packet = packet.map_err(damaged)?;
            if packet.echo {
                continue;
            }
            let (data, orig_len) = match packet.tag {
                Some(tag) => {
                    ring::put_tag_back(&mut tagged, packet.data, tag);
                    (tagged.as_slice(), packet.orig_len.saturating_add(4))
                }
                None => (packet.data, packet.orig_len),
            };
            let number = self.gate.passed + 1;
            let (time_ns, link) = (packet.time_ns, packet.link);
            let frame = Frame { number, time_ns, link, fcs_len: 0, orig_len, data };
            self.take(packet.interface, &frame)?;
        }
        self.tagged = tagged;
        Ok(())
    }

    fn described(&self, slot: &Slot) -> Connection {
        rows::connection(&self.flows, slot, self.decoder.tunnel(slot.key.scope()))
    }

    fn event(&self, py: Python<'_>, event: &events::Event) -> PyResult<Event> {
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
