//! Fills the wanted columns in one walk through the flow table.

use super::books::{Books, Shelf};
use super::field::Field;
use super::remembered::{Remembered, Sight, Step, Then};
use super::row::{End, Row};
use super::schema::{ENDS, Table};
use super::{connections, ends, facts, instant, listeners, transitions};
use crate::address::Scope;
use crate::flows::slab::{Place, Slot};
use crate::flows::table::Flows;

/// A table, and its wanted columns: all of them if no columns are named.
pub struct Wanted {
    /// The table.
    pub table: Table,
    /// Names of columns.
    pub columns: Option<Vec<String>>,
}

/// A column.
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its values, one after the other.
    pub values: Vec<u8>,
}

/// The columns of a table.
pub struct Columns {
    /// The table.
    pub table: Table,
    /// Its rows.
    pub rows: usize,
    /// The row offsets of each connection; `None` for a table without connections.
    pub offsets: Option<Vec<u64>>,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// The columns of one table while they are filled.
struct Sheet<Fill: 'static> {
    rows: usize,
    offsets: Vec<u64>,
    fillings: Vec<(&'static Field<Fill>, Column)>,
}

impl<Fill> Sheet<Fill> {
    /// A sheet of the wanted columns of `fields`, with the prefix `before` on their names and room for `rows`.
    fn of(before: &str, fields: &'static [Field<Fill>], wanted: &Wanted, rows: usize) -> Self {
        let mut fillings = Vec::new();
        for field in fields {
            let name = format!("{before}{}", field.is.name);
            if wanted.columns.as_ref().is_none_or(|names| names.contains(&name)) {
                let values = Vec::with_capacity(rows * field.is.storage.width());
                fillings.push((field, Column { name, values }));
            }
        }
        Self { rows: 0, offsets: Vec::new(), fillings }
    }

    /// Makes room for `rows` more rows. If memory must be taken, it suffices for the rows to be expected in the end,
    /// as far as `done` of `all` connections tell: growing by doubling would copy every value each time. The first
    /// connections may have far longer logs than all others, so memory grows fourfold at most.
    fn expect(&mut self, rows: usize, done: usize, all: usize) {
        /// Room beyond the expected rows: one part in this many.
        const SPARE: usize = 8;
        const AT_A_TIME: usize = 4;
        // If the number of connections is unknown, twice as many as are done.
        let all = if all < done { 2 * done } else { all };
        let there = self.rows + rows;
        let expected = there.saturating_mul(all) / done.max(1);
        let expected = (expected + expected / SPARE).clamp(there, AT_A_TIME * there);
        for (field, column) in &mut self.fillings {
            let width = field.is.storage.width();
            if column.values.capacity() - column.values.len() < rows * width {
                column.values.reserve_exact(expected * width - column.values.len());
            }
        }
    }

    /// Fills every column with `rows` more.
    fn fill(&mut self, rows: usize, mut fill: impl FnMut(&Fill, &mut Vec<u8>)) {
        self.rows += rows;
        for (field, column) in &mut self.fillings {
            fill(&field.fill, &mut column.values);
        }
    }

    fn columns(self) -> Vec<Column> {
        self.fillings.into_iter().map(|(_, column)| column).collect()
    }

    fn finish(mut self, table: Table, hangs_on_connections: bool) -> Columns {
        let offsets = std::mem::take(&mut self.offsets);
        let offsets = hangs_on_connections.then_some(offsets);
        Columns { table, rows: self.rows, offsets, columns: self.columns() }
    }
}

/// Connections per block: a block and its values fit into the fastest cache.
const BLOCK: usize = 64;
/// The memory of connections is prefetched this many ahead.
const AHEAD: usize = 8;

/// The connections to put into columns.
#[derive(Clone, Copy)]
pub enum Those<'a> {
    /// Connections at these places of the table.
    Here(&'a [Place]),
    /// Connections that have left the table.
    Gone(&'a [Slot]),
}

impl<'a> Those<'a> {
    const fn len(self) -> usize {
        match self {
            Self::Here(places) => places.len(),
            Self::Gone(slots) => slots.len(),
        }
    }

    fn in_blocks(self, flows: &'a Flows, mut each: impl FnMut(&[&'a Slot])) {
        match self {
            Self::Here(places) => in_blocks(flows, places, each),
            Self::Gone(slots) => {
                slots.chunks(BLOCK).for_each(|block| each(&block.iter().collect::<Vec<_>>()))
            }
        }
    }
}

