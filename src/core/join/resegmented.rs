//! Data segments that offload of a network card split or merged on the way.

use super::matching::Print;
use super::observations::NONE;
use crate::seq::Seq;

/// The pairs found among data segments that have no equal at the other point.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Resegmented {
    /// `(here, there)`: all octets of `here` arrived, the last of them in `there`.
    pub whole: Vec<(usize, usize)>,
    /// Segments there whose octets all come from segments here.
    pub accounted: Vec<usize>,
}

/// Finds segments that were split or merged among the unmatched ones of both sides. Indexes are those of the lists.
#[must_use]
pub fn resegmented(here: &[Print], there: &[Print], taken: &[bool], found: &[u32]) -> Resegmented {
    let left = |prints: &[Print], is_free: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..prints.len()).filter(|place| is_free(*place) && prints[*place].payload > 0).collect()
    };
    let (a, b) = (left(here, &|place| !taken[place]), left(there, &|place| found[place] == NONE));
    let mut result = Resegmented::default();
    let Some(base) = a.first().map(|place| here[*place].seq) else { return result };
    if b.is_empty() {
        return result;
    }
    let from = |print: &Print| i64::from(Seq(print.seq).since(Seq(base)));
    let range = |prints: &[Print], place: usize| {
        let start = from(&prints[place]);
        (start, start + i64::from(prints[place].payload), place)
    };
    let arrived = Arrived::new(b.iter().map(|place| range(there, *place)).collect());
    let sent: Vec<(i64, i64, usize)> = a.iter().map(|place| range(here, *place)).collect();
    for (start, end, place) in &sent {
        result.whole.extend(arrived.completes(*start, *end).map(|last| (*place, last)));
    }
    let asked_for = union(sent);
    result.accounted.extend(b.into_iter().filter(|place| {
        let (start, end, _) = range(there, *place);
        let next = asked_for.partition_point(|held| held.1 <= start);
        asked_for.get(next).is_some_and(|held| held.0 < end)
    }));
    result
}

/// The union of ranges, as sorted disjoint ranges.
fn union(mut ranges: Vec<(i64, i64, usize)>) -> Vec<(i64, i64)> {
    ranges.sort_unstable();
    let mut covered: Vec<(i64, i64)> = Vec::new();
    for (start, end, _) in ranges {
        match covered.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => covered.push((start, end)),
        }
    }
    covered
}

/// The segments there, sorted by start. Each has the furthest end so far, and the place of the segment that reaches
/// it.
struct Arrived(Vec<(i64, i64, usize)>);

impl Arrived {
    fn new(mut ranges: Vec<(i64, i64, usize)>) -> Self {
        ranges.sort_unstable_by_key(|(start, _, place)| (*start, *place));
        let mut furthest = (i64::MIN, 0);
        for (_, end, place) in &mut ranges {
            if *end > furthest.0 {
                furthest = (*end, *place);
            }
            (*end, *place) = furthest;
        }
        Self(ranges)
    }

    /// The last of the segments with which all octets from `start` to `end` have arrived. Each step goes as far as
    /// possible.
    fn completes(&self, start: i64, end: i64) -> Option<usize> {
        let (mut reached, mut last) = (start, None);
        while reached < end {
            let upto = self.0.partition_point(|(first, ..)| *first <= reached);
            let (_, beyond, place) = *self.0.get(upto.checked_sub(1)?)?;
            if beyond <= reached {
                return None;
            }
            reached = beyond;
            last = last.max(Some(place));
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(seq: u32, payload: u32) -> Print {
        Print { seq, ack: 1, payload, flags: 16, stamp: None, ip_id: None }
    }

    fn of(here: &[Print], there: &[Print]) -> Resegmented {
        resegmented(here, there, &vec![false; here.len()], &vec![NONE; there.len()])
    }

    #[test]
    fn one_large_segment_arrives_in_three() {
        let found =
            of(&[data(u32::MAX - 99, 300)], &[data(u32::MAX - 99, 100), data(0, 100), data(100, 100)]);
        assert_eq!(found, Resegmented { whole: vec![(0, 2)], accounted: vec![0, 1, 2] });
    }

    #[test]
    fn three_segments_arrive_as_one() {
        let found = of(&[data(0, 100), data(100, 100), data(200, 100)], &[data(0, 300)]);
        assert_eq!(found, Resegmented { whole: vec![(0, 0), (1, 0), (2, 0)], accounted: vec![0] });
    }

    #[test]
    fn many_copies_cost_what_many_segments_do() {
        let (here, there) = (vec![data(0, 100); 200_000], vec![data(0, 50); 200_000]);
        assert_eq!(of(&here, &there).accounted.len(), 200_000);
    }

    #[test]
    fn a_segment_without_one_of_its_parts_has_not_arrived() {
        let found = of(&[data(0, 300)], &[data(0, 100), data(200, 100)]);
        assert_eq!(found, Resegmented { whole: vec![], accounted: vec![0, 1] });
    }
}
