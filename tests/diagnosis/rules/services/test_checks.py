"""D42: health checks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.diagnosis.played import told as findings_of
from tests.field.talk import GREETING, HANDSHAKE, Wire
from tests.packets.files import pcap
from wirestat import analyze
from wirestat.model import Confidence, Finding


def told(tmp_path: Path, at: Callable[[int], float], end: str, port: Callable[[int], int]) -> Finding | None:
    """Connect twelve times, and say what is said of health checks."""
    wire = Wire()
    for number in range(12):
        wire.talk(f"10.0.0.9:{40_000 + number}", f"10.0.0.2:{port(number)}", at=at(number)).play(end)
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(wire.in_order()))
    return next((finding for finding in analyze(path).findings if finding.id == "D42"), None)


@pytest.mark.parametrize(
    "whole",
    [
        HANDSHAKE + "0.0012 > R.",
        HANDSHAKE + "0.0012 > F.\n0.002 < F.\n0.003 > .",
        "0 > S\n0.001 < S.\n0.0011 > R",
    ],
    ids=["reset", "FIN", "half-open"],
)
def test_a_steady_period_without_a_word_is_a_check(tmp_path: Path, whole: str) -> None:
    finding = told(tmp_path, lambda number: number * 5.0, whole, lambda _: 80)
    assert finding
    assert finding.count == 12
    assert "10.0.0.9 every 5 s" in finding.explanation


@pytest.mark.parametrize(
    ("at", "end", "port"),
    [
        (lambda number: number**2 * 1.0, HANDSHAKE + "0.0012 > R.", lambda _: 80),
        (lambda number: number * 5.0, GREETING + "0.1 > R.", lambda _: 80),
        (lambda number: number * 5.0, HANDSHAKE + "0.0012 > R.", lambda number: 80 + number),
        (lambda number: number * 5.0, "0 > S\n0.001 < S.\n0.0011 > R", lambda number: 80 + number),
    ],
    ids=["no period", "data", "a scan", "half-open scan"],
)
def test_connects_without_a_period_or_with_words_or_from_many_are_no_check(
    tmp_path: Path, at: Callable[[int], float], end: str, port: Callable[[int], int]
) -> None:
    assert told(tmp_path, at, end, port) is None


def test_many_sockets_that_one_client_checks_are_one_finding(tmp_path: Path) -> None:
    wire = Wire()
    for number in range(72):
        talk = wire.talk(f"10.0.0.9:{40_000 + number}", f"10.0.0.{10 + number % 6}:80", at=number * 1.0)
        talk.play(HANDSHAKE + "0.0012 > R.")
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(wire.in_order()))
    (finding,) = (finding for finding in analyze(path).findings if finding.id == "D42")
    assert (finding.count, finding.where) == (72, "6 sockets")


def test_a_check_that_the_capture_lacks_does_not_end_the_period(tmp_path: Path) -> None:
    checks = HANDSHAKE + "0.0012 > R."
    missed = told(tmp_path, lambda number: (number + number // 5) * 5.0, checks, lambda _: 80)
    assert missed
    assert "every 5 s" in missed.explanation
    assert told(tmp_path, lambda number: (number + 4 * (number // 4)) * 5.0, checks, lambda _: 80) is None


def test_probes_of_a_few_hosts_of_which_one_is_missing_are_no_flood(tmp_path: Path) -> None:
    wire = Wire()
    for number in range(30):
        talk = wire.talk(
            f"10.0.0.{1 + number % 3}:{40_000 + number}", "10.0.0.9:5000", at=number * 1.7 + number % 2
        )
        talk.play("0 > S\n0.001 < S." + ("" if number == 7 else "\n0.0011 > R"))
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(wire.in_order()))
    assert "D26" not in {finding.id for finding in analyze(path).findings}


@pytest.mark.parametrize(
    ("count", "jitter", "expected"), [(6, 0.01, True), (6, 0.1, False), (4, 0.01, False), (12, 0.1, True)]
)
def test_the_fewer_checks_there_are_the_steadier_they_have_to_be(
    tmp_path: Path, count: int, jitter: float, *, expected: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(count):
            talk = wire.talk(
                f"10.0.0.9:{40_000 + number}", "10.0.0.2:80", at=3.0 * number + jitter * (number % 2)
            )
            talk.play(HANDSHAKE + "0.0012 > R.")

    finding = findings_of(tmp_path, play).get("D42")
    assert (finding is not None) is expected
    if finding:
        assert (finding.confidence is Confidence.CERTAIN) == (count >= 10)


GREETED = HANDSHAKE + "0.002 < P. 78\n0.0021 > R. ack=1"


@pytest.mark.parametrize(
    ("whole", "is_told"),
    [
        (GREETED, True),
        (HANDSHAKE + "0.002 < P. 78\n0.0021 > F.\n0.003 < F.\n0.0031 > .", True),
        (HANDSHAKE + "0.002 < P. 9000\n0.0021 > R. ack=1", False),  # more than a greeting
        (HANDSHAKE + "0.002 < P. 78\n0.003 > P. 10\n0.004 < P. 30\n0.005 > R.", False),  # it asks
    ],
)
def test_who_leaves_when_the_server_has_greeted_checks_as_well(
    tmp_path: Path, whole: str, is_told: bool
) -> None:
    finding = told(tmp_path, lambda number: number * 5.0, whole, lambda _: 3306)
    assert (finding is not None) is is_told
    if finding:
        assert "they leave when the server has greeted" in finding.explanation


def test_a_greeting_that_is_reset_by_a_check_is_no_abort(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(12):
            wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:3306", at=5.0 * number).play(GREETED)

    assert findings_of(tmp_path, play).keys() & {"D16", "D27", "D42"} == {"D42"}


def test_a_server_that_hangs_up_is_not_checked(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(12):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:80", at=10.0 * number).play(HANDSHAKE)
            talk.play("0.002 < F.\n0.0021 > F.\n0.003 < .")

    assert "D42" not in findings_of(tmp_path, play)
