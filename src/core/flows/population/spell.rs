//! When something happened first, and when last.

/// First and last, in Unix ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// The first time.
    pub first_ns: i64,
    /// The last time.
    pub last_ns: i64,
}

impl Spell {
    /// Takes note that it happened, in whatever order it is told.
    pub fn note(spell: &mut Option<Self>, time_ns: i64) {
        let known = spell.get_or_insert(Self { first_ns: time_ns, last_ns: time_ns });
        known.first_ns = known.first_ns.min(time_ns);
        known.last_ns = known.last_ns.max(time_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::Spell;

    #[test]
    fn first_and_last_are_told_in_any_order() {
        let mut spell = None;
        [5, 3, 9, 4].into_iter().for_each(|time| Spell::note(&mut spell, time));
        assert_eq!(spell, Some(Spell { first_ns: 3, last_ns: 9 }));
    }
}
