//! xz: streams one after the other, with padding between them.

use std::io::BufRead;

use lzma_rust2::{Action, Status, XzStream};

use super::aside::Compressed;
use super::{Decode, Problem};

/// Decodes all streams.
pub(super) struct Xz {
    input: Compressed,
    streams: XzStream,
}

impl Xz {
    pub fn new(input: Compressed, memory: u64) -> Self {
        let kibibytes = u32::try_from(memory >> 10).unwrap_or(u32::MAX);
        Self { input, streams: XzStream::new_mem_limit(true, kibibytes) }
    }
}

impl Decode for Xz {
    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Problem> {
        loop {
            let bytes = self.input.fill_buf()?;
            let action = if bytes.is_empty() { Action::Finish } else { Action::Run };
            let done = self.streams.process(bytes, into, action)?;
            self.input.consume(done.bytes_consumed);
            if done.bytes_produced > 0 || done.status == Status::StreamEnd {
                return Ok(done.bytes_produced);
            }
            if done.bytes_consumed == 0 && action == Action::Finish {
                return Err(Problem::CutShort);
            }
        }
    }
}
