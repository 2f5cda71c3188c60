//! Reassembly of fragments (RFC 791, 3.2; RFC 8200, 4.5).
//!
//! Decoding needs only the headers, so only the beginning of each packet is kept, with the
//! extent of every fragment. Where fragments overlap, the one captured first is believed. Systems
//! differ (RFC 5722 wants such packets dropped), so a packet whose fragments say different things is
//! disputed: only its receiver knows what it read, if anything.

use super::protocol;
use super::reason;
use super::rest::Rest;
use crate::address::{Ip, Scope};
use crate::segment::{Decoded, Summed};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// How much of a packet's beginning is kept: room for several nested headers.
const KEPT: usize = 512;
/// The most fragments tracked per packet: 65,535 bytes in packets of 576 bytes are 119.
const MOST_FRAGMENTS: usize = 128;
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
    /// The protocol in IPv4; in IPv6, always the number of the fragment header.
    pub protocol: u8,
    /// Identification.
    pub id: u32,
}

/// One fragment.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
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
    /// The protocol of its payload.
    pub protocol: u8,
    /// Whether its fragments overlap and differ, as far as headers reach.
    pub is_disputed: bool,
    head: Vec<u8>,
    length: u32,
}

impl Whole {
    /// The packet as a frame with a short snaplen would hold it. `offset` is that of the completing fragment's
    /// payload in its frame.
    pub fn rest(&self, offset: u32) -> Rest<'_> {
        Rest { data: &self.head, length: 0, offset }.with_length(self.length)
    }

    /// Marks a decoded segment whose fragments differ: its receiver may have read another one.
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
    /// TCP segments among the reassembled packets.
    pub tcp_reassembled: u64,
    /// TCP segments among the packets held or given up.
    pub tcp_incomplete: u64,
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
    /// Fragments so far, rejected ones included.
    met: u64,
    counts: FragmentCounts,
}

#[derive(Debug)]
struct Partial {
    age: u64,
    since_ns: i64,
    /// Known once the first fragment was captured.
    protocol: Option<u8>,
    /// Known once the last fragment was captured.
    length: Option<u32>,
    head: Vec<u8>,
    /// The valid length of `head`: it ends where the capture truncated a fragment.
    cut: usize,
    /// The ranges of the fragments, sorted.
    extents: Vec<(u32, u32)>,
    /// Whether fragments differ.
    is_disputed: bool,
    /// Whether a fragment names TCP as the protocol of the whole.
    is_tcp: bool,
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
        let held = self.packets.values().filter(|partial| partial.is_tcp).count() as u64;
        FragmentCounts {
            held: self.packets.len() as u64,
            tcp_incomplete: self.counts.tcp_incomplete + held,
            ..self.counts
        }
    }

    /// The number of fragments, rejected ones included.
    pub const fn met(&self) -> u64 {
        self.met
    }

    /// Takes a fragment, and gives the packet that it completes.
    pub fn add(
        &mut self,
        key: Key,
        fragment: Fragment<'_>,
        now_ns: i64,
    ) -> Result<Option<Whole>, &'static str> {
        self.met += 1;
        let end = fragment.start.saturating_add(fragment.body.length);
        if end > LONGEST {
            return Err(reason::FRAGMENT_TOO_FAR);
        }
        self.give_up_the_overdue(now_ns);
        if !self.packets.contains_key(&key) {
            self.begin(key, now_ns);
        }
        let Some(partial) = self.packets.get_mut(&key) else { return Ok(None) };
        if partial.extents.len() == MOST_FRAGMENTS {
            return Err(reason::TOO_MANY_FRAGMENTS);
        }
        let fit = partial.take(fragment, end);
        self.counts.overlapping += u64::from(fit.overlaps);
        self.counts.differing += u64::from(fit.differs);
        if !partial.is_complete() {
            return Ok(None);
        }
        self.counts.reassembled += 1;
        self.counts.tcp_reassembled += u64::from(partial.is_tcp);
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
            let is_tcp = self.packets.remove(&key).is_some_and(|partial| partial.is_tcp);
            self.counts.given_up += 1;
            self.counts.tcp_incomplete += u64::from(is_tcp);
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
            extents: Vec::new(),
            is_disputed: false,
            is_tcp: false,
        }
    }

    /// Takes a fragment, and returns its relation to the others.
    fn take(&mut self, fragment: Fragment<'_>, end: u32) -> Fit {
        self.is_tcp |= fragment.protocol == protocol::TCP;
        let extent = (fragment.start, end);
        let differs = self.contradicts(fragment, end);
        self.is_disputed |= differs;
        if self.extents.contains(&extent) {
            return Fit { overlaps: differs, differs };
        }
        if fragment.start == 0 {
            self.protocol.get_or_insert(fragment.protocol);
        }
        if fragment.last {
            self.length.get_or_insert(end);
        }
        if fragment.body.data.len() < fragment.body.length as usize {
            self.cut = self.cut.min(fragment.start as usize + fragment.body.data.len());
        }
        let mut at = fragment.start;
        let mut overlaps = false;
        for i in 0..self.extents.len() {
            let (start, stop) = self.extents[i];
            self.keep(fragment, at, start.min(end));
            overlaps |= start < end && stop > fragment.start;
            at = at.max(stop);
        }
        self.keep(fragment, at, end);
        let place = self.extents.partition_point(|&other| other < extent);
        self.extents.insert(place, extent);
        Fit { overlaps: overlaps || differs, differs }
    }

    /// Whether the fragment differs from earlier ones: in overlapping bytes, as far as they are kept, in the
    /// protocol, or in the total length.
    fn contradicts(&self, fragment: Fragment<'_>, end: u32) -> bool {
        let is_other_protocol =
            fragment.start == 0 && self.protocol.is_some_and(|known| known != fragment.protocol);
        let is_other_end = match self.length {
            Some(length) => end > length || (fragment.last && end != length),
            None => fragment.last && self.extents.iter().any(|&(_, stop)| stop > end),
        };
        let differs = self.extents.iter().any(|&(start, stop)| {
            let (from, to) = (start.max(fragment.start) as usize, stop.min(end) as usize);
            let at = fragment.start as usize;
            let to = to.min(self.head.len()).min(self.cut).min(at + fragment.body.data.len());
            from < to && self.head[from..to] != fragment.body.data[from - at..to - at]
        });
        is_other_protocol || is_other_end || differs
    }

    /// Keeps the fragment's bytes between two offsets, as far as they are needed and were captured.
    fn keep(&mut self, fragment: Fragment<'_>, from: u32, to: u32) {
        let (from, to) = (from as usize, (to as usize).min(KEPT));
        let start = fragment.start as usize;
        let captured = fragment.body.data;
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
        for &(start, end) in &self.extents {
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
mod tests;
