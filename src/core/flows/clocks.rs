//! Clocks: the latest time stamp with which each host has begun connections to each other. Some servers ignored a SYN whose
//! stamp was older than the last one's of the same address, which several hosts behind one may share (Linux before 4.12,
//! tcp_tw_recycle).

use super::population::socket::Between;
use crate::segment::Segment;
use crate::tcp::profile::SECOND;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// The clocks, by pair of hosts.
#[derive(Default)]
pub struct Clocks {
    latest: HashMap<Between, Latest, RandomState>,
}

#[derive(Clone, Copy)]
struct Latest {
    stamp: u32,
    time_ns: i64,
}

impl Clocks {
    /// So many pairs of hosts are remembered.
    const MOST: usize = 16_384;
    /// An older stamp is compared with nothing (Linux TCP_PAWS_MSL).
    const LIFE: i64 = 60 * SECOND;

    /// By how many ticks the stamp of a SYN is older than the latest of the same host to the same other; 0 where it is not,
    /// or where nothing is known.
    #[must_use]
    pub(super) fn ticks_behind(&self, segment: &Segment) -> u32 {
        let (Some((pair, stamp)), true) = (of_syn(segment), !self.latest.is_empty()) else { return 0 };
        let latest = self.latest.get(&pair).filter(|latest| segment.time_ns - latest.time_ns < Self::LIFE);
        latest.map_or(0, |latest| latest.stamp.wrapping_sub(stamp).cast_signed().max(0).unsigned_abs())
    }

    /// Remembers the stamp of a SYN that begins a connection, unless it is older than the latest; whether it is.
    pub(super) fn learn(&mut self, segment: &Segment) -> bool {
        let Some((pair, stamp)) = of_syn(segment) else { return false };
        let is_behind = self.ticks_behind(segment) > 0;
        let has_room = self.latest.len() < Self::MOST || self.latest.contains_key(&pair);
        if !is_behind && has_room {
            self.latest.insert(pair, Latest { stamp, time_ns: segment.time_ns });
        }
        is_behind
    }
}

/// Both hosts, and the stamp, of a SYN that bears one.
fn of_syn(segment: &Segment) -> Option<(Between, u32)> {
    if !segment.flags.syn() || segment.flags.ack() {
        return None;
    }
    let (stamp, _) = segment.options.timestamps?;
    Some((Between { client: segment.source, server: segment.destination, scope: segment.scope }, stamp))
}
