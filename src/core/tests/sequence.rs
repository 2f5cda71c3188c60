//! Sequence arithmetic: properties of any two numbers less than 2^31 apart, wherever they lie on the circle.

use wirestat_core::seq::Seq;

/// A small generator of pseudo-random numbers, the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as u32
    }
}

/// Numbers near the wrap and distances near half the circle, among others.
fn pairs() -> impl Iterator<Item = (Seq, u32)> {
    let mut numbers = Numbers(1);
    let seams = [0, 1, u32::MAX, u32::MAX - 1, 1 << 31, (1 << 31) - 1, (1 << 31) + 1];
    let distances = [0, 1, 2, 1460, 65_535, (1 << 31) - 2, (1 << 31) - 1];
    let edges = seams.into_iter().flat_map(move |seam| distances.map(|distance| (Seq(seam), distance)));
    let others = (0..100_000).map(move |_| (Seq(numbers.next()), numbers.next() >> 1));
    edges.chain(others)
}

#[test]
fn adding_and_taking_away_leads_back() {
    for (start, distance) in pairs() {
        assert_eq!(start.plus(distance).minus(distance), start);
        assert_eq!(start.plus(distance).since(start), distance.cast_signed());
        assert_eq!(start.since(start.plus(distance)), -distance.cast_signed());
    }
}

#[test]
fn order_is_strict_and_total_within_half_the_circle() {
    for (start, distance) in pairs() {
        let end = start.plus(distance);
        assert_eq!(start.before(end), distance > 0);
        assert_eq!(end.after(start), distance > 0);
        assert_eq!(start.covers(end), distance == 0);
        assert!(end.covers(start));
        assert_eq!((start.later(end), end.later(start)), (end, end));
        assert!(!(start.before(end) && end.before(start)));
    }
}

#[test]
fn a_window_holds_its_length_and_no_more() {
    for (start, length) in pairs() {
        assert_eq!(start.within(start, length), length > 0);
        assert!(!start.plus(length).within(start, length));
        assert!(!start.minus(1).within(start, length));
        assert_eq!(start.plus(length).minus(1).within(start, length), length > 0);
    }
}
