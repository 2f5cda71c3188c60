//! The tree of a filter expression, for any link type.

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Relation(Arithmetic, Relation, Arithmetic),
    /// One question about a frame, and its place in the text.
    Primitive(Primitive, usize),
}

/// A comparison of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A computed number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Number(u32),
    /// The frame's length on the wire, in bytes.
    Length,
    Negative(Box<Self>),
    Binary(Box<Self>, Operator, Box<Self>),
    /// A field of one, two or four bytes of a header, and its place in the text.
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

/// A header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    Link,
    /// The header of a network protocol, by EtherType.
    Network(u16),
    /// The header of a transport protocol, by IPv4 protocol number.
    Transport(u8),
    /// ICMPv6, in IPv6.
    Icmp6,
}

/// A choice of the two addresses or ports.
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
    /// Whether the frame has this EtherType.
    EtherType(u16),
    /// Whether the packet has this protocol number, in IPv4 and in IPv6.
    Protocol {
        number: u8,
        v4: bool,
        v6: bool,
    },
    /// An IPv4 address and mask, in IP, ARP or RARP; or only in the protocol with this EtherType.
    Net4 {
        within: Option<u16>,
        direction: Direction,
        address: u32,
        mask: u32,
    },
    /// An IPv6 address and mask.
    Net6 {
        direction: Direction,
        address: u128,
        mask: u128,
    },
    /// A range of ports of TCP, UDP and SCTP, or of only one of them.
    Ports {
        protocol: Option<u8>,
        direction: Direction,
        first: u16,
        last: u16,
    },
    /// An Ethernet address.
    Ethernet {
        direction: Direction,
        address: [u8; 6],
    },
    /// A group address as destination, in Ethernet, IPv4 or IPv6.
    EthernetMulticast,
    Multicast4,
    Multicast6,
    /// A VLAN tag. The rest of the expression is about the packet behind the tag.
    Vlan(Option<u16>),
    /// A frame no longer, or no shorter, than this.
    NoLonger(u32),
    NoShorter(u32),
}
