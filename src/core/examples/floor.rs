//! The floor: what a frame costs where nothing is inferred of it. `floor STAGE FILE`, where STAGE is "read" (frames are
//! taken from the file), "decode" (and made segments), or how many cache lines a connection has: then the connection of
//! each segment is found, as the flow table finds it, and so many lines of it are read and written, and that is all.
//! `python -m bench --only floor` runs it beside wirestat.

#![forbid(unsafe_code)]

use prefetch_index::prefetch_index;
use std::path::PathBuf;
use std::process::ExitCode;
use wirestat_core::file::{Input, Next, Reader, ReaderLimits};
use wirestat_core::flows::ahead::AHEAD;
use wirestat_core::flows::index::Index;
use wirestat_core::flows::slab::{NOWHERE, Place};
use wirestat_core::segment::Segment;
use wirestat_core::wire::plain;

/// A connection, as far as the floor goes: lines of memory. The first word of all is who it is.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
struct Lines<const COUNT: usize>([[u64; 8]; COUNT]);

/// As many connections as lie together. Growing copies none.
const CHUNK: usize = 1 << 15;

/// Finds the connections of segments, and touches them.
struct Table<const COUNT: usize> {
    index: Index,
    chunks: Vec<Vec<Lines<COUNT>>>,
    places: [Place; AHEAD],
}

impl<const COUNT: usize> Table<COUNT> {
    fn new() -> Self {
        Self { index: Index::default(), chunks: Vec::new(), places: [NOWHERE; AHEAD] }
    }

    /// Takes in a few segments: their memory is asked for before the first is looked at, as in `Flows::observe_all`.
    fn take(&mut self, segments: &[Segment]) {
        let hashes = |segment| self.index.hash_of(segment).0;
        segments.iter().for_each(|segment| self.index.places.ask_for(hashes(segment)));
        let found = segments.iter().map(|segment| self.index.places.find(hashes(segment), |_| true));
        for (place, found) in self.places.iter_mut().zip(found) {
            *place = found.unwrap_or(NOWHERE);
            if let Some(place) = found {
                let lines = &self.chunks[place as usize / CHUNK][place as usize % CHUNK].0;
                (0..COUNT).for_each(|line| prefetch_index(lines, line));
            }
        }
        for (at, segment) in segments.iter().enumerate() {
            let place = self.places[at];
            self.touch(place, segment);
        }
    }

    fn touch(&mut self, guessed: Place, segment: &Segment) {
        let (hash, from) = self.index.hash_of(segment);
        let known = if guessed == NOWHERE { self.index.places.find(hash, |_| true) } else { Some(guessed) };
        let place = known.unwrap_or_else(|| self.begin(hash));
        let lines = &mut self.chunks[place as usize / CHUNK][place as usize % CHUNK].0;
        for line in lines {
            line[1 + from as usize] += u64::from(segment.payload);
            line[3 + from as usize] = u64::from(segment.seq.0);
            line[5] = line[5].max(segment.time_ns.unsigned_abs());
            line[6] ^= u64::from(segment.ack.0) ^ u64::from(segment.flags.0) << 32;
            line[7] = line[7].wrapping_mul(31) ^ u64::from(segment.window);
        }
    }

    fn begin(&mut self, hash: u32) -> Place {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let before = (self.chunks.len() - 1) * CHUNK;
        let Some(chunk) = self.chunks.last_mut() else { return NOWHERE };
        chunk.push(Lines([[0; 8]; COUNT]));
        let place = (before + chunk.len() - 1) as Place;
        self.index.places.insert(hash, place);
        place
    }

    fn connections(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }
}

fn track<const COUNT: usize>(reader: &mut Reader) -> usize {
    let mut table = Table::<COUNT>::new();
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
        eprintln!("usage: floor read|decode|1|2|4|5|7 FILE");
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
        "1" => track::<1>(&mut reader),
        "2" => track::<2>(&mut reader),
        "4" => track::<4>(&mut reader),
        "5" => track::<5>(&mut reader),
        "7" => track::<7>(&mut reader),
        _ => {
            eprintln!("there is no stage {stage}");
            return ExitCode::FAILURE;
        }
    };
    println!("{sum}");
    ExitCode::SUCCESS
}
