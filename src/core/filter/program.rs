//! A filter as a program: operations in postfix order, each with one result per connection.

use super::sources::{Source, find};
use crate::columns::field::Dictionary;
use crate::columns::values::Storage;
use std::net::IpAddr;

/// A range of numbers, both ends included.
pub type Span = (i64, i64);
/// An operation as passed in from Python: name, columns, numbers, texts.
pub type Row = (String, Vec<String>, Vec<Span>, Vec<String>);

/// An operation. Columns are numbered as in [`Program::sources`].
#[derive(Debug)]
pub(super) enum Op {
    /// The conjunction of the last n results.
    And(usize),
    /// The disjunction of the last n results.
    Or(usize),
    /// The negation of the last result.
    Not,
    /// Whether a byte passed in from Python is not 0.
    Given(usize),
    /// Whether the value is in one of these ranges. A null is in none.
    Within(usize, Vec<Span>),
    /// Whether the time from one column to another, or to now, is in one of these ranges.
    Lapse(usize, Option<usize>, Vec<Span>),
    /// Whether a set has a member in one of these ranges.
    Has(usize, Vec<Span>),
    /// Whether the address is in one of these ranges, both ends included.
    Address(usize, Vec<(IpAddr, IpAddr)>),
    /// Whether the column's list of tunnels has one of these names, with or without a network's number behind it.
    Named(usize, Vec<String>),
    /// Whether the client or the server, as chosen, made one of these changes of state.
    Stepped([bool; 2], Vec<Span>),
}

/// A program.
#[derive(Debug)]
pub struct Program {
    pub(super) ops: Vec<Op>,
    pub(super) sources: Vec<Source>,
    /// The number of byte lists that the caller must pass in.
    pub given: usize,
}

impl Program {
    /// Checks a program.
    ///
    /// # Errors
    ///
    /// An operation or a column is unknown, they do not match, or the program does not leave exactly one result.
    pub fn new(rows: &[Row]) -> Result<Self, String> {
        let mut program = Self { ops: Vec::new(), sources: Vec::new(), given: 0 };
        let mut answers = 0_usize;
        for row in rows {
            let op = program.op(row).ok_or_else(|| format!("no operation of a filter: {row:?}"))?;
            let taken = match op {
                Op::And(count) | Op::Or(count) => count,
                Op::Not => 1,
                _ => 0,
            };
            answers = answers.checked_sub(taken).ok_or("an operation of a filter lacks an answer")? + 1;
            program.ops.push(op);
        }
        if answers == 1 { Ok(program) } else { Err(format!("a filter leaves {answers} answers")) }
    }

    fn op(&mut self, (name, columns, spans, texts): &Row) -> Option<Op> {
        let spans = || spans.clone();
        let first = || usize::try_from(spans().first()?.0).ok();
        Some(match name.as_str() {
            "and" => Op::And(first()?),
            "or" => Op::Or(first()?),
            "not" => Op::Not,
            "given" => {
                self.given = self.given.max(first()? + 1);
                Op::Given(first()?)
            }
            "within" => Op::Within(self.number(columns.first()?)?, spans()),
            "lapse" => {
                let to = columns.get(1).map(|name| self.number(name));
                Op::Lapse(self.number(columns.first()?)?, to.map_or(Some(None), |to| to.map(Some))?, spans())
            }
            "has" => {
                let is_set = |source: &Source| matches!(source.is().storage, Storage::Set(_));
                Op::Has(self.column(columns.first()?, is_set)?, spans())
            }
            "address" => {
                let is_address = |source: &Source| source.is().dictionary == Some(Dictionary::Addresses);
                let ends: Option<Vec<IpAddr>> = texts.iter().map(|text| text.parse().ok()).collect();
                let nets = ends?.chunks_exact(2).map(|ends| (ends[0], ends[1])).collect();
                Op::Address(self.column(columns.first()?, is_address)?, nets)
            }
            "named" => {
                let is_tunnel = |source: &Source| source.is().dictionary == Some(Dictionary::Tunnels);
                let names = texts.iter().map(|name| name.to_lowercase()).collect();
                Op::Named(self.column(columns.first()?, is_tunnel)?, names)
            }
            "stepped" => {
                Op::Stepped(["client", "server"].map(|role| columns.iter().any(|name| name == role)), spans())
            }
            _ => return None,
        })
    }

    /// The index of a column of numbers, by its name.
    fn number(&mut self, name: &str) -> Option<usize> {
        self.column(name, |source| !matches!(source.is().storage, Storage::Set(_) | Storage::Counts(_)))
    }

    fn column(&mut self, name: &str, fits: impl Fn(&Source) -> bool) -> Option<usize> {
        let source = find(name).filter(fits)?;
        let known = self.sources.iter().position(|known| known.name == source.name);
        Some(known.unwrap_or_else(|| {
            self.sources.push(source);
            self.sources.len() - 1
        }))
    }
}
