//! One flow table from all captures: each end of a connection comes from the capture nearest to it.
//!
//! Only the capture nearest to an end shows for certain which segments came that far. So the client's states and
//! facts are those of the capture nearest to the client, the server's those of the capture nearest to the server,
//! with times on the first capture's clock. Frame numbers go on from capture to capture, in the order given.

use super::clocks::Clocks;
use super::group::{Group, Member, POINTS};
use super::point::Point;
use crate::flows::slab::{NOWHERE, Place, Slot};
use crate::flows::table::{Capacity, Flows};
use crate::flows::traffic::Traffic;
use crate::tcp::connection::{Connection, Parts};
use crate::tcp::endpoint::Endpoint;
use crate::tcp::entry::{Entry, Verdict};
use crate::tcp::fact::{Fact, Facts};
use crate::tcp::side::Side;
use std::collections::HashMap;

/// Facts about a connection as a whole that hold only if every capture shows them.
const ONLY_IF_ALL: [Fact; 4] = [Fact::MidStream, Fact::SynMissing, Fact::OneWay, Fact::FramesMissing];

/// The first frame number of each capture, less one.
#[must_use]
pub fn bases(points: &[Point]) -> [u64; POINTS] {
    let mut bases = [0; POINTS];
    for (index, point) in points.iter().enumerate().take(POINTS - 1) {
        bases[index + 1] = bases[index] + point.flows.traffic.frames;
    }
    bases
}

/// The table of all connections, and the group of each, by id.
#[must_use]
pub fn merge(points: &[Point], groups: &[Group], clocks: &Clocks) -> (Flows, Vec<u32>) {
    let profile = points.first().map(|point| *point.flows.profile()).unwrap_or_default();
    let mut flows =
        Flows::new(profile, Capacity { connections: usize::MAX, bytes: usize::MAX, ..Capacity::default() });
    let merger = Merger { points, clocks, bases: bases(points) };
    flows.traffic = merger.traffic();
    for point in points {
        flows.listeners.learn_from(&point.flows.listeners);
    }
    let mut order: Vec<(i64, u32)> = groups
        .iter()
        .enumerate()
        .map(|(place, group)| {
            let times = group.present().map(|(point, member)| clocks.to_first(point, member.first_ns));
            (times.min().unwrap_or(0), place as u32)
        })
        .collect();
    order.sort_unstable();
    let mut places: HashMap<(usize, u64), Place, foldhash::fast::RandomState> = HashMap::default();
    let mut by_id = Vec::with_capacity(groups.len());
    for (_, place) in order {
        let group = &groups[place as usize];
        let Some(mut slot) = merger.slot(group) else { continue };
        let (base, member) = merger.nearest(group, 0);
        let before = merger.own(base, &member).and_then(|own| points[base].flows.before(own));
        slot.before = before.and_then(|old| places.get(&(base, old.id)).copied()).unwrap_or(NOWHERE);
        let adopted = flows.adopt(slot);
        places.extend(group.present().map(|(point, member)| ((point, member.id), adopted)));
        by_id.push(place);
    }
    (flows, by_id)
}

struct Merger<'a> {
    points: &'a [Point],
    clocks: &'a Clocks,
    bases: [u64; POINTS],
}

