//! Columns for Python, as bytes; `wirestat.tables` adds their types. Large values are passed without a copy, as
//! Python buffers that Rust owns.

use super::buffer::Buffer;
use super::tracker::Tracker;
use crate::columns::arrow::{self, Texts};
use crate::columns::books::{Book, Shelf};
use crate::columns::csv::{self as rows, Cells, Names, Shape};
use crate::columns::differences::{self, Near};
use crate::columns::distinct;
use crate::columns::field::Description;
use crate::columns::planes::{Plane, planes as split};
use crate::columns::schema::Table;
use crate::columns::take::{Columns, Those, Wanted, take};
use crate::columns::values::bytes_of;
use crate::flows::leaving::Leaving;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

type Name = &'static str;
/// A column: name, type, bytes per value, unit, null, dictionary, meaning.
type ColumnRow = (String, Name, usize, Option<Name>, Option<i64>, Option<Name>, Name);
type Bytes<'py> = Bound<'py, PyBytes>;
/// A table: name, number of rows, the offsets of each connection's rows with the end of the last, and columns by
/// name.
pub type TableRow<'py> = (Name, usize, Option<Bytes<'py>>, Vec<(String, Buffer)>);
/// A dictionary: name, the offset of each text with the end of the last, and the texts.
pub type BookRow<'py> = (Name, Bytes<'py>, Bytes<'py>);
/// A table, and its wanted columns; None for all.
pub type WantedRow = (String, Option<Vec<String>>);

/// Tables, and the dictionaries that their columns refer to.
type Taken<'py> = (Vec<TableRow<'py>>, Vec<BookRow<'py>>);

/// The tables: name, meaning, and columns.
pub fn schema() -> Vec<(&'static str, &'static str, Vec<ColumnRow>)> {
    let row = |(name, is): (String, Description)| {
        let dictionary = is.dictionary.map(|dictionary| dictionary.name());
        let unit = is.unit.map(|unit| unit.name());
        (name, is.storage.name(), is.storage.width(), unit, is.null, dictionary, is.meaning)
    };
    let columns = |table: Table| table.columns().into_iter().map(row).collect();
    Table::ALL.into_iter().map(|table| (table.name(), table.meaning(), columns(table))).collect()
}

/// The columns of a tracker's tables, and the dictionaries that come with them.
///
/// `wanted` names tables, and the wanted columns of each, or None for all. Only `count` connections are included, from
/// the `start`th on in the order of ids; with `chosen`, a byte for each connection of the tracker, only those whose
/// byte is not 0. The states at an instant are those at `at_ns`.
#[pyfunction]
pub fn columns<'py>(
    py: Python<'py>,
    tracker: &mut Tracker,
    wanted: Vec<WantedRow>,
    part: (usize, usize),
    chosen: Option<&[u8]>,
    at_ns: i64,
) -> PyResult<Taken<'py>> {
    let wanted = wanted.into_iter().map(named).collect::<PyResult<Vec<_>>>()?;
    let places = tracker.places(part.0, part.1, chosen)?;
    Ok(taken(py, tracker, Those::Here(&places), &wanted, at_ns))
}

/// Queues connections that leave the table from now on, for `columns_of_gone`.
#[pyfunction]
pub fn keep_gone(tracker: &mut Tracker) {
    tracker.flows.leaving.get_or_insert_default();
}

/// The number of queued connections, and of those for which there was no room.
#[pyfunction]
pub fn gone(tracker: &Tracker) -> (usize, u64) {
    tracker.flows.leaving.as_ref().map_or((0, 0), |leaving| (leaving.len(), leaving.beyond))
}

/// The columns of all connections that have left the table since the last call, in the order of ids; see `columns`.
#[pyfunction]
pub fn columns_of_gone<'py>(
    py: Python<'py>,
    tracker: &mut Tracker,
    wanted: Vec<WantedRow>,
) -> PyResult<Taken<'py>> {
    let wanted = wanted.into_iter().map(named).collect::<PyResult<Vec<_>>>()?;
    let gone = tracker.flows.leaving.as_mut().map(Leaving::take).unwrap_or_default();
    Ok(taken(py, tracker, Those::Gone(&gone), &wanted, i64::MAX))
}

