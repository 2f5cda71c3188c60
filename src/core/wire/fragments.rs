//! Reassembly of fragments (RFC 791, 3.2; RFC 8200, 4.5).
//!
//! Headers are all that decoding wants, so of each packet only the beginning is kept, with the
//! extent of every fragment. Where fragments overlap, the one captured first is believed. Systems
//! differ (RFC 5722 wants such packets dropped), so a packet whose fragments say different things is
//! disputed: nobody but its receiver knows what it read, if anything.

use super::reason;
use super::rest::Rest;
use crate::address::{Ip, Scope};
use crate::segment::{Decoded, Summed};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// How much of a packet's beginning is kept: room for several nested headers.
const KEPT: usize = 512;
/// The most fragments tracked per packet: 65,535 bytes in packets of 576 bytes are 119.
const MOST_PIECES: usize = 128;
/// The longest packet that can be fragmented.
const LONGEST: u32 = 65_535;

/// The key that the fragments of one packet have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Source address.
    pub source: Ip,
    /// Destination address.
    pub destination: Ip,
    /// Address family and tunnel.
    pub scope: Scope,
    /// IPv4's protocol.
    pub protocol: u8,
    /// Identification.
    pub id: u32,
}

/// One fragment.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// The protocol that it names for the whole packet; the first fragment's value counts.
    pub protocol: u8,
    /// Its offset in the packet, in bytes.
    pub start: u32,
    /// Whether none follow.
    pub last: bool,
    /// Its payload.
    pub body: Rest<'a>,
}

/// A reassembled packet: its beginning, and its length.
#[derive(Debug)]
pub struct Whole {
    /// Its payload.
    pub protocol: u8,
    /// Whether its fragments overlap and differ, as far as headers reach.
    pub is_disputed: bool,
    head: Vec<u8>,
    length: u32,
}

impl Whole {
    /// The packet as if it had been captured whole behind the headers of its completing fragment,
    /// with a short snapshot length.
    pub fn rest(&self, offset: u32) -> Rest<'_> {
        Rest { data: &self.head, length: 0, offset }.with_length(self.length)
    }

    /// The result of decoding it, with a word on whether others may have read something else.
    pub fn mark(&self, mut decoded: Decoded) -> Decoded {
        if let (true, Decoded::Segment(segment)) = (self.is_disputed, &mut decoded) {
            segment.summed = Summed::Disputed;
        }
        decoded
    }
}

/// Counts of fragmented packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FragmentCounts {
    /// Packets of which fragments are still awaited.
    pub held: u64,
    /// Packets reassembled.
    pub reassembled: u64,
    /// Packets given up: they waited too long, or were evicted for newer ones.
    pub given_up: u64,
    /// Fragments that overlap an earlier one. Exact repetitions do not count.
    pub overlapping: u64,
    /// Fragments that differ from an earlier one in the same bytes, or in the total length.
    pub differing: u64,
}

/// The fragments of packets that are not yet complete.
#[derive(Debug)]
pub struct Fragments {
    room: usize,
    patience_ns: i64,
    packets: HashMap<Key, Partial, foldhash::fast::RandomState>,
    /// Every packet held, in the order of their first fragments.
    by_age: BTreeMap<u64, Key>,
    next_age: u64,
    /// How many fragments there were.
    met: u64,
    counts: FragmentCounts,
}

#[derive(Debug)]
struct Partial {
    age: u64,
    since_ns: i64,
    /// Known from the first fragment on.
    protocol: Option<u8>,
    /// Known from the last fragment on.
    length: Option<u32>,
    head: Vec<u8>,
    /// The valid length of `head`: some fragment's capture was truncated here.
    cut: usize,
    /// The ranges of the fragments, sorted.
    pieces: Vec<(u32, u32)>,
    /// Whether fragments differ.
    is_disputed: bool,
}

/// The relation of a fragment to earlier ones.
#[derive(Clone, Copy, Debug, Default)]
struct Fit {
    overlaps: bool,
    differs: bool,
}

impl Fragments {
    /// Holds up to `room` packets, each for as long as `patience_ns`.
    pub fn new(room: usize, patience_ns: i64) -> Self {
        Self {
            room: room.max(1),
            patience_ns,
            packets: HashMap::default(),
            by_age: BTreeMap::new(),
            next_age: 0,
            met: 0,
            counts: FragmentCounts::default(),
        }
    }

