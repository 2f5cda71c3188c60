//! One connection in several captures.

use super::observations::Observation;
use super::point::Point;
use crate::flows::key::Key;
use crate::flows::slab::{Place, Slot};
use crate::seq::Seq;
use crate::tcp::side::Side;

/// The maximum number of captures.
pub const POINTS: usize = 8;

/// An end's role, in the order in which reports name them: 0 is the client, 1 the server.
pub type Role = usize;

/// A connection of one capture.
#[derive(Clone, Copy, Debug, Default)]
pub struct Member {
    /// Its id in that capture.
    pub id: u64,
    /// Its slot.
    pub place: Place,
    /// Its 4-tuple.
    pub key: Key,
    /// Which end of the key is the client.
    pub client: Side,
    /// The rank of the evidence for that: a lower rank is better evidence.
    pub doubt: u8,
    /// The initial sequence numbers of client and server, if known.
    pub iss: [Option<Seq>; 2],
    /// The next sequence number of each, if known.
    pub next: [Option<Seq>; 2],
    /// When it began, in Unix ns.
    pub first_ns: i64,
}

impl Member {
    /// A slot of a capture, for pairing.
    #[must_use]
    pub fn of(point: &Point, place: Place, slot: &Slot) -> Self {
        let (client, reason) = point.flows.client_of(slot);
        let ends = [slot.connection.end(client), slot.connection.end(client.other())];
        Self {
            id: slot.id,
            place,
            key: slot.key(),
            client,
            doubt: reason as u8,
            iss: ends.map(|end| end.marks().has_iss().then_some(end.iss())),
            next: ends.map(|end| end.marks().has_space().then_some(end.next())),
            first_ns: slot.connection.first_ns(),
        }
    }

    /// The role of an end.
    #[must_use]
    pub fn role(&self, side: Side) -> Role {
        (side != self.client) as Role
    }

    /// The end that has a role.
    #[must_use]
    pub const fn side(&self, role: Role) -> Side {
        if role == 0 { self.client } else { self.client.other() }
    }

    /// Swaps client and server.
    pub fn turn(&mut self) {
        self.client = self.client.other();
        self.iss.swap(0, 1);
        self.next.swap(0, 1);
    }
}

/// The records that the captures hold of one connection.
#[derive(Clone, Debug)]
pub struct Group {
    /// One member for each point that has the connection. The list ends with the last such point.
    members: Vec<Option<Member>>,
    /// How its members were matched where addresses or numbers differ.
    pub by: By,
    /// Whether its client is at the far end of the path, so that it runs against the order of the points.
    pub backward: bool,
}

/// The shift of sequence numbers at each point, by the role of the end that has these numbers.
pub type Shifts = [[u32; 2]; POINTS];

/// How a connection was matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// By addresses, ports and initial sequence numbers.
    #[default]
    Tuple,
    /// By addresses and ports, though a device on the way rewrites sequence numbers.
    RewrittenNumbers,
    /// By initial sequence numbers, though its addresses are translated.
    Translated,
    /// By the timestamps and options of its SYN: both addresses and numbers are rewritten.
    Disguised,
    /// By the numbers of single segments: its opening was not captured.
    Segments,
}

impl By {
    /// The word that Python knows it by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tuple => "addresses",
            Self::RewrittenNumbers => "addresses, with sequence numbers rewritten",
            Self::Translated => "sequence numbers, through address translation or a tunnel",
            Self::Disguised => {
                "options of the SYN, through address translation and rewritten sequence numbers"
            }
            Self::Segments => "single segments, through address translation or a tunnel",
        }
    }
}

impl Group {
    /// A connection with one point so far.
    #[must_use]
    pub fn new(point: usize, member: Member) -> Self {
        let mut members = vec![None; point + 1];
        members[point] = Some(member);
        Self { members, by: By::default(), backward: false }
    }

    /// The member of a point.
    #[must_use]
    pub fn member(&self, point: usize) -> Option<Member> {
        self.members.get(point).copied().flatten()
    }

    /// The members with their points.
    pub fn present(&self) -> impl DoubleEndedIterator<Item = (usize, &Member)> {
        self.members.iter().enumerate().filter_map(|(point, member)| Some((point, member.as_ref()?)))
    }

    /// The member at the last point that has one: the next point's members are compared with it.
    #[must_use]
    pub fn latest(&self) -> Option<(usize, &Member)> {
        self.present().next_back()
    }

    /// Adds a member. If the members disagree about who is the client, the better evidence decides.
    pub fn add(&mut self, point: usize, mut member: Member, by: By) {
        if let Some((_, other)) = self.latest().map(|(point, member)| (point, *member))
            && is_turned(&other, &member)
        {
            if member.doubt < other.doubt {
                for own in self.members.iter_mut().flatten() {
                    own.turn();
                }
            } else {
                member.turn();
            }
        }
        if self.members.len() <= point {
            self.members.resize(point + 1, None);
        }
        self.members[point] = Some(member);
        self.by = self.by.max(by);
    }

    /// The shift of an end's sequence numbers between the first point that knows them and this one.
    #[must_use]
    pub fn shift(&self, point: usize, role: Role) -> u32 {
        let here = self.member(point).and_then(|member| member.iss[role]);
        let first = self.present().find_map(|(_, member)| member.iss[role]);
        match (here, first) {
            (Some(here), Some(first)) => here.0.wrapping_sub(first.0),
            _ => 0,
        }
    }

    /// The shift of each end's sequence numbers at each point, see [`Group::shift`].
    #[must_use]
    pub fn shifts(&self) -> Shifts {
        let mut shifts = [[0; 2]; POINTS];
        for (point, _) in self.present() {
            shifts[point] = [0, 1].map(|role| self.shift(point, role));
        }
        shifts
    }

    /// The observations of one end's segments at one point, with their places.
    pub fn sent<'a>(
        &self,
        points: &'a [Point],
        point: usize,
        role: Role,
    ) -> impl Iterator<Item = (u32, &'a Observation)> + use<'a> {
        let member = self.member(point);
        let observations = &points[point].observations;
        let id = member.map_or(0, |member| member.id);
        observations.of(id).filter(move |(_, s)| member.is_some_and(|member| member.role(s.from()) == role))
    }
}

/// Whether two captures disagree about who is the client.
fn is_turned(a: &Member, b: &Member) -> bool {
    if a.key == b.key {
        return a.client != b.client;
    }
    let same = |x: usize, y: usize| a.iss[x].is_some() && a.iss[x] == b.iss[y];
    (same(0, 1) || same(1, 0)) && !same(0, 0) && !same(1, 1)
}
