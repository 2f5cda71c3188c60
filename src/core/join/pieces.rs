//! Segments that were cut or joined on the way: an adapter's offload makes one of many, or many of one.

use super::matching::Print;
use super::sightings::NONE;
use crate::seq::Seq;
use std::collections::BTreeMap;

/// What became of data segments that have no equal at the other point.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// `(here, there)`: all octets of `here` arrived, the last of them with `there`.
    pub whole: Vec<(usize, usize)>,
    /// Segments there that carry octets of segments here: nobody else's.
    pub accounted: Vec<usize>,
}

/// Finds the pieces of what is left over on both sides; indexes are those of the lists.
#[must_use]
pub fn pieces(here: &[Print], there: &[Print], taken: &[bool], found: &[u32]) -> Pieces {
    let left = |prints: &[Print], is_free: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..prints.len()).filter(|place| is_free(*place) && prints[*place].payload > 0).collect()
    };
    let (a, b) = (left(here, &|place| !taken[place]), left(there, &|place| found[place] == NONE));
    let mut result = Pieces::default();
    let Some(base) = a.first().map(|place| here[*place].seq) else { return result };
    if b.is_empty() {
        return result;
    }
    let from = |print: &Print| i64::from(Seq(print.seq).since(Seq(base)));
    // What arrived, as ranges that do not touch, each with the segment that completed it.
    let mut index: BTreeMap<i64, Vec<(i64, usize)>> = BTreeMap::new();
    for place in &b {
        let start = from(&there[*place]);
        index.entry(start).or_default().push((start + i64::from(there[*place].payload), *place));
    }
    let longest = b.iter().map(|place| i64::from(there[*place].payload)).max().unwrap_or(0);
    let mut accounted = vec![false; there.len()];
    for place in a {
        let start = from(&here[place]);
        let end = start + i64::from(here[place].payload);
        let (mut reached, mut last) = (start, None);
        for (first, group) in index.range(start - longest..end) {
            for (beyond, piece) in group {
                if *beyond > start && *first < end {
                    accounted[*piece] = true;
                }
                if *first <= reached && *beyond > reached {
                    reached = *beyond;
                    last = last.max(Some(*piece));
                }
            }
        }
        if let Some(last) = last.filter(|_| reached >= end) {
            result.whole.push((place, last));
        }
    }
    result.accounted = (0..there.len()).filter(|place| accounted[*place]).collect();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(seq: u32, payload: u32) -> Print {
        Print { seq, ack: 1, payload, flags: 16, stamp: None, ip_id: None }
    }

    fn of(here: &[Print], there: &[Print]) -> Pieces {
        pieces(here, there, &vec![false; here.len()], &vec![NONE; there.len()])
    }

    #[test]
    fn one_large_segment_arrives_in_three() {
        let found =
            of(&[data(u32::MAX - 99, 300)], &[data(u32::MAX - 99, 100), data(0, 100), data(100, 100)]);
        assert_eq!(found, Pieces { whole: vec![(0, 2)], accounted: vec![0, 1, 2] });
    }

    #[test]
    fn three_segments_arrive_as_one() {
        let found = of(&[data(0, 100), data(100, 100), data(200, 100)], &[data(0, 300)]);
        assert_eq!(found, Pieces { whole: vec![(0, 0), (1, 0), (2, 0)], accounted: vec![0] });
    }

    #[test]
    fn a_missing_piece_is_missed() {
        let found = of(&[data(0, 300)], &[data(0, 100), data(200, 100)]);
        assert_eq!(found, Pieces { whole: vec![], accounted: vec![0, 1] });
    }
}
