//! Every state with every cue: the state and the log change as the table says, and nothing else does.

use wirestat_core::tcp::connection::{At, Connection};
use wirestat_core::tcp::cue::{Cue, Evidence};
use wirestat_core::tcp::entry::{Transition, Verdict};
use wirestat_core::tcp::side::Side;
use wirestat_core::tcp::state::State;
use wirestat_core::tcp::table::{Step, TABLE, step};

const SIDE: Side = Side::Low;

/// Connections whose first end was brought to `state` by cues alone, in every way that passes no state twice.
fn in_state(state: State) -> Vec<Connection> {
    let mut reached = vec![(Connection::default(), vec![State::Unknown])];
    let mut found = Vec::new();
    while let Some((connection, passed)) = reached.pop() {
        let now = connection.end(SIDE).state();
        if now == state {
            found.push(connection);
            continue;
        }
        for cue in Cue::ALL {
            let Step::Enter(to, _) = step(now, *cue) else { continue };
            if passed.contains(&to) || to == State::Closed && state != State::Closed {
                continue;
            }
            let mut next = connection.clone();
            next.apply(SIDE, *cue, at(next.log().len() as u64 + 1));
            reached.push((next, [passed.as_slice(), &[to]].concat()));
        }
    }
    found
}

const fn at(frame: u64) -> At {
    At { time_ns: frame as i64 * 1_000_000, frame }
}

fn transitions(connection: &Connection) -> Vec<Transition> {
    connection.log().transitions().collect()
}

/// The believed transitions of an end form a chain that ends in the end's present state.
fn assert_chained(connection: &Connection) {
    let believed: Vec<_> = transitions(connection).into_iter().filter(Transition::is_believed).collect();
    assert!(believed.windows(2).all(|pair| pair[0].to == pair[1].from));
    if let Some(last) = believed.last() {
        assert_eq!(last.to, connection.end(SIDE).state());
    }
}

#[test]
fn every_state_is_reached_by_cues() {
    for state in State::ALL {
        // No cue enters LISTEN, which does not show on the wire itself.
        assert_eq!(in_state(state).is_empty(), state == State::Listen, "{state:?}");
    }
}

#[test]
fn every_pair_does_what_its_row_says() {
    for state in State::ALL {
        for before in in_state(state) {
            for cue in Cue::ALL {
                let mut after = before.clone();
                let changed = after.apply(SIDE, *cue, at(99));
                check(&before, &after, *cue, changed);
                assert_chained(&after);
                assert_eq!(after.ends()[1].state(), State::Unknown, "{cue:?} moved the other end");
            }
        }
    }
}

fn check(before: &Connection, after: &Connection, cue: Cue, changed: bool) {
    let (was, is) = (transitions(before), transitions(after));
    let (state, now) = (before.end(SIDE).state(), after.end(SIDE).state());
    match step(state, cue) {
        Step::Nothing => assert!(!changed && now == state && is == was, "{state:?} {cue:?}"),
        Step::Enter(to, evidence) => {
            let new = is.last().expect("a new entry");
            assert!(changed && now == to && is.len() == was.len() + 1);
            assert_eq!((new.to, new.cue, new.frame), (to, cue, 99));
            // A transition that follows from an unproven one is not certain.
            assert!(
                new.evidence == evidence || (evidence, new.evidence) == (Evidence::Seen, Evidence::Presumed)
            );
        }
        Step::Confirm(cause) => {
            assert_eq!(now, state);
            let confirmed = differing(&was, &is);
            assert_eq!(confirmed.len(), usize::from(changed));
            assert!(confirmed.iter().all(|t| t.cue == cause && t.verdict == Verdict::Confirmed(99)));
        }
        Step::Undo(_) | Step::UndoTimer => {
            let undone = differing(&was, &is);
            assert_eq!(!undone.is_empty(), changed);
            assert!(undone.iter().all(|t| t.verdict == Verdict::Retracted(99)));
            assert!(undone.iter().all(|t| t.evidence != Evidence::Seen), "what was seen was retracted");
            assert_eq!(now, undone.first().map_or(state, |t| t.from));
        }
    }
}

fn differing(was: &[Transition], is: &[Transition]) -> Vec<Transition> {
    is.iter().zip(was).filter(|(new, old)| new != old).map(|(new, _)| *new).collect()
}

#[test]
fn only_states_that_await_the_ack_of_a_fin_take_it() {
    // Only an end that waits for the ACK of its FIN can receive it.
    for row in TABLE {
        if row.cue == Cue::ReceivedAckOfFin {
            assert!(
                row.states.iter().all(|s| matches!(s, State::FinWait1 | State::Closing | State::LastAck))
            );
        }
    }
}
