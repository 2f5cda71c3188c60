//! The table: finds the connection of each segment, and begins new ones.

pub use super::capacity::Capacity;
use super::chain::Chains;
use super::clocks::Clocks;
use super::events::Events;
use super::evicted::Evicted;
use super::index::Index;
use super::key::{KeptKey, Key};
use super::ladder::Ladder;
use super::leaving::Leaving;
use super::listeners::Listeners;
use super::loss::Loss;
use super::name::Name;
use super::queues::{Candidate, Queues};
pub use super::reason::DirectionReason;
use super::rounds::{Rounds, Stop};
use super::share::Share;
use super::slab::{NOWHERE, Place, Slab, Slot};
use super::tally::Tally;
use super::traffic::Traffic;
use super::udp::Conversations;
use super::worth::Worth;
use crate::segment::{Decoded, IcmpError, IcmpKind, Segment};
use crate::tcp::connection::Connection;
use crate::tcp::endpoint::Endpoint;
use crate::tcp::fact::Fact;
use crate::tcp::profile::Profile;
use crate::tcp::reading::{Moment, Reading};
use crate::tcp::side::Side;
use crate::tcp::state::State;
use crate::zeek::notes::Notes;
use std::collections::BTreeMap;

/// Where a segment went: the id of its connection, who sent it, what was made of it.
pub type LastRead = Option<(u64, Side, Reading)>;

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
    /// The connections that are traced.
    pub ladder: Ladder,
    /// The notes for Zeek's log, if requested.
    pub zeek: Option<Box<Notes>>,
    /// Changes, for a caller that watches.
    pub events: Events,
    /// Connections that were let go, for a caller that asks for them.
    pub leaving: Option<Leaving>,
    /// Where the last segment went.
    pub last_read: LastRead,
    /// Until when time has passed without frames, in Unix ns.
    pub(super) waited_until_ns: i64,
    /// How many connections lack frames.
    pub(super) loss: Loss,
    pub(super) profile: Profile,
    pub(super) limits: Capacity,
    pub(super) index: Index,
    pub(super) chains: Chains,
    /// The sockets that were seen to listen.
    pub listeners: Listeners,
    pub(super) clocks: Clocks,
    /// By how much the stamp of the last SYN was older than the latest of its host.
    pub(super) ticks_behind: u32,
    pub(super) last_id: u64,
    pub(super) heap_bytes: usize,
    pub(super) rounds: Rounds,
    /// Which connections are tracked here.
    pub(super) share: Share,
    /// Whether more than one core may be used.
    pub uses_cores: bool,
    /// After how many frames time was let pass for all.
    pub(super) settled_after: u64,
    /// How many frames there are when this turn ends.
    pub(super) turn_ends: u64,
    /// Those that began in this turn, where that is asked for.
    pub(super) begun: Vec<Stop>,
    /// In a share: those that had to go before the turn was over, each with the frame that it went in.
    pub(super) departed: Vec<(u64, Slot)>,
    pub(super) queues: Queues,
    /// Whether a connection has taken the place of another on its 4-tuple since places were guessed.
    pub(super) superseded: bool,
    /// Whether more has to be done for a segment than reading it: see [`Flows::look_who_watches`].
    pub(super) is_watched: bool,
    /// Whether each segment is written down somewhere: see [`Flows::look_who_watches`].
    pub(super) is_written_down: bool,
    /// Whether so many connections were held once that histories were squeezed.
    pub(super) has_squeezed: bool,
}

impl Flows {
    /// To count fewer connections takes no longer than to begin a thread and to wait for it.
    const WORTH_A_THREAD: usize = 2_000;

