//! Readings that hold under several conditions: all are met, and then each fails alone. Dialogues hardly ever tell them apart.

use super::{Turn, again, amiss, anew, aside, cramped};
use crate::segment::{Flags, Options, Segment};
use crate::seq::Seq;
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::thresholds::{NOTHING_OVERDUE, UNSCALED_WINDOW};
use crate::testing;

const HERE: Side = Side::Low;
const THERE: Side = Side::High;

/// A segment of one end.
pub(super) fn said(flags: u16, seq: u32, ack: u32, payload: u32) -> Segment {
    Segment { flags: Flags(flags), seq: Seq(seq), ack: Seq(ack), payload, ..testing::segment() }
}

/// A connection of which an end would send these numbers next.
fn between(here: u32, there: u32) -> Connection {
    let mut c = Connection::default();
    c.end_mut(HERE).begin_space(Seq(here));
    c.end_mut(THERE).begin_space(Seq(there));
    c
}

#[test]
fn a_waiting_segment_came_where_an_acknowledgement_covers_all_that_it_brings() {
    let old = said(Flags::ACK, 100, 0, 5);
    let answers = [
        (said(Flags::ACK, 0, 105, 0), true),
        (said(Flags::ACK, 0, 106, 0), true),
        (said(Flags::ACK, 0, 104, 0), false),
        (said(Flags::RST | Flags::ACK, 0, 105, 0), false),
        (said(Flags::PSH, 0, 105, 0), false),
    ];
    for (answer, is_told) in answers {
        assert_eq!(aside::says_it_came(&between(100, 0), HERE, &old, &answer), is_told, "{answer:?}");
        assert!(!aside::says_it_came(&between(105, 0), HERE, &old, &answer), "it brings nothing new");
    }
}

/// A stray SYN of one end, far from all that both have sent, and perhaps a segment that goes on from it.
fn with_stray(syn: &Segment, follow: Option<&Segment>) -> Connection {
    let mut c = between(1000, 5000);
    c.keep_stray(HERE, syn);
    follow.into_iter().for_each(|follow| c.keep_follow(follow));
    c
}

const SYN_SEQ: u32 = 900_000;
const ANSWER: u32 = 700_000;

#[test]
fn an_end_has_gone_on_from_what_followed_a_stray_syn_where_both_numbers_do() {
    let syn = said(Flags::SYN, SYN_SEQ, 0, 0);
    let follow = said(Flags::ACK, SYN_SEQ + 1, ANSWER, 0);
    let takes = |syn: &Segment, from: Side, taken: &Segment| {
        let c = with_stray(syn, Some(&follow));
        c.stray().is_some_and(|stray| anew::has_taken_follow(&c, stray, Turn::new(from, taken)))
    };
    let taken = said(Flags::ACK, ANSWER, SYN_SEQ + 1, 0);
    let ahead = |seq, ack| said(Flags::ACK, ANSWER + seq, SYN_SEQ + 1 + ack, 0);
    for (seq, ack, is_taken) in [
        (0, 0, true),
        (UNSCALED_WINDOW, UNSCALED_WINDOW, true),
        (UNSCALED_WINDOW + 1, 0, false),
        (0, UNSCALED_WINDOW + 1, false),
    ] {
        assert_eq!(takes(&syn, THERE, &ahead(seq, ack)), is_taken, "{seq} {ack}");
    }
    assert!(!takes(&syn, THERE, &Segment { seq: taken.seq.minus(1), ..taken }));
    assert!(!takes(&syn, THERE, &Segment { ack: taken.ack.minus(1), ..taken }));
    assert!(!takes(&syn, HERE, &taken), "the same end");
    assert!(!takes(&syn, THERE, &Segment { flags: Flags(Flags::RST | Flags::ACK), ..taken }));
    assert!(!takes(&syn, THERE, &Segment { flags: Flags(Flags::PSH), ..taken }));
    assert!(!takes(&said(Flags::SYN, 1000, 0, 0), THERE, &taken), "the SYN is near");
    let near = said(Flags::ACK, SYN_SEQ + 1, 5000, 0);
    let c = with_stray(&syn, Some(&near));
    let goes_on = said(Flags::ACK, 5000, SYN_SEQ + 1, 0);
    assert!(!c.stray().is_some_and(|stray| anew::has_taken_follow(&c, stray, Turn::new(THERE, &goes_on))));
}

#[test]
fn a_segment_follows_a_stray_syn_that_acknowledges_what_was_not_captured() {
    let syn = said(Flags::SYN, SYN_SEQ, 0, 0);
    let follow = said(Flags::ACK, SYN_SEQ + 1, ANSWER, 0);
    let keeps = |mut c: Connection, from: Side, segment: &Segment| {
        anew::keep_follow(&mut c, Turn::new(from, segment));
        c.stray().is_some_and(|stray| stray.follow.is_some())
    };
    let c = with_stray(&syn, None);
    assert!(keeps(c.clone(), HERE, &follow));
    assert!(!keeps(c.clone(), THERE, &follow), "the other end");
    assert!(!keeps(c.clone(), HERE, &Segment { seq: Seq(SYN_SEQ + 2), ..follow }));
    assert!(!keeps(c.clone(), HERE, &Segment { ack: Seq(5000), ..follow }), "it goes on here");
    assert!(!keeps(c.clone(), HERE, &Segment { flags: Flags(Flags::RST | Flags::ACK), ..follow }));
    assert!(!keeps(c, HERE, &Segment { flags: Flags(Flags::PSH), ..follow }));
    assert!(!keeps(with_stray(&said(Flags::SYN | Flags::ACK, SYN_SEQ, 0, 0), None), HERE, &follow));
    let mut unheard = Connection::default();
    unheard.keep_stray(HERE, &syn);
    assert!(!keeps(unheard, HERE, &follow), "nothing is known of the other end");
}

