//! A sample of every link type and encapsulation, and tests that hold for all of them.

use super::testing::{
    ETHERNET, RAW, assert_is_tcp, behind, decode, decode_cut, decoder, ethernet, fault, frame, hex, ipv4,
    ipv6, join, tcp, tcp_ipv4, tcp_ipv6, udp,
};
use super::{is_decoded, link_name, reason};
use crate::frame::LinkType;
use crate::segment::Decoded;
use crate::testing::Random;

/// A frame that carries the segment of [`testing::tcp`](super::testing::tcp), and the tunnel around the segment.
struct Sample {
    name: &'static str,
    link: u16,
    data: Vec<u8>,
    tunnel: Option<&'static str>,
}

/// The addresses and the sequence control of an 802.11 header.
const WLAN: &str = "020000000001 020000000002 020000000003 0000";

/// One line for each link type and each encapsulation.
#[allow(clippy::too_many_lines, reason = "a table of samples, one line each")]
fn samples() -> Vec<Sample> {
    let (v4, v6) = (&tcp_ipv4(), &tcp_ipv6());
    let ether = &ethernet(0x0800, v4);
    let plain = |name, link, data| Sample { name, link, data, tunnel: None };
    let inside = |tunnel, data| Sample { name: tunnel, link: RAW, data, tunnel: Some(tunnel) };
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
        plain("vn-tag", ETHERNET, ethernet(0x8926, &behind("00000001 8100 0064 0800", v4))),
        plain("e-tag", ETHERNET, ethernet(0x893f, &behind("000000000001 86dd", v6))),
        plain("cisco metadata", ETHERNET, ethernet(0x8100, &behind("0064 8909 010100010003 0800", v4))),
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
        plain("ppp", 9, behind("0021", v4)),
        plain("ppp, address and control", 9, behind("ff03 0057", v6)),
        plain("ppp, protocol compressed", 9, behind("21", v4)),
        plain("ppp, mpls", 50, behind("ff03 0281 000641ff", v6)),
        plain("ppp, direction", 204, behind("01 0021", v4)),
        plain("ppp of pppd", 166, behind("0103 21", v4)),
        plain("cisco hdlc as ppp", 50, behind("8f00 0800", v4)),
        plain("cisco hdlc", 104, behind("0f00 86dd", v6)),
        plain("cisco hdlc, in truth ppp", 104, behind("ff03 0021", v4)),
        plain("cisco hdlc, direction", 205, behind("00 0f00 0800", v4)),
        plain("pppoe", ETHERNET, ethernet(0x8864, &behind("1100 0001 002f 0021", v4))),
        plain("pppoe, no ethernet", 51, behind("1100 0001 0043 0057", v6)),
        plain("frame relay", 107, behind("1841 03 cc", v4)),
        plain("frame relay, padding", 107, behind("1841 03 00 8e", v6)),
        plain("frame relay, snap", 107, behind("1841 03 00 80 000000 0800", v4)),
        plain("frame relay, long address", 107, behind("18408081 03 cc", v4)),
        plain("frame relay, cisco", 107, behind("1841 0800", v4)),
        plain("frame relay, direction", 206, behind("01 1841 03 cc", v4)),
        plain("atm", 100, behind("aaaa03 000000 0800", v4)),
        plain("fddi", 10, behind("54 020000000002 020000000001 aaaa03 000000 0800", v4)),
        plain("arcnet, rfc 1051", 7, behind("01 02 f0", v4)),
        plain("arcnet, rfc 1201", 7, behind("01 02 c4 00 0001", v6)),
        plain("arcnet, exception", 7, behind("01 02 d4 ff ffff d4 00 0001", v4)),
        plain("arcnet, linux", 129, behind("01 02 0000 d4 00 0001", v4)),
        plain("ipoib", 242, join(&[&[0; 40], &hex("0800 0000"), v4])),
        plain("slip", 8, join(&[&[0; 16], v4])),
        plain("ipnet", 226, join(&[&[1; 24], v6])),
        plain("enc", 109, behind("02000000 00000000 00000000", v4)),
        plain("pflog", 117, join(&[&[61, 2], &[0; 62], v4])),
        plain("pflog, ipv6", 117, join(&[&[64, 24], &[0; 62], v6])),
        plain("nflog", 239, behind("02 00 0000 0500 0a00 00000000 3100 0900", v4)),
        plain("nflog, big endian", 239, behind("02 00 0000 0005 000a 00000000 0031 0009", v4)),
        plain("pktap", 258, join(&[&hex("14000000 01000000 01000000"), &[0; 8], ether])),
        plain("ppi", 192, behind("00 00 0800 65000000", v4)),
        plain("mpls", 219, behind("000641ff", v4)),
        plain("mpls, two labels", ETHERNET, ethernet(0x8847, &behind("000640ff 000641ff", v6))),
        plain("mpls, ethernet", 219, join(&[&hex("000641ff"), ether])),
        plain("mpls, control word", 219, join(&[&hex("000641ff 00000000"), ether])),
        plain("dsa", 284, ethernet(0x4000, &behind("0001 0800", v4))),
        plain("dsa, broadcom", 281, ethernet(0x0000, &behind("0001 86dd", v6))),
        plain("dsa, long", 285, ethernet(0xdada, &behind("0000 40000001 0800", v4))),
        plain("dsa, in front", 282, join(&[&hex("00000001"), ether])),
        plain("pbb", ETHERNET, ethernet(0x88e7, &behind("00000101", ether))),
        plain("pbb, backbone vlan", ETHERNET, ethernet(0x88a8, &behind("0064 88e7 00000101", ether))),
        plain("fabricpath", ETHERNET, ethernet(0x8903, &behind("0440", ether))),
        plain("802.11", 105, behind(&format!("0801 0000 {WLAN} aaaa03 000000 0800"), v4)),
        plain("802.11, qos", 105, behind(&format!("8802 0000 {WLAN} 0000 aaaa03 000000 0800"), v4)),
        plain(
            "802.11, four addresses, high throughput",
            105,
            behind(&format!("8883 0000 {WLAN} 020000000004 0000 00000000 aaaa03 000000 0800"), v4),
        ),
        plain(
            "802.11, aggregate",
            105,
            behind(&format!("8801 0000 {WLAN} 8000 020000000002 020000000001 0035 aaaa03 000000 0800"), v4),
        ),
        plain(
            "radiotap",
            127,
            behind(&format!("0000 0800 00000000 0801 0000 {WLAN} aaaa03 000000 0800"), v4),
        ),
        plain(
            "radiotap, padded header",
            127,
            behind(
                &format!(
                    "0000 1900 030000a0 00000000 00000000 0000000000000000 20 8801 0000 {WLAN} 0000 0000 \
                     aaaa03 000000 0800"
                ),
                v4,
            ),
        ),
        plain("avs", 163, behind(&format!("80211001 00000008 0801 0000 {WLAN} aaaa03 000000 0800"), v4)),
        plain("prism", 119, join(&[&[0; 144], &behind(&format!("0801 0000 {WLAN} aaaa03 000000 0800"), v4)])),
        plain("prism, in truth avs", 119, {
            behind(&format!("80211001 0000000c 00000000 0801 0000 {WLAN} aaaa03 000000 0800"), v4)
        }),
        plain("ah", RAW, ipv4(51, &behind("06 04 0000 00000001 00000001 000000000000000000000000", &tcp()))),
        inside("ip-in-ip", ipv4(4, v4)),
        inside("ip-in-ip", ipv6(4, v4)),
        inside("ip-in-ip", ipv6(41, v6)),
        inside("6in4", ipv4(41, v6)),
        inside("mpls-in-ip", ipv4(137, &behind("000641ff", v4))),
        inside("gre", ipv4(47, &behind("0000 0800", v4))),
        inside("gre", ipv6(47, &behind("2000 86dd 00000001", v6))),
        inside("gre", ipv4(47, &behind("0000 6558", ether))),
        inside("gre", ipv4(47, &behind("0000 8847 000641ff", v4))),
        inside("gre", ipv4(47, &behind("0000 880b ff03 0021", v4))),
        inside("gre", ipv4(47, &behind("0000 883e", v4))),
        inside("gre", ipv4(47, &behind("0000 883e 00000000", v4))),
        inside("nvgre 42", ipv4(47, &behind("2000 6558 00002a07", ether))),
        inside("pptp", ipv4(47, &behind("3001 880b 0031 0001 00000001 ff03 0021", v4))),
        inside("erspan", ipv4(47, &behind("0000 88be", ether))),
        inside("erspan", ipv4(47, &behind("1000 88be 00000001 1001 0001 00000000", ether))),
        inside("erspan", ipv4(47, &behind("1000 22eb 00000001 2001 0001 00000000 0000 0000", ether))),
        inside("erspan", {
            ipv4(47, &behind("1000 22eb 00000001 2001 0001 00000000 0000 0801 0000000000000000", v4))
        }),
        inside("vxlan 42", ipv4(17, &udp(4789, &behind("08000000 00002a00", ether)))),
        inside("vxlan 42", ipv6(17, &udp(8472, &behind("08000000 00002a00", ether)))),
        inside("vxlan 42", ipv4(17, &udp(4790, &behind("0c000001 00002a00", v4)))),
        inside("vxlan 42", ipv4(17, &udp(4790, &behind("0c000003 00002a00", ether)))),
        inside("l2tp", ipv4(17, &udp(1701, &behind("0002 0001 0001 ff03 0021", v4)))),
        inside("l2tp", ipv4(17, &udp(1701, &behind("4a02 0053 0001 0001 0000 0000 0002 0000 0057", v6)))),
        inside("geneve 42", ipv4(17, &udp(6081, &behind("0000 6558 00002a00", ether)))),
        inside("geneve 42", ipv4(17, &udp(6081, &behind("0100 86dd 00002a00 01020304", v6)))),
        inside("gtp", ipv4(17, &udp(2152, &behind("30ff 002d 00000001", v4)))),
        inside("gtp", ipv6(17, &udp(2152, &behind("36ff 0049 00000001 0001 00 85 01 000900", v6)))),
        inside("ip-in-ip", ipv4(108, &behind("04 00 0100", v4))),
        inside("teredo", ipv4(17, &udp(3544, v6))),
        inside(
            "teredo",
            ipv4(17, &udp(3544, &behind("0001 0000 0102030405060708 00 0000 63b7 f5fffffe", v6))),
        ),
        inside("ayiya", {
            let header = "4152 1129 4b000000 20010db8000000000000000000000001 \
                          0000000000000000000000000000000000000000";
            ipv4(17, &udp(5072, &behind(header, v6)))
        }),
        inside("capwap", ipv4(17, &udp(5247, &behind("00100200 00000000", ether)))),
        inside("capwap", {
            let header = format!("00100300 00000000 0801 0000 {WLAN} aaaa03 000000 0800");
            ipv4(17, &udp(5247, &behind(&header, v4)))
        }),
        inside("capwap", {
            let header = format!("00100300 00000000 0108 0000 {WLAN} aaaa03 000000 0800");
            ipv4(17, &udp(5247, &behind(&header, v4)))
        }),
        inside("gre", ipv4(17, &udp(4754, &behind("2000 0800 00000001", v4)))),
        inside("gre", {
            let header = format!("0000 8200 0801 0000 {WLAN} aaaa03 000000 0800");
            ipv4(47, &behind(&header, v4))
        }),
        inside("eoip 42", ipv4(47, &behind("2001 6400 003b 2a00", ether))),
        inside("gtp, 6in4", ipv4(17, &udp(2152, &behind("30ff 0055 00000001", &ipv4(41, v6))))),
        inside("vxlan 42, vxlan 43", {
            let inner = ethernet(0x0800, &ipv4(17, &udp(4789, &behind("08000000 00002b00", ether))));
            ipv4(17, &udp(4789, &behind("08000000 00002a00", &inner)))
        }),
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
fn every_link_type_that_is_decoded_has_a_sample() {
    let links: Vec<u16> = samples().iter().map(|sample| sample.link).collect();
    for link in (0..=u16::MAX).filter(|link| is_decoded(LinkType(*link))) {
        assert!(links.contains(&link), "link type {link} has no line in `samples` of wire/tests.rs");
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
fn nesting_is_limited() {
    let mut packet = tcp_ipv4();
    for _ in 0..8 {
        packet = ipv4(4, &packet);
    }
    assert_is_tcp(decode(RAW, &packet));
    let fault = fault(decode(RAW, &ipv4(4, &packet)));
    assert_eq!((fault.layer, fault.reason, fault.offset), ("ip-in-ip", reason::TOO_DEEP, 180));
    let mut headers = tcp();
    for _ in 0..40 {
        headers = behind("33 01 0000 00000000 00000000", &headers);
    }
    assert!(matches!(decode(RAW, &ipv4(51, &headers)), Decoded::Undecodable(fault) if fault.layer == "ah"));
    let tags = hex(&"0001 8100 ".repeat(10_000));
    assert!(matches!(decode(ETHERNET, &ethernet(0x8100, &tags)), Decoded::Undecodable(_)));
}

#[test]
fn link_types_without_decoder_are_named() {
    assert_eq!(link_name(LinkType(195)), Some("IEEE802_15_4_WITHFCS"));
    assert_eq!(link_name(LinkType(276)), Some("LINUX_SLL2"));
    assert_eq!(link_name(LinkType(65_000)), None);
    let reason = |link| fault(decode(link, &[0; 60])).reason;
    assert_eq!(reason(195), reason::UNDECODED_LINK);
    assert_eq!(reason(65_000), reason::UNKNOWN_LINK);
}
