//! Numbers that are computed from a frame.

use super::Mistake;
use super::emit::Load;
use super::layout::Layout;
use super::tree::{Arithmetic, Header, Operator};

/// Scratch cells for intermediate results.
const CELLS: u32 = 16;

const LOAD_CONSTANT: u16 = 0x00;
const LOAD_CELL: u16 = 0x60;
const LOAD_LENGTH: u16 = 0x80;
const STORE: u16 = 0x02;
const INTO_X: u16 = 0x07;
const NEGATE: u16 = 0x84;
const ADD_X: u16 = 0x0c;
const HEADER_LENGTH_INTO_X: u16 = 0xb1;
/// The bit of an operation with the index register instead of a constant.
const WITH_X: u16 = 0x08;
/// The length of the IPv6 header: the next header begins behind it.
const IPV6_HEADER: u32 = 40;

/// Loads the left number into the accumulator. The right one is a constant, or is loaded into the index register.
pub(super) fn both(
    left: &Arithmetic,
    right: &Arithmetic,
    layout: &Layout,
) -> Result<(Vec<Load>, Option<u32>), Mistake> {
    let mut code = Code { loads: Vec::new(), layout, used: 0 };
    if let Some(constant) = right.constant() {
        code.load(left)?;
        return Ok((code.loads, Some(constant)));
    }
    code.load_both(left, right)?;
    Ok((code.loads, None))
}

struct Code<'a> {
    loads: Vec<Load>,
    layout: &'a Layout,
    used: u32,
}

impl Code<'_> {
    /// Loads a number into the accumulator.
    fn load(&mut self, number: &Arithmetic) -> Result<(), Mistake> {
        if let Some(constant) = number.constant() {
            self.loads.push((LOAD_CONSTANT, constant));
            return Ok(());
        }
        match number {
            Arithmetic::Number(number) => self.loads.push((LOAD_CONSTANT, *number)),
            Arithmetic::Length => self.loads.push((LOAD_LENGTH, 0)),
            Arithmetic::Negative(inner) => {
                self.load(inner)?;
                self.loads.push((NEGATE, 0));
            }
            Arithmetic::Binary(left, operator, right) => match right.constant() {
                Some(constant) => {
                    self.load(left)?;
                    self.loads.push((*operator as u16, constant));
                }
                None => {
                    self.load_both(left, right)?;
                    self.loads.push((*operator as u16 | WITH_X, 0));
                }
            },
            Arithmetic::Field { header, offset, size, .. } => self.load_field(*header, offset, *size)?,
        }
        Ok(())
    }

    /// Loads one number into the accumulator, another into the index register.
    fn load_both(&mut self, left: &Arithmetic, right: &Arithmetic) -> Result<(), Mistake> {
        self.load(left)?;
        let cell = self.store()?;
        self.load(right)?;
        self.loads.extend([(INTO_X, 0), (LOAD_CELL, cell)]);
        self.used -= 1;
        Ok(())
    }

    fn store(&mut self) -> Result<u32, Mistake> {
        if self.used == CELLS {
            return Err(Mistake::at(0, 0, "the arithmetic is nested too deeply"));
        }
        self.loads.push((STORE, self.used));
        self.used += 1;
        Ok(self.used - 1)
    }

    fn load_field(&mut self, header: Header, offset: &Arithmetic, size: u8) -> Result<(), Mistake> {
        let size = match size {
            1 => 0x10,
            2 => 0x08,
            _ => 0x00,
        };
        let (at_once, behind_x) = (0x20 | size, 0x40 | size);
        let network = self.layout.network;
        let (base, is_behind_header) = match header {
            Header::Link => (0, false),
            Header::Network(_) => (network, false),
            Header::Icmp6 => (network + IPV6_HEADER, false),
            Header::Transport(_) => (network, true),
        };
        match (offset.constant(), is_behind_header) {
            (Some(offset), false) => self.loads.push((at_once, base.wrapping_add(offset))),
            (Some(offset), true) => {
                self.loads.extend([(HEADER_LENGTH_INTO_X, network), (behind_x, base.wrapping_add(offset))]);
            }
            (None, false) => {
                self.load(offset)?;
                self.loads.extend([(INTO_X, 0), (behind_x, base)]);
            }
            (None, true) => {
                self.load(offset)?;
                self.loads.extend([
                    (HEADER_LENGTH_INTO_X, network),
                    (ADD_X, 0),
                    (INTO_X, 0),
                    (behind_x, base),
                ]);
            }
        }
        Ok(())
    }
}

impl Arithmetic {
    /// Its value, if that is the same for all frames.
    pub fn constant(&self) -> Option<u32> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Negative(inner) => Some(inner.constant()?.wrapping_neg()),
            Self::Binary(left, operator, right) => operator.apply(left.constant()?, right.constant()?),
            Self::Length | Self::Field { .. } => None,
        }
    }

    /// The headers that must be present. For an operation, libpcap checks only those of the left number, and
    /// expressions in use rely on that.
    pub fn headers(&self) -> Vec<Header> {
        match self {
            Self::Number(_) | Self::Length => Vec::new(),
            Self::Negative(inner) => inner.headers(),
            Self::Binary(left, ..) => left.headers(),
            Self::Field { header, offset, .. } => [vec![*header], offset.headers()].concat(),
        }
    }
}

impl Operator {
    fn apply(self, left: u32, right: u32) -> Option<u32> {
        Some(match self {
            Self::Add => left.wrapping_add(right),
            Self::Subtract => left.wrapping_sub(right),
            Self::Multiply => left.wrapping_mul(right),
            Self::Divide => left.checked_div(right)?,
            Self::Remainder => left.checked_rem(right)?,
            Self::Or => left | right,
            Self::And => left & right,
            Self::ExclusiveOr => left ^ right,
            Self::ShiftLeft => left.checked_shl(right).unwrap_or(0),
            Self::ShiftRight => left.checked_shr(right).unwrap_or(0),
        })
    }
}
