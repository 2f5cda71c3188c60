//! The columns that a program reads, and their values for a block of connections.

use crate::columns::books::Books;
use crate::columns::field::{Description, Field};
use crate::columns::remembered::Then;
use crate::columns::row::{End, Row};
use crate::columns::values::Storage;
use crate::columns::{connections, ends, instant};

type OfRow = Field<fn(&[Row<'_>], &mut Books<'_>, &mut Vec<u8>)>;
type OfEnd = Field<fn(&[End<'_>], &mut Books<'_>, &mut Vec<u8>)>;
type OfThen = Field<fn(&[Then], &mut Books<'_>, &mut Vec<u8>)>;

/// A column.
#[derive(Debug)]
pub(super) struct Source {
    /// Its name, with the prefix `instant.` if it is a column of that table.
    pub(super) name: String,
    of: Of,
}

#[derive(Clone, Copy, Debug)]
enum Of {
    Whole(&'static OfRow),
    /// A column of the client (0) or the server (1).
    End(usize, &'static OfEnd),
    Then(&'static OfThen),
}

impl Source {
    /// The description of the column.
    pub(super) const fn is(&self) -> Description {
        match self.of {
            Of::Whole(field) => field.is,
            Of::End(_, field) => field.is,
            Of::Then(field) => field.is,
        }
    }
}

/// The column with this name in Python.
pub(super) fn find(name: &str) -> Option<Source> {
    let of = if let Some(bare) = name.strip_prefix("instant.") {
        Of::Then(instant::FIELDS.iter().find(|field| field.is.name == bare)?)
    } else if let Some(field) = connections::FIELDS.iter().find(|field| field.is.name == name) {
        Of::Whole(field)
    } else {
        let (end, bare) = match name.strip_prefix("client_") {
            Some(bare) => (0, bare),
            None => (1, name.strip_prefix("server_")?),
        };
        Of::End(end, ends::FIELDS.iter().find(|field| field.is.name == bare)?)
    };
    Some(Source { name: name.to_owned(), of })
}

/// The values of the columns, for a block of connections.
pub(super) struct Block<'a, 'p> {
    sources: &'p [Source],
    values: Vec<Vec<u8>>,
    /// The dictionaries of addresses and tunnels, which grow from block to block.
    pub(super) books: Books<'a>,
    needs: Needs,
}

#[derive(Clone, Copy)]
struct Needs {
    ends: bool,
    thens: bool,
}

impl<'a, 'p> Block<'a, 'p> {
    pub(super) fn new(sources: &'p [Source], books: Books<'a>) -> Self {
        let needs = Needs {
            ends: sources.iter().any(|source| matches!(source.of, Of::End(..))),
            thens: sources.iter().any(|source| matches!(source.of, Of::Then(_))),
        };
        Self { sources, values: vec![Vec::new(); sources.len()], books, needs }
    }

    /// Reads the columns of the next connections. Columns of the table `instant` show the states at `now_ns`.
    pub(super) fn fill(&mut self, rows: &[Row<'_>], now_ns: i64) {
        let (mut both, mut thens) = ([Vec::new(), Vec::new()], Vec::new());
        if self.needs.ends {
            for row in rows {
                let [client, server] = End::both(row);
                both[0].push(client);
                both[1].push(server);
            }
        }
        if self.needs.thens {
            thens.extend(rows.iter().map(|row| row.at(now_ns)));
        }
        for (source, values) in self.sources.iter().zip(&mut self.values) {
            values.clear();
            match source.of {
                Of::Whole(field) => (field.fill)(rows, &mut self.books, values),
                Of::End(end, field) => (field.fill)(&both[end], &mut self.books, values),
                Of::Then(field) => (field.fill)(&thens, &mut self.books, values),
            }
        }
    }

    /// The numbers of a column; `None` where there is no value.
    pub(super) fn numbers(&self, column: usize) -> impl Iterator<Item = Option<i64>> + '_ {
        let is = self.sources[column].is();
        let width = is.storage.width();
        self.values[column].chunks_exact(width).map(move |value| {
            let number = number(is.storage, value);
            (is.null != Some(number)).then_some(number)
        })
    }

    /// The sets of a column, each in bytes.
    pub(super) fn sets(&self, column: usize) -> impl Iterator<Item = &[u8]> {
        self.values[column].chunks_exact(self.sources[column].is().storage.width())
    }
}

/// A number as stored; values beyond 63 bits are clamped.
fn number(storage: Storage, value: &[u8]) -> i64 {
    match *value {
        [a] => i64::from(a),
        [a, b] => i64::from(u16::from_ne_bytes([a, b])),
        [a, b, c, d] => i64::from(u32::from_ne_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => {
            let octets = [a, b, c, d, e, f, g, h];
            match storage {
                Storage::I64 => i64::from_ne_bytes(octets),
                _ => i64::try_from(u64::from_ne_bytes(octets)).unwrap_or(i64::MAX),
            }
        }
        _ => 0,
    }
}
