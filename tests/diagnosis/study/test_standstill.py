"""A busy capture that holds nothing for a while: what was silent meanwhile is less certain."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.diagnosis.builders import T0, Analysed, analysed, capture, look, step
from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.diagnosis import diagnose
from wirestat.diagnosis.study.standstill import standstill
from wirestat.model import Confidence, Finding, Side, State
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


def _forgets(tmp_path: Path, *, others_take: float, held_s: float = 3.0) -> dict[str, Finding]:
    """The findings on two connections that a server holds before the capture stops, beside sixty that it closes."""

    def play(wire: Wire) -> None:
        for number in range(30):
            talk = wire.talk(f"10.0.0.{10 + number}:40001", "10.0.0.2:80", at=number / 10)
            talk.play(GREETING).play(f"1 > F.\n{1 + others_take} < F.\n{1.001 + others_take} > .")
        for number in range(2):
            talk = wire.talk(f"10.0.0.{90 + number}:40001", "10.0.0.2:80", at=0.5)
            talk.play(GREETING).play(f"{4.5 - held_s} > F.\n{4.501 - held_s} < .")
        wire.talk("10.0.0.3:40001", "10.0.0.2:80", at=5.0).play(GREETING)
        for number in range(30):
            talk = wire.talk(f"10.0.0.{10 + number}:50001", "10.0.0.2:80", at=600 + number / 10)
            talk.play(GREETING).play(f"1 > F.\n{1 + others_take} < F.\n{1.001 + others_take} > .")

    return told(tmp_path, play)


def test_a_moment_before_the_silence_tells_of_a_server_that_closes_others_at_once(tmp_path: Path) -> None:
    finding = _forgets(tmp_path, others_take=0.001)["D10"]
    assert finding.count == 2
    assert finding.confidence is Confidence.POSSIBLE
    assert "it may have closed out of sight, though it closes others at once" in finding.doubts


@pytest.mark.parametrize(("others_take", "held_s"), [(0.5, 3.0), (0.001, 0.2)], ids=["slow", "too-brief"])
def test_a_moment_tells_nothing_where_closing_takes_as_long(
    tmp_path: Path, others_take: float, held_s: float
) -> None:
    assert "D10" not in _forgets(tmp_path, others_take=others_take, held_s=held_s)
