//! The names of populations: a socket, a host, a path.

use crate::address::{Ip, Scope};
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};

/// A socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Socket {
    /// Its address.
    pub ip: Ip,
    /// Its port.
    pub port: u16,
    /// Address family and tunnel.
    pub scope: Scope,
}

/// Three words. The derived hash would take the address as a slice with its length, which takes longer.
impl Hash for Socket {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(u128::from_le_bytes(self.ip));
        state.write_u64(u64::from(self.port) << 32 | u64::from(self.scope.0));
    }
}

/// A host, as far as its address tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Host {
    /// Its address.
    pub ip: Ip,
    /// Address family and tunnel.
    pub scope: Scope,
}

impl Hash for Host {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(u128::from_le_bytes(self.ip));
        state.write_u32(self.scope.0);
    }
}

/// A path: from the host of clients to that of the servers they ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Between {
    /// Where the clients are.
    pub client: Ip,
    /// Where the servers are.
    pub server: Ip,
    /// Address family and tunnel.
    pub scope: Scope,
}

impl Hash for Between {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(u128::from_le_bytes(self.client));
        state.write_u128(u128::from_le_bytes(self.server));
        state.write_u32(self.scope.0);
    }
}

/// An address in half the memory: all of an IPv4 address, and of an IPv6 address as good as all.
#[must_use]
pub const fn in_short(ip: Ip) -> u64 {
    let whole = u128::from_le_bytes(ip);
    whole as u64 ^ ((whole >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A socket in eight bytes.
#[must_use]
pub const fn socket_in_short(ip: Ip, port: u16) -> u64 {
    in_short(ip).rotate_left(16) ^ port as u64
}
