//! The raw blocks of a file, for copying: with comments added to some frames, and otherwise unchanged.

use super::super::bytes::Order;
use super::codes::{COMMENT, END, ENHANCED_PACKET, HEADER, OBSOLETE_PACKET, SECTION_HEADER, fitting};
use super::options::Options;
use super::packet::ENHANCED_DATA;

/// The offset of a section's length in its header.
const SECTION_LENGTH: std::ops::Range<usize> = 16..24;
/// The offset of the captured length in the two kinds of packet block with options.
const CAPTURED: std::ops::Range<usize> = 20..24;
/// The number of kept bytes from which on they should be written.
const ROOM: usize = 1 << 20;
const TRAILER: usize = 4;

/// Blocks that were read and not yet written.
#[derive(Debug, Default)]
pub(in super::super) struct Blocks {
    bytes: Vec<u8>,
    /// The end of the complete blocks; a partial one may follow.
    whole: usize,
    /// The start of the last parsed block.
    last: usize,
    /// Its kind, and its byte order.
    kind: u32,
    order: Option<Order>,
}

impl Blocks {
    /// Keeps a whole block.
    pub fn add(&mut self, kind: u32, block: &[u8], order: Order) {
        self.last = self.bytes.len();
        (self.kind, self.order) = (kind, Some(order));
        self.bytes.extend_from_slice(block);
        self.whole = self.bytes.len();
        // Comments make a section longer: mark its length as unknown.
        if kind == SECTION_HEADER
            && let Some(length) = self.bytes[self.last..].get_mut(SECTION_LENGTH)
        {
            length.fill(0xff);
        }
    }

    /// Keeps a part of a skipped block, with `left` bytes to come.
    pub fn add_part(&mut self, part: &[u8], left: u64) {
        self.bytes.extend_from_slice(part);
        if left == 0 {
            self.whole = self.bytes.len();
        }
    }

    /// Whether they should be written before more is read.
    pub const fn is_full(&self) -> bool {
        self.whole >= ROOM
    }

    /// Adds comments to the last block, a packet of `len` bytes, except those that it has already. `None` if its kind
    /// has no room for comments, else the number added.
    pub fn comment(&mut self, len: usize, comments: &[&str]) -> Option<usize> {
        let order = self.order.filter(|_| matches!(self.kind, ENHANCED_PACKET | OBSOLETE_PACKET))?;
        let block = self.bytes.split_off(self.last);
        let (longer, added) = with_comments(&block, order, len, comments);
        self.bytes.extend_from_slice(longer.as_deref().unwrap_or(&block));
        self.whole = self.bytes.len();
        longer.map(|_| added)
    }

    /// The kept bytes of complete blocks.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.whole]
    }

    /// Drops the complete blocks.
    pub fn clear(&mut self) {
        self.bytes.drain(..self.whole);
        (self.whole, self.last) = (0, 0);
    }
}

/// A packet block with comments added after its options. `None` if it is shorter than it claims.
fn with_comments(block: &[u8], order: Order, len: usize, comments: &[&str]) -> (Option<Vec<u8>>, usize) {
    let body = block.len().saturating_sub(TRAILER);
    let (Some(head), Some(data)) =
        (block.get(..ENHANCED_DATA), block.get(ENHANCED_DATA..ENHANCED_DATA + len))
    else {
        return (None, 0);
    };
    let mut longer = head.to_vec();
    longer[CAPTURED].copy_from_slice(&order.bytes_of_u32(len as u32));
    longer.extend_from_slice(data);
    pad(&mut longer);
    let options = block.get((ENHANCED_DATA + len).next_multiple_of(4)..body).unwrap_or(&[]);
    let mut present = Vec::new();
    for (code, value) in Options::new(options, order) {
        put(&mut longer, order, code, value);
        if code == COMMENT {
            present.push(value);
        }
    }
    let mut added = 0;
    for comment in comments.iter().map(|comment| fitting(comment.as_bytes())) {
        if !present.contains(&comment) {
            put(&mut longer, order, COMMENT, comment);
            added += 1;
        }
    }
    put(&mut longer, order, END, &[]);
    let length = order.bytes_of_u32((longer.len() + TRAILER) as u32);
    longer[4..HEADER].copy_from_slice(&length);
    longer.extend_from_slice(&length);
    (Some(longer), added)
}

fn put(block: &mut Vec<u8>, order: Order, code: u16, value: &[u8]) {
    block.extend_from_slice(&order.bytes_of_u16(code));
    block.extend_from_slice(&order.bytes_of_u16(value.len() as u16));
    block.extend_from_slice(value);
    pad(block);
}

fn pad(block: &mut Vec<u8>) {
    block.resize(block.len().next_multiple_of(4), 0);
}
