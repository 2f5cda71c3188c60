"""The strict judge finds what is wrong: one good capture, and the same with a lie in it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec.structs import replace as change

from tests.score.incarnations import Incarnations
from tests.score.journeys import follow
from tests.score.truth import End, TrueConnection, load
from tests.taps.__main__ import PCAPS
from tests.taps.bars import Bar, wrong_of
from tests.taps.mutations import MUTATIONS
from tests.taps.survey import Job, survey_case, told
from wirestat.model import Connection, State

from .strict import Verdict, View, judge

CASE = PCAPS / "normal-close-by-client"
BAR = Bar(proven=0.0, final=0.0)


def verdict_with(lie: Callable[[Connection], Connection], *, silent: bool = False) -> Verdict:
    """Judge the capture with a lie; with ``silent``, no packet told the last move of either end."""
    truth = load(CASE)
    if silent:
        truth = replace(truth, connections=tuple(map(_silenced, truth.connections)))
    travels = follow(CASE, truth)
    frames = [(time_ns, len(raw), raw) for time_ns, raw in travels.records["middle"]]
    view = View(truth, travels, Incarnations(truth, travels), "middle", frames[-1][0])
    return judge(view, map(lie, told(frames).connections()))


def _silenced(connection: TrueConnection) -> TrueConnection:
    def silenced(end: End) -> End:
        return replace(end, moves=(*end.moves[:-1], replace(end.moves[-1], silent=True)))

    client, server = connection.ends
    return replace(connection, ends=(silenced(client), silenced(server)))


@pytest.mark.parametrize("silent", [False, True])
def test_a_wrong_final_state_counts_as_silent_where_no_packet_told_it(silent: bool) -> None:
    verdict = verdict_with(
        lambda c: change(c, client=change(c.client, state=State.SYN_SENT, or_since=())), silent=silent
    )
    assert (wrong_of(verdict.final), verdict.silent) == (1, int(silent))


def test_right_statements_are_found_right() -> None:
    verdict = verdict_with(lambda connection: connection)
    assert (wrong_of(verdict.proven), wrong_of(verdict.final), verdict.wrong) == (0, 0, [])
    assert verdict.final.total == 2
    assert BAR.is_met(verdict)


def test_a_proven_transition_that_did_not_happen_is_found() -> None:
    verdict = verdict_with(
        lambda c: change(
            c,
            transitions=tuple(
                change(t, to=State.CLOSING) if t.to is State.FIN_WAIT1 else t for t in c.transitions
            ),
        )
    )
    assert [(wrong.kind, wrong.side) for wrong in verdict.wrong] == [("proven", "client")]
    assert BAR.excess(verdict)


NOT_WRONG = (State.TIME_WAIT, State.FIN_WAIT2, State.UNKNOWN)
"""The client's state, its state just before as its last segment passed the tap, and UNKNOWN, which claims nothing."""


@pytest.mark.parametrize("state", [state for state in State if state not in NOT_WRONG])
def test_a_wrong_final_state_is_found(state: State) -> None:
    verdict = verdict_with(lambda c: change(c, client=change(c.client, state=state, or_since=())))
    assert [(wrong.kind, wrong.side) for wrong in verdict.wrong] == [("final", "client")]


def test_the_truth_among_the_alternatives_is_right() -> None:
    verdict = verdict_with(
        lambda c: change(c, client=change(c.client, state=State.LAST_ACK, or_since=(State.TIME_WAIT,)))
    )
    assert not verdict.wrong


def test_unknown_claims_nothing_and_is_counted() -> None:
    verdict = verdict_with(lambda c: change(c, client=change(c.client, state=State.UNKNOWN, or_since=())))
    assert (verdict.unknown, verdict.final.total, verdict.wrong) == (1, 1, [])


def test_a_ceiling_holds_until_the_bar_is_met() -> None:
    verdict = verdict_with(lambda c: change(c, client=change(c.client, state=State.CLOSED, or_since=())))
    lowered = BAR.lowered(verdict)
    assert (lowered.proven_ceiling, lowered.final_ceiling) == (None, 1)
    assert not lowered.excess(verdict)
    assert not lowered.is_met(verdict)


def test_every_mutation_of_every_tap_is_judged() -> None:
    seen = list(survey_case(CASE, Job()))
    assert {(each.tap, each.mutation) for each in seen} == {
        (tap, mutation.name) for tap in ("client", "middle", "server") for mutation in MUTATIONS
    }
