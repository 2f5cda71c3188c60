//! One end of a connection: its state, its sequence space, and what was counted of it.

use crate::memory::ask_for;
use crate::seq::Seq;
use crate::tcp::end::kept::Aside;
use crate::tcp::end::marks::{Clearable, GoesOn, Marks, Owned, Tail};
use crate::tcp::end::rare::Rare;
use crate::tcp::end::tick::Tick;
use crate::tcp::machine::state::State;
use serde::{Deserialize, Serialize};

/// One end of a connection. Its order is that in memory: see [`Endpoint::ask_for`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[repr(C)]
pub struct Endpoint {
    /// When its first segment was captured, in Unix ns.
    pub(super) first_ns: i64,
    /// When its last segment was captured, in Unix ns.
    pub(super) last_ns: i64,
    /// Its facts, the first 64: see [`Endpoint::facts`].
    pub(super) first_facts: u64,
    /// See [`Marks`]. Private to this file, so that nobody replaces them as a whole: each is changed by its owner.
    marks: Marks,
    /// When its last SYN, SYN,ACK or FIN was captured.
    pub(super) asked_ns: i64,
    /// When the first answer to that was captured; 0 while there is none.
    pub(super) answered_ns: i64,
    /// Fields that few endpoints need.
    pub(super) rare: Option<Box<Rare>>,
    /// Payload octets that it sent; see [`Endpoint::bytes`].
    pub(super) few_bytes: u32,
    /// Segments that it sent, captured duplicates left out; see [`Endpoint::all_frames`].
    pub(super) frames: u32,
    /// Initial sequence number.
    pub(super) iss: Seq,
    /// One past the last octet captured or acknowledged.
    pub(super) next: Seq,
    /// The highest acknowledgement captured from the other end.
    pub(super) acked: Seq,
    /// The sequence number of its FIN.
    pub(super) fin: Seq,
    /// When the round trip began that is being measured, if one is.
    pub(super) timed: Tick,
    /// The acknowledgement that ends it.
    pub(super) timed_seq: Seq,
    /// Receive window as last advertised, in bytes.
    pub(super) window: u32,
    /// The shortest round trip between the tap and this end, in ns; saturates at 4.29 s.
    pub(super) rtt_ns: u32,
    /// Fingerprints of its last two segments.
    pub(super) recent: [u32; 2],
    /// Maximum segment size, 0 where unknown.
    pub(super) mss: u16,
    /// IPv4 identification of its last segment.
    pub(super) ip_id: u16,
    /// TTL or hop limit of its last segment that was no reset.
    pub(super) ttl: u8,
    /// Window scale shift.
    pub(super) scale: u8,
    /// Its state, as best known now.
    pub(super) state: State,
    /// The state that it was in before its first segment.
    pub(super) first_state: State,
}

// There are two of them a connection, and millions of connections.
const _: () =
    assert!(size_of::<Endpoint>() == (104 + size_of::<Marks>()).next_multiple_of(align_of::<Endpoint>()));

/// Writes for each field the method that reads it: only this folder may write them.
macro_rules! readers {
    ($($(#[$doc:meta])* $field:ident: $kind:ty;)*) => {
        impl Endpoint {
            $(
                $(#[$doc])*
                #[must_use]
                #[inline]
                pub const fn $field(&self) -> $kind {
                    self.$field
                }
            )*
        }
    };
}

readers! {
    /// When its first segment was captured, in Unix ns.
    first_ns: i64;
    /// When its last segment was captured, in Unix ns.
    last_ns: i64;
    /// See [`Marks`].
    marks: Marks;
    /// When its last SYN, SYN,ACK or FIN was captured.
    asked_ns: i64;
    /// When the first answer to that was captured; 0 while there is none.
    answered_ns: i64;
    /// Segments that it sent, captured duplicates left out; see [`Endpoint::all_frames`].
    frames: u32;
    /// Initial sequence number.
    iss: Seq;
    /// One past the last octet captured or acknowledged.
    next: Seq;
    /// The highest acknowledgement captured from the other end.
    acked: Seq;
    /// The sequence number of its FIN.
    fin: Seq;
    /// When the round trip began that is being measured, if one is.
    timed: Tick;
    /// The acknowledgement that ends it.
    timed_seq: Seq;
    /// Receive window as last advertised, in bytes.
    window: u32;
    /// The shortest round trip between the tap and this end, in ns; saturates at 4.29 s.
    rtt_ns: u32;
    /// Maximum segment size, 0 where unknown.
    mss: u16;
    /// IPv4 identification of its last segment.
    ip_id: u16;
    /// TTL or hop limit of its last segment that was no reset.
    ttl: u8;
    /// Window scale shift.
    scale: u8;
    /// Its state, as best known now.
    state: State;
    /// The state that it was in before its first segment.
    first_state: State;
}

impl Endpoint {
    /// The rare parts, created if there are none.
    pub(super) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The rare parts, if there are any.
    pub(super) fn rare(&self) -> Option<&Rare> {
        self.rare.as_deref()
    }

    /// Gives up the rare parts, and the room that they take up.
    pub(in crate::tcp) fn forget_rare(&mut self) {
        self.rare = None;
    }

    /// Makes `state` its state before its first segment.
    pub(in crate::tcp) const fn begin_in(&mut self, state: State) {
        self.first_state = state;
        self.state = state;
    }

    /// Enters a state.
    pub(in crate::tcp) const fn enter(&mut self, state: State) {
        self.state = state;
    }

    /// Sets a mark, for its owner.
    #[inline]
    pub(in crate::tcp) const fn note_mark<M: Owned>(&mut self, mark: M, owner: &M::Owner) {
        self.marks.note(mark, owner);
    }

    /// Sets a mark or clears it, for its owner.
    #[inline]
    pub(in crate::tcp) const fn set_mark<M: Clearable>(&mut self, mark: M, on: bool, owner: &M::Owner) {
        self.marks.set(mark, on, owner);
    }

    /// See [`Marks::go_on`].
    #[inline]
    pub(in crate::tcp) const fn mark_going_on(
        &mut self,
        has_data: bool,
        tail: Tail,
        closes: bool,
        owner: &GoesOn,
    ) {
        self.marks.go_on(has_data, tail, closes, owner);
    }

    /// Asks for its memory without waiting: for its beginning, and for the fields more than a cache line further on. A method
    /// that returns a field's value would read it, and so wait for it.
    #[inline]
    pub fn ask_for(&self) {
        ask_for(self);
        ask_for(&self.next);
    }

    /// The heap that the rare parts use, in bytes, without what segments take up that are set aside.
    pub(in crate::tcp) const RARE_BYTES: usize = size_of::<Rare>() + 64;

    /// The heap that it uses, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let of_asides = |rare: &Rare| rare.aside.0.capacity() * size_of::<Aside>();
        self.rare().map_or(0, |rare| Self::RARE_BYTES + of_asides(rare))
    }

    /// Asks for the memory of that heap, and does not wait for it.
    pub fn ask_for_heap(&self) {
        if let Some(rare) = self.rare() {
            ask_for(&rare.missing);
            ask_for(&rare.shut);
        }
    }

    /// Whether it has none of the rare parts.
    #[must_use]
    #[inline]
    pub const fn has_no_rare(&self) -> bool {
        self.rare.is_none()
    }

    /// Whether nothing of it is missing, waiting or in doubt.
    #[must_use]
    #[inline]
    pub fn is_settled(&self) -> bool {
        self.rare().is_none_or(Rare::is_settled)
    }
}
