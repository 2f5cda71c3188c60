//! The join of several captures, from frames to account.

use super::account::{Account, Told};
use super::clocks::Clocks;
use super::fate::Fate;
use super::group::{Group, Member, POINTS};
use super::merge;
use super::pairing;
use super::point::Point;
use crate::flows::slab::Slab;
use crate::flows::table::Flows;

/// Several captures, read one by one and then joined.
#[derive(Default)]
pub struct Join {
    /// The captures.
    pub points: Vec<Point>,
    /// The connections.
    pub groups: Vec<Group>,
    /// The clocks, and the path.
    pub clocks: Clocks,
    /// The account of all segments.
    pub account: Account,
    /// The group of each connection of the merged table, by id; ids count from 1.
    pub by_id: Vec<u32>,
    /// The first frame number of each capture in the merged table, less one.
    pub bases: [u64; POINTS],
}

impl Join {
    /// Joins the captures that were read. The table that it returns holds every connection once.
    pub fn settle(&mut self) -> Flows {
        for point in &mut self.points {
            point.flows.settle();
        }
        self.groups = pairing::groups(&self.points);
        self.clocks = Clocks::draw(&self.points, &mut self.groups);
        self.account = Account::draw(&self.points, &self.groups, &self.clocks);
        self.bases = merge::bases(&self.points);
        let (flows, by_id) = merge::merge(&self.points, &self.groups, &self.clocks);
        self.by_id = by_id;
        for point in &mut self.points {
            // Every connection is in the merged table now.
            point.flows.slab = Slab::default();
        }
        flows
    }

    /// The place of a connection of the merged table among the groups.
    #[must_use]
    pub fn place(&self, id: u64) -> Option<usize> {
        let index = usize::try_from(id).ok()?.checked_sub(1)?;
        self.by_id.get(index).map(|place| *place as usize)
    }

    /// The segments of a connection, in the order of their times.
    #[must_use]
    pub fn tell(&self, group: &Group) -> Vec<Told> {
        self.account.tell(&self.points, group, &self.clocks)
    }

    /// The ids of connections with an incident on the way, or missing in some capture.
    pub fn troubled(&self) -> impl Iterator<Item = u64> + '_ {
        let all = self.points.len();
        self.by_id.iter().enumerate().filter_map(move |(index, place)| {
            let (glance, group) = (&self.account.glances[*place as usize], &self.groups[*place as usize]);
            let happened = glance.fates.iter().any(|fates| fates.iter().skip(1).any(|count| *count > 0));
            let troubled = happened || glance.late != [0, 0] || group.present().count() < all;
            troubled.then_some(index as u64 + 1)
        })
    }

    /// The ids of connections with at least one segment of this fate.
    pub fn having(&self, fate: Fate) -> impl Iterator<Item = u64> + '_ {
        let has = move |place: u32| {
            self.account.glances[place as usize].fates.iter().any(|fates| fates[fate as usize] > 0)
        };
        let places = self.by_id.iter().enumerate();
        places.filter(move |(_, place)| has(**place)).map(|(index, _)| index as u64 + 1)
    }

    /// The number of connections at exactly each set of points; the sets as bits.
    #[must_use]
    pub fn presence(&self) -> Vec<(u32, u64)> {
        let mut counts = std::collections::BTreeMap::new();
        for group in &self.groups {
            let bits = group.present().fold(0_u32, |bits, (point, _): (usize, &Member)| bits | 1 << point);
            *counts.entry(bits).or_insert(0) += 1;
        }
        counts.into_iter().collect()
    }
}
