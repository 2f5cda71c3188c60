//! Counts of all segments by stage, direction and kind, and for each connection.

use super::astray::{Stray, Strays};
use super::changes::{Change, Changed, changes};
use super::clocks::Clocks;
use super::crossing::{Row, ToFirst, print_of, rows};
use super::delays::Delays;
use super::fate::{Context, Fate, Passage};
use super::group::{Group, POINTS, Role};
use super::kind::Kind;
use super::observations::NONE;
use super::point::Point;
use super::stage::Stage;
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashSet};

/// The account of one stage.
#[derive(Clone, Debug, Default)]
pub struct Passing {
    /// Segments that entered the stage, by kind: captured before it while the point behind it was capturing.
    pub entered: [u64; Kind::ALL.len()],
    /// Segments by fate and kind.
    pub fates: [[u64; Kind::ALL.len()]; Fate::ALL.len()],
    /// Segments that were overtaken.
    pub reordered: u64,
    /// Segments held up far longer than usual.
    pub delayed: u64,
    /// Segments that were split or merged.
    pub in_pieces: u64,
    /// One-way delays.
    pub delays: Delays,
    /// By kind of change: how often, the frame of the first case, and the first case.
    pub changes: BTreeMap<Change, (u64, u64, Changed)>,
}

/// The counts of one connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Glance {
    /// By role of the sender: the number of segments of each fate.
    pub fates: [[u32; Fate::ALL.len()]; 2],
    /// By role of the sender: the number of segments overtaken or held up.
    pub late: [u32; 2],
    /// Some of its segments were beyond the limit, so it was not compared.
    pub torn: bool,
}

/// One segment with its fate.
#[derive(Clone, Debug)]
pub struct Told {
    /// The sender, or the claimed sender.
    pub role: Role,
    /// Where it was captured, and its fate.
    pub passage: Passage,
    /// The stages that it passed with a capture at both points.
    pub legs: Legs,
}

/// The stages that a segment passed: nearly always one, which needs no allocation.
#[derive(Clone, Debug, Default)]
pub struct Legs {
    first: Option<Leg>,
    more: Vec<Leg>,
}

impl Legs {
    fn push(&mut self, leg: Leg) {
        match self.first {
            None => self.first = Some(leg),
            Some(_) => self.more.push(leg),
        }
    }

    /// The stages in the order in which the segment passed them.
    pub fn iter(&self) -> impl Iterator<Item = &Leg> {
        self.first.iter().chain(&self.more)
    }
}

/// A stage that a segment passed.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    /// The stage.
    pub stage: Stage,
    /// The delay, in ns.
    pub delay_ns: i64,
    /// A later segment arrived before it.
    pub reordered: bool,
    /// It took far longer than usual.
    pub delayed: bool,
}

/// The whole account.
#[derive(Debug, Default)]
pub struct Account {
    /// The account of each stage.
    pub stages: BTreeMap<Stage, Passing>,
    /// The counts of each group, in the order of groups.
    pub glances: Vec<Glance>,
    /// The delay above which a segment counts as held up, by stage, in ns.
    held_up: BTreeMap<Stage, i64>,
    usual_ns: i64,
    least_ns: i64,
    /// When each capture began and ended, on the clock of the first.
    spans: [(i64, i64); POINTS],
    /// Segments that another point counts to another connection, as point and place.
    elsewhere: HashSet<(usize, u32), RandomState>,
}

impl Account {
    /// Counts the fates of all segments.
    #[must_use]
    pub fn draw(points: &[Point], groups: &[Group], clocks: &Clocks) -> Self {
        let mut account = Self { spans: clocks.spans(points), ..Self::default() };
        account.learn_delays(points, groups, clocks);
        account.glances.reserve(groups.len());
        let mut strays = Strays::default();
        for group in groups {
            let glance = if is_torn(points, group) {
                Glance { torn: true, ..Glance::default() }
            } else {
                account.glance(points, group, clocks, &mut strays)
            };
            account.glances.push(glance);
        }
        account.find_astray(strays);
        account
    }

