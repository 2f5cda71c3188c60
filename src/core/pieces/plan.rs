//! The plan: facts that only all pieces together show, and the 4-tuples that are in several pieces.

use super::Refusal;
use super::kept::Kept;
use super::survey::{Survey, hash_of};
use crate::flows::clocks::{Clocks, Stamp};
use crate::flows::key::Key;
use crate::flows::population::socket::Socket;
use crate::flows::traffic::Segments;
use crate::flows::udp::Conversation;
use crate::segment::Decoded;
use crate::wire::{Decoder, DecoderLimits, Named};
use serde::{Deserialize, Serialize};

/// The instructions for the tracker of a piece.
#[derive(Serialize, Deserialize)]
pub struct Orders {
    /// Frames of the pieces before it.
    pub(super) base: u64,
    /// The latest time of a frame in the whole capture, in Unix ns.
    pub(super) now_ns: i64,
    /// SYNs whose timestamps are older than the latest of their host: frame number, and how many ticks older.
    pub(super) behind: Vec<(u64, u32)>,
    /// The 4-tuples that are not tracked with the piece: their hashes.
    pub(super) crossing: Vec<u64>,
    /// The 4-tuples that have fragments in any piece.
    pub(super) fragmented: Vec<u64>,
    /// The number of parts in which the others are passed on.
    pub(super) parts: u32,
}

/// Facts about the whole capture apart from connections.
#[derive(Serialize, Deserialize)]
pub struct Head {
    pub(super) frames: u64,
    pub(super) first_ns: Option<i64>,
    pub(super) last_ns: Option<i64>,
    pub(super) segments: Segments,
    pub(super) datagrams: u64,
    pub(super) icmp_errors: u64,
    pub(super) others: Vec<(Kept, u64)>,
    pub(super) fragments: Vec<Kept>,
    pub(super) listeners: Vec<Socket>,
    pub(super) talks: Vec<(u64, Key, Conversation)>,
    pub(super) tunnels: Vec<Named>,
    pub(super) behind: Vec<(u64, u32)>,
}

/// The result of all surveys.
pub struct Plan {
    /// The instructions for each piece, in the order of pieces.
    pub orders: Vec<Orders>,
    /// The parts that the whole is made with.
    pub head: Head,
    /// How many 4-tuples there are, and how many of them cross.
    pub keys: (usize, usize),
}

impl Plan {
    /// Makes the plan from the surveys of all pieces, which are in the order of time. What crosses is passed on in
    /// `parts` parts.
    ///
    /// # Errors
    ///
    /// If a survey exceeded its limit.
    pub fn of(surveys: Vec<Survey>, parts: u32) -> Result<Self, Refusal> {
        let (mut head, mut stamps, bases, keys) = gather(surveys)?;
        let fragmented = decode_fragments(&head.fragments, &mut stamps);
        head.behind = behind(stamps);
        let (all, crossing) = crossing(&keys, fragmented.clone());
        let now_ns = head.last_ns.unwrap_or_default();
        let ends = bases.iter().skip(1).copied().chain([u64::MAX]);
        let each = keys.iter().zip(bases.iter().copied().zip(ends));
        let orders = each.map(|(keys, (base, end))| Orders {
            base,
            now_ns,
            behind: head
                .behind
                .iter()
                .filter(|(frame, _)| (base + 1..=end).contains(frame))
                .copied()
                .collect(),
            crossing: common(keys, &crossing),
            fragmented: fragmented.clone(),
            parts,
        });
        Ok(Self { orders: orders.collect(), keys: (all, crossing.len()), head })
    }
}

type Gathered = (Head, Vec<Stamp>, Vec<u64>, Vec<Vec<u64>>);

/// Adds up surveys, and numbers frames through all pieces. Returns the facts about the whole, the SYNs with
/// timestamps, and for each piece the number of frames before it and its 4-tuples.
fn gather(surveys: Vec<Survey>) -> Result<Gathered, Refusal> {
    let mut head = Head {
        frames: 0,
        first_ns: None,
        last_ns: None,
        segments: Segments::default(),
        datagrams: 0,
        icmp_errors: 0,
        others: Vec::new(),
        fragments: Vec::new(),
        listeners: Vec::new(),
        talks: Vec::new(),
        tunnels: Vec::new(),
        behind: Vec::new(),
    };
    let (mut stamps, mut bases, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for survey in surveys {
        if survey.is_crowded {
            return Err(Refusal::Crowded);
        }
        let base = head.frames;
        bases.push(base);
        head.frames += survey.frames;
        head.first_ns = head.first_ns.or(survey.first_ns);
        head.last_ns = head.last_ns.max(survey.last_ns);
        head.segments.add(survey.segments);
        head.datagrams += survey.datagrams;
        head.icmp_errors += survey.icmp_errors;
        head.others.extend(survey.others.into_iter().map(|(kept, frames)| (kept.after(base), frames)));
        head.fragments.extend(survey.fragments.into_iter().map(|kept| kept.after(base)));
        head.listeners.extend(survey.listeners);
        head.talks.extend(survey.talks.into_iter().map(|(frame, key, said)| (frame + base, key, said)));
        head.tunnels.extend(survey.tunnels);
        stamps.extend(survey.stamps.into_iter().map(|stamp| stamp.after(base)));
        keys.push(survey.keys);
    }
    head.listeners.sort_unstable();
    head.listeners.dedup();
    Ok((head, stamps, bases, keys))
}

/// Decodes frames with fragments before tracking. Adds their SYNs to `stamps`, and returns the hashes of their
/// 4-tuples in order.
fn decode_fragments(fragments: &[Kept], stamps: &mut Vec<Stamp>) -> Vec<u64> {
    let mut decoder = Decoder::new(DecoderLimits::default());
    let mut keys = Vec::new();
    for kept in fragments {
        match decoder.decode(&kept.frame()) {
            Decoded::Segment(segment) => {
                stamps.extend(Stamp::of_syn(&segment));
                keys.push(hash_of(&Key::of_segment(&segment).0));
            }
            Decoded::IcmpError(error) => keys.push(hash_of(&Key::of_quoted(&error).0)),
            Decoded::Datagram(_) | Decoded::Other(_) | Decoded::Undecodable(_) => {}
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The SYNs whose timestamps are older than the latest of their host, and by how many ticks.
fn behind(mut stamps: Vec<Stamp>) -> Vec<(u64, u32)> {
    stamps.sort_by_key(|stamp| stamp.frame);
    let mut clocks = Clocks::default();
    let ticks = stamps.iter().map(|stamp| (stamp.frame, clocks.learn_of(stamp)));
    ticks.filter(|(_, ticks)| *ticks > 0).collect()
}

/// The number of 4-tuples; and in order those that are in more than one piece, together with `others`, which must
/// move in any case.
fn crossing(keys: &[Vec<u64>], mut others: Vec<u64>) -> (usize, Vec<u64>) {
    let mut all = keys.concat();
    all.sort_unstable();
    let mut distinct = 0;
    for same in all.chunk_by(|one, other| one == other) {
        distinct += 1;
        if same.len() > 1 {
            others.push(same[0]);
        }
    }
    others.sort_unstable();
    others.dedup();
    (distinct, others)
}

/// The members that two lists share. Both are in order.
fn common(one: &[u64], other: &[u64]) -> Vec<u64> {
    one.iter().filter(|key| other.binary_search(key).is_ok()).copied().collect()
}
