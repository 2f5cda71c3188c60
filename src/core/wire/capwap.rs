//! CAPWAP's data channel (RFC 5415): the frames that a wireless access point and its controller exchange.

use super::rest::{Rest, be16, be24};
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};
use super::{ethernet, ieee80211};
use crate::segment::Decoded::Other;

const LAYER: &str = "capwap";

// The first byte: version 0, and whether a CAPWAP header follows in the clear, or DTLS.
const CLEAR: u8 = 0;
const ENCRYPTED: u8 = 1;
// Fields of the next three bytes (RFC 5415, 4.3).
const NATIVE: u32 = 1 << 8;
const FRAGMENT: u32 = 1 << 7;
const KEEPALIVE: u32 = 1 << 3;
const RESERVED: u32 = 0b111;
const IEEE_80211: u32 = 1;

/// Whether the header may be CAPWAP's: its length fits, and its reserved bits are zero.
pub fn looks_right(header: &[u8; 8], length: u32) -> bool {
    let fields = be24(header, 1);
    match header[0] {
        CLEAR => {
            header_length(fields) >= 8 && fields & RESERVED == 0 && length >= header_length(fields) as u32
        }
        ENCRYPTED => fields == 0,
        _ => false,
    }
}

/// Decodes the frame behind the header: an 802.11 frame if a bit of the header says so, else an 802.3 frame.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, _) = rest.header::<8>(LAYER)?;
    let fields = be24(header, 1);
    if header[0] == ENCRYPTED {
        return Ok(Other("capwap, encrypted"));
    }
    if fields & KEEPALIVE != 0 {
        return Ok(Other("capwap keepalive"));
    }
    // Only the first fragment begins with the frame's headers. It is read like a frame cut short.
    if fields & FRAGMENT != 0 && be16(header, 6) >> 3 != 0 {
        return Ok(Other("capwap fragment"));
    }
    let frame = rest.skip(header_length(fields), LAYER)?;
    walk.enter(Kind::Capwap, 0, frame)?;
    match (fields & NATIVE != 0, fields >> 9 & 0x1f) {
        (false, _) => ethernet::decode(walk, frame),
        (true, IEEE_80211) => ieee80211::decode_maybe_swapped(walk, frame),
        (true, _) => Ok(Other("capwap")),
    }
}

/// The header's length in bytes: its length field counts 32-bit words.
const fn header_length(fields: u32) -> usize {
    (fields >> 19) as usize * 4
}

#[cfg(test)]
mod tests {
    use crate::wire::testing::{RAW, decode, hex, ipv4, other, udp};

    #[test]
    fn a_packet_without_a_frame_is_counted_by_name() {
        let table = [
            ("01000000 16fefd00 00000000", "capwap, encrypted"),
            ("00100208 00000000 00000000", "capwap keepalive"),
            ("00100280 00010008 00000000", "capwap fragment"),
            ("00100500 00000000 00000000", "capwap"),
        ];
        for (datagram, name) in table {
            assert_eq!(other(decode(RAW, &ipv4(17, &udp(5247, &hex(datagram))))), name, "{datagram}");
        }
    }
}
