//! A survey: what other pieces need to know about a piece before connections can be tracked.

use super::kept::Kept;
use crate::flows::clocks::Stamp;
use crate::flows::key::Key;
use crate::flows::population::socket::Socket;
use crate::flows::traffic::Segments;
use crate::flows::udp::Conversation;
use crate::frame::Frame;
use crate::segment::{Datagram, Decoded, IcmpKind, Segment};
use crate::wire::{Decoder, DecoderLimits, Named, plain};
use foldhash::fast::{FixedState, RandomState};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

/// The hash of a 4-tuple, the same in every process. If two 4-tuples have the same hash, a property of one is taken
/// for a property of both.
#[must_use]
#[inline]
pub fn hash_of(key: &Key) -> u64 {
    const SEED: u64 = 0x1d5_9a43;
    FixedState::with_seed(SEED).hash_one(key)
}

/// The survey of a piece. Frames are numbered from 1 in each.
#[derive(Default, Serialize, Deserialize)]
pub struct Survey {
    pub(super) frames: u64,
    /// When the first frame was captured, in Unix ns.
    pub(super) first_ns: Option<i64>,
    /// The latest time of a frame.
    pub(super) last_ns: Option<i64>,
    /// The time of the last frame.
    pub(super) ended_ns: Option<i64>,
    pub(super) segments: Segments,
    pub(super) datagrams: u64,
    pub(super) icmp_errors: u64,
    /// Frames without TCP, UDP or an ICMP error: the first of each kind, and the number of that kind.
    pub(super) others: Vec<(Kept, u64)>,
    /// Frames with fragments, whose contents depend on earlier fragments.
    pub(super) fragments: Vec<Kept>,
    /// SYNs with timestamps, which show the clocks of their senders.
    pub(super) stamps: Vec<Stamp>,
    /// The senders of SYN,ACKs.
    pub(super) listeners: Vec<Socket>,
    /// The hashes, in order, of the 4-tuples of segments and of segments that ICMP errors quote.
    pub(super) keys: Vec<u64>,
    /// UDP conversations, each with the frame that began it.
    pub(super) talks: Vec<(u64, Key, Conversation)>,
    pub(super) tunnels: Vec<Named>,
    /// Whether the survey exceeded its limit.
    pub(super) is_crowded: bool,
}

impl Survey {
    /// The times of the first and the last frame, and the latest time, in Unix ns.
    #[must_use]
    pub const fn times(&self) -> [Option<i64>; 3] {
        [self.first_ns, self.ended_ns, self.last_ns]
    }
}

/// Makes the survey of a piece.
pub struct Surveyor {
    survey: Survey,
    decoder: Decoder,
    keys: HashSet<u64, RandomState>,
    last_key: u64,
    listeners: HashSet<Socket, RandomState>,
    talks: HashMap<Key, (u64, Conversation), RandomState>,
    /// The index in `others` of each kind, by name and reason.
    kinds: HashMap<[&'static str; 2], usize, RandomState>,
    fragment_bytes: usize,
}

impl Default for Surveyor {
    fn default() -> Self {
        Self {
            survey: Survey::default(),
            decoder: Decoder::new(DecoderLimits::default()),
            keys: HashSet::default(),
            last_key: 0,
            listeners: HashSet::default(),
            talks: HashMap::default(),
            kinds: HashMap::default(),
            fragment_bytes: 0,
        }
    }
}

impl Surveyor {
    /// The most bytes of fragments that are passed on. A capture with more is better read by one process.
    const MOST_FRAGMENTS: usize = 64 << 20;
    const MOST_TALKS: usize = 1_000_000;

    /// Takes in a frame, whose time must be plausible.
    #[inline]
    pub fn take(&mut self, frame: &Frame<'_>) {
        let survey = &mut self.survey;
        survey.frames += 1;
        survey.first_ns.get_or_insert(frame.time_ns);
        survey.last_ns = survey.last_ns.max(Some(frame.time_ns));
        survey.ended_ns = Some(frame.time_ns);
        match plain::decode(frame) {
            Some(segment) => self.segment(&segment),
            None => self.decode(frame),
        }
    }

    #[inline(never)]
    fn decode(&mut self, frame: &Frame<'_>) {
        let met = self.decoder.fragments_met();
        let decoded = self.decoder.decode(frame);
        if self.decoder.fragments_met() != met {
            self.keep_fragment(frame);
            return;
        }
        match &decoded {
            Decoded::Segment(segment) => self.segment(segment),
            Decoded::IcmpError(error) => {
                self.survey.icmp_errors += u64::from(error.kind != IcmpKind::Redirect);
                self.keys.insert(hash_of(&Key::of_quoted(error).0));
            }
            Decoded::Datagram(datagram) => self.datagram(datagram),
            Decoded::Other(protocol) => self.other([protocol, ""], frame),
            Decoded::Undecodable(case) => self.other([case.layer, case.reason], frame),
        }
    }

    #[inline]
    fn segment(&mut self, segment: &Segment) {
        self.survey.segments.count(segment);
        let key = hash_of(&Key::of_segment(segment).0);
        if key != self.last_key || self.survey.segments.all() == 1 {
            self.keys.insert(key);
            self.last_key = key;
        }
        if segment.flags.syn() {
            self.syn(segment);
        }
    }

    #[inline(never)]
    fn syn(&mut self, segment: &Segment) {
        self.survey.stamps.extend(Stamp::of_syn(segment));
        if segment.flags.ack() {
            let Segment { source: ip, source_port: port, scope, .. } = *segment;
            self.listeners.insert(Socket { ip, port, scope });
        }
    }

    fn datagram(&mut self, datagram: &Datagram) {
        self.survey.datagrams += 1;
        let (key, said) = Conversation::of(datagram);
        let has_room = self.talks.len() < Self::MOST_TALKS;
        match self.talks.get_mut(&key) {
            Some((_, known)) => known.add(&said),
            None if has_room => {
                self.talks.insert(key, (datagram.frame, said));
            }
            None => self.survey.is_crowded = true,
        }
    }

    fn other(&mut self, kind: [&'static str; 2], frame: &Frame<'_>) {
        if let Some(known) = self.kinds.get(&kind) {
            self.survey.others[*known].1 += 1;
        } else {
            self.kinds.insert(kind, self.survey.others.len());
            self.survey.others.push((Kept::of(frame), 1));
        }
    }

    fn keep_fragment(&mut self, frame: &Frame<'_>) {
        let kept = Kept::of(frame);
        self.fragment_bytes += kept.size();
        if self.fragment_bytes > Self::MOST_FRAGMENTS {
            self.survey.is_crowded = true;
        } else {
            self.survey.fragments.push(kept);
        }
    }

    /// The survey.
    #[must_use]
    pub fn finish(self) -> Survey {
        let mut keys: Vec<u64> = self.keys.into_iter().collect();
        keys.sort_unstable();
        let tunnels = self.decoder.tunnels();
        Survey {
            keys,
            listeners: self.listeners.into_iter().collect(),
            talks: self.talks.into_iter().map(|(key, (frame, said))| (frame, key, said)).collect(),
            is_crowded: self.survey.is_crowded || tunnels.is_none(),
            tunnels: tunnels.unwrap_or_default(),
            ..self.survey
        }
    }
}