#[test]
fn both_ends_play_an_opening_again_with_the_numbers_of_the_first() {
    let plays = |numbers: [Option<u32>; 2], side: Side, syn: &Segment, answer: &Segment| {
        let mut c = Connection::default();
        for (side, number) in Side::BOTH.into_iter().zip(numbers) {
            number.into_iter().for_each(|number| c.end_mut(side).learn_iss(Seq(number)));
        }
        c.keep_stray(side, syn);
        c.stray().is_some_and(|stray| again::is_played_by_both(&c, stray, Turn::new(THERE, answer)))
    };
    let (syn, answer) = (said(Flags::SYN, 0, 0, 0), said(Flags::SYN | Flags::ACK, 0, 1, 0));
    let both = [Some(0), Some(0)];
    assert!(plays(both, HERE, &syn, &answer));
    assert!(!plays(both, THERE, &syn, &answer), "the SYN is the answerer's own");
    assert!(!plays(both, HERE, &said(Flags::SYN, 1, 0, 0), &answer));
    assert!(!plays(both, HERE, &said(Flags::SYN | Flags::ACK, 0, 0, 0), &answer));
    assert!(!plays(both, HERE, &syn, &said(Flags::SYN | Flags::ACK, 1, 1, 0)));
    assert!(!plays(both, HERE, &syn, &said(Flags::SYN | Flags::ACK, 0, 2, 0)));
    // A number that is not known is zero.
    assert!(!plays([None, Some(0)], HERE, &syn, &answer) && !plays([Some(0), None], HERE, &syn, &answer));
}

/// A connection whose ends offered these scales.
fn scaled(scales: [Option<u8>; 2]) -> Connection {
    let options = |window_scale| Options { window_scale, mss: Some(1460), ..Options::default() };
    let mut c = Connection::default();
    for (from, segment) in [
        (HERE, Segment { options: options(scales[0]), ..said(Flags::SYN, 10, 0, 0) }),
        (THERE, Segment { options: options(scales[1]), ..said(Flags::SYN | Flags::ACK, 20, 11, 0) }),
        (HERE, said(Flags::ACK, 11, 21, 0)),
        (THERE, said(Flags::ACK, 21, 11, 0)),
    ] {
        c.observe(from, &segment, &Profile::default());
    }
    c
}

#[test]
fn a_window_is_another_without_its_scale_where_both_offered_one_and_it_is_not_zero() {
    let scales = [
        ([Some(7), Some(3)], [Some(1000), Some(1000)]),
        ([Some(7), Some(0)], [Some(1000), None]),
        ([Some(7), None], [None, None]),
        ([None, None], [None, None]),
    ];
    for (offered, unscaled) in scales {
        let c = scaled(offered);
        assert_eq!(Side::BOTH.map(|side| c.end(side).unscaled_window()), unscaled, "{offered:?}");
    }
}

#[test]
fn a_small_window_is_filled_after_a_wait_by_octets_that_follow_all_that_was_acknowledged() {
    let c = scaled([None, None]);
    let data = Segment { time_ns: NOTHING_OVERDUE, ..said(Flags::ACK, 11, 21, 1000) };
    let fills = |c: &Connection, segment: &Segment| cramped::fills_small_window(c, Turn::new(HERE, segment));
    assert!(fills(&c, &data));
    assert!(!fills(&c, &Segment { time_ns: NOTHING_OVERDUE - 1, ..data }));
    assert!(!fills(&c, &Segment { payload: 999, ..data }));
    assert!(!fills(&c, &Segment { seq: Seq(12), ..data }), "it leaves out what comes next");
    let mut later = c.clone();
    later.end_mut(THERE).count(&Segment { time_ns: NOTHING_OVERDUE, ..testing::segment() });
    assert!(!fills(&later, &data), "the other end has just spoken");
    let mut shut = c;
    shut.end_mut(THERE).note_window(&Segment { window: 0, ..testing::segment() });
    assert!(!fills(&shut, &Segment { payload: 0, ..data }), "it brings nothing");
}

#[test]
fn an_echo_is_wrong_that_no_clock_of_the_asker_can_have_sent() {
    let asked = Options { timestamps: Some((1 << 30, 0)), ..Options::default() };
    for (asks, echo, is_wrong) in
        [(asked, 1, true), (asked, 1 << 30, false), (asked, 0, false), (Options::default(), 1, false)]
    {
        let mut c = Connection::default();
        c.observe(HERE, &Segment { options: asks, ..said(Flags::SYN, 10, 0, 0) }, &Profile::default());
        let options = Options { timestamps: Some((7, echo)), ..Options::default() };
        let answer = Segment { options, ..said(Flags::SYN | Flags::ACK, 20, 11, 0) };
        amiss::note_echo(&mut c, Turn::new(THERE, &answer));
        assert_eq!(c.has(THERE, Fact::SynAckEchoWrong), is_wrong, "{asks:?} {echo}");
    }
}
