//! The table: finds the connection of each segment, and begins new ones.

use super::chain::Chains;
use super::events::Events;
use super::evicted::Evicted;
use super::index::Index;
use super::key::{KeptKey, Key};
use super::ladder::{Ladder, Line};
use super::loss::Loss;
use super::name::Name;
use super::population::most::Most;
use super::population::socket::Socket;
use super::ports;
use super::queues::{Candidate, Queues};
pub use super::reason::Reason;
use super::rounds::Rounds;
use super::slab::{NOWHERE, Place, Slab, Slot};
use super::tally::Tally;
use super::traffic::Traffic;
use super::udp::Conversations;
use super::worth::{self, Worth};
use crate::address::{Ip, Scope};
use crate::segment::{Decoded, IcmpError, IcmpKind, Segment};
use crate::tcp::anew::{Belongs, Past};
use crate::tcp::connection::stray::Stray;
use crate::tcp::connection::{At, Connection, Direction};
use crate::tcp::cue::Cue;
use crate::tcp::fact::Fact;
use crate::tcp::profile::Profile;
use crate::tcp::reading::{Moment, Reading};
use crate::tcp::side::Side;
use crate::tcp::state::State;
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashSet};

/// How many connections may be held, and what becomes of those that are over.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections held at a time.
    pub connections: usize,
    /// Bytes that they may take up, heap included.
    pub bytes: usize,
    /// Incarnations held of one 4-tuple.
    pub incarnations: u32,
    /// UDP conversations listed.
    pub conversations: usize,
    /// Listening sockets, clients and paths counted one by one.
    pub populations: Most,
    /// Connections that are over are let go, and only their counts kept.
    pub release: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_000_000,
            bytes: 4 << 30,
            incarnations: 1000,
            conversations: 1_000_000,
            populations: Most::default(),
            release: false,
        }
    }
}

/// The flow table.
pub struct Flows {
    /// The connections.
    pub slab: Slab,
    /// Counts of frames.
    pub traffic: Traffic,
    /// UDP.
    pub udp: Conversations,
    /// Counts of the connections that were let go.
    pub gone: Tally,
    /// Examples among those, kept for the rules.
    pub kept: BTreeMap<u64, Box<Slot>>,
    /// Connections that were over and let go.
    pub released: u64,
    /// Connections that were let go for want of room.
    pub evicted: Evicted,
    /// The connection that is traced.
    pub ladder: Ladder,
    /// What has changed, for those who watch.
    pub events: Events,
    /// Where the last segment went: the id of its connection, who sent it, what was made of it.
    pub last_read: Option<(u64, Side, Reading)>,
    /// Until when time has passed without frames, in Unix ns.
    pub(super) waited_until_ns: i64,
    /// How many connections lack frames.
    loss: Loss,
    pub(super) profile: Profile,
    pub(super) limits: Limits,
    pub(super) index: Index,
    pub(super) chains: Chains,
    listeners: HashSet<Socket, RandomState>,
    /// SYN,ACKs of sockets that there was no room to remember as listening.
    pub forgotten_listeners: u64,
    last_id: u64,
    pub(super) heap_bytes: usize,
    pub(super) rounds: Rounds,
    pub(super) queues: Queues,
    /// Whether a connection has taken the place of another on its 4-tuple since places were guessed.
    pub(super) superseded: bool,
}

impl Flows {
    /// An empty table.
    #[must_use]
    pub fn new(profile: Profile, limits: Limits) -> Self {
        Self {
            slab: Slab::default(),
            traffic: Traffic::default(),
            udp: Conversations::new(limits.conversations),
            gone: Tally::bounded(limits.populations),
            kept: BTreeMap::new(),
            released: 0,
            evicted: Evicted::default(),
            ladder: Ladder::default(),
            events: Events::default(),
            last_read: None,
            waited_until_ns: 0,
            loss: Loss::default(),
            profile,
            limits,
            index: Index::default(),
            chains: Chains::default(),
            listeners: HashSet::default(),
            forgotten_listeners: 0,
            last_id: 0,
            heap_bytes: 0,
            rounds: Rounds::default(),
            queues: Queues::default(),
            superseded: false,
        }
    }

    /// The timer profile in use.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Connections seen so far.
    #[must_use]
    pub const fn connections(&self) -> u64 {
        self.last_id
    }

    /// Takes in what one frame turned out to be.
    #[inline(never)]
    pub fn observe(&mut self, time_ns: i64, frame: u64, decoded: &Decoded) {
        let name = self.name(decoded);
        self.observe_named(time_ns, frame, decoded, &name);
    }

