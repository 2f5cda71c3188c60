//! Tests of the log of one connection.

use super::*;
use crate::testing::Random;

#[test]
fn the_remembered_entries_are_those_that_a_search_finds() {
    let mut random = Random(7);
    let mut below = |end| random.below(end);
    let cues = [Cue::SentSyn, Cue::ReceivedSynAck, Cue::ReceivedFin];
    for _ in 0..20 {
        let mut log = Log::default();
        for frame in 0..500 {
            let side = Side::BOTH[below(2)];
            let cue = cues[below(3)];
            match below(8) {
                0 => drop(log.retract(side, frame, |cause, _| cause == cue)),
                1 => drop(log.confirm(side, cue, Verdict::Confirmed(frame))),
                2 => drop(log.note(&Sighting { side, fact: Fact::ALL[0], time_ns: 0, frame, figure: 0 })),
                _ => {
                    let evidence = Evidence::ALL[below(4)];
                    let (from, to) = (State::Closed, State::SynSent);
                    let verdict = Verdict::Open;
                    let time_ns = frame as i64;
                    let before = log.len();
                    let added =
                        log.add(&Transition { side, from, to, time_ns, frame, cue, evidence, verdict });
                    assert_eq!((log.len() > before, log.len() <= Log::LONGEST), (added, true));
                    assert_eq!(added, before < Log::LONGEST);
                }
            }
            for side in Side::BOTH {
                let unproven = log.transitions().filter(|t| t.side == side && t.is_believed());
                let unproven: Vec<_> = unproven.filter(|t| !t.is_proven()).collect();
                assert!(log.has_unproven(side) || unproven.is_empty());
                for cue in cues {
                    let latest = unproven.iter().rev().find(|t| t.cue == cue).map(|t| t.time_ns);
                    assert_eq!(log.presumed_at(side, cue), latest);
                    assert!(log.doubts(side, cue) || latest.is_none());
                }
                assert_eq!(log.grounds(side), log.believed_backward(side).next());
                let grounds = log.grounds(side).filter(|t| !t.is_proven() && t.cue == cue);
                assert_eq!(log.unproven_grounds(side, cue), grounds);
                assert_eq!(log.left_unproven_by(side, cue), grounds.map(|t| t.from));
            }
        }
        assert_eq!(log.len(), Log::LONGEST);
    }
}

#[test]
fn a_squeezed_log_says_the_same_and_takes_less() {
    let mut random = Random(11);
    let mut squeezed_often = 0;
    for run in 0..400 {
        let (mut log, mut twin) = (Log::default(), Log::default());
        let mut time_ns = [1_700_000_000_123_456_000, -7, 0, i64::MIN, i64::MAX][run % 5];
        let mut frame = random.below(1 << 20) as u64;
        let tick = [1000, 1, 1_000_000][run % 3];
        for _ in 0..random.below(20) {
            if !random.one_in(3) {
                time_ns = i64::wrapping_add(time_ns, random.below(90_000) as i64 * tick);
                frame += random.below(300) as u64;
            }
            let side = Side::BOTH[random.below(2)];
            let cue = Cue::ALL[random.below(Cue::ALL.len())];
            let [from, to] = [0, 1].map(|_| State::ALL[random.below(State::ALL.len())]);
            let (fact, figure) = (Fact::ALL[random.below(Fact::ALL.len())], random.below(1 << 40) as u64);
            let evidence = Evidence::ALL[random.below(4)];
            let verdict = Verdict::Open;
            let doing = random.below(6);
            let both = |log: &mut Log| match doing {
                0 => log.retract(side, frame, |_, _| true).is_some(),
                1 => log.confirm(side, cue, Verdict::Confirmed(frame)),
                2 => log.note(&Sighting { side, fact, time_ns, frame, figure }),
                3 => {
                    log.raise_figure(side, fact, figure);
                    true
                }
                _ => log.add(&Transition { side, from, to, time_ns, frame, cue, evidence, verdict }),
            };
            assert_eq!(both(&mut log), both(&mut twin));
            if random.one_in(2) {
                let before = log.heap_bytes();
                log.squeeze();
                squeezed_often += u32::from(log.is_squeezed());
                assert!(log.heap_bytes() <= before);
            }
            assert_eq!(log.entries().collect::<Vec<_>>(), twin.entries().collect::<Vec<_>>());
            assert_eq!(log.get(log.len() / 2), twin.get(log.len() / 2));
            assert_eq!(log.grounds(side), twin.grounds(side));
        }
    }
    assert!(squeezed_often > 300, "{squeezed_often}: this shows little");
}

