//! GTP-U (3GPP TS 29.281): the tunnels of mobile networks for users' packets.

use super::rest::Rest;
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};
use super::{raw, reason};
use crate::segment::Decoded::Other;

const LAYER: &str = "gtp";
const VERSION_1: u8 = 0x30;
const VERSION: u8 = 0xf8;
/// With any of these flags the header has four more bytes, which hold the fields of all three.
const EXTENSION_SEQUENCE_NPDU: u8 = 0x07;
const EXTENSION: u8 = 0x04;
const USER_DATA: u8 = 255;

/// Whether the header may be GTP's: version 1, and a length that fits.
pub fn looks_right(header: &[u8; 8], length: u32) -> bool {
    let payload = u32::from(u16::from_be_bytes([header[2], header[3]]));
    header[0] & VERSION == VERSION_1 && payload + 8 <= length
}

/// Decodes a user's packet. Every other message is signalling.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (&[flags, kind, ..], mut payload) = rest.header::<8>(LAYER)?;
    if kind != USER_DATA {
        return Ok(Other("gtp"));
    }
    if flags & EXTENSION_SEQUENCE_NPDU != 0 {
        let (&[.., mut next], after) = payload.header::<4>(LAYER)?;
        payload = after;
        while flags & EXTENSION != 0 && next != 0 {
            // The length field counts 32-bit words, including itself and the next header's type (5.2.1).
            let (&[words], _) = payload.header::<1>(LAYER)?;
            let length = usize::from(words) * 4;
            let Some(last) = length.checked_sub(1) else {
                return Err(payload.fault(LAYER, reason::HEADER_TOO_SHORT));
            };
            let after = payload.skip(length, LAYER)?;
            next = payload.data[last];
            payload = after;
        }
    }
    match payload.nibble() {
        Some(4 | 6) => {
            walk.enter(Kind::Gtp, 0, payload)?;
            raw::decode(walk, payload)
        }
        // PPP or Ethernet: only the signalling says which.
        Some(_) => Ok(Other("gtp")),
        None => Err(payload.short(LAYER, 1)),
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::reason;
    use crate::wire::testing::{RAW, assert_is_tcp, behind, decode, fault, hex, ipv4, other, tcp_ipv4, udp};

    fn packet(header: &str, payload: &[u8]) -> Vec<u8> {
        let mut message = behind(header, payload);
        let length = (message.len() as u16 - 8).to_be_bytes();
        message[2..4].copy_from_slice(&length);
        ipv4(17, &udp(2152, &message))
    }

    #[test]
    fn extension_headers_are_passed() {
        let headers = [
            "30ff 0000 00000001",
            "32ff 0000 00000001 0001 00 00",
            "34ff 0000 00000001 0000 00 85 01 000900",
            "34ff 0000 00000001 0000 00 85 01 000985 02 000000 000000 00",
        ];
        for header in headers {
            println!("{header}");
            assert_is_tcp(decode(RAW, &packet(header, &tcp_ipv4())));
        }
    }

    #[test]
    fn directions_with_different_teids_are_one_flow() {
        let scope = |header| assert_is_tcp(decode(RAW, &packet(header, &tcp_ipv4()))).scope;
        assert_eq!(scope("30ff 0000 00000001"), scope("30ff 0000 00000002"));
    }

    #[test]
    fn a_packet_without_ip_is_counted_by_name() {
        assert_eq!(other(decode(RAW, &packet("3201 0000 00000000 0000 00 00", &[]))), "gtp");
        assert_eq!(other(decode(RAW, &packet("30ff 0000 00000001", &hex("ff03 0021")))), "gtp");
    }

    #[test]
    fn an_extension_header_of_length_zero_is_a_fault() {
        let endless = packet("34ff 0000 00000001 0000 00 85", &hex("00 000085"));
        assert_eq!(fault(decode(RAW, &endless)).reason, reason::HEADER_TOO_SHORT);
    }
}
