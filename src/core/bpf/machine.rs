//! The machine that checks and runs programs. It is specified by McCanne and Jacobson, "The BSD Packet Filter" (1993),
//! its codes by `bpf(4)`.

use std::fmt;

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The operation.
    pub code: u16,
    /// Instructions to skip if the condition holds.
    pub jt: u8,
    /// Instructions to skip if it does not.
    pub jf: u8,
    /// An operand.
    pub k: u32,
}

/// The reason why a program is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The instruction, counted from 0.
    pub at: usize,
    /// The problem with it.
    pub why: &'static str,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "filter program refused: instruction {} {}", self.at, self.why)
    }
}

/// A checked program: it ends on every frame.
#[derive(Clone, Debug)]
pub struct Program(Vec<Instruction>);

/// The maximum number of instructions, as in the kernel.
pub(super) const LONGEST: usize = 4096;
const CELLS: usize = 16;

/// The operand bits of a code.
const X: u16 = 0x08;
const SIZE: u16 = 0x18;
const HALF: u16 = 0x08;
const BYTE: u16 = 0x10;

impl Program {
    /// Checks a program: known codes, jumps that stay inside, a return at the end.
    ///
    /// # Errors
    ///
    /// If the program fails the check.
    pub fn new(instructions: Vec<Instruction>) -> Result<Self, Invalid> {
        if instructions.is_empty() || instructions.len() > LONGEST {
            return Err(Invalid { at: instructions.len(), why: "is one too few or too many" });
        }
        let last = instructions.len() - 1;
        for (at, instruction) in instructions.iter().enumerate() {
            check(instruction, last - at).map_err(|why| Invalid { at, why })?;
        }
        if instructions[last].code & 7 != 6 {
            return Err(Invalid { at: last, why: "does not return" });
        }
        Ok(Self(instructions))
    }

    /// The number of bytes of a frame to keep; 0 if it does not pass. `length` is its length on the wire.
    #[must_use]
    pub fn run(&self, data: &[u8], length: u32) -> u32 {
        let (mut a, mut x) = (0_u32, 0_u32);
        let mut cells = [0_u32; CELLS];
        let mut at = 0;
        while let Some(&Instruction { code, jt, jf, k }) = self.0.get(at) {
            at += 1;
            let operand = if code & X == 0 { k } else { x };
            match code {
                0x00 => a = k,
                0x01 => x = k,
                0x60 => a = cells[k as usize % CELLS],
                0x61 => x = cells[k as usize % CELLS],
                0x80 => a = length,
                0x81 => x = length,
                0x20 | 0x28 | 0x30 => match load(data, k, code & SIZE) {
                    Some(value) => a = value,
                    None => return 0,
                },
                0x40 | 0x48 | 0x50 => match x.checked_add(k).and_then(|at| load(data, at, code & SIZE)) {
                    Some(value) => a = value,
                    None => return 0,
                },
                // Four times the lower half of a byte, into the index register: the length of an IPv4 header.
                0xb1 => match load(data, k, BYTE) {
                    Some(value) => x = (value & 0xf) * 4,
                    None => return 0,
                },
                0x02 => cells[k as usize % CELLS] = a,
                0x03 => cells[k as usize % CELLS] = x,
                0x04 | 0x0c => a = a.wrapping_add(operand),
                0x14 | 0x1c => a = a.wrapping_sub(operand),
                0x24 | 0x2c => a = a.wrapping_mul(operand),
                0x34 | 0x3c => match a.checked_div(operand) {
                    Some(value) => a = value,
                    None => return 0,
                },
                0x44 | 0x4c => a |= operand,
                0x54 | 0x5c => a &= operand,
                0x64 | 0x6c => a = a.checked_shl(operand).unwrap_or(0),
                0x74 | 0x7c => a = a.checked_shr(operand).unwrap_or(0),
                0x84 => a = a.wrapping_neg(),
                0x94 | 0x9c => match a.checked_rem(operand) {
                    Some(value) => a = value,
                    None => return 0,
                },
                0xa4 | 0xac => a ^= operand,
                0x05 => at += k as usize,
                0x15 | 0x1d => at += usize::from(if a == operand { jt } else { jf }),
                0x25 | 0x2d => at += usize::from(if a > operand { jt } else { jf }),
                0x35 | 0x3d => at += usize::from(if a >= operand { jt } else { jf }),
                0x45 | 0x4d => at += usize::from(if a & operand == 0 { jf } else { jt }),
                0x06 => return k,
                0x16 => return a,
                0x07 => x = a,
                0x87 => a = x,
                _ => return 0,
            }
        }
        0
    }
}

