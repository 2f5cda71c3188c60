//! The line of stations that a frame passes: gate, decoder, look-ahead.

use super::Table;
use super::gate::{Fault, Gate};
use crate::file::{Next, Reader};
use crate::flows::ahead::{AHEAD, Seen};
use crate::flows::table::Flows;
use crate::frame::Frame;
use crate::ring;
use crate::segment::Decoded;
use crate::wire::{self, Decoder, plain};

/// How reading from a file ended for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As many frames were read as were asked for.
    More,
    /// There are no more, in any of the inputs.
    End,
    /// Nothing has arrived for a while: see [`Next::Pending`].
    Pending,
}

impl Status {
    /// The name that Python knows it by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::More => "more",
            Self::End => "end",
            Self::Pending => "pending",
        }
    }
}

/// Takes frames in, decodes them, and hands them to a table a few at a time. The table looks up the connections of
/// all of these before it reads the first.
pub struct Line {
    /// Decides which frames are wanted.
    pub gate: Gate,
    /// Decodes frames, and remembers tunnels and fragments.
    pub decoder: Decoder,
    /// Decoded frames that the table has not been handed yet.
    seen: Vec<Seen>,
    /// A buffer for a frame whose VLAN tag is put back.
    tagged: Vec<u8>,
}

impl Default for Line {
    fn default() -> Self {
        Self::with(Decoder::new(wire::DecoderLimits::default()))
    }
}

impl Line {
    /// A line with a decoder that may have seen frames already.
    #[must_use]
    pub fn with(decoder: Decoder) -> Self {
        Self { gate: Gate::default(), decoder, seen: Vec::with_capacity(AHEAD), tagged: Vec::new() }
    }

    /// Takes in up to `frames` frames of a reader, and hands all of them over.
    ///
    /// # Errors
    ///
    /// When the filter can't be compiled for a frame's link type. Frames read before it are handed over.
    pub fn read(
        &mut self,
        reader: &mut Reader,
        frames: u64,
        table: &mut impl Table,
    ) -> Result<Status, Fault> {
        let status = self.take_from(reader, frames, table);
        self.hand_over(table);
        status
    }

    fn take_from(
        &mut self,
        reader: &mut Reader,
        frames: u64,
        table: &mut impl Table,
    ) -> Result<Status, Fault> {
        let is_wide_open = self.gate.is_wide_open();
        for _ in 0..frames {
            match reader.next() {
                Next::Frame(frame) if is_wide_open => {
                    self.gate.count(&frame);
                    self.decode(frame.in_sane_time(), table);
                }
                Next::Frame(frame) => self.take(0, &frame, table)?,
                Next::End => return Ok(Status::End),
                Next::Pending => return Ok(Status::Pending),
            }
        }
        Ok(Status::More)
    }

    /// Reads up to `frames` frames, and takes in those of the table's share of the connections. The gate must let all
    /// frames pass. Only the table with the first share counts frames, so each is counted once.
    ///
    /// Returns whether the files still held that many. It waits for all of them, since every reader must read the
    /// same frames. Readers that share work read only files, which never block for long.
    pub fn read_share(&mut self, reader: &mut Reader, frames: u64, table: &mut Flows) -> bool {
        let mut left = frames;
        while left > 0 {
            match reader.next() {
                Next::Frame(frame) => self.share(frame.in_sane_time(), table),
                Next::End => break,
                Next::Pending => continue, // a signal interrupted the read
            }
            left -= 1;
        }
        self.hand_over(table);
        left == 0
    }

    #[inline(always)]
    fn share(&mut self, frame: Frame<'_>, table: &mut Flows) {
        let share = table.share();
        if share.is_first() {
            self.gate.count(&frame);
            table.count_frame(frame.time_ns);
        }
        // The addresses and ports of a plain frame tell whose it is, without decoding it. Such a frame holds a
        // segment, or cannot be decoded.
        let is_own = plain::ends(&frame)
            .map(|[source, destination]| share.has(table.index().hash_of_ends(source, destination)));
        match is_own {
            Some(true) => self.decode(frame, table),
            // A SYN or SYN,ACK also tells about other connections than its own.
            Some(false) if !plain::has_syn(&frame) => {}
            Some(false) => self.take_if(frame, table, |decoded| matches!(decoded, Decoded::Segment(_))),
            None => self.take_if(frame, table, |_| true),
        }
    }

