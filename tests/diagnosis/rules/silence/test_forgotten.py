"""D07: who forgot the connection, its host or a device on the way, and whom to ask then."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Confidence, Fault, Finding


def reset_at_once(tmp_path: Path, ttl: int, many: int) -> Finding:
    """The finding on connections that are all answered by resets of one TTL, where the server's own is 63."""

    def play(wire: Wire) -> None:
        for number in range(many):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=0.01 * number, server_ttl=63)
            talk.play(GREETING).play(f"2 > P. 84\n2.001 < R ttl={ttl}")

    return told(tmp_path, play)["D07"]


@pytest.mark.parametrize(
    ("many", "confidence"), [(4, Confidence.LIKELY), (1, Confidence.POSSIBLE)], ids=["several", "one"]
)
def test_a_device_that_forgot_is_asked_itself(tmp_path: Path, many: int, confidence: Confidence) -> None:
    finding = reset_at_once(tmp_path, 64, many)
    assert (finding.fault, finding.confidence) == (Fault.PATH, confidence)
    assert finding.doubts == ("only a capture beyond the device shows that the reset is its own",)
    assert "conntrack -L" in finding.advice
    assert "reboot" not in finding.advice
    assert any("a restart of server" in rival and "unlikely" in rival for rival in finding.rivals)


def test_a_host_that_forgot_is_asked_whether_it_was_restarted(tmp_path: Path) -> None:
    finding = reset_at_once(tmp_path, 63, 1)
    assert finding.fault is Fault.SERVER
    assert "a device on the way may have answered in its name" in finding.doubts
    assert "reboot" in finding.advice
    assert "conntrack" not in finding.advice


def gave_up(tmp_path: Path, waited: float) -> Finding:
    """The finding on a client that does not read, and tells of room so many seconds after the server's last probe."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:80").play(GREETING)
        talk.play("0.01 < . 1448\n0.011 > . win=0")
        for at in (0.3, 0.7, 1.5, 3.1):
            talk.play(f"{at} < . seq=1748\n{at + 0.001} > . win=0")
        talk.play(f"{3.1 + waited} > . win=500\n{3.1 + waited + 0.001} < R seq=1749")

    return told(tmp_path, play)["D07"]


def test_a_sender_that_gave_up_a_shut_window_is_not_asked_for_a_restart_first(tmp_path: Path) -> None:
    finding = gave_up(tmp_path, 9)
    assert (finding.fault, finding.confidence) == (Fault.CLIENT, Confidence.POSSIBLE)
    assert "had its receive window shut for 12.1 s in all" in finding.explanation
    assert any("a restart of server" in rival and "open" in rival for rival in finding.rivals)
    assert finding.advice.startswith("See first what the application at 10.0.0.1 did instead of reading")


def test_a_window_that_was_shut_for_a_moment_explains_no_reset(tmp_path: Path) -> None:
    assert "window" not in gave_up(tmp_path, 0.5).explanation


@pytest.mark.parametrize(("many", "fault"), [(4, Fault.UNDECIDED), (2, Fault.SERVER)])
def test_several_that_stood_and_are_reset_then_may_have_been_lost_on_the_way(
    tmp_path: Path, many: int, fault: Fault
) -> None:
    def play(wire: Wire) -> None:
        for number in range(many):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:6379", at=0.01 * number).play(GREETING)
            talk.play("1 > P. 14\n1.001 < P. 7\n1.002 > .\n2 > P. 14")
            talk.play("\n".join(f"{at} > P. again" for at in (2.2, 2.6, 3.4, 5.0, 8.2)))
            talk.play("8.2001 < R")

    finding = told(tmp_path, play)["D07"]
    assert finding.fault is fault
    assert ("or the way did" in finding.explanation) is (fault is Fault.UNDECIDED)
