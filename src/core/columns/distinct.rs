//! Groups equal rows: millions of connections share few combinations of states and facts.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// Rows grouped by the values of some columns.
#[derive(Debug, PartialEq, Eq)]
pub struct Kinds {
    /// The kind of each row.
    pub kinds: Vec<u32>,
    /// The first row of each kind.
    pub first: Vec<usize>,
}

/// Groups `rows` rows. A column is its values, and the number of bytes of each.
#[must_use]
pub fn kinds(columns: &[(&[u8], usize)], rows: usize) -> Kinds {
    let mut known: HashMap<Vec<u8>, u32, RandomState> = HashMap::default();
    let mut found = Kinds { kinds: Vec::with_capacity(rows), first: Vec::new() };
    let mut columns: Vec<_> =
        columns.iter().map(|(values, width)| values.chunks_exact((*width).max(1))).collect();
    let mut key = Vec::new();
    for row in 0..rows {
        key.clear();
        columns.iter_mut().filter_map(Iterator::next).for_each(|value| key.extend_from_slice(value));
        let kind = match known.get(&key) {
            Some(kind) => *kind,
            None => {
                // There are no more kinds than rows, and a column of 2^32 rows would not fit into memory.
                let kind = u32::try_from(found.first.len()).unwrap_or(u32::MAX);
                found.first.push(row);
                known.insert(key.clone(), kind);
                kind
            }
        };
        found.kinds.push(kind);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_alike_are_of_one_kind() {
        let found = kinds(&[(&[1, 1, 2, 1], 1), (&[0, 7, 0, 7, 0, 7, 0, 8], 2)], 4);
        assert_eq!(found, Kinds { kinds: vec![0, 0, 1, 2], first: vec![0, 2, 3] });
    }
}
