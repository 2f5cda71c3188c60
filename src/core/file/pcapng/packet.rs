//! The three kinds of packet blocks.

use super::super::bytes::{Fields, Order};

/// Bytes of an enhanced packet block without its data.
pub(super) const ENHANCED_LENGTH: u64 = 32;
/// Where in the block the data begin.
pub(super) const ENHANCED_DATA: usize = 28;

/// The fields of a packet block.
pub(super) struct Packet<'a> {
    pub interface: u32,
    /// `None` if the kind of block has no time.
    pub ticks: Option<u64>,
    /// The captured length; `None` if it follows from the interface's snaplen.
    pub captured: Option<u32>,
    pub original: u32,
    /// Packets lost before this one.
    pub lost: u16,
    /// Where the data begin in the body.
    pub data_at: usize,
    /// The data, their padding, and options.
    pub rest: &'a [u8],
    pub may_have_options: bool,
}

impl<'a> Packet<'a> {
    #[inline]
    pub fn enhanced(body: &'a [u8], order: Order) -> Option<Self> {
        let mut fields = Fields::new(body, order);
        let interface = fields.u32()?;
        Self::timed(fields, interface, 0)
    }

    pub fn obsolete(body: &'a [u8], order: Order) -> Option<Self> {
        let mut fields = Fields::new(body, order);
        let (interface, lost) = (fields.u16()?, fields.u16()?);
        // All ones stand for "unknown".
        let lost = if lost == u16::MAX { 0 } else { lost };
        Self::timed(fields, u32::from(interface), lost)
    }

    pub fn simple(body: &'a [u8], order: Order) -> Option<Self> {
        let mut fields = Fields::new(body, order);
        let original = fields.u32()?;
        Some(Self {
            interface: 0,
            ticks: None,
            captured: None,
            original,
            lost: 0,
            data_at: 4,
            rest: fields.rest,
            may_have_options: false,
        })
    }

    #[inline]
    fn timed(mut fields: Fields<'a>, interface: u32, lost: u16) -> Option<Self> {
        let (high, low) = (fields.u32()?, fields.u32()?);
        let (captured, original) = (fields.u32()?, fields.u32()?);
        Some(Self {
            interface,
            ticks: Some(u64::from(high) << 32 | u64::from(low)),
            captured: Some(captured),
            original,
            lost,
            data_at: 20,
            rest: fields.rest,
            may_have_options: true,
        })
    }
}

/// The length of the frame check sequence in the flags of a packet; `None` if not given.
pub(super) const fn fcs_length(flags: u32) -> Option<u8> {
    match (flags >> 5 & 0xf) as u8 {
        0 => None,
        length => Some(length),
    }
}