fn taken<'py>(
    py: Python<'py>,
    tracker: &Tracker,
    those: Those<'_>,
    wanted: &[Wanted],
    at_ns: i64,
) -> Taken<'py> {
    let (flows, decoder) = (&tracker.flows, &tracker.line.decoder);
    let describe = |scope| decoder.tunnel(scope);
    let (taken, books) = py.detach(|| take(flows, those, wanted, at_ns, &describe));
    let tables = taken.into_iter().map(|columns| table(py, columns)).collect();
    (tables, dictionaries(py, &books.close()))
}

pub(super) fn dictionaries<'py>(py: Python<'py>, books: &Shelf) -> Vec<BookRow<'py>> {
    vec![book(py, "addresses", &books.addresses), book(py, "tunnels", &books.tunnels)]
}

pub(super) fn named((table, columns): WantedRow) -> PyResult<Wanted> {
    let unknown = |what: &str, name: &str| PyValueError::new_err(format!("no such {what}: {name}"));
    let table = Table::named(&table).ok_or_else(|| unknown("table", &table))?;
    for name in columns.iter().flatten() {
        if !table.columns().iter().any(|(known, _)| known == name) {
            return Err(unknown("column", &format!("{}.{name}", table.name())));
        }
    }
    Ok(Wanted { table, columns })
}

pub(super) fn table(py: Python<'_>, taken: Columns) -> TableRow<'_> {
    let offsets = taken.offsets.map(|offsets| PyBytes::new(py, &bytes_of(offsets.into_iter())));
    let columns = taken.columns.into_iter().map(|column| (column.name, Buffer::from(column.values)));
    (taken.table.name(), taken.rows, offsets, columns.collect())
}

fn book<'py, Key>(py: Python<'py>, name: Name, book: &Book<Key>) -> BookRow<'py> {
    let offsets: Vec<u8> = book.offsets.iter().flat_map(|offset| offset.to_ne_bytes()).collect();
    (name, PyBytes::new(py, &offsets), PyBytes::new(py, book.text.as_bytes()))
}

/// The validity bitmap of a column, as in Arrow; None if no value is null.
#[pyfunction]
pub fn validity(values: Buffer, null: &[u8]) -> Option<Buffer> {
    arrow::validity(values.as_slice(), null).map(Buffer::from)
}

/// The names behind the numbers of a column, as Arrow texts: offsets and bytes.
#[pyfunction]
pub fn spell(values: Buffer, width: usize, names: Packed<'_>) -> PyResult<(Buffer, Buffer)> {
    let (starts, text) = (names.0.as_bytes().as_chunks().0, names.1.as_bytes());
    let starts: Vec<usize> = starts.iter().map(|start| u32::from_ne_bytes(*start) as usize).collect();
    let names: Vec<&[u8]> =
        starts.windows(2).map(|span| text.get(span[0]..span[1]).unwrap_or_default()).collect();
    let code = |code: &[u8]| match *code {
        [a] => usize::from(a),
        [a, b] => usize::from(u16::from_ne_bytes([a, b])),
        [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]) as usize,
        _ => usize::MAX,
    };
    texts(arrow::spell(values.as_slice().chunks_exact(width.max(1)).map(code), &names))
}

/// The names of the members of sets, as Arrow lists of texts: offsets of the lists, offsets of the texts, bytes.
#[pyfunction]
pub fn members(sets: Buffer, width: usize, names: Vec<String>) -> PyResult<(Buffer, Buffer, Buffer)> {
    let names: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
    let (lists, all) = arrow::members(sets.as_slice(), width).ok_or_else(too_many)?;
    let (offsets, text) = texts(arrow::spell(all.into_iter(), &names))?;
    Ok((lists.into(), offsets, text))
}

