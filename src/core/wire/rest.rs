//! The rest of a frame, after the headers read so far.

use super::reason;
use crate::frame::Frame;
use crate::segment::Undecodable;

/// The bytes from some header on, and how long they were on the wire.
///
/// `data` never holds more than `length`; it holds less if the capture was truncated.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'a> {
    /// The captured bytes.
    pub data: &'a [u8],
    /// The length on the wire, by the outer headers.
    pub length: u32,
    /// The offset from the frame's first byte.
    pub offset: u32,
}

impl<'a> Rest<'a> {
    /// A whole frame without its check sequence. If its length on the wire is below its captured length, the captured
    /// length counts.
    #[inline]
    pub fn of(frame: &Frame<'a>) -> Self {
        let captured = u32::try_from(frame.data.len()).unwrap_or(u32::MAX);
        let length = frame.orig_len.max(captured).saturating_sub(u32::from(frame.fcs_len));
        Self { data: frame.data, length: 0, offset: 0 }.with_length(length)
    }

    /// The first `N` bytes, and what follows them.
    #[inline]
    pub fn header<const N: usize>(self, layer: &'static str) -> Result<(&'a [u8; N], Self), Undecodable> {
        match self.data.split_first_chunk::<N>() {
            Some((header, data)) => Ok((header, self.behind(data, N))),
            None => Err(self.short(layer, N)),
        }
    }

    /// The rest behind the first `octets` bytes.
    #[inline]
    pub fn skip(self, octets: usize, layer: &'static str) -> Result<Self, Undecodable> {
        match self.data.get(octets..) {
            Some(data) => Ok(self.behind(data, octets)),
            None => Err(self.short(layer, octets)),
        }
    }

    /// The same bytes, with the length from a header: bytes beyond it are padding, and missing bytes were not
    /// captured.
    #[inline]
    #[must_use]
    pub fn with_length(self, length: u32) -> Self {
        let data = self.data.get(..length as usize).unwrap_or(self.data);
        Self { data, length, ..self }
    }

    /// The same, but never longer than the outer header allows.
    #[inline]
    #[must_use]
    pub fn at_most(self, length: u32) -> Self {
        self.with_length(length.min(self.length))
    }

    /// The length of a packet whose header gives none, as segmentation offload leaves it: all that is left of the
    /// frame. If that is more than any offload builds (Linux' `GSO_MAX_SIZE`), only the captured bytes count.
    pub fn offloaded_length(self) -> u32 {
        const MOST: u32 = 8 * 65_535;
        if self.length > MOST { self.captured() } else { self.length }
    }

    /// The first byte's upper half, where IP has its version.
    pub fn nibble(self) -> Option<u8> {
        self.data.first().map(|first| first >> 4)
    }

    /// An error in the header that begins here.
    #[cold]
    pub fn fault(self, layer: &'static str, reason: &'static str) -> Undecodable {
        Undecodable { layer, reason, offset: self.offset, need: 0, have: self.captured() }
    }

    /// A header of `need` bytes begins here, but fewer are there.
    #[cold]
    pub fn short(self, layer: &'static str, need: usize) -> Undecodable {
        let need = u32::try_from(need).unwrap_or(u32::MAX);
        let reason = if need > self.length { reason::PACKET_TOO_SHORT } else { reason::CUT_SHORT };
        Undecodable { layer, reason, offset: self.offset, need, have: self.captured() }
    }

    #[inline]
    fn behind(self, data: &'a [u8], octets: usize) -> Self {
        let octets = octets as u32;
        Self { data, length: self.length.saturating_sub(octets), offset: self.offset.saturating_add(octets) }
    }

    fn captured(self) -> u32 {
        u32::try_from(self.data.len()).unwrap_or(u32::MAX)
    }
}

/// `N` bytes of a header, from `at` on; both are constants of the header's layout.
#[inline]
pub fn octets<const N: usize, const HEADER: usize>(header: &[u8; HEADER], at: usize) -> [u8; N] {
    std::array::from_fn(|i| header[at + i])
}

/// A 16-bit field in network byte order.
#[inline]
pub fn be16<const HEADER: usize>(header: &[u8; HEADER], at: usize) -> u16 {
    u16::from_be_bytes(octets(header, at))
}

/// A 32-bit field in network byte order.
#[inline]
pub fn be32<const HEADER: usize>(header: &[u8; HEADER], at: usize) -> u32 {
    u32::from_be_bytes(octets(header, at))
}

/// A 24-bit field in network byte order: the network identifiers of overlays.
#[inline]
pub fn be24<const HEADER: usize>(header: &[u8; HEADER], at: usize) -> u32 {
    u32::from_be_bytes([0, header[at], header[at + 1], header[at + 2]])
}

#[cfg(test)]
mod tests {
    use super::Rest;
    use crate::frame::{Frame, LinkType};
    use crate::wire::reason;

    fn rest(data: &[u8], orig_len: u32, fcs_len: u8) -> Rest<'_> {
        Rest::of(&Frame { number: 1, time_ns: 0, link: LinkType(1), fcs_len, orig_len, data })
    }

    #[test]
    fn a_check_sequence_is_not_data() {
        assert_eq!(rest(&[1, 2, 3, 4, 5], 5, 4).data, [1]);
        assert_eq!(rest(&[1, 2, 3], 5, 2).data, [1, 2, 3]);
        assert_eq!(rest(&[1, 2], 2, 4).length, 0);
    }

    #[test]
    fn a_length_below_the_captured_length_is_corrected() {
        assert_eq!(rest(&[1, 2, 3], 0, 0).length, 3);
    }

    #[test]
    fn a_cut_capture_is_told_from_a_short_packet() {
        let cut = rest(&[1, 2, 3], 60, 0).header::<4>("x").unwrap_err();
        assert_eq!((cut.reason, cut.need, cut.have), (reason::CUT_SHORT, 4, 3));
        let short = rest(&[1, 2, 3], 3, 0).skip(4, "x").unwrap_err();
        assert_eq!(short.reason, reason::PACKET_TOO_SHORT);
    }
}
