//! Any bytes of any link type are decoded, several frames after one another, so that fragments meet.
//!
//! The decoder does not panic, and a frame that was captured in part tells nothing that the whole frame does not.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wirestat_core::frame::{Frame, LinkType};
use wirestat_core::segment::Decoded;
use wirestat_core::wire::{Decoder, DecoderLimits};

fuzz_target!(|input: &[u8]| {
    let limits = DecoderLimits { fragmented: 4, tunnels: 4, ..DecoderLimits::default() };
    let mut decoder = Decoder::new(limits);
    let mut input = input;
    let mut number = 0;
    // Two bytes of link type, one for the length, one for how much of it was captured.
    while let Some((&[low, high, length, captured], after)) = input.split_first_chunk() {
        let (data, following) = after.split_at(usize::from(length).min(after.len()));
        input = following;
        number += 1;
        let whole = Frame {
            number,
            time_ns: number as i64 * 1_000_000_000,
            link: LinkType(u16::from_le_bytes([low, high])),
            fcs_len: 0,
            orig_len: data.len() as u32,
            data,
        };
        let part = Frame { data: &data[..usize::from(captured).min(data.len())], ..whole };
        check(&whole, decoder.decode(&whole));
        let told = (Decoder::new(limits).decode(&whole), Decoder::new(limits).decode(&part));
        check(&part, told.1);
        if let (Decoded::Segment(whole), Decoded::Segment(part)) = told {
            assert_eq!(
                (whole.source, whole.source_port, whole.scope),
                (part.source, part.source_port, part.scope)
            );
            assert_eq!((whole.seq, whole.ack, whole.flags.0), (part.seq, part.ack, part.flags.0));
            assert_eq!((whole.window, whole.payload), (part.window, part.payload));
        }
    }
    let counts = decoder.fragments();
    assert!(counts.held <= 4);
});

fn check(frame: &Frame<'_>, decoded: Decoded) {
    match decoded {
        Decoded::Segment(segment) => assert_eq!(segment.frame, frame.number),
        Decoded::Undecodable(fault) => {
            assert!(!fault.layer.is_empty() && !fault.reason.is_empty());
            assert!(fault.need == 0 || fault.have < fault.need);
        }
        _ => {}
    }
}