/// Texts in one buffer: offsets of 32 bits, one more than there are texts, and UTF-8.
type Packed<'py> = (Bytes<'py>, Bytes<'py>);
/// A column: its type, bytes per value, the values, the null value, and the names behind numbers.
type CsvColumn<'py> = (String, usize, Buffer, Bytes<'py>, Option<Packed<'py>>);

/// Columns of the same length as rows of CSV.
#[pyfunction]
pub fn csv(columns: Vec<CsvColumn<'_>>, rows: usize) -> PyResult<Buffer> {
    let cells = columns.iter().map(|(kind, width, values, null, packed)| {
        let shape = match kind.as_str() {
            "bool" => Shape::Truth,
            "i64" => Shape::Signed,
            "set" => Shape::Set,
            _ => Shape::Unsigned,
        };
        let names = packed.as_ref().map(unpacked).transpose()?;
        Ok(Cells::new(values.as_slice(), *width, null.as_bytes(), shape, names))
    });
    let text = rows::write(cells.collect::<PyResult<_>>()?, rows);
    Ok(text.into_bytes().into())
}

fn unpacked<'a>((offsets, text): &'a Packed<'_>) -> PyResult<Names<'a>> {
    let text =
        std::str::from_utf8(text.as_bytes()).map_err(|_| PyValueError::new_err("the names are no UTF-8"))?;
    let offsets = offsets.as_bytes().as_chunks().0.iter();
    Ok(Names::new(offsets.map(|offset| u32::from_ne_bytes(*offset) as usize).collect(), text))
}

/// Groups equal rows: the group of each row, as a u32, and the first row of each group. A column is its values and the
/// bytes per value.
#[pyfunction]
pub fn kinds<'py>(py: Python<'py>, columns: Vec<(Buffer, usize)>, rows: usize) -> (Bytes<'py>, Vec<usize>) {
    let columns: Vec<_> = columns.iter().map(|(values, width)| (values.as_slice(), *width)).collect();
    let found = distinct::kinds(&columns, rows);
    let kinds: Vec<u8> = found.kinds.iter().flat_map(|kind| kind.to_ne_bytes()).collect();
    (PyBytes::new(py, &kinds), found.first)
}

fn texts(texts: Option<Texts>) -> PyResult<(Buffer, Buffer)> {
    let (offsets, text) = texts.ok_or_else(too_many)?;
    Ok((offsets.into(), text.into()))
}

fn too_many() -> PyErr {
    PyOverflowError::new_err("more text than Arrow's offsets can say: take fewer connections at once")
}

/// The byte planes of values; a plane of equal bytes is replaced by its number.
#[pyfunction]
pub fn planes<'py>(py: Python<'py>, values: &[u8], width: usize) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if width == 0 {
        return Err(PyValueError::new_err("values take up some bytes"));
    }
    let made = py.detach(|| split(values, width));
    made.into_iter().map(|plane| spread(py, plane)).collect()
}

/// Numbers of 64 bits as byte planes of differences: to `others`, or with `starts` to the previous number in each run
/// that `others` bound. Returns the planes, the divisor of the differences, and whether they are folded.
#[pyfunction]
#[pyo3(signature = (numbers, others, starts = None, null = None))]
pub fn apart<'py>(
    py: Python<'py>,
    numbers: &[u8],
    others: &[u8],
    starts: Option<&[u8]>,
    null: Option<i64>,
) -> PyResult<(Vec<Bound<'py, PyAny>>, i64, bool)> {
    let near = starts.map_or(Near::Others(others), |starts| Near::Runs(others, starts));
    let (made, planes) = py.detach(|| {
        let made = differences::differences(numbers, near, null);
        let planes = split(&made.values, 8);
        (made, planes)
    });
    let planes = planes.into_iter().map(|plane| spread(py, plane)).collect::<PyResult<_>>()?;
    Ok((planes, made.scale, made.is_folded))
}

fn spread(py: Python<'_>, plane: Plane) -> PyResult<Bound<'_, PyAny>> {
    match plane {
        Plane::Alike(byte) => byte.into_bound_py_any(py),
        Plane::Bytes(bytes) => Ok(PyBytes::new(py, &bytes).into_any()),
    }
}
