//! The offset and drift of one capture's clock relative to another's.
//!
//! The measured value is `e`, the time of a segment on this clock minus its time on the other. For segments that
//! travel towards this point `e` is the offset plus their delay, for those that travel away the offset minus their
//! delay. The offset is therefore a straight line between two clouds of points, and of all such lines the one that
//! keeps the greatest distance to both is taken: queues only ever move points away from it. This assumes that the
//! shortest delay is the same in both directions, which no capture can show; half the shortest round trip bounds the
//! error.

/// A value of `e`, and its time.
type Extreme = (i64, i64);

/// The extremes of `e` in one slice of time, by the direction of travel.
#[derive(Clone, Copy, Debug)]
struct Slice {
    /// Toward the server: lowest and highest `e`, each with its time.
    there: [Extreme; 2],
    /// Toward the client.
    back: [Extreme; 2],
    seen: [bool; 2],
}

const SLICES: usize = 512;

/// Gathers samples in bounded memory: only the extremes of each slice of time can touch the line.
#[derive(Debug)]
pub struct Samples {
    start_ns: i64,
    slice_ns: i64,
    slices: Vec<Slice>,
    counts: [u64; 2],
}

impl Samples {
    /// Samples of a capture with this time span on its own clock.
    #[must_use]
    pub fn new(start_ns: i64, end_ns: i64) -> Self {
        let slice_ns = (end_ns.saturating_sub(start_ns) / SLICES as i64 + 1).max(1);
        let empty = Slice { there: [(0, 0); 2], back: [(0, 0); 2], seen: [false; 2] };
        Self { start_ns, slice_ns, slices: vec![empty; SLICES], counts: [0; 2] }
    }

    /// Adds a segment captured at `here_ns` and, on the other clock, at `there_ns`. `role` is 0 along the path, 1 for
    /// the way back.
    pub fn add(&mut self, role: usize, here_ns: i64, there_ns: i64) {
        let slot = here_ns.saturating_sub(self.start_ns).max(0) / self.slice_ns;
        let slice = &mut self.slices[usize::try_from(slot).unwrap_or(0).min(SLICES - 1)];
        let e = here_ns.saturating_sub(there_ns);
        let extremes = if role == 0 { &mut slice.there } else { &mut slice.back };
        if !slice.seen[role] {
            *extremes = [(e, here_ns); 2];
            slice.seen[role] = true;
        }
        if e < extremes[0].0 {
            extremes[0] = (e, here_ns);
        }
        if e > extremes[1].0 {
            extremes[1] = (e, here_ns);
        }
        self.counts[role] += 1;
    }

    /// Whether no sample was taken.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.counts[0] + self.counts[1] == 0
    }

    /// The two clouds: above the line, segments that travel towards this point; below it, segments that travel away.
    /// `backward` if this capture is the one nearer to the clients.
    fn clouds(&self, backward: bool) -> [Vec<Extreme>; 2] {
        let of = |role: usize, extreme: usize| -> Vec<Extreme> {
            let seen = self.slices.iter().filter(|slice| slice.seen[role]);
            seen.map(|slice| if role == 0 { slice.there[extreme] } else { slice.back[extreme] }).collect()
        };
        let (hither, thither) = if backward { (1, 0) } else { (0, 1) };
        [of(hither, 0), of(thither, 1)]
    }

    /// The clock, or `None` if nothing was captured at both points.
    #[must_use]
    pub fn clock(&self, backward: bool) -> Option<Clock> {
        let [above, below] = self.clouds(backward);
        let origin = above.first().or(below.first())?.0;
        let anchor_ns = self.start_ns;
        let plain = |points: Vec<Extreme>| -> Vec<(f64, f64)> {
            points.iter().map(|(e, t)| ((t - anchor_ns) as f64, (e - origin) as f64)).collect()
        };
        let fit = Fit { above: plain(above), below: plain(below) };
        let (drift, offset, margin) = fit.line();
        Some(Clock {
            anchor_ns,
            offset_ns: origin + offset.round() as i64,
            drift,
            uncertainty_ns: (!fit.is_one_way()).then_some(margin.abs().round() as i64),
            stepped: margin < 0.0 && !fit.is_one_way(),
            samples: self.counts[0] + self.counts[1],
        })
    }
}

