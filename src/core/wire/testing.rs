//! Builders of small frames, and a way to decode them.

use super::{Decoder, DecoderLimits};
use crate::frame::{Frame, LinkType};
use crate::segment::{Decoded, Flags, Segment, Undecodable};
use crate::seq::Seq;

pub const ETHERNET: u16 = 1;
pub const RAW: u16 = 101;

/// Source port 40000, destination port 80, sequence number 1000, acknowledgement 2000, PSH and ACK,
/// window 512, checksum abcd, and a payload of five bytes.
pub fn tcp() -> Vec<u8> {
    hex("9c40 0050 000003e8 000007d0 5018 0200 abcd 0000 68656c6c6f")
}

/// The segment of [`tcp`] with options in front of the payload, padded to 32-bit words.
pub fn tcp_with(options: &str) -> Vec<u8> {
    let options = hex(options);
    let padded = options.len().next_multiple_of(4);
    let mut segment = tcp();
    segment[12] = ((20 + padded) / 4 * 16) as u8;
    segment.splice(20..20, options.into_iter().chain([0; 4]).take(padded));
    segment
}

/// Checks that a segment is the one of [`tcp`].
#[track_caller]
pub fn assert_is_tcp(decoded: Decoded) -> Segment {
    let Decoded::Segment(segment) = decoded else { panic!("not a segment: {decoded:?}") };
    assert_eq!((segment.source_port, segment.destination_port), (40000, 80));
    assert_eq!((segment.seq, segment.ack), (Seq(1000), Seq(2000)));
    assert_eq!((segment.flags, segment.window), (Flags(Flags::PSH | Flags::ACK), 512));
    assert_eq!(segment.payload, 5);
    segment
}

/// A UDP datagram from port 50000.
pub fn udp(destination_port: u16, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16 + 8).to_be_bytes();
    join(&[&hex("c350"), &destination_port.to_be_bytes(), &length, &[0, 0], payload])
}

/// From 10.0.0.1 to 10.0.0.2, identification 7, time to live 64.
pub fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16 + 20).to_be_bytes();
    join(&[&[0x45, 0], &length, &hex("0007 4000 40"), &[protocol], &hex("0000 0a000001 0a000002"), payload])
}

/// A fragment between the addresses of [`ipv4`]; `start` is in bytes.
pub fn ipv4_fragment(id: u16, start: usize, more: bool, payload: &[u8]) -> Vec<u8> {
    let mut packet = ipv4(6, payload);
    packet[4..6].copy_from_slice(&id.to_be_bytes());
    let word = (start / 8) as u16 | if more { 0x2000 } else { 0 };
    packet[6..8].copy_from_slice(&word.to_be_bytes());
    packet
}

/// From 2001:db8::1 to 2001:db8::2, hop limit 64.
pub fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16).to_be_bytes();
    let addresses = hex("20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002");
    join(&[&[0x60, 0, 0, 0], &length, &[next, 64], &addresses, payload])
}

/// From 02:00:00:00:00:01 to 02:00:00:00:00:02.
pub fn ethernet(ethertype: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&hex("020000000002 020000000001"), &ethertype.to_be_bytes(), payload])
}

/// TCP over IPv4, the smallest packet of all.
pub fn tcp_ipv4() -> Vec<u8> {
    ipv4(6, &tcp())
}

/// TCP over IPv6.
pub fn tcp_ipv6() -> Vec<u8> {
    ipv6(6, &tcp())
}

/// Bytes written in hexadecimal; blanks are for the eye.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The parts, one after the other.
pub fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A header in hexadecimal, and what follows it.
pub fn behind(header: &str, payload: &[u8]) -> Vec<u8> {
    join(&[&hex(header), payload])
}

/// Decodes a frame that was captured whole.
pub fn decode(link: u16, data: &[u8]) -> Decoded {
    decode_cut(link, data, data.len())
}

/// Decodes a frame of which the first `captured` bytes were captured.
pub fn decode_cut(link: u16, data: &[u8], captured: usize) -> Decoded {
    decoder().decode(&Frame { data: &data[..captured], ..frame(link, data) })
}

/// A decoder that has seen nothing.
pub fn decoder() -> Decoder {
    Decoder::new(DecoderLimits::default())
}

/// The bytes as a frame.
pub fn frame(link: u16, data: &[u8]) -> Frame<'_> {
    let orig_len = data.len() as u32;
    Frame { number: 3, time_ns: 1_000_000_000, link: LinkType(link), fcs_len: 0, orig_len, data }
}

/// The fault of a frame that cannot be decoded.
#[track_caller]
pub fn fault(decoded: Decoded) -> Undecodable {
    let Decoded::Undecodable(fault) = decoded else { panic!("decoded: {decoded:?}") };
    fault
}

/// The name under which a frame without TCP, UDP or an ICMP error is counted.
#[track_caller]
pub fn other(decoded: Decoded) -> &'static str {
    let Decoded::Other(name) = decoded else { panic!("not of another kind: {decoded:?}") };
    name
}