    /// Gives the fate "arrived" to a packet that seems lost on one connection and injected into another.
    fn find_astray(&mut self, strays: Strays) {
        let held_up = &self.held_up;
        for [lost, injected] in strays.pairs(|stage| held_up.get(&stage).copied()) {
            for stray in [&lost, &injected] {
                self.elsewhere.insert((stray.point, stray.place));
                let fates = &mut self.glances[stray.group].fates[stray.role];
                fates[stray.seems as usize] -= 1;
                fates[Fate::Arrived as usize] += 1;
                let passing = self.stages.entry(stray.stage).or_default();
                passing.fates[stray.seems as usize][stray.kind as usize] -= 1;
            }
            let passing = self.stages.entry(lost.stage).or_default();
            passing.entered[lost.kind as usize] += u64::from(lost.seems != Fate::Lost);
            passing.fates[Fate::Arrived as usize][lost.kind as usize] += 1;
            passing.delays.add(injected.time_ns - lost.time_ns);
        }
    }

    /// Learns the usual delay of each stage from a sample of connections and segments.
    fn learn_delays(&mut self, points: &[Point], groups: &[Group], clocks: &Clocks) {
        const LOOKED_AT: usize = 4000;
        const SEGMENTS: usize = 1 << 18;
        /// A segment is held up if its delay exceeds the median by more than this many times the difference between
        /// median and minimum.
        const SPREADS: i64 = 4;
        /// The least excess that counts as held up, even if delays hardly vary: the clocks may be wrong by this much.
        const LEAST_SLACK_NS: i64 = 1_000_000;
        let stride = groups.len().div_ceil(LOOKED_AT).max(1);
        let limit = SEGMENTS / groups.len().clamp(1, LOOKED_AT);
        let to_first = |point: usize, time_ns: i64| clocks.to_first(point, time_ns);
        let context = self.context(points, clocks, &to_first);
        let mut delays: BTreeMap<Stage, Delays> = BTreeMap::new();
        for group in groups.iter().step_by(stride).filter(|group| !is_torn(points, group)) {
            for role in [0, 1] {
                let rows = rows(points, group, role, Some(&to_first), limit);
                for stage in context.way(group, role).windows(2) {
                    let delays = delays.entry(Stage::of(stage)).or_default();
                    for row in &rows {
                        let (sent, arrived) = (context.time(row, stage[0]), context.time(row, stage[1]));
                        sent.zip(arrived).into_iter().for_each(|(sent, arrived)| delays.add(arrived - sent));
                    }
                }
            }
        }
        for (stage, delays) in delays {
            let (Some(least), Some(middle)) = (delays.least(), delays.quantile(50)) else { continue };
            let slack = LEAST_SLACK_NS.max((middle - least) * SPREADS);
            self.held_up.insert(stage, middle + slack);
            self.usual_ns = self.usual_ns.max(middle + (middle - least));
            self.least_ns = self.least_ns.max(least);
        }
    }

