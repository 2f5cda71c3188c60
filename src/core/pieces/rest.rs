//! The rest: segments and ICMP errors of 4-tuples that are in several pieces. All of one 4-tuple are in the same
//! part, in the order of time.

use super::Refusal;
use super::plan::Head;
use super::wire::{each, pack_onto, packed};
use crate::flows::ahead::Seen;
use crate::flows::table::{Capacity, Flows};
use crate::segment::{Decoded, IcmpError, Segment};
use crate::tcp::profile::Profile;
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The contents of a frame that concern a connection and are passed on.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub enum Left {
    /// A segment.
    Segment(Segment),
    /// An ICMP error that quotes a segment.
    IcmpError(IcmpError),
}

impl Left {
    /// The contents of a frame, if they concern a connection.
    #[must_use]
    #[inline]
    pub const fn of(decoded: Decoded) -> Option<Self> {
        match decoded {
            Decoded::Segment(segment) => Some(Self::Segment(segment)),
            Decoded::IcmpError(error) => Some(Self::IcmpError(error)),
            Decoded::Datagram(_) | Decoded::Other(_) | Decoded::Undecodable(_) => None,
        }
    }

    /// The contents that the table takes in.
    #[must_use]
    #[inline]
    pub const fn seen(self) -> Seen {
        match self {
            Self::Segment(segment) => {
                let Segment { time_ns, frame, .. } = segment;
                Seen { time_ns, frame, decoded: Decoded::Segment(segment) }
            }
            Self::IcmpError(error) => {
                let IcmpError { time_ns, frame, .. } = error;
                Seen { time_ns, frame, decoded: Decoded::IcmpError(error) }
            }
        }
    }
}

/// The rest of a piece, in parts. The last part has the 4-tuples with fragments: the process that assembles the whole
/// reassembles these.
pub struct Parts {
    parts: Vec<Vec<u8>>,
    fragmented: HashSet<u64, RandomState>,
}

impl Parts {
    /// Empty parts.
    #[must_use]
    pub fn new(parts: u32, fragmented: Vec<u64>) -> Self {
        Self { parts: vec![Vec::new(); parts as usize + 1], fragmented: fragmented.into_iter().collect() }
    }

    /// Adds a segment or ICMP error of the 4-tuple with the hash `key`.
    ///
    /// # Errors
    ///
    /// When it cannot be encoded.
    pub fn add(&mut self, key: u64, left: &Left) -> Result<(), Refusal> {
        let last = self.parts.len() - 1;
        let is_whole = last > 0 && !self.fragmented.contains(&key);
        let number = if is_whole { (key >> 32) as usize % last } else { last };
        let part = std::mem::take(&mut self.parts[number]);
        self.parts[number] = pack_onto(left, part)?;
        Ok(())
    }

    /// All parts.
    #[must_use]
    pub fn finish(self) -> Vec<Vec<u8>> {
        self.parts
    }
}

/// Tracks one part of the rest of all pieces, in the order of pieces.
///
/// # Errors
///
/// If connections had to be evicted for lack of room, or the parts are garbled.
pub fn track(
    left: &[impl AsRef<[u8]>],
    head: &Head,
    profile: Profile,
    limits: Capacity,
) -> Result<Vec<u8>, Refusal> {
    let mut flows = Flows::of_piece(profile, limits, head.behind.iter().copied().collect());
    for part in left {
        each(part.as_ref(), |left: Left| {
            let Seen { time_ns, frame, decoded } = left.seen();
            flows.observe(time_ns, frame, &decoded);
        })?;
    }
    packed(&flows.pack(head.last_ns.unwrap_or_default())?)
}
