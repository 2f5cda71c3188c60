//! Counts of frames, by kind and by reason.

use crate::segment::{Decoded, Flags, Segment, Undecodable};
use crate::tcp::reading::Reading;
use serde::{Deserialize, Serialize};

/// One reason why frames were not decoded.
#[derive(Clone, Copy, Debug)]
pub struct Undecoded {
    /// The first such case.
    pub first: Undecodable,
    /// Its frame.
    pub first_frame: u64,
    /// How many frames.
    pub frames: u64,
}

impl Undecoded {
    fn is_like(&self, case: &Undecodable) -> bool {
        self.first.layer == case.layer && self.first.reason == case.reason
    }
}

/// Counts of TCP segments: of those that carry data, those that only acknowledge, and the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segments([u64; 3]);

impl Segments {
    /// Counts one.
    #[inline]
    pub fn count(&mut self, segment: &Segment) {
        let is_empty = usize::from(segment.payload == 0);
        let controls = usize::from(segment.flags.0 & (Flags::SYN | Flags::FIN | Flags::RST) != 0);
        self.0[is_empty << controls] += 1;
    }

    /// Adds others.
    pub fn add(&mut self, others: Self) {
        for (count, more) in self.0.iter_mut().zip(others.0) {
            *count += more;
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Those that carry data.
    #[must_use]
    pub const fn carrying(&self) -> u64 {
        self.0[0]
    }

    /// Those that only acknowledge.
    #[must_use]
    pub const fn bare(&self) -> u64 {
        self.0[1]
    }
}

/// Counts of frames.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// All frames.
    pub frames: u64,
    /// TCP segments.
    pub segments: Segments,
    /// UDP datagrams.
    pub datagrams: u64,
    /// ICMP errors that quote a TCP segment.
    pub icmp_errors: u64,
    /// TCP segments that the capture holds twice.
    pub duplicates: u64,
    /// TCP segments of which all had been captured before.
    pub retransmissions: u64,
    /// Frames of protocols that are not tracked, by protocol. There are few protocols.
    pub others: Vec<(&'static str, u64)>,
    /// Frames that were not understood. There are few reasons.
    pub undecoded: Vec<Undecoded>,
    /// Time of the first frame, in Unix ns.
    pub first_ns: Option<i64>,
    /// The latest time of a frame, in Unix ns.
    pub last_ns: Option<i64>,
}

impl Traffic {
    /// Notes a frame's time.
    pub fn frame(&mut self, time_ns: i64) {
        self.frames += 1;
        self.first_ns.get_or_insert(time_ns);
        if self.last_ns.is_none_or(|last| last < time_ns) {
            self.last_ns = Some(time_ns);
        }
    }

    /// Counts a frame of another protocol.
    pub fn other(&mut self, protocol: &'static str) {
        self.count_others(protocol, 1);
    }

    /// Counts so many frames of another protocol.
    pub fn count_others(&mut self, protocol: &'static str, frames: u64) {
        match self.others.iter_mut().find(|(name, _)| *name == protocol) {
            Some((_, count)) => *count += frames,
            None => self.others.push((protocol, frames)),
        }
    }

    /// Counts a TCP segment of which everything had been captured before.
    pub fn count_copy(&mut self, reading: Reading) {
        self.duplicates += u64::from(reading == Reading::Duplicate);
        self.retransmissions += u64::from(reading == Reading::Retransmission);
    }

    /// Counts a frame that was not understood.
    pub fn undecodable(&mut self, case: Undecodable, frame: u64) {
        match self.undecoded.iter_mut().find(|known| known.is_like(&case)) {
            Some(undecoded) => undecoded.frames += 1,
            None => self.undecoded.push(Undecoded { first: case, first_frame: frame, frames: 1 }),
        }
    }

    /// Counts so many frames that hold the same as one, the first of them, and no segment.
    pub fn add(&mut self, decoded: &Decoded, first_frame: u64, frames: u64) {
        match decoded {
            Decoded::Other(protocol) => self.count_others(protocol, frames),
            Decoded::Undecodable(first) => {
                let theirs = Undecoded { first: *first, first_frame, frames };
                self.absorb(Self { undecoded: vec![theirs], ..Self::default() });
            }
            Decoded::Segment(_) | Decoded::Datagram(_) | Decoded::IcmpError(_) => {}
        }
    }

    /// Adds the outcome of the frames that were left to another table; all frames were seen here.
    pub fn absorb(&mut self, other: Self) {
        self.segments.add(other.segments);
        self.icmp_errors += other.icmp_errors;
        self.duplicates += other.duplicates;
        self.retransmissions += other.retransmissions;
        for theirs in other.undecoded {
            let known = self.undecoded.iter_mut().find(|u| u.is_like(&theirs.first));
            match known {
                Some(ours) => {
                    let frames = ours.frames + theirs.frames;
                    let first = if theirs.first_frame < ours.first_frame { theirs } else { *ours };
                    *ours = Undecoded { frames, ..first };
                }
                None => self.undecoded.push(theirs),
            }
        }
        self.undecoded.sort_by_key(|undecoded| undecoded.first_frame);
    }
}
