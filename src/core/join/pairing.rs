//! Matches the connections of different captures.
//!
//! The surest way comes first: by addresses and ports, and by initial sequence numbers where these were used more
//! than once. Other connections may have been translated or rewritten on the way. They are matched by properties that
//! devices keep: sequence numbers, the timestamp and options of the SYN, the numbers of single segments. A property
//! that fits more than one connection on either side proves nothing, and is not used.

use super::group::{By, Group, Member};
use super::point::Point;
use crate::flows::key::Key;
use crate::tcp::side::Side;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::hash::Hash;

/// Finds the groups of all connections.
#[must_use]
pub fn groups(points: &[Point]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, point) in points.iter().enumerate() {
        let members = point.flows.in_order().into_iter();
        let members: Vec<Member> = members
            .filter_map(|(_, place)| Some(Member::of(point, place, point.flows.slab.get(place)?)))
            .collect();
        Pairing::new(points, index, members, &mut groups).run();
    }
    groups
}

/// Joins the connections of one more point to the groups.
struct Pairing<'a> {
    points: &'a [Point],
    index: usize,
    /// Connections of the point that are not matched yet.
    waiting: Vec<Member>,
    groups: &'a mut Vec<Group>,
    /// Groups that have a member at this point now.
    taken: Vec<bool>,
}

/// The most connections of the same addresses and ports to try. They have the same order in all captures.
const INCARNATIONS: usize = 64;

type Index<K> = HashMap<K, Vec<usize>, RandomState>;

impl<'a> Pairing<'a> {
    fn new(points: &'a [Point], index: usize, waiting: Vec<Member>, groups: &'a mut Vec<Group>) -> Self {
        let taken = vec![false; groups.len()];
        Self { points, index, waiting, groups, taken }
    }

    fn run(mut self) {
        if !self.groups.is_empty() {
            self.by_tuple(Self::has_equal_numbers);
            self.by_likeness(By::Translated, |_, _, member| Some((member.iss[0]?, member.iss[1]?)));
            self.by_tuple(Self::has_near_numbers);
            self.by_tuple_rewritten();
            self.by_likeness(By::Translated, |points, point, member| {
                let (_, scale, window) = syn(points, point, member)?;
                Some((member.iss[0]?, scale, window))
            });
            self.by_likeness(By::Translated, |_, _, member| {
                member.iss[1].filter(|_| member.iss[0].is_none())
            });
            self.by_likeness(By::Disguised, |points, point, member| {
                syn(points, point, member).filter(|syn| syn.0 != 0)
            });
            self.by_segments();
        }
        let index = self.index;
        self.groups.extend(self.waiting.into_iter().map(|member| Group::new(index, member)));
    }

    fn join(&mut self, group: usize, member: Member, by: By) {
        self.groups[group].add(self.index, member, by);
        self.taken[group] = true;
    }

    /// The groups without a member at this point, by a property of their latest member.
    fn free<K: Hash + Eq>(&self, property: impl Fn(usize, &Member) -> Option<K>) -> Index<K> {
        let mut index = Index::default();
        for (place, group) in self.groups.iter().enumerate() {
            if !self.taken[place]
                && let Some((point, member)) = group.latest()
                && let Some(key) = property(point, member)
            {
                index.entry(key).or_insert_with(Vec::new).push(place);
            }
        }
        index
    }

    /// Matches by addresses and ports, and by sequence numbers if these were used more than once.
    fn by_tuple(&mut self, agrees: impl Fn(&Self, usize, &Member) -> bool) {
        if self.waiting.is_empty() {
            return;
        }
        let mut index: Index<Key> = self.free(|_, member| Some(member.key));
        index.values_mut().for_each(|groups| groups.reverse());
        for member in std::mem::take(&mut self.waiting) {
            let groups = index.entry(member.key).or_default();
            while groups.pop_if(|group| self.taken[*group]).is_some() {}
            let next = groups.iter().rev().take(INCARNATIONS).copied();
            match next.filter(|group| !self.taken[*group]).find(|group| agrees(self, *group, &member)) {
                Some(group) => self.join(group, member, By::Tuple),
                None => self.waiting.push(member),
            }
        }
    }

    /// Matches by addresses and ports in the order of their use, if sequence numbers are rewritten on the way.
    fn by_tuple_rewritten(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let index: Index<Key> = self.free(|_, member| Some(member.key));
        let mut left: Index<Key> = Index::default();
        for (place, member) in self.waiting.iter().enumerate() {
            left.entry(member.key).or_default().push(place);
        }
        let mut rewritten = Vec::new();
        for (key, members) in left {
            let free = index.get(&key).into_iter().flatten().filter(|group| !self.taken[**group]);
            let free: Vec<usize> = free.copied().collect();
            if free.len() == members.len() {
                rewritten.extend(free.into_iter().zip(members));
            }
        }
        rewritten.retain(|(group, member)| self.may_be_rewritten(*group, &self.waiting[*member]));
        self.join_waiting(rewritten, By::RewrittenNumbers);
    }

