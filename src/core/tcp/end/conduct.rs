//! Conduct of an endpoint: habits that tell its packets from others', and copies from retransmissions.

use crate::segment::Segment;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::end::ttls::TurnsOfTtl;
use crate::tcp::machine::thresholds::{CLOSE_BEHIND, UNIX_TTL, WINDOWS_TTL};

owns!(CountHasJumped, CountsIpId, IpId, Labels);

impl Endpoint {
    /// Whether one of its last two segments had the fingerprint.
    #[inline]
    pub(in crate::tcp) fn has_just_sent(&self, print: u32) -> bool {
        self.recent.contains(&print)
    }

    /// Keeps the fingerprint of its last segment.
    #[inline]
    pub(in crate::tcp) const fn keep_fingerprint(&mut self, print: u32) {
        self.recent = [print, self.recent[0]];
    }

    /// Keeps the values that its later segments are compared with. A reset tells nothing about its socket.
    #[inline]
    pub(in crate::tcp) const fn keep_habits(&mut self, segment: &Segment) {
        if segment.flags.rst() {
            return;
        }
        self.ttl = segment.ttl;
        // BSD labels what a socket sends for its application, but not all of its acknowledgements and probes.
        if segment.labelled || segment.payload > 0 || segment.flags.syn() || segment.flags.fin() {
            self.set_mark(mark::Labels, segment.labelled, ME);
        }
        if let Some(id) = segment.ip_id {
            if self.marks().is_counting() && id.wrapping_sub(self.ip_id) == 1 {
                self.ip_id = id; // as nearly all do
                return;
            }
            let consecutive = self.marks().has_ip_id() && id.wrapping_sub(self.ip_id) == 1;
            if !consecutive && self.marks().has_ip_id() && !self.is_close_behind(id) {
                self.note_mark(mark::CountHasJumped, ME);
            }
            self.set_mark(mark::CountsIpId, consecutive, ME);
            self.note_mark(mark::IpId, ME);
            self.ip_id = id;
        }
    }

    /// Keeps a TTL that its segments bore before the present one.
    pub(in crate::tcp) fn keep_ttl(&mut self, ttl: u8) {
        self.rare_mut().ttls.keep(ttl);
    }

    /// Notes that the TTL changed, with a segment with data or without, and returns how it has changed until now.
    pub(in crate::tcp) fn count_turn_of_ttl(&mut self, has_data: bool, ttl: u8) -> TurnsOfTtl {
        let turns = &mut self.rare_mut().turns_of_ttl;
        turns.count(has_data, ttl);
        *turns
    }

    /// Keeps the TTL of its SYN,ACK, if the segments after it had another.
    pub(in crate::tcp) fn keep_syn_ack_ttl(&mut self, ttl: u8) {
        self.rare_mut().turns_of_ttl.keep_syn_ack(ttl);
    }

    /// Whether a TTL is that of its SYN,ACK, if the segments after it had another.
    pub(in crate::tcp) fn has_answered_with_ttl(&self, ttl: u8) -> bool {
        self.rare().is_some_and(|rare| rare.turns_of_ttl.is_of_syn_ack(ttl))
    }

    /// Keeps a TTL of resets in its name, and returns how many there are, up to four.
    pub(in crate::tcp) fn keep_reset_ttl(&mut self, ttl: u8) -> u64 {
        let ttls = &mut self.rare_mut().reset_ttls;
        ttls.keep(ttl);
        ttls.count()
    }

    /// Whether its segments have borne a TTL, if the TTLs of its other segments are known.
    #[must_use]
    pub fn has_borne_ttl(&self, ttl: u8) -> bool {
        self.ttl == 0 || self.ttl == ttl || self.rare().is_some_and(|rare| rare.ttls.has(ttl))
    }

    /// Whether an identification carries on its count. Only a few may be missing between: lost, or on another interface.
    #[must_use]
    pub const fn is_close_behind(&self, id: u16) -> bool {
        let ahead = id.wrapping_sub(self.ip_id);
        ahead >= 1 && ahead <= CLOSE_BEHIND
    }

    /// Whether its host counts the packets of all sockets together: the count has jumped, or the TTL is that of Windows.
    #[must_use]
    pub const fn shares_count(&self) -> bool {
        self.marks().count_has_jumped() || (self.ttl > UNIX_TTL && self.ttl <= WINDOWS_TTL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::Flags;
    use crate::testing;

    /// Whether an end counts as one that labels its packets, after it has sent a labelled one and then this.
    fn labels_after(flags: u16, payload: u32) -> bool {
        let mut end = Endpoint::default();
        let labelled = Segment { labelled: true, ..testing::segment() };
        end.keep_habits(&labelled);
        assert!(end.marks().labels());
        end.keep_habits(&Segment { flags: Flags(flags), payload, ..testing::segment() });
        end.marks().labels()
    }

    #[test]
    fn an_acknowledgement_without_a_label_is_no_change_of_habit() {
        assert!(labels_after(Flags::ACK, 0));
        assert!(!labels_after(Flags::ACK, 1));
        assert!(!labels_after(Flags::ACK | Flags::FIN, 0));
        assert!(!labels_after(Flags::SYN, 0));
        assert!(labels_after(Flags::RST, 0));
    }

    #[test]
    fn a_count_goes_on_where_few_packets_are_missing() {
        let mut end = Endpoint::default();
        end.keep_habits(&Segment { ip_id: Some(u16::MAX), ..testing::segment() });
        for (id, is_close) in [(u16::MAX, false), (0, true), (CLOSE_BEHIND - 1, true), (CLOSE_BEHIND, false)]
        {
            assert_eq!(end.is_close_behind(id), is_close, "{id}");
        }
    }

    #[test]
    fn a_time_to_live_above_that_of_unix_and_up_to_that_of_windows_shares_its_count() {
        for (ttl, shares) in [(64, false), (65, true), (128, true), (129, false)] {
            let mut end = Endpoint::default();
            end.keep_habits(&Segment { ttl, ..testing::segment() });
            assert_eq!(end.shares_count(), shares, "{ttl}");
        }
    }

    #[test]
    fn four_times_to_live_are_remembered_beside_the_last() {
        let mut end = Endpoint::default();
        assert!(end.has_borne_ttl(9), "nothing is known of an end that has not spoken");
        end.keep_habits(&testing::segment());
        for ttl in [1, 2, 2, 3, 4, 5] {
            end.keep_ttl(ttl);
        }
        let borne: Vec<u8> = (0..=64).filter(|ttl| end.has_borne_ttl(*ttl)).collect();
        assert_eq!(borne, [2, 3, 4, 5, 64]);
    }
}
