//! The judge of mutants: what is inferred from the dialogues of the wire scripts is what was inferred before.
//!
//! `python -m tests.wirescript FILE` writes their frames to a file, which `WIRE_FRAMES` names. The first run writes what
//! it infers beside them, to `FILE.inferred`; every later run compares. CONTRIBUTING.md has the commands.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};
use wirestat_core::flows::table::{Capacity, Flows};
use wirestat_core::frame::{Frame, LinkType};
use wirestat_core::tcp::profile::Profile;
use wirestat_core::tcp::side::Side;
use wirestat_core::wire::{self, Decoder};

/// One dialogue: its decoder, its table, and how many frames came.
struct Dialogue {
    decoder: Decoder,
    flows: Flows,
    frames: u64,
    now_ns: i64,
}

impl Dialogue {
    fn new() -> Self {
        let flows = Flows::new(Profile::default(), Capacity::default());
        Self { decoder: Decoder::new(wire::DecoderLimits::default()), flows, frames: 0, now_ns: 0 }
    }

    fn take(&mut self, time_ns: i64, data: &[u8]) {
        self.frames += 1;
        self.now_ns = time_ns;
        let orig_len = data.len() as u32;
        let frame =
            Frame { number: self.frames, time_ns, link: LinkType::ETHERNET, fcs_len: 0, orig_len, data };
        let decoded = self.decoder.decode(&frame);
        self.flows.observe(time_ns, self.frames, &decoded);
        self.flows.settle();
    }

    /// Writes the state of each end, the others that fit, and all that is in the log.
    fn tell(&self, told: &mut String) {
        for (_, slot) in self.flows.slab.iter() {
            let connection = &slot.connection;
            for side in Side::BOTH {
                let others = connection.alternatives(side, self.flows.moment());
                let end = connection.end(side);
                let line = (end.state(), others, end.next(), end.acked(), end.unacknowledged(), end.window());
                writeln!(told, "{line:?}").expect("a string takes all that is written");
            }
            for entry in connection.log().entries() {
                writeln!(told, "{entry:?}").expect("a string takes all that is written");
            }
        }
    }
}

fn octets(hex: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("the frames are in hexadecimal");
    (0..hex.len()).step_by(2).map(digits).collect()
}

fn inferred(frames: &str) -> String {
    let mut told = String::new();
    let mut dialogue = Dialogue::new();
    for line in frames.lines() {
        let Some((time, hex)) = line.split_once(' ') else {
            dialogue = Dialogue::new();
            continue;
        };
        dialogue.take(time.parse().expect("a line begins with a time in ns"), &octets(hex));
        dialogue.tell(&mut told);
    }
    told
}

#[test]
#[ignore = "it needs the frames of the wire scripts, in the file that WIRE_FRAMES names"]
fn the_wire_scripts_are_read_as_before() -> io::Result<()> {
    let path = env::var("WIRE_FRAMES").expect("WIRE_FRAMES names the frames of the wire scripts");
    let now = inferred(&fs::read_to_string(&path)?);
    let before = format!("{path}.inferred");
    if !Path::new(&before).exists() {
        return fs::write(before, now);
    }
    assert!(now == fs::read_to_string(before)?, "something else is inferred from the wire scripts");
    Ok(())
}
