//! gzip: members one after the other, and perhaps zero bytes up to the end of a tape block.

use std::io::BufRead;

use flate2::{Decompress, FlushDecompress, Status};

use super::super::patient::Patiently;
use super::{Decode, Problem};

/// The magic of a member.
const MAGIC: u8 = 0x1f;

/// The largest window that gzip has, as a power of two.
const WINDOW_BITS: u8 = 15;

/// Decodes all members.
pub(in super::super) struct Gzip {
    input: Patiently,
    member: Decompress,
    /// The part that comes next.
    expected: Expected,
}

enum Expected {
    /// The next bytes of the member.
    Member,
    /// Another member, or the end.
    Another,
    /// An error, reported after all data before it.
    Problem(Problem),
    End,
}

impl Gzip {
    pub fn new(input: Patiently) -> Self {
        Self { input, member: Decompress::new_gzip(WINDOW_BITS), expected: Expected::Member }
    }

    /// Decodes the available part of a member; the decoder handles header and checksum.
    fn inflate(&mut self, into: &mut [u8]) -> Result<usize, Problem> {
        let bytes = self.input.fill_buf()?;
        let at_end = bytes.is_empty();
        let (consumed, produced) = (self.member.total_in(), self.member.total_out());
        let done = self.member.decompress(bytes, into, FlushDecompress::None);
        let consumed = (self.member.total_in() - consumed) as usize;
        let produced = (self.member.total_out() - produced) as usize;
        self.input.consume(consumed);
        match done {
            Ok(Status::StreamEnd) => self.expected = Expected::Another,
            Ok(_) if at_end && produced == 0 => return Err(Problem::CutShort),
            Ok(_) => {}
            Err(error) => {
                let how = error.message().map_or_else(|| error.to_string(), str::to_owned);
                self.expected = Expected::Problem(Problem::Damaged(how));
            }
        }
        Ok(produced)
    }

    fn look_for_another(&mut self) -> Result<Expected, Problem> {
        match self.input.fill_buf()?.first() {
            None => Ok(Expected::End),
            Some(&MAGIC) => {
                self.member.reset(true);
                Ok(Expected::Member)
            }
            Some(_) => self.only_zeros(),
        }
    }

    fn only_zeros(&mut self) -> Result<Expected, Problem> {
        loop {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                return Ok(Expected::End);
            }
            if bytes.iter().any(|&byte| byte != 0) {
                return Err(Problem::Damaged("other bytes follow its end".to_owned()));
            }
            let count = bytes.len();
            self.input.consume(count);
        }
    }
}

impl Decode for Gzip {
    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Problem> {
        loop {
            match std::mem::replace(&mut self.expected, Expected::Member) {
                Expected::Member => {
                    let produced = self.inflate(into)?;
                    if produced > 0 {
                        return Ok(produced);
                    }
                }
                Expected::Another => self.expected = self.look_for_another()?,
                Expected::Problem(problem) => return Err(problem),
                Expected::End => return Ok(0),
            }
        }
    }
}
