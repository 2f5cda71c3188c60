//! The values of a column: numbers in the machine's byte order, sets in a fixed one.

use crate::tcp::fact::Facts;
use crate::tcp::state::State;

/// The storage of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// One byte: 0 or 1.
    Bool,
    /// An unsigned number of 8 bits.
    U8,
    /// An unsigned number of 16 bits.
    U16,
    /// An unsigned number of 32 bits.
    U32,
    /// An unsigned number of 64 bits.
    U64,
    /// A signed number of 64 bits.
    I64,
    /// A set of dictionary names, with its size in bytes: name `n` is in the set if bit `n % 8` of byte `n / 8` is
    /// set.
    Set(usize),
    /// A 64-bit count for each name of a dictionary, with the number of counts.
    Counts(usize),
}

impl Storage {
    /// The word that Python knows it by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::I64 => "i64",
            Self::Set(_) => "set",
            Self::Counts(_) => "counts",
        }
    }

    /// Bytes that a value takes up.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Bool | Self::U8 => 1,
            Self::U16 => 2,
            Self::U32 => 4,
            Self::U64 | Self::I64 => 8,
            Self::Set(bytes) => bytes,
            Self::Counts(counts) => counts * 8,
        }
    }
}

/// A value of a column.
pub trait Value {
    /// How the value is stored.
    const STORAGE: Storage;

    /// Writes the value into the room that a column has for it: as many bytes as the value takes up.
    fn put(self, room: &mut [u8]);
}

/// Adds room for `values` values of `WIDTH` bytes to a column. Asking for room value by value would take longer than
/// writing the values.
pub fn make_room<const WIDTH: usize>(column: &mut Vec<u8>, values: usize) -> &mut [[u8; WIDTH]] {
    let begin = column.len();
    column.resize(begin + values * WIDTH, 0);
    column[begin..].as_chunks_mut().0
}

/// Numbers of 64 bits as bytes, in the byte order of the machine.
#[must_use]
pub fn bytes_of(numbers: impl ExactSizeIterator<Item = u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (room, number) in make_room::<8>(&mut bytes, numbers.len()).iter_mut().zip(numbers) {
        *room = number.to_ne_bytes();
    }
    bytes
}

macro_rules! numbers {
    ($($number:ty = $storage:ident,)*) => {
        $(impl Value for $number {
            const STORAGE: Storage = Storage::$storage;

            #[inline]
            fn put(self, room: &mut [u8]) {
                room.copy_from_slice(&self.to_ne_bytes());
            }
        })*
    };
}

numbers! { u8 = U8, u16 = U16, u32 = U32, u64 = U64, i64 = I64, }

impl Value for bool {
    const STORAGE: Storage = Storage::Bool;

    #[inline]
    fn put(self, room: &mut [u8]) {
        u8::from(self).put(room);
    }
}

/// A set of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactSet(pub Facts);

impl Value for FactSet {
    const STORAGE: Storage = Storage::Set(size_of::<Facts>());

    #[inline]
    fn put(self, room: &mut [u8]) {
        let (first, beyond) = self.0.words();
        for (room, word) in room.chunks_exact_mut(8).zip(std::iter::once(first).chain(beyond)) {
            room.copy_from_slice(&word.to_le_bytes());
        }
    }
}

/// A set of states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateSet(u16);

impl StateSet {
    /// The set of these states.
    #[must_use]
    pub fn of(states: &[State]) -> Self {
        Self(states.iter().fold(0, |set, state| set | 1 << *state as u8))
    }
}

impl Value for StateSet {
    const STORAGE: Storage = Storage::Set(2);

    #[inline]
    fn put(self, room: &mut [u8]) {
        room.copy_from_slice(&self.0.to_le_bytes());
    }
}

/// How many connections have an end in each state.
#[derive(Clone, Copy, Debug)]
pub struct StateCounts(pub [u64; State::ALL.len()]);

impl Value for StateCounts {
    const STORAGE: Storage = Storage::Counts(State::ALL.len());

    fn put(self, room: &mut [u8]) {
        room.chunks_exact_mut(8).zip(self.0).for_each(|(room, count)| count.put(room));
    }
}
