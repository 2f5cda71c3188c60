//! The name of a 4-tuple, the same for both directions.

use crate::address::{Ip, Scope, ipv4, words};
use crate::segment::Segment;
use crate::tcp::log::Side;
use std::hash::{Hash, Hasher};

/// Both ends' addresses and ports, the lower end first, and the scope that they are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// Addresses, of end 0 and of end 1.
    pub ips: [Ip; 2],
    /// Ports, of end 0 and of end 1.
    pub ports: [u16; 2],
    /// Address family and tunnel.
    pub scope: Scope,
}

impl Key {
    /// The key of a packet, and which end sent it. Which of two ends is the lower one matters to nobody, so they are
    /// compared in the way that takes least.
    #[must_use]
    #[inline]
    pub fn of(source: (Ip, u16), destination: (Ip, u16), scope: Scope) -> (Self, Side) {
        let ([a, more_a], [b, more_b]) = (words(&source.0), words(&destination.0));
        let same = a == b;
        let is_low = (!same & (a < b)) | (same && (more_a, source.1) <= (more_b, destination.1));
        let (low, high, side) = if is_low { (source, destination, 0) } else { (destination, source, 1) };
        (Self { ips: [low.0, high.0], ports: [low.1, high.1], scope }, side)
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

/// Three words. What derives would hash byte slices with their lengths, which takes four times as long.
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

/// A key as it is kept with its connection. IPv4 addresses, and most are, take up half the room.
#[derive(Clone, Debug)]
pub struct KeptKey {
    ips: Ips,
    ports: [u16; 2],
    scope: Scope,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Ips {
    Narrow([[u8; 4]; 2]),
    Wide(Box<[Ip; 2]>),
}

const fn narrow(ip: Ip) -> ([u8; 4], bool) {
    let [a, b, c, d, ..] = ip;
    ([a, b, c, d], u128::from_le_bytes(ip) == u128::from_le_bytes(ipv4([a, b, c, d])))
}

impl KeptKey {
    /// The key.
    #[must_use]
    #[inline]
    pub fn key(&self) -> Key {
        let ips = match &self.ips {
            Ips::Narrow(ips) => ips.map(ipv4),
            Ips::Wide(ips) => **ips,
        };
        Key { ips, ports: self.ports, scope: self.scope }
    }

    /// Whether it is this key.
    #[must_use]
    #[inline]
    pub fn is(&self, key: &Key) -> bool {
        let [low, high] = key.ips.each_ref().map(words);
        self.is_between(low, high, key.ports, key.scope)
    }

    /// Whether it is the key of a segment that the end given has sent.
    #[must_use]
    #[inline]
    pub fn names(&self, segment: &Segment, from: Side) -> bool {
        let (source, destination) = (words(&segment.source), words(&segment.destination));
        let (source_port, destination_port) = (segment.source_port, segment.destination_port);
        if from == 0 {
            self.is_between(source, destination, [source_port, destination_port], segment.scope)
        } else {
            self.is_between(destination, source, [destination_port, source_port], segment.scope)
        }
    }

    #[inline]
    fn is_between(&self, low: [u64; 2], high: [u64; 2], ports: [u16; 2], scope: Scope) -> bool {
        let differs = |a: [u64; 2], b: [u64; 2]| a[0] ^ b[0] | a[1] ^ b[1];
        let ips_differ = match &self.ips {
            Ips::Narrow(ips) => {
                let [a, b] = ips.map(|ip| [u64::from(u32::from_le_bytes(ip)), 0]);
                differs(a, low) | differs(b, high)
            }
            Ips::Wide(ips) => {
                let [a, b] = ips.each_ref().map(words);
                differs(a, low) | differs(b, high)
            }
        };
        ips_differ == 0 && self.ports == ports && self.scope == scope
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
        let [(low, low_is_narrow), (high, high_is_narrow)] = key.ips.map(narrow);
        let ips = if low_is_narrow && high_is_narrow {
            Ips::Narrow([low, high])
        } else {
            Ips::Wide(Box::new(key.ips))
        };
        Self { ips, ports: key.ports, scope: key.scope }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_have_one_key() {
        let (a, b) = ((ipv4([10, 0, 0, 1]), 80), (ipv4([10, 0, 0, 1]), 4000));
        let (there, from_a) = Key::of(a, b, Scope::default());
        let (back, from_b) = Key::of(b, a, Scope::default());
        assert_eq!(there, back);
        assert_eq!((from_a, from_b), (0, 1));
    }

    #[test]
    fn keys_are_kept_whole() {
        let (a, b) = ((ipv4([10, 0, 0, 1]), 80), (ipv4([10, 0, 0, 2]), 4000));
        let (wide, wider) = (([0xfe; 16], 80), ([0xff; 16], 80));
        for (source, destination) in [(a, b), (b, a), (a, wide), (wide, wider)] {
            let (key, _) = Key::of(source, destination, Scope(7));
            let kept = KeptKey::from(key);
            assert!(kept.is(&key));
            assert_eq!(kept.key(), key);
            assert!(!kept.is(&Key { scope: Scope(8), ..key }));
        }
        assert_eq!(size_of::<KeptKey>(), 24);
    }
}
