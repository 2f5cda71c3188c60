//! A connection as a rule sees it: states and facts, the same for all that look alike to it.

use crate::tcp::connection::Connection;
use crate::tcp::endpoint::Endpoint;
use crate::tcp::fact::{Fact, Facts};
use crate::tcp::side::Side;
use crate::tcp::state::State;
use std::hash::{Hash, Hasher};

/// A connection as a rule sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// States of client and server.
    pub states: [State; 2],
    /// Whether those are proven.
    pub proven: [bool; 2],
    /// Facts of client and server; those about the connection as a whole are with the client's.
    pub facts: [Facts; 2],
}

/// A word for states and proofs. The derived hash would take four.
impl Hash for Signature {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b] = self.states.map(|state| state as u64);
        let [a_is_proven, b_is_proven] = self.proven.map(u64::from);
        state.write_u64(a | b << 8 | a_is_proven << 16 | b_is_proven << 24);
        for facts in self.facts {
            let (first, beyond) = facts.words();
            state.write_u64(first);
            beyond.into_iter().for_each(|word| state.write_u64(word));
        }
    }
}

impl Signature {
    /// The signature of a connection, whose client is the end given.
    #[must_use]
    pub fn of(connection: &Connection, client: Side) -> Self {
        let proven = Side::BOTH.map(|side| connection.log().is_grounded(side));
        Self::with(connection, client, proven)
    }

    /// The same, given for each end whether its state is proven.
    #[must_use]
    pub fn with(connection: &Connection, client: Side, proven: [bool; 2]) -> Self {
        let ends = [connection.end(client), connection.end(client.other())];
        let whole = connection.whole_facts().or(derived_of_connection(connection));
        let [client_facts, server_facts] =
            ends.map(|end| end.facts().without(Facts::OF_CONNECTION).or(derived_of_end(end)));
        let facts = [client_facts.or(whole), server_facts];
        Self {
            states: ends.map(|end| end.state()),
            proven: [client, client.other()].map(|side| proven[side]),
            facts,
        }
    }
}

/// Facts about an end that are derived here rather than noted: nearly every end has them, or they matter only beside others.
#[must_use]
pub fn derived_of_end(end: &Endpoint) -> Facts {
    let mut facts = Facts::default();
    if end.bytes() > 0 {
        facts.add(Fact::SentData);
    }
    if end.marks().has_fin() {
        facts.add(Fact::FinSent);
    }
    if end.marks().syn_asks_ecn() {
        facts.add(Fact::SynWithEcn);
    }
    if end.marks().syn_asks_fast_open() {
        facts.add(Fact::SynWithFastOpen);
    }
    if end.marks().syn_asks_multipath() {
        facts.add(Fact::SynWithMultipath);
    }
    if end.marks().syn_asks_to_join() {
        facts.add(Fact::SynAsksToJoin);
    }
    if end.marks().has_wrong_syn_sum() {
        facts.add(Fact::SynChecksumWrong);
    }
    if end.marks().stamp_went_back() {
        facts.add(Fact::TsvalBackward);
    }
    facts.without(end.facts())
}

/// Facts about the connection as a whole that are derived here rather than noted.
#[must_use]
pub fn derived_of_connection(connection: &Connection) -> Facts {
    let mut facts = Facts::default();
    for side in Side::BOTH {
        let (silent, speaker) = (connection.end(side), connection.end(side.other()));
        let evidently_answers =
            speaker.marks().ack_advanced() || silent.marks().has_iss() || silent.marks().has_fin();
        if silent.frames() == 0 && evidently_answers {
            facts.add(Fact::OneWay);
        }
    }
    facts
}
