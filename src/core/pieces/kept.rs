//! A frame that is passed on unchanged.

use crate::frame::{Frame, LinkType};
use serde::{Deserialize, Serialize};

/// A frame with bytes of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    number: u64,
    time_ns: i64,
    link: LinkType,
    fcs_len: u8,
    orig_len: u32,
    data: Vec<u8>,
}

impl Kept {
    /// A copy of a frame.
    #[must_use]
    pub fn of(frame: &Frame<'_>) -> Self {
        let Frame { number, time_ns, link, fcs_len, orig_len, data } = *frame;
        Self { number, time_ns, link, fcs_len, orig_len, data: data.to_vec() }
    }

    /// The frame.
    #[must_use]
    pub fn frame(&self) -> Frame<'_> {
        let Self { number, time_ns, link, fcs_len, orig_len, ref data } = *self;
        Frame { number, time_ns, link, fcs_len, orig_len, data }
    }

    /// The frame with its number raised by `base`.
    #[must_use]
    pub fn after(self, base: u64) -> Self {
        Self { number: self.number + base, ..self }
    }

    /// Bytes that it takes up.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.data.len()
    }
}
