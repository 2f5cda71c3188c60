//! The tables and their columns.

use super::field::{Description, Field};
use super::{connections, ends, facts, instant, listeners, transitions};

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// One row for each connection, in the order of ids.
    Connections,
    /// One row for each connection, as it was at an instant.
    Instant,
    /// One row for each change of state. The rows of a connection are together.
    Transitions,
    /// One row for each fact of a connection. The rows of a connection are together.
    Facts,
    /// One row for each listening socket. The socket with the most connections is first.
    Listeners,
}

/// The prefixes of the two ends' columns.
pub(super) const ENDS: [&str; 2] = ["client_", "server_"];

impl Table {
    /// Every table.
    pub const ALL: [Self; 5] =
        [Self::Connections, Self::Instant, Self::Transitions, Self::Facts, Self::Listeners];

    /// The name that Python knows it by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Instant => "instant",
            Self::Transitions => "transitions",
            Self::Facts => "facts",
            Self::Listeners => "listeners",
        }
    }

    /// The thing that a row of it stands for.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Connections => "A connection a row, in the order of ids.",
            Self::Instant => {
                "A connection a row, in the order of ids, with the states of its ends at an instant: the one that is asked \
                 for, or that of the last frame."
            }
            Self::Transitions => {
                "A change of state of one end a row: those of a connection together, in the order in which they were \
                 inferred, retracted ones included."
            }
            Self::Facts => "A fact and its first sight a row: those of a connection together.",
            Self::Listeners => {
                "A socket that connections were opened to, or meant to be, a row: the one with the most connections first."
            }
        }
    }

    /// The table with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Its columns, each with the name that it goes by in this table.
    #[must_use]
    pub fn columns(self) -> Vec<(String, Description)> {
        match self {
            Self::Connections => {
                let of_ends = ENDS.map(|end| named(end, ends::FIELDS));
                [named("", connections::FIELDS), of_ends.concat()].concat()
            }
            Self::Instant => named("", instant::FIELDS),
            Self::Transitions => named("", transitions::FIELDS),
            Self::Facts => named("", facts::FIELDS),
            Self::Listeners => named("", listeners::FIELDS),
        }
    }
}

fn named<Fill>(before: &str, fields: &[Field<Fill>]) -> Vec<(String, Description)> {
    fields.iter().map(|field| (format!("{before}{}", field.is.name), field.is)).collect()
}
