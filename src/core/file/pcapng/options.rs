//! The options at the end of a block: code, length, value, padding; with or without an end mark.

use super::super::bytes::{Fields, Order};
use super::super::defects::Oddity;
use super::super::tally::Tally;
use super::codes::END;

/// Iterates over options, until the end or an invalid one.
pub(super) struct Options<'a> {
    fields: Fields<'a>,
    cut: bool,
}

impl<'a> Options<'a> {
    pub const fn new(bytes: &'a [u8], order: Order) -> Self {
        Self { fields: Fields::new(bytes, order), cut: false }
    }

    /// Counts a defect if the last option was cut.
    pub const fn report(&self, tally: &mut Tally, offset: u64) {
        if self.cut {
            tally.defects.count(Oddity::OptionCut, offset);
        }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (Some(code), Some(length)) = (self.fields.u16(), self.fields.u16()) else {
            self.cut |= !self.fields.rest.is_empty();
            self.fields.rest = &[];
            return None;
        };
        if code == END {
            self.fields.rest = &[];
            return None;
        }
        let Some(value) = self.fields.bytes(usize::from(length)) else {
            self.cut = true;
            self.fields.rest = &[];
            return None;
        };
        // The last value may lack its padding.
        let padding = value.len().next_multiple_of(4) - value.len();
        self.fields.rest = self.fields.rest.get(padding..).unwrap_or(&[]);
        Some((code, value))
    }
}

/// A value that must be a number of 32 bits.
pub(super) fn u32(value: &[u8], order: Order) -> Option<u32> {
    value.try_into().ok().map(|bytes| order.u32(bytes))
}

/// A value that must be a number of 64 bits.
pub(super) fn u64(value: &[u8], order: Order) -> Option<u64> {
    value.try_into().ok().map(|bytes| order.u64(bytes))
}
