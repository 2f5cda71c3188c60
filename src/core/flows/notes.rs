//! A change of state in words, as a comment on the frame that shows it.

use super::event::Event;
use crate::tcp::entry::{Entry, Verdict};

/// The number of a frame, and a comment on it.
pub type Note = (u64, String);

/// The comment on a change as far as it is known now: what a later frame proves, it does not know. Nothing for a fact.
#[must_use]
pub fn of(event: &Event) -> Option<Note> {
    let Entry::Transition(step) = event.entry else { return None };
    let end = if step.side == event.client { "client" } else { "server" };
    let (id, from, to) = (event.id, step.from.name(), step.to.name());
    Some(match step.verdict {
        Verdict::Retracted(by) => {
            (by, format!("wirestat #{id} retracts {end} {from} → {to} at {}", step.frame))
        }
        _ => (step.frame, format!("wirestat #{id} {end} {from} → {to}, {}", step.evidence.name())),
    })
}
