//! IP payload compression (RFC 3173): decompressed where it is DEFLATE (RFC 2394), passed where the payload is plain.

use super::rest::Rest;
use super::walk::{Outcome, Packet, Walk};
use super::{protocol, raw};
use crate::checksum;
use crate::segment::Decoded::Other;
use crate::segment::Summed;
use flate2::{Decompress, FlushDecompress, Status};

const LAYER: &str = "ipcomp";
/// The longest packet that can have been compressed.
const LONGEST: usize = 65_535;
/// The protocol numbers of IPv4 and IPv6.
const IP: [u8; 2] = [4, 41];

/// Decodes the payload. The header has the next protocol's number, flags, and an index for the method of compression.
pub fn decode(walk: &mut Walk<'_>, packet: &Packet, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<4>(LAYER)?;
    let next = header[0];
    if payload.data.is_empty() {
        return Err(payload.short(LAYER, 1));
    }
    walk.deeper(payload, LAYER)?;
    if let Some(inflated) = inflate(payload) {
        let whole = Rest { data: &inflated, length: 0, offset: payload.offset };
        return protocol::decode(walk, next, packet, whole.with_length(inflated.len() as u32));
    }
    if is_plain(next, packet, payload) {
        return protocol::decode(walk, next, packet, payload);
    }
    Ok(Other(LAYER))
}

/// The decompressed payload; `None` if it is cut short, or is not compressed by DEFLATE.
fn inflate(payload: Rest<'_>) -> Option<Vec<u8>> {
    let mut inflated = Vec::with_capacity(LONGEST);
    let status =
        Decompress::new(false).decompress_vec(payload.data, &mut inflated, FlushDecompress::Finish).ok()?;
    (status == Status::StreamEnd && !inflated.is_empty()).then_some(inflated)
}

/// Whether the payload is not compressed: it looks like an IP packet, or is a TCP segment with the right checksum.
fn is_plain(next: u8, packet: &Packet, payload: Rest<'_>) -> bool {
    let is_whole = payload.data.len() == payload.length as usize;
    let is_segment = || checksum::judge(&packet.source, &packet.destination, payload.data) == Summed::Right;
    IP.contains(&next) && raw::is_plausible(payload) || next == protocol::TCP && is_whole && is_segment()
}

#[cfg(test)]
mod tests {
    use crate::wire::testing::{RAW, assert_is_tcp, behind, decode, hex, ipv4, join, other, tcp, tcp_ipv4};

    /// A segment in a stored block of DEFLATE.
    fn stored(segment: &[u8]) -> Vec<u8> {
        let length = segment.len() as u16;
        join(&[&hex("06 00 0002 01"), &length.to_le_bytes(), &(!length).to_le_bytes(), segment])
    }

    #[test]
    fn deflated_packets_are_inflated() {
        assert_is_tcp(decode(RAW, &ipv4(108, &stored(&tcp()))));
    }

    #[test]
    fn uncompressed_packets_pass() {
        assert_is_tcp(decode(RAW, &ipv4(108, &behind("04 00 0100", &tcp_ipv4()))));
        let mut segment = tcp();
        segment[16..18].copy_from_slice(&hex("adaa"));
        assert_is_tcp(decode(RAW, &ipv4(108, &behind("06 00 0100", &segment))));
    }

    #[test]
    fn other_compression_is_counted_by_name() {
        assert_eq!(other(decode(RAW, &ipv4(108, &behind("06 00 0003", &[0xff; 40])))), "ipcomp");
        let cut = stored(&tcp());
        assert_eq!(other(decode(RAW, &ipv4(108, &cut[..cut.len() - 3]))), "ipcomp");
    }
}