    /// Counts of fragmented packets.
    pub fn counts(&self) -> FragmentCounts {
        FragmentCounts { held: self.packets.len() as u64, ..self.counts }
    }

    /// The number of fragments, rejected ones included.
    pub const fn met(&self) -> u64 {
        self.met
    }

    /// Takes a fragment, and gives the packet that it completes.
    pub fn add(&mut self, key: Key, piece: Piece<'_>, now_ns: i64) -> Result<Option<Whole>, &'static str> {
        self.met += 1;
        let end = piece.start.saturating_add(piece.body.length);
        if end > LONGEST {
            return Err(reason::FRAGMENT_TOO_FAR);
        }
        self.give_up_the_overdue(now_ns);
        if !self.packets.contains_key(&key) {
            self.begin(key, now_ns);
        }
        let Some(partial) = self.packets.get_mut(&key) else { return Ok(None) };
        if partial.pieces.len() == MOST_PIECES {
            return Err(reason::TOO_MANY_FRAGMENTS);
        }
        let fit = partial.take(piece, end);
        self.counts.overlapping += u64::from(fit.overlaps);
        self.counts.differing += u64::from(fit.differs);
        if !partial.is_complete() {
            return Ok(None);
        }
        self.counts.reassembled += 1;
        Ok(self.remove(&key).and_then(Partial::into_whole))
    }

    fn begin(&mut self, key: Key, now_ns: i64) {
        if self.packets.len() >= self.room {
            self.give_up_the_oldest();
        }
        self.by_age.insert(self.next_age, key);
        self.packets.insert(key, Partial::new(self.next_age, now_ns));
        self.next_age += 1;
    }

    fn give_up_the_overdue(&mut self, now_ns: i64) {
        while let Some(oldest) = self.by_age.first_key_value().and_then(|(_, key)| self.packets.get(key)) {
            if now_ns.saturating_sub(oldest.since_ns) <= self.patience_ns {
                return;
            }
            self.give_up_the_oldest();
        }
    }

    fn give_up_the_oldest(&mut self) {
        if let Some((_, key)) = self.by_age.pop_first() {
            self.packets.remove(&key);
            self.counts.given_up += 1;
        }
    }

    fn remove(&mut self, key: &Key) -> Option<Partial> {
        let partial = self.packets.remove(key)?;
        self.by_age.remove(&partial.age);
        Some(partial)
    }
}

impl Partial {
    fn new(age: u64, since_ns: i64) -> Self {
        Self {
            age,
            since_ns,
            protocol: None,
            length: None,
            head: Vec::new(),
            cut: KEPT,
            pieces: Vec::new(),
            is_disputed: false,
        }
    }

    /// Takes a fragment, and returns its relation to the others.
    fn take(&mut self, piece: Piece<'_>, end: u32) -> Fit {
        let extent = (piece.start, end);
        let differs = self.contradicts(piece, end);
        self.is_disputed |= differs;
        if self.pieces.contains(&extent) {
            return Fit { overlaps: differs, differs };
        }
        if piece.start == 0 {
            self.protocol.get_or_insert(piece.protocol);
        }
        if piece.last {
            self.length.get_or_insert(end);
        }
        if piece.body.data.len() < piece.body.length as usize {
            self.cut = self.cut.min(piece.start as usize + piece.body.data.len());
        }
        let mut at = piece.start;
        let mut overlaps = false;
        for i in 0..self.pieces.len() {
            let (start, stop) = self.pieces[i];
            self.keep(piece, at, start.min(end));
            overlaps |= start < end && stop > piece.start;
            at = at.max(stop);
        }
        self.keep(piece, at, end);
        let place = self.pieces.partition_point(|&other| other < extent);
        self.pieces.insert(place, extent);
        Fit { overlaps: overlaps || differs, differs }
    }

