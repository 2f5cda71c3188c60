//! The words of filter expressions that have a meaning of their own (`pcap-filter(7)`).

use super::layout::{IPV4, IPV6};
use super::tree::{Header, Primitive};

/// The port of a service name.
pub type Services<'a> = &'a dyn Fn(&str) -> Option<u16>;

const ARP: u16 = 0x0806;
const RARP: u16 = 0x8035;

/// A protocol: as a qualifier, as a question, and as a header whose fields are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Link,
    /// A network protocol, by EtherType.
    Network(u16),
    /// A transport protocol: its number, and whether it exists in IPv4 and in IPv6.
    Transport(u8, bool, bool),
}

impl Protocol {
    /// The protocol of that name.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "ether" | "link" => Self::Link,
            "ip" => Self::Network(IPV4),
            "ip6" => Self::Network(IPV6),
            "arp" => Self::Network(ARP),
            "rarp" => Self::Network(RARP),
            "icmp" => Self::Transport(1, true, false),
            "igmp" => Self::Transport(2, true, false),
            "tcp" => Self::Transport(6, true, true),
            "igrp" => Self::Transport(9, true, false),
            "udp" => Self::Transport(17, true, true),
            "esp" => Self::Transport(50, true, true),
            "ah" => Self::Transport(51, true, true),
            "icmp6" => Self::Transport(58, false, true),
            "pim" => Self::Transport(103, true, true),
            "vrrp" | "carp" => Self::Transport(112, true, false),
            "sctp" => Self::Transport(132, true, true),
            _ => return None,
        })
    }

    /// The primitive that asks for the protocol; `None` if there is none.
    pub const fn question(self) -> Option<Primitive> {
        match self {
            Self::Link => None,
            Self::Network(number) => Some(Primitive::EtherType(number)),
            Self::Transport(number, v4, v6) => Some(Primitive::Protocol { number, v4, v6 }),
        }
    }

    /// The header of the protocol.
    pub const fn header(self) -> Header {
        match self {
            Self::Link => Header::Link,
            Self::Network(number) => Header::Network(number),
            Self::Transport(_, false, _) => Header::Icmp6,
            Self::Transport(number, ..) => Header::Transport(number),
        }
    }
}

/// Offsets, types and flags that have names.
const CONSTANTS: [(&str, u32); 46] = [
    ("icmptype", 0),
    ("icmpcode", 1),
    ("icmp-echoreply", 0),
    ("icmp-unreach", 3),
    ("icmp-sourcequench", 4),
    ("icmp-redirect", 5),
    ("icmp-echo", 8),
    ("icmp-routeradvert", 9),
    ("icmp-routersolicit", 10),
    ("icmp-timxceed", 11),
    ("icmp-paramprob", 12),
    ("icmp-tstamp", 13),
    ("icmp-tstampreply", 14),
    ("icmp-ireq", 15),
    ("icmp-ireqreply", 16),
    ("icmp-maskreq", 17),
    ("icmp-maskreply", 18),
    ("icmp6type", 0),
    ("icmp6code", 1),
    ("icmp6-destinationunreach", 1),
    ("icmp6-packettoobig", 2),
    ("icmp6-timeexceeded", 3),
    ("icmp6-parameterproblem", 4),
    ("icmp6-echo", 128),
    ("icmp6-echoreply", 129),
    ("icmp6-multicastlistenerquery", 130),
    ("icmp6-multicastlistenerreportv1", 131),
    ("icmp6-multicastlistenerdone", 132),
    ("icmp6-routersolicit", 133),
    ("icmp6-routeradvert", 134),
    ("icmp6-neighborsolicit", 135),
    ("icmp6-neighboradvert", 136),
    ("icmp6-redirect", 137),
    ("icmp6-routerrenum", 138),
    ("icmp6-nodeinformationquery", 139),
    ("icmp6-nodeinformationresponse", 140),
    ("icmp6-multicastlistenerreportv2", 143),
    ("tcpflags", 13),
    ("tcp-fin", 0x01),
    ("tcp-syn", 0x02),
    ("tcp-rst", 0x04),
    ("tcp-push", 0x08),
    ("tcp-ack", 0x10),
    ("tcp-urg", 0x20),
    ("tcp-ece", 0x40),
    ("tcp-cwr", 0x80),
];

/// The meaning of a name.
pub(super) fn constant(name: &str) -> Option<u32> {
    CONSTANTS.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}
