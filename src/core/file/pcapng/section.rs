//! The header of a section: its byte order and version. Interfaces are counted anew from it on.

use super::super::bytes::{Fields, Order};
use super::super::comments::Place;
use super::super::defects::Oddity;
use super::super::error::Reason;
use super::super::step::{Record, Trouble};
use super::super::tally::Tally;
use super::Pcapng;
use super::codes::{BYTE_ORDER, COMMENT};
use super::options::Options;

/// The byte order of a section, by the first twelve bytes of its header.
pub(in super::super) fn byte_order(block: &[u8]) -> Option<Order> {
    let magic = *block.get(8..)?.first_chunk::<4>()?;
    [Order::Little, Order::Big].into_iter().find(|order| order.u32(magic) == BYTE_ORDER)
}

pub(super) fn no_byte_order(offset: u64) -> Trouble {
    Trouble::damaged(offset, "a section header has no byte-order mark")
}

impl Pcapng {
    pub(super) fn section(
        &mut self,
        body: &[u8],
        offset: u64,
        tally: &mut Tally,
    ) -> Result<Option<Record>, Trouble> {
        let mut fields = Fields::new(body, self.order);
        let Some((major, minor, _length)) = read(&mut fields) else {
            return Err(Trouble::damaged(offset, "a section header is too short"));
        };
        if major != 1 {
            return Err(Trouble::new(
                offset,
                Reason::Unsupported(format!("pcapng version {major}.{minor} is not read")),
            ));
        }
        // Some writers gave 1.2 for the same format.
        if !matches!(minor, 0 | 2) {
            tally.defects.count(Oddity::UnknownMinorVersion, offset);
        }
        self.interfaces.begin_section();
        let mut options = Options::new(fields.rest, self.order);
        for (code, value) in options.by_ref() {
            if code == COMMENT {
                self.comments.add(Place::Section, value, &self.limits);
            }
        }
        options.report(tally, offset);
        Ok(None)
    }
}

fn read(fields: &mut Fields<'_>) -> Option<(u16, u16, u64)> {
    let _byte_order = fields.u32()?;
    Some((fields.u16()?, fields.u16()?, fields.u64()?))
}
