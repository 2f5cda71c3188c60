//! A budget for entries that hostile traffic can create without end: the least important are dropped, and counted by the
//! caller.

use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::hash::Hash;

/// If there are more than `most` entries, drops those of the lowest rank, a quarter of them at once: ranking all of them for a
/// single one would take quadratic time. True if entries were dropped.
pub fn keep_most<K, V, R>(
    entries: &mut HashMap<K, V, RandomState>,
    most: usize,
    rank: impl Fn(&V) -> R,
    mut dropped: impl FnMut(&V),
) -> bool
where
    K: Copy + Eq + Hash,
    R: Copy + Ord,
{
    if entries.len() <= most {
        return false;
    }
    let mut ranked: Vec<_> = entries.iter().map(|(key, value)| (rank(value), *key)).collect();
    let (least, _, _) = ranked.select_nth_unstable_by_key(most / 4, |(rank, _)| *rank);
    for (_, key) in least {
        if let Some(value) = entries.remove(key) {
            dropped(&value);
        }
    }
    true
}
