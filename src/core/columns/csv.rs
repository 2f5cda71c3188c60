//! Writes columns as rows of CSV (RFC 4180): a missing value is an empty cell, the names of a set are separated by
//! `|`.

use std::slice::ChunksExact;

/// The notation of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Truth,
    /// A number, or the name that it stands for.
    Unsigned,
    /// A number that may be negative.
    Signed,
    /// A set, written as the names of its members.
    Set,
}

/// Names, one behind the other.
pub struct Names<'a> {
    /// Where each name begins, and where the last one ends.
    offsets: Vec<usize>,
    text: &'a str,
    /// The quoted cells, if any name needs quotes.
    quoted: Option<Vec<String>>,
}

impl<'a> Names<'a> {
    /// Names in `text`, where each begins and the last one ends at `offsets`.
    #[must_use]
    pub fn new(offsets: Vec<usize>, text: &'a str) -> Self {
        let mut names = Self { offsets, text, quoted: None };
        let count = names.offsets.len().saturating_sub(1);
        if text.contains(SPECIAL) || (0..count).any(|place| names.get(place).starts_with(FORMULA)) {
            names.quoted = Some((0..count).map(|place| quoted(names.get(place))).collect());
        }
        names
    }

    /// A name as it stands in a cell.
    #[inline]
    fn cell(&self, place: usize) -> &str {
        match &self.quoted {
            None => self.get(place),
            Some(quoted) => quoted.get(place).map_or("", String::as_str),
        }
    }

    /// A name; `None` for an unknown index.
    fn get(&self, place: usize) -> &'a str {
        match self.offsets.get(place..place.saturating_add(2)) {
            Some([begin, end]) => self.text.get(*begin..*end).unwrap_or(""),
            _ => "",
        }
    }
}

/// The characters that make quotes necessary.
const SPECIAL: [char; 4] = [',', '"', '\n', '\r'];

/// A spreadsheet takes a text that begins with one of these for a formula. Others may have chosen the text, such as
/// the capture's name.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// A column being written.
pub struct Cells<'a> {
    values: ChunksExact<'a, u8>,
    /// The value that stands for no value.
    null: Option<u64>,
    shape: Shape,
    /// The names of numbers or bits.
    names: Option<Names<'a>>,
}

impl<'a> Cells<'a> {
    /// Values of `width` bytes each. `null` is the value that stands for none; an empty `null` means that there is
    /// none.
    #[must_use]
    pub fn new(
        values: &'a [u8],
        width: usize,
        null: &'a [u8],
        shape: Shape,
        names: Option<Names<'a>>,
    ) -> Self {
        let null = (!null.is_empty()).then(|| bits(null));
        Self { values: values.chunks_exact(width.max(1)), null, shape, names }
    }

    /// Writes the next value, if there is one.
    #[inline]
    fn write(&mut self, text: &mut String) {
        let Some(value) = self.values.next() else { return };
        if self.shape == Shape::Set {
            return self.write_members(value, text);
        }
        let number = bits(value);
        if self.null == Some(number) {
            return;
        }
        match (self.shape, &self.names) {
            (Shape::Truth, _) => text.push_str(if number == 0 { "false" } else { "true" }),
            (Shape::Signed, _) => text.push_str(itoa::Buffer::new().format(number.cast_signed())),
            (_, None) => text.push_str(itoa::Buffer::new().format(number)),
            (_, Some(names)) => {
                text.push_str(usize::try_from(number).map_or("", |code| names.cell(code)));
            }
        }
    }

    fn write_members(&self, set: &[u8], text: &mut String) {
        if set.iter().all(|byte| *byte == 0) {
            return;
        }
        let Some(names) = &self.names else { return };
        let ones = set.iter().enumerate().filter(|(_, bits)| **bits != 0);
        let members: Vec<_> = ones
            .flat_map(|(byte, bits)| {
                (0..8).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| byte * 8 + bit)
            })
            .map(|place| names.get(place))
            .collect();
        text.push_str(&quoted(&members.join("|")));
    }
}

/// Writes `rows` rows.
#[must_use]
pub fn write(mut columns: Vec<Cells<'_>>, rows: usize) -> String {
    let mut text = String::with_capacity(rows * columns.len() * 8);
    for _ in 0..rows {
        for (place, column) in columns.iter_mut().enumerate() {
            if place > 0 {
                text.push(',');
            }
            column.write(&mut text);
        }
        text.push('\n');
    }
    text
}

/// A text, quoted if necessary. If a spreadsheet would take it for a formula, an apostrophe is put in front.
fn quoted(text: &str) -> String {
    let mark = if text.starts_with(FORMULA) { "'" } else { "" };
    if text.contains(SPECIAL) {
        format!("\"{mark}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{mark}{text}")
    }
}

/// The bits of a value; a negative number gives its two's complement.
#[inline]
fn bits(value: &[u8]) -> u64 {
    match *value {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_ne_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_ne_bytes([a, b, c, d])),
        _ => value.try_into().map_or(0, u64::from_ne_bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(lengths: &[usize], text: &'static str) -> Option<Names<'static>> {
        let mut end = 0;
        let ends = lengths.iter().map(|length| {
            end += length;
            end
        });
        Some(Names::new(std::iter::once(0).chain(ends).collect(), text))
    }

    #[test]
    fn every_shape_has_its_cell() {
        let times: Vec<u8> = [-5_i64, i64::MIN].iter().flat_map(|time| time.to_ne_bytes()).collect();
        let ports: Vec<u8> = [443_u16, 0].iter().flat_map(|port| port.to_ne_bytes()).collect();
        let cells = vec![
            Cells::new(&[1, 0], 1, &[], Shape::Truth, None),
            Cells::new(&times, 8, &times[8..], Shape::Signed, None),
            Cells::new(&ports, 2, &[], Shape::Unsigned, None),
            Cells::new(&[1, 255], 1, &[255], Shape::Unsigned, names(&[1, 6], "ab, \"c\"")),
            Cells::new(&[0b11, 0], 1, &[], Shape::Set, names(&[1, 1], "xy")),
        ];
        assert_eq!(write(cells, 2), "true,-5,443,\"b, \"\"c\"\"\",x|y\nfalse,,0,,\n");
    }

    #[test]
    fn no_text_is_a_formula_of_a_spreadsheet() {
        let cells = vec![Cells::new(&[0, 1, 2], 1, &[], Shape::Unsigned, names(&[2, 2, 3], "=1a-@,b"))];
        assert_eq!(write(cells, 3), "'=1\na-\n\"'@,b\"\n");
        let set = vec![Cells::new(&[0b10], 1, &[], Shape::Set, names(&[1, 2], "x+y"))];
        assert_eq!(write(set, 1), "'+y\n");
    }

    #[test]
    fn a_number_without_a_name_leaves_the_cell_empty() {
        assert_eq!(write(vec![Cells::new(&[9], 1, &[], Shape::Unsigned, names(&[1], "a"))], 1), "\n");
    }
}
