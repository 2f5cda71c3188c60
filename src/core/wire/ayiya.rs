//! AYIYA, anything in anything (draft-massar-v6ops-ayiya): signed IPv6 over UDP, for hosts behind address
//! translation.

use super::rest::Rest;
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};
use super::{ipv4, ipv6};
use crate::segment::Decoded::Other;

const LAYER: &str = "ayiya";

const IPV4: u8 = 4;
const IPV6: u8 = 41;
const NO_NEXT_HEADER: u8 = 59;

/// Whether the header may be AYIYA's: its methods, operation and next header are known, and it fits into the
/// datagram.
pub fn looks_right(header: &[u8; 8], length: u32) -> bool {
    let (hash, authentication, operation) = (header[1] & 0x0f, header[2] >> 4, header[2] & 0x0f);
    let known = hash <= 2 && authentication <= 2 && operation <= 6;
    known && matches!(header[3], IPV4 | IPV6 | NO_NEXT_HEADER) && length >= header_length(header) as u32
}

/// Decodes the packet behind the header, the identity and the signature, if there is one to forward.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    const FORWARD: u8 = 1;
    let (header, _) = rest.header::<8>(LAYER)?;
    let packet = rest.skip(header_length(header), LAYER)?;
    match (header[2] & 0x0f, header[3]) {
        (FORWARD, IPV6) => {
            walk.enter(Kind::Ayiya, 0, packet)?;
            ipv6::decode(walk, packet)
        }
        (FORWARD, IPV4) => {
            walk.enter(Kind::Ayiya, 0, packet)?;
            ipv4::decode(walk, packet)
        }
        _ => Ok(Other("ayiya")),
    }
}

/// The header's length in bytes: eight of fixed fields and time, an identity whose length is a power of two, and a
/// signature whose length is counted in 32-bit words.
fn header_length(header: &[u8; 8]) -> usize {
    8 + (1 << (header[0] >> 4)) + usize::from(header[1] >> 4) * 4
}