    /// An empty table.
    #[must_use]
    pub fn new(profile: Profile, limits: Capacity) -> Self {
        Self {
            slab: Slab::default(),
            traffic: Traffic::default(),
            udp: Conversations::new(limits.conversations),
            gone: Tally::bounded(limits.populations),
            kept: BTreeMap::new(),
            released: 0,
            evicted: Evicted::default(),
            ladder: Ladder::default(),
            zeek: None,
            events: Events::default(),
            leaving: None,
            last_read: None,
            waited_until_ns: 0,
            loss: Loss::default(),
            profile,
            limits,
            index: Index::default(),
            chains: Chains::default(),
            listeners: Listeners::default(),
            clocks: Clocks::default(),
            ticks_behind: 0,
            last_id: 0,
            heap_bytes: 0,
            rounds: Rounds::default(),
            share: Share::WHOLE,
            uses_cores: false,
            settled_after: 0,
            turn_ends: limits.turn,
            begun: Vec::new(),
            departed: Vec::new(),
            queues: Queues::default(),
            superseded: false,
            is_watched: false,
            is_written_down: false,
            has_squeezed: false,
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

    /// Takes in one decoded frame.
    #[inline(never)]
    pub fn observe(&mut self, time_ns: i64, frame: u64, decoded: &Decoded) {
        let name = self.name(decoded);
        self.look_who_watches();
        self.observe_named(time_ns, frame, decoded, &name);
    }

    /// The same, where a segment's connection has been named already.
    #[inline(always)]
    pub(super) fn observe_named(&mut self, time_ns: i64, frame: u64, decoded: &Decoded, name: &Name) {
        if self.share.is_whole() {
            self.traffic.frame(time_ns);
        }
        match decoded {
            Decoded::Segment(segment) => self.segment(segment, name),
            other => self.observe_other(frame, other),
        }
        if self.traffic.frames >= self.turn_ends {
            self.end_turn();
        }
    }

    /// Takes in a frame that holds no segment.
    #[inline(never)]
    fn observe_other(&mut self, frame: u64, decoded: &Decoded) {
        match decoded {
            Decoded::Segment(_) => {}
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
        if segment.flags.syn() && !self.hear_syn(segment, name.hash) {
            return;
        }
        self.traffic.segments.count(segment);
        match self.slab.get_mut(name.guess) {
            Some(slot) if slot.key.names(segment, name.from) && !self.superseded => {
                // A segment that comes next where it was guessed cannot belong to another incarnation.
                if slot.connection.carry_on(name.from, segment) {
                    let id = slot.id;
                    return self.keep_track(id, name.from, segment, Reading::Plain);
                }
                let disputed = is_disputed(slot, name.from, segment);
                if disputed.is_some() || self.is_watched {
                    return self.on_known_tuple(name, name.guess, disputed, segment);
                }
                match slot.read_shortly(name.from, segment, &self.profile) {
                    Some(outcome) => self.keep_outcome(outcome, name.from, segment),
                    None => self.read_watched(name.guess, name.from, segment),
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
            Some(place) => {
                let disputed = self.slab.get(place).and_then(|slot| is_disputed(slot, name.from, segment));
                self.on_known_tuple(name, place, disputed, segment);
            }
            None => {
                let place = self.begin(name, segment, name.from, NOWHERE);
                self.read(place, name.from, segment);
            }
        }
    }

    /// Reads a segment on the 4-tuple of a connection, which another may claim: then the place of the one before is given.
    #[inline(always)]
    fn on_known_tuple(&mut self, name: &Name, place: Place, disputed: Option<Place>, segment: &Segment) {
        match disputed {
            Some(before) => self.on_disputed_tuple(name, place, before, segment),
            None => self.read(place, name.from, segment),
        }
    }

    fn icmp(&mut self, error: &IcmpError) {
        self.traffic.icmp_errors += u64::from(error.kind != IcmpKind::Redirect);
        let fact = match error.kind {
            IcmpKind::HostUnreachable => Fact::IcmpUnreachable,
            IcmpKind::PortUnreachable => Fact::IcmpPortUnreachable,
            IcmpKind::Prohibited => Fact::IcmpProhibited,
            IcmpKind::TooBig => Fact::IcmpTooBig,
            IcmpKind::TimeExceeded => Fact::IcmpTimeExceeded,
            IcmpKind::Redirect => Fact::IcmpRedirect,
            IcmpKind::Other => return,
        };
        let (key, side) = Key::of_quoted(error);
        if let Some(place) = self.find(&key) {
            self.change(place, |slot, _| slot.connection.icmp(side, error, fact));
        }
    }

    /// Where the connection of a key is kept: the last one on its 4-tuple.
    pub(super) fn find(&self, key: &Key) -> Option<Place> {
        let is_it = |place| self.slab.get(place).is_some_and(|slot| slot.key.is(key));
        self.index.places.find(self.index.hash(key), is_it)
    }

    /// Makes room for a connection, and makes it. It takes the place of the one `before` it.
    pub(super) fn begin(&mut self, name: &Name, segment: &Segment, opener: Side, before: Place) -> Place {
        self.make_room();
        let id = self.next_id(segment.frame);
        let key = Key::of_segment(segment).0;
        let before = self.newest_since(before, &key);
        let old = self.slab.get(before);
        self.superseded |= old.is_some();
        let incarnation = old.map_or(1, |old| old.incarnation.saturating_add(1));
        let log = self.slab.empty_log();
        let mut connection = Connection::begun_by(opener, log);
        if let Some(old) = self.slab.get(before) {
            connection.judge_sums_as(&old.connection);
        }
        if segment.flags.syn() && self.ticks_behind > 0 {
            connection.take_stamp_for_older(opener);
        }
        let slot = Slot { key: KeptKey::from(key), connection, id, before, incarnation };
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
        if self.limits.release || !self.share.is_whole() {
            self.begun.push((place, id));
        }
        self.look_who_watches();
        self.squeeze_those_over();
        place
    }

    /// The instant of reports: that of the last frame, or the time that has passed since for a caller that watches.
    #[must_use]
    pub fn moment(&self) -> Moment<'_> {
        Moment {
            now_ns: self.traffic.last_ns.unwrap_or_default().max(self.waited_until_ns),
            profile: &self.profile,
            tap_loses_frames: self.loss.is_of_the_tap(),
        }
    }

    /// Lets time pass for all until the last frame: reports speak of that instant. Doing so once is enough until there are more
    /// frames.
    pub fn settle(&mut self) {
        if let Some(now) = self.traffic.last_ns.filter(|_| self.settled_after != self.traffic.frames) {
            self.settle_until(now);
            self.settled_after = self.traffic.frames;
        }
    }

    /// Lets time pass for all until `now_ns`, in Unix ns. Histories that are kept in few bytes are so afterwards: to do the
    /// same with others would take longer than it is worth, for what follows is reading them.
    pub(super) fn settle_until(&mut self, now_ns: i64) {
        for place in 0..self.slab.places() {
            self.slab.ask_for_next(place);
            let Some(slot) = self.slab.get(place) else { continue };
            if slot.connection.log().is_squeezed() {
                self.settle_squeezed(place, now_ns);
            } else {
                self.change(place, |slot, profile| slot.connection.pass_time(now_ns, profile));
            }
        }
    }

    /// Lets time pass for a connection whose history is kept in few bytes, and is so afterwards.
    #[inline(never)]
    fn settle_squeezed(&mut self, place: Place, now_ns: i64) {
        let room = self.slab.take_room();
        let rooms = self.change(place, |Slot { connection, .. }, profile| {
            // Where TIME_WAIT is due to end, that is likely to be added; else nothing is.
            let is_waiting = |end: &Endpoint| end.state() == State::TimeWait;
            let adds = connection.is_quiet(now_ns, profile) && connection.ends().iter().any(is_waiting);
            let room = if adds { connection.loosen_log(room) } else { room };
            connection.pass_time(now_ns, profile);
            [room, connection.squeeze_log()]
        });
        rooms.into_iter().flatten().flatten().for_each(|room| self.slab.keep_room(Some(room)));
    }

    /// The ids and places of all connections in the table, in the order of their ids.
    #[must_use]
    pub fn in_order(&self) -> Vec<(u64, Place)> {
        let mut all = Vec::with_capacity(self.slab.len());
        all.extend(self.slab.iter().map(|(place, slot)| (slot.id, place)));
        // Of one table they are in order where none was let go; of several that shared the work there is a run of each.
        all.sort();
        all
    }

    /// Adds a connection that was put together elsewhere. Its id counts on from the last one's.
    pub fn adopt(&mut self, mut slot: Slot) -> Place {
        self.last_id += 1;
        slot.id = self.last_id;
        self.heap_bytes += slot.heap_bytes();
        self.slab.insert(slot)
    }

    /// The counts of all connections, those let go included. Examples are still in the table or among those kept.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally_in(&self.in_order())
    }

    /// The same, where the ids and places of all in the table are known in the order of ids.
    #[must_use]
    pub fn tally_in(&self, order: &[(u64, Place)]) -> Tally {
        let each = || self.slab.iter_whole(order).map(|slot| (slot, self.client_of(slot).0));
        let mut tally = self.gone.clone();
        if self.uses_cores && order.len() >= Self::WORTH_A_THREAD {
            tally.count_at_once(each);
        } else {
            for (slot, client) in each() {
                tally.count(slot, client);
            }
        }
        tally
    }
}

/// Whether a segment on the 4-tuple of a connection may be another's. Returns the place of the connection before it then;
/// that is [`NOWHERE`] if there is none.
#[inline]
fn is_disputed(slot: &Slot, from: Side, segment: &Segment) -> Option<Place> {
    let is_alone = slot.before == NOWHERE && !slot.connection.has_stray();
    let is_its_own = !segment.flags.syn() || slot.connection.is_answered_by(from, segment);
    (!is_alone || !is_its_own).then_some(slot.before)
}
