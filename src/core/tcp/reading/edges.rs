//! Readings at the very number at which they change: each at the edge, and one beside it. Dialogues hardly ever get there.

use super::conditions::said;
use super::{Turn, acceptance, amiss, closing, delayed, habits, order, probes, rounds, silence, stamps};
use crate::segment::{Flags, Options, Segment};
use crate::seq::Seq;
use crate::tcp::connection::{At, Connection, Pause};
use crate::tcp::end::kept::Fin;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{FASTEST_TICK, HESITATION, OLD_STAMP, ROUNDS, STAMP_SLACK, USUAL_TICK};
use crate::testing;

const HERE: Side = Side::Low;
const THERE: Side = Side::High;

/// A segment with a time stamp.
fn stamped(value: u32) -> Segment {
    Segment { options: Options { timestamps: Some((value, 0)), ..Options::default() }, ..testing::segment() }
}

#[test]
fn ends_that_are_silent_for_as_long_as_time_wait_lasts_are_not_quiet_yet() {
    let profile = Profile::default();
    let mut c = Connection::default();
    let last_ns = 7_000_000_000;
    c.end_mut(HERE).count(&Segment { time_ns: last_ns, ..testing::segment() });
    for (beyond_ns, is_quiet) in [(-1, false), (0, false), (1, true)] {
        assert_eq!(silence::is_quiet(&c, last_ns + profile.time_wait + beyond_ns, &profile), is_quiet);
    }
}

#[test]
fn a_syn_that_was_not_captured_awaits_no_answer() {
    let mut c = Connection::default();
    c.end_mut(HERE).begin_in(State::SynSent);
    assert!(!acceptance::awaits_syn_ack(&c, HERE));
    c.end_mut(HERE).learn_iss(Seq(9));
    assert!(!acceptance::awaits_syn_ack(&c, HERE), "it is only concluded that there was one");
    c.end_mut(HERE).count(&testing::segment());
    assert!(acceptance::awaits_syn_ack(&c, HERE));
    c.end_mut(THERE).count(&testing::segment());
    assert!(!acceptance::awaits_syn_ack(&c, HERE), "the other end has spoken");
}

#[test]
fn a_fin_after_more_octets_than_can_be_compared_is_not_old() {
    let iss = Seq(u32::MAX - 9);
    for sent in [0, 1000, 1 << 30, (1 << 31) - 1, 1 << 31, 3 << 30, u32::MAX - 1] {
        let (mut c, next) = (Connection::default(), iss.plus(1).plus(sent));
        let sender = c.end_mut(HERE);
        sender.learn_iss(iss);
        sender.begin_space(next);
        let fin = Segment { seq: next, flags: Flags(Flags::FIN | Flags::ACK), ..testing::segment() };
        assert!(!acceptance::is_old(&c, Turn::new(HERE, &fin)), "{sent}");
        let copy = Segment { seq: next.minus(1), ..fin };
        assert!(acceptance::is_old(&c, Turn::new(HERE, &copy)), "{sent}: it is no FIN that is known");
    }
}

#[test]
fn a_time_stamp_is_old_by_more_than_a_tap_may_reorder() {
    let mut c = Connection::default();
    for side in Side::BOTH {
        c.keep_stamp(side, &stamped(5000));
        c.end_mut(side).keep_habits(&stamped(5000));
    }
    for (older, is_before) in [(OLD_STAMP - 1, false), (OLD_STAMP, false), (OLD_STAMP + 1, true)] {
        let segment = stamped(5000 - older.unsigned_abs());
        assert_eq!(habits::is_stamped_before(&c, Turn::new(HERE, &segment)), is_before, "{older}");
        let elsewhere = Segment { ttl: 63, ..segment };
        assert!(habits::is_stamped_before(&c, Turn::new(HERE, &elsewhere)), "it came another way");
    }
}

#[test]
fn a_fin_came_twice_where_the_block_reported_ends_with_it() {
    let mut c = Connection::default();
    c.end_mut(THERE).learn_fin(Seq(100));
    let blocks =
        [((100, 101), true), ((90, 101), true), ((100, 102), false), ((101, 101), false), ((90, 100), false)];
    for ((left, right), is_twice) in blocks {
        let options = Options { sack: Some((Seq(left), Seq(right))), ..Options::default() };
        let segment = Segment { options, ..testing::segment() };
        assert_eq!(stamps::has_fin_twice(&c, THERE, &segment), is_twice, "{left} to {right}");
    }
}

/// Both ends say the same in turns, each having advertised a window of zero, and one of them this window last; returns whether
/// that is taken for a loop after so many rounds.
fn is_loop_beside(window: u16, said: &Segment, rounds: u32) -> bool {
    let mut c = Connection::default();
    c.end_mut(THERE).note_window(&Segment { window, ..testing::segment() });
    for side in Side::BOTH {
        c.end_mut(side).begin_space(Seq(0));
        c.note(side, Fact::ZeroWindow, At { time_ns: 0, frame: 1 });
    }
    for frame in 0..2 * u64::from(rounds) {
        let segment = Segment { frame, time_ns: frame.cast_signed(), ..*said };
        let side = Side::high_if(frame % 2 == 1);
        rounds::count_between_shut_windows(&mut c, Turn::new(side, &segment));
        c.hear_in_frame(frame);
    }
    c.has(HERE, Fact::ResetLoop)
}

