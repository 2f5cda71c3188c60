//! The tree of a filter expression, before it is known how frames begin.

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Relation(Arithmetic, Relation, Arithmetic),
    /// One question about a frame, and where it is written.
    Primitive(Primitive, usize),
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A number that is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Number(u32),
    /// Bytes of the frame on the wire.
    Length,
    Negative(Box<Self>),
    Binary(Box<Self>, Operator, Box<Self>),
    /// A field of one, two or four bytes of a header, and where that is written.
    Field {
        header: Header,
        offset: Box<Self>,
        size: u8,
        at: usize,
    },
}

/// An operator; its number is that of the instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add = 0x04,
    Subtract = 0x14,
    Multiply = 0x24,
    Divide = 0x34,
    Or = 0x44,
    And = 0x54,
    ShiftLeft = 0x64,
    ShiftRight = 0x74,
    Remainder = 0x94,
    ExclusiveOr = 0xa4,
}

/// A header, or what one is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    Link,
    /// The protocol that an EtherType names.
    Network(u16),
    /// The protocol that a number of IPv4 names.
    Transport(u8),
    /// ICMPv6, in IPv6.
    Icmp6,
}

/// Which of the two addresses or ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Direction {
    Source,
    Destination,
    #[default]
    Either,
    Both,
}

/// The questions about a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    /// Whether an EtherType is that of the frame.
    EtherType(u16),
    /// Whether a protocol number is that of the packet, in IPv4, in IPv6.
    Protocol {
        number: u8,
        v4: bool,
        v6: bool,
    },
    /// An IPv4 address and mask, in IP, ARP or RARP, or in the one of these that an EtherType names.
    Net4 {
        within: Option<u16>,
        direction: Direction,
        address: u32,
        mask: u32,
    },
    /// The same of IPv6.
    Net6 {
        direction: Direction,
        address: u128,
        mask: u128,
    },
    /// Ports from one to another, of TCP, UDP and SCTP, or of the one of these.
    Ports {
        protocol: Option<u8>,
        direction: Direction,
        first: u16,
        last: u16,
    },
    /// An address of Ethernet.
    Ethernet {
        direction: Direction,
        address: [u8; 6],
    },
    /// A destination that is a group's, in Ethernet, IPv4 or IPv6.
    EthernetMulticast,
    Multicast4,
    Multicast6,
    /// A tag, and what follows of the expression is about what is behind it.
    Vlan(Option<u16>),
    /// No longer than that, no shorter than that.
    NoLonger(u32),
    NoShorter(u32),
}
