//! Readings that hold under several conditions: all are met, and then each fails alone. Dialogues hardly ever tell them apart.

use super::anew::Belongs;
use super::{
    Turn, acceptance, again, amiss, anew, aside, cramped, opening, reset, silence, unopened, waking,
};
use crate::segment::{Flags, Options, Segment};
use crate::seq::Seq;
use crate::tcp::connection::entry::{Transition, Verdict};
use crate::tcp::connection::{At, Connection};
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{FAR, NOTHING_OVERDUE, PAUSE, SHORTEST_RTO, UNSCALED_WINDOW};
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
        let mut c = scaled(offered);
        assert_eq!(c.end(THERE).unscaled_window(), None, "its SYN-ACK may have told it");
        for (from, segment) in [
            (HERE, said(Flags::ACK, 11, 21, 1)),
            (THERE, said(Flags::ACK, 21, 12, 1)),
            (HERE, said(Flags::ACK, 12, 22, 0)),
        ] {
            c.observe(from, &segment, &Profile::default());
        }
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

/// A connection of which an end began with this number.
fn begun(side: Side, iss: u32) -> Connection {
    let mut c = Connection::default();
    c.end_mut(side).learn_iss(Seq(iss));
    c
}

#[test]
fn a_syn_comes_again_too_soon_where_its_number_came_less_than_a_timer_ago() {
    let asked = |mut c: Connection, time_ns: i64| {
        c.end_mut(HERE).note_request(time_ns, false);
        c
    };
    let syn = |seq, time_ns| Segment { time_ns, ..said(Flags::SYN, seq, 0, 0) };
    let is_soon = |c: &Connection, syn: Segment| opening::is_too_soon_for_syn(c, Turn::new(HERE, &syn));
    let c = asked(begun(HERE, 9), 7);
    assert!(is_soon(&c, syn(9, 7 + SHORTEST_RTO - 1)) && !is_soon(&c, syn(9, 7 + SHORTEST_RTO)));
    assert!(!is_soon(&c, syn(8, 8)), "it is another SYN");
    assert!(!is_soon(&asked(Connection::default(), 7), syn(0, 8)), "no number is known");
    assert!(!is_soon(&begun(HERE, 9), syn(9, 8)), "nothing was captured of it");
}

#[test]
fn a_copy_is_overdue_only_of_what_awaits_an_answer() {
    let asked_ns = 1_000_000_000;
    for state in State::ALL {
        let mut c = Connection::default();
        c.end_mut(HERE).begin_in(state);
        c.end_mut(HERE).note_request(asked_ns, false);
        let awaits_answer = [State::SynSent, State::SynRecv, State::FinWait1, State::Closing, State::LastAck]
            .contains(&state);
        let has_no_timer = [State::Unknown, State::Established].contains(&state);
        for (later_ns, is_late) in [(1, false), (1_000_000_000_000, true)] {
            let is_none = silence::is_no_copy_overdue(&c, asked_ns + later_ns, &Profile::default());
            let expected = if awaits_answer { !is_late } else { has_no_timer };
            assert_eq!(is_none, expected, "{state:?} after {later_ns} ns");
        }
    }
}

#[test]
fn a_syn_comes_after_its_end_where_an_end_that_is_closed_began_with_its_number() {
    let comes = |mut c: Connection, state: State, seq: u32| {
        c.end_mut(HERE).begin_in(state);
        acceptance::comes_after_its_end(&c, Turn::new(HERE, &said(Flags::SYN, seq, 0, 0)))
    };
    assert!(comes(begun(HERE, 9), State::Closed, 9));
    assert!(!comes(begun(HERE, 9), State::Closed, 8) && !comes(begun(HERE, 9), State::SynSent, 9));
    assert!(!comes(Connection::default(), State::Closed, 0), "no number is known");
}

#[test]
fn a_syn_ack_opens_again_where_the_first_and_the_syn_are_known_and_it_acknowledges_more() {
    let answered = |asked: Option<u32>| {
        let mut c = begun(THERE, 500);
        c.end_mut(THERE).note_answer_to_syn();
        asked.into_iter().for_each(|iss| c.end_mut(HERE).learn_iss(Seq(iss)));
        c
    };
    let opens = |c: &Connection, seq, ack| {
        acceptance::opens_again(c, Turn::new(THERE, &said(Flags::SYN | Flags::ACK, seq, ack, 0)))
    };
    let c = answered(Some(100));
    assert!(opens(&c, 600, 150) && !opens(&c, 600, 101) && !opens(&c, 500, 150));
    assert!(!opens(&answered(None), 600, 150), "the SYN was not captured");
    let mut unanswered = begun(THERE, 500);
    unanswered.end_mut(HERE).learn_iss(Seq(100));
    assert!(!opens(&unanswered, 600, 150), "it is the first");
    let mut fast = c;
    fast.note(HERE, Fact::FastOpen, At { time_ns: 0, frame: 1 });
    assert!(!opens(&fast, 600, 150), "the SYN bore data");
}

