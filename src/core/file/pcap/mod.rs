//! pcap: a header for the file, then records, each a header and the bytes of one frame.

mod header;
mod modified;

use crate::frame::LinkType;

use super::buffer::{Buffer, Fill};
use super::bytes::{Fields, Order};
use super::defects::Oddity;
use super::error::Reason;
use super::info::InterfaceInfo;
use super::step::{Record, Step, Trouble};
use super::tally::Tally;

/// What the magic of a pcap file says about the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub order: Order,
    /// Nanoseconds in one unit of the part of a second.
    pub tick_ns: u32,
    /// Bytes that follow the usual file header.
    pub extra_header: usize,
    /// Whether record headers are longer, in one of two ways (see `modified`).
    pub modified: bool,
}

/// In which order a record header tells its two lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    OriginalFirst,
    /// Nobody knows, but less is captured than was sent.
    SmallerIsCaptured,
}

/// A pcap file whose header was read.
#[derive(Debug)]
pub(super) struct Pcap {
    order: Order,
    tick_ns: u32,
    ticks_per_second: u32,
    lengths: Lengths,
    /// Bytes of a record header; `None` while that is not decided.
    record_header: Option<usize>,
    link: LinkType,
    fcs_len: u8,
    snaplen: Option<u32>,
    captured_limit: u32,
}

const NS_PER_SECOND: i64 = 1_000_000_000;

/// Bytes of a record header that every variant has.
const RECORD_HEADER: usize = 16;

impl Pcap {
    /// Finds the next frame.
    #[inline]
    pub fn advance(&mut self, buffer: &mut Buffer, tally: &mut Tally) -> Result<Step, Trouble> {
        let Some(header) = self.record_header else {
            return self.decide_record_header(buffer, tally);
        };
        match buffer.require(header)? {
            Fill::Ready => {}
            Fill::Pending => return Ok(Step::Pending),
            Fill::Short if buffer.unread().is_empty() => return Ok(Step::End),
            Fill::Short => {
                let have = buffer.unread().len();
                return Err(Trouble::cut_short(buffer.offset(), "a record header", header, have));
            }
        }
        let offset = buffer.offset();
        let Some(fields) = self.fields(buffer.unread()) else { return Ok(Step::End) };
        if fields.captured > self.captured_limit {
            return Err(self.too_long(offset, fields.captured));
        }
        let length = fields.captured as usize;
        match buffer.require(header + length)? {
            Fill::Ready => {}
            Fill::Pending => return Ok(Step::Pending),
            Fill::Short => {
                let have = buffer.unread().len() - header;
                return Err(Trouble::cut_short(offset, "a frame", length, have));
            }
        }
        if fields.ticks >= self.ticks_per_second {
            tally.defects.count(Oddity::SubSecondOverflow, offset);
        }
        let mut record = Record {
            at: buffer.take(header + length) + header,
            len: length,
            time_ns: i64::from(fields.seconds) * NS_PER_SECOND
                + i64::from(fields.ticks) * i64::from(self.tick_ns),
            link: self.link,
            fcs_len: self.fcs_len,
            orig_len: fields.original,
        };
        tally.count(&mut record, offset);
        Ok(Step::Record(record))
    }

    /// The one interface of the file.
    pub fn interfaces(&self, tally: &Tally) -> Vec<InterfaceInfo> {
        vec![InterfaceInfo {
            name: None,
            link: self.link,
            snaplen: self.snaplen,
            frames: tally.frames,
            received: None,
            dropped: None,
        }]
    }

    #[inline]
    fn fields(&self, header: &[u8]) -> Option<RecordFields> {
        let header: &[u8; RECORD_HEADER] = header.first_chunk()?;
        let mut fields = Fields::new(header, self.order);
        let (seconds, ticks) = (fields.u32()?, fields.u32()?);
        let (first, second) = (fields.u32()?, fields.u32()?);
        let (captured, original) = match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::OriginalFirst => (second, first),
            Lengths::SmallerIsCaptured => (first.min(second), first.max(second)),
        };
        Some(RecordFields { seconds, ticks, captured, original })
    }

    #[cold]
    fn too_long(&self, offset: u64, captured: u32) -> Trouble {
        let (length, limit) = (u64::from(captured), u64::from(self.captured_limit));
        Trouble::new(offset, Reason::TooLong { what: "a frame", length, limit })
    }
}

/// What a record header tells.
#[derive(Clone, Copy)]
struct RecordFields {
    seconds: u32,
    ticks: u32,
    captured: u32,
    original: u32,
}