    fn join_waiting(&mut self, pairs: Vec<(usize, usize)>, by: By) {
        let mut joined = vec![false; self.waiting.len()];
        for (group, place) in pairs {
            joined[place] = true;
            self.join(group, self.waiting[place], by);
        }
        let mut place = 0;
        self.waiting.retain(|_| {
            place += 1;
            !joined[place - 1]
        });
    }

    fn latest(&self, group: usize) -> Option<(usize, &Member)> {
        self.groups[group].latest()
    }

    fn has_equal_numbers(&self, group: usize, member: &Member) -> bool {
        let Some((_, other)) = self.latest(group) else { return false };
        let (mut equal, mut unlike) = (false, false);
        for side in Side::BOTH {
            if let (Some(a), Some(b)) = (other.iss[other.role(side)], member.iss[member.role(side)]) {
                equal |= a == b;
                unlike |= a != b;
            }
        }
        equal && !unlike
    }

    /// Whether the next sequence numbers are near each other, for connections whose opening one capture lacks.
    fn has_near_numbers(&self, group: usize, member: &Member) -> bool {
        const NEAR: u32 = 1 << 26;
        let Some((_, other)) = self.latest(group) else { return false };
        let (mut near, mut known_twice) = (false, false);
        for side in Side::BOTH {
            let (here, there) = (member.role(side), other.role(side));
            known_twice |= member.iss[here].is_some() && other.iss[there].is_some();
            if let (Some(a), Some(b)) = (other.next[there], member.next[here]) {
                near |= a.since(b).unsigned_abs() < NEAR;
            }
        }
        near && !known_twice
    }

    /// Rewritten numbers are accepted if one end's are unchanged, or if the SYNs agree in everything else.
    fn may_be_rewritten(&self, group: usize, member: &Member) -> bool {
        let Some((point, other)) = self.latest(group) else { return false };
        if (0..2).any(|role| other.iss[role].is_some() && other.iss[role] == member.iss[role]) {
            return true;
        }
        // The first SYN may have been lost on the way, and each retransmission has a timestamp of its own.
        let there: Vec<Syn> = syns(self.points, point, other).collect();
        syns(self.points, self.index, member)
            .any(|here| there.iter().any(|there| *there == here || there.0 == 0 || here.0 == 0))
    }

    /// Matches by a property that devices on the way keep, if it is unique on both sides.
    fn by_likeness<K: Hash + Eq>(
        &mut self,
        by: By,
        property: impl Fn(&[Point], usize, &Member) -> Option<K>,
    ) {
        if self.waiting.is_empty() {
            return;
        }
        let index = self.free(|point, member| property(self.points, point, member));
        let mut alike: Index<K> = Index::default();
        for (place, member) in self.waiting.iter().enumerate() {
            if let Some(key) = property(self.points, self.index, member) {
                alike.entry(key).or_default().push(place);
            }
        }
        let mut pairs = Vec::new();
        for (key, members) in alike {
            if let ([member], Some([group])) = (&members[..], index.get(&key).map(Vec::as_slice)) {
                pairs.push((*group, *member));
            }
        }
        self.join_waiting(pairs, by);
    }

    /// Matches by the numbers of the first segments, for connections whose opening was not captured.
    fn by_segments(&mut self) {
        const LOOKED_AT: usize = 16;
        let numbers = |point: usize, member: &Member| {
            let observations = self.points[point].observations.of(member.id).take(LOOKED_AT);
            observations.map(|(_, s)| (s.seq, s.ack, s.payload, s.flags().0)).collect::<Vec<_>>()
        };
        let is_unopened = |member: &Member| member.iss.iter().any(Option::is_none);
        if !self.waiting.iter().any(is_unopened) {
            return;
        }
        let mut index: HashMap<_, usize, RandomState> = HashMap::default();
        for (place, group) in self.groups.iter().enumerate() {
            if !self.taken[place]
                && let Some((point, member)) = group.latest()
            {
                index.extend(numbers(point, member).into_iter().map(|number| (number, place)));
            }
        }
        let mut pairs: HashMap<usize, usize, RandomState> = HashMap::default();
        for (place, member) in self.waiting.iter().enumerate().filter(|(_, member)| is_unopened(member)) {
            if let Some(group) = numbers(self.index, member).iter().find_map(|number| index.get(number)) {
                pairs.entry(*group).or_insert(place);
            }
        }
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_unstable();
        self.join_waiting(pairs, By::Segments);
    }
}

/// The identity of a SYN apart from its sequence number: timestamp, window scale, window.
type Syn = (u32, u8, u16);

fn syns<'a>(points: &'a [Point], point: usize, member: &Member) -> impl Iterator<Item = Syn> + use<'a> {
    const LOOKED_AT: usize = 16;
    let observations =
        points[point].observations.of(member.id).take(LOOKED_AT).map(|(_, observation)| observation);
    let syns = observations.filter(|s| s.flags().syn() && !s.flags().ack());
    // The MSS is left out: devices on the way may clamp it.
    syns.map(|syn| (syn.stamp, syn.scale, syn.window))
}

fn syn(points: &[Point], point: usize, member: &Member) -> Option<Syn> {
    syns(points, point, member).next()
}
