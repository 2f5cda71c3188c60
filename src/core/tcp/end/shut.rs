//! Shut windows: since when an end has advertised a window of zero, and for how long it had before.

use crate::tcp::end::endpoint::Endpoint;

impl Endpoint {
    /// Notes that it advertises a window of zero, at an instant in Unix ns.
    pub(in crate::tcp) fn shut_window(&mut self, time_ns: i64) {
        self.rare_mut().shut.since_ns.get_or_insert(time_ns);
    }

    /// Notes that it advertises a window that is not zero, and returns for how long it has been shut in all, in ns; `None` if
    /// it was not shut.
    pub(in crate::tcp) fn open_window(&mut self, time_ns: i64) -> Option<i64> {
        let shut = &mut self.rare.as_mut()?.shut;
        let since_ns = shut.since_ns.take()?;
        shut.before_ns = shut.before_ns.saturating_add((time_ns - since_ns).max(0));
        Some(shut.before_ns)
    }

    /// Counts that it opened its window by less than a segment, and returns how often it did so.
    pub(in crate::tcp) fn count_opened_by_little(&mut self) -> u16 {
        let shut = &mut self.rare_mut().shut;
        shut.by_little = shut.by_little.saturating_add(1);
        shut.by_little
    }

    /// Counts that it took back room in its window, and returns how often it did so.
    pub(in crate::tcp) fn count_taken_back(&mut self) -> u16 {
        let shut = &mut self.rare_mut().shut;
        shut.taken_back = shut.taken_back.saturating_add(1);
        shut.taken_back
    }

    /// Notes whether the window that its SYN,ACK advertised was zero, and has not been opened since.
    pub(in crate::tcp) fn set_shut_since_syn(&mut self, is_shut: bool) {
        self.rare_mut().shut.since_syn = is_shut;
    }

    /// Whether the window that its SYN,ACK advertised was zero, and has not been opened since.
    #[must_use]
    pub fn is_shut_since_syn(&self) -> bool {
        self.rare().is_some_and(|rare| rare.shut.since_syn)
    }

    /// Since when it has advertised a window of zero, in Unix ns.
    #[must_use]
    pub fn shut_since(&self) -> Option<i64> {
        self.rare().and_then(|rare| rare.shut.since_ns)
    }

    /// Whether it advertises a window of zero.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        self.shut_since().is_some()
    }
}
