//! The whole: one table of all connections tracked in pieces.

use super::Refusal;
use super::plan::Head;
use super::rest::Left;
use super::wire::{each, unpacked};
use crate::flows::ahead::Seen;
use crate::flows::piece::Parcel;
use crate::flows::table::{Capacity, Flows};
use crate::flows::traffic::Traffic;
use crate::flows::udp::{Conversation, Conversations};
use crate::segment::Decoded;
use crate::tcp::profile::Profile;
use crate::wire::{Decoder, DecoderLimits};

/// The whole while it is assembled.
pub struct Whole {
    head: Head,
    decoder: Decoder,
    traffic: Traffic,
    profile: Profile,
    limits: Capacity,
    flows: Flows,
}

impl Whole {
    /// Begins with the facts apart from connections. `left` are the pieces' parts with the 4-tuples that have
    /// fragments.
    ///
    /// # Errors
    ///
    /// If they do not fit into the table, or are garbled.
    pub fn new(
        head: Head,
        left: &[impl AsRef<[u8]>],
        profile: Profile,
        limits: Capacity,
    ) -> Result<Self, Refusal> {
        let Head { frames, first_ns, last_ns, segments, datagrams, icmp_errors, .. } = head;
        let counts =
            Traffic { frames, first_ns, last_ns, segments, datagrams, icmp_errors, ..Traffic::default() };
        let decoder = Decoder::new(DecoderLimits::default());
        let flows = Flows::new(profile, limits);
        let mut whole = Self { head, decoder, traffic: counts, profile, limits, flows };
        let mut waiting = Vec::new();
        for part in left {
            each(part.as_ref(), |left: Left| waiting.push(left.seen()))?;
        }
        let mut seen = whole.decode_fragments();
        seen.append(&mut waiting);
        seen.sort_by_key(|seen| seen.frame);
        whole.track(&seen)?;
        whole.count_others();
        whole.learn()?;
        Ok(whole)
    }

    /// Decodes and counts the frames with fragments, and returns those contents that concern connections.
    fn decode_fragments(&mut self) -> Vec<Seen> {
        let mut seen = Vec::new();
        for kept in &self.head.fragments {
            let frame = kept.frame();
            let decoded = self.decoder.decode(&frame);
            match &decoded {
                Decoded::Segment(segment) => self.traffic.segments.count(segment),
                Decoded::IcmpError(_) => self.traffic.icmp_errors += 1,
                Decoded::Datagram(datagram) => {
                    self.traffic.datagrams += 1;
                    let (key, said) = Conversation::of(datagram);
                    self.head.talks.push((frame.number, key, said));
                }
                Decoded::Other(_) | Decoded::Undecodable(_) => self.traffic.add(&decoded, frame.number, 1),
            }
            if let Decoded::Segment(segment) = &decoded
                && segment.flags.syn()
                && segment.flags.ack()
            {
                let (ip, port, scope) = (segment.source, segment.source_port, segment.scope);
                self.head.listeners.push(crate::flows::population::socket::Socket { ip, port, scope });
            }
            seen.extend(Left::of(decoded).map(Left::seen));
        }
        seen
    }

    fn track(&mut self, seen: &[Seen]) -> Result<(), Refusal> {
        let behind = self.head.behind.iter().copied().collect();
        let mut flows = Flows::of_piece(self.profile, self.limits, behind);
        flows.observe_all(seen);
        self.flows.unpack(flows.pack(self.head.last_ns.unwrap_or_default())?);
        Ok(())
    }

    /// Counts the frames of each kind of which only the first was passed on.
    fn count_others(&mut self) {
        for (kept, frames) in &self.head.others {
            let frame = kept.frame();
            let decoded = Decoder::new(DecoderLimits::default()).decode(&frame);
            self.traffic.add(&decoded, frame.number, *frames);
        }
    }

    /// Takes over the listening sockets, the names of tunnels, and the UDP conversations.
    fn learn(&mut self) -> Result<(), Refusal> {
        let has_room = self.flows.listeners.learn_all(std::mem::take(&mut self.head.listeners))
            && self.decoder.remember_tunnels(&self.head.tunnels);
        self.head.talks.sort_by_key(|(frame, ..)| *frame);
        let mut udp = Conversations::new(self.limits.conversations);
        let all_talk = self.head.talks.iter().all(|(_, key, said)| udp.add(*key, said));
        self.flows.udp = udp;
        if has_room && all_talk { Ok(()) } else { Err(Refusal::Crowded) }
    }

    /// Takes the connections of a piece, or of a part of the rest.
    ///
    /// # Errors
    ///
    /// When they are garbled.
    pub fn add(&mut self, parcel: &[u8]) -> Result<(), Refusal> {
        let parcel: Parcel = unpacked(parcel)?;
        self.flows.unpack(parcel);
        Ok(())
    }

    /// The table, and a decoder with the names of tunnels.
    ///
    /// # Errors
    ///
    /// If a single table would have had to evict connections.
    pub fn finish(mut self) -> Result<(Flows, Decoder), Refusal> {
        self.flows.make_whole(self.traffic)?;
        Ok((self.flows, self.decoder))
    }
}
