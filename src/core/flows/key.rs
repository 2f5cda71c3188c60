//! The name of a 4-tuple, the same for both directions.

use crate::address::{Ip, Scope, ipv4, words};
use crate::segment::{IcmpError, Segment};
use crate::tcp::side::Side;
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};

/// Both ends' addresses and ports, the lower end first, and the scope that they are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Addresses, of end 0 and of end 1.
    pub ips: [Ip; 2],
    /// Ports, of end 0 and of end 1.
    pub ports: [u16; 2],
    /// Address family and tunnel.
    pub scope: Scope,
}

impl Key {
    /// The key of a packet, and which end sent it. It does not matter which end is the lower one, so they are compared in the
    /// fastest way.
    #[must_use]
    #[inline]
    pub fn of(source: (Ip, u16), destination: (Ip, u16), scope: Scope) -> (Self, Side) {
        let ([a, more_a], [b, more_b]) = (words(&source.0), words(&destination.0));
        let same = a == b;
        let is_low = (!same & (a < b)) | (same && (more_a, source.1) <= (more_b, destination.1));
        let (low, high) = if is_low { (source, destination) } else { (destination, source) };
        (Self { ips: [low.0, high.0], ports: [low.1, high.1], scope }, Side::high_if(!is_low))
    }

    /// The key of the segment that an ICMP error quotes, and which end sent it.
    #[must_use]
    pub fn of_quoted(error: &IcmpError) -> (Self, Side) {
        let source = (error.source, error.source_port);
        Self::of(source, (error.destination, error.destination_port), error.scope)
    }

    /// The key of a segment, and which end sent it.
    #[must_use]
    #[inline]
    pub fn of_segment(segment: &Segment) -> (Self, Side) {
        let source = (segment.source, segment.source_port);
        let destination = (segment.destination, segment.destination_port);
        Self::of(source, destination, segment.scope)
    }
}

/// Three words. The derived hash would take byte slices with their lengths, which takes four times as long.
impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [low, high] = self.ips.map(u128::from_le_bytes);
        let [low_port, high_port] = self.ports.map(u64::from);
        state.write_u128(low);
        state.write_u128(high);
        state.write_u64(low_port << 48 | high_port << 32 | u64::from(self.scope.0));
    }
}

/// A key of IPv4 addresses as two numbers, the first end's part in the lower half of each. The first end is
/// the lower one, unless a segment's source is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Narrow {
    /// Addresses.
    pub ips: u64,
    /// Ports.
    pub ports: u32,
}

impl Narrow {
    #[inline]
    fn of([first, second]: [&Ip; 2], [first_port, second_port]: [u16; 2]) -> Self {
        let ips = words(first)[0] | words(second)[0] << 32;
        Self { ips, ports: u32::from(first_port) | u32::from(second_port) << 16 }
    }

    /// The key of a segment between IPv4 addresses, and which end sent it.
    #[must_use]
    #[inline]
    pub fn of_segment(segment: &Segment) -> (Self, Side) {
        let source = words(&segment.source)[0] << 16 | u64::from(segment.source_port);
        let destination = words(&segment.destination)[0] << 16 | u64::from(segment.destination_port);
        let from = Side::high_if(source > destination);
        (Self::seen_from(segment, from), from)
    }

    /// The key of a packet from one IPv4 address and port to another.
    #[must_use]
    #[inline]
    pub fn of_ends(source: ([u8; 4], u16), destination: ([u8; 4], u16)) -> Self {
        let [a, b] = [source, destination].map(|(ip, port)| (u64::from(u32::from_le_bytes(ip)), port));
        let ends = u32::from((a.0 << 16 | u64::from(a.1)) > (b.0 << 16 | u64::from(b.1)));
        let ports = u32::from(a.1) | u32::from(b.1) << 16;
        Self { ips: (a.0 | b.0 << 32).rotate_left(32 * ends), ports: ports.rotate_left(16 * ends) }
    }

    /// The key of a segment that the end given has sent.
    #[inline]
    fn seen_from(segment: &Segment, from: Side) -> Self {
        let ips = [&segment.source, &segment.destination];
        let Self { ips, ports } = Self::of(ips, [segment.source_port, segment.destination_port]);
        let ends = from as u32;
        Self { ips: ips.rotate_left(32 * ends), ports: ports.rotate_left(16 * ends) }
    }
}

impl From<&Key> for Narrow {
    #[inline]
    fn from(key: &Key) -> Self {
        Self::of(key.ips.each_ref(), key.ports)
    }
}

