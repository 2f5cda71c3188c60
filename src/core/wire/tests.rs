//! Every way that a segment can travel, and what holds of all of them.

use super::testing::{
    ETHERNET, RAW, assert_is_tcp, behind, decode, decode_cut, decoder, ethernet, frame, tcp_ipv4, tcp_ipv6,
};
use super::{is_decoded, link_name};
use crate::frame::LinkType;
use crate::segment::Decoded;

/// A frame that carries the segment of [`testing::tcp`](super::testing::tcp), and the tunnel that it does so in.
struct Sample {
    name: &'static str,
    link: u16,
    data: Vec<u8>,
    tunnel: Option<&'static str>,
}

/// One line for each link type and each encapsulation.
fn samples() -> Vec<Sample> {
    let (v4, v6) = (&tcp_ipv4(), &tcp_ipv6());
    let plain = |name, link, data| Sample { name, link, data, tunnel: None };
    vec![
        plain("ethernet", ETHERNET, ethernet(0x0800, v4)),
        plain("ethernet, ipv6", ETHERNET, ethernet(0x86dd, v6)),
        plain("802.3, llc", ETHERNET, ethernet(0x0030, &behind("060603", v4))),
        plain("802.3, snap", ETHERNET, ethernet(0x0035, &behind("aaaa03 000000 0800", v4))),
        plain("vlan", ETHERNET, ethernet(0x8100, &behind("0064 0800", v4))),
        plain("qinq", ETHERNET, ethernet(0x88a8, &behind("0064 8100 2005 86dd", v6))),
        plain(
            "qinq before 802.1ad",
            ETHERNET,
            ethernet(0x9100, &behind("0064 9100 2005 8100 2006 0800", v4)),
        ),
        plain("raw, ipv4", RAW, v4.clone()),
        plain("raw, ipv6", RAW, v6.clone()),
        plain("raw by its number on BSD", 12, v4.clone()),
        plain("raw by its number on OpenBSD", 14, v6.clone()),
        plain("loop by its number on OpenBSD", 12, behind("00000018", v6)),
        plain("ipv4", 228, v4.clone()),
        plain("ipv6", 229, v6.clone()),
        plain("null, little endian", 0, behind("02000000", v4)),
        plain("null, big endian", 0, behind("00000002", v4)),
        plain("null, linux", 0, behind("0a000000", v6)),
        plain("null, netbsd", 0, behind("18000000", v6)),
        plain("null, freebsd", 0, behind("1c000000", v6)),
        plain("null, darwin", 0, behind("1e000000", v6)),
        plain("loop", 108, behind("00000002", v4)),
        plain("sll", 113, behind("0000 0001 0006 020000000001 0000 0800", v4)),
        plain("sll, vlan", 113, behind("0004 0001 0006 020000000001 0000 8100 0064 86dd", v6)),
        plain("sll, llc", 113, behind("0000 0001 0006 020000000001 0000 0004 060603", v4)),
        plain("sll2", 276, behind("0800 0000 00000001 0001 00 06 020000000001 0000", v4)),
    ]
}

#[test]
fn every_sample_is_decoded() {
    for sample in samples() {
        println!("{}", sample.name);
        let mut decoder = decoder();
        let segment = assert_is_tcp(decoder.decode(&frame(sample.link, &sample.data)));
        assert_eq!(decoder.tunnel(segment.scope).as_deref(), sample.tunnel);
        assert_eq!(segment.scope.is_outermost(), sample.tunnel.is_none());
        assert!(is_decoded(LinkType(sample.link)) && link_name(LinkType(sample.link)).is_some());
    }
}

#[test]
fn every_sample_decodes_as_far_as_it_was_captured() {
    for sample in samples() {
        for captured in 0..sample.data.len() {
            match decode_cut(sample.link, &sample.data, captured) {
                segment @ Decoded::Segment(_) => drop(assert_is_tcp(segment)),
                Decoded::Undecodable(fault) => {
                    let (offset, have) = (fault.offset as usize, fault.have as usize);
                    assert!(offset + have == captured, "{}: {captured}: {fault:?}", sample.name);
                    assert!(fault.need > fault.have, "{}: {captured}: {fault:?}", sample.name);
                }
                other => panic!("{}: {captured}: {other:?}", sample.name),
            }
        }
    }
}

#[test]
fn damaged_frames_do_no_harm() {
    let mut random = Random(1);
    let mut decoder = decoder();
    for sample in samples() {
        for _ in 0..2000 {
            let mut data = sample.data.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(data.len());
                data[at] ^= 1 << random.below(8);
            }
            data.truncate(random.below(data.len() * 4).max(1).min(data.len()));
            decoder.decode(&frame(sample.link, &data));
        }
    }
}

#[test]
fn random_bytes_do_no_harm() {
    let mut random = Random(2);
    let mut decoder = decoder();
    let links: Vec<u16> = (0..=300).filter(|&link| is_decoded(LinkType(link))).collect();
    for _ in 0..50_000 {
        let data: Vec<u8> = (0..random.below(120)).map(|_| random.below(256) as u8).collect();
        decoder.decode(&frame(links[random.below(links.len())], &data));
    }
}

#[test]
fn link_types_without_decoder_are_named() {
    assert_eq!(link_name(LinkType(195)), Some("IEEE802_15_4_WITHFCS"));
    assert_eq!(link_name(LinkType(276)), Some("LINUX_SLL2"));
    assert_eq!(link_name(LinkType(65_000)), None);
    let reason = |link| super::testing::fault(decode(link, &[0; 60])).reason;
    assert_eq!(reason(195), super::reason::UNDECODED_LINK);
    assert_eq!(reason(65_000), super::reason::UNKNOWN_LINK);
}

/// Numbers that look random and are the same in every run (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }
}
