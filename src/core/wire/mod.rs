//! From frames to segments: one header, one file.
//!
//! ```text
//! link        which header a frame begins with: the table of link types
//! ethertype   which header follows one that names its payload by EtherType
//! protocol    which header follows IP
//! plain       the fast path of most frames: TCP over IPv4 over Ethernet
//! ```
//!
//! Every header's file has a `decode`. It takes the `Rest` of the frame from the header's first byte on, reads the
//! header, and hands the rest to the next `decode`. Lengths come from the headers, never from the captured bytes, so
//! that a frame cut by the snaplen is decoded as far as it reaches. A wrong checksum does not stop decoding, because
//! offloading leaves many of them wrong: [`crate::checksum`] judges it.
//!
//! Headers can be nested without end. Every `decode` that such nesting must pass calls `Walk::deeper`, which bounds
//! the depth.

mod arcnet;
mod aruba;
mod avs;
mod ayiya;
mod capwap;
pub mod dissected;
mod dsa;
mod enc;
mod eoip;
mod erspan;
mod ethernet;
mod ethertype;
mod extension;
mod fabricpath;
mod fddi;
mod fragments;
mod frelay;
mod geneve;
mod gre;
mod gtp;
mod hdlc;
mod icmp;
mod ieee80211;
mod ipcomp;
mod ipnet;
mod ipoib;
mod ipv4;
mod ipv6;
mod l2tp;
mod link;
mod llc;
mod mpls;
mod nflog;
mod null;
mod options;
mod pbb;
mod pflog;
mod pktap;
pub mod plain;
mod ppi;
mod ppp;
mod pppoe;
mod prism;
mod protocol;
mod radiotap;
mod raw;
mod reason;
mod rest;
mod slip;
mod sll;
mod tcp;
mod teredo;
mod tunnel;
mod udp;
mod vlan;
mod vxlan;
mod walk;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use fragments::FragmentCounts;
pub use link::{is_decoded, link_name};
pub use tunnel::Named;

use crate::address::Scope;
use crate::frame::Frame;
use crate::segment::Decoded;
use fragments::Fragments;
use rest::Rest;
use tunnel::{Kind, Tunnels};
use walk::Walk;

/// The memory and nesting limits of a [`Decoder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderLimits {
    /// Fragmented packets held at a time for reassembly; the oldest is evicted.
    pub fragmented: usize,
    /// How long a fragmented packet is held, in nanoseconds of capture time.
    pub fragments_ns: i64,
    /// The maximum nesting of headers of one layer: tunnels, above all.
    pub nesting: u8,
    /// Tunnels remembered by name.
    pub tunnels: usize,
}

impl Default for DecoderLimits {
    /// About 2 MB at worst; fragments wait as long as Linux lets them (`ipfrag_time`, 30 s).
    fn default() -> Self {
        Self { fragmented: 1024, fragments_ns: 30_000_000_000, nesting: 8, tunnels: 4096 }
    }
}

/// Turns frames into segments, one at a time, whatever their link type.
///
/// Frames of several interfaces and link types may be mixed. All that is kept from one frame to the
/// next is fragments, and the names of tunnels.
#[derive(Debug)]
pub struct Decoder {
    fragments: Fragments,
    tunnels: Tunnels,
    nesting: u8,
}

impl Decoder {
    /// A decoder that has seen nothing.
    #[must_use]
    pub fn new(limits: DecoderLimits) -> Self {
        Self {
            fragments: Fragments::new(limits.fragmented, limits.fragments_ns),
            tunnels: Tunnels::new(limits.tunnels),
            nesting: limits.nesting,
        }
    }

    /// The contents of the frame.
    pub fn decode(&mut self, frame: &Frame<'_>) -> Decoded {
        match plain::decode_with_options(frame) {
            Some(segment) => Decoded::Segment(segment),
            None => self.walk(frame),
        }
    }

    /// Decodes the frame header by header.
    fn walk(&mut self, frame: &Frame<'_>) -> Decoded {
        let mut walk = Walk {
            frame,
            scope: Scope::default(),
            nesting: self.nesting,
            fragments: &mut self.fragments,
            tunnels: &mut self.tunnels,
        };
        link::decode(&mut walk, frame.link, Rest::of(frame)).unwrap_or_else(Decoded::Undecodable)
    }

    /// The scope inside tunnels that another program has decoded. `tunnels` are their names and networks, the
    /// outermost first. A tunnel without a decoder here keeps its flows apart, too, but has no name.
    pub fn scope_of(&mut self, tunnels: &[(String, u32)], ipv6: bool) -> Scope {
        let mut scope = Scope::default();
        for (name, network) in tunnels {
            let outside = scope;
            scope = match Kind::of_name(name) {
                Some(kind) => {
                    let inside = outside.inside(kind as u8);
                    self.tunnels.remember(inside, outside, kind, *network);
                    inside
                }
                None => outside.inside(u8::MAX),
            };
        }
        scope.with_family(ipv6)
    }

    /// The number of fragments so far. The decoding of a frame that adds none does not depend on earlier frames.
    #[must_use]
    pub const fn fragments_met(&self) -> u64 {
        self.fragments.met()
    }

    /// Counts of fragmented packets.
    #[must_use]
    pub fn fragments(&self) -> FragmentCounts {
        self.fragments.counts()
    }

    /// The names of tunnels that were met; `None` where there was no room for more of them.
    #[must_use]
    pub fn tunnels(&self) -> Option<Vec<Named>> {
        self.tunnels.list()
    }

    /// Remembers names of tunnels that were met elsewhere in the capture. False where there is no room for more of them.
    pub fn remember_tunnels(&mut self, named: &[Named]) -> bool {
        self.tunnels.absorb(named)
    }

    /// The tunnel that a scope stands for, from the outside inward: "vxlan 42", "gtp, 6in4". Where several
    /// networks were met in such tunnels, none is named.
    ///
    /// `None` outside of tunnels, and for scopes that this decoder has not met or has no room to
    /// remember.
    #[must_use]
    pub fn tunnel(&self, scope: Scope) -> Option<String> {
        self.tunnels.describe(scope)
    }
}