    /// Whether the fragment differs from earlier ones: in overlapping bytes, as far as they are kept, in the
    /// protocol, or in the total length.
    fn contradicts(&self, piece: Piece<'_>, end: u32) -> bool {
        let is_other_protocol =
            piece.start == 0 && self.protocol.is_some_and(|known| known != piece.protocol);
        let is_other_end = match self.length {
            Some(length) => end > length || (piece.last && end != length),
            None => piece.last && self.pieces.iter().any(|&(_, stop)| stop > end),
        };
        let differs = self.pieces.iter().any(|&(start, stop)| {
            let (from, to) = (start.max(piece.start) as usize, stop.min(end) as usize);
            let at = piece.start as usize;
            let to = to.min(self.head.len()).min(self.cut).min(at + piece.body.data.len());
            from < to && self.head[from..to] != piece.body.data[from - at..to - at]
        });
        is_other_protocol || is_other_end || differs
    }

    /// Keeps the fragment's bytes between two offsets, as far as they are needed and were captured.
    fn keep(&mut self, piece: Piece<'_>, from: u32, to: u32) {
        let (from, to) = (from as usize, (to as usize).min(KEPT));
        let start = piece.start as usize;
        let captured = piece.body.data;
        let to = to.min(start + captured.len());
        if from >= to {
            return;
        }
        if self.head.len() < to {
            self.head.resize(to, 0);
        }
        self.head[from..to].copy_from_slice(&captured[from - start..to - start]);
    }

    /// Whether the fragments cover the whole packet without a gap.
    fn is_complete(&self) -> bool {
        let Some(length) = self.length else { return false };
        let mut reached = 0;
        for &(start, end) in &self.pieces {
            if start > reached {
                return false;
            }
            reached = reached.max(end);
        }
        reached >= length
    }

    fn into_whole(self) -> Option<Whole> {
        let mut head = self.head;
        head.truncate(self.cut);
        Some(Whole { protocol: self.protocol?, is_disputed: self.is_disputed, head, length: self.length? })
    }
}

#[cfg(test)]
mod tests {
    use super::FragmentCounts;
    use crate::frame::Frame;
    use crate::segment::{Decoded, Summed};
    use crate::wire::testing::{RAW, assert_is_tcp, decoder, fault, frame, ipv4_fragment, other, tcp_with};
    use crate::wire::{Decoder, DecoderLimits, reason};

    /// From `start` to `end` of a segment of 49 bytes.
    fn piece(id: u16, start: usize, end: usize) -> Vec<u8> {
        let segment = tcp_with("0101 080a 00000001 00000002 0101 080a 00000001 00000002");
        ipv4_fragment(id, start, end < segment.len(), &segment[start..end])
    }

    fn feed(decoder: &mut Decoder, packet: &[u8]) -> Decoded {
        decoder.decode(&frame(RAW, packet))
    }

    #[test]
    fn fragments_come_in_any_order() {
        let extents = [(0, 16), (16, 32), (32, 49)];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut decoder = decoder();
            let mut decoded = order.map(|i| feed(&mut decoder, &piece(1, extents[i].0, extents[i].1)));
            let segment = assert_is_tcp(decoded[2]);
            assert_eq!(segment.options.timestamps, Some((1, 2)));
            assert_eq!(
                decoded[..2].iter_mut().map(|waiting| other(*waiting)).collect::<Vec<_>>(),
                ["fragment"; 2]
            );
            assert_eq!(decoder.fragments(), FragmentCounts { reassembled: 1, ..FragmentCounts::default() });
        }
    }

    #[test]
    fn packets_are_told_apart() {
        let mut decoder = decoder();
        assert_eq!(other(feed(&mut decoder, &piece(1, 0, 32))), "fragment");
        assert_eq!(other(feed(&mut decoder, &piece(2, 32, 49))), "fragment");
        assert_eq!(decoder.fragments().held, 2);
        assert_is_tcp(feed(&mut decoder, &piece(1, 32, 49)));
    }

    #[test]
    fn the_first_of_overlapping_fragments_is_believed() {
        let mut decoder = decoder();
        let forged = ipv4_fragment(1, 8, true, &[0xff; 24]);
        for packet in [piece(1, 0, 16), forged] {
            assert_eq!(other(feed(&mut decoder, &packet)), "fragment");
        }
        let segment = assert_is_tcp(feed(&mut decoder, &piece(1, 32, 49)));
        assert!(segment.options.malformed, "only the options came with the forged one");
        assert_eq!(segment.summed, Summed::Disputed);
        assert_eq!((decoder.fragments().overlapping, decoder.fragments().differing), (1, 1));
    }

