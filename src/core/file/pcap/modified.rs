//! The two kinds of modified pcap, which share a magic: record headers of 24 bytes, and of 28.
//!
//! Only the records show which it is: the second must begin right after the first.

use super::super::buffer::{Buffer, Fill};
use super::super::step::Trouble;
use super::{Pcap, RECORD_HEADER};

const SHORT: usize = 24;
const LONG: usize = 28;

impl Pcap {
    /// Decides which of the two header lengths the file has. `Ready`: it is decided.
    #[cold]
    pub(super) fn decide_record_header(&mut self, buffer: &mut Buffer) -> Result<Fill, Trouble> {
        let captured = match buffer.require(RECORD_HEADER)? {
            Fill::Pending => return Ok(Fill::Pending),
            Fill::Ready | Fill::Short => self.fields(buffer.unread()).map(|fields| fields.captured),
        };
        let mut decision = SHORT;
        if let Some(captured) = captured.filter(|captured| *captured <= self.captured_limit) {
            for candidate in [SHORT, LONG] {
                let second = candidate + captured as usize;
                if buffer.require(second + RECORD_HEADER)? == Fill::Pending {
                    return Ok(Fill::Pending);
                }
                if self.may_begin_at(buffer.unread(), second) {
                    decision = candidate;
                    break;
                }
            }
        }
        self.record_header = Some(decision);
        Ok(Fill::Ready)
    }

    /// Whether the second record, or the end of the file, can be at `second`.
    fn may_begin_at(&self, bytes: &[u8], second: usize) -> bool {
        match bytes.get(second..) {
            None => false,
            Some([]) => true,
            Some(rest) => self.fields(rest).is_some_and(|fields| {
                fields.ticks < self.ticks_per_second
                    && fields.captured <= self.captured_limit
                    && fields.captured <= fields.original
            }),
        }
    }
}
