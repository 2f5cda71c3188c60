//! Segments for the tests of this room.

use crate::address::{Scope, ipv4};
use crate::segment::{Flags, Options, Segment};
use crate::seq::Seq;

/// A segment of 10.0.0.1:1000 to 10.0.0.2:80 with the time in ns, numbers and length given.
pub fn segment(time_ns: i64, seq: u32, ack: u32, payload: u32) -> Segment {
    Segment {
        time_ns,
        frame: 1,
        source: ipv4([10, 0, 0, 1]),
        destination: ipv4([10, 0, 0, 2]),
        source_port: 1000,
        destination_port: 80,
        scope: Scope::default(),
        seq: Seq(seq),
        ack: Seq(ack),
        flags: Flags(Flags::ACK),
        window: 1000,
        payload,
        checksum: 0,
        ip_id: None,
        labelled: false,
        ttl: 64,
        options: Options::default(),
    }
}
