//! Counters of an endpoint: segments, octets, times, and facts.

use crate::segment::Segment;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::fact::{Fact, Facts};

impl Endpoint {
    /// Notes its first segment, if it is the first.
    pub(in crate::tcp) const fn begin_at(&mut self, time_ns: i64) {
        if self.frames == 0 {
            self.first_ns = time_ns;
            self.last_ns = time_ns;
        }
    }

    /// Counts a segment that it sent.
    #[inline]
    pub(in crate::tcp) fn count(&mut self, segment: &Segment) {
        self.count_frame();
        self.count_bytes(segment.payload);
        self.last_ns = self.last_ns.max(segment.time_ns);
    }

    /// Counts one segment less: it belongs to another connection.
    pub fn discount_frame(&mut self) {
        match &mut self.rare {
            Some(rare) if rare.beyond.frames > 0 => rare.beyond.frames -= 1,
            _ => self.frames = self.frames.saturating_sub(1),
        }
    }

    /// Counts a segment that it sent.
    #[inline]
    fn count_frame(&mut self) {
        match self.frames.checked_add(1) {
            Some(frames) => self.frames = frames,
            None => self.rare_mut().beyond.frames += 1,
        }
    }

    /// Counts a segment that is not read, or not yet: the segment shows neither when the end spoke nor what it said.
    pub(in crate::tcp) fn count_unread(&mut self) {
        self.rare_mut().beyond.frames += 1;
    }

    /// Counts one of those less: it will be read.
    pub(in crate::tcp) fn discount_unread(&mut self) {
        let beyond = &mut self.rare_mut().beyond;
        beyond.frames = beyond.frames.saturating_sub(1);
    }

    /// Segments that it sent, captured duplicates left out.
    #[must_use]
    pub fn all_frames(&self) -> u64 {
        u64::from(self.frames) + self.rare.as_ref().map_or(0, |rare| rare.beyond.frames)
    }

    /// Counts payload octets that it sent.
    #[inline]
    fn count_bytes(&mut self, payload: u32) {
        match self.few_bytes.checked_add(payload) {
            Some(bytes) => self.few_bytes = bytes,
            None => {
                self.rare_mut().beyond.bytes += u64::from(payload);
            }
        }
    }

    /// Counts one payload octet less: it was a probe's.
    pub(in crate::tcp) const fn discount_octet(&mut self) {
        self.few_bytes = self.few_bytes.saturating_sub(1);
    }

    /// Whether counting payload octets takes no more room.
    #[must_use]
    pub const fn has_room_for(&self, payload: u32) -> bool {
        self.few_bytes.checked_add(payload).is_some()
    }

    /// Payload octets that it sent, each counted as often as it was sent.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        u64::from(self.few_bytes) + self.rare.as_ref().map_or(0, |rare| rare.beyond.bytes)
    }

    /// Its facts.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts::of_words(
            self.first_facts,
            self.rare.as_ref().map_or_else(Default::default, |rare| rare.beyond.facts),
        )
    }

    /// Replaces its facts.
    pub fn set_facts(&mut self, facts: Facts) {
        let (first, beyond) = facts.words();
        self.first_facts = first;
        if self.rare.is_some() || beyond != [0; Facts::WORDS - 1] {
            self.rare_mut().beyond.facts = beyond;
        }
    }

    /// Adds a fact; true if it is new.
    pub(in crate::tcp) fn add_fact(&mut self, fact: Fact) -> bool {
        let (word, bit) = Facts::place(fact);
        let word = match word.checked_sub(1) {
            None => &mut self.first_facts,
            Some(beyond) => &mut self.rare_mut().beyond.facts[beyond],
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Whether it has the fact.
    #[must_use]
    #[inline]
    pub fn has_fact(&self, fact: Fact) -> bool {
        let (word, bit) = Facts::place(fact);
        match word.checked_sub(1) {
            None => self.first_facts & bit != 0,
            Some(beyond) => self.rare().is_some_and(|rare| rare.beyond.facts[beyond] & bit != 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_endpoint_needs_no_more_room_for_facts_and_octets() {
        let mut end = Endpoint::default();
        let first: Facts = Fact::ALL.iter().copied().take(64).collect();
        first.iter().for_each(|fact| assert!(end.add_fact(fact) && !end.add_fact(fact)));
        end.count_bytes(u32::MAX);
        assert!(end.rare.is_none() && end.facts() == first && first.iter().all(|fact| end.has_fact(fact)));
        assert_eq!(end.bytes(), u64::from(u32::MAX));
    }

    #[test]
    fn facts_beyond_the_first_word_and_octets_beyond_four_gigabytes_are_kept() {
        let mut end = Endpoint::default();
        let facts = Facts::of_words(5, std::array::from_fn(|word| u64::MAX << word));
        end.set_facts(facts);
        assert_eq!(end.facts(), facts);
        end.set_facts(Facts::default());
        assert_eq!(end.facts(), Facts::default());
        for sent in 1..=5 {
            assert!(end.has_room_for(1 << 30) == (sent <= 3));
            end.count_bytes(1 << 30);
            assert_eq!(end.bytes(), sent << 30);
        }
    }
}
