//! Fragments in any order, overlapping, differing, too many, and given up.

use super::FragmentCounts;
use crate::frame::Frame;
use crate::segment::{Decoded, Summed};
use crate::wire::testing::{RAW, assert_is_tcp, decoder, fault, frame, ipv4_fragment, other, tcp_with};
use crate::wire::{Decoder, DecoderLimits, reason};

/// The bytes of a 49-byte segment from `start` to `end`, as a fragment.
fn fragment(id: u16, start: usize, end: usize) -> Vec<u8> {
    let segment = tcp_with("0101 080a 00000001 00000002 0101 080a 00000001 00000002");
    ipv4_fragment(id, start, end < segment.len(), &segment[start..end])
}

fn feed(decoder: &mut Decoder, packet: &[u8]) -> Decoded {
    decoder.decode(&frame(RAW, packet))
}

#[test]
fn fragments_come_in_any_order() {
    let extents = [(0, 16), (16, 32), (32, 49)];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut decoder = decoder();
        let mut decoded = order.map(|i| feed(&mut decoder, &fragment(1, extents[i].0, extents[i].1)));
        let segment = assert_is_tcp(decoded[2]);
        assert_eq!(segment.options.timestamps, Some((1, 2)));
        assert_eq!(
            decoded[..2].iter_mut().map(|waiting| other(*waiting)).collect::<Vec<_>>(),
            ["fragment"; 2]
        );
        assert_eq!(
            decoder.fragments(),
            FragmentCounts { reassembled: 1, tcp_reassembled: 1, ..FragmentCounts::default() }
        );
    }
}

#[test]
fn fragments_of_different_packets_are_kept_apart() {
    let mut decoder = decoder();
    assert_eq!(other(feed(&mut decoder, &fragment(1, 0, 32))), "fragment");
    assert_eq!(other(feed(&mut decoder, &fragment(2, 32, 49))), "fragment");
    assert_eq!(decoder.fragments().held, 2);
    assert_is_tcp(feed(&mut decoder, &fragment(1, 32, 49)));
}

#[test]
fn the_first_of_overlapping_fragments_is_believed() {
    let mut decoder = decoder();
    let forged = ipv4_fragment(1, 8, true, &[0xff; 24]);
    for packet in [fragment(1, 0, 16), forged] {
        assert_eq!(other(feed(&mut decoder, &packet)), "fragment");
    }
    let segment = assert_is_tcp(feed(&mut decoder, &fragment(1, 32, 49)));
    assert!(segment.options.malformed, "only the options came with the forged one");
    assert_eq!(segment.summed, Summed::Disputed);
    assert_eq!((decoder.fragments().overlapping, decoder.fragments().differing), (1, 1));
}

#[test]
fn copies_that_differ_in_bytes_or_length_are_disputed() {
    let (first, last) = (fragment(1, 0, 32), fragment(1, 32, 49));
    let mut forged = first.clone();
    forged[20 + 13] ^= 0x04; // a reset
    let beyond_the_end = ipv4_fragment(1, 48, true, &[0; 8]);
    let another_end = ipv4_fragment(1, 48, false, &[0; 8]);
    for packets in [[&first, &forged, &last], [&first, &beyond_the_end, &last], [&another_end, &last, &first]]
    {
        let mut decoder = decoder();
        let decoded = packets.map(|packet| feed(&mut decoder, packet));
        let Decoded::Segment(segment) = decoded[2] else { panic!("{:?}", decoded[2]) };
        assert_eq!(segment.summed, Summed::Disputed);
        assert_eq!((decoder.fragments().overlapping, decoder.fragments().differing), (1, 1));
    }
}

#[test]
fn fragments_that_overlap_and_agree_are_no_dispute() {
    let mut decoder = decoder();
    for packet in [fragment(1, 0, 32), fragment(1, 16, 40)] {
        assert_eq!(other(feed(&mut decoder, &packet)), "fragment");
    }
    let segment = assert_is_tcp(feed(&mut decoder, &fragment(1, 32, 49)));
    assert_eq!(segment.summed, Summed::Unknown);
    assert_eq!((decoder.fragments().overlapping, decoder.fragments().differing), (2, 0));
}

#[test]
fn repetitions_change_nothing() {
    let mut decoder = decoder();
    for _ in 0..3 {
        assert_eq!(other(feed(&mut decoder, &fragment(1, 0, 32))), "fragment");
    }
    assert_is_tcp(feed(&mut decoder, &fragment(1, 32, 49)));
    assert_eq!(decoder.fragments().overlapping, 0);
}

#[test]
fn incomplete_packets_are_given_up() {
    let mut decoder = decoder();
    feed(&mut decoder, &fragment(1, 0, 32));
    let late = fragment(1, 32, 49);
    let late = Frame { time_ns: 40_000_000_000, ..frame(RAW, &late) };
    assert_eq!(other(decoder.decode(&late)), "fragment");
    assert_eq!(
        decoder.fragments(),
        FragmentCounts { held: 1, given_up: 1, tcp_incomplete: 2, ..FragmentCounts::default() }
    );
}

#[test]
fn the_oldest_packet_is_given_up_for_a_new_one() {
    let mut decoder = Decoder::new(DecoderLimits { fragmented: 2, ..DecoderLimits::default() });
    for id in 1..=3 {
        feed(&mut decoder, &fragment(id, 0, 32));
    }
    assert_eq!(
        decoder.fragments(),
        FragmentCounts { held: 2, given_up: 1, tcp_incomplete: 3, ..FragmentCounts::default() }
    );
    assert_eq!(other(feed(&mut decoder, &fragment(1, 32, 49))), "fragment");
    assert_is_tcp(feed(&mut decoder, &fragment(3, 32, 49)));
}

#[test]
fn the_fragments_of_one_packet_are_limited() {
    let mut decoder = decoder();
    let far = ipv4_fragment(1, 65_528, false, &[0; 16]);
    assert_eq!(fault(feed(&mut decoder, &far)).reason, reason::FRAGMENT_TOO_FAR);
    for i in 0..128 {
        feed(&mut decoder, &ipv4_fragment(2, i * 16, true, &[0; 8]));
    }
    let one_more = ipv4_fragment(2, 8, true, &[0; 8]);
    assert_eq!(fault(feed(&mut decoder, &one_more)).reason, reason::TOO_MANY_FRAGMENTS);
}

#[test]
fn fragments_that_the_snaplen_cut_complete_their_packet() {
    let mut decoder = decoder();
    let first = fragment(1, 0, 32);
    let cut = Frame { data: &first[..38], ..frame(RAW, &first) };
    assert_eq!(other(decoder.decode(&cut)), "fragment");
    let segment = assert_is_tcp(feed(&mut decoder, &fragment(1, 32, 49)));
    assert!(segment.options.malformed, "the capture of the header ends at its checksum");
}

#[test]
fn fragments_of_other_protocols_are_not_counted_as_tcp() {
    let mut decoder = decoder();
    let mut packet = fragment(1, 0, 24);
    packet[9] = 17;
    feed(&mut decoder, &packet);
    assert_eq!(decoder.fragments(), FragmentCounts { held: 1, ..FragmentCounts::default() });
}
