//! gzip: members one after the other, and perhaps zero bytes up to the end of a tape block.

use std::io::{BufRead, Read};

use flate2::bufread::GzDecoder;

use super::aside::Compressed;
use super::{Decode, Problem};

/// How every member begins.
const MAGIC: u8 = 0x1f;

/// Decodes all members.
pub(super) struct Gzip {
    /// `None` after the end.
    member: Option<GzDecoder<Compressed>>,
}

impl Gzip {
    pub fn new(input: Compressed) -> Self {
        Self { member: Some(GzDecoder::new(input)) }
    }
}

impl Decode for Gzip {
    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Problem> {
        while let Some(mut member) = self.member.take() {
            let count = member.read(into)?;
            if count > 0 {
                self.member = Some(member);
                return Ok(count);
            }
            let mut input = member.into_inner();
            match input.fill_buf()?.first() {
                None => {}
                Some(0) => only_zeros(&mut input)?,
                Some(&MAGIC) => self.member = Some(GzDecoder::new(input)),
                Some(_) => return Err(rubbish()),
            }
        }
        Ok(0)
    }
}

fn rubbish() -> Problem {
    Problem::Damaged("other bytes follow its end".to_owned())
}

fn only_zeros(input: &mut Compressed) -> Result<(), Problem> {
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        if bytes.iter().any(|&byte| byte != 0) {
            return Err(rubbish());
        }
        let count = bytes.len();
        input.consume(count);
    }
}