/// Calls `each` with the connections at `places`, a block at a time. Connections evicted since are left out.
pub fn in_blocks<'a>(flows: &'a Flows, places: &[Place], mut each: impl FnMut(&[&'a Slot])) {
    let mut block = Vec::with_capacity(BLOCK);
    for (index, place) in places.iter().enumerate() {
        if let Some(ahead) = places.get(index + AHEAD) {
            flows.slab.ask_for_whole(*ahead);
        }
        if let Some(soon) = places.get(index + AHEAD / 4).and_then(|place| flows.slab.get(*place)) {
            soon.connection.ask_for_heap();
        }
        block.extend(flows.slab.get(*place));
        if block.len() == BLOCK {
            each(&block);
            block.clear();
        }
    }
    each(&block);
}

/// Fills the wanted columns of `those` connections. The table of listeners is always complete. The states at an
/// instant are those at `at_ns`. `describe` names the tunnels of a scope. Also returns the dictionaries of the
/// columns.
pub fn take<'a>(
    flows: &Flows,
    those: Those<'_>,
    wanted: &[Wanted],
    at_ns: i64,
    describe: &'a (dyn Fn(Scope) -> Option<String> + Sync),
) -> (Vec<Columns>, Books<'a>) {
    let mut books = Shelf::default().open(describe);
    let mut filling = Filling::of(wanted, those.len());
    filling.add(flows, those, at_ns, &mut books);
    let mut taken = filling.finish();
    for wanted in wanted.iter().filter(|wanted| wanted.table == Table::Listeners) {
        taken.push(of_listeners(flows, wanted, &mut books));
    }
    (taken, books)
}

