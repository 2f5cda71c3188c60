//! The meaning of a reset. It is determined once, before the reset is counted, and used both to judge whether the receiver
//! takes it and to read it.

use super::Turn;
use super::aim::{Aim, aim, answers_unacceptable_syn_ack, answers_unseen_syn, is_answer_to_syn_ack};
use super::author::{Author, author};
use crate::tcp::connection::Connection;
use crate::tcp::machine::state::State;

/// A reset's meaning, and whose it is by its looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// Whose it is.
    pub(super) author: Author,
    /// Its purpose.
    pub(super) purpose: Purpose,
}

/// The purpose of a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It refuses a SYN that was not captured.
    RefusesUnseen,
    /// It answers a segment that does not acknowledge its sender's SYN. The attempt goes on.
    TurnsAway,
    /// It comes to an end that waits for the answer to its SYN.
    AnswersSyn,
    /// It answers a SYN,ACK that its sender has no use for.
    Abandons,
    /// It ends the connection, if it is taken.
    Ends(Aim),
}

impl Meaning {
    /// The meaning of a reset that has not been counted yet.
    pub(super) fn of(c: &Connection, turn: Turn) -> Self {
        let author = author(c, turn);
        let receiver = c.end(turn.to());
        let purpose = if answers_unseen_syn(c, turn) {
            Purpose::RefusesUnseen
        } else if answers_unacceptable_syn_ack(c, turn) {
            Purpose::TurnsAway
        } else if receiver.state() == State::SynSent && receiver.marks().has_iss() {
            Purpose::AnswersSyn
        } else if author == Author::NoSocket && is_answer_to_syn_ack(c, turn) {
            Purpose::Abandons
        } else {
            Purpose::Ends(aim(c, turn, author))
        };
        Self { author, purpose }
    }
}
