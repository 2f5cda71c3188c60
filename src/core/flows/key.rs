//! The name of a 4-tuple, the same for both directions.

use crate::address::{Ip, Scope};
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
    /// The key of a packet, and which end sent it.
    #[must_use]
    #[inline]
    pub fn of(source: (Ip, u16), destination: (Ip, u16), scope: Scope) -> (Self, Side) {
        let (low, high, side) =
            if source <= destination { (source, destination, 0) } else { (destination, source, 1) };
        (Self { ips: [low.0, high.0], ports: [low.1, high.1], scope }, side)
    }
}

/// Three words. What derives would hash byte slices with their lengths, which takes four times as long.
impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [low, high] = self.ips.map(u128::from_ne_bytes);
        let [low_port, high_port] = self.ports.map(u64::from);
        state.write_u128(low);
        state.write_u128(high);
        state.write_u64(low_port << 48 | high_port << 32 | u64::from(self.scope.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::ipv4;

    #[test]
    fn both_directions_have_one_key() {
        let (a, b) = ((ipv4([10, 0, 0, 1]), 80), (ipv4([10, 0, 0, 1]), 4000));
        let (there, from_a) = Key::of(a, b, Scope::default());
        let (back, from_b) = Key::of(b, a, Scope::default());
        assert_eq!(there, back);
        assert_eq!((from_a, from_b), (0, 1));
    }
}
