//! The TCP checksum (RFC 9293, 3.1; RFC 1071): whether it is right, if that can be told at a reasonable cost.
//!
//! Summing a full frame costs more than all the rest of decoding. So in a long capture only short segments and SYN,
//! FIN and RST are summed: an attacker forges those to change a state. The first frames of a capture are all summed,
//! because a network card or a device that damages full segments does so from the beginning. If the decoded fields of
//! a segment hold everything that its checksum covers, as with most segments without payload, the sum is computed
//! only when somebody asks.

use crate::address::{self, Ip};
use crate::segment::{Flags, Segment, Sum, Summed};

/// Payload in bytes up to which any segment is summed.
const SHORT: u32 = 256;
/// Frames up to this number are always summed: all frames of a shorter capture, and a negligible part of a longer
/// one.
const FIRST: u64 = 8192;
/// Control bits of segments that are summed at any length.
const DECIDING: u16 = Flags::SYN | Flags::FIN | Flags::RST;
/// TCP's protocol number, as it stands in the pseudo-header.
const PROTOCOL: u16 = 0x0006_u16.swap_bytes();

impl Segment {
    /// Whether the checksum is right, as far as that can be determined.
    #[must_use]
    pub fn sum(&self) -> Sum {
        let is_right = match self.summed {
            Summed::Right => Some(true),
            Summed::Wrong | Summed::OfDamaged => Some(false),
            Summed::InFields => self.sum_of_header().map(|sum| self.is_right_with(sum)),
            Summed::Unknown | Summed::Disputed => None,
        };
        match is_right {
            Some(true) => Sum::Right,
            _ if self.is_partial() => Sum::Partial,
            Some(false) => Sum::Wrong,
            None => Sum::Unknown,
        }
    }

    /// Length of the header in bytes.
    const fn header_length(&self) -> usize {
        (self.control >> 12) as usize * 4
    }

    /// The sum of the header's words, computed from its fields: the inverse of `wire::options::read_usual`.
    fn sum_of_header(&self) -> Option<u64> {
        let pair = |high: u16, low: u16| u64::from(high) << 16 | u64::from(low);
        let fixed = pair(self.source_port, self.destination_port)
            + u64::from(self.seq.0)
            + u64::from(self.ack.0)
            + pair(self.control, self.window)
            + pair(self.checksum, self.urgent);
        let options = match (self.header_length(), self.options.timestamps) {
            (20, _) => 0,
            (32, Some((value, echo))) => 0x0101_080a + u64::from(value) + u64::from(echo),
            (40, Some((value, echo))) => {
                let mss = 0x0204_0000 + u64::from(self.options.mss?);
                let scale = 0x0103_0300 + u64::from(self.options.window_scale?);
                mss + 0x0402_080a + u64::from(value) + u64::from(echo) + scale
            }
            _ => return None,
        };
        Some(fixed + options)
    }

    fn is_right_with(&self, header: u64) -> bool {
        // The other sums are of words with their octets swapped, which differ by a factor of 256 (RFC 1071, 2 B).
        let header = u128::from(header) << 8;
        let addresses = addresses(&self.source, &self.destination);
        is_zero(addresses + end(self.header_length() as u32) + header)
    }

    /// Whether the field holds the sum of the pseudo-header alone, with the segment's length or, as Windows leaves
    /// it, without. A network card then completes it, or several segments were merged into this one.
    fn is_partial(&self) -> bool {
        let length = self.header_length() as u32 + self.payload;
        let complement = u128::from((!self.checksum).swap_bytes());
        let rest = addresses(&self.source, &self.destination) + complement;
        is_zero(rest + end(length)) || is_zero(rest + end(0))
    }
}

/// Whether it is worth the time to sum a segment of `payload` bytes in frame `number`. `control` is the word with its
/// control bits.
#[inline(always)]
pub const fn is_worth_it(control: u16, payload: u32, number: u64) -> bool {
    (payload <= SHORT) | (control & DECIDING != 0) | (number <= FIRST)
}

/// Judges a segment, header and payload, that was captured whole.
#[inline(always)]
pub fn judge(source: &Ip, destination: &Ip, whole: &[u8]) -> Summed {
    // The addresses are passed by value: nothing points to them then, and they stay in registers while a frame is
    // decoded.
    judge_with(addresses(source, destination), whole)
}

