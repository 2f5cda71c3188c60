//! snoop: the captures of Solaris (RFC 1761). A header for the file, then records, each a header, the bytes of one frame,
//! and padding. All numbers are in network byte order.

use crate::frame::LinkType;

use super::NS_PER_SECOND;
use super::buffer::{Buffer, Fill};
use super::bytes::{Fields, Order};
use super::error::Reason;
use super::info::InterfaceInfo;
use super::step::{Record, Step, Trouble};
use super::tally::Tally;

/// The magic of the format.
pub(super) const MAGIC: &[u8] = b"snoop\0";

/// Bytes of the file header.
pub(super) const FILE_HEADER: usize = 16;

/// Bytes of a record header.
const RECORD_HEADER: usize = 24;
/// The largest captured length; a record that claims more is damaged.
const LONGEST: u32 = 256 << 10;
const VERSION: u32 = 2;

/// A snoop file whose header was read.
#[derive(Debug)]
pub(super) struct Snoop {
    link: LinkType,
    /// Packets dropped up to the last record.
    dropped: u32,
}

/// The fields of a record header.
struct Header {
    original: u32,
    captured: u32,
    /// Bytes of the record, header and padding included.
    record: u32,
    dropped: u32,
    seconds: u32,
    microseconds: u32,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(bytes, Order::Big);
        Some(Self {
            original: fields.u32()?,
            captured: fields.u32()?,
            record: fields.u32()?,
            dropped: fields.u32()?,
            seconds: fields.u32()?,
            microseconds: fields.u32()?,
        })
    }
}

impl Snoop {
    /// Reads a file header of [`FILE_HEADER`] bytes.
    pub fn new(header: &[u8]) -> Result<Self, Reason> {
        let mut fields = Fields::new(header.get(8..).unwrap_or_default(), Order::Big);
        let (Some(version), Some(number)) = (fields.u32(), fields.u32()) else {
            return Err(Reason::Damaged("it has no whole file header".to_owned()));
        };
        if version != VERSION {
            return Err(Reason::Unsupported(format!(
                "snoop version {version} is not read; convert it: editcap FILE FILE.pcapng"
            )));
        }
        match link_type(number) {
            Some(link) => Ok(Self { link, dropped: 0 }),
            None => Err(Reason::Unsupported(format!(
                "snoop's data link type {number} is not read; convert it: editcap FILE FILE.pcapng"
            ))),
        }
    }

    /// Finds the next frame.
    pub fn advance(&mut self, buffer: &mut Buffer, tally: &mut Tally) -> Result<Step, Trouble> {
        match buffer.require(RECORD_HEADER)? {
            Fill::Ready => {}
            Fill::Pending => return Ok(Step::Pending),
            Fill::Short if buffer.unread().is_empty() => return Ok(Step::End),
            Fill::Short => {
                let have = buffer.unread().len();
                return Err(Trouble::cut_short(buffer.offset(), "a record header", RECORD_HEADER, have));
            }
        }
        let offset = buffer.offset();
        let Some(header) = Header::read(buffer.unread()) else { return Ok(Step::End) };
        if header.captured > LONGEST || header.record > 2 * LONGEST {
            let length = u64::from(header.captured.max(header.record));
            return Err(Trouble::new(
                offset,
                Reason::TooLong { what: "a frame", length, limit: u64::from(LONGEST) },
            ));
        }
        let whole = RECORD_HEADER + header.captured as usize;
        let padding = (header.record as usize)
            .checked_sub(whole)
            .ok_or_else(|| Trouble::damaged(offset, "a record is shorter than its frame"))?;
        match buffer.require(whole)? {
            Fill::Ready => {}
            Fill::Pending => return Ok(Step::Pending),
            Fill::Short => {
                let have = buffer.unread().len() - RECORD_HEADER;
                return Err(Trouble::cut_short(offset, "a frame", header.captured as usize, have));
            }
        }
        // The padding of the last record may be missing.
        if buffer.require(whole + padding)? == Fill::Pending {
            return Ok(Step::Pending);
        }
        let at = buffer.take(whole + padding);
        Ok(Step::Record(self.record(&header, at + RECORD_HEADER, offset, tally)))
    }

    fn record(&mut self, header: &Header, at: usize, offset: u64, tally: &mut Tally) -> Record {
        let part_ns = tally.defects.part_of_second(header.microseconds, 1000, offset);
        self.dropped = header.dropped;
        let mut record = Record {
            at,
            len: header.captured as usize,
            time_ns: i64::from(header.seconds) * NS_PER_SECOND + part_ns,
            link: self.link,
            fcs_len: 0,
            orig_len: header.original,
        };
        tally.count(&mut record, offset);
        record
    }

    /// The only interface of the file.
    pub fn interfaces(&self, tally: &Tally) -> Vec<InterfaceInfo> {
        vec![InterfaceInfo {
            name: None,
            link: self.link,
            snaplen: None,
            frames: tally.frames,
            received: None,
            dropped: Some(u64::from(self.dropped)),
        }]
    }
}

/// Link types as RFC 1761 numbers them, and Solaris behind those (`sys/dlpi.h`).
const fn link_type(number: u32) -> Option<LinkType> {
    match number {
        0 | 4 => Some(LinkType::ETHERNET),
        8 => Some(LinkType(10)),
        _ => None,
    }
}
