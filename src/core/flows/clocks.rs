//! Clocks: the latest time stamp with which each host has asked each other host for a connection. Some servers ignored a SYN
//! whose stamp was older than the last one of the same address, which several hosts behind one address may share (Linux before
//! 4.12, tcp_tw_recycle).

use super::places::{Hash32, Places};
use super::population::socket::Between;
use super::slab::Place;
use crate::memory::ask_for;
use crate::segment::{Flags, Segment};
use crate::tcp::thresholds::STAMP_LIFE;
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::BuildHasher;

/// The clocks, by pair of hosts.
#[derive(Default)]
pub struct Clocks {
    known: Vec<(Between, Latest)>,
    /// Where each pair is known. Its memory can be asked for beforehand.
    places: Places,
    hasher: RandomState,
    /// By frame, if a caller that has seen all SYNs has told them beforehand: then nothing is learnt.
    told: Option<Behind>,
}

/// For SYNs whose stamps are older than the latest of their host: by how many ticks, by frame.
pub type Behind = HashMap<u64, u32, RandomState>;

/// The testimony of a SYN about its sender's clock.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// The frame of the SYN.
    pub frame: u64,
    time_ns: i64,
    pair: Between,
    stamp: u32,
}

impl Stamp {
    /// Reads it from a SYN with a time stamp.
    #[must_use]
    pub fn of_syn(segment: &Segment) -> Option<Self> {
        if segment.flags.0 & (Flags::SYN | Flags::ACK) != Flags::SYN {
            return None;
        }
        let (stamp, _) = segment.options.timestamps?;
        let pair = Between { client: segment.source, server: segment.destination, scope: segment.scope };
        Some(Self { frame: segment.frame, time_ns: segment.time_ns, pair, stamp })
    }

    /// The same, `frames` further on.
    #[must_use]
    pub const fn after(mut self, frames: u64) -> Self {
        self.frame += frames;
        self
    }
}

#[derive(Clone, Copy)]
struct Latest {
    stamp: u32,
    time_ns: i64,
}

impl Clocks {
    /// So many pairs of hosts are remembered.
    const MOST: usize = 16_384;

    /// Clocks that learn nothing, for everything is known.
    #[must_use]
    pub fn told(behind: Behind) -> Self {
        Self { told: Some(behind), ..Self::default() }
    }

    /// By how many ticks the stamp of a SYN is older than the latest of the same host to the same other; 0 if it is not older,
    /// or if nothing is known. Remembers a SYN whose stamp is not older.
    pub(super) fn learn(&mut self, segment: &Segment) -> u32 {
        if let Some(told) = &self.told {
            return told.get(&segment.frame).copied().unwrap_or_default();
        }
        Stamp::of_syn(segment).map_or(0, |stamp| self.learn_of(&stamp))
    }

    fn hash(&self, pair: &Between) -> Hash32 {
        self.hasher.hash_one(pair) as Hash32
    }

    /// Asks for the memory that tells where the pair of hosts of a segment is known, if it is a SYN, and does not wait for it.
    /// Returns the hash of the pair, for [`Clocks::ask_for_known`].
    #[inline]
    pub(super) fn ask_for(&self, segment: &Segment) -> Option<Hash32> {
        let hash = Stamp::of_syn(segment).map(|syn| self.hash(&syn.pair))?;
        self.places.ask_for(hash);
        Some(hash)
    }

    /// Asks for what is known of a pair of hosts, once the memory has arrived that tells where.
    #[inline]
    pub(super) fn ask_for_known(&self, hash: Hash32) {
        if let Some(place) = self.places.find(hash, |_| true) {
            ask_for(&self.known[place as usize]);
        }
    }

    /// The same as [`Clocks::learn`], of the testimony of a SYN.
    pub fn learn_of(&mut self, syn: &Stamp) -> u32 {
        let hash = self.hash(&syn.pair);
        let place = self.places.find(hash, |place| self.known[place as usize].0 == syn.pair);
        let has_room = self.known.len() < Self::MOST;
        let latest = place.map(|place| &mut self.known[place as usize].1);
        let behind = latest
            .as_ref()
            .filter(|latest| syn.time_ns - latest.time_ns < STAMP_LIFE)
            .map_or(0, |latest| latest.stamp.wrapping_sub(syn.stamp).cast_signed().max(0).unsigned_abs());
        if behind == 0 {
            let now = Latest { stamp: syn.stamp, time_ns: syn.time_ns };
            match latest {
                Some(latest) => *latest = now,
                None if has_room => {
                    self.places.insert(hash, self.known.len() as Place);
                    self.known.push((syn.pair, now));
                }
                None => {}
            }
        }
        behind
    }
}
