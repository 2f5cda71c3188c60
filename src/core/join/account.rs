//! What became of everything: counts by stage, direction and kind, and for each connection.

use super::changes::{Change, Changed, changes};
use super::clocks::Clocks;
use super::crossing::rows;
use super::delays::Delays;
use super::fate::{Context, Fate, Passage};
use super::group::{Group, Role};
use super::kind::Kind;
use super::point::Point;
use super::sightings::NONE;
use std::collections::BTreeMap;

/// A stretch between two points, in the direction of travel, and who sends along it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stage {
    /// The point before it.
    pub before: u8,
    /// The point behind it.
    pub behind: u8,
}

/// What happened in one stage.
#[derive(Clone, Debug, Default)]
pub struct Passing {
    /// Segments that entered it, by kind: captured before it, and the point behind it was capturing.
    pub entered: [u64; Kind::ALL.len()],
    /// By fate and kind.
    pub fates: [[u64; Kind::ALL.len()]; Fate::ALL.len()],
    /// Segments that were overtaken.
    pub reordered: u64,
    /// Segments held up far longer than usual.
    pub delayed: u64,
    /// Segments that were cut or joined.
    pub in_pieces: u64,
    /// One-way delays.
    pub delays: Delays,
    /// What was changed: how often, and the first case.
    pub changes: BTreeMap<Change, (u64, u64, Changed)>,
}

/// What happened to one connection, at a glance.
#[derive(Clone, Copy, Debug, Default)]
pub struct Glance {
    /// By role of the sender: segments, and those of each fate.
    pub fates: [[u32; Fate::ALL.len()]; 2],
    /// By role of the sender: overtaken or held up.
    pub late: [u32; 2],
    /// Some of its segments found no room: it was not compared.
    pub torn: bool,
}

/// One segment with all that is known of it.
#[derive(Clone, Debug)]
pub struct Told {
    /// Who sent it, or in whose name.
    pub role: Role,
    /// Its way.
    pub passage: Passage,
    /// By stage of its way in which both points captured it: the delay in ns, whether it was overtaken there, and
    /// whether it was held up.
    pub legs: Vec<Leg>,
}

/// A stage that a segment passed.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    /// Which.
    pub stage: Stage,
    /// How long it took, in ns.
    pub delay_ns: i64,
    /// Something sent after it arrived before it.
    pub reordered: bool,
    /// It took far longer than usual.
    pub delayed: bool,
}

/// The whole account.
#[derive(Debug, Default)]
pub struct Account {
    /// By stage.
    pub stages: BTreeMap<Stage, Passing>,
    /// By group.
    pub glances: Vec<Glance>,
    /// The delay beyond which a segment counts as held up, by stage, in ns.
    held_up: BTreeMap<Stage, i64>,
    usual_ns: i64,
    least_ns: i64,
}

impl Account {
    /// Draws up the account.
    #[must_use]
    pub fn draw(points: &[Point], groups: &[Group], clocks: &Clocks) -> Self {
        let mut account = Self::default();
        account.learn_delays(points, groups, clocks);
        account.glances.reserve(groups.len());
        for group in groups {
            if is_torn(points, group) {
                account.glances.push(Glance { torn: true, ..Glance::default() });
                continue;
            }
            let told = account.tell(points, group, clocks);
            let glance = account.count(points, group, &told);
            account.glances.push(glance);
        }
        account
    }

    /// What is usual, from some of the connections: a first look at delays.
    fn learn_delays(&mut self, points: &[Point], groups: &[Group], clocks: &Clocks) {
        const LOOKED_AT: usize = 4000;
        let stride = groups.len().div_ceil(LOOKED_AT).max(1);
        let mut delays: BTreeMap<Stage, Delays> = BTreeMap::new();
        for group in groups.iter().step_by(stride).filter(|group| !is_torn(points, group)) {
            for told in self.tell(points, group, clocks) {
                for leg in &told.legs {
                    delays.entry(leg.stage).or_default().add(leg.delay_ns);
                }
            }
        }
        for (stage, delays) in delays {
            let (least, middle) = (delays.least().unwrap_or(0), delays.quantile(50).unwrap_or(0));
            let slack = 1_000_000_i64.max((middle - least) * 4);
            self.held_up.insert(stage, middle + slack);
            self.usual_ns = self.usual_ns.max(middle + (middle - least));
            self.least_ns = self.least_ns.max(least);
        }
    }

