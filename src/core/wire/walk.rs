//! One frame's walk through its headers: its context, and the memory of the decoder.

use super::fragments::Fragments;
use super::reason;
use super::rest::Rest;
use super::tunnel::{Kind, Tunnels};
use crate::address::{Ip, Scope};
use crate::frame::Frame;
use crate::segment::{Decoded, Undecodable};

/// The result of a header's `decode`.
pub type Outcome = Result<Decoded, Undecodable>;

/// The frame on its way, and the decoder's memory.
pub struct Walk<'d> {
    /// The frame.
    pub frame: &'d Frame<'d>,
    /// The tunnels entered so far.
    pub scope: Scope,
    /// How many more headers may be nested in a header of their own layer.
    pub nesting: u8,
    /// Fragments of earlier frames.
    pub fragments: &'d mut Fragments,
    /// The names of scopes.
    pub tunnels: &'d mut Tunnels,
}

impl Walk<'_> {
    /// Enters a header of a layer that the frame has had before.
    pub fn deeper(&mut self, rest: Rest<'_>, layer: &'static str) -> Result<(), Undecodable> {
        self.nesting = self.nesting.checked_sub(1).ok_or_else(|| rest.fault(layer, reason::TOO_DEEP))?;
        Ok(())
    }

    /// Enters a tunnel. `network` is the identifier in its header, or 0 if the header has none that users know.
    pub fn enter(&mut self, kind: Kind, network: u32, rest: Rest<'_>) -> Result<(), Undecodable> {
        self.deeper(rest, kind.name())?;
        let outside = self.scope.with_family(false);
        self.scope = outside.inside(kind as u8);
        self.tunnels.remember(self.scope, outside, kind, network);
        Ok(())
    }
}

/// The fields of an IP header that the layers above it need.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    /// Source address.
    pub source: Ip,
    /// Destination address.
    pub destination: Ip,
    /// Address family, and the tunnels around.
    pub scope: Scope,
    /// Time to live, hop limit.
    pub ttl: u8,
    /// The identification, where it identifies.
    pub ip_id: Option<u16>,
    /// Whether it has an IPv6 flow label.
    pub labelled: bool,
    /// Whether the checksum of its segment can be judged: not if its addresses may change on the way, nor if it was
    /// reassembled.
    pub is_summable: bool,
    /// Whether the header's own checksum is wrong: no router and no host takes such a packet.
    pub is_damaged: bool,
}
