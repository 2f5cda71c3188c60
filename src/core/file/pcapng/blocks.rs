//! The blocks of a file as they are, for whoever hands them on: with more comments on some frames, and nothing else changed.

use super::super::bytes::Order;
use super::codes::{COMMENT, END, ENHANCED_PACKET, HEADER, OBSOLETE_PACKET, SECTION_HEADER, fitting};
use super::options::Options;
use super::packet::ENHANCED_DATA;

/// Where the length of a section stands in its header.
const SECTION_LENGTH: std::ops::Range<usize> = 16..24;
/// Where the number of captured bytes stands in a packet block of either kind that has options.
const CAPTURED: std::ops::Range<usize> = 20..24;
/// Bytes that are kept before they are asked for.
const ROOM: usize = 1 << 20;
const TRAILER: usize = 4;

/// Blocks that were read and not yet handed on.
#[derive(Debug, Default)]
pub(in super::super) struct Blocks {
    bytes: Vec<u8>,
    /// Where the whole blocks end, and one begins of which a part is there.
    whole: usize,
    /// Where the last of those that were looked into begins.
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
        // Comments make a section longer: let its length be unknown.
        if kind == SECTION_HEADER
            && let Some(length) = self.bytes[self.last..].get_mut(SECTION_LENGTH)
        {
            length.fill(0xff);
        }
    }

    /// Keeps a part of a block that nobody looks into, of which so much is `left`.
    pub fn add_part(&mut self, part: &[u8], left: u64) {
        self.bytes.extend_from_slice(part);
        if left == 0 {
            self.whole = self.bytes.len();
        }
    }

    /// Whether they should be handed on before more is read.
    pub const fn is_full(&self) -> bool {
        self.whole >= ROOM
    }

    /// Adds comments to the last block, a packet of `len` bytes, but for those that it has already. `None` where a packet
    /// of its kind has no room for comments, else how many were added.
    pub fn comment(&mut self, len: usize, comments: &[&str]) -> Option<usize> {
        let order = self.order.filter(|_| matches!(self.kind, ENHANCED_PACKET | OBSOLETE_PACKET))?;
        let block = self.bytes.split_off(self.last);
        let (longer, added) = with_comments(&block, order, len, comments);
        self.bytes.extend_from_slice(longer.as_deref().unwrap_or(&block));
        self.whole = self.bytes.len();
        longer.map(|_| added)
    }

    /// The bytes kept, as far as the block is whole.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.whole]
    }

    /// Forgets what was kept and is whole.
    pub fn clear(&mut self) {
        self.bytes.drain(..self.whole);
        (self.whole, self.last) = (0, 0);
    }
}

/// The block of a packet with more comments after the options that it has. `None` where it is shorter than it says.
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