    fn context<'a>(&self, points: &'a [Point], clocks: &'a Clocks, to_first: ToFirst<'a>) -> Context<'a> {
        Context {
            points,
            to_first,
            path: &clocks.path,
            spans: self.spans,
            usual_ns: self.usual_ns,
            least_ns: self.least_ns,
        }
    }

    /// All segments of a connection with their fates, in the order of their times.
    #[must_use]
    pub fn tell(&self, points: &[Point], group: &Group, clocks: &Clocks) -> Vec<Told> {
        let to_first = |point: usize, time_ns: i64| clocks.to_first(point, time_ns);
        let context = self.context(points, clocks, &to_first);
        let sent = [0, 1].map(|role| rows(points, group, role, Some(&to_first), usize::MAX));
        let mut told: Vec<Told> =
            [0, 1].into_iter().flat_map(|role| self.sent_by(&context, group, &sent, role)).collect();
        let ways = [0, 1].map(|role| context.way(group, role));
        told.sort_by_cached_key(|told| first_time(&context, &ways[told.role], told));
        told
    }

    /// Counts the fates of a connection's segments. One end follows the other, as an end may have many segments.
    fn glance(&mut self, points: &[Point], group: &Group, clocks: &Clocks, strays: &mut Strays) -> Glance {
        let to_first = |point: usize, time_ns: i64| clocks.to_first(point, time_ns);
        let sent = [0, 1].map(|role| rows(points, group, role, Some(&to_first), usize::MAX));
        let mut glance = Glance::default();
        for role in [0, 1] {
            let context = self.context(points, clocks, &to_first);
            let told = self.sent_by(&context, group, &sent, role);
            note_strays(&context, self.glances.len(), &told, strays);
            self.count(points, group, &told, &mut glance);
        }
        glance
    }

    /// The fates of all segments of one end, in the order of the first capture.
    fn sent_by(&self, context: &Context<'_>, group: &Group, sent: &[Vec<Row>; 2], role: Role) -> Vec<Told> {
        let mut passages = context.passages(group, &sent[role], &sent[1 - role], role);
        if !self.elsewhere.is_empty() {
            passages.iter_mut().for_each(|passage| self.correct(passage));
        }
        let told = passages.into_iter().map(|passage| Told { role, passage, legs: Legs::default() });
        let mut told: Vec<Told> = told.collect();
        for stage in context.way(group, role).windows(2) {
            self.pass(context, [stage[0], stage[1]], &mut told);
        }
        told
    }

    /// Gives the fate "arrived" to a segment that another point counts to another connection.
    fn correct(&self, passage: &mut Passage) {
        let mut seen = passage.row.at.iter().copied().enumerate().filter(|(_, place)| *place != NONE);
        if matches!(passage.fate, Fate::Lost | Fate::Injected | Fate::Outside)
            && seen.any(|observation| self.elsewhere.contains(&observation))
        {
            passage.fate = Fate::Arrived;
            passage.stage.1 = passage.stage.0;
        }
    }

    /// Adds a stage to the segments that were captured before and behind it.
    fn pass(&self, context: &Context<'_>, [before, behind]: [usize; 2], told: &mut [Told]) {
        let at = |told: &Told, point: usize| told.passage.row.at[point];
        let both = |told: &Told| at(told, before) != NONE && at(told, behind) != NONE;
        let mut passing: Vec<usize> = (0..told.len()).filter(|place| both(&told[*place])).collect();
        // Segments in the order of the capture before the stage: one is overtaken if a later one precedes it in the
        // capture behind.
        passing.sort_by_key(|place| at(&told[*place], before));
        let stage = Stage::of(&[before, behind]);
        let held_up = self.held_up.get(&stage).copied().unwrap_or(i64::MAX);
        let mut earliest_behind = u32::MAX;
        for place in passing.into_iter().rev() {
            let told = &mut told[place];
            let row = &told.passage.row;
            let Some((sent, arrived)) = context.time(row, before).zip(context.time(row, behind)) else {
                continue;
            };
            let (delay_ns, place) = (arrived - sent, row.at[behind]);
            let reordered = place > earliest_behind;
            earliest_behind = earliest_behind.min(place);
            told.legs.push(Leg { stage, delay_ns, reordered, delayed: delay_ns > held_up });
        }
    }

    fn count(&mut self, points: &[Point], group: &Group, told: &[Told], glance: &mut Glance) {
        for told in told {
            let Passage { row, fate, stage } = &told.passage;
            glance.fates[told.role][*fate as usize] += 1;
            glance.late[told.role] += u32::from(told.legs.iter().any(|leg| leg.reordered || leg.delayed));
            let Some(kind) = kind_of(points, row) else { continue };
            for leg in told.legs.iter() {
                let passing = self.stages.entry(leg.stage).or_default();
                passing.entered[kind as usize] += 1;
                passing.fates[Fate::Arrived as usize][kind as usize] += 1;
                passing.reordered += u64::from(leg.reordered);
                passing.delayed += u64::from(leg.delayed);
                passing.in_pieces += u64::from(row.in_pieces);
                passing.delays.add(leg.delay_ns);
                if !row.in_pieces {
                    note_changes(points, group, told, leg.stage, passing);
                }
            }
            if *fate != Fate::Arrived {
                let stage = Stage { before: stage.0 as u8, behind: stage.1 as u8 };
                let passing = self.stages.entry(stage).or_default();
                passing.fates[*fate as usize][kind as usize] += 1;
                passing.entered[kind as usize] += u64::from(*fate == Fate::Lost);
            }
        }
    }
}

