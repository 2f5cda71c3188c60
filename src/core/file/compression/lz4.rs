//! LZ4 frames, one after the other.

use std::io::{BufRead, Read};

use lz4_flex::frame::FrameDecoder;

use super::super::patient::Patiently;
use super::{Decode, Problem};

/// Decodes all frames.
pub(in super::super) struct Lz4 {
    frames: FrameDecoder<Patiently>,
}

impl Lz4 {
    pub fn new(input: Patiently) -> Self {
        Self { frames: FrameDecoder::new(input) }
    }
}

impl Decode for Lz4 {
    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Problem> {
        loop {
            let count = self.frames.read(into)?;
            // Zero bytes end the stream only if no other frame follows.
            if count > 0 || self.frames.get_mut().fill_buf()?.is_empty() {
                return Ok(count);
            }
        }
    }
}