    #[test]
    fn copies_that_differ_in_bytes_or_length_are_disputed() {
        let (first, last) = (piece(1, 0, 32), piece(1, 32, 49));
        let mut forged = first.clone();
        forged[20 + 13] ^= 0x04; // a reset
        let beyond_the_end = ipv4_fragment(1, 48, true, &[0; 8]);
        let another_end = ipv4_fragment(1, 48, false, &[0; 8]);
        for packets in
            [[&first, &forged, &last], [&first, &beyond_the_end, &last], [&another_end, &last, &first]]
        {
            let mut decoder = decoder();
            let decoded = packets.map(|packet| feed(&mut decoder, packet));
            let Decoded::Segment(segment) = decoded[2] else { panic!("{:?}", decoded[2]) };
            assert_eq!(segment.summed, Summed::Disputed);
            assert_eq!((decoder.fragments().overlapping, decoder.fragments().differing), (1, 1));
        }
    }

    #[test]
    fn fragments_that_overlap_and_agree_are_no_dispute() {
        let mut decoder = decoder();
        for packet in [piece(1, 0, 32), piece(1, 16, 40)] {
            assert_eq!(other(feed(&mut decoder, &packet)), "fragment");
        }
        let segment = assert_is_tcp(feed(&mut decoder, &piece(1, 32, 49)));
        assert_eq!(segment.summed, Summed::Unknown);
        assert_eq!((decoder.fragments().overlapping, decoder.fragments().differing), (2, 0));
    }

    #[test]
    fn repetitions_change_nothing() {
        let mut decoder = decoder();
        for _ in 0..3 {
            assert_eq!(other(feed(&mut decoder, &piece(1, 0, 32))), "fragment");
        }
        assert_is_tcp(feed(&mut decoder, &piece(1, 32, 49)));
        assert_eq!(decoder.fragments().overlapping, 0);
    }

    #[test]
    fn waiting_has_an_end() {
        let mut decoder = decoder();
        feed(&mut decoder, &piece(1, 0, 32));
        let late = piece(1, 32, 49);
        let late = Frame { time_ns: 40_000_000_000, ..frame(RAW, &late) };
        assert_eq!(other(decoder.decode(&late)), "fragment");
        assert_eq!(decoder.fragments(), FragmentCounts { held: 1, given_up: 1, ..FragmentCounts::default() });
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut decoder = Decoder::new(DecoderLimits { fragmented: 2, ..DecoderLimits::default() });
        for id in 1..=3 {
            feed(&mut decoder, &piece(id, 0, 32));
        }
        assert_eq!(decoder.fragments(), FragmentCounts { held: 2, given_up: 1, ..FragmentCounts::default() });
        assert_eq!(other(feed(&mut decoder, &piece(1, 32, 49))), "fragment");
        assert_is_tcp(feed(&mut decoder, &piece(3, 32, 49)));
    }

    #[test]
    fn one_packet_has_an_end() {
        let mut decoder = decoder();
        let far = ipv4_fragment(1, 65_528, false, &[0; 16]);
        assert_eq!(fault(feed(&mut decoder, &far)).reason, reason::FRAGMENT_TOO_FAR);
        for i in 0..128 {
            feed(&mut decoder, &ipv4_fragment(2, i * 16, true, &[0; 8]));
        }
        let one_more = ipv4_fragment(2, 8, true, &[0; 8]);
        assert_eq!(fault(feed(&mut decoder, &one_more)).reason, reason::TOO_MANY_FRAGMENTS);
    }

    #[test]
    fn fragments_cut_by_the_capture_count_as_whole() {
        let mut decoder = decoder();
        let first = piece(1, 0, 32);
        let cut = Frame { data: &first[..38], ..frame(RAW, &first) };
        assert_eq!(other(decoder.decode(&cut)), "fragment");
        let segment = assert_is_tcp(feed(&mut decoder, &piece(1, 32, 49)));
        assert!(segment.options.malformed, "the capture of the header ends at its checksum");
    }
}
