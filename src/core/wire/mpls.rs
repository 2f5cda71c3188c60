//! MPLS (RFC 3032): a stack of labels. No field tells what follows it.
//!
//! IP is recognized by its version (RFC 4928, 3). Otherwise there may be a pseudowire's Ethernet frame (RFC
//! 4448), with a control word in front of it or without.

use super::rest::Rest;
use super::walk::{Outcome, Walk};
use super::{ethernet, ethertype, raw, reason};
use crate::segment::Decoded::Other;

const LAYER: &str = "mpls";
const BOTTOM_OF_STACK: u8 = 0x01;
const CONTROL_WORD: usize = 4;
const ASSOCIATED_CHANNEL: u8 = 1;

/// Passes the labels. Each belongs to one direction and one hop, so none is part of a flow's scope.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let mut rest = rest;
    loop {
        let (label, below) = rest.header::<4>(LAYER)?;
        if label[2] & BOTTOM_OF_STACK != 0 {
            return decode_below(walk, below);
        }
        rest = below;
    }
}

fn decode_below(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (first, _) = rest.header::<1>(LAYER)?;
    if raw::is_plausible(rest) {
        return raw::decode(walk, rest);
    }
    let control_word = if first[0] >> 4 == 0 { CONTROL_WORD } else { 0 };
    for skipped in [control_word, 0] {
        let frame = rest.skip(skipped, LAYER)?;
        if is_ethernet(frame) {
            walk.deeper(frame, LAYER)?;
            return ethernet::decode(walk, frame);
        }
    }
    match first[0] >> 4 {
        // An IP packet whose length is damaged, or left to segmentation offload.
        4 | 6 => raw::decode(walk, rest),
        ASSOCIATED_CHANNEL => Ok(Other("mpls associated channel")),
        _ if rest.data.len() < CONTROL_WORD + 14 => Err(rest.short(LAYER, CONTROL_WORD + 14)),
        _ => Err(rest.fault(LAYER, reason::UNKNOWN_PROTOCOL)),
    }
}

/// Whether an EtherType, or a length that fits, stands where an Ethernet header has it.
fn is_ethernet(rest: Rest<'_>) -> bool {
    match *rest.data {
        [_, _, _, _, _, _, _, _, _, _, _, _, high, low, ..] => {
            let number = u16::from_be_bytes([high, low]);
            let fits = (3..=1500).contains(&number) && u32::from(number) + 14 <= rest.length;
            fits || ethertype::is_known(number)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::testing::{assert_is_tcp, behind, decode, ethernet, hex, other, tcp_ipv4};

    #[test]
    fn an_address_may_look_like_a_version() {
        for address in ["400001 123456", "450001 123456", "600001 123456"] {
            let mut frame = ethernet(0x0800, &tcp_ipv4());
            frame[..6].copy_from_slice(&hex(address));
            assert_is_tcp(decode(219, &behind("000641ff", &frame)));
        }
    }

    #[test]
    fn a_packet_longer_than_its_frame_is_a_packet() {
        let packet = behind("000641ff", &tcp_ipv4());
        assert_is_tcp(decode(219, &packet[..packet.len() - 3]));
    }

    #[test]
    fn an_associated_channel_is_counted_by_name() {
        let message = behind("000641ff 10000021", &[0; 40]);
        assert_eq!(other(decode(219, &message)), "mpls associated channel");
    }
}
