//! Any bytes, read as segments between a few ends: the table does not panic, and every log stays a history.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wirestat_core::address::{Scope, ipv4};
use wirestat_core::flows::ahead::Seen;
use wirestat_core::flows::table::{Capacity, Flows};
use wirestat_core::intake::line::Line;
use wirestat_core::segment::{Decoded, Flags, IcmpError, IcmpKind, Options, Segment, Summed};
use wirestat_core::seq::Seq;
use wirestat_core::tcp::connection::Connection;
use wirestat_core::tcp::entry::Verdict;
use wirestat_core::tcp::profile::Profile;
use wirestat_core::tcp::state::State;

/// Bytes of input for one segment.
const SIZE: usize = 8;
/// Silences between segments: none, a round trip, a retransmission, a timer, an hour, and a clock that steps back.
const GAPS: [i64; 8] =
    [0, 1_000, 1_000_000, 50_000_000, 300_000_000, 61_000_000_000, 3_600_000_000_000, -5_000_000];
/// Initial sequence numbers: those next to a wrap come first.
const BASES: [u32; 4] = [u32::MAX - 8, 0, (1 << 31) - 8, 0x1234_5678];

fuzz_target!(|data: &[u8]| {
    let (Some(settings), chunks) = (data.first(), data.get(1..).unwrap_or_default().chunks_exact(SIZE))
    else {
        return;
    };
    let limits = Capacity {
        connections: 4,
        conversations: 1,
        release: settings & 1 == 1,
        squeezed_from: 0,
        ..Capacity::default()
    };
    let mut flows = Flows::new(Profile::default(), limits);
    flows.events.wanted = settings & 2 == 2;
    let base = Seq(BASES[usize::from(settings >> 2 & 3)]);
    let mut line = Line::default();
    let mut time_ns = 1_700_000_000_000_000_000;
    for (frame, chunk) in (1..).zip(chunks) {
        time_ns += GAPS[usize::from(chunk[0] & 7)];
        let decoded = decode(chunk, base, time_ns, frame);
        line.take_dissected(Seen { time_ns, frame, decoded }, &mut flows);
        line.hand_over(&mut flows);
        for (_, slot) in flows.slab.iter() {
            assert_history(&slot.connection);
        }
    }
    flows.settle();
    let held = flows.slab.len() as u64;
    let evicted = flows.evicted.sum();
    assert_eq!(flows.connections(), held + evicted + flows.released);
    assert_eq!(flows.tally().connections, flows.connections());
});

/// Few ends and small numbers, so that segments meet.
fn decode(chunk: &[u8], base: Seq, time_ns: i64, frame: u64) -> Decoded {
    let ends = [(ipv4([10, 0, 0, 1]), 40_000 + u16::from(chunk[0] >> 4 & 1)), (ipv4([10, 0, 0, 2]), 80)];
    let forth = usize::from(chunk[0] >> 3 & 1);
    let (source, destination) = (ends[forth], ends[1 - forth]);
    let seq = base.plus(u32::from(chunk[1] & 31));
    if chunk[0] >> 5 == 7 {
        return Decoded::IcmpError(IcmpError {
            time_ns,
            frame,
            reporter: ipv4([10, 0, 0, 254]),
            kind: IcmpKind::HostUnreachable,
            source: source.0,
            destination: destination.0,
            source_port: source.1,
            destination_port: destination.1,
            scope: Scope::default(),
            seq,
        });
    }
    Decoded::Segment(Segment {
        time_ns,
        frame,
        source: source.0,
        destination: destination.0,
        source_port: source.1,
        destination_port: destination.1,
        scope: Scope::default(),
        seq,
        ack: base.plus(u32::from(chunk[2] & 31)),
        flags: Flags(u16::from(chunk[3] & 0x3f)),
        window: u16::from(chunk[4]) << (chunk[1] >> 5),
        payload: u32::from(chunk[5] & 15),
        checksum: u16::from(chunk[6]),
        control: 0x5000,
        urgent: 0,
        summed: [Summed::Unknown, Summed::InFields, Summed::Right, Summed::Wrong, Summed::Disputed]
            [usize::from(chunk[6] % 5)],
        ip_id: (chunk[7] & 1 == 1).then_some(u16::from(chunk[7])),
        labelled: chunk[7] & 2 == 2,
        ttl: 64 - (chunk[7] >> 7),
        options: Options::default(),
    })
}

fn assert_history(connection: &Connection) {
    let mut states = [None; 2];
    for transition in connection.log().transitions() {
        assert!(transition.frame <= connection.last_frame().max(transition.frame));
        if transition.is_believed() {
            let state: &mut Option<State> = &mut states[transition.side];
            assert!(state.is_none_or(|state| state == transition.from), "a broken chain");
            *state = Some(transition.to);
        } else {
            assert!(matches!(transition.verdict, Verdict::Retracted(_)));
        }
    }
    for (end, state) in connection.ends().iter().zip(states) {
        assert!(connection.log().len() >= 200 || state.is_none_or(|state| state == end.state()));
    }
}