/// The same where both windows are shut.
fn is_loop(said: &Segment, rounds: u32) -> bool {
    is_loop_beside(0, said, rounds)
}

#[test]
fn bare_acknowledgements_between_shut_windows_go_around_in_a_loop() {
    let bare = Segment { window: 0, ..testing::segment() };
    assert!(is_loop(&bare, ROUNDS) && !is_loop(&bare, ROUNDS - 1));
    assert!(!is_loop_beside(1, &bare, 2 * ROUNDS), "the window of one is open again");
    assert!(!is_loop(&Segment { window: 1, ..bare }, 2 * ROUNDS), "it opens the window");
    assert!(!is_loop(&Segment { payload: 1, ..bare }, 2 * ROUNDS), "it bears an octet");
    assert!(!is_loop(&Segment { flags: Flags(Flags::FIN | Flags::ACK), ..bare }, 2 * ROUNDS));
    assert!(!is_loop(&Segment { seq: Seq(1), ..bare }, 2 * ROUNDS), "it is ahead of what comes next");
}

#[test]
fn an_incarnation_has_the_numbers_of_another_where_both_ends_began_with_them() {
    let began = |numbers: [Option<u32>; 2]| {
        let mut c = Connection::default();
        for (side, number) in Side::BOTH.into_iter().zip(numbers) {
            if let Some(number) = number {
                c.end_mut(side).learn_iss(Seq(number));
            }
        }
        c
    };
    let first = began([Some(7), Some(9)]);
    let others = [
        ([Some(7), Some(9)], true),
        ([Some(7), Some(8)], false),
        ([Some(6), Some(9)], false),
        ([Some(7), None], false),
        ([None, Some(9)], false),
    ];
    for (numbers, is_same) in others {
        let other = began(numbers);
        assert_eq!((first.has_numbers_of(&other), other.has_numbers_of(&first)), (is_same, is_same));
    }
    // A number that is not known is zero.
    let unknown = began([None, Some(9)]);
    assert!(!unknown.has_numbers_of(&began([Some(0), Some(9)])) && !unknown.has_numbers_of(&unknown));
}

#[test]
fn data_after_a_late_acknowledgement_take_the_long_way() {
    let mut c = Connection::default();
    let (data, bare) = (Segment { payload: 1, ..testing::segment() }, testing::segment());
    let may_be_noted = |c: &Connection, segment: &Segment| delayed::may_be_noted(c, Turn::new(HERE, segment));
    assert!(!may_be_noted(&c, &data) && !may_be_noted(&c, &bare));
    delayed::keep_late_ack(c.end_mut(HERE), 1);
    assert!(may_be_noted(&c, &data) && !may_be_noted(&c, &bare));
}

#[test]
fn a_delayed_acknowledgement_takes_up_no_room() {
    let mut c = Connection::default();
    let said = |at_ms: i64, flags, seq, ack, payload| Segment {
        time_ns: 1_000_000_000 + at_ms * 1_000_000,
        frame: at_ms as u64 + 1,
        flags: Flags(flags),
        seq: Seq(seq),
        ack: Seq(ack),
        payload,
        ..testing::segment()
    };
    for (from, segment) in [
        (HERE, said(0, Flags::SYN, 10, 0, 0)),
        (THERE, said(1, Flags::SYN | Flags::ACK, 20, 11, 0)),
        (HERE, said(2, Flags::ACK, 11, 21, 0)),
        (HERE, said(3, Flags::ACK, 11, 21, 5)),
        (THERE, said(4, Flags::ACK, 21, 16, 0)),
        (HERE, said(5, Flags::ACK, 16, 21, 5)),
    ] {
        c.observe(from, &segment, &Profile::default());
    }
    let before = (c.heap_bytes(), c.log().len());
    assert!(c.carry_on(THERE, &said(45, Flags::ACK, 21, 21, 0)));
    assert!(c.end(HERE).marks().acked_late());
    assert_eq!((c.heap_bytes(), c.log().len()), before);
    assert!(!c.carry_on(HERE, &said(46, Flags::ACK, 21, 21, 5)));
}

#[test]
fn the_octet_of_a_probe_is_no_data_of_its_sender() {
    // Without the opening, the only octet before it was a probe's, too.
    for (knows_opening, sent, left) in [(true, 5, 4), (true, 2, 1), (false, 5, 4), (false, 2, 0)] {
        let mut c = Connection::default();
        let end = c.end_mut(HERE);
        if knows_opening {
            end.learn_iss(Seq(9));
        }
        end.begin_space(Seq(100));
        end.count(&Segment { payload: sent, ..testing::segment() });
        let probe = Segment { seq: Seq(99), payload: 1, ..testing::segment() };
        assert!(probes::read(&mut c, Turn::new(HERE, &probe)).is_some());
        assert_eq!(c.end(HERE).bytes(), left, "{knows_opening} {sent}");
    }
}

