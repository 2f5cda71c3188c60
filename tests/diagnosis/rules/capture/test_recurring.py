"""D25: captures of two points that were joined, though their clocks differ."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.company import on_both_sides
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from tests.packets.files import pcap
from wirestat import analyze
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact


def busy(wire: Wire, *, stamps: bool, count: int = 4) -> None:
    """Let connections carry a download and some small talk."""
    for number in range(count):
        talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:8080", at=2.0 * number, stamps=stamps)
        talk.play(HANDSHAKE).play("0.005 > P. 300\n0.0092 < .")
        for part in range(20):
            at = 0.02 + 0.004 * part
            talk.play(f"{at} < . 1448\n{at + 0.0001} < . 1448\n{at + 0.0005} > .")
        for step in range(10):
            at = 0.3 + 0.05 * step
            talk.play(f"{at} > P. 50\n{at + 0.005} < P. 200\n{at + 0.0051} > .")
        talk.play(FAREWELL, at=1.3)


@pytest.mark.parametrize("stamps", [True, False])
@pytest.mark.parametrize("later", [12, 180, 1300, -40])
def test_what_both_ends_sent_comes_again(tmp_path: Path, later: int, stamps: bool) -> None:
    def play(wire: Wire) -> None:
        busy(wire, stamps=stamps)
        on_both_sides(wire, later * MILLISECOND)

    findings = told(tmp_path, play)
    assert "captures of two points were joined" in findings.pop("D25").explanation
    assert not findings.keys() - {"D32"}


def test_two_of_many_that_come_again_are_no_joined_capture(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        busy(wire, stamps=True, count=2)
        on_both_sides(wire, 180 * MILLISECOND)
        for number in range(12):
            talk = wire.talk(f"10.0.0.7:{40_000 + number}", "10.0.0.2:8080", at=0.5 * number)
            talk.play(GREETING).play(FAREWELL, at=0.4)

    assert "D25" not in told(tmp_path, play)


@pytest.mark.parametrize(("later", "expected"), [(0, False), (12, True)])
def test_a_segment_that_is_captured_later_once_more_is_a_fact(
    tmp_path: Path, later: int, expected: bool
) -> None:
    wire = Wire()
    busy(wire, stamps=True, count=1)
    on_both_sides(wire, later * MILLISECOND)
    path = tmp_path / "joined.pcap"
    path.write_bytes(pcap(wire.in_order()))
    (connection,) = analyze(path).connections()
    assert (Fact.COPIED_LATER in {seen.fact for seen in connection.facts}) is expected
