//! Runs a program over connections, a block at a time.

use super::program::{Op, Program, Span};
use super::sources::Block;
use crate::address::Scope;
use crate::columns::books::{Book, Shelf};
use crate::columns::remembered::{Remembered, Step};
use crate::columns::row::Row;
use crate::columns::take::in_blocks;
use crate::flows::slab::Place;
use crate::flows::table::Flows;
use std::net::IpAddr;

/// The connections that a program is run over.
pub struct Over<'a> {
    /// The flow table.
    pub flows: &'a Flows,
    /// The connections.
    pub places: &'a [Place],
    /// The byte lists that the program needs, one byte for each of `places`.
    pub given: &'a [&'a [u8]],
    /// Now, in Unix ns: the last frame, or the requested instant.
    pub now_ns: i64,
    /// Names the tunnels of a scope.
    pub describe: &'a (dyn Fn(Scope) -> Option<String> + Sync),
}

/// Runs a program: a byte for each connection, 1 where it is chosen and 0 where not.
#[must_use]
pub fn run(program: &Program, over: &Over<'_>) -> Vec<u8> {
    let mut chosen = Vec::with_capacity(over.places.len());
    let mut runner = Runner {
        program,
        over,
        block: Block::new(&program.sources, Shelf::default().open(over.describe)),
        words: vec![Vec::new(); program.ops.len()],
    };
    in_blocks(over.flows, over.places, |slots| {
        let rows: Vec<_> = slots.iter().map(|slot| Row::of(over.flows, slot)).collect();
        let answer = runner.answer(&rows, chosen.len());
        chosen.extend((0..rows.len()).map(|row| u8::from(answer >> row & 1 == 1)));
    });
    chosen
}

struct Runner<'a, 'p> {
    program: &'p Program,
    over: &'p Over<'a>,
    block: Block<'a, 'p>,
    /// For each operation on a dictionary: which of its texts match, as far as they were tested.
    words: Vec<Vec<bool>>,
}

impl Runner<'_, '_> {
    /// The program's answers for the connections of a block, one bit each. `first` connections went before the block.
    fn answer(&mut self, rows: &[Row<'_>], first: usize) -> u64 {
        self.block.fill(rows, self.over.now_ns);
        let mut answers: Vec<u64> = Vec::new();
        for (index, op) in self.program.ops.iter().enumerate() {
            let answer = match op {
                Op::And(count) => {
                    let start = answers.len() - count;
                    answers.drain(start..).fold(u64::MAX, |all, one| all & one)
                }
                Op::Or(count) => {
                    let start = answers.len() - count;
                    answers.drain(start..).fold(0, |all, one| all | one)
                }
                Op::Not => !answers.pop().unwrap_or_default(),
                leaf => self.leaf(index, leaf, rows, first),
            };
            answers.push(answer);
        }
        answers.pop().unwrap_or_default()
    }

    fn leaf(&mut self, index: usize, op: &Op, rows: &[Row<'_>], first: usize) -> u64 {
        let block = &self.block;
        match op {
            Op::Given(list) => {
                bits(self.over.given[*list][first..].iter().take(rows.len()).map(|byte| *byte != 0))
            }
            Op::Within(column, spans) => bits(block.numbers(*column).map(|number| is_in(number, spans))),
            Op::Lapse(from, to, spans) => {
                let until: Vec<_> = match to {
                    Some(to) => block.numbers(*to).collect(),
                    None => vec![Some(self.over.now_ns); rows.len()],
                };
                let lapse = |(from, to): (Option<i64>, Option<i64>)| Some(to?.saturating_sub(from?));
                bits(block.numbers(*from).zip(until).map(|ends| is_in(lapse(ends), spans)))
            }
            Op::Has(column, members) => bits(block.sets(*column).map(|set| has(set, members))),
            Op::Address(column, nets) => {
                look_up(&block.books.addresses, &mut self.words[index], |text| is_in_nets(text, nets));
                bits(block.numbers(*column).map(|code| fits(code, &self.words[index])))
            }
            Op::Named(column, names) => {
                look_up(&block.books.tunnels, &mut self.words[index], |text| is_named(text, names));
                bits(block.numbers(*column).map(|code| fits(code, &self.words[index])))
            }
            Op::Stepped(ends, changes) => bits(rows.iter().map(|row| has_stepped(row, *ends, changes))),
            Op::And(_) | Op::Or(_) | Op::Not => 0,
        }
    }
}

fn bits(answers: impl Iterator<Item = bool>) -> u64 {
    answers.take(64).enumerate().fold(0, |all, (row, answer)| all | u64::from(answer) << row)
}

fn is_in(number: Option<i64>, spans: &[Span]) -> bool {
    number.is_some_and(|number| spans.iter().any(|(low, high)| (*low..=*high).contains(&number)))
}

fn has(set: &[u8], members: &[Span]) -> bool {
    let has = |member: i64| {
        let octet = usize::try_from(member / 8).ok().and_then(|octet| set.get(octet));
        octet.is_some_and(|octet| octet >> (member % 8) & 1 == 1)
    };
    // No member can have a higher number than the set has bits.
    let last = set.len() as i64 * 8 - 1;
    members.iter().any(|(low, high)| (*(low.max(&0))..=*high.min(&last)).any(has))
}

/// Tests the texts that a dictionary has gained since the last block.
fn look_up<Key>(book: &Book<Key>, known: &mut Vec<bool>, fits: impl Fn(&str) -> bool) {
    while let [begin, end, ..] = book.offsets[known.len()..] {
        known.push(book.text.get(begin as usize..end as usize).is_some_and(&fits));
    }
}

fn fits(code: Option<i64>, known: &[bool]) -> bool {
    code.and_then(|code| usize::try_from(code).ok())
        .and_then(|code| known.get(code))
        .is_some_and(|fits| *fits)
}

fn is_in_nets(text: &str, nets: &[(IpAddr, IpAddr)]) -> bool {
    let address: Option<IpAddr> = text.parse().ok();
    // All IPv4 addresses sort before all IPv6 addresses, so a range holds only addresses of its own family.
    address.is_some_and(|address| nets.iter().any(|(first, last)| (*first..=*last).contains(&address)))
}

fn is_named(text: &str, names: &[String]) -> bool {
    let text = text.to_lowercase();
    text.split(", ").any(|part| {
        let kind = part.split(' ').next().unwrap_or(part);
        names.iter().any(|name| name == part || name == kind)
    })
}

/// The changes of state that are believed, in the order in which they were inferred.
fn steps(row: &Row<'_>, mut each: impl FnMut(&Step)) {
    row.entries(|entry| {
        if let Remembered::Step(step) = entry
            && step.retracted_by().is_none()
        {
            each(&step);
        }
    });
}

fn has_stepped(row: &Row<'_>, ends: [bool; 2], changes: &[Span]) -> bool {
    let mut found = false;
    steps(row, |step| {
        let change = (step.transition.from as i64, step.transition.to as i64);
        found |= ends[usize::from(step.server)] && changes.contains(&change);
    });
    found
}