#[test]
fn a_segment_leaps_that_lies_far_ahead_and_has_another_ttl() {
    let spoken = |mut c: Connection| {
        c.end_mut(HERE).count(&testing::segment());
        c.end_mut(HERE).keep_habits(&testing::segment());
        c
    };
    let leaps = |c: &Connection, seq: u32, ttl: u8| {
        let segment = Segment { ttl, ..said(Flags::ACK, seq, 0, 0) };
        acceptance::leaps_without_marks(c, Turn::new(HERE, &segment))
    };
    let c = spoken(between(FAR, 0));
    assert!(leaps(&c, 2 * FAR, 63) && !leaps(&c, 2 * FAR - 1, 63) && !leaps(&c, 2 * FAR, 64));
    assert!(!leaps(&c, 0, 63), "it lies behind");
    assert!(!leaps(&spoken(Connection::default()), FAR, 63), "no number is known");
    let mut opened = c;
    opened.end_mut(HERE).learn_iss(Seq(FAR - 1));
    assert!(!leaps(&opened, 2 * FAR, 63), "the opening is known");
    let mut silent = between(FAR, 0);
    silent.end_mut(HERE).keep_habits(&testing::segment());
    assert!(!leaps(&silent, 2 * FAR, 63), "nothing was captured of its sender");
}

#[test]
fn a_reset_comes_before_any_word_where_its_sender_has_only_answered_a_syn() {
    let answers = |own: State, others: State, change: &dyn Fn(&mut Connection)| {
        let mut c = Connection::default();
        c.end_mut(HERE).begin_in(own);
        c.end_mut(THERE).begin_in(others);
        change(&mut c);
        reset::answers_asker(&c, HERE)
    };
    let answered = |c: &mut Connection| c.end_mut(HERE).note_answer_to_syn();
    assert!(answers(State::SynRecv, State::SynSent, &answered));
    assert!(!answers(State::SynRecv, State::SynSent, &|_| ()), "its SYN-ACK was not captured");
    assert!(!answers(State::Established, State::SynSent, &answered));
    assert!(!answers(State::SynRecv, State::Established, &answered));
    let asks_itself = |c: &mut Connection| {
        answered(c);
        c.end_mut(HERE).note_active_open();
    };
    assert!(!answers(State::SynRecv, State::SynSent, &asks_itself), "both have asked");
    let fast = |c: &mut Connection| {
        answered(c);
        c.note(THERE, Fact::FastOpen, At { time_ns: 0, frame: 1 });
    };
    assert!(!answers(State::SynRecv, State::SynSent, &fast), "it may have spoken at once");
}

#[test]
fn a_segment_beyond_two_fins_is_kept_that_carries_a_conversation_on() {
    let keeps = |flags: u16, seq: u32, ack: u32| {
        let mut c = between(1000, 5000);
        for side in Side::BOTH {
            let next = c.end(side).next();
            c.end_mut(side).learn_fin(next.minus(1));
        }
        unopened::keep(&mut c, Turn::new(HERE, &said(flags, seq, ack, 0)));
        c.has_stray()
    };
    assert!(keeps(Flags::ACK, SYN_SEQ, ANSWER));
    assert!(!keeps(Flags::ACK, 1000, ANSWER) && !keeps(Flags::ACK, SYN_SEQ, 5000));
    assert!(!keeps(Flags::SYN | Flags::ACK, SYN_SEQ, ANSWER));
    assert!(!keeps(Flags::RST | Flags::ACK, SYN_SEQ, ANSWER) && !keeps(Flags::PSH, SYN_SEQ, ANSWER));
}

#[test]
fn a_syn_is_sent_again_with_the_number_that_is_known() {
    let is_again =
        |c: &Connection, seq| waking::is_sent_again(c, Turn::new(HERE, &said(Flags::SYN, seq, 0, 0)));
    let c = begun(HERE, 9);
    assert!(is_again(&c, 9) && !is_again(&c, 8) && !is_again(&Connection::default(), 0));
}

#[test]
fn a_client_that_was_refused_sends_no_syn_ack_of_the_next_connection() {
    let mut c = Connection::default();
    for (from, segment) in
        [(HERE, said(Flags::SYN, 10, 0, 0)), (THERE, said(Flags::RST | Flags::ACK, 0, 11, 0))]
    {
        c.observe(from, &segment, &Profile::default());
    }
    let answer = said(Flags::SYN | Flags::ACK, SYN_SEQ, ANSWER, 0);
    for (from, is_next) in [(HERE, false), (THERE, true)] {
        let mut other = c.clone();
        let belongs = other.assign(from, &answer, None, &Profile::default());
        assert_eq!((matches!(belongs, Belongs::Next), other.has_stray()), (is_next, !is_next));
    }
}

#[test]
fn since_when_a_server_is_open_does_not_show_where_the_client_asks_after_a_pause() {
    let opened = |asks_ns: i64, answers_ns: i64| {
        let mut c = Connection::default();
        for (from, segment) in [
            (HERE, said(Flags::SYN, 10, 0, 0)),
            (THERE, said(Flags::SYN | Flags::ACK, 20, 11, 0)),
            (HERE, said(Flags::ACK, 11, 21, 0)),
            (HERE, Segment { time_ns: asks_ns, ..said(Flags::ACK, 11, 21, 5) }),
            (THERE, Segment { time_ns: answers_ns, frame: 5, ..said(Flags::ACK, 21, 16, 0) }),
            (THERE, Segment { time_ns: answers_ns, frame: 6, ..said(Flags::ACK, 21, 16, 9) }),
        ] {
            c.observe(from, &segment, &Profile::default());
        }
        let grounds = c.grounds(THERE).filter(Transition::is_proven);
        grounds.map(|grounds| (grounds.to, grounds.time_ns, grounds.verdict))
    };
    let told = |verdict| Some((State::Established, 0, verdict));
    assert_eq!(opened(1, 2), told(Verdict::Confirmed(5)));
    assert_eq!(opened(PAUSE - 1, PAUSE), told(Verdict::Confirmed(5)));
    assert_eq!(opened(PAUSE, PAUSE + 1), told(Verdict::Undated));
    assert_eq!(opened(1, PAUSE + 2), told(Verdict::Confirmed(5)), "only the answer was late");
}