type Rows = Sheet<fn(&[Row<'_>], &mut Books<'_>, &mut Vec<u8>)>;
type Ends = Sheet<fn(&[End<'_>], &mut Books<'_>, &mut Vec<u8>)>;
type Thens = Sheet<fn(&[Then], &mut Books<'_>, &mut Vec<u8>)>;

/// Tables of connections while they are filled.
pub struct Filling {
    rows: Option<Rows>,
    both: Option<[Ends; 2]>,
    thens: Option<Thens>,
    steps: Option<Steps>,
    sights: Option<Sights>,
    /// The logs of a block. The buffers are kept from block to block.
    held: (Vec<Step>, Vec<Sight>),
    /// The number of connections whose logs were filled in, and the number of connections to make room for.
    logs: (usize, usize),
}

impl Filling {
    /// The `wanted` tables without rows, with room for some connections.
    #[must_use]
    pub fn of(wanted: &[Wanted], count: usize) -> Self {
        let find = |table| wanted.iter().find(|wanted| wanted.table == table);
        Self {
            rows: find(Table::Connections).map(|w| Sheet::of("", connections::FIELDS, w, count)),
            both: find(Table::Connections).map(|w| ENDS.map(|end| Sheet::of(end, ends::FIELDS, w, count))),
            thens: find(Table::Instant).map(|w| Sheet::of("", instant::FIELDS, w, count)),
            steps: find(Table::Transitions).map(|w| Sheet::of("", transitions::FIELDS, w, 0)),
            sights: find(Table::Facts).map(|w| Sheet::of("", facts::FIELDS, w, 0)),
            held: (Vec::new(), Vec::new()),
            logs: (0, count),
        }
    }

    /// Adds `those` connections; see [`take`].
    pub fn add(&mut self, flows: &Flows, those: Those<'_>, at_ns: i64, books: &mut Books<'_>) {
        those.in_blocks(flows, |block| {
            let block: Vec<_> = block.iter().map(|slot| Row::of(flows, slot)).collect();
            self.add_block(&block, at_ns, books);
        });
    }

    fn add_block(&mut self, block: &[Row<'_>], at_ns: i64, books: &mut Books<'_>) {
        if let Some(rows) = &mut self.rows {
            rows.fill(block.len(), |fill, column| fill(block, books, column));
        }
        if let Some(both) = &mut self.both
            && both.iter().any(|sheet| !sheet.fillings.is_empty())
        {
            let (clients, servers): (Vec<_>, Vec<_>) = block.iter().map(|row| End::both(row).into()).unzip();
            for (sheet, block) in both.iter_mut().zip([clients, servers]) {
                sheet.fill(block.len(), |fill, column| fill(&block, books, column));
            }
        }
        if let Some(thens) = &mut self.thens {
            let block: Vec<_> = block.iter().map(|row| row.at(at_ns)).collect();
            thens.fill(block.len(), |fill, column| fill(&block, books, column));
        }
        if self.steps.is_some() || self.sights.is_some() {
            self.add_remembered(block, books);
        }
    }

    /// Fills the tables that come from the logs of a block of connections.
    fn add_remembered(&mut self, block: &[Row<'_>], books: &mut Books<'_>) {
        let Self { steps, sights, held: (their_steps, their_sights), logs: (done, all), .. } = self;
        *done += block.len();
        their_steps.clear();
        their_sights.clear();
        for row in block {
            if let Some(steps) = steps {
                steps.offsets.push((steps.rows + their_steps.len()) as u64);
            }
            if let Some(sights) = sights {
                sights.offsets.push((sights.rows + their_sights.len()) as u64);
            }
            row.entries(|remembered| match remembered {
                Remembered::Step(step) => their_steps.push(step),
                Remembered::Sight(sight) => their_sights.push(sight),
            });
        }
        if let Some(steps) = steps {
            steps.expect(their_steps.len(), *done, *all);
            steps.fill(their_steps.len(), |fill, column| fill(their_steps, books, column));
        }
        if let Some(sights) = sights {
            sights.expect(their_sights.len(), *done, *all);
            sights.fill(their_sights.len(), |fill, column| fill(their_sights, books, column));
        }
    }

    /// Rows so far of connections and of transitions.
    #[must_use]
    pub fn rows(&self) -> [usize; 2] {
        [self.rows.as_ref().map_or(0, |sheet| sheet.rows), self.steps.as_ref().map_or(0, |sheet| sheet.rows)]
    }

    /// The tables.
    #[must_use]
    pub fn finish(self) -> Vec<Columns> {
        let mut taken = Vec::new();
        if let (Some(rows), Some(both)) = (self.rows, self.both) {
            let mut columns = rows.finish(Table::Connections, false);
            columns.columns.extend(both.into_iter().flat_map(Sheet::columns));
            taken.push(columns);
        }
        taken.extend(self.thens.map(|thens| thens.finish(Table::Instant, false)));
        taken.extend(self.steps.map(|steps| ended(steps).finish(Table::Transitions, true)));
        taken.extend(self.sights.map(|sights| ended(sights).finish(Table::Facts, true)));
        taken
    }
}

/// Adds the offset at which the rows of the last connection end.
fn ended<Fill>(mut sheet: Sheet<Fill>) -> Sheet<Fill> {
    sheet.offsets.push(sheet.rows as u64);
    sheet
}

type Steps = Sheet<fn(&[Step], &mut Books<'_>, &mut Vec<u8>)>;
type Sights = Sheet<fn(&[Sight], &mut Books<'_>, &mut Vec<u8>)>;

fn of_listeners(flows: &Flows, wanted: &Wanted, books: &mut Books<'_>) -> Columns {
    let tally = flows.tally();
    let busiest = tally.populations.listeners.busiest();
    let mut sheet = Sheet::of("", listeners::FIELDS, wanted, busiest.len());
    sheet.fill(busiest.len(), |fill, column| fill(&busiest, books, column));
    sheet.finish(Table::Listeners, false)
}
