//! The records of `wirestat.crossing`; there each field is explained.

use super::record::{Dict, Tuple, records};
use super::words::Role;
use crate::join::fate::Fate;

/// Segments by kind.
pub type ByKind = Dict<&'static str, u64>;

records! {
    "wirestat.crossing";

    /// A capture's clock, compared with that of the previous capture.
    Clock {
        anchor_ns: i64,
        offset_ns: i64,
        drift: f64,
        uncertainty_ns: Option<i64>,
        stepped: bool,
        samples: u64,
    }

    /// One of the captures.
    Point {
        name: String,
        frames: u64,
        segments: u64,
        kept: u64,
        beyond: u64,
        first_time_ns: Option<i64>,
        last_time_ns: Option<i64>,
        clock: Option<Clock>,
    }

    /// One-way delays.
    Delays {
        count: u64,
        least: Option<i64>,
        median: Option<i64>,
        p95: Option<i64>,
        p99: Option<i64>,
        most: Option<i64>,
    }

    /// The change to a segment.
    Change {
        field: &'static str,
        before: Option<u32>,
        behind: Option<u32>,
    }

    /// A field that was changed in a stage.
    Changed {
        count: u64,
        frame: u64,
        change: Change,
    }

    /// The stretch between two points.
    Stage {
        before: u8,
        behind: u8,
        entered: ByKind,
        fates: Dict<Fate, ByKind>,
        reordered: u64,
        delayed: u64,
        in_pieces: u64,
        delays: Delays,
        changes: Tuple<Changed>,
    }

    /// The key of a connection at one point.
    Names {
        client_address: String,
        client_port: u16,
        server_address: String,
        server_port: u16,
        client_isn: Option<u32>,
        server_isn: Option<u32>,
    }

    /// A segment as one capture holds it.
    Sight {
        point: usize,
        frame: u64,
        own_time_ns: i64,
        time_ns: i64,
        ttl: u8,
    }

    /// A stage that a segment passed.
    Leg {
        before: u8,
        behind: u8,
        delay_ns: i64,
        reordered: bool,
        delayed: bool,
        changes: Tuple<Change>,
    }

    /// One segment on its way.
    Passage {
        sender: Role,
        fate: Fate,
        before: usize,
        behind: usize,
        kind: &'static str,
        flags: u16,
        seq: i32,
        ack: Option<i32>,
        payload: u32,
        in_pieces: bool,
        sights: Tuple<Sight>,
        legs: Tuple<Leg>,
    }

    /// One connection at all points.
    Crossing {
        id: u64,
        known_by: &'static str,
        backward: bool,
        names: Tuple<Option<Names>>,
        passages: Tuple<Passage>,
        beyond: usize,
        path: Tuple<usize>,
    }
}