#[test]
fn the_log_of_a_connection_that_lived_and_closed_needs_no_more_than_its_first_room() {
    let mut log = Log::default();
    let mut time_ns = 1_700_000_000_000_000_000;
    let steps = [
        (Side::Low, State::Closed, State::SynSent, Cue::SentSyn, Evidence::Seen),
        (Side::High, State::Listen, State::SynRecv, Cue::SentSynAck, Evidence::Seen),
        (Side::Low, State::SynSent, State::Established, Cue::ReceivedSynAck, Evidence::Presumed),
        (Side::High, State::SynRecv, State::Established, Cue::ReceivedAckOfSyn, Evidence::Presumed),
        (Side::Low, State::Established, State::FinWait1, Cue::SentFin, Evidence::Seen),
        (Side::High, State::Established, State::CloseWait, Cue::ReceivedFin, Evidence::Presumed),
        (Side::Low, State::FinWait1, State::FinWait2, Cue::ReceivedAckOfFin, Evidence::Presumed),
        (Side::High, State::CloseWait, State::LastAck, Cue::SentFin, Evidence::Seen),
        (Side::Low, State::FinWait2, State::TimeWait, Cue::ReceivedFin, Evidence::Presumed),
        (Side::High, State::LastAck, State::Closed, Cue::ReceivedAckOfFin, Evidence::Presumed),
        (Side::Low, State::TimeWait, State::Closed, Cue::TwoMslOver, Evidence::Timer),
    ];
    for (n, (side, from, to, cue, evidence)) in steps.into_iter().enumerate() {
        time_ns += [30_123_000, 60_000_000_000][usize::from(n == 10)];
        let verdict = Verdict::Open;
        let frame = 1_000_000 + n as u64 * 40;
        log.add(&Transition { side, from, to, time_ns, frame, cue, evidence, verdict });
    }
    assert!(log.squeeze().is_some());
    assert_eq!((log.heap_bytes(), log.len()), (0, 11));
}

#[test]
fn unproven_transitions_are_counted() {
    let presumed = Transition {
        side: Side::High,
        from: State::SynRecv,
        to: State::Established,
        time_ns: 0,
        frame: 1,
        cue: Cue::ReceivedAckOfSyn,
        evidence: Evidence::Presumed,
        verdict: Verdict::Open,
    };
    let mut log = Log::default();
    log.add(&presumed);
    log.add(&Transition { evidence: Evidence::Seen, ..presumed });
    assert!(log.has_unproven(Side::High) && !log.has_unproven(Side::Low));
    log.settle(0, Verdict::Confirmed(2));
    assert!(!log.has_unproven(Side::High));
    log.add(&presumed);
    assert!(log.doubts(Side::High, Cue::ReceivedAckOfSyn) && log.doubts_opening(Side::High));
    assert_eq!(log.retract(Side::High, 3, |_, _| true), Some(State::SynRecv));
    assert!(!log.has_unproven(Side::High));
}
#[test]
fn nothing_is_retracted_that_is_proven_or_lies_before_what_is() {
    let presumed = Transition {
        side: Side::Low,
        from: State::FinWait1,
        to: State::FinWait2,
        time_ns: 0,
        frame: 1,
        cue: Cue::ReceivedAckOfFin,
        evidence: Evidence::Presumed,
        verdict: Verdict::Open,
    };
    let later = Transition { from: State::FinWait2, to: State::TimeWait, cue: Cue::ReceivedFin, ..presumed };
    let of_ack = |cue, _| cue == Cue::ReceivedAckOfFin;
    for is_proven in [false, true] {
        let mut log = Log::default();
        log.add(&presumed);
        log.add(&later);
        if is_proven {
            assert!(log.confirm(Side::Low, Cue::ReceivedFin, Verdict::Confirmed(2)));
        }
        let before = (!is_proven).then_some(State::FinWait1);
        assert_eq!(log.retract(Side::Low, 3, of_ack), before);
        assert_eq!(log.grounds(Side::Low).is_some(), is_proven);
    }
    let mut log = Log::default();
    log.add(&presumed);
    assert!(log.confirm(Side::Low, Cue::ReceivedAckOfFin, Verdict::Confirmed(2)));
    assert_eq!(log.retract(Side::Low, 3, of_ack), None);
}
