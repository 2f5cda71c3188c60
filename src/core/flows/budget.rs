//! A budget for what hostile traffic can make up without end: what matters least is dropped, and counted by whoever asks.

use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::hash::Hash;

/// Where there are more than `most` entries, drops those of the lowest rank, a quarter of them at once: ranking all of
/// them for a single one would cost the square. True where entries were dropped.
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
