//! UDP (RFC 768), and the tunnels that it carries, told by their ports.

use super::reason;
use super::rest::{Rest, be16};
use super::walk::{Outcome, Packet, Walk};
use crate::segment::{Datagram, Decoded};

const LAYER: &str = "udp";

/// A datagram, or what travels in a tunnel.
#[inline]
pub fn decode(walk: &mut Walk<'_>, packet: &Packet, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<8>(LAYER)?;
    let payload = match be16(header, 4) {
        // Segmentation offload, or a jumbogram (RFC 2675, 4).
        0 => payload,
        1..=7 => return Err(rest.fault(LAYER, reason::HEADER_TOO_SHORT)),
        length => payload.at_most(u32::from(length) - 8),
    };
    let destination_port = be16(header, 2);
    Ok(Decoded::Datagram(Datagram {
        time_ns: walk.time_ns,
        frame: walk.frame,
        source: packet.source,
        destination: packet.destination,
        source_port: be16(header, 0),
        destination_port,
        scope: packet.scope,
        payload: payload.length,
    }))
}
