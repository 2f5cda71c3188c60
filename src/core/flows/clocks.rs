//! Clocks: the latest time stamp with which each host has asked each other for a connection. Some servers ignored a SYN whose
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
    /// or where nothing is known. A SYN whose stamp is not older is remembered.
    pub(super) fn learn(&mut self, segment: &Segment) -> u32 {
        let Some((pair, stamp)) = of_syn(segment) else { return 0 };
        let has_room = self.latest.len() < Self::MOST;
        let latest = self.latest.get_mut(&pair);
        let behind = latest
            .as_ref()
            .filter(|latest| segment.time_ns - latest.time_ns < Self::LIFE)
            .map_or(0, |latest| latest.stamp.wrapping_sub(stamp).cast_signed().max(0).unsigned_abs());
        if behind == 0 {
            let now = Latest { stamp, time_ns: segment.time_ns };
            match latest {
                Some(latest) => *latest = now,
                None if has_room => drop(self.latest.insert(pair, now)),
                None => {}
            }
        }
        behind
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
