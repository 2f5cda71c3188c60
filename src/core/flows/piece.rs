//! A piece of a capture, tracked for itself: connections of which no other piece has a frame, on their way to the table of
//! the whole. There they are numbered in the order in which they began, as if one table had tracked all.

use super::clocks::{Behind, Clocks};
use super::share::Share;
use super::slab::{NOWHERE, Place, Slot};
use super::table::{Capacity, Flows};
use super::together::UNNUMBERED;
use super::traffic::Traffic;
use crate::tcp::profile::Profile;
use serde::{Deserialize, Serialize};

/// The connections of a piece, time having passed for all of them until the capture's last frame.
#[derive(Serialize, Deserialize)]
pub struct Parcel {
    /// In the order in which they began. A connection names the one before it by its place in this list.
    slots: Vec<Slot>,
    duplicates: u64,
    retransmissions: u64,
    lacking: u64,
}

/// Connections had to go for want of room: which ones depends on the whole capture, so no piece can tell.
#[derive(Clone, Copy, Debug)]
pub struct Crowded;

impl Flows {
    /// An empty table for a piece of a capture. `behind` tells for all SYNs of the capture which have stamps older than the
    /// latest of their host.
    #[must_use]
    pub fn of_piece(profile: Profile, limits: Capacity, behind: Behind) -> Self {
        Self {
            share: Share::OF_A_PIECE,
            clocks: Clocks::told(behind),
            turn_ends: u64::MAX,
            ..Self::new(profile, limits)
        }
    }

    /// Gives out the connections of a piece as of `now_ns`, in Unix ns: the time of the capture's last frame.
    ///
    /// # Errors
    ///
    /// When some had to go.
    pub fn pack(mut self, now_ns: i64) -> Result<Parcel, Crowded> {
        self.settle_until(now_ns);
        if self.has_let_go() {
            return Err(Crowded);
        }
        let places = 0..self.slab.places();
        let slots = places.filter_map(|place| self.slab.get_mut(place).map(std::mem::take)).collect();
        let Traffic { duplicates, retransmissions, .. } = self.traffic;
        Ok(Parcel { slots, duplicates, retransmissions, lacking: self.loss.lacking })
    }

    /// Takes over the connections of a piece. They are numbered once all are there: see [`Flows::make_whole`].
    pub fn unpack(&mut self, parcel: Parcel) {
        let mut places: Vec<Place> = Vec::with_capacity(parcel.slots.len());
        for mut slot in parcel.slots {
            slot.before = places.get(slot.before as usize).copied().unwrap_or(NOWHERE);
            self.heap_bytes += slot.heap_bytes();
            let id = slot.id;
            let place = self.slab.insert(slot);
            self.begun.push((place, id));
            places.push(place);
        }
        self.traffic.duplicates += parcel.duplicates;
        self.traffic.retransmissions += parcel.retransmissions;
        self.loss.lacking += parcel.lacking;
    }

    /// Makes a table that has taken over all pieces the table of the whole. `frames` are the counts of all frames.
    ///
    /// # Errors
    ///
    /// When one table that had read all would have had to let connections go.
    pub fn make_whole(&mut self, frames: Traffic) -> Result<(), Crowded> {
        let Traffic { duplicates, retransmissions, .. } = self.traffic;
        self.traffic = Traffic { duplicates, retransmissions, ..frames };
        self.settled_after = self.traffic.frames;
        self.number_in_order();
        self.begin_turn();
        if self.would_have_been_full() { Err(Crowded) } else { Ok(()) }
    }

    /// Gives ids to all connections, in the order of the frames in which they began.
    fn number_in_order(&mut self) {
        let mut begun = std::mem::take(&mut self.begun);
        begun.sort_unstable_by_key(|(_, unnumbered)| *unnumbered);
        for (place, unnumbered) in begun {
            if let Some(slot) = self.slab.get_mut(place).filter(|slot| slot.id == unnumbered) {
                debug_assert!(unnumbered & UNNUMBERED != 0, "it has a number already");
                self.last_id += 1;
                slot.id = self.last_id;
            }
        }
    }

    const fn has_let_go(&self) -> bool {
        self.evicted.sum() > 0 || self.released > 0 || !self.departed.is_empty()
    }

    /// Whether one table would have been full at some time. The heap of the connections may have been larger before, but never
    /// by a quarter: logs only grow.
    fn would_have_been_full(&self) -> bool {
        self.slab.len() > self.limits.connections || self.bytes() / 4 * 5 >= self.limits.bytes
    }
}
