//! The floor: the least that a frame costs if nothing is inferred from it. The command is `floor STAGE FILE`. STAGE
//! "read" takes frames from the file, and "decode" also makes segments of them. A number as STAGE is how many cache
//! lines a connection has: the connection of each segment is found as in the flow table, and that many lines of it
//! are read and written. Stage "tcp" keeps instead the least that any tracker of TCP must keep: see [`Least`].
//! `python -m bench --only floor` runs it beside wirestat.

#![forbid(unsafe_code)]

use prefetch_index::prefetch_index;
use std::path::PathBuf;
use std::process::ExitCode;
use wirestat_core::file::{Input, Next, Reader, ReaderLimits};
use wirestat_core::flows::ahead::AHEAD;
use wirestat_core::flows::index::Index;
use wirestat_core::flows::key::Narrow;
use wirestat_core::flows::slab::{NOWHERE, Place};
use wirestat_core::segment::{Flags, Segment};
use wirestat_core::seq::Seq;
use wirestat_core::tcp::side::Side;
use wirestat_core::wire::plain;

/// A connection, as far as this program tracks it.
trait Kept: Copy {
    /// A new connection, to which a segment belongs.
    fn begun_by(segment: &Segment) -> Self;

    /// Prefetches all of its memory.
    fn ask_for(&self);

    /// Whether a segment belongs to it; their hashes are equal.
    fn is_of(&self, segment: &Segment) -> bool;

    /// Reads a segment of one end.
    fn read(&mut self, from: Side, segment: &Segment);
}

/// Cache lines, and nothing else.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
struct Lines<const COUNT: usize>([[u64; 8]; COUNT]);

impl<const COUNT: usize> Kept for Lines<COUNT> {
    fn begun_by(_: &Segment) -> Self {
        Self([[0; 8]; COUNT])
    }

    #[inline]
    fn ask_for(&self) {
        let Self(lines) = self;
        (0..COUNT).for_each(|line| prefetch_index(lines, line));
    }

    #[inline]
    fn is_of(&self, _: &Segment) -> bool {
        true
    }

    #[inline]
    fn read(&mut self, from: Side, segment: &Segment) {
        for line in &mut self.0 {
            line[1 + from as usize] += u64::from(segment.payload);
            line[3 + from as usize] = u64::from(segment.seq.0);
            line[5] = line[5].max(segment.time_ns.unsigned_abs());
            line[6] ^= u64::from(segment.ack.0) ^ u64::from(segment.flags.0) << 32;
            line[7] = line[7].wrapping_mul(31) ^ u64::from(segment.window);
        }
    }
}

/// One end, with the fields that any judgement of TCP begins with: sequence numbers, window, timestamp and round
/// trip.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct LeastEnd {
    last_ns: i64,
    timed_ns: i64,
    bytes: u64,
    frames: u32,
    resent: u32,
    next: Seq,
    acked: Seq,
    timed: Seq,
    stamp: Seq,
    rtt_us: u32,
    window: u16,
    /// The control bits that it has sent.
    flags: u16,
}

/// The least that a tracker of TCP must keep of a connection: its 4-tuple, and for each end the last segment and the
/// retransmitted bytes. It only tells whether octets are new; it infers no state and keeps no history.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
struct Least {
    ends: [LeastEnd; 2],
    ips: u64,
    ports: u32,
}

const _: () = assert!(size_of::<Least>() == 128);

impl Kept for Least {
    fn begun_by(segment: &Segment) -> Self {
        let Narrow { ips, ports } = Narrow::of_segment(segment).0;
        Self { ends: [LeastEnd::default(); 2], ips, ports }
    }

    #[inline]
    fn ask_for(&self) {
        let Self { ends, ports, .. } = self;
        (0..2).for_each(|end| prefetch_index(ends, end));
        prefetch_index(std::slice::from_ref(ports), 0);
    }

    #[inline]
    fn is_of(&self, segment: &Segment) -> bool {
        let Narrow { ips, ports } = Narrow::of_segment(segment).0;
        (self.ips == ips) & (self.ports == ports)
    }

    #[inline]
    fn read(&mut self, from: Side, segment: &Segment) {
        let taken = segment.payload + u32::from(segment.flags.0 & (Flags::SYN | Flags::FIN) != 0);
        let end = segment.seq.plus(taken);
        let sender = &mut self.ends[from as usize];
        let is_first = sender.frames == 0;
        let is_new = is_first | end.after(sender.next);
        sender.frames += 1;
        sender.bytes += u64::from(segment.payload);
        sender.resent += if is_new { 0 } else { segment.payload };
        sender.next = if is_new { end } else { sender.next };
        sender.last_ns = segment.time_ns;
        sender.window = segment.window;
        sender.flags |= segment.flags.0;
        if let Some((stamp, _)) = segment.options.timestamps {
            // Timestamps are compared like sequence numbers (RFC 7323, 4.3).
            sender.stamp = if is_first { Seq(stamp) } else { sender.stamp.later(Seq(stamp)) };
        }
        if taken > 0 && is_new && sender.timed_ns == 0 {
            (sender.timed_ns, sender.timed) = (segment.time_ns, end);
        }
        let receiver = &mut self.ends[from.other() as usize];
        receiver.acked = if receiver.frames == 0 { segment.ack } else { receiver.acked.later(segment.ack) };
        if receiver.timed_ns != 0 && segment.ack.covers(receiver.timed) {
            receiver.rtt_us = ((segment.time_ns - receiver.timed_ns) / 1000) as u32;
            receiver.timed_ns = 0;
        }
    }
}