    /// The same, where a segment's connection has been named already.
    #[inline(always)]
    pub(super) fn observe_named(&mut self, time_ns: i64, frame: u64, decoded: &Decoded, name: &Name) {
        self.traffic.frame(time_ns);
        match decoded {
            Decoded::Segment(segment) => self.segment(segment, name),
            Decoded::Datagram(datagram) => {
                self.traffic.datagrams += 1;
                self.udp.observe(datagram);
            }
            Decoded::IcmpError(error) => self.icmp(error),
            Decoded::Other(protocol) => self.traffic.other(protocol),
            Decoded::Undecodable(case) => self.traffic.undecodable(*case, frame),
        }
    }

    #[inline(always)]
    fn segment(&mut self, segment: &Segment, name: &Name) {
        self.traffic.segments += 1;
        match self.slab.get_mut(name.guess) {
            Some(slot) if slot.key.names(segment, name.from) && !self.superseded => {
                // What comes next where it was guessed cannot belong to another incarnation.
                match slot.connection.carry_on(name.from, segment) {
                    Some(reading) => {
                        let id = slot.id;
                        self.keep_track(id, name.from, segment, reading);
                    }
                    None => self.on_known_tuple(name, name.guess, segment),
                }
            }
            _ => self.segment_elsewhere(segment, name),
        }
    }

    /// Reads a segment whose connection is not where it was guessed.
    #[inline(never)]
    fn segment_elsewhere(&mut self, segment: &Segment, name: &Name) {
        let is_it = |place| self.slab.get(place).is_some_and(|slot| slot.key.names(segment, name.from));
        match self.index.places.find(name.hash, is_it) {
            Some(place) => self.on_known_tuple(name, place, segment),
            None => {
                self.listens(segment);
                let place = self.begin(name, segment, name.from, NOWHERE);
                self.read(place, name.from, segment);
            }
        }
    }

    #[inline(never)]
    fn on_known_tuple(&mut self, name: &Name, place: Place, segment: &Segment) {
        let Some(slot) = self.slab.get(place) else { return };
        let before = slot.before;
        let disputed = segment.flags.syn() || before != NOWHERE || slot.connection.stray.is_some();
        if disputed {
            self.on_disputed_tuple(name, place, before, segment);
        } else {
            self.read(place, name.from, segment);
        }
    }

    /// Reads a segment that more than one incarnation may claim: the one at `place`, the one `before` it, or the next.
    fn on_disputed_tuple(&mut self, name: &Name, place: Place, before: Place, segment: &Segment) {
        let from = name.from;
        self.listens(segment);
        let past = self.slab.get(before).map(|slot| Past::of(&slot.connection));
        let belongs = self.change(place, |slot, _| slot.connection.belongs(from, segment, past.as_ref()));
        match belongs.unwrap_or(Belongs::Here) {
            Belongs::Here => {
                self.read(place, from, segment);
                if segment.flags.syn() && segment.flags.ack() {
                    self.ends_by_beginning(before, from, segment);
                }
            }
            Belongs::Before => self.read(before, from, segment),
            Belongs::Next => self.begin_next(name, place, segment, None),
            Belongs::NextSince(stray) => self.begin_next(name, place, segment, Some(&stray)),
        }
    }

    /// Begins the next incarnation on a 4-tuple: with `segment`, or with a SYN captured earlier that it makes sense of.
    fn begin_next(&mut self, name: &Name, old: Place, segment: &Segment, since: Option<&Stray>) {
        let from = name.from;
        let (opener, first) = since.map_or((from, segment), |stray| (stray.side, &stray.segment));
        let at = At { time_ns: first.time_ns, frame: first.frame };
        let in_time_wait = self.change(old, |Slot { connection, .. }, profile| {
            connection.pass_time(at.time_ns, profile);
            let in_time_wait = connection.ends.iter().any(|end| end.state() == State::TimeWait);
            let begins = if first.flags.ack() { opener.other() } else { opener };
            connection.apply(begins, Cue::BeganAnew, at);
            if connection.is_beyond(begins, first) {
                connection.apply(begins.other(), Cue::ReceivedNextSyn, at);
            }
            in_time_wait
        });
        self.bound_incarnations(old);
        let new = self.begin(name, segment, opener, old);
        self.change(new, |slot, _| {
            slot.connection.note(opener, Fact::ReusedTuple, at);
            if in_time_wait == Some(true) {
                slot.connection.note(opener, Fact::ReusedInTimeWait, at);
            }
        });
        if let Some(stray) = since {
            // Its frame is counted where it belongs.
            if let Some(slot) = self.slab.get_mut(old) {
                slot.connection.ends[stray.side].discount_frame();
            }
            self.read(new, stray.side, &stray.segment);
            let answers = stray.side == from && segment.flags.syn() && segment.flags.ack();
            if answers {
                // What it answers is the SYN that the other end had sent before.
                self.change(new, |slot, _| slot.connection.take_as_opener(from.other()));
            }
        }
        self.read(new, from, segment);
        if segment.flags.syn() && segment.flags.ack() {
            self.ends_by_beginning(old, from, segment);
        } else if first.flags.ack() {
            self.ends_by_beginning(old, opener, first);
        }
    }

