//! The parts of a connection's record that do not come from the tracker. The report passes them in, as JSON.

use super::pen::Pen;
use crate::columns::row::End;
use crate::tcp::state::State;

const STATES: usize = State::ALL.len();

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Text that is written as it is.
    Text(String),
    /// The bytes that the end has sent and that are not acknowledged.
    Bytes,
    /// The number that would acknowledge everything the end has sent, with or without its FIN; nothing if it is
    /// unknown.
    Ack { fin: bool },
}

/// A sentence with placeholders for the figures of an end: `{bytes}`, `{ack}`, `{ack of FIN}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence(Vec<Part>);

impl Sentence {
    /// Parses a sentence. Braces around anything but a placeholder are text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        const GAPS: [(&str, Part); 3] = [
            ("{bytes}", Part::Bytes),
            ("{ack}", Part::Ack { fin: false }),
            ("{ack of FIN}", Part::Ack { fin: true }),
        ];
        let (mut parts, mut rest) = (Vec::new(), text);
        let next = |rest: &str| {
            let found =
                GAPS.iter().filter_map(|(gap, part)| rest.find(gap).map(|at| (at, *gap, part.clone())));
            found.min_by_key(|(at, ..)| *at)
        };
        while let Some((at, gap, part)) = next(rest) {
            parts.extend([Part::Text(rest[..at].to_owned()), part]);
            rest = &rest[at + gap.len()..];
        }
        parts.push(Part::Text(rest.to_owned()));
        Self(parts)
    }

    fn write(&self, pen: &mut Pen, end: &End<'_>) {
        pen.raw("\"");
        for part in &self.0 {
            match part {
                Part::Text(text) => pen.raw(text),
                Part::Bytes => pen.number(end.unacknowledged_bytes()),
                Part::Ack { fin } if end.isn().is_some() => {
                    let stream = (end.bytes() + end.unseen_bytes()).wrapping_sub(end.retransmitted_bytes());
                    pen.raw(" (ack ");
                    pen.number(stream.wrapping_add(1 + u64::from(*fin)).cast_signed());
                    pen.raw(")");
                }
                Part::Ack { .. } => {}
            }
        }
        pen.raw("\"");
    }
}

/// The packet that one end of a stopped connection waits for.
#[derive(Clone, Debug)]
pub struct Wait {
    /// Whether it is the server.
    pub server: bool,
    /// The sentence if everything that the end sent is acknowledged, and the sentence if not.
    pub sentences: [Option<Sentence>; 2],
}

/// The packets that ends in two given states wait for; `None` if a connection in these states has not stopped.
pub type Waits = Option<Vec<Wait>>;

/// The findings that name connections.
#[derive(Debug, Default)]
pub struct Named {
    /// Ids of connections, the lowest first.
    pub connections: Vec<u64>,
    /// For each connection, the index of its list in `texts`.
    pub lists: Vec<u32>,
    /// Ids of findings, as lists in JSON.
    pub texts: Vec<String>,
}

impl Named {
    /// The findings of a connection.
    fn of(&self, id: u64) -> &str {
        let at = self.connections.binary_search(&id).ok();
        let list = at.and_then(|at| self.lists.get(at)).and_then(|list| self.texts.get(*list as usize));
        list.map_or("[]", String::as_str)
    }
}

/// All parts of a record that do not come from the tracker.
#[derive(Debug)]
pub struct Words {
    /// For each state left and each state entered, the fields of a transition that give its sections of RFC 9293.
    documented: Vec<String>,
    /// For each state of the client and each state of the server, the packets that they wait for.
    waits: Vec<Waits>,
    /// The findings.
    named: Named,
}

impl Words {
    /// Takes all parts. `None` unless each pair of states has exactly one entry.
    #[must_use]
    pub fn new(documented: Vec<String>, waits: Vec<Waits>, named: Named) -> Option<Self> {
        let fit = documented.len() == STATES * STATES && waits.len() == STATES * STATES;
        (fit && named.connections.len() == named.lists.len()).then_some(Self { documented, waits, named })
    }

    /// The RFC 9293 sections that document a change of state.
    pub(super) fn documented(&self, from: State, to: State) -> &str {
        &self.documented[from as usize * STATES + to as usize]
    }

    /// The findings that name a connection, as a list in JSON.
    pub(super) fn findings(&self, id: u64) -> &str {
        self.named.of(id)
    }

    /// Writes whether a connection has stopped before its end, and what its ends wait for.
    pub(super) fn write_waits(&self, pen: &mut Pen, [client, server]: &[End<'_>; 2]) {
        let waits = &self.waits[client.state() as usize * STATES + server.state() as usize];
        pen.raw(",\"stopped\":");
        pen.truth(waits.is_some());
        pen.raw(",\"waits\":");
        let sentences = waits.iter().flatten().filter_map(|wait| {
            let end = if wait.server { server } else { client };
            wait.sentences[usize::from(end.unacknowledged_bytes() > 0)]
                .as_ref()
                .map(|sentence| (sentence, end))
        });
        pen.list(sentences, |pen, (sentence, end)| sentence.write(pen, end));
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, Part, Sentence};

    #[test]
    fn placeholders_of_a_sentence_are_found() {
        let text = |text: &str| Part::Text(text.to_owned());
        assert_eq!(
            Sentence::of("{x} {bytes} of {ack of FIN}{ack}."),
            Sentence(vec![
                text("{x} "),
                Part::Bytes,
                text(" of "),
                Part::Ack { fin: true },
                text(""),
                Part::Ack { fin: false },
                text("."),
            ])
        );
        assert_eq!(Sentence::of("nothing"), Sentence(vec![text("nothing")]));
    }

    #[test]
    fn findings_are_those_of_the_connection() {
        let texts = vec!["[\"D1\"]".to_owned(), "[\"D1\",\"D2\"]".to_owned()];
        let named = Named { connections: vec![2, 5, 9], lists: vec![1, 0, 7], texts };
        assert_eq!([1, 2, 5, 9].map(|id| named.of(id)), ["[]", "[\"D1\",\"D2\"]", "[\"D1\"]", "[]"]);
    }
}