/// The number of connections in one block of memory. Growing copies none of them.
const CHUNK: usize = 1 << 15;

/// Finds the connections of segments, and updates them.
struct Table<Connection> {
    index: Index,
    chunks: Vec<Vec<Connection>>,
    places: [Place; AHEAD],
}

impl<Connection: Kept> Table<Connection> {
    fn new() -> Self {
        Self { index: Index::default(), chunks: Vec::new(), places: [NOWHERE; AHEAD] }
    }

    /// Takes in a few segments. The memory of all their connections is prefetched before the first is read, as in
    /// `Flows::observe_all`.
    fn take(&mut self, segments: &[Segment]) {
        let hashes = |segment| self.index.hash_of(segment).0;
        segments.iter().for_each(|segment| self.index.places.ask_for(hashes(segment)));
        let found = segments.iter().map(|segment| self.index.places.find(hashes(segment), |_| true));
        for (place, found) in self.places.iter_mut().zip(found) {
            *place = found.unwrap_or(NOWHERE);
            if let Some(place) = found {
                self.chunks[place as usize / CHUNK][place as usize % CHUNK].ask_for();
            }
        }
        for (at, segment) in segments.iter().enumerate() {
            let place = self.places[at];
            self.touch(place, segment);
        }
    }

    fn touch(&mut self, guessed: Place, segment: &Segment) {
        let (hash, from) = self.index.hash_of(segment);
        let is_it = |place: Place| self.chunks[place as usize / CHUNK][place as usize % CHUNK].is_of(segment);
        let is_guessed = guessed != NOWHERE && is_it(guessed);
        let known = if is_guessed { Some(guessed) } else { self.index.places.find(hash, is_it) };
        let place = known.unwrap_or_else(|| self.begin(hash, segment));
        self.chunks[place as usize / CHUNK][place as usize % CHUNK].read(from, segment);
    }

    fn begin(&mut self, hash: u32, segment: &Segment) -> Place {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let before = (self.chunks.len() - 1) * CHUNK;
        let Some(chunk) = self.chunks.last_mut() else { return NOWHERE };
        chunk.push(Connection::begun_by(segment));
        let place = (before + chunk.len() - 1) as Place;
        self.index.places.insert(hash, place);
        place
    }

    fn connections(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }
}

fn track<Connection: Kept>(reader: &mut Reader) -> usize {
    let mut table = Table::<Connection>::new();
    let mut segments = Vec::with_capacity(AHEAD);
    while let Next::Frame(frame) = reader.next() {
        segments.extend(plain::decode(&frame));
        if segments.len() == AHEAD {
            table.take(&segments);
            segments.clear();
        }
    }
    table.take(&segments);
    table.connections()
}

fn decode(reader: &mut Reader) -> usize {
    let mut octets = 0;
    while let Next::Frame(frame) = reader.next() {
        octets += plain::decode(&frame).map_or(0, |segment| segment.payload as usize);
    }
    octets
}

fn read(reader: &mut Reader) -> usize {
    let mut octets = 0;
    while let Next::Frame(frame) = reader.next() {
        octets += frame.data.len();
    }
    octets
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [stage, file] = arguments.as_slice() else {
        eprintln!("usage: floor read|decode|1|2|4|5|7|tcp FILE");
        return ExitCode::FAILURE;
    };
    let mut reader = match Reader::open(vec![Input::Path(PathBuf::from(file))], ReaderLimits::default()) {
        Ok(reader) => reader,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let sum = match stage.as_str() {
        "read" => read(&mut reader),
        "decode" => decode(&mut reader),
        "1" => track::<Lines<1>>(&mut reader),
        "2" => track::<Lines<2>>(&mut reader),
        "4" => track::<Lines<4>>(&mut reader),
        "5" => track::<Lines<5>>(&mut reader),
        "7" => track::<Lines<7>>(&mut reader),
        "tcp" => track::<Least>(&mut reader),
        _ => {
            eprintln!("there is no stage {stage}");
            return ExitCode::FAILURE;
        }
    };
    println!("{sum}");
    ExitCode::SUCCESS
}
