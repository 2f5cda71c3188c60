//! Any bytes, read as frames captured at one or several of three points: the join ends, and loses no connection.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wirestat_core::flows::table::{Capacity, Flows};
use wirestat_core::frame::{Frame, LinkType};
use wirestat_core::join::{Join, point::Point};
use wirestat_core::tcp::profile::Profile;

/// Bytes of input for one frame.
const SIZE: usize = 8;
const IP: LinkType = LinkType(228);
const LENGTH: usize = 40;

fuzz_target!(|data: &[u8]| {
    let mut join = Join::default();
    let limits = Capacity { connections: 50, ..Capacity::default() };
    join.points.extend((0..3).map(|_| Point::new(Flows::new(Profile::default(), limits), 100)));
    for (number, chunk) in (1..).zip(data.chunks_exact(SIZE)) {
        let bytes = segment(chunk);
        for (place, point) in join.points.iter_mut().enumerate() {
            if chunk[0] >> place & 1 == 1 {
                // Each point captures a frame a fixed time after the point before it: a delay, or a clock that is
                // ahead.
                let time_ns = 1_700_000_000_000_000_000 + number * 1_000_000 + place as i64 * 77_777_777;
                let orig_len = LENGTH as u32 + u32::from(chunk[5] & 15);
                let (number, data) = (number as u64, &bytes[..]);
                let frame = Frame { number, time_ns, link: IP, fcs_len: 0, orig_len, data };
                point.take(&frame).expect("no filter can fail");
            }
        }
    }
    let seen: u64 = join.points.iter().map(|point| point.flows.connections()).max().unwrap_or(0);
    let flows = join.settle();
    assert!(flows.connections() >= seen.min(join.groups.len() as u64));
    for group in &join.groups {
        let _ = join.tell(group);
    }
});

/// A segment of TCP in IPv4, between few ends and with small numbers, so that segments meet.
fn segment(chunk: &[u8]) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes[0] = 0x45;
    bytes[3] = (LENGTH as u8) + (chunk[5] & 15);
    bytes[5] = chunk[7];
    bytes[8] = 64 - (chunk[0] >> 7);
    bytes[9] = 6;
    let forth = chunk[0] >> 3 & 1;
    bytes[12..16].copy_from_slice(&[10, 0, 0, 1 + forth]);
    bytes[16..20].copy_from_slice(&[10, 0, 0, 2 - forth]);
    let ports = [1024 + u16::from(chunk[0] >> 4 & 1), 80];
    bytes[20..22].copy_from_slice(&ports[usize::from(forth)].to_be_bytes());
    bytes[22..24].copy_from_slice(&ports[usize::from(1 - forth)].to_be_bytes());
    bytes[27] = chunk[1] & 31;
    bytes[31] = chunk[2] & 31;
    bytes[32] = 0x50;
    bytes[33] = chunk[3] & 0x3f;
    bytes[34] = chunk[4];
    bytes
}