    /// All segments of a connection, each with what became of it, in the order of their times.
    #[must_use]
    pub fn tell(&self, points: &[Point], group: &Group, clocks: &Clocks) -> Vec<Told> {
        let to_first = |point: usize, time_ns: i64| clocks.to_first(point, time_ns);
        let context = Context {
            points,
            to_first: &to_first,
            path: &clocks.path,
            spans: clocks.spans(points),
            usual_ns: self.usual_ns,
            least_ns: self.least_ns,
        };
        let sent = [0, 1].map(|role| rows(points, group, role, Some(&to_first), usize::MAX));
        let mut told = Vec::with_capacity(sent[0].len() + sent[1].len());
        for role in [0, 1] {
            let passages = context.passages(group, &sent[role], &sent[1 - role], role);
            self.legs(&context, group, role, passages, &mut told);
        }
        told.sort_by_cached_key(|told| first_time(&context, group, told));
        told
    }

    fn legs(
        &self,
        context: &Context<'_>,
        group: &Group,
        role: Role,
        passages: Vec<Passage>,
        told: &mut Vec<Told>,
    ) {
        let way = context.way(group, role);
        let start = told.len();
        told.extend(passages.into_iter().map(|passage| Told { role, passage, legs: Vec::new() }));
        for pair in way.windows(2) {
            let stage = Stage { before: pair[0] as u8, behind: pair[1] as u8 };
            let both = |told: &&mut Told| {
                told.passage.row.at[pair[0]] != NONE && told.passage.row.at[pair[1]] != NONE
            };
            let mut passing: Vec<(u32, i64, i64, &mut Told)> = told[start..]
                .iter_mut()
                .filter(both)
                .filter_map(|told| {
                    let row = &told.passage.row;
                    let (sent, arrived) = (context.time(row, pair[0])?, context.time(row, pair[1])?);
                    Some((row.at[pair[1]], sent, arrived, told))
                })
                .collect();
            // In the order of the capture before: what comes earlier in the capture behind than one of those was overtaken.
            passing.sort_by_key(|(_, _, _, told)| told.passage.row.at[pair[0]]);
            let held_up = self.held_up.get(&stage).copied().unwrap_or(i64::MAX);
            let mut earliest_behind = u32::MAX;
            for (place, sent, arrived, told) in passing.into_iter().rev() {
                let delay_ns = arrived - sent;
                let reordered = place > earliest_behind;
                earliest_behind = earliest_behind.min(place);
                told.legs.push(Leg { stage, delay_ns, reordered, delayed: delay_ns > held_up });
            }
        }
    }

    fn count(&mut self, points: &[Point], group: &Group, told: &[Told]) -> Glance {
        let mut glance = Glance::default();
        for told in told {
            let Passage { row, fate, stage } = &told.passage;
            glance.fates[told.role][*fate as usize] += 1;
            glance.late[told.role] += u32::from(told.legs.iter().any(|leg| leg.reordered || leg.delayed));
            let Some((point, place)) = row.at.iter().enumerate().find(|(_, place)| **place != NONE) else {
                continue;
            };
            let kind = Kind::of(points[point].sightings.get(*place));
            for leg in &told.legs {
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
        glance
    }
}

/// The changes that a segment suffered in a stage.
#[must_use]
pub fn changed(points: &[Point], group: &Group, told: &Told, stage: Stage) -> Vec<Changed> {
    let (before, behind) = (usize::from(stage.before), usize::from(stage.behind));
    let [a, b] = [before, behind].map(|point| points[point].sightings.get(told.passage.row.at[point]));
    let shift = group.shift(behind, told.role).wrapping_sub(group.shift(before, told.role));
    let mut found = Vec::new();
    changes(a, b, shift, |changed| found.push(changed));
    found
}

fn note_changes(points: &[Point], group: &Group, told: &Told, stage: Stage, passing: &mut Passing) {
    let (before, behind) = (usize::from(stage.before), usize::from(stage.behind));
    let [a, b] = [before, behind].map(|point| points[point].sightings.get(told.passage.row.at[point]));
    let shift = group.shift(behind, told.role).wrapping_sub(group.shift(before, told.role));
    let frame = u64::from(a.frame);
    changes(a, b, shift, |changed| {
        let known = passing.changes.entry(changed.0).or_insert((0, frame, changed));
        known.0 += 1;
    });
}

fn first_time(context: &Context<'_>, group: &Group, told: &Told) -> i64 {
    let way = context.way(group, told.role);
    way.iter().find_map(|point| context.time(&told.passage.row, *point)).unwrap_or(0)
}

/// Whether a connection cannot be compared for want of some of its segments.
#[must_use]
pub fn is_torn(points: &[Point], group: &Group) -> bool {
    group.present().any(|(point, member)| points[point].sightings.is_torn(member.id))
}