impl<'a> Merger<'a> {
    fn own(&self, point: usize, member: &Member) -> Option<&'a Slot> {
        self.points[point].flows.slab.get(member.place).filter(|slot| slot.id == member.id)
    }

    /// The point nearest to an end among those that have the connection.
    fn nearest(&self, group: &Group, role: usize) -> (usize, Member) {
        let mut along: Vec<usize> = self.clocks.path.clone();
        if group.backward != (role == 1) {
            along.reverse();
        }
        let found = along.into_iter().find_map(|point| Some((point, group.member(point)?)));
        // Every group has a member.
        found.or_else(|| group.present().next().map(|(point, member)| (point, *member))).unwrap_or_default()
    }

    /// Whether the capture at an end's side of the path has no segment of the connection.
    fn is_hidden(&self, group: &Group, role: usize) -> bool {
        let backward = group.backward != (role == 1);
        let nearest = if backward { self.clocks.path.last() } else { self.clocks.path.first() };
        nearest.is_some_and(|point| group.member(*point).is_none())
    }

    fn slot(&self, group: &Group) -> Option<Slot> {
        let (base, first) = self.nearest(group, 0);
        let slot = self.own(base, &first)?;
        let (first_frame, last_frame) = self.frames(group);
        let mut parts = Parts {
            client: first.client,
            direction: slot.connection.direction(),
            handshake_ns: slot.connection.handshake_ns(),
            first_frame,
            last_frame,
            ..Parts::default()
        };
        let mut entries: Vec<(i64, Entry)> = Vec::new();
        for role in [0, 1] {
            let (point, member) = self.nearest(group, role);
            let side = first.side(role);
            if role == 1 && point == base && self.is_hidden(group, 1) {
                // No segment came so far: the server does not know the connection.
                continue;
            }
            let connection = &self.own(point, &member)?.connection;
            parts.ends[side] = self.end(point, connection.end(member.side(role)));
            entries.extend(self.entries(point, connection, member.side(role), side));
        }
        if !self.is_hidden(group, 1) {
            // The turns are those of the capture nearest to the client: they tell how long the client waited.
            parts.take_turns(&slot.connection);
        }
        let whole = self.whole(group, &mut entries);
        let facts = parts.ends[0].facts().or(whole);
        parts.ends[0].set_facts(facts);
        entries.sort_by_key(|(time_ns, _)| *time_ns);
        let connection = parts.put_together(entries.iter().map(|(_, entry)| entry));
        let incarnation = slot.incarnation;
        Some(Slot { key: slot.key.clone(), connection, id: 0, before: NOWHERE, incarnation })
    }

    /// An end, with times on the first capture's clock and without the facts about the whole connection.
    fn end(&self, point: usize, end: &Endpoint) -> Endpoint {
        let mut end = end.clone();
        end.translate_times(|time_ns| self.clocks.to_first(point, time_ns));
        end.set_facts(end.facts().without(Facts::OF_CONNECTION));
        end
    }

    /// The log's entries about one end.
    fn entries(&self, point: usize, connection: &Connection, from: Side, to: Side) -> Vec<(i64, Entry)> {
        let mine = |entry: &Entry| match entry {
            Entry::Transition(t) => t.side == from,
            Entry::Sighting(s) => s.side == from && !s.fact.is_of_connection(),
        };
        connection.log().entries().filter(mine).map(|entry| self.told(point, entry, to)).collect()
    }

    fn told(&self, point: usize, mut entry: Entry, side: Side) -> (i64, Entry) {
        let base = self.bases[point];
        let time_ns = match &mut entry {
            Entry::Transition(t) => {
                t.side = side;
                t.frame += base;
                t.verdict = match t.verdict {
                    Verdict::Open | Verdict::Undated => t.verdict,
                    Verdict::Confirmed(frame) => Verdict::Confirmed(frame + base),
                    Verdict::Retracted(frame) => Verdict::Retracted(frame + base),
                };
                &mut t.time_ns
            }
            Entry::Sighting(s) => {
                s.side = side;
                s.frame += base;
                &mut s.time_ns
            }
        };
        *time_ns = self.clocks.to_first(point, *time_ns);
        (*time_ns, entry)
    }

    /// The facts about the connection as a whole.
    fn whole(&self, group: &Group, entries: &mut Vec<(i64, Entry)>) -> Facts {
        let mut all = Facts::OF_CONNECTION;
        let mut any = Facts::default();
        let mut noted = Facts::default();
        for (point, member) in group.present() {
            let Some(slot) = self.own(point, member) else { continue };
            let facts = slot.connection.whole_facts();
            all = all.and(facts);
            any = any.or(facts);
        }
        let only_if_all = ONLY_IF_ALL.into_iter().collect();
        let held = any.without(only_if_all).or(all.and(only_if_all));
        for (point, member) in group.present() {
            let Some(slot) = self.own(point, member) else { continue };
            for entry in slot.connection.log().entries() {
                if let Entry::Sighting(s) = entry
                    && held.has(s.fact)
                    && noted.add(s.fact)
                {
                    entries.push(self.told(point, entry, Side::Low));
                }
            }
        }
        held
    }

    /// The first frame and the last, by the first capture's clock.
    fn frames(&self, group: &Group) -> (u64, u64) {
        let seen = group.present().filter_map(|(point, member)| {
            let connection = &self.own(point, member)?.connection;
            let base = self.bases[point];
            let first = (self.clocks.to_first(point, connection.first_ns()), connection.first_frame() + base);
            let last = (self.clocks.to_first(point, connection.last_ns()), connection.last_frame() + base);
            Some((first, last))
        });
        let seen: Vec<_> = seen.collect();
        let first = seen.iter().map(|(first, _)| *first).min().map_or(0, |first| first.1);
        (first, seen.iter().map(|(_, last)| *last).max().map_or(0, |last| last.1))
    }

    fn traffic(&self) -> Traffic {
        let mut traffic = Traffic::default();
        for (index, point) in self.points.iter().enumerate() {
            let own = &point.flows.traffic;
            traffic.frames += own.frames;
            traffic.segments.add(own.segments);
            traffic.datagrams += own.datagrams;
            traffic.icmp_errors += own.icmp_errors;
            traffic.duplicates += own.duplicates;
            own.others.iter().for_each(|(protocol, frames)| traffic.count_others(protocol, *frames));
            let told = own.undecoded.iter().map(|undecoded| {
                let mut told = *undecoded;
                told.first_frame += self.bases[index];
                told
            });
            traffic.undecoded.extend(told);
            let first = own.first_ns.map(|time_ns| self.clocks.to_first(index, time_ns));
            let last = own.last_ns.map(|time_ns| self.clocks.to_first(index, time_ns));
            traffic.first_ns = [traffic.first_ns, first].into_iter().flatten().min();
            traffic.last_ns = traffic.last_ns.max(last);
        }
        traffic
    }
}
