//! The history of a connection: a letter for each kind of event, in upper case if the originator caused it.

/// Counts a repeated event: its letter is written the first time, the tenth, the hundredth.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    times: u64,
}

impl Count {
    /// Counts one event; true if its letter is due.
    pub fn count(&mut self) -> bool {
        self.times = self.times.saturating_add(1);
        let mut due = 1_u64;
        while due < self.times {
            match due.checked_mul(10) {
                Some(next) => due = next,
                None => return false,
            }
        }
        due == self.times
    }
}

/// The letters.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The letters as written: in upper case for the end that was taken for the originator.
    letters: Vec<u8>,
    /// Whether that end turned out to be the responder.
    turned: bool,
    /// Whether the direction was turned before the first letter.
    begins_turned: bool,
}

impl History {
    /// An empty history. `turned` if the first sender is known to be the responder.
    #[must_use]
    pub const fn begun(turned: bool) -> Self {
        Self { letters: Vec::new(), turned: false, begins_turned: turned }
    }

    /// Adds a letter, given in upper case.
    pub fn add(&mut self, letter: u8, by_originator: bool) {
        self.letters.push(if by_originator { letter } else { letter.to_ascii_lowercase() });
    }

    /// Notes that the direction was mistaken.
    pub fn turn(&mut self) {
        self.turned = !self.turned;
    }

    /// The letters, after a `^` if the direction was turned.
    #[must_use]
    pub fn text(&self) -> String {
        let letter = |letter: &u8| char::from(if self.turned { letter ^ 0x20 } else { *letter });
        let turned = (self.turned != self.begins_turned).then_some('^');
        turned.into_iter().chain(self.letters.iter().map(letter)).collect()
    }

    /// Whether the originator sent a SYN, and a RST before anything but data.
    #[must_use]
    pub fn is_reset_early(&self) -> bool {
        let text = self.text();
        let Some(after) = text.trim_start_matches('^').strip_prefix('S') else { return false };
        after.chars().find(|letter| "HAFGIQR".contains(*letter)) == Some('R')
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, History};

    #[test]
    fn letters_are_due_in_a_logarithmic_fashion() {
        let mut count = Count::default();
        let due: Vec<_> = (1..=1000).filter(|_| count.count()).collect();
        assert_eq!(due, [1, 10, 100, 1000]);
    }

    #[test]
    fn a_turned_history_swaps_its_letters() {
        let mut history = History::default();
        history.add(b'D', true);
        history.add(b'A', false);
        assert_eq!(history.text(), "Da");
        history.turn();
        assert_eq!(history.text(), "^dA");
    }

    #[test]
    fn a_reset_before_an_answer_is_early() {
        let of = |letters: &str| History { letters: letters.into(), ..History::default() }.is_reset_early();
        assert!(of("SR") && of("SDR") && of("^SR"));
        assert!(!of("SAR") && !of("R") && !of("SFR"));
        assert!(of("ShR"), "only what the originator sent counts");
    }
}
