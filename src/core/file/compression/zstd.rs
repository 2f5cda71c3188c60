//! zstd: frames one after the other, some of them to be skipped.

use std::error::Error;
use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::super::patient::Patiently;
use super::{Decode, Problem};

/// Decodes all frames.
pub(in super::super) struct Zstd {
    input: Patiently,
    frame: FrameDecoder,
    in_frame: bool,
    /// The error that stopped the decoding; the output before it is handed out first.
    problem: Option<Problem>,
}

/// A last block without content, and room for a checksum.
///
/// As long as more may follow, the decoder keeps back a whole window. Where a stream is cut, this block makes the
/// decoder hand out the bytes it has.
const END_OF_FRAME: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

impl Zstd {
    pub fn new(input: Patiently, window: u64) -> Self {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(window);
        Self { input, frame, in_frame: false, problem: None }
    }

    /// Begins the next frame, or says that there is none.
    fn begin(&mut self) -> Result<bool, Problem> {
        loop {
            if self.input.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.frame.reset(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(error) => match skippable(&error) {
                    Some(length) => self.skip(u64::from(length))?,
                    None => return Err(problem(&error)),
                },
            }
        }
    }

    fn skip(&mut self, length: u64) -> Result<(), Problem> {
        let skipped = io::copy(&mut self.input.by_ref().take(length), &mut io::sink())?;
        if skipped < length { Err(Problem::CutShort) } else { Ok(()) }
    }

    /// Compares the decoded bytes with the frame's checksum, if it has one.
    fn check(&self) -> Result<(), Problem> {
        match (self.frame.get_checksum_from_data(), self.frame.get_calculated_checksum()) {
            (Some(expected), Some(found)) if expected != found => {
                Err(Problem::Damaged("its checksum is wrong".to_owned()))
            }
            _ => Ok(()),
        }
    }
}

impl Decode for Zstd {
    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Problem> {
        loop {
            let count = self.frame.read(into)?;
            if count > 0 {
                return Ok(count);
            }
            if let Some(problem) = self.problem.take() {
                return Err(problem);
            }
            if self.in_frame && self.frame.is_finished() {
                self.check()?;
                self.in_frame = false;
            }
            if !self.in_frame {
                if !self.begin()? {
                    return Ok(0);
                }
                self.in_frame = true;
            }
            if let Err(error) =
                self.frame.decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1))
            {
                self.problem = Some(problem(&error));
                let end = self.frame.decode_blocks(&END_OF_FRAME[..], BlockDecodingStrategy::All);
                end.map_err(|error| problem(&error))?;
            }
        }
    }
}

fn skippable(error: &FrameDecoderError) -> Option<u32> {
    use ruzstd::decoding::errors::FrameDecoderError::ReadFrameHeaderError as Header;
    match error {
        Header(ReadFrameHeaderError::SkipFrame { length, .. }) => Some(*length),
        _ => None,
    }
}

/// Translates an error of the decoder. An input that failed or ended is nested deep inside it.
fn problem(error: &FrameDecoderError) -> Problem {
    if matches!(error, FrameDecoderError::WindowSizeTooBig { .. }) {
        return Problem::TooLarge;
    }
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return match io.kind() {
                io::ErrorKind::UnexpectedEof => Problem::CutShort,
                kind => Problem::Read(io::Error::new(kind, io.to_string())),
            };
        }
        cause = inner.source();
    }
    Problem::Damaged(error.to_string())
}
