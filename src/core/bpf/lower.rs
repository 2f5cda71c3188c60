//! Turns the tree into conditions on bytes, for frames of one link type.

use super::Mistake;
use super::emit::{Comparison, Condition, EQUAL, Load, compare, equal};
use super::layout::{AND, IPV4, IPV6, LOAD, Layout};
use super::quantity;
use super::tree::{Direction, Expression, Header, Primitive, Relation};
use crate::frame::LinkType;

const ARP: u16 = 0x0806;
const RARP: u16 = 0x8035;
const TCP: u8 = 6;
const UDP: u8 = 17;
const SCTP: u8 = 132;
const ICMP6: u8 = 58;
const IPV6_FRAGMENT: u8 = 44;

// Codes of instructions: loads, and operations on the accumulator.
const LOAD_BEHIND_X: u16 = 0x48;
const HEADER_LENGTH_INTO_X: u16 = 0xb1;
const LENGTH: u16 = 0x80;
const GREATER: u16 = 0x25;
const GREATER_OR_EQUAL: u16 = 0x35;
const BITS: u16 = 0x45;
/// The bit of a comparison with the index register.
const WITH_X: u16 = 0x08;

/// The condition under which an expression is true of a frame of this link type.
pub(super) fn lower(expression: &Expression, link: LinkType) -> Result<Condition, Mistake> {
    let Some(layout) = Layout::of(link) else {
        let name = crate::wire::link_name(link).map_or_else(|| link.0.to_string(), str::to_owned);
        return Err(Mistake::at(0, 0, format!("frames of link type {name} cannot be filtered here")));
    };
    Lowering { layout, is_ethernet: link == LinkType::ETHERNET }.expression(expression)
}

struct Lowering {
    layout: Layout,
    is_ethernet: bool,
}

impl Lowering {
    /// Lowers terms from left to right: a VLAN tag moves the offsets of all terms after it.
    fn expression(&mut self, expression: &Expression) -> Result<Condition, Mistake> {
        Ok(match expression {
            Expression::And(first, second) => {
                let first = self.expression(first)?;
                first.and(self.expression(second)?)
            }
            Expression::Or(first, second) => {
                let first = self.expression(first)?;
                first.or(self.expression(second)?)
            }
            Expression::Not(inner) => self.expression(inner)?.negated(),
            Expression::Relation(left, relation, right) => {
                let (code, is_negated) = match relation {
                    Relation::Equal => (EQUAL, false),
                    Relation::Unequal => (EQUAL, true),
                    Relation::Greater => (GREATER, false),
                    Relation::LessOrEqual => (GREATER, true),
                    Relation::GreaterOrEqual => (GREATER_OR_EQUAL, false),
                    Relation::Less => (GREATER_OR_EQUAL, true),
                };
                let (load, with) = quantity::both(left, right, &self.layout)?;
                let code = if with.is_some() { code } else { code | WITH_X };
                let comparison = Comparison { code, with: with.unwrap_or(0) };
                let test = Condition::Test { load, comparison };
                let test = if is_negated { test.negated() } else { test };
                self.headers(&[left.headers(), right.headers()].concat()).and(test)
            }
            Expression::Primitive(primitive, at) => self.primitive(primitive, *at)?,
        })
    }

    /// The condition that these headers are present.
    fn headers(&self, headers: &[Header]) -> Condition {
        headers.iter().fold(Condition::Constant(true), |all, header| all.and(self.header(*header)))
    }

    fn header(&self, header: Header) -> Condition {
        match header {
            Header::Link => Condition::Constant(true),
            Header::Network(number) => self.layout.carries(number),
            Header::Transport(number) => self.protocol4(number).and(self.is_first_fragment()),
            Header::Icmp6 => self.layout.carries(IPV6).and(self.equals(2, 6, u32::from(ICMP6))),
        }
    }

    fn primitive(&mut self, primitive: &Primitive, at: usize) -> Result<Condition, Mistake> {
        use Primitive as P;
        let needs_ethernet = || Mistake::at(at, 0, "only frames of Ethernet can be asked this");
        let link_field = matches!(primitive, P::Ethernet { .. } | P::EthernetMulticast | P::Vlan(_));
        if link_field && !self.is_ethernet {
            return Err(needs_ethernet());
        }
        Ok(match *primitive {
            P::EtherType(number) => self.layout.carries(number),
            P::Protocol { number, v4, v6 } => {
                let four = if v4 { self.protocol4(number) } else { Condition::Constant(false) };
                let six = if v6 { self.protocol6(number) } else { Condition::Constant(false) };
                four.or(six)
            }
            P::Net4 { within, direction, address, mask } => self.net4(within, direction, address, mask),
            P::Net6 { direction, address, mask } => {
                let of = |place| self.address6(place, address, mask);
                self.layout.carries(IPV6).and(either(direction, of(8), of(24)))
            }
            P::Ports { protocol, direction, first, last } => self.ports(protocol, direction, (first, last)),
            P::Ethernet { direction, address: [a, b, c, d, e, f] } => {
                let of = |place| {
                    let (high, low) = (u16::from_be_bytes([a, b]), u32::from_be_bytes([c, d, e, f]));
                    equal(&[(LOAD[0], place + 2)], low).and(equal(&[(LOAD[1], place)], u32::from(high)))
                };
                either(direction, of(6), of(0))
            }
            P::EthernetMulticast => bits(&[(LOAD[2], 0)], 1),
            P::Multicast4 => {
                self.layout.carries(IPV4).and(compare(&self.field(2, 16), GREATER_OR_EQUAL, 224))
            }
            P::Multicast6 => self.layout.carries(IPV6).and(self.equals(2, 24, 255)),
            P::Vlan(id) => self.vlan(id),
            P::NoLonger(octets) => compare(&[(LENGTH, 0)], GREATER, octets).negated(),
            P::NoShorter(octets) => compare(&[(LENGTH, 0)], GREATER_OR_EQUAL, octets),
        })
    }

