//! Probes of an end that nobody has answered.

use crate::seq::Seq;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::rare::WindowProbe;

impl Endpoint {
    /// Keepalive probes sent since the other end was last heard of.
    #[must_use]
    pub fn probes(&self) -> u8 {
        self.rare().map_or(0, |rare| rare.probes)
    }

    /// The acknowledgement number of its last probe.
    #[must_use]
    pub fn probe_ack(&self) -> Option<Seq> {
        self.rare()?.probe_ack
    }

    /// Counts a probe, which acknowledges `ack`, and returns how many there are.
    pub(in crate::tcp) fn count_probe(&mut self, ack: Seq) -> u8 {
        let rare = self.rare_mut();
        rare.probe_ack = Some(ack);
        rare.probes = rare.probes.saturating_add(1);
        rare.probes
    }

    /// Its last probe of the other's window of zero.
    #[must_use]
    pub fn window_probe(&self) -> Option<WindowProbe> {
        self.rare()?.window_probe
    }

    /// Keeps a probe of the other's window of zero.
    pub(in crate::tcp) fn keep_window_probe(&mut self, probe: WindowProbe) {
        self.rare_mut().window_probe = Some(probe);
    }

    /// Takes the octet that it sent, and `copies` of it, for probes.
    pub(in crate::tcp) fn take_copies_for_probes(&mut self, copies: u8) {
        self.rare_mut().probes = copies.saturating_add(1);
    }

    /// Notes that the other end was heard of: its probes are answered.
    pub(in crate::tcp) fn end_probing(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.probes = 0;
        }
    }
}
