//! Filters, from both sides: any text is compiled or refused, and any instructions are run or refused.
//!
//! A compiled expression is a program that ends, and that keeps no more bytes of a frame than it was told to.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wirestat_core::bpf::{Instruction, Program, compile};
use wirestat_core::frame::LinkType;

/// Bytes of an instruction.
const SIZE: usize = 8;
const SNAPLEN: u32 = 1000;

fuzz_target!(|data: &[u8]| {
    let Some((&kind, rest)) = data.split_first() else { return };
    let (said, frame) = rest.split_at(rest.len() / 2);
    if kind & 1 == 0 {
        let instructions = said.chunks_exact(SIZE).map(|chunk| Instruction {
            code: u16::from_le_bytes([chunk[0], chunk[1]]) & 0xff,
            jt: chunk[2] & 7,
            jf: chunk[3] & 7,
            k: u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]) & (u32::MAX >> (kind >> 3)),
        });
        if let Ok(program) = Program::new(instructions.collect()) {
            let _ = program.run(frame, frame.len() as u32);
        }
        return;
    }
    let Ok(expression) = std::str::from_utf8(said) else { return };
    let services = |name: &str| (name == "http").then_some(80);
    let link = LinkType([1, 101, 113, 276][usize::from(kind >> 1 & 3)]);
    match compile(expression, link, SNAPLEN, &services) {
        Ok(instructions) => {
            let program = Program::new(instructions).expect("what was compiled is a program");
            assert!(program.run(frame, frame.len() as u32) <= SNAPLEN);
        }
        Err(mistake) => assert!(mistake.at <= expression.len() && !mistake.why.is_empty()),
    }
});