/// A key as it is kept with its connection. IPv4 addresses, and most are, take up half the room.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeptKey {
    ips: Ips,
    ports: [u16; 2],
    scope: Scope,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ips {
    Narrow(u64),
    Wide(Box<[Ip; 2]>),
}

impl Default for Ips {
    fn default() -> Self {
        Self::Narrow(0)
    }
}

impl KeptKey {
    /// The key.
    #[must_use]
    #[inline]
    pub fn key(&self) -> Key {
        let ips = match &self.ips {
            Ips::Narrow(ips) => [*ips as u32, (*ips >> 32) as u32].map(|ip| ipv4(ip.to_le_bytes())),
            Ips::Wide(ips) => **ips,
        };
        Key { ips, ports: self.ports, scope: self.scope }
    }

    /// Whether it is this key.
    #[must_use]
    #[inline]
    pub fn is(&self, key: &Key) -> bool {
        let same_ips = match &self.ips {
            Ips::Narrow(ips) => *ips == Narrow::from(key).ips,
            Ips::Wide(ips) => **ips == key.ips,
        };
        same_ips && self.ports == key.ports && self.scope == key.scope
    }

    /// Whether it is the key of a segment that the end given has sent.
    #[must_use]
    #[inline]
    pub fn names(&self, segment: &Segment, from: Side) -> bool {
        match &self.ips {
            Ips::Narrow(ips) => {
                let [low, high] = self.ports.map(u32::from);
                let narrow = Narrow { ips: *ips, ports: low | high << 16 };
                narrow == Narrow::seen_from(segment, from) && self.scope == segment.scope
            }
            Ips::Wide(_) => self.is(&Key::of_segment(segment).0),
        }
    }

    /// Address family and tunnel.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The heap that it uses, in bytes.
    #[must_use]
    pub const fn heap_bytes(&self) -> usize {
        match self.ips {
            Ips::Narrow(_) => 0,
            Ips::Wide(_) => size_of::<[Ip; 2]>(),
        }
    }
}

impl From<Key> for KeptKey {
    fn from(key: Key) -> Self {
        let ips = if key.scope.is_ipv6() {
            Ips::Wide(Box::new(key.ips))
        } else {
            Ips::Narrow(Narrow::from(&key).ips)
        };
        Self { ips, ports: key.ports, scope: key.scope }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flows::index::Index;
    use crate::testing::{Random, segment};

    #[test]
    fn both_directions_have_one_key() {
        let (a, b) = ((ipv4([10, 0, 0, 1]), 80), (ipv4([10, 0, 0, 1]), 4000));
        let (there, from_a) = Key::of(a, b, Scope::default());
        let (back, from_b) = Key::of(b, a, Scope::default());
        assert_eq!(there, back);
        assert_eq!((from_a, from_b), (Side::Low, Side::High));
    }

    #[test]
    fn numbers_and_addresses_tell_the_same_ends_apart() {
        let index = Index::default();
        let mut random = Random(1);
        let mut below = |end| random.below(end);
        for _ in 0..2000 {
            let [source, destination] = [0, 1].map(|_| ipv4([10, below(3) as u8, below(2) as u8 * 255, 1]));
            let [source_port, destination_port] = [0, 1].map(|_| below(3) as u16 * 30_000);
            let segment = Segment { source, destination, source_port, destination_port, ..segment() };
            let (key, side) = Key::of_segment(&segment);
            let kept = KeptKey::from(key);
            assert_eq!(index.hash_of(&segment), (index.hash(&key), side));
            assert!(kept.is(&key) && kept.names(&segment, side));
            let ends_differ = (source, source_port) != (destination, destination_port);
            assert_eq!(kept.names(&segment, side.other()), !ends_differ);
        }
    }

    #[test]
    fn keys_are_kept_whole() {
        let (a, b) = ((ipv4([10, 0, 0, 1]), 80), (ipv4([10, 0, 0, 2]), 4000));
        let (wide, wider) = (([0xfe; 16], 80), ([0xff; 16], 80));
        for (source, destination, ipv6) in
            [(a, b, false), (b, a, false), (a, wide, true), (wide, wider, true)]
        {
            let (key, _) = Key::of(source, destination, Scope(7).with_family(ipv6));
            let kept = KeptKey::from(key);
            assert!(kept.is(&key));
            assert_eq!(kept.key(), key);
            assert!(!kept.is(&Key { scope: Scope(8).with_family(ipv6), ..key }));
        }
        assert_eq!(size_of::<KeptKey>(), 24);
    }
}
