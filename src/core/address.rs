//! Addresses for the flow table: fixed in size, cheap to compare, cheap to hash.

use serde::{Deserialize, Serialize};

/// An IPv4 address in the first four bytes (the rest zero) or an IPv6 address; the [`Scope`] says which.
pub type Ip = [u8; 16];

/// Widens an IPv4 address.
#[must_use]
pub const fn ipv4(octets: [u8; 4]) -> Ip {
    (u32::from_le_bytes(octets) as u128).to_le_bytes()
}

/// An address as two numbers, which are compared and hashed faster than octets.
#[must_use]
#[inline]
pub const fn words(ip: &Ip) -> [u64; 2] {
    let whole = u128::from_le_bytes(*ip);
    [whole as u64, (whole >> 64) as u64]
}

/// The parts of the key that keep equal 4-tuples apart: the address family, and the tunnel that they travel in.
///
/// Bit 31 is set for IPv6. The other bits are zero outside tunnels; inside, they are a hash of the
/// kinds of tunnel from the outside inward, so that a flow inside a tunnel never shares a key with one of the same
/// 4-tuple outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope(pub u32);

impl Scope {
    const IPV6: u32 = 1 << 31;

    /// The same scope with the given address family.
    #[must_use]
    pub const fn with_family(self, ipv6: bool) -> Self {
        Self(if ipv6 { self.0 | Self::IPV6 } else { self.0 & !Self::IPV6 })
    }

    /// Whether addresses in this scope are IPv6.
    #[must_use]
    pub const fn is_ipv6(self) -> bool {
        self.0 & Self::IPV6 != 0
    }

    /// The scope inside a tunnel. `kind` is an arbitrary number for each kind of tunnel.
    #[must_use]
    pub const fn inside(self, kind: u8) -> Self {
        let mixed = (self.0 & !Self::IPV6)
            .wrapping_add(kind as u32 + 1)
            .wrapping_mul(0x9e37_79b1)
            .rotate_left(15)
            .wrapping_mul(0x85eb_ca77);
        // Zero means "no tunnel".
        let bits = (mixed ^ (mixed >> 15)) & !Self::IPV6;
        Self(if bits == 0 { 1 } else { bits })
    }

    /// Whether this is outside every tunnel.
    #[must_use]
    pub const fn is_outermost(self) -> bool {
        self.0 & !Self::IPV6 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn tunnels_keep_flows_apart() {
        let plain = Scope::default();
        let vxlan = plain.inside(1);
        assert_ne!(vxlan, plain);
        assert_ne!(vxlan, plain.inside(2));
        assert_ne!(vxlan.inside(1), vxlan);
        assert!(plain.is_outermost() && !vxlan.is_outermost());
    }

    #[test]
    fn the_family_is_part_of_the_scope() {
        let tunnel = Scope::default().inside(1);
        assert!(tunnel.with_family(true).is_ipv6());
        assert_eq!(tunnel.with_family(true).with_family(false), tunnel);
        assert_eq!(tunnel.with_family(true).inside(3), tunnel.inside(3));
    }
}