/// The kind of a segment in the first capture that has it. A segment that is split, or merged from several, may be of
/// another kind at the next point, but counts only once.
fn kind_of(points: &[Point], row: &Row) -> Option<Kind> {
    let (point, place) = row.at.iter().enumerate().find(|(_, place)| **place != NONE)?;
    Some(Kind::of(points[point].observations.get(*place)))
}

/// The changes that a stage made to a segment.
#[must_use]
pub fn changed(points: &[Point], group: &Group, told: &Told, stage: Stage) -> Vec<Changed> {
    let mut found = Vec::new();
    each_change(points, group, told, stage, |_, changed| found.push(changed));
    found
}

fn note_changes(points: &[Point], group: &Group, told: &Told, stage: Stage, passing: &mut Passing) {
    each_change(points, group, told, stage, |frame, changed| {
        let known = passing.changes.entry(changed.0).or_insert((0, frame, changed));
        known.0 += 1;
    });
}

/// Calls `note` with each of those changes and the frame in the capture before the stage.
fn each_change(
    points: &[Point],
    group: &Group,
    told: &Told,
    stage: Stage,
    mut note: impl FnMut(u64, Changed),
) {
    let (before, behind) = (usize::from(stage.before), usize::from(stage.behind));
    let [a, b] = [before, behind].map(|point| points[point].observations.get(told.passage.row.at[point]));
    let shift = group.shift(behind, told.role).wrapping_sub(group.shift(before, told.role));
    let frame = u64::from(a.frame);
    changes(a, b, shift, |changed| note(frame, changed));
    // A device that changes the payload's length shifts the sequence numbers behind it. Pieces of a split segment
    // begin at numbers of their own, so they do not count.
    let expected = a.seq.plus(shift);
    if !told.passage.row.in_pieces && !a.flags().syn() && b.seq != expected {
        note(frame, (Change::Numbers, Some(a.seq.0), Some(b.seq.0)));
    }
}

/// Collects the segments that seem lost or injected, from the point nearest to that stage.
fn note_strays(context: &Context<'_>, group: usize, told: &[Told], strays: &mut Strays) {
    for Told { role, passage, .. } in told {
        let Passage { row, fate: seems, stage: (before, behind) } = *passage;
        if !matches!(seems, Fate::Lost | Fate::Injected | Fate::Outside) {
            continue;
        }
        let point = if row.at[before] == NONE { behind } else { before };
        let seen = context.observation(&row, point).zip(context.time(&row, point));
        let Some(((s, time_ns), kind)) = seen.zip(kind_of(context.points, &row)) else {
            continue;
        };
        let (place, print) = (row.at[point], print_of(s));
        let stage = Stage::of(&[before, behind]);
        strays.add(Stray { group, role: *role, kind, point, place, time_ns, stage, seems, print });
    }
}

fn first_time(context: &Context<'_>, way: &[usize], told: &Told) -> i64 {
    way.iter().find_map(|point| context.time(&told.passage.row, *point)).unwrap_or(0)
}

/// Whether a connection cannot be compared, as some of its segments are missing.
#[must_use]
pub fn is_torn(points: &[Point], group: &Group) -> bool {
    group.present().any(|(point, member)| points[point].observations.is_torn(member.id))
}