#[inline(never)]
fn judge_with(addresses: u128, whole: &[u8]) -> Summed {
    if is_zero(addresses + end(whole.len() as u32) + sum(whole)) { Summed::Right } else { Summed::Wrong }
}

/// Whether the checksum of an IPv4 header without options is right (RFC 791, 3.1).
#[inline(always)]
pub fn is_right_header(header: &[u8; 20]) -> bool {
    let (words, _) = header.as_chunks::<4>();
    let sum: u64 = words.iter().map(|word| u64::from(u32::from_le_bytes(*word))).sum();
    sum.is_multiple_of(0xffff)
}

/// The sum of the pseudo-header's addresses. The unused octets of an IPv4 address are zero and add nothing.
#[inline(always)]
fn addresses(source: &Ip, destination: &Ip) -> u128 {
    let [a, b] = address::words(source);
    let [c, d] = address::words(destination);
    u128::from(a) + u128::from(b) + u128::from(c) + u128::from(d)
}

/// The sum of the other fields of the pseudo-header: protocol number and length.
#[inline(always)]
fn end(length: u32) -> u128 {
    u128::from(PROTOCOL) + u128::from(length.swap_bytes())
}

/// The sum of octets as little-endian words. The byte order does not change whether the sum is zero (RFC 1071, 2 B).
#[inline(always)]
fn sum(octets: &[u8]) -> u128 {
    let (words, rest) = octets.as_chunks::<8>();
    let mut sum: u128 = words.iter().map(|word| u128::from(u64::from_le_bytes(*word))).sum();
    let (words, rest) = rest.as_chunks::<4>();
    for word in words {
        sum += u128::from(u32::from_le_bytes(*word));
    }
    for (place, octet) in rest.iter().enumerate() {
        sum += u128::from(*octet) << (8 * place);
    }
    sum
}

/// Whether a sum is zero in ones' complement: folded into 16 bits, all bits are set.
#[inline(always)]
fn is_zero(sum: u128) -> bool {
    let (folded, carried) = (sum as u64).overflowing_add((sum >> 64) as u64);
    (folded + u64::from(carried)).is_multiple_of(0xffff)
}

#[cfg(test)]
mod tests {
    use super::FIRST;
    use crate::frame::Frame;
    use crate::segment::Sum;
    use crate::testing::Random;
    use crate::wire::testing::{
        ETHERNET, RAW, assert_is_tcp, decode, decode_cut, decoder, ethernet, frame, hex, ipv4, ipv4_fragment,
        ipv6, join, tcp, tcp_with,
    };