    fn vlan(&mut self, id: Option<u16>) -> Condition {
        const IDENTIFIER: u32 = 0x0fff;
        let tags = [0x8100, 0x88a8, 0x9100].map(|number| self.layout.carries(number));
        let is_tagged = tags.into_iter().fold(Condition::Constant(false), Condition::or);
        let is_that = match id {
            Some(id) => equal(&[self.load(1, 0), (AND, IDENTIFIER)], u32::from(id)),
            None => Condition::Constant(true),
        };
        self.layout.pass_tag();
        is_tagged.and(is_that)
    }

    fn net4(&self, within: Option<u16>, direction: Direction, address: u32, mask: u32) -> Condition {
        let packet = |number: u16| {
            let places = if number == IPV4 { (12, 16) } else { (14, 24) };
            let of = |place| equal(&masked(self.load(0, place), mask), address);
            self.layout.carries(number).and(either(direction, of(places.0), of(places.1)))
        };
        match within {
            Some(number) => packet(number),
            None => packet(IPV4).or(packet(ARP)).or(packet(RARP)),
        }
    }

    fn address6(&self, place: u32, address: u128, mask: u128) -> Condition {
        let words = (0..4).map(|word| {
            let part = |number: u128| (number >> (96 - 32 * word)) as u32;
            match part(mask) {
                0 => Condition::Constant(true),
                mask => equal(&masked(self.load(0, place + 4 * word), mask), part(address)),
            }
        });
        words.fold(Condition::Constant(true), Condition::and)
    }

    fn ports(&self, protocol: Option<u8>, direction: Direction, range: (u16, u16)) -> Condition {
        let protocols = protocol.map_or_else(|| vec![SCTP, TCP, UDP], |only| vec![only]);
        let any = |place: u32| {
            let each = protocols.iter().map(|number| self.equals(2, place, u32::from(*number)));
            each.fold(Condition::Constant(false), Condition::or)
        };
        let six = {
            let of = |place| in_range(&self.field(1, place), range);
            self.layout.carries(IPV6).and(any(6)).and(either(direction, of(40), of(42)))
        };
        let network = self.layout.network;
        let of =
            |place| in_range(&[(HEADER_LENGTH_INTO_X, network), (LOAD_BEHIND_X, network + place)], range);
        let four = self.layout.carries(IPV4).and(any(9)).and(self.is_first_fragment());
        six.or(four.and(either(direction, of(0), of(2))))
    }

    fn protocol4(&self, number: u8) -> Condition {
        self.layout.carries(IPV4).and(self.equals(2, 9, u32::from(number)))
    }

    /// The condition that an IPv6 packet has this protocol, perhaps behind a fragment header.
    fn protocol6(&self, number: u8) -> Condition {
        let behind = self.equals(2, 6, u32::from(IPV6_FRAGMENT)).and(self.equals(2, 40, u32::from(number)));
        self.layout.carries(IPV6).and(self.equals(2, 6, u32::from(number)).or(behind))
    }

    fn is_first_fragment(&self) -> Condition {
        const OFFSET: u32 = 0x1fff;
        bits(&self.field(1, 6), OFFSET).negated()
    }

    fn equals(&self, size: usize, place: u32, value: u32) -> Condition {
        equal(&self.field(size, place), value)
    }

    fn field(&self, size: usize, place: u32) -> [Load; 1] {
        [self.load(size, place)]
    }

    fn load(&self, size: usize, place: u32) -> Load {
        (LOAD[size], self.layout.network + place)
    }
}

fn masked(load: Load, mask: u32) -> Vec<Load> {
    if mask == u32::MAX { vec![load] } else { vec![load, (AND, mask)] }
}

fn either(direction: Direction, source: Condition, destination: Condition) -> Condition {
    match direction {
        Direction::Source => source,
        Direction::Destination => destination,
        Direction::Either => source.or(destination),
        Direction::Both => source.and(destination),
    }
}

fn bits(load: &[Load], with: u32) -> Condition {
    compare(load, BITS, with)
}

fn in_range(load: &[Load], (first, last): (u16, u16)) -> Condition {
    if first == last {
        return equal(load, u32::from(first));
    }
    let reaches = compare(load, GREATER_OR_EQUAL, u32::from(first));
    reaches.and(compare(load, GREATER, u32::from(last)).negated())
}