    /// Who answers a SYN has nothing left of the incarnation before.
    fn ends_by_beginning(&mut self, before: Place, from: Side, segment: &Segment) {
        let at = At { time_ns: segment.time_ns, frame: segment.frame };
        self.change(before, |slot, _| {
            // It may be this very connection, where nothing was left of the one before.
            let end = &slot.connection.ends[from];
            if !end.marks.has_iss() || end.iss() != segment.seq {
                slot.connection.apply(from, Cue::BeganAnew, at);
            }
        });
    }

    fn read(&mut self, place: Place, from: Side, segment: &Segment) {
        let read = |slot: &mut Slot, profile: &Profile| {
            let lacked = slot.connection.lacks_frames();
            let reading = slot.connection.observe(from, segment, profile);
            (slot.id, reading, !lacked && slot.connection.lacks_frames())
        };
        let Some((id, reading, lacks)) = self.change(place, read) else { return };
        self.loss.lacking += u64::from(lacks);
        self.traffic.duplicates += u64::from(reading == Reading::Duplicate);
        self.keep_track(id, from, segment, reading);
    }

    /// Changes a connection in a way that may add to its log or take up heap: that is counted, and told who watches.
    #[inline]
    pub(super) fn change<T>(
        &mut self,
        place: Place,
        change: impl FnOnce(&mut Slot, &Profile) -> T,
    ) -> Option<T> {
        let slot = self.slab.get_mut(place)?;
        let heap_before = slot.heap_bytes();
        let log_before = self.events.before(&slot.connection.log);
        let result = change(slot, &self.profile);
        self.events.compare(place, log_before, slot);
        if self.queues.is_active() && worth::is_over(&slot.connection) {
            self.queues.put_forward(place, &slot.connection);
        }
        self.heap_bytes = (self.heap_bytes + slot.heap_bytes()).saturating_sub(heap_before);
        Some(result)
    }

    #[inline]
    fn keep_track(&mut self, id: u64, from: Side, segment: &Segment, reading: Reading) {
        self.last_read = Some((id, from, reading));
        if id == self.ladder.id {
            self.ladder.keep(Line { segment: *segment, from, reading });
        }
    }

    fn icmp(&mut self, error: &IcmpError) {
        self.traffic.icmp_errors += 1;
        let fact = match error.kind {
            IcmpKind::HostUnreachable => Fact::IcmpUnreachable,
            IcmpKind::PortUnreachable => Fact::IcmpPortUnreachable,
            IcmpKind::Prohibited => Fact::IcmpProhibited,
            IcmpKind::TooBig => Fact::IcmpTooBig,
            IcmpKind::TimeExceeded | IcmpKind::Other => return,
        };
        let (key, side) = Key::of(
            (error.source, error.source_port),
            (error.destination, error.destination_port),
            error.scope,
        );
        let at = At { time_ns: error.time_ns, frame: error.frame };
        if let Some(place) = self.find(&key) {
            self.change(place, |slot, _| slot.connection.icmp(side, error.seq, fact, at));
        }
    }

    /// Where the connection of a key is kept: the last one on its 4-tuple.
    pub(super) fn find(&self, key: &Key) -> Option<Place> {
        let is_it = |place| self.slab.get(place).is_some_and(|slot| slot.key.is(key));
        self.index.places.find(self.index.hash(key), is_it)
    }

    /// Makes room for a connection, and makes it. It takes the place of the one `before` it.
    fn begin(&mut self, name: &Name, segment: &Segment, opener: Side, before: Place) -> Place {
        self.make_room();
        self.last_id += 1;
        let key = Key::of_segment(segment).0;
        let before = self.newest_since(before, &key);
        let old = self.slab.get(before);
        self.superseded |= old.is_some();
        let incarnation = old.map_or(1, |old| old.incarnation.saturating_add(1));
        let log = self.slab.empty_log();
        let connection =
            Connection { client: opener, direction: Direction::FirstSender, log, ..Connection::default() };
        let slot = Slot { key: KeptKey::from(key), connection, id: self.last_id, before, incarnation };
        self.heap_bytes += slot.heap_bytes();
        let place = self.slab.insert(slot);
        if before == NOWHERE {
            self.index.places.insert(name.hash, place);
        } else {
            self.index.places.replace(name.hash, before, place);
            self.chains.add(&self.slab, before, place);
        }
        if self.queues.is_active() {
            let heard = segment.frame as u32;
            self.queues.add(Candidate { place, worth: Worth::Unanswered, heard });
        }
        if self.limits.release {
            let due_ns = self.now_ns() + self.profile.time_wait / 8 * 9;
            self.rounds.add(due_ns, place);
        }
        place
    }