/// The two clouds, as (time since the anchor, `e`), in ns.
struct Fit {
    above: Vec<(f64, f64)>,
    below: Vec<(f64, f64)>,
}

/// The maximum drift, beyond that of any crystal oscillator.
const STEEPEST: f64 = 1e-3;

impl Fit {
    const fn is_one_way(&self) -> bool {
        self.above.is_empty() || self.below.is_empty()
    }

    /// The lowest point of the upper cloud and the highest of the lower cloud, both projected along a slope onto the
    /// time `middle`.
    fn walls(&self, slope: f64, middle: f64) -> (f64, f64) {
        let flat = |&(t, e): &(f64, f64)| e - slope * (t - middle);
        let floor = self.above.iter().map(flat).fold(f64::INFINITY, f64::min);
        let roof = self.below.iter().map(flat).fold(f64::NEG_INFINITY, f64::max);
        (floor, roof)
    }

    /// Twice the distance that a line of this slope can keep from both clouds. With one cloud, a number that grows as
    /// the line gets closer to the cloud.
    fn room(&self, slope: f64, middle: f64) -> f64 {
        match self.walls(slope, middle) {
            (floor, roof) if roof == f64::NEG_INFINITY => floor,
            (floor, roof) if floor == f64::INFINITY => -roof,
            (floor, roof) => floor - roof,
        }
    }

    /// Drift, offset at the anchor, and the distance to both clouds.
    fn line(&self) -> (f64, f64, f64) {
        /// The steps of the search. Each keeps two thirds of the slopes: after this many, the rest are equal to a
        /// double.
        const STEPS: usize = 80;
        let times = || self.above.iter().chain(&self.below).map(|(t, _)| *t);
        let count = times().count().max(1) as f64;
        let middle = times().sum::<f64>() / count;
        let span = times().fold(0.0, f64::max) - times().fold(f64::INFINITY, f64::min);
        // The distance is a concave function of the slope.
        let (mut low, mut high) = (-STEEPEST, STEEPEST);
        for _ in 0..STEPS {
            let third = (high - low) / 3.0;
            if self.room(low + third, middle) < self.room(high - third, middle) {
                low += third;
            } else {
                high -= third;
            }
        }
        let best = f64::midpoint(low, high);
        let slope = if self.is_worth(best, middle, span) { best } else { 0.0 };
        let (floor, roof) = self.walls(slope, middle);
        let at_middle = match (floor.is_finite(), roof.is_finite()) {
            (true, true) => f64::midpoint(floor, roof),
            (true, false) => floor,
            _ => roof,
        };
        let margin = if floor.is_finite() && roof.is_finite() { (floor - roof) / 2.0 } else { 0.0 };
        (slope, at_middle - slope * middle, margin)
    }

    /// Whether a slope explains more than chance does. Delays vary, and in a short capture this looks like drift.
    fn is_worth(&self, slope: f64, middle: f64, span: f64) -> bool {
        /// Fewer points than this do not show how much delays vary.
        const FEWEST: usize = 6;
        /// Many captures have times in whole microseconds: a gain below that is rounding.
        const RESOLUTION_NS: f64 = 1000.0;
        /// The drift over the whole capture must exceed this many times the usual variation of a delay.
        const JITTERS: f64 = 2.0;
        let gain = self.room(slope, middle) - self.room(0.0, middle);
        let (floor, roof) = self.walls(slope, middle);
        let far = |&(t, e): &(f64, f64), wall: f64| (e - slope * (t - middle) - wall).abs();
        let mut strays: Vec<f64> = self.above.iter().map(|point| far(point, floor)).collect();
        strays.extend(self.below.iter().map(|point| far(point, roof)));
        strays.sort_unstable_by(f64::total_cmp);
        let jitter = strays.get(strays.len() / 2).copied().unwrap_or(0.0);
        strays.len() >= FEWEST && gain > jitter.max(RESOLUTION_NS) && slope.abs() * span > JITTERS * jitter
    }
}

