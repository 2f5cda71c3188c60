"""D31: sockets that pile up in CLOSE_WAIT, at the end or before."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.diagnosis.builders import T0, found, listener
from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from wirestat.model import Confidence, Severity, State
from wirestat.summary import CloseWaits
from wirestat.timers import SECOND

GONE = CloseWaits(
    peak=120,
    peak_ns=T0,
    by_fin=0,
    by_reset=120,
    leaving_peak=118,
    leaving_ns=T0 + 9 * SECOND,
    examples=(),
)


def test_sockets_pile_up() -> None:
    piled = listener(states={State.CLOSE_WAIT: 900, State.ESTABLISHED: 100})
    finding = found(listeners=(piled,))["D31"]
    assert (finding.count, finding.confidence) == (900, Confidence.LIKELY)
    assert (finding.where, finding.of) == ("10.0.0.2:80", 100)


def test_a_few_sockets_in_close_wait_are_no_pile() -> None:
    assert "D31" not in found(
        listeners=(listener(states={State.CLOSE_WAIT: 900, State.ESTABLISHED: 10_000}),)
    )


def test_a_pile_that_vanished_at_once_is_told_from_its_peak() -> None:
    finding = found(listeners=(listener(close_waits=GONE),))["D31"]
    assert finding.count == 120
    assert "118 of them were reset within one second at 22:13:29.000Z" in finding.explanation
    assert "exit or restart" in finding.explanation


@pytest.mark.parametrize("waits", [replace(GONE, leaving_peak=20, by_fin=120), replace(GONE, peak=60)])
def test_sockets_that_are_closed_one_by_one_or_are_few_were_no_pile(waits: CloseWaits) -> None:
    assert "D31" not in found(listeners=(listener(close_waits=waits),))


@pytest.mark.parametrize(
    ("count", "closes", "is_told"),
    [
        (24, False, True),
        (24, True, False),  # the server closes now and then
        (9, False, False),
    ],
)
def test_a_pile_that_has_begun(tmp_path: Path, count: int, closes: bool, is_told: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(count):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:8080", at=0.3 * number).play(GREETING)
            talk.play("0.01 > F.\n0.0101 < .")
        if closes:
            wire.talk("10.0.0.9:39000", "10.0.0.2:8080").play(GREETING).play(FAREWELL, at=2)
        wire.talk("10.0.0.9:41000", "10.0.0.2:9090", at=8).play(GREETING).play(FAREWELL, at=1)

    finding = told(tmp_path, play).get("D31")
    assert (finding is not None) is is_told
    if finding:
        assert (finding.severity, finding.confidence) == ("warning", Confidence.POSSIBLE)
        assert f"All {count} connections" in finding.explanation


@pytest.mark.parametrize(
    ("refused", "is_told"),
    [(3, True), (1, False), (0, False)],
)
def test_a_device_whose_few_sockets_are_used_up(tmp_path: Path, refused: int, is_told: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(5):
            talk = wire.talk(f"10.0.0.9:{41_000 + number}", "10.0.0.2:502", at=1.0 * number)
            talk.play(GREETING).play("0.1 > F.\n0.101 < .")
        for number in range(refused):
            late = wire.talk(f"10.0.0.9:{42_000 + number}", "10.0.0.2:502", at=9.0 + number)
            late.play("0 > S\n0.001 < R. seq=0")
        wire.talk("10.0.0.9:43000", "10.0.0.2:80", at=20).play(GREETING).play(FAREWELL, at=1)

    finding = told(tmp_path, play).get("D31")
    assert (finding is not None) is is_told
    if finding:
        assert f"let in none of {refused} that tried" in finding.explanation
        assert finding.confidence is Confidence.LIKELY


@pytest.mark.parametrize(("served", "is_behind"), [(15, True), (2, False)])
def test_a_server_that_is_behind_forgets_nobody(tmp_path: Path, served: int, *, is_behind: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(served):
            wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=0.1 * number).play(GREETING).play(
                FAREWELL, at=0.01
            )
        for number in range(110):
            talk = wire.talk(f"10.0.0.3:{40_001 + number}", "10.0.0.2:80", at=0.05 * number).play(HANDSHAKE)
            talk.play("0.004 > P. 20\n0.0044 < .\n1.004 > F.\n1.0044 < .")

    finding = told(tmp_path, play)["D31"]
    assert (finding.severity is Severity.WARNING) == is_behind
    assert ("110 of them were never answered" in finding.explanation) == is_behind
