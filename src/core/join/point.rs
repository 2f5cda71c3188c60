//! One point of capture: its frames decoded, its connections tracked, its segments kept.

use super::sightings::Sightings;
use crate::flows::table::Flows;
use crate::frame::Frame;
use crate::segment::Decoded;
use crate::wire::{self, Decoder};

/// What was captured at one point of the path.
pub struct Point {
    /// The connections as this capture alone shows them.
    pub flows: Flows,
    /// The segments.
    pub sightings: Sightings,
    decoder: Decoder,
}

impl Point {
    /// A point at which nothing has been captured.
    #[must_use]
    pub fn new(flows: Flows, most_sightings: usize) -> Self {
        let decoder = Decoder::new(wire::Limits::default());
        Self { flows, sightings: Sightings::new(most_sightings), decoder }
    }

    /// Takes in a frame.
    pub fn take(&mut self, frame: &Frame<'_>) {
        let frame = &frame.in_sane_time();
        let decoded = self.decoder.decode(frame);
        self.observe(frame.time_ns, frame.number, &decoded);
    }

    /// Takes in what a frame turned out to be.
    pub fn observe(&mut self, time_ns: i64, number: u64, decoded: &Decoded) {
        self.flows.observe(time_ns, number, decoded);
        if let (Decoded::Segment(segment), Some((id, from, reading))) = (decoded, self.flows.last_read.take())
        {
            self.sightings.keep(id, from, reading, segment);
        }
    }

    /// Gives the decoder away away; frames taken in later are decoded by a fresh one.
    pub fn take_decoder(&mut self) -> Decoder {
        std::mem::replace(&mut self.decoder, Decoder::new(wire::Limits::default()))
    }
}
