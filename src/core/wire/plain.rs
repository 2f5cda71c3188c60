//! The fast path for plain frames: TCP over IPv4 over Ethernet without anything else, as most are. Three headers of
//! known length follow one another and are read in one step. Any other frame, and any with a defect, is decoded
//! header by header. A test compares both.

use super::rest::{Rest, be16};
use super::{ethertype, ipv4, options, protocol, tcp};
use crate::address::Scope;
use crate::frame::{Frame, LinkType};
use crate::segment::{Flags, Options, Segment};

/// IPv4 with a header of five words: no options.
const VERSION_AND_LENGTH: u8 = 0x45;

/// The segment of a plain frame that has the usual options, or none.
#[inline(always)]
pub fn decode(frame: &Frame<'_>) -> Option<Segment> {
    let plain = Plain::of(frame)?;
    let options = options::read_usual(plain.captured_options, plain.options)?;
    Some(plain.segment(frame, options, true))
}

/// The segment of a plain frame, whatever options it has.
#[inline]
pub fn decode_with_options(frame: &Frame<'_>) -> Option<Segment> {
    let plain = Plain::of(frame)?;
    let (options, are_usual) = options::read_usual_or_others(plain.captured_options, plain.options);
    Some(plain.segment(frame, options, are_usual))
}

/// The addresses and ports that a plain frame was sent from and to: enough to find its connection.
#[inline]
#[must_use]
pub fn ends(frame: &Frame<'_>) -> Option<[([u8; 4], u16); 2]> {
    let (ip, tcp, _) = headers(frame)?;
    let address = |at: usize| [ip[at], ip[at + 1], ip[at + 2], ip[at + 3]];
    Some([(address(12), be16(tcp, 0)), (address(16), be16(tcp, 2))])
}

/// Whether a plain frame has a SYN.
#[inline]
#[must_use]
pub fn has_syn(frame: &Frame<'_>) -> bool {
    headers(frame).is_some_and(|(_, tcp, _)| u16::from(tcp[13]) & Flags::SYN != 0)
}

/// The fixed parts of the IPv4 and TCP headers of a plain frame, and what was captured from the latter on.
#[inline(always)]
fn headers<'a>(frame: &Frame<'a>) -> Option<(&'a [u8; 20], &'a [u8; 20], &'a [u8])> {
    let (ethernet, behind) = frame.data.split_first_chunk::<14>()?;
    let (ip, segment) = behind.split_first_chunk::<20>()?;
    let tcp = segment.first_chunk::<20>()?;
    let is_plain = frame.link == LinkType::ETHERNET
        // Captured bytes of the FCS could not be told from options.
        && frame.fcs_len == 0
        && be16(ethernet, 12) == ethertype::IPV4
        && ip[0] == VERSION_AND_LENGTH
        && ip[9] == protocol::TCP
        && !ipv4::is_fragment(ip);
    is_plain.then_some((ip, tcp, segment))
}

/// The parts of a plain frame.
struct Plain<'a> {
    ip: &'a [u8; 20],
    tcp: &'a [u8; 20],
    /// The segment, header and all.
    whole: Rest<'a>,
    /// The captured bytes behind the fixed TCP header: options come first.
    captured_options: &'a [u8],
    /// Bytes of options.
    options: usize,
    payload: u32,
}

impl<'a> Plain<'a> {
    #[inline(always)]
    fn of(frame: &Frame<'a>) -> Option<Self> {
        let (ip, tcp, segment) = headers(frame)?;
        let captured_options = &segment[tcp.len()..];
        // Segmentation offload leaves a length of zero. The subtraction then fails: the frame is not plain.
        let length = u32::from(be16(ip, 2)).checked_sub(ip.len() as u32)?;
        let (options, payload) = tcp::lengths(tcp, length).ok()?;
        let whole = Rest { data: segment, length: 0, offset: 0 }.with_length(length);
        Some(Self { ip, tcp, whole, captured_options, options, payload })
    }

    #[inline(always)]
    fn segment(&self, frame: &Frame<'_>, options: Options, are_usual: bool) -> Segment {
        let packet = ipv4::packet(self.ip, Scope::default());
        let whole = tcp::Whole { rest: self.whole, number: frame.number };
        let summed = tcp::summed(&packet, self.tcp, self.payload, are_usual, whole);
        Segment { options, summed, ..tcp::segment(frame, &packet, self.tcp, self.payload) }
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_with_options, ends, has_syn};
    use crate::frame::{Frame, LinkType};
    use crate::segment::Decoded;
    use crate::testing::Random;
    use crate::wire::testing::{ETHERNET, decoder, ethernet, frame, hex, ipv4, tcp_with};

