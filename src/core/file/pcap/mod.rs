//! pcap: a header for the file, then records, each a header and the bytes of one frame.

mod header;
mod modified;

use crate::frame::LinkType;

use super::NS_PER_SECOND;
use super::buffer::{Buffer, Fill};
use super::bytes::Order;
use super::defects::Oddity;
use super::error::Reason;
use super::info::InterfaceInfo;
use super::step::{Record, Step, Trouble};
use super::tally::Tally;

/// The variant of a pcap file, by its magic.
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

/// The order of the two lengths in a record header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    OriginalFirst,
    /// Unknown: the smaller is the captured length.
    SmallerIsCaptured,
}

/// A pcap file whose header was read.
#[derive(Debug)]
pub(super) struct Pcap {
    order: Order,
    tick_ns: u32,
    ticks_per_second: u32,
    lengths: Lengths,
    /// Bytes of a record header; `None` while undecided.
    record_header: Option<usize>,
    link: LinkType,
    fcs_len: u8,
    snaplen: Option<u32>,
    captured_limit: u32,
}

/// Bytes of a record header that every variant has.
const RECORD_HEADER: usize = 16;

impl Pcap {
    /// Finds the next frame.
    pub fn advance(&mut self, buffer: &mut Buffer, tally: &mut Tally) -> Result<Step, Trouble> {
        loop {
            if let Some(record) = self.at_hand(buffer, tally) {
                return Ok(Step::Record(record));
            }
            match self.gather(buffer)? {
                Fill::Ready => {
                    if let Some(record) = self.empty(buffer, tally) {
                        return Ok(Step::Record(record));
                    }
                }
                Fill::Pending => return Ok(Step::Pending),
                Fill::Short => return Ok(Step::End),
            }
        }
    }

    /// The next frame, if it has bytes and is wholly in the buffer. Frames without bytes are left to `advance`.
    #[inline(always)]
    pub fn at_hand(&self, buffer: &mut Buffer, tally: &mut Tally) -> Option<Record> {
        let fields = self.fields(buffer.unread())?;
        if fields.captured.wrapping_sub(1) >= self.captured_limit {
            return None;
        }
        self.take(&fields, None, buffer, tally)
    }

    /// The next frame, if it has no bytes. If its header is all zeros, too, no frame was captured: the writer had
    /// reserved space in the file. Such a frame has no time.
    #[cold]
    fn empty(&self, buffer: &mut Buffer, tally: &mut Tally) -> Option<Record> {
        let fields = self.fields(buffer.unread()).filter(|fields| fields.captured == 0)?;
        let (offset, is_blank) = (buffer.offset(), fields.seconds | fields.ticks | fields.original == 0);
        let time_ns = is_blank.then(|| tally.previous().unwrap_or(0));
        let record = self.take(&fields, time_ns, buffer, tally)?;
        if is_blank {
            tally.defects.count(Oddity::NoTime, offset);
        }
        Some(record)
    }

    /// Takes a frame out of the buffer, if it is wholly there. `time_ns` is its time if its header has none.
    #[inline(always)]
    fn take(
        &self,
        fields: &RecordFields,
        time_ns: Option<i64>,
        buffer: &mut Buffer,
        tally: &mut Tally,
    ) -> Option<Record> {
        let header = self.record_header?;
        let offset = buffer.offset();
        let len = fields.captured as usize;
        let at = buffer.take_whole(header + len)?;
        let of_header = |tally: &mut Tally| {
            let part_ns = tally.defects.part_of_second(fields.ticks, self.tick_ns, offset);
            i64::from(fields.seconds) * NS_PER_SECOND + part_ns
        };
        let mut record = Record {
            at: at + header,
            len,
            time_ns: time_ns.unwrap_or_else(|| of_header(tally)),
            link: self.link,
            fcs_len: self.fcs_len,
            orig_len: fields.original,
        };
        tally.count(&mut record, offset);
        Some(record)
    }

    /// Reads on until a partial record is complete. `Short`: the stream ends before it.
    #[cold]
    fn gather(&mut self, buffer: &mut Buffer) -> Result<Fill, Trouble> {
        let Some(header) = self.record_header else { return self.decide_record_header(buffer) };
        match buffer.require(header)? {
            Fill::Ready => {}
            Fill::Short if !buffer.unread().is_empty() => {
                let have = buffer.unread().len();
                return Err(Trouble::cut_short(buffer.offset(), "a record header", header, have));
            }
            fill => return Ok(fill),
        }
        let offset = buffer.offset();
        let Some(fields) = self.fields(buffer.unread()) else { return Ok(Fill::Short) };
        if fields.captured > self.captured_limit {
            return Err(self.too_long(offset, fields.captured));
        }
        let length = fields.captured as usize;
        match buffer.require(header + length)? {
            Fill::Short => {
                let have = buffer.unread().len() - header;
                Err(Trouble::cut_short(offset, "a frame", length, have))
            }
            fill => Ok(fill),
        }
    }

    /// The only interface of the file.
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

    #[inline(always)]
    fn fields(&self, bytes: &[u8]) -> Option<RecordFields> {
        let (numbers, _) = bytes.as_chunks();
        let [seconds, ticks, first, second] = self.order.u32s(*numbers.first_chunk()?);
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

/// The fields of a record header.
#[derive(Clone, Copy)]
struct RecordFields {
    seconds: u32,
    ticks: u32,
    captured: u32,
    original: u32,
}
