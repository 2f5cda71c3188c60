//! A piece, tracked by its process: only the connections with all frames in it. The rest is passed on.

use super::Refusal;
use super::plan::Orders;
use super::rest::{Left, Parts};
use super::survey::hash_of;
use super::wire::packed;
use crate::flows::ahead::{AHEAD, Seen};
use crate::flows::key::Key;
use crate::flows::table::{Capacity, Flows};
use crate::frame::Frame;
use crate::segment::Decoded;
use crate::tcp::profile::Profile;
use crate::wire::{Decoder, DecoderLimits, plain};
use foldhash::fast::RandomState;
use std::collections::HashSet;

/// A piece while it is tracked.
pub struct Piece {
    base: u64,
    now_ns: i64,
    decoder: Decoder,
    flows: Flows,
    crossing: HashSet<u64, RandomState>,
    parts: Parts,
    seen: Vec<Seen>,
    failed: Option<Refusal>,
}

impl Piece {
    /// An empty piece.
    #[must_use]
    pub fn new(orders: Orders, profile: Profile, limits: Capacity) -> Self {
        Self {
            base: orders.base,
            now_ns: orders.now_ns,
            decoder: Decoder::new(DecoderLimits::default()),
            flows: Flows::of_piece(profile, limits, orders.behind.into_iter().collect()),
            crossing: orders.crossing.into_iter().collect(),
            parts: Parts::new(orders.parts, orders.fragmented),
            seen: Vec::with_capacity(AHEAD),
            failed: None,
        }
    }

    /// Takes in a frame, whose time must be plausible. Frames are numbered from 1 in each piece.
    #[inline]
    pub fn take(&mut self, frame: Frame<'_>) {
        let frame = Frame { number: frame.number + self.base, ..frame };
        match plain::decode(&frame) {
            Some(segment) => self.keep(hash_of(&Key::of_segment(&segment).0), Decoded::Segment(segment)),
            None => self.decode(&frame),
        }
    }

    #[inline(never)]
    fn decode(&mut self, frame: &Frame<'_>) {
        let met = self.decoder.fragments_met();
        let decoded = self.decoder.decode(frame);
        if self.decoder.fragments_met() != met {
            return;
        }
        match &decoded {
            Decoded::Segment(segment) => self.keep(hash_of(&Key::of_segment(segment).0), decoded),
            Decoded::IcmpError(error) => self.keep(hash_of(&Key::of_quoted(error).0), decoded),
            Decoded::Datagram(_) | Decoded::Other(_) | Decoded::Undecodable(_) => {}
        }
    }

    #[inline]
    fn keep(&mut self, key: u64, decoded: Decoded) {
        let Some(left) = Left::of(decoded) else { return };
        if self.crossing.contains(&key) {
            self.failed = self.failed.or(self.parts.add(key, &left).err());
            return;
        }
        self.seen.push(left.seen());
        if self.seen.len() == AHEAD {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        self.flows.observe_all(&self.seen);
        self.seen.clear();
    }

    /// The complete connections, and the rest in parts.
    ///
    /// # Errors
    ///
    /// If connections had to be evicted for lack of room.
    pub fn finish(mut self) -> Result<(Vec<u8>, Vec<Vec<u8>>), Refusal> {
        self.hand_over();
        if let Some(refusal) = self.failed {
            return Err(refusal);
        }
        Ok((packed(&self.flows.pack(self.now_ns)?)?, self.parts.finish()))
    }
}