#[test]
fn data_after_a_probe_end_the_silence_that_it_did_not_end() {
    let mut c = Connection::default();
    c.end_mut(HERE).count(&Segment { payload: 5, ..testing::segment() });
    c.end_pause(Pause {
        woke_ns: 9,
        slept_ns: 2,
        survived_ns: 0,
        goes_on: false,
        waits: false,
        quiet_from_ns: 7,
        probed_at: Some(5),
        spoke_ns: 0,
        paces: Default::default(),
    });
    assert_eq!(c.quiet_from_ns(), Some(7));
    for side in Side::BOTH {
        let mut other = c.clone();
        other.end_mut(side).count(&Segment { payload: 1, ..testing::segment() });
        assert_eq!(other.quiet_from_ns(), None, "{side:?} has said another octet");
    }
}

#[test]
fn checksums_that_were_right_are_taken_for_right_in_the_next_incarnation() {
    let mut before = Connection::default();
    before.end_mut(HERE).trust_sums(true);
    let mut c = Connection::default();
    c.judge_sums_as(&before);
    assert!(c.end(HERE).marks().sums_are_right() && !c.end(THERE).marks().sums_are_right());
}

#[test]
fn losses_after_an_idle_gap_are_counted() {
    let mut c = Connection::default();
    assert_eq!([0; 3].map(|_: u8| c.end_mut(HERE).count_lost_after_idle()), [1, 2, 3]);
}

#[test]
fn a_time_stamp_is_as_old_as_the_fastest_clock_makes_it_within_the_time() {
    const ELAPSED: i64 = 1_000_000_000;
    assert_eq!(amiss::most_ticks(ELAPSED), STAMP_SLACK + ELAPSED / FASTEST_TICK);
    assert_eq!(amiss::most_ticks(-ELAPSED), STAMP_SLACK);
    for (beyond, is_earlier) in [(0, true), (1, false)] {
        let age = (STAMP_SLACK + ELAPSED / FASTEST_TICK + beyond) as u32;
        let at = |time_ns: i64, stamps, said: Segment| Segment {
            time_ns: ELAPSED + time_ns,
            options: Options { timestamps: Some(stamps), ..Options::default() },
            ..said
        };
        let mut c = Connection::default();
        for (from, segment) in [
            (HERE, at(0, (5, 0), said(Flags::SYN, 10, 0, 0))),
            (THERE, at(0, (7, 5), said(Flags::SYN | Flags::ACK, 20, 11, 0))),
            (THERE, at(ELAPSED, (7 + age, 5), said(Flags::SYN | Flags::ACK, 20, 11, 0))),
            (HERE, at(ELAPSED, (6, 7), said(Flags::ACK, 11, 21, 0))),
        ] {
            c.observe(from, &segment, &Profile::default());
        }
        assert_eq!(c.has(HERE, Fact::AckOfEarlierSynAck), is_earlier);
    }
}

#[test]
fn the_copy_of_a_fin_is_in_step_where_its_clock_went_no_faster_than_time() {
    const LATER: i64 = 40 * USUAL_TICK;
    let began_ns = 1_000_000_000;
    let mut c = Connection::default();
    c.keep_stamp(HERE, &stamped(5000));
    c.end_mut(HERE).keep_habits(&stamped(5000));
    c.end_mut(HERE).note_request(began_ns, false);
    let most = ((LATER + HESITATION) / USUAL_TICK) as u32;
    for (ticks, is_in_step) in [(0, false), (1, true), (most, true), (most + 1, false)] {
        let fin = Fin { time_ns: began_ns + LATER, stamp: Some(5000 + ticks), ..Fin::default() };
        assert_eq!(closing::is_in_step(&c, HERE, &fin), is_in_step, "{ticks}");
    }
}

#[test]
fn a_copy_comes_within_two_milliseconds_or_five_where_something_identifies_it() {
    let plain = Segment { ip_id: None, ..testing::segment() };
    for (segment, patience_ns) in [(plain, 2_000_000), (stamped(7), 5_000_000)] {
        for (age_ns, is_recent) in [(-1, false), (0, true), (patience_ns - 1, true), (patience_ns, false)] {
            assert_eq!(habits::is_recent(&segment, age_ns), is_recent, "{age_ns}");
        }
    }
}

#[test]
fn a_segment_may_be_under_way_for_two_round_trips_of_the_handshake() {
    let mut c = Connection::default();
    c.measure_handshake(40_000_000_000);
    for (time_ns, may) in [(80_000_000_000, true), (80_000_000_001, false)] {
        assert_eq!(order::may_take_until(&c, 0, At { time_ns, frame: 1 }), may);
    }
}
