//! Numbers in the byte order of the file's writer.

/// The byte order of a file or of a section of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    #[inline]
    pub const fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    #[inline]
    pub const fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// Several numbers. The fast path expects a file that a machine like this one wrote.
    #[inline]
    pub fn u32s<const N: usize>(self, numbers: [[u8; 4]; N]) -> [u32; N] {
        match self {
            Self::Little => numbers.map(u32::from_le_bytes),
            Self::Big => from_big_endian(numbers),
        }
    }

    #[inline]
    pub const fn u64(self, bytes: [u8; 8]) -> u64 {
        match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        }
    }
}

impl Order {
    /// The bytes of a number of 16 bits.
    pub const fn bytes_of_u16(self, number: u16) -> [u8; 2] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    /// The bytes of a number of 32 bits.
    pub const fn bytes_of_u32(self, number: u32) -> [u8; 4] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }
}

/// Fields read one after the other; `None` once the bytes do not suffice.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub rest: &'a [u8],
    pub order: Order,
}

impl<'a> Fields<'a> {
    pub const fn new(rest: &'a [u8], order: Order) -> Self {
        Self { rest, order }
    }

    #[inline]
    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*chunk)
    }

    #[inline]
    pub fn u16(&mut self) -> Option<u16> {
        self.chunk().map(|bytes| self.order.u16(bytes))
    }

    #[inline]
    pub fn u32(&mut self) -> Option<u32> {
        self.chunk().map(|bytes| self.order.u32(bytes))
    }

    #[inline]
    pub fn u64(&mut self) -> Option<u64> {
        self.chunk().map(|bytes| self.order.u64(bytes))
    }

    /// The next `length` bytes.
    pub fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }
}

#[cold]
fn from_big_endian<const N: usize>(numbers: [[u8; 4]; N]) -> [u32; N] {
    numbers.map(u32::from_be_bytes)
}
