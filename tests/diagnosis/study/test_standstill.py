"""A busy capture that holds nothing for a while: what was silent meanwhile is less certain."""

import pytest
from msgspec.structs import replace

from tests.diagnosis.builders import T0, Analysed, analysed, capture, look, step
from wirestat.diagnosis import diagnose
from wirestat.diagnosis.study.standstill import standstill
from wirestat.model import Confidence, Side, State
from wirestat.timers import SECOND

HELD = look(
    "server:close-wait-held",
    "client:fin-sent",
    client=State.FIN_WAIT2,
    server=State.CLOSE_WAIT,
    steps=(
        step(Side.CLIENT, State.ESTABLISHED, State.FIN_WAIT1, 2),
        step(Side.SERVER, State.ESTABLISHED, State.CLOSE_WAIT, 3),
    ),
)


def _analysed(*, gap_s: int, conversations: int = 20, seen_s: int = 100) -> Analysed:
    told = analysed(
        *[HELD] * conversations,
        captures=(capture(longest_gap_ns=gap_s * SECOND, longest_gap_from_ns=T0 + seen_s * SECOND),),
    )
    told.summary = replace(told.summary, connections=conversations)
    return told


@pytest.mark.parametrize(("gap_s", "conversations"), [(40, 20), (500, 2)])
def test_a_short_silence_or_one_of_few_hosts_is_none(gap_s: int, conversations: int) -> None:
    assert standstill(_analysed(gap_s=gap_s, conversations=conversations)) is None


def test_a_silence_of_all_meanwhile_is_less_certain() -> None:
    sure = {one.id: one for one in diagnose(_analysed(gap_s=40))}
    unsure = {one.id: one for one in diagnose(_analysed(gap_s=500))}
    assert "D25" not in sure
    assert "No frame of any kind was captured for 8 min 20 s from" in unsure["D25"].explanation
    assert sure["D10"].confidence is Confidence.CERTAIN
    assert unsure["D10"].confidence is Confidence.LIKELY
    assert "was in CLOSE_WAIT, for at least" in unsure["D10"].explanation
    assert "when the capture stopped for 8 min 20 s" in unsure["D10"].explanation
    assert "the capture holds no frame of any kind for 8 min 20 s" in " ".join(unsure["D10"].doubts)


def test_what_was_held_for_a_moment_before_the_silence_may_have_ended_in_it() -> None:
    told = {one.id for one in diagnose(_analysed(gap_s=500, seen_s=30))}
    assert told.isdisjoint({"D10", "D11"})
