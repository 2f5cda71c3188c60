//! A crew: several lines that read the same files at the same time. Each fills a table that tracks a share of the
//! connections. The result equals that of one table.

use super::line::Line;
use crate::file::Reader;
use crate::flows::table::Flows;
use crate::flows::together::{self, Together};

/// A further reader of the files, with its own line and table.
struct Hand {
    reader: Reader,
    line: Line,
    table: Flows,
}

impl Hand {
    fn read(&mut self, frames: u64) -> bool {
        self.line.read_share(&mut self.reader, frames, &mut self.table)
    }
}

/// All readers except the first. The caller owns the reader, the line and the table of the first.
pub struct Crew {
    others: Vec<Hand>,
    turn: u64,
}

impl Crew {
    /// Adds readers of the same files to an empty table, and gives each a share of the connections.
    #[must_use]
    pub fn new(readers: Vec<Reader>, table: &mut Flows) -> Self {
        let tables = table.split(1 + readers.len() as u32);
        let hands = readers.into_iter().zip(tables);
        let others = hands.map(|(reader, table)| Hand { reader, line: Line::default(), table }).collect();
        Self { others, turn: table.turn() }
    }

    /// Reads a turn, the same number of frames in each reader. Returns whether the files still held that many.
    pub fn read(&mut self, reader: &mut Reader, line: &mut Line, table: &mut Flows) -> bool {
        let turn = self.turn;
        let is_full = std::thread::scope(|scope| {
            let others: Vec<_> = self.others.iter_mut().map(|hand| scope.spawn(|| hand.read(turn))).collect();
            let is_full = line.read_share(reader, turn, table);
            for other in others {
                other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            }
            is_full
        });
        self.together(table).end_turn(is_full);
        is_full
    }

    /// Whether all tables have room for another turn.
    #[must_use]
    pub fn has_room(&self, table: &Flows) -> bool {
        let tables: Vec<&Flows> =
            std::iter::once(table).chain(self.others.iter().map(|hand| &hand.table)).collect();
        together::have_room(&tables)
    }

    fn together<'a>(&'a mut self, table: &'a mut Flows) -> Together<'a> {
        Together(std::iter::once(table).chain(self.others.iter_mut().map(|hand| &mut hand.table)).collect())
    }

    /// Merges all tables into the first, either when the capture `is_over` or when the shares have no room left. In
    /// the latter case the caller reads on with the first reader.
    pub fn join(self, table: &mut Flows, is_over: bool) {
        together::join(table, self.others.into_iter().map(|hand| hand.table).collect(), is_over);
    }
}