fn check(instruction: &Instruction, behind: usize) -> Result<(), &'static str> {
    let Instruction { code, jt, jf, k } = *instruction;
    match code {
        0x00 | 0x01 | 0x80 | 0x81 | 0x20 | 0x28 | 0x30 | 0x40 | 0x48 | 0x50 | 0xb1 => Ok(()),
        0x60 | 0x61 | 0x02 | 0x03 if k as usize >= CELLS => Err("names a cell that there is not"),
        0x60 | 0x61 | 0x02 | 0x03 => Ok(()),
        0x34 | 0x94 if k == 0 => Err("divides by zero"),
        0x04 | 0x0c | 0x14 | 0x1c | 0x24 | 0x2c | 0x34 | 0x3c | 0x44 | 0x4c | 0x54 | 0x5c => Ok(()),
        0x64 | 0x6c | 0x74 | 0x7c | 0x84 | 0x94 | 0x9c | 0xa4 | 0xac | 0x06 | 0x16 | 0x07 | 0x87 => Ok(()),
        0x05 if k as usize >= behind => Err("jumps out of the program"),
        0x05 => Ok(()),
        0x15 | 0x1d | 0x25 | 0x2d | 0x35 | 0x3d | 0x45 | 0x4d if usize::from(jt.max(jf)) >= behind => {
            Err("jumps out of the program")
        }
        0x15 | 0x1d | 0x25 | 0x2d | 0x35 | 0x3d | 0x45 | 0x4d => Ok(()),
        _ => Err("has an unknown code"),
    }
}

