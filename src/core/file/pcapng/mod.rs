//! pcapng: sections of blocks; a packet block belongs to an interface that its section described before.

mod block;
mod blocks;
mod clock;
pub(super) mod codes;
mod interface;
mod options;
mod packet;
mod section;

use super::buffer::Buffer;
use super::bytes::Order;
use super::comments::{Comments, Place};
use super::defects::Oddity;
use super::info::InterfaceInfo;
use super::limits::ReaderLimits;
use super::step::{Record, Step, Trouble};
use super::tally::Tally;

use block::Found;
pub(super) use blocks::Blocks;
use codes::{COMMENT, packet as option};
use interface::Interfaces;
use options::Options;
use packet::Packet;

pub(super) use section::byte_order;

/// A pcapng file, somewhere within its blocks.
#[derive(Debug)]
pub(super) struct Pcapng {
    order: Order,
    interfaces: Interfaces,
    pub comments: Comments,
    /// The raw blocks, if they are copied.
    blocks: Option<Blocks>,
    /// A block that is being skipped.
    skip: block::Skip,
    limits: ReaderLimits,
}

impl Pcapng {
    pub fn new(limits: ReaderLimits) -> Self {
        Self {
            // A guess until the first section header tells.
            order: Order::Little,
            interfaces: Interfaces::default(),
            comments: Comments::default(),
            blocks: None,
            skip: block::Skip::default(),
            limits,
        }
    }

    /// Keeps the raw blocks that are read from now on.
    pub fn keep_blocks(&mut self) {
        self.blocks = Some(Blocks::default());
    }

    /// The blocks that were kept.
    pub const fn blocks(&mut self) -> Option<&mut Blocks> {
        self.blocks.as_mut()
    }

    /// The next frame, if it is an enhanced packet without options and wholly in the buffer. `None` while a block is
    /// being skipped.
    #[inline(never)]
    pub fn at_hand(&mut self, buffer: &mut Buffer, tally: &mut Tally) -> Option<Record> {
        let offset = buffer.offset();
        let (words, _) = buffer.unread().as_chunks();
        let [kind, length, interface, high, low, captured, orig_len] = self.order.u32s(*words.first_chunk()?);
        let trailer = words.get((length as usize / 4).checked_sub(1)?)?;
        let is_plain = kind == codes::ENHANCED_PACKET
            && u64::from(length) == packet::ENHANCED_LENGTH + u64::from(captured).next_multiple_of(4)
            && length <= self.limits.block
            && self.order.u32(*trailer) == length;
        let interface = self.interfaces.get_mut(interface).filter(|_| is_plain)?;
        let at = buffer.take_whole(length as usize)?;
        interface.frames += 1;
        let mut record = Record {
            at: at + packet::ENHANCED_DATA,
            len: captured as usize,
            time_ns: interface.clock.nanoseconds(u64::from(high) << 32 | u64::from(low)),
            link: interface.link,
            fcs_len: interface.fcs_len,
            orig_len,
        };
        tally.count(&mut record, offset);
        Some(record)
    }

    /// Finds the next frame.
    pub fn advance(&mut self, buffer: &mut Buffer, tally: &mut Tally) -> Result<Step, Trouble> {
        loop {
            if self.blocks.as_ref().is_some_and(Blocks::is_full) {
                return Ok(Step::Pending);
            }
            let found = match self.next_block(buffer, tally)? {
                Found::Block(block) => block,
                Found::Skipped => continue,
                Found::End => return Ok(Step::End),
                Found::Pending => return Ok(Step::Pending),
            };
            let offset = buffer.offset();
            let body = &buffer.unread()[found.body];
            let record = match found.kind {
                codes::ENHANCED_PACKET => self.packet(Packet::enhanced(body, self.order), offset, tally)?,
                codes::SECTION_HEADER => self.section(body, offset, tally)?,
                codes::INTERFACE_DESCRIPTION => self.describe_interface(body, offset, tally)?,
                codes::INTERFACE_STATISTICS => self.statistics(body, offset, tally),
                codes::SIMPLE_PACKET => self.packet(Packet::simple(body, self.order), offset, tally)?,
                _ => self.packet(Packet::obsolete(body, self.order), offset, tally)?,
            };
            let at = buffer.take(found.length);
            if let Some(blocks) = &mut self.blocks {
                blocks.add(found.kind, buffer.slice(at, found.length), self.order);
            }
            if let Some(mut record) = record {
                record.at += at + codes::HEADER;
                tally.count(&mut record, offset);
                return Ok(Step::Record(record));
            }
        }
    }

    /// The interfaces with their statistics so far.
    pub fn interfaces(&self) -> Vec<InterfaceInfo> {
        self.interfaces.infos()
    }

    /// Makes a record from a packet block, with its place relative to the block's body.
    #[inline]
    fn packet(
        &mut self,
        packet: Option<Packet<'_>>,
        offset: u64,
        tally: &mut Tally,
    ) -> Result<Option<Record>, Trouble> {
        let Some(packet) = packet else {
            tally.defects.count(Oddity::BlockTooShort, offset);
            return Ok(None);
        };
        let Some(interface) = self.interfaces.get_mut(packet.interface) else {
            if self.interfaces.has_none_described() {
                return Err(Trouble::damaged(offset, "a packet comes before any interface is described"));
            }
            tally.defects.count(Oddity::UnknownInterface, offset);
            return Ok(None);
        };
        let claimed = packet.captured.unwrap_or_else(|| interface.most_of(packet.original));
        let len = (claimed as usize).min(packet.rest.len());
        if len < claimed as usize {
            tally.defects.count(Oddity::CapturedBeyondBlock, offset);
        }
        let time_ns = match packet.ticks {
            Some(ticks) => interface.clock.nanoseconds(ticks),
            None => {
                tally.defects.count(Oddity::NoTime, offset);
                tally.previous().unwrap_or(0)
            }
        };
        let mut record = Record {
            at: packet.data_at,
            len,
            time_ns,
            link: interface.link,
            fcs_len: interface.fcs_len,
            orig_len: packet.original,
        };
        interface.frames += 1;
        interface.lost_between += u64::from(packet.lost);
        // The padding is skipped, and options are rare.
        if let Some(options) = packet.rest.get(len.next_multiple_of(4)..)
            && packet.may_have_options
            && !options.is_empty()
        {
            let mut options = Options::new(options, self.order);
            for (code, value) in options.by_ref() {
                match code {
                    COMMENT => self.comments.add(Place::Frame(tally.frames + 1), value, &self.limits),
                    option::FLAGS => {
                        let length = options::u32(value, self.order).and_then(packet::fcs_length);
                        record.fcs_len = length.unwrap_or(record.fcs_len);
                    }
                    option::DROP_COUNT => {
                        let lost = options::u64(value, self.order).unwrap_or(0);
                        interface.lost_between = interface.lost_between.saturating_add(lost);
                    }
                    _ => {}
                }
            }
            options.report(tally, offset);
        }
        Ok(Some(record))
    }
}
