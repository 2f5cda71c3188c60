//! Reading: what a segment, or a silence, means to both ends. One question a file.
//!
//! * `observe` leads a segment through; [`calm`] reads the many that only carry on, `usual` those that open a connection as most do;
//!   `taken` reads the others that a receiver takes.
//! * `acceptance` says whether it takes a segment; `aside` keeps those for which that is not known yet; `counting` counts all.
//! * `opening`, `stream`, `closing`, `acked_fin` and `reset` say which cues those that are taken hold for which end.
//! * `author` says whose a reset is by its looks, `aim` where it lies, and `meaning` its purpose; `stray_reset`, which resets
//!   move nobody; `after_reset`, what it means that an end goes on after one.
//! * `alone` says when a FIN is the only packet that shows what its sender did.
//! * `order` says which of two FINs came first, as far as that can be known.
//! * `stamps` says what arrived by the time stamps and identifications that come back.
//! * `silence` says what it means that nothing came; `alternatives`, which other states that leaves open.
//! * [`anew`] tells a retry from a stray, and a stray from a new connection; `again` does where the number is the old one.
//! * `unopened` tells the next connection where nothing of its handshake was captured; `nearness`, how far numbers lie apart.
//! * `amiss` notes what tells why a segment may be answered or not; `waking` who ends a silence, and whether that is answered;
//!   `rounds` who answers whom for ever.
//! * `probes` tells keepalives and probes of a zero window from data.
//! * `delayed` tells who waits, before it goes on, for an acknowledgement that the other end delays.
//! * `held` tells who lets the rest of a message wait for a cork.
//! * `cramped` tells who waits for room because the window holds less than a segment.
//! * `apart` reads what is no connection of two ends, or has no numbers that make sense.
//! * `icmp` reads errors that routers and hosts send about a segment.
//! * `habits` tells the packets of a host from those of others, and copies from retransmissions.
//!
//! Every part is functions over a connection and a [`Turn`]. The functions for other rooms are below.

mod acceptance;
mod acked_fin;
mod acknowledged;
mod after_reset;
mod again;
mod aim;
mod alone;
mod alternatives;
mod amiss;
pub mod anew;
mod apart;
mod aside;
mod author;
mod calm;
mod closing;
#[cfg(test)]
mod conditions;
mod counting;
mod cramped;
mod delayed;
#[cfg(test)]
mod edges;
mod habits;
mod held;
mod icmp;
mod meaning;
mod nearness;
mod observe;
mod opening;
mod order;
mod probes;
mod reset;
mod rounds;
mod selective;
mod silence;
mod stalls;
mod stamps;
mod stray_reset;
mod stream;
mod taken;
mod turn;
mod unopened;
mod usual;
mod waking;

use super::connection::Connection;
use super::machine::fact::Fact;
use super::machine::profile::Profile;
use super::machine::side::Side;
use super::machine::state::State;
use crate::segment::{IcmpError, Segment};
use anew::{Belongs, Past};
use turn::Turn;
pub use turn::{Moment, Reading};

impl Connection {
    /// Reads one segment: what it means to its sender, `from`, and to the other end.
    pub fn observe(&mut self, from: Side, segment: &Segment, profile: &Profile) -> Reading {
        observe::observe(self, Turn::new(from, segment), profile)
    }

    /// The same of a segment of which little need be asked: it is plain. Where it is none, the answer is false, and nothing
    /// has happened.
    #[inline]
    pub fn observe_shortly(&mut self, from: Side, segment: &Segment, profile: &Profile) -> bool {
        observe::observe_shortly(self, Turn::new(from, segment), profile)
    }

    /// Reads the segment if it only carries on: it is plain, nothing is added to the log, and the heap does not change. Where
    /// it does not, the answer is false, and nothing has happened.
    #[inline]
    pub fn carry_on(&mut self, from: Side, segment: &Segment) -> bool {
        calm::carry_on(self, Turn::new(from, segment))
    }

    /// Whether a SYN-ACK answers the SYN of this connection, which no other claims then.
    #[inline]
    #[must_use]
    pub fn is_answered_by(&self, from: Side, segment: &Segment) -> bool {
        anew::answers_syn(self, Turn::new(from, segment))
    }

    /// Assigns `segment`, on this connection's addresses and ports, to the incarnation that it belongs to.
    pub fn assign(
        &mut self,
        from: Side,
        segment: &Segment,
        before: Option<&Past>,
        profile: &Profile,
    ) -> Belongs {
        anew::assign(self, Turn::new(from, segment), before, profile)
    }

    /// Whether a SYN of `from` goes beyond all that it has sent here: in TIME_WAIT that is accepted.
    #[must_use]
    pub fn is_beyond(&self, from: Side, segment: &Segment) -> bool {
        anew::is_beyond(self, Turn::new(from, segment))
    }

    /// Lets time pass until `now_ns`, for both ends.
    #[inline]
    pub fn pass_time(&mut self, now_ns: i64, profile: &Profile) {
        silence::pass_time(self, now_ns, profile);
    }

    /// Whether neither end was heard of for longer than TIME_WAIT lasts.
    #[must_use]
    pub fn is_quiet(&self, now_ns: i64, profile: &Profile) -> bool {
        silence::is_quiet(self, now_ns, profile)
    }

    /// Other states that fit what is known of `side` at that moment, beside the one believed.
    #[must_use]
    pub fn alternatives(&self, side: Side, moment: Moment) -> Vec<State> {
        alternatives::alternatives(self, side, moment)
    }

    /// An ICMP error that quotes a segment of `side`, which it is for.
    pub fn icmp(&mut self, side: Side, error: &IcmpError, fact: Fact) {
        icmp::read(self, side, error, fact);
    }
}
