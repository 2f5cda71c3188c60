//! Expressions, from their words to the frames that pass. A test in Python compares them with tcpdump.

use super::{Program, compile};
use crate::frame::LinkType;
use crate::testing::Random;
use crate::wire::testing::{behind, ethernet, hex, ipv4, ipv6, tcp, tcp_ipv4, tcp_ipv6, udp};

fn services(name: &str) -> Option<u16> {
    (name == "http").then_some(80)
}

fn passes(expression: &str, link: u16, frame: &[u8]) -> bool {
    let program =
        compile(expression, LinkType(link), 96, &services).unwrap_or_else(|m| panic!("{expression}: {m}"));
    let taken = Program::new(program).unwrap().run(frame, frame.len() as u32);
    assert!(taken == 0 || taken == 96);
    taken != 0
}

fn mistake(expression: &str) -> (usize, usize, String) {
    let mistake = compile(expression, LinkType(1), 96, &services).unwrap_err();
    (mistake.at, mistake.length, mistake.why)
}

#[test]
fn expressions_pass_the_right_frames() {
    let frame = ethernet(0x0800, &tcp_ipv4());
    for expression in [
        "",
        "ip",
        "tcp",
        "tcp port 80",
        "dst port http",
        "src port 40000 or 443",
        "host 10.0.0.1 and 10.0.0.2",
        "src 10.0.0.1",
        "net 10",
        "net 10.0.0.0 mask 255.0.0.0 and not udp",
        "dst net 10.0.0.0/24",
        "portrange 79-81",
        "tcp[tcpflags] & (tcp-push|tcp-ack) == 24",
        "tcp[0:2] = 40000 and ip[8] > 63",
        "(ip[2:2] - ((ip[0] & 0xf) << 2)) = 25",
        "ip[ip[0] & 0xf] != 99 and len >= 59",
        "ether src 02:00:00:00:00:01",
        "ip proto 6 and ip proto \\tcp",
        "less 59 and greater 59",
        "tcp dst port (79 or 80)",
        "not (udp or (icmp and not arp)) && !ip6",
    ] {
        assert!(passes(expression, 1, &frame), "{expression}");
        assert!(expression.is_empty() || !passes(&format!("not ({expression})"), 1, &frame), "{expression}");
    }
    for expression in ["udp", "ip6", "port 81", "src host 10.0.0.2", "vlan", "greater 60", "ether multicast"]
    {
        assert!(!passes(expression, 1, &frame), "{expression}");
    }
}

#[test]
fn a_packet_is_found_behind_the_header_of_its_link_type() {
    for (link, header) in [
        (0, "02000000"),
        (0, "00000002"),
        (101, ""),
        (228, ""),
        (113, "0000 0001 0006 020000000001 0000 0800"),
    ] {
        assert!(passes("tcp dst port 80 and host 10.0.0.2", link, &behind(header, &tcp_ipv4())), "{link}");
    }
    let v6 = behind("86dd 0000 00000002 0001 0006 020000000001 0000", &tcp_ipv6());
    assert!(passes("ip6 and tcp port 80 and src net 2001:db8::/32 and dst host 2001:db8::2", 276, &v6));
    assert_eq!(compile("tcp", LinkType(105), 96, &services).unwrap_err().length, 0);
}

#[test]
fn tags_move_the_headers_behind_them() {
    let tagged = ethernet(0x8100, &behind("0064 0800", &tcp_ipv4()));
    assert!(passes("vlan 100 and tcp port 80", 1, &tagged));
    assert!(passes("vlan and tcp", 1, &tagged));
    assert!(!passes("tcp and vlan", 1, &tagged));
    assert!(!passes("vlan 101", 1, &tagged));
}

#[test]
fn later_fragments_have_no_ports_and_a_chain_may_hold_a_fragment_header() {
    let mut later = ipv4(17, &udp(80, b"x"));
    later[6..8].copy_from_slice(&[0, 1]);
    assert!(passes("udp", 101, &later) && !passes("udp port 80", 101, &later));
    assert!(passes("tcp", 101, &ipv6(44, &behind("06 00 0000 00000001", &tcp()))));
    assert!(!passes("tcp", 101, &hex("60000000 0000 11 40")));
}

#[test]
fn mistakes_are_pointed_at() {
    let table = [
        ("tcp porty", 4, 5, "there is no 'and' or 'or' in front of 'porty'"),
        ("tcp port", 8, 0, "an address, a port or a number is missing here"),
        ("port 70000", 5, 5, "a port is a number below 65536"),
        (
            "host example.org",
            5,
            11,
            "'example.org' is not known here; an address (no name server is asked) was expected",
        ),
        ("port gopher", 5, 6, "'gopher' is not known here; a port was expected"),
        ("net 10.1.2.3/8", 4, 8, "this network has bits set that do not count"),
        ("(tcp", 4, 0, "')' is missing here"),
        ("tcp[13:3] = 2", 7, 1, "a field has 1, 2 or 4 bytes"),
        ("tcp[13] & 2", 11, 0, "a comparison such as '=' is missing here"),
        ("len / 0 = 1", 6, 1, "nothing can be divided by zero"),
        ("tcp and", 7, 0, "something to look for is missing here"),
        ("vlan 5000", 5, 4, "a VLAN is a number below 4096"),
        ("icmp port 7", 10, 1, "only TCP, UDP and SCTP have ports"),
        ("tcp = 5 ; x", 8, 1, "this sign means nothing here"),
    ];
    for (expression, at, length, why) in table {
        assert_eq!(mistake(expression), (at, length, why.to_owned()), "{expression}");
    }
}

#[test]
fn nesting_and_length_are_limited() {
    assert!(mistake(&"(".repeat(2000)).2.contains("too deeply"));
    assert!(mistake(&"not ".repeat(2000)).2.contains("too deeply"));
    assert!(mistake(&format!("{}1 = 1", "-".repeat(2000))).2.contains("too deeply"));
    assert!(mistake(&"tcp or ".repeat(5000)).2.contains("more words"));
    let many: Vec<String> = (1..120).map(|port| format!("port {port}")).collect();
    assert!(passes(&many.join(" or "), 1, &ethernet(0x0800, &tcp_ipv4())), "jumps reach far");
    assert!(mistake(&vec![many.join(" or "); 5].join(" or ")).2.ends_with("and the kernel takes 4096"));
    assert!(!passes(&format!("not ({})", many.join(" or ")), 1, &ethernet(0x0800, &tcp_ipv4())));
}

#[test]
fn random_words_do_no_harm() {
    const WORDS: [&str; 32] = [
        "tcp",
        "udp",
        "ip",
        "ip6",
        "ether",
        "host",
        "net",
        "port",
        "portrange",
        "proto",
        "src",
        "dst",
        "and",
        "or",
        "not",
        "(",
        ")",
        "[",
        "]",
        ":",
        "-",
        "/",
        "&",
        "=",
        "len",
        "80",
        "10.0.0.1",
        "::1",
        "vlan",
        "<<",
        "tcp-syn",
        "0xffffffff",
    ];
    let mut random = Random(11);
    let mut compiled = 0;
    for _ in 0..100_000 {
        let words: Vec<&str> = (0..=random.below(7)).map(|_| WORDS[random.below(WORDS.len())]).collect();
        if let Ok(program) = compile(&words.join(" "), LinkType(1), 96, &services) {
            compiled += 1;
            Program::new(program).unwrap_or_else(|invalid| panic!("{words:?}: {invalid}"));
        }
    }
    assert!(compiled > 1000, "only {compiled} made sense: this shows little");
}
