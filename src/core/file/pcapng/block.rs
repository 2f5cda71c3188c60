//! The structure of every block: type, length, body, and the length again.

use std::ops::Range;

use super::super::buffer::{Buffer, Fill};
use super::super::bytes::Order;
use super::super::defects::Oddity;
use super::super::error::Reason;
use super::super::step::Trouble;
use super::super::tally::Tally;
use super::blocks::Blocks;
use super::codes::{
    CUSTOM_NOT_TO_COPY, ENHANCED_PACKET, HEADER, INTERFACE_DESCRIPTION, INTERFACE_STATISTICS,
    OBSOLETE_PACKET, SECTION_HEADER, SIMPLE_PACKET,
};
use super::{Pcapng, section};

/// Bytes after it: the length again.
const TRAILER: usize = 4;
const SHORTEST: u32 = 12;

/// A complete block at the beginning of the unread bytes.
pub(super) struct Block {
    pub kind: u32,
    /// The place of its body in the unread bytes.
    pub body: Range<usize>,
    /// Its size in bytes.
    pub length: usize,
}

/// A block to be skipped.
#[derive(Debug, Default)]
pub(super) struct Skip {
    length: u64,
    /// The bytes still to be skipped.
    left: u64,
    /// Whether the block also goes into a copy of the file.
    is_handed_on: bool,
}

/// The kind of the next bytes.
pub(super) enum Found {
    Block(Block),
    /// A block of no interest, or a part of one.
    Skipped,
    End,
    Pending,
}

impl Pcapng {
    /// Finds the next block to be read.
    #[inline]
    pub(super) fn next_block(&mut self, buffer: &mut Buffer, tally: &mut Tally) -> Result<Found, Trouble> {
        if self.skip.left > 0 {
            return pass_over(&mut self.skip, buffer, self.blocks.as_mut());
        }
        match buffer.require(HEADER)? {
            Fill::Ready => {}
            Fill::Pending => return Ok(Found::Pending),
            Fill::Short if buffer.unread().is_empty() => return Ok(Found::End),
            Fill::Short => {
                let have = buffer.unread().len();
                return Err(Trouble::cut_short(buffer.offset(), "a block header", HEADER, have));
            }
        }
        let offset = buffer.offset();
        let (mut kind, mut length) = header(buffer, self.order);
        if kind == SECTION_HEADER {
            // The length can be read only in the right byte order, which the section header gives after it.
            match buffer.require(SHORTEST as usize)? {
                Fill::Ready => {}
                Fill::Pending => return Ok(Found::Pending),
                Fill::Short => {
                    let have = buffer.unread().len();
                    return Err(Trouble::cut_short(offset, "a section header", SHORTEST as usize, have));
                }
            }
            self.order =
                section::byte_order(buffer.unread()).ok_or_else(|| section::no_byte_order(offset))?;
            (kind, length) = header(buffer, self.order);
        }
        if length < SHORTEST {
            return Err(Trouble::damaged(
                offset,
                format!("a block claims a length of {length}, {SHORTEST} is the least"),
            ));
        }
        if !is_of_interest(kind) {
            let length = u64::from(length).next_multiple_of(4);
            // A block for the copy is kept in memory until it is complete.
            let is_handed_on = kind != CUSTOM_NOT_TO_COPY && length <= u64::from(self.limits.block);
            self.skip = Skip { length, left: length, is_handed_on };
            return Ok(Found::Skipped);
        }
        if length > self.limits.block {
            let (length, limit) = (u64::from(length), u64::from(self.limits.block));
            return Err(Trouble::new(offset, Reason::TooLong { what: "a block", length, limit }));
        }
        if length % 4 != 0 {
            return unaligned(kind, length, self.order, buffer, tally);
        }
        let length = length as usize;
        match buffer.require(length)? {
            Fill::Ready => {}
            Fill::Pending => return Ok(Found::Pending),
            Fill::Short => return Err(Trouble::cut_short(offset, "a block", length, buffer.unread().len())),
        }
        if !ends_with_its_length(buffer.unread(), length, length, self.order) {
            tally.defects.count(Oddity::TrailerMismatch, offset);
        }
        Ok(Found::Block(Block { kind, body: HEADER..length - TRAILER, length }))
    }
}

/// Whether blocks of the kind are read; the others are skipped.
const fn is_of_interest(kind: u32) -> bool {
    matches!(
        kind,
        SECTION_HEADER
            | INTERFACE_DESCRIPTION
            | OBSOLETE_PACKET
            | SIMPLE_PACKET
            | INTERFACE_STATISTICS
            | ENHANCED_PACKET
    )
}

#[inline]
fn header(buffer: &Buffer, order: Order) -> (u32, u32) {
    match buffer.unread() {
        [k0, k1, k2, k3, l0, l1, l2, l3, ..] => {
            (order.u32([*k0, *k1, *k2, *k3]), order.u32([*l0, *l1, *l2, *l3]))
        }
        _ => (0, 0),
    }
}

/// Whether the `length` of a block is repeated at the right place if the block takes `taken` bytes.
#[inline]
fn ends_with_its_length(bytes: &[u8], taken: usize, length: usize, order: Order) -> bool {
    bytes
        .get(taken - TRAILER..taken)
        .and_then(|trailer| trailer.first_chunk::<4>())
        .is_some_and(|trailer| order.u32(*trailer) as usize == length)
}

/// Reads a block whose length is not a multiple of 4. Some writers count the padding as part of the block, some do
/// not, some leave it out. The length at the end of the block tells which of the three.
#[cold]
fn unaligned(
    kind: u32,
    length: u32,
    order: Order,
    buffer: &mut Buffer,
    tally: &mut Tally,
) -> Result<Found, Trouble> {
    let offset = buffer.offset();
    let length = length as usize;
    let aligned = length.next_multiple_of(4);
    if buffer.require(aligned)? == Fill::Pending {
        return Ok(Found::Pending);
    }
    for taken in [aligned, length] {
        if ends_with_its_length(buffer.unread(), taken, length, order) {
            tally.defects.count(Oddity::UnalignedBlock, offset);
            return Ok(Found::Block(Block { kind, body: HEADER..taken - TRAILER, length: taken }));
        }
    }
    let have = buffer.unread().len();
    if have < aligned {
        return Err(Trouble::cut_short(offset, "a block", length, have));
    }
    Err(Trouble::damaged(
        offset,
        format!("a block claims a length of {length}, which is not a multiple of 4"),
    ))
}

/// Skips any number of bytes without holding them.
#[cold]
fn pass_over(skip: &mut Skip, buffer: &mut Buffer, blocks: Option<&mut Blocks>) -> Result<Found, Trouble> {
    if buffer.require(1)? == Fill::Pending {
        return Ok(Found::Pending);
    }
    let available = buffer.unread().len() as u64;
    if available == 0 {
        let have = skip.length - skip.left;
        let reason = Reason::CutShort { inside: "a block", need: skip.length, have };
        return Err(Trouble::new(buffer.offset() - have, reason));
    }
    let step = skip.left.min(available);
    let length = usize::try_from(step).unwrap_or(usize::MAX);
    let at = buffer.take(length);
    skip.left -= step;
    if let Some(blocks) = blocks.filter(|_| skip.is_handed_on) {
        blocks.add_part(buffer.slice(at, length), skip.left);
    }
    Ok(Found::Skipped)
}