    /// Takes in a frame if it belongs to this table, and if its decoded contents are `wanted`.
    #[inline(never)]
    fn take_if(&mut self, frame: Frame<'_>, table: &mut Flows, wanted: impl Fn(&Decoded) -> bool) {
        let decoded = plain::decode(&frame).map_or_else(|| self.decoder.decode(&frame), Decoded::Segment);
        if wanted(&decoded) && table.takes(&decoded) {
            self.keep(Seen { time_ns: frame.time_ns, frame: frame.number, decoded }, table);
        }
    }

    /// Takes in the packets of a block of a TPACKET_V3 ring, and hands all of them over.
    ///
    /// # Errors
    ///
    /// When the block is damaged, or the filter can't be compiled for a frame's link type.
    pub fn read_block(&mut self, block: &[u8], table: &mut impl Table) -> Result<(), Fault> {
        let done = self.take_block(block, table);
        self.hand_over(table);
        done
    }

    fn take_block(&mut self, block: &[u8], table: &mut impl Table) -> Result<(), Fault> {
        let mut tagged = std::mem::take(&mut self.tagged);
        for packet in ring::packets(block)? {
            let packet = packet?;
            if packet.echo {
                continue;
            }
            let (data, orig_len) = match packet.tag {
                Some(tag) => {
                    ring::put_tag_back(&mut tagged, packet.data, tag);
                    (tagged.as_slice(), packet.orig_len.saturating_add(4))
                }
                None => (packet.data, packet.orig_len),
            };
            let number = self.gate.passed + 1;
            let (time_ns, link) = (packet.time_ns, packet.link);
            let frame = Frame { number, time_ns, link, fcs_len: 0, orig_len, data };
            self.take(packet.interface, &frame, table)?;
        }
        self.tagged = tagged;
        Ok(())
    }

    /// Takes in a frame if it is wanted. `interface` is the number of its interface. [`Line::hand_over`] must follow.
    ///
    /// # Errors
    ///
    /// When the filter can't be compiled for the frame's link type.
    pub fn take(&mut self, interface: u32, frame: &Frame<'_>, table: &mut impl Table) -> Result<(), Fault> {
        let frame = frame.in_sane_time();
        if self.gate.admit(interface, &frame)? {
            self.decode(frame, table);
        }
        Ok(())
    }

    /// Like [`Line::take`], but leaves alone a frame that cannot be decoded, unless only bytes are missing. Returns
    /// whether the frame was dealt with.
    ///
    /// # Errors
    ///
    /// When the filter can't be compiled for the frame's link type.
    pub fn take_known(
        &mut self,
        interface: u32,
        frame: &Frame<'_>,
        table: &mut impl Table,
    ) -> Result<bool, Fault> {
        let frame = frame.in_sane_time();
        let decoded = self.decoder.decode(&frame);
        if matches!(decoded, Decoded::Undecodable(fault) if fault.need == 0) {
            return Ok(false);
        }
        if self.gate.admit(interface, &frame)? {
            self.keep(Seen { time_ns: frame.time_ns, frame: frame.number, decoded }, table);
        }
        Ok(true)
    }

    /// Takes in a packet that was dissected elsewhere, and counts it as a frame. [`Line::hand_over`] must follow.
    pub fn take_dissected(&mut self, seen: Seen, table: &mut impl Table) {
        self.gate.passed += 1;
        self.keep(seen, table);
    }

    #[inline(always)]
    fn decode(&mut self, frame: Frame<'_>, table: &mut impl Table) {
        // The segment of a plain frame is built in place, without a copy.
        match plain::decode(&frame) {
            Some(segment) => {
                let decoded = Decoded::Segment(segment);
                self.keep(Seen { time_ns: frame.time_ns, frame: frame.number, decoded }, table);
            }
            None => self.decode_in_full(frame, table),
        }
    }

    #[inline(never)]
    fn decode_in_full(&mut self, frame: Frame<'_>, table: &mut impl Table) {
        let decoded = self.decoder.decode(&frame);
        self.keep(Seen { time_ns: frame.time_ns, frame: frame.number, decoded }, table);
    }

    #[inline(always)]
    fn keep(&mut self, seen: Seen, table: &mut impl Table) {
        self.seen.push(seen);
        if self.seen.len() == AHEAD {
            self.hand_over(table);
        }
    }

    /// Hands the frames taken in so far over to the table.
    pub fn hand_over(&mut self, table: &mut impl Table) {
        table.observe_all(&self.seen);
        self.seen.clear();
        if self.gate.is_holding() {
            self.gate.release(&table.take_notes());
        }
    }
}
