//! The judge of mutants: the tracker infers from wire scripts and captures what it inferred before.
//!
//! `python -m tests.wirescript FILE pcaps` writes their frames to a file, which `WIRE_FRAMES` names. The first run, of the
//! tracker as it is, writes a hash of everything inferred from each dialogue to `FILE.inferred`; every later run compares.
//! CONTRIBUTING.md has the commands.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::{env, fs, io};
use wirestat_core::columns::json::connection::Connections;
use wirestat_core::columns::json::pen::Pen;
use wirestat_core::columns::json::words::{Named, Words};
use wirestat_core::flows::table::{Capacity, Flows};
use wirestat_core::frame::{Frame, LinkType};
use wirestat_core::tcp::profile::Profile;
use wirestat_core::tcp::side::Side;
use wirestat_core::tcp::state::State;
use wirestat_core::wire::{self, Decoder};

/// Up to this many connections are written out after each frame; more only after the last frame.
const FEW: usize = 4;

/// One dialogue: its decoder, its table, and the number of frames so far.
struct Dialogue {
    decoder: Decoder,
    flows: Flows,
    frames: u64,
}

impl Dialogue {
    fn new() -> Self {
        let flows = Flows::new(Profile::default(), Capacity::default());
        Self { decoder: Decoder::new(wire::DecoderLimits::default()), flows, frames: 0 }
    }

    fn take(&mut self, time_ns: i64, data: &[u8]) {
        self.frames += 1;
        let orig_len = data.len() as u32;
        let frame =
            Frame { number: self.frames, time_ns, link: LinkType::ETHERNET, fcs_len: 0, orig_len, data };
        let decoded = self.decoder.decode(&frame);
        self.flows.observe(time_ns, self.frames, &decoded);
        self.flows.settle();
    }

    /// Writes all that is known of each connection, as in a report, and state that only the next segment would show.
    fn tell(&self, told: &mut Pen) {
        let words = without_words();
        let describe = |_| None;
        let (flows, words) = (&self.flows, &words);
        let connections = Connections { flows, describe: &describe, words, opening: "\n{", closing: "}" };
        for (_, slot) in flows.slab.iter() {
            connections.write(told, slot);
            for side in Side::BOTH {
                let end = slot.connection.end(side);
                told.raw(&format!("\n{:?}", (end.next(), end.acked(), end.window())));
            }
        }
        told.raw(&format!("\n{:?}\n", flows.last_read));
    }
}

/// The words that reports add to the inferred facts: none.
fn without_words() -> Words {
    let pairs = State::ALL.len() * State::ALL.len();
    let documented = vec![String::new(); pairs];
    Words::new(documented, vec![None; pairs], Named::default()).expect("there is one for every two states")
}

fn octets(hex: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("the frames are in hexadecimal");
    (0..hex.len()).step_by(2).map(digits).collect()
}

/// A hash of everything inferred from a dialogue.
pub(crate) fn inferred(dialogue: &str) -> String {
    let mut told = Pen::default();
    let mut played = Dialogue::new();
    for line in dialogue.trim().lines() {
        let (time, hex) = line.split_once(' ').expect("a line is a time in ns, and a frame");
        played.take(time.parse().expect("a line begins with a time in ns"), &octets(hex));
        if played.flows.slab.len() <= FEW {
            played.tell(&mut told);
        }
    }
    played.tell(&mut told);
    let mut hash = DefaultHasher::new();
    told.text.hash(&mut hash);
    format!("{:016x}", hash.finish())
}

#[test]
#[ignore = "it needs the frames of the wire scripts, in the file that WIRE_FRAMES names"]
fn the_wire_scripts_are_read_as_before() -> io::Result<()> {
    let path = env::var("WIRE_FRAMES").expect("WIRE_FRAMES names the frames of the wire scripts");
    let frames = fs::read_to_string(&path)?;
    let kept = format!("{path}.inferred");
    if !Path::new(&kept).exists() {
        let all: Vec<String> = frames.split("\n\n").map(inferred).collect();
        return fs::write(kept, all.join("\n"));
    }
    let before = fs::read_to_string(kept)?;
    // The first dialogue that differs ends it: a mutant seldom outlives more than a few.
    for ((number, now), before) in frames.split("\n\n").map(inferred).enumerate().zip(before.lines()) {
        assert!(now == before, "something else is inferred from dialogue {number}");
    }
    Ok(())
}