fn load(data: &[u8], at: u32, size: u16) -> Option<u32> {
    let rest = data.get(at as usize..)?;
    match size {
        BYTE => rest.first().map(|octet| u32::from(*octet)),
        HALF => rest.first_chunk().map(|octets| u32::from(u16::from_be_bytes(*octets))),
        _ => rest.first_chunk().map(|octets| u32::from_be_bytes(*octets)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(instructions: &[(u16, u8, u8, u32)]) -> Result<Program, Invalid> {
        let each = instructions.iter().map(|&(code, jt, jf, k)| Instruction { code, jt, jf, k });
        Program::new(each.collect())
    }

    fn computed(instructions: &[(u16, u8, u8, u32)], data: &[u8]) -> u32 {
        let mut whole = instructions.to_vec();
        whole.push((0x16, 0, 0, 0));
        program(&whole).unwrap().run(data, 1000)
    }

    /// The code that libpcap makes of `tcp port 80`, here for IPv4 only.
    fn tcp_port_80() -> Program {
        program(&[
            (0x28, 0, 0, 12),
            (0x15, 0, 10, 0x0800),
            (0x30, 0, 0, 23),
            (0x15, 0, 8, 6),
            (0x28, 0, 0, 20),
            (0x45, 6, 0, 0x1fff),
            (0xb1, 0, 0, 14),
            (0x48, 0, 0, 14),
            (0x15, 2, 0, 80),
            (0x48, 0, 0, 16),
            (0x15, 0, 1, 80),
            (0x06, 0, 0, 262_144),
            (0x06, 0, 0, 0),
        ])
        .unwrap()
    }

    #[test]
    fn an_expression_tells_frames_apart() {
        let mut frame = vec![0; 54];
        frame[12..14].copy_from_slice(&[8, 0]);
        frame[14] = 0x45;
        frame[23] = 6;
        assert_eq!(tcp_port_80().run(&frame, 54), 0);
        frame[37] = 80;
        assert_eq!(tcp_port_80().run(&frame, 54), 262_144);
        frame[21] = 1;
        assert_eq!(tcp_port_80().run(&frame, 54), 0, "a later fragment has no ports");
        frame[21] = 0;
        assert_eq!(tcp_port_80().run(&frame[..30], 54), 0, "what was not captured does not match");
    }

    #[test]
    fn arithmetic_is_that_of_32_bits() {
        let with = |code, k| computed(&[(0x00, 0, 0, 12), (code, 0, 0, k)], &[]);
        assert_eq!((with(0x04, u32::MAX), with(0x14, 13), with(0x24, 1 << 31)), (11, u32::MAX, 0));
        assert_eq!((with(0x34, 5), with(0x94, 5), with(0x84, 0)), (2, 2, 12_u32.wrapping_neg()));
        assert_eq!((with(0x44, 3), with(0x54, 8), with(0xa4, 15)), (15, 8, 3));
        assert_eq!((with(0x64, 2), with(0x74, 2), with(0x64, 32), with(0x74, 99)), (48, 3, 0, 0));
        let by_x = |code| computed(&[(0x01, 0, 0, 0), (0x00, 0, 0, 12), (code, 0, 0, 0)], &[]);
        assert_eq!((by_x(0x3c), by_x(0x9c)), (0, 0), "division by zero rejects the frame");
    }

    #[test]
    fn loads_reach_no_further_than_the_frame() {
        let data = [1, 2, 3, 4, 5];
        let at = |code, k| computed(&[(code, 0, 0, k)], &data);
        assert_eq!((at(0x20, 1), at(0x28, 1), at(0x30, 4)), (0x0203_0405, 0x0203, 5));
        assert_eq!((at(0x20, 2), at(0x28, 4), at(0x30, u32::MAX)), (0, 0, 0));
        assert_eq!(computed(&[(0x01, 0, 0, 3), (0x48, 0, 0, 0)], &data), 0x0405);
        assert_eq!(computed(&[(0x01, 0, 0, u32::MAX), (0x48, 0, 0, 5)], &data), 0);
        assert_eq!(at(0x80, 0), 1000);
    }

    #[test]
    fn cells_and_registers_keep_values() {
        let code = [(0x00, 0, 0, 7), (0x02, 0, 0, 3), (0x00, 0, 0, 1), (0x07, 0, 0, 0), (0x60, 0, 0, 3)];
        assert_eq!(computed(&code, &[]), 7);
        assert_eq!(computed(&[(0x00, 0, 0, 7), (0x07, 0, 0, 0), (0x00, 0, 0, 1), (0x87, 0, 0, 0)], &[]), 7);
    }

    #[test]
    fn programs_that_could_go_wrong_are_refused() {
        for wrong in [
            &[][..],
            &[(0x00, 0, 0, 1)],
            &[(0x05, 0, 0, 1), (0x06, 0, 0, 0)],
            &[(0x05, 0, 0, u32::MAX), (0x06, 0, 0, 0)],
            &[(0x15, 0, 1, 1), (0x06, 0, 0, 0)],
            &[(0x15, 255, 0, 1), (0x06, 0, 0, 0)],
            &[(0x60, 0, 0, 16), (0x06, 0, 0, 0)],
            &[(0x34, 0, 0, 0), (0x06, 0, 0, 0)],
            &[(0xff, 0, 0, 0), (0x06, 0, 0, 0)],
        ] {
            assert!(program(wrong).is_err(), "{wrong:?}");
        }
    }
}
