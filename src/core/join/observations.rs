//! One capture's observations of all segments, packed: the fields that match a segment with the same one at other
//! points.

use crate::segment::{FastOpen, Segment};
use crate::seq::Seq;
use crate::tcp::reading::Reading;
use crate::tcp::side::Side;

/// One segment in one capture.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
    /// The time of capture, by the clock of that capture, in Unix ns.
    pub time_ns: i64,
    /// Sequence number.
    pub seq: Seq,
    /// Acknowledgement number.
    pub ack: Seq,
    /// TSval, 0 if there is none.
    pub stamp: u32,
    /// Payload length in bytes.
    pub payload: u32,
    /// Frame number in that capture.
    pub frame: u32,
    /// The next observation of the same connection, or [`NONE`].
    next: u32,
    /// IPv4 identification; valid if [`Observation::has_id`].
    pub ip_id: u16,
    /// Window field, unscaled.
    pub window: u16,
    /// The offered maximum segment size, 0 if there is none.
    pub mss: u16,
    /// Control bits, and the marks below.
    bits: u16,
    /// Time to live or hop limit.
    pub ttl: u8,
    /// The offered window scale; valid if [`Observation::has_scale`].
    pub scale: u8,
}

/// No observation.
pub const NONE: u32 = u32::MAX;

const FLAGS: u16 = 0x1ff;
const FROM_ONE: u16 = 1 << 9;
const HAS_ID: u16 = 1 << 10;
const HAS_STAMP: u16 = 1 << 11;
const HAS_SCALE: u16 = 1 << 12;
const SACK_PERMITTED: u16 = 1 << 13;
const FAST_OPEN: u16 = 1 << 14;
const TWICE: u16 = 1 << 15;

impl Observation {
    fn of(segment: &Segment, from: Side, reading: Reading) -> Option<Self> {
        let options = &segment.options;
        let mark = |bit: u16, on: bool| if on { bit } else { 0 };
        let bits = segment.flags.0 & FLAGS
            | mark(FROM_ONE, from == Side::High)
            | mark(HAS_ID, segment.ip_id.is_some())
            | mark(HAS_STAMP, options.timestamps.is_some())
            | mark(HAS_SCALE, options.window_scale.is_some())
            | mark(SACK_PERMITTED, options.sack_permitted)
            | mark(FAST_OPEN, options.fast_open != FastOpen::Absent)
            | mark(TWICE, reading == Reading::Duplicate);
        Some(Self {
            time_ns: segment.time_ns,
            seq: segment.seq,
            ack: segment.ack,
            stamp: options.timestamps.map_or(0, |(value, _)| value),
            payload: segment.payload,
            frame: u32::try_from(segment.frame).ok()?,
            next: NONE,
            ip_id: segment.ip_id.unwrap_or(0),
            window: segment.window,
            mss: options.mss.unwrap_or(0),
            bits,
            ttl: segment.ttl,
            scale: options.window_scale.unwrap_or(0),
        })
    }

    /// Control bits as in the header.
    #[must_use]
    pub const fn flags(&self) -> crate::segment::Flags {
        crate::segment::Flags(self.bits & FLAGS)
    }
    /// Which end of its connection sent it, by that capture's flow key.
    #[must_use]
    pub const fn from(&self) -> Side {
        Side::high_if(self.bits & FROM_ONE != 0)
    }
    /// Whether `ip_id` identifies the packet.
    #[must_use]
    pub const fn has_id(&self) -> bool {
        self.bits & HAS_ID != 0
    }
    /// Whether it carries time stamps.
    #[must_use]
    pub const fn has_stamp(&self) -> bool {
        self.bits & HAS_STAMP != 0
    }
    /// Whether it offers a window scale.
    #[must_use]
    pub const fn has_scale(&self) -> bool {
        self.bits & HAS_SCALE != 0
    }
    /// Whether it permits selective acknowledgements.
    #[must_use]
    pub const fn permits_sack(&self) -> bool {
        self.bits & SACK_PERMITTED != 0
    }
    /// Whether it carries the option of TCP Fast Open.
    #[must_use]
    pub const fn asks_fast_open(&self) -> bool {
        self.bits & FAST_OPEN != 0
    }
    /// Whether this is the second capture of the same packet.
    #[must_use]
    pub const fn is_twice(&self) -> bool {
        self.bits & TWICE != 0
    }
    /// Octets of sequence space that it takes up.
    #[must_use]
    pub const fn length(&self) -> u32 {
        self.payload + self.flags().syn() as u32 + self.flags().fin() as u32
    }
}

