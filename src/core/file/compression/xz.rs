//! xz: streams one after the other, with padding between them.

use std::io::BufRead;

use lzma_rust2::{Action, Status, XzStream};

use super::super::patient::Patiently;
use super::{Decode, Problem};

/// Decodes all streams.
pub(in super::super) struct Xz {
    input: Patiently,
    streams: XzStream,
    /// The error that stopped the decoding; the output before it is handed out first.
    problem: Option<Problem>,
}

impl Xz {
    pub fn new(input: Patiently, memory: u64) -> Self {
        let kibibytes = u32::try_from(memory >> 10).unwrap_or(u32::MAX);
        Self { input, streams: XzStream::new_mem_limit(true, kibibytes), problem: None }
    }
}

impl Decode for Xz {
    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Problem> {
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        loop {
            let bytes = self.input.fill_buf()?;
            let action = if bytes.is_empty() { Action::Finish } else { Action::Run };
            let before = self.streams.total_out();
            let done = match self.streams.process(bytes, into, action) {
                Ok(done) => done,
                Err(error) => {
                    self.problem = Some(error.into());
                    let produced = (self.streams.total_out() - before) as usize;
                    return if produced > 0 { Ok(produced) } else { self.decode(into) };
                }
            };
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
