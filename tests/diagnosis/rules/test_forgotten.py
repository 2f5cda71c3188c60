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
