//! UDP (RFC 768), and the tunnels that it carries, recognized by their ports.

use super::rest::{Rest, be16};
use super::walk::{Outcome, Packet, Walk};
use super::{ayiya, capwap, geneve, gre, gtp, l2tp, reason, teredo, vxlan};
use crate::segment::{Datagram, Decoded};

const LAYER: &str = "udp";

/// Decodes a datagram, or the payload of a tunnel.
#[inline]
pub fn decode(walk: &mut Walk<'_>, packet: &Packet, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<8>(LAYER)?;
    let payload = match be16(header, 4) {
        // Left by segmentation offload, or a jumbogram (RFC 2675, 4).
        0 => payload,
        1..=7 => return Err(rest.fault(LAYER, reason::HEADER_TOO_SHORT)),
        length => payload.at_most(u32::from(length) - 8),
    };
    let (source_port, destination_port) = (be16(header, 0), be16(header, 2));
    if let Some(tunnel) = tunnel(source_port, destination_port, payload) {
        return (tunnel.decode)(walk, payload);
    }
    Ok(Decoded::Datagram(Datagram {
        time_ns: walk.frame.time_ns,
        frame: walk.frame.number,
        source: packet.source,
        destination: packet.destination,
        source_port,
        destination_port,
        scope: packet.scope,
        payload: payload.length,
    }))
}

/// A tunnel that a port stands for.
struct Tunnel {
    /// Whether a payload of this length may begin with these bytes. The port proves nothing: any client may use it.
    looks_right: fn(&[u8; 8], u32) -> bool,
    decode: fn(&mut Walk<'_>, Rest<'_>) -> Outcome,
}

#[inline]
fn tunnel(source_port: u16, destination_port: u16, payload: Rest<'_>) -> Option<Tunnel> {
    let tunnel = match destination_port {
        // Linux used 8472 before VXLAN had a port number, and some overlays still do.
        4789 | 8472 => Tunnel { looks_right: vxlan::looks_right, decode: vxlan::decode },
        4790 => Tunnel { looks_right: vxlan::looks_right, decode: vxlan::decode_generic },
        6081 => Tunnel { looks_right: geneve::looks_right, decode: geneve::decode },
        2152 => Tunnel { looks_right: gtp::looks_right, decode: gtp::decode },
        1701 => Tunnel { looks_right: l2tp::looks_right, decode: l2tp::decode },
        4754 => Tunnel { looks_right: gre::looks_right, decode: gre::decode },
        _ => answering(destination_port).or_else(|| answering(source_port))?,
    };
    let accepted = match payload.data.first_chunk() {
        Some(header) => (tunnel.looks_right)(header, payload.length),
        None => payload.length >= 8,
    };
    accepted.then_some(tunnel)
}

/// Tunnels recognized by the port of either end: address translation may change the other port.
const fn answering(port: u16) -> Option<Tunnel> {
    Some(match port {
        3544 => Tunnel { looks_right: teredo::looks_right, decode: teredo::decode },
        5072 => Tunnel { looks_right: ayiya::looks_right, decode: ayiya::decode },
        5247 => Tunnel { looks_right: capwap::looks_right, decode: capwap::decode },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::segment::Decoded;
    use crate::wire::reason;
    use crate::wire::testing::{RAW, decode, fault, ipv4, udp};

    #[test]
    fn a_datagram_has_a_length() {
        let Decoded::Datagram(datagram) = decode(RAW, &ipv4(17, &udp(53, b"hello"))) else { panic!() };
        assert_eq!((datagram.source_port, datagram.destination_port, datagram.payload), (50000, 53, 5));
    }

    #[test]
    fn an_impossible_length_is_a_fault() {
        let mut datagram = udp(53, b"hello");
        datagram[5] = 7;
        assert_eq!(fault(decode(RAW, &ipv4(17, &datagram))).reason, reason::HEADER_TOO_SHORT);
    }

    #[test]
    fn a_port_alone_makes_no_tunnel() {
        for port in [1701, 2152, 3544, 4754, 4789, 4790, 5072, 5247, 6081, 8472] {
            for payload in [&b"an answer to a query"[..], b"short"] {
                let decoded = decode(RAW, &ipv4(17, &udp(port, payload)));
                assert!(matches!(decoded, Decoded::Datagram(_)), "{port}: {decoded:?}");
            }
        }
    }
}