    const TIMESTAMPS: &str = "0101 080a 00000001 00000002";
    const OPENING: &str = "0204 05b4 0402 080a 00000001 00000000 01 0303 07";
    const OPTIONS: [&str; 9] = [
        "",
        TIMESTAMPS,
        TIMESTAMPS,
        OPENING,
        OPENING,
        "0204 05b4 0103 0307 0402 080a 00000001 00000000",
        "0101 050a 0000000a 00000014",
        "080a 00000001 00000002 0000",
        "0101 0101",
    ];

    /// A frame as it is on the wire, one in three with bits flipped in its headers.
    fn bytes(random: &mut Random) -> Vec<u8> {
        let mut bytes = ethernet(0x0800, &ipv4(6, &tcp_with(OPTIONS[random.below(OPTIONS.len())])));
        if random.below(3) == 0 {
            for _ in 0..=random.below(3) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
        }
        if random.below(8) == 0 {
            // Segmentation offload leaves this as the length of the packet.
            bytes[16..18].fill(0);
        }
        if random.below(8) == 0 {
            bytes.extend(hex("0000 0000 0000"));
        }
        bytes
    }

    /// The captured bytes, and their judgement by the capture.
    fn captured<'a>(bytes: &'a [u8], random: &mut Random) -> Frame<'a> {
        let whole = frame(if random.below(20) == 0 { 101 } else { ETHERNET }, bytes);
        let length = if random.below(3) == 0 { random.below(bytes.len() + 1) } else { bytes.len() };
        let fcs_len = if random.below(8) == 0 { 4 } else { 0 };
        let orig_len = if random.below(8) == 0 { random.below(120) as u32 } else { whole.orig_len };
        Frame { data: &bytes[..length], fcs_len, orig_len, ..whole }
    }

    #[test]
    fn the_walk_through_the_headers_gives_the_same() {
        let (mut random, mut decoder) = (Random(3), decoder());
        let (mut usual, mut plain, all) = (0, 0, 200_000);
        for _ in 0..all {
            let bytes = bytes(&mut random);
            let frame = captured(&bytes, &mut random);
            let segments = [decode(&frame), decode_with_options(&frame)];
            usual += u32::from(segments[0].is_some());
            plain += u32::from(segments[1].is_some());
            for segment in segments.into_iter().flatten() {
                let walked = decoder.walk(&frame);
                assert_eq!(format!("{:?}", Decoded::Segment(segment)), format!("{walked:?}"), "{frame:?}");
            }
        }
        assert!(usual > all / 6 && plain > all / 3, "{usual} and {plain} of {all}: this shows little");
    }

    #[test]
    fn addresses_and_ports_are_read_before_decoding() {
        let mut random = Random(4);
        let mut told = 0;
        for _ in 0..50_000 {
            let bytes = bytes(&mut random);
            let frame = captured(&bytes, &mut random);
            let Some(segment) = decode_with_options(&frame) else { continue };
            let [source, destination] = ends(&frame).expect("all that is decoded has ends");
            let known = |(ip, port): ([u8; 4], u16)| (crate::address::ipv4(ip), port);
            assert_eq!(known(source), (segment.source, segment.source_port));
            assert_eq!(known(destination), (segment.destination, segment.destination_port));
            assert_eq!(has_syn(&frame), segment.flags.syn());
            told += 1;
        }
        assert!(told > 10_000, "{told}: this shows little");
    }

    #[test]
    fn plain_headers_are_recognized() {
        for options in OPTIONS {
            let bytes = ethernet(0x0800, &ipv4(6, &tcp_with(options)));
            let is_usual = ["", TIMESTAMPS, OPENING].contains(&options);
            assert_eq!(decode(&frame(ETHERNET, &bytes)).is_some(), is_usual, "{options}");
            assert!(decode_with_options(&frame(ETHERNET, &bytes)).is_some(), "{options}");
            let cut = Frame { data: &bytes[..54], ..frame(ETHERNET, &bytes) };
            assert!(decode_with_options(&cut).is_some(), "{options}");
        }
    }

    #[test]
    fn headers_that_need_another_look_are_not_plain() {
        let bytes = ethernet(0x0800, &ipv4(6, &tcp_with("")));
        let plain = frame(ETHERNET, &bytes);
        let with = |at: usize, value: u8| {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            decode_with_options(&Frame { data: &bytes, ..plain }).is_some()
        };
        assert!(with(14, 0x45), "nothing is changed by that");
        assert!(!with(14, 0x46), "IP options");
        assert!(!with(20, 0x60), "the first fragment");
        assert!(!with(21, 1), "another fragment");
        assert!(!with(23, 17), "UDP");
        assert!(!with(12, 0x81), "VLAN");
        assert!(!with(46, 0x40), "a header that is too short");
        assert!(!with(17, 39), "a packet that is too short");
        assert!(decode_with_options(&Frame { link: LinkType(101), ..plain }).is_none());
        assert!(decode_with_options(&Frame { fcs_len: 4, ..plain }).is_none());
        assert!(decode_with_options(&Frame { data: &bytes[..53], ..plain }).is_none());
    }
}
