"""D64: connects that wait behind a transfer."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from tests.packets.files import pcap
from wirestat import analyze
from wirestat.model import Fault, Finding, Severity


@pytest.mark.parametrize(
    ("connect", "size", "resent", "is_told"),
    [
        (0.6, 60_000, False, True),
        (0.08, 60_000, False, False),  # eight times as long
        (0.6, 6_000, False, False),  # little is sent
        (1.01, 60_000, True, False),  # SYNs are lost, and come again
        (1.6, 60_000, True, True),  # a SYN comes again before it can be answered
    ],
)
def test_connects_under_load_that_take_ten_times_as_long(
    tmp_path: Path, connect: float, size: int, *, resent: bool, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        upload = wire.talk("10.0.0.9:39000", "10.0.0.2:873", at=5).play("0 > S\n0.01 < S.\n0.0101 > .")
        for number in range(12):
            upload.play(f"{0.1 + 0.4 * number:.2f} > . {size}\n{0.12 + 0.4 * number:.2f} < .")
        upload.play("4.9 > F.\n4.91 < F.\n4.92 > .")
        for number in range(15):
            at = 1.0 * number + 0.6
            took = connect if 5.5 <= at < 9.9 else 0.01
            talk = wire.talk(f"10.0.0.9:{40_001 + number}", "10.0.0.2:80", at=at).play("0 > S")
            if resent and took > 1:
                talk.play("1 > S again")
            talk.play(
                f"{took} < S.\n{took + 0.0001} > .\n{took + 0.1} > F.\n{took + 0.11} < F.\n{took + 0.12} > ."
            )

    found = told(tmp_path, play)
    assert ("D64" in found) is is_told
    if is_told:
        assert (found["D64"].fault, found["D64"].severity) == (Fault.PATH, Severity.WARNING)
        took = "1.6 s" if resent else "600 ms"
        assert f"its connects to 10.0.0.2 took {took}, 5 connections in all" in found["D64"].explanation
        assert "D34" not in found


def test_hosts_that_one_transfer_keeps_waiting_are_one_finding(tmp_path: Path) -> None:
    wire = Wire()
    upload = wire.talk("10.0.0.9:39000", "10.0.0.2:873", at=5).play("0 > S\n0.01 < S.\n0.0101 > .")
    for number in range(12):
        upload.play(f"{0.1 + 0.4 * number:.2f} > . 60000\n{0.12 + 0.4 * number:.2f} < .")
    for number in range(45):
        at = number / 3 + 0.6
        took = 0.6 if 5.5 <= at < 9.5 else 0.01
        wire.talk(f"10.0.0.9:{40_001 + number}", f"10.0.0.{20 + number % 3}:80", at=at).play(
            f"0 > S\n{took} < S.\n{took + 0.0001} > .\n{took + 0.1} > F.\n{took + 0.11} < F.\n{took + 0.12} > ."
        )
    path = tmp_path / "hosts.pcap"
    path.write_bytes(pcap(wire.in_order()))
    (finding,) = (each for each in analyze(path).findings if each.id == "D64")
    assert "its connects to 3 hosts took 600 ms, 12 connections in all" in finding.explanation


def beside(
    tmp_path: Path,
    *,
    way: str = ">",
    rounds: int = 12,
    slow: int = 1,
    late: tuple[float, ...] = (),
    many: int = 12,
) -> Finding | None:
    """Return what is told of connects once a second, one in ``slow`` of which is slow while a transfer lasts, and of
    others that are slow when none does."""

    def play(wire: Wire) -> None:
        transfer = wire.talk("10.0.0.9:39000", "10.0.0.2:873", at=5).play("0 > S\n0.01 < S.\n0.0101 > .")
        back = "<" if way == ">" else ">"
        for number in range(rounds):
            at = 0.1 + 4.8 * number / many
            transfer.play(f"{at:.3f} {way} . 60000\n{at + 0.02:.3f} {back} .")
        for number in range(15):
            at = 1.0 * number + 0.6
            is_late = (5.5 <= at < 9.9 and number % slow == 0) or at in late
            took = 0.6 if is_late else 0.01
            talk = wire.talk(f"10.0.0.9:{40_001 + number}", "10.0.0.2:80", at=at)
            talk.play(f"0 > S\n{took} < S.\n{took + 0.0001} > .\n{took + 0.1} > F.\n{took + 0.11} < F.")

    return told(tmp_path, play).get("D64")


@pytest.mark.parametrize(
    ("way", "words"),
    [(">", "sent 720,000 bytes to 10.0.0.2:873"), ("<", "got 720,000 bytes of 10.0.0.2:873")],
)
def test_a_transfer_either_way_fills_a_queue(tmp_path: Path, way: str, words: str) -> None:
    finding = beside(tmp_path, way=way)
    assert finding is not None
    assert words in finding.explanation
    assert ("on the way from 10.0.0.9" in finding.explanation) == (way == ">")


@pytest.mark.parametrize(
    "how", [{"slow": 2}, {"late": (0.6, 1.6)}, {"many": 40}], ids=["some", "at-other-times", "soon-over"]
)
def test_connects_that_a_transfer_need_not_make_slow(tmp_path: Path, how: dict[str, Any]) -> None:
    assert beside(tmp_path, **how) is None
