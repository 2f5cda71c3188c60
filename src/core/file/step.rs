//! The results of the inner readers: a record, the end, or a wait; and their errors.

use crate::frame::LinkType;

use super::error::Reason;

/// One frame in the buffer: the place of its bytes, and its metadata.
///
/// It borrows nothing, so that readers can be asked in turn; it is valid until its buffer is refilled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// Where its bytes begin in the buffer.
    pub at: usize,
    /// How many bytes were captured.
    pub len: usize,
    pub time_ns: i64,
    pub link: LinkType,
    pub fcs_len: u8,
    pub orig_len: u32,
}

/// One step of a reader.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Record(Record),
    /// The stream is over.
    End,
    /// No complete record has arrived yet; call again later to go on.
    Pending,
}

/// The error that stopped a reader, and where.
#[derive(Debug)]
pub(super) struct Trouble {
    pub offset: u64,
    pub reason: Reason,
}

impl Trouble {
    pub const fn new(offset: u64, reason: Reason) -> Self {
        Self { offset, reason }
    }

    pub const fn cut_short(offset: u64, inside: &'static str, need: usize, have: usize) -> Self {
        Self::new(offset, Reason::CutShort { inside, need: need as u64, have: have as u64 })
    }

    pub fn damaged(offset: u64, how: impl Into<String>) -> Self {
        Self::new(offset, Reason::Damaged(how.into()))
    }
}