    /// Where the newest incarnation of a 4-tuple is kept: at `place`, unless that one has just been let go.
    fn newest_since(&self, place: Place, key: &Key) -> Place {
        if place == NOWHERE || self.slab.get(place).is_some() {
            return place;
        }
        self.find(key).unwrap_or(NOWHERE)
    }

    /// Takes note of who answers a SYN.
    fn listens(&mut self, segment: &Segment) {
        const MOST: usize = 65_536;
        if !(segment.flags.syn() && segment.flags.ack()) {
            return;
        }
        let socket = Socket { ip: segment.source, port: segment.source_port, scope: segment.scope };
        if self.listeners.len() < MOST {
            self.listeners.insert(socket);
        } else if !self.listeners.contains(&socket) {
            self.forgotten_listeners += 1;
        }
    }

    /// Whether a SYN,ACK came from this address and port anywhere in the capture.
    #[must_use]
    pub fn is_listener(&self, ip: Ip, port: u16, scope: Scope) -> bool {
        self.listeners.contains(&Socket { ip, port, scope })
    }

    /// Which end is the client, and how that is known: where the opening was not captured, by the best evidence there is.
    #[must_use]
    pub fn client_of(&self, slot: &Slot) -> (Side, Reason) {
        let client = slot.connection.client;
        match slot.connection.direction {
            Direction::Syn => return (client, Reason::Syn),
            Direction::SynAck => return (client, Reason::SynAck),
            Direction::FirstSender => {}
        }
        let key = slot.key();
        let serves = |judge: &dyn Fn(Ip, u16) -> bool| {
            let [first, second] = Side::BOTH.map(|side| judge(key.ips[side], key.ports[side]));
            (first != second).then_some(Side::high_if(first))
        };
        if let Some(client) = serves(&|ip, port| self.is_listener(ip, port, key.scope)) {
            (client, Reason::Listener)
        } else if let Some(client) = serves(&|_, port| ports::is_well_known(port)) {
            (client, Reason::WellKnownPort)
        } else {
            (client, Reason::FirstSender)
        }
    }

    /// As of when reports speak: of the last frame, or of what time has passed since for those who watch.
    #[must_use]
    pub fn moment(&self) -> Moment<'_> {
        Moment {
            now_ns: self.traffic.last_ns.unwrap_or_default().max(self.waited_until_ns),
            profile: &self.profile,
            tap_loses_frames: self.loss.is_of_the_tap(),
        }
    }

    /// Lets time pass for all until the last frame: reports speak of that instant.
    pub fn settle(&mut self) {
        let Some(now) = self.traffic.last_ns else { return };
        for place in 0..self.slab.places() {
            self.change(place, |slot, profile| slot.connection.pass_time(now, profile));
        }
    }

    /// The ids and places of all connections in the table, in the order of their ids.
    #[must_use]
    pub fn in_order(&self) -> Vec<(u64, Place)> {
        let mut all: Vec<_> = self.slab.iter().map(|(place, slot)| (slot.id, place)).collect();
        // As they are where none was let go.
        if !all.is_sorted() {
            all.sort_unstable();
        }
        all
    }

    /// The incarnation before a connection, where it is still kept.
    #[must_use]
    pub fn before(&self, slot: &Slot) -> Option<&Slot> {
        self.slab.get(slot.before)
    }

    /// Adds a connection that was put together elsewhere. Its id counts on from the last one's.
    pub fn adopt(&mut self, mut slot: Slot) -> Place {
        self.last_id += 1;
        slot.id = self.last_id;
        self.heap_bytes += slot.heap_bytes();
        self.slab.insert(slot)
    }

    /// Takes over what another table knows of who listens.
    pub fn learn_listeners(&mut self, other: &Self) {
        self.listeners.extend(other.listeners.iter().copied());
    }

    /// The counts of all connections, those let go included. Examples are still in the table or among those kept.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = self.gone.clone();
        for slot in self.slab.iter_whole() {
            tally.count(slot, self.client_of(slot).0);
        }
        tally
    }
}