/// The observations of one connection.
#[derive(Clone, Copy, Debug)]
struct Thread {
    first: u32,
    last: u32,
    /// Whether some of its segments were beyond the limit.
    torn: bool,
}

/// All observations of one capture, linked by connection. Stored in chunks, so that growing never copies them.
#[derive(Default)]
pub struct Observations {
    chunks: Vec<Vec<Observation>>,
    threads: Vec<Thread>,
    /// The number of observations that may be kept.
    pub limit: usize,
    count: usize,
    /// Segments beyond that limit.
    pub beyond: u64,
}

const CHUNK_BITS: u32 = 16;
const CHUNK: usize = 1 << CHUNK_BITS;

impl Observations {
    /// Room for `limit` observations.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit: limit.min(NONE as usize - 1), ..Self::default() }
    }

    /// Keeps a segment of the connection with the id given; ids count from 1.
    pub fn keep(&mut self, id: u64, from: Side, reading: Reading, segment: &Segment) {
        let place = usize::try_from(id.saturating_sub(1)).unwrap_or(usize::MAX);
        if place >= self.limit {
            self.beyond += 1;
            return;
        }
        if self.threads.len() <= place {
            self.threads.resize(place + 1, Thread { first: NONE, last: NONE, torn: false });
        }
        let observation = Observation::of(segment, from, reading).filter(|_| self.count < self.limit);
        let Some(observation) = observation else {
            self.threads[place].torn = true;
            self.beyond += 1;
            return;
        };
        let index = self.push(observation);
        let before = std::mem::replace(&mut self.threads[place].last, index);
        if before == NONE {
            self.threads[place].first = index;
        } else {
            self.chunks[before as usize >> CHUNK_BITS][before as usize & (CHUNK - 1)].next = index;
        }
    }

    fn push(&mut self, observation: Observation) -> u32 {
        let index = self.count as u32;
        self.count += 1;
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            // The first chunk starts without room and grows: most captures are small.
            let room = if self.chunks.is_empty() { 0 } else { CHUNK };
            self.chunks.push(Vec::with_capacity(room));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(observation);
        }
        index
    }

    /// The observation at `index`, which must be one that [`Observations::of`] gave.
    #[must_use]
    pub fn get(&self, index: u32) -> &Observation {
        &self.chunks[index as usize >> CHUNK_BITS][index as usize & (CHUNK - 1)]
    }

    /// The observations of a connection, with their places, in the order of the capture.
    pub fn of(&self, id: u64) -> impl Iterator<Item = (u32, &Observation)> {
        let first = self.thread(id).map_or(NONE, |thread| thread.first);
        std::iter::successors((first != NONE).then(|| (first, self.get(first))), |(_, observation)| {
            (observation.next != NONE).then(|| (observation.next, self.get(observation.next)))
        })
    }

    /// Whether some segments of a connection were beyond the limit.
    #[must_use]
    pub fn is_torn(&self, id: u64) -> bool {
        self.thread(id).is_none_or(|thread| thread.torn)
    }

    fn thread(&self, id: u64) -> Option<&Thread> {
        self.threads.get(usize::try_from(id).ok()?.checked_sub(1)?)
    }

    /// The number of observations kept.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether no observation is kept.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::join::testing::segment;

    #[test]
    fn an_observation_is_small() {
        assert!(size_of::<Observation>() <= 48, "{}", size_of::<Observation>());
    }

    #[test]
    fn connections_are_kept_apart_and_in_order() {
        let mut kept = Observations::new(4);
        for (id, seq) in [(2, 10), (1, 20), (2, 30), (1, 40)] {
            kept.keep(id, Side::Low, Reading::Plain, &segment(0, seq, 0, 0));
        }
        let of = |id| kept.of(id).map(|(_, s)| s.seq.0).collect::<Vec<_>>();
        assert_eq!((of(1), of(2), of(3)), (vec![20, 40], vec![10, 30], vec![]));
    }

    #[test]
    fn segments_without_room_are_counted_and_their_connection_is_torn() {
        let mut kept = Observations::new(1);
        kept.keep(1, Side::Low, Reading::Plain, &segment(0, 10, 0, 0));
        kept.keep(1, Side::Low, Reading::Plain, &segment(0, 20, 0, 0));
        assert_eq!((kept.len(), kept.beyond, kept.is_torn(1)), (1, 1, true));
    }
}
