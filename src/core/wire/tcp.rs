//! TCP (RFC 9293, 3.1).

use super::rest::{Rest, be16, be32};
use super::walk::{Outcome, Packet, Walk};
use super::{options, reason};
use crate::checksum;
use crate::frame::Frame;
use crate::segment::{Decoded, Flags, Options, Segment, Summed, Undecodable};
use crate::seq::Seq;

const LAYER: &str = "tcp";

/// The header without options.
const FIXED: usize = 20;
/// The required part: up to the window field. Less is not a usable segment.
const NEEDED: usize = 16;
/// The control bits, with AE (RFC 9768) above them.
const FLAGS: u16 = 0x1ff;

/// Decodes a segment. Its options need not have been captured.
#[inline]
pub fn decode(walk: &Walk<'_>, packet: &Packet, rest: Rest<'_>) -> Outcome {
    let padded;
    let (header, captured_options) = match rest.data.split_first_chunk() {
        Some(split) => split,
        None => {
            padded = pad(rest)?;
            (&padded, [].as_slice())
        }
    };
    let (options, payload) = lengths(header, rest.length).map_err(|reason| rest.fault(LAYER, reason))?;
    let (options, are_usual) = options::read_usual_or_others(captured_options, options);
    let is_whole_header = rest.data.len() >= FIXED;
    let is_usual = are_usual & is_whole_header;
    let summed = summed(packet, header, payload, is_usual, Whole { rest, number: walk.frame.number });
    Ok(Decoded::Segment(Segment { options, summed, ..segment(walk.frame, packet, header, payload) }))
}

/// The lengths of the options and payload of a segment of `length` bytes; or why they are invalid.
#[inline]
pub fn lengths(header: &[u8; FIXED], length: u32) -> Result<(usize, u32), &'static str> {
    let header_length = u32::from(header[12] >> 4) * 4;
    let options = header_length.checked_sub(FIXED as u32).ok_or(reason::HEADER_TOO_SHORT)?;
    let payload = length.checked_sub(header_length).ok_or(reason::HEADER_TOO_LONG)?;
    Ok((options as usize, payload))
}

/// The segment as the fixed part of its header gives it. The caller adds options and checksum status.
#[inline]
pub fn segment(frame: &Frame<'_>, packet: &Packet, header: &[u8; FIXED], payload: u32) -> Segment {
    Segment {
        time_ns: frame.time_ns,
        frame: frame.number,
        source: packet.source,
        destination: packet.destination,
        source_port: be16(header, 0),
        destination_port: be16(header, 2),
        scope: packet.scope,
        seq: Seq(be32(header, 4)),
        ack: Seq(be32(header, 8)),
        flags: Flags(be16(header, 12) & FLAGS),
        window: be16(header, 14),
        payload,
        checksum: be16(header, 16),
        summed: Summed::Unknown,
        control: be16(header, 12),
        urgent: be16(header, 18),
        ip_id: packet.ip_id,
        labelled: packet.labelled,
        ttl: packet.ttl,
        options: Options::default(),
    }
}

/// A segment, header and all, and the number of its frame.
pub struct Whole<'a> {
    /// From the header on.
    pub rest: Rest<'a>,
    /// The frame's number.
    pub number: u64,
}

/// The checksum status of a segment with `payload` bytes.
#[inline(always)]
pub fn summed(
    packet: &Packet,
    header: &[u8; FIXED],
    payload: u32,
    has_usual_options: bool,
    whole: Whole<'_>,
) -> Summed {
    let Whole { rest, number } = whole;
    if packet.is_damaged {
        return Summed::OfDamaged;
    }
    if !packet.is_summable {
        return Summed::Unknown;
    }
    let lacks = (rest.length as usize).saturating_sub(rest.data.len());
    // The processor cannot predict which segments have a payload. Those with one are often those that the capture cuts, so a
    // single branch tests for both.
    let beyond_fields = if has_usual_options { payload.min(1) as usize } else { 1 };
    if lacks < beyond_fields && checksum::is_worth_it(be16(header, 12), payload, number) {
        return checksum::judge(&packet.source, &packet.destination, rest.data);
    }
    [Summed::InFields, Summed::Unknown][beyond_fields]
}

/// The header of a segment that the capture cuts behind the window field. Checksum and urgent pointer are zero.
#[cold]
fn pad(rest: Rest<'_>) -> Result<[u8; FIXED], Undecodable> {
    if rest.length < FIXED as u32 {
        return Err(rest.short(LAYER, FIXED));
    }
    let (known, _) = rest.header::<NEEDED>(LAYER)?;
    let mut padded = [0; FIXED];
    padded[..NEEDED].copy_from_slice(known);
    Ok(padded)
}

#[cfg(test)]
mod tests {
    use crate::address;
    use crate::segment::Flags;
    use crate::wire::reason;
    use crate::wire::testing::{
        ETHERNET, RAW, assert_is_tcp, decode, decode_cut, ethernet, fault, ipv4, tcp, tcp_with,
    };

    #[test]
    fn every_field_is_read() {
        let segment = assert_is_tcp(decode(ETHERNET, &ethernet(0x0800, &ipv4(6, &tcp()))));
        assert_eq!((segment.frame, segment.time_ns), (3, 1_000_000_000));
        assert_eq!(segment.source, address::ipv4([10, 0, 0, 1]));
        assert_eq!(segment.destination, address::ipv4([10, 0, 0, 2]));
        assert_eq!((segment.checksum, segment.ip_id, segment.ttl), (0xabcd, Some(7), 64));
        assert!(segment.scope.is_outermost() && !segment.options.malformed);
    }

    #[test]
    fn the_ninth_flag_is_read() {
        let mut segment = tcp();
        segment[12..14].copy_from_slice(&[0x51, 0x02]);
        let decoded = decode(RAW, &ipv4(6, &segment));
        let crate::segment::Decoded::Segment(segment) = decoded else { panic!("{decoded:?}") };
        assert_eq!(segment.flags, Flags(0x100 | Flags::SYN));
    }

    #[test]
    fn a_header_cut_behind_its_window_is_a_segment() {
        let packet = ipv4(6, &tcp_with("0101 080a 00000001 00000002"));
        for captured in 20..=packet.len() {
            let decoded = decode_cut(RAW, &packet, captured);
            match captured - 20 {
                0..16 => {
                    let fault = fault(decoded);
                    assert_eq!((fault.layer, fault.reason), ("tcp", reason::CUT_SHORT));
                    assert_eq!((fault.offset, fault.need, fault.have as usize), (20, 16, captured - 20));
                }
                there => {
                    let segment = assert_is_tcp(decoded);
                    assert_eq!(segment.options.malformed, there < 32);
                    assert_eq!(segment.checksum, if there < 20 { 0 } else { 0xabcd });
                }
            }
        }
    }

    #[test]
    fn impossible_lengths_are_faults() {
        let with_offset = |offset: u8| {
            let mut segment = tcp();
            segment[12] = offset << 4;
            fault(decode(RAW, &ipv4(6, &segment))).reason
        };
        assert_eq!(with_offset(4), reason::HEADER_TOO_SHORT);
        assert_eq!(with_offset(7), reason::HEADER_TOO_LONG);
        assert_eq!(fault(decode(RAW, &ipv4(6, &tcp()[..19]))).reason, reason::PACKET_TOO_SHORT);
    }
}
