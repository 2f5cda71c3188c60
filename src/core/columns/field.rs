//! The description of a column, and the macro that declares it where the column is filled.

use super::values::Storage;

/// The unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds since the Unix epoch.
    Time,
    /// Nanoseconds.
    Ns,
    /// Bytes.
    Bytes,
    /// The number of a frame, from 1, as in Wireshark.
    Frame,
    /// The id of a connection.
    Id,
}

impl Unit {
    /// The word that Python knows it by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "ns since the Unix epoch",
            Self::Ns => "ns",
            Self::Bytes => "bytes",
            Self::Frame => "frame",
            Self::Id => "connection",
        }
    }
}

/// The list of names behind a number, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dictionary {
    /// States of an end.
    States,
    /// The evidence of a transition.
    Evidence,
    /// The cue of a transition: what a segment, or a silence, means for an end.
    Cues,
    /// Facts.
    Facts,
    /// The two roles: client and server.
    Sides,
    /// How the client was identified.
    DirectionReasons,
    /// The addresses of the connections. This dictionary is passed along with the columns.
    Addresses,
    /// The tunnels of the connections. This dictionary is passed along with the columns.
    Tunnels,
}

impl Dictionary {
    /// The word that Python knows it by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::States => "states",
            Self::Evidence => "evidence",
            Self::Cues => "cues",
            Self::Facts => "facts",
            Self::Sides => "sides",
            Self::DirectionReasons => "direction_reasons",
            Self::Addresses => "addresses",
            Self::Tunnels => "tunnels",
        }
    }
}

/// A column: name, storage, meaning.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// Its name.
    pub name: &'static str,
    /// How its values are kept.
    pub storage: Storage,
    /// Their unit.
    pub unit: Option<Unit>,
    /// The value that stands for none.
    pub null: Option<i64>,
    /// The names that they stand for.
    pub dictionary: Option<Dictionary>,
    /// Their meaning, in words.
    pub meaning: &'static str,
}

/// A column and the function that fills it from a block of records.
#[derive(Clone, Copy, Debug)]
pub struct Field<Fill> {
    /// The description.
    pub is: Description,
    /// Adds a value for each record.
    pub fill: Fill,
}

/// The only element of a list, if there is one. The macro uses it for optional parts of a description.
pub(super) const fn only<T: Copy>(list: &[T]) -> Option<T> {
    match list {
        [only, ..] => Some(*only),
        [] => None,
    }
}

/// Declares columns, one a line: name, type, unit (`in`), dictionary (`of`), the value that stands for none (`or`:
/// the expression is then an `Option`), the expression for a record's value, and the meaning.
macro_rules! fields {
    (
        $(#[$doc:meta])* $list:ident of $record:ty: |$one:ident, $books:ident|
        $($name:ident: $type:ident $(in $unit:ident)? $(of $dictionary:ident)? $(or $null:literal)?
            => $value:expr, $meaning:literal;)*
    ) => {
        $(#[$doc])*
        pub const $list: &[$crate::columns::field::Field<
            fn(&[$record], &mut $crate::columns::books::Books, &mut Vec<u8>),
        >] = &[$($crate::columns::field::Field {
            is: $crate::columns::field::Description {
                name: stringify!($name),
                storage: <$type as $crate::columns::values::Value>::STORAGE,
                unit: $crate::columns::field::only(&[$($crate::columns::field::Unit::$unit)?]),
                null: $crate::columns::field::only(&[$($null)?]),
                dictionary: $crate::columns::field::only(&[
                    $($crate::columns::field::Dictionary::$dictionary)?
                ]),
                meaning: $meaning,
            },
            fill: |records, $books, column| {
                const WIDTH: usize = <$type as $crate::columns::values::Value>::STORAGE.width();
                // Few columns use the dictionaries.
                let _ = &$books;
                let rooms = $crate::columns::values::make_room::<WIDTH>(column, records.len());
                for ($one, room) in records.iter().zip(rooms) {
                    let value = $value;
                    $(let value = value.unwrap_or($null);)?
                    let value: $type = value;
                    $crate::columns::values::Value::put(value, room);
                }
            },
        },)*];
    };
}
pub(super) use fields;
