//! The three kinds of packet blocks, and the options that packets have.

use super::super::bytes::{Fields, Order};

/// Option: direction, reception type, length of the frame check sequence, errors.
pub(super) const FLAGS: u16 = 2;
/// Option: packets lost between this one and the one before.
pub(super) const DROP_COUNT: u16 = 4;

/// What a packet block says.
pub(super) struct Packet<'a> {
    pub interface: u32,
    pub ticks: Option<u64>,
    /// The length that was captured; `None` where only the interface's snaplen tells.
    pub captured: Option<u32>,
    pub original: u32,
    /// Packets lost before this one.
    pub lost: u16,
    /// Where the data begin in the body.
    pub data_at: usize,
    /// The data, their padding, and options.
    pub rest: &'a [u8],
}

impl<'a> Packet<'a> {
    #[inline]
    pub fn enhanced(body: &'a [u8], order: Order) -> Option<Self> {
        let mut fields = Fields::new(body, order);
        let interface = fields.u32()?;
        let ticks = u64::from(fields.u32()?) << 32 | u64::from(fields.u32()?);
        let (captured, original) = (Some(fields.u32()?), fields.u32()?);
        Some(Self {
            interface,
            ticks: Some(ticks),
            captured,
            original,
            lost: 0,
            data_at: 20,
            rest: fields.rest,
        })
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
        })
    }

    pub fn obsolete(body: &'a [u8], order: Order) -> Option<Self> {
        let mut fields = Fields::new(body, order);
        let interface = u32::from(fields.u16()?);
        // All ones: not known.
        let lost = fields.u16().map(|lost| if lost == u16::MAX { 0 } else { lost })?;
        let ticks = u64::from(fields.u32()?) << 32 | u64::from(fields.u32()?);
        let (captured, original) = (Some(fields.u32()?), fields.u32()?);
        Some(Self { interface, ticks: Some(ticks), captured, original, lost, data_at: 20, rest: fields.rest })
    }
}

/// The length of the frame check sequence in the flags of a packet; `None` where they do not tell.
pub(super) const fn fcs_length(flags: u32) -> Option<u8> {
    match (flags >> 5 & 0xf) as u8 {
        0 => None,
        length => Some(length),
    }
}