    /// The sum computed as RFC 1071 describes it: word by word, with the carries added at the low end.
    fn folded(octets: &[u8]) -> u16 {
        let sum: u32 = octets
            .chunks(2)
            .map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)))
            .sum();
        let once = (sum & 0xffff) + (sum >> 16);
        ((once & 0xffff) + (once >> 16)) as u16
    }

    fn pseudo(packet: &[u8], length: usize) -> Vec<u8> {
        let addresses = if packet[0] >> 4 == 4 { &packet[12..20] } else { &packet[8..40] };
        join(&[addresses, &(length as u32).to_be_bytes(), &[0, 0, 0, 6]])
    }

    /// The packet with the checksum that its addresses and its segment require.
    fn summed(mut packet: Vec<u8>, header: usize) -> Vec<u8> {
        packet[header + 16..header + 18].fill(0);
        let whole = join(&[&pseudo(&packet, packet.len() - header), &packet[header..]]);
        let checksum = !folded(&whole);
        packet[header + 16..header + 18].copy_from_slice(&checksum.to_be_bytes());
        packet
    }

    fn sum(packet: &[u8]) -> Sum {
        let walked = assert_is_tcp(decode(RAW, packet)).sum();
        let ethertype = if packet[0] >> 4 == 4 { 0x0800 } else { 0x86dd };
        assert_eq!(assert_is_tcp(decode(ETHERNET, &ethernet(ethertype, packet))).sum(), walked);
        walked
    }

    #[test]
    fn right_checksums_are_told_from_wrong_ones() {
        for options in ["", "0101 080a 00000001 00000002", "0101 050a 0000000a 00000014", "0402"] {
            for right in [summed(ipv4(6, &tcp_with(options)), 20), summed(ipv6(6, &tcp_with(options)), 40)] {
                assert_eq!(sum(&right), Sum::Right, "{options}");
                let mut wrong = right.clone();
                *wrong.last_mut().unwrap() ^= 0x10;
                assert_eq!(sum(&wrong), Sum::Wrong, "{options}");
            }
        }
    }

    #[test]
    fn any_flipped_bit_makes_the_checksum_wrong() {
        let right = summed(ipv4(6, &tcp()), 20);
        // The bits of ports, sequence numbers, window, checksum, urgent pointer and payload; and of the addresses.
        for bit in (12 * 8..20 * 8).chain(20 * 8..right.len() * 8) {
            let mut wrong = right.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            if let crate::segment::Decoded::Segment(segment) = decode(RAW, &wrong) {
                assert_eq!(segment.sum(), Sum::Wrong, "bit {bit}");
            }
        }
    }

    #[test]
    fn a_checksum_left_to_offload_is_partial() {
        let packet = ipv4(6, &tcp());
        for length in [packet.len() - 20, 0] {
            let mut packet = packet.clone();
            let partial = folded(&pseudo(&packet, length));
            packet[36..38].copy_from_slice(&partial.to_be_bytes());
            assert_eq!(sum(&packet), Sum::Partial, "{length}");
            for captured in 40..packet.len() {
                assert_eq!(assert_is_tcp(decode_cut(RAW, &packet, captured)).sum(), Sum::Partial);
            }
        }
    }

    #[test]
    fn a_cut_segment_is_not_judged() {
        let packet = summed(ipv4(6, &tcp()), 20);
        for captured in 36..packet.len() {
            assert_eq!(assert_is_tcp(decode_cut(RAW, &packet, captured)).sum(), Sum::Unknown, "{captured}");
        }
        let mut decoder = decoder();
        decoder.decode(&frame(RAW, &ipv4_fragment(9, 0, true, &packet[20..36])));
        let whole = decoder.decode(&frame(RAW, &ipv4_fragment(9, 16, false, &packet[36..])));
        assert_eq!(assert_is_tcp(whole).sum(), Sum::Unknown, "which of two fragments arrived is not known");
    }

    #[test]
    fn addresses_that_change_on_the_way_are_not_judged() {
        let mut routed = summed(ipv4(6, &tcp()), 20);
        routed[0] = 0x46;
        routed[3] += 4;
        routed.splice(20..20, hex("83040000"));
        assert_eq!(sum(&routed), Sum::Unknown);
        let routing = hex("06 02 0401 00000000 20010db8000000000000000000000003");
        assert_eq!(sum(&ipv6(43, &join(&[&routing, &tcp()]))), Sum::Unknown);
        let padding = hex("06 00 010400000000");
        assert_eq!(sum(&ipv6(0, &join(&[&padding, &tcp()]))), Sum::Wrong, "that changes none");
    }

    #[test]
    fn full_frames_are_summed_where_they_decide_and_at_the_beginning() {
        let mut random = Random(7);
        let filler: Vec<u8> = (0..1455).map(|_| random.below(256) as u8).collect();
        let full = summed(ipv4(6, &join(&[&tcp(), &filler])), 20);
        let fin = {
            let mut packet = full.clone();
            packet[33] |= 1;
            summed(packet, 20)
        };
        let sum = |packet: &[u8], number| match decoder().decode(&Frame { number, ..frame(RAW, packet) }) {
            crate::segment::Decoded::Segment(segment) => segment.sum(),
            other => panic!("{other:?}"),
        };
        assert_eq!((sum(&full, FIRST), sum(&fin, FIRST)), (Sum::Right, Sum::Right));
        assert_eq!((sum(&full, FIRST + 1), sum(&fin, FIRST + 1)), (Sum::Unknown, Sum::Right));
        let mut damaged = full;
        damaged[1000] ^= 1;
        assert_eq!((sum(&damaged, FIRST), sum(&damaged, FIRST + 1)), (Sum::Wrong, Sum::Unknown));
    }
}