/// One clock relative to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// The instant, by this clock, at which the offset holds; Unix ns.
    pub anchor_ns: i64,
    /// How far this clock is ahead of the other at that instant, in ns.
    pub offset_ns: i64,
    /// The drift, in ns per ns.
    pub drift: f64,
    /// The uncertainty of the offset, in ns; `None` if only one direction was captured at both points.
    pub uncertainty_ns: Option<i64>,
    /// No steady drift explains what was captured: one of the clocks was set, or steered hard.
    pub stepped: bool,
    /// The number of segments behind this estimate.
    pub samples: u64,
}

impl Clock {
    /// How far this clock was ahead when it showed `time_ns`.
    #[must_use]
    pub fn ahead(&self, time_ns: i64) -> i64 {
        if self.drift == 0.0 {
            return self.offset_ns; // true of most clocks, and rounding is slow
        }
        let since = time_ns.saturating_sub(self.anchor_ns) as f64;
        self.offset_ns.saturating_add((self.drift * since).round() as i64)
    }

    /// The time that the other clock showed when this one showed `time_ns`.
    #[must_use]
    pub fn other(&self, time_ns: i64) -> i64 {
        time_ns.saturating_sub(self.ahead(time_ns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000_000;
    const START: i64 = 1_700_000_000_000_000_000;

    /// Samples over ten minutes, 10 ms apart, with a delay of 2 ms and queueing, on a clock with this offset and
    /// drift.
    fn crooked(offset: i64, drift: f64, both: bool, backward: bool) -> Samples {
        let shown = |t: i64| t + offset + (drift * (t - START) as f64) as i64;
        let mut samples = Samples::new(shown(START), shown(START + HOUR / 6));
        for i in 0..60_000 {
            let t = START + i * 10_000_000;
            let queue = (i * 7919 % 977) * 10_000;
            let delay = 2_000_000 + queue;
            let hither = i % 2 == 0;
            let role = usize::from(hither == backward);
            if hither {
                samples.add(role, shown(t + delay), t);
            } else if both {
                samples.add(role, shown(t), t + delay);
            }
        }
        samples
    }

    #[test]
    fn offset_and_drift_are_found_beside_queueing_delays() {
        for (offset, drift) in [(0, 0.0), (5 * HOUR, 1e-4), (-3 * HOUR, -1e-4), (1, 2e-6)] {
            let clock = crooked(offset, drift, true, false).clock(false).unwrap();
            for t in [START, START + HOUR / 12, START + HOUR / 6] {
                let shown = t + offset + (drift * (t - START) as f64) as i64;
                assert!((clock.other(shown) - t).abs() < 50_000, "{offset} {drift}: {clock:?}");
            }
            assert!(!clock.stepped);
            assert!((clock.uncertainty_ns.unwrap() - 2_000_000).abs() < 50_000);
        }
    }

    #[test]
    fn captures_in_the_other_order_have_the_same_clocks() {
        let clock = crooked(HOUR, 1e-4, true, true).clock(true).unwrap();
        assert!((clock.offset_ns - HOUR).abs() < 50_000, "{clock:?}");
    }

    #[test]
    fn one_direction_bounds_the_offset_from_one_side() {
        let clock = crooked(HOUR, 0.0, false, false).clock(false).unwrap();
        assert_eq!(clock.uncertainty_ns, None);
        assert!((clock.offset_ns - HOUR - 2_000_000).abs() < 50_000, "{clock:?}");
    }

    #[test]
    fn a_clock_that_was_set_counts_as_stepped() {
        let mut samples = crooked(0, 0.0, true, false);
        for i in 0..1000 {
            let t = START + HOUR / 12 + i * 1_000_000;
            samples.add(0, t - HOUR, t);
        }
        assert!(samples.clock(false).unwrap().stepped);
    }

    #[test]
    fn captures_without_shared_segments_have_no_clock() {
        assert_eq!(Samples::new(0, 10).clock(false), None);
    }
}
