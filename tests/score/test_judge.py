"""The judge finds what is wrong: one good capture, and the same with a lie in it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from msgspec.structs import replace as change

from tests.score.case import score_case, score_tap
from tests.score.journeys import Travels, follow
from tests.score.replay import Replay, replay
from tests.score.tally import Score
from tests.score.test_score import PCAPS
from tests.score.truth import Truth, load
from wirestat.model import Connection, State, Transition

CASE = PCAPS / "normal-close-by-client"
TAP = "middle"


@cache
def said() -> tuple[Truth, Travels, Replay]:
    truth = load(CASE)
    travels = follow(CASE, truth)
    return truth, travels, replay(CASE / f"{TAP}.pcap", travels.records[TAP])


def score_with(lie: Callable[[Connection], Connection]) -> Score:
    truth, travels, honest = said()
    return score_tap(truth, travels, TAP, replace(honest, connections=tuple(map(lie, honest.connections))))


def each(transform: Callable[[Transition], Transition]) -> Callable[[Connection], Connection]:
    return lambda connection: change(connection, transitions=tuple(map(transform, connection.transitions)))


def wrong(score: Score) -> set[str]:
    return {disagreement.measure for disagreement in score.disagreements}


def test_right_statements_are_found_right() -> None:
    score = score_with(lambda connection: connection)
    assert not wrong(score)
    assert score.ratios["sequence"].total == score.ratios["final"].total == 2


def test_a_missing_move_is_a_wrong_sequence() -> None:
    assert "sequence" in wrong(score_with(lambda c: change(c, transitions=c.transitions[:-1])))


def test_an_invented_move_is_a_wrong_sequence() -> None:
    assert "sequence" in wrong(
        score_with(lambda c: change(c, transitions=(*c.transitions, c.transitions[0])))
    )


@pytest.mark.parametrize("state", [state for state in State if state is not State.TIME_WAIT])
def test_any_other_final_state_is_wrong(state: State) -> None:
    assert "final" in wrong(score_with(lambda c: change(c, client=change(c.client, state=state))))


def test_an_alternative_does_not_excuse_what_could_be_known() -> None:
    score = score_with(
        lambda c: change(c, client=change(c.client, state=State.FIN_WAIT2, or_since=(State.TIME_WAIT,)))
    )
    assert "final" in wrong(score)


def test_a_seen_move_that_did_not_happen_is_a_proven_lie() -> None:
    lie = each(lambda t: change(t, to=State.CLOSE_WAIT) if t.to is State.FIN_WAIT1 else t)
    assert "proven" in wrong(score_with(lie))


def test_moves_told_late_cost_agreement_over_time() -> None:
    score = score_with(each(lambda t: change(t, time_ns=t.time_ns + 50_000_000)))
    share = score.ratios["time"].share
    assert share is not None
    assert share < 0.9


def test_a_connection_split_in_two_is_wrong() -> None:
    truth, travels, honest = said()
    twice = replace(honest, connections=honest.connections * 2)
    assert "sequence" in wrong(score_tap(truth, travels, TAP, twice))


def test_the_strict_figure_takes_a_server_without_a_socket_for_wrong() -> None:
    ratios = score_case(PCAPS / "accept-queue-full-cookies")["server"].ratios
    assert ratios["final"].share in (1, None)
    assert (ratios["strict_final"].share or 0) < 1
