"""D18 of resets in both names at one instant, and of resets without the agreed time stamp."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.model import Confidence, Fault


@pytest.mark.parametrize(
    ("ends", "is_told"),
    [
        ("9 < R.\n9.00002 > R.", True),
        ("9 > R.\n9.00002 < R.", True),
        ("9 > R.\n9.002 < R.", False),  # two events
        ("9 < R.\n9.00002 > R", False),  # bare: it may answer the words before
        ("8.99 < F.\n9 < R.\n9.00002 > R.", False),
    ],
)
def test_resets_in_both_names_at_one_instant_are_a_devices_as_it_seems(
    tmp_path: Path, ends: str, *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80").play(HANDSHAKE)
        talk.play("0.1 > P. 80\n0.101 < P. 90\n0.1011 > .").play(ends)

    finding = told(tmp_path, play).get("D18")
    assert (finding is not None) == is_told
    if finding is not None:
        assert finding.fault is Fault.PATH
        assert finding.confidence is Confidence.POSSIBLE
        assert "neither answers the other" in finding.explanation


@pytest.mark.parametrize("stamped", [True, False])
def test_a_reset_without_the_time_stamp_of_a_host_that_goes_on_is_not_its_own(
    tmp_path: Path, *, stamped: bool
) -> None:
    """Three alike come sooner than a round trip after the request, and the server answers that."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443")
        talk.play("0 > S ts=1000\n0.0125 < S. ts=5000\n0.0126 > . ts=1012\n0.019 > P. 517 ts=1019")
        for number in range(3):
            talk.play(f"{0.0196 + number / 20_000} < R." + (" ts=5019" if stamped else ""))
        talk.play("0.0318 < . ts=5025\n0.0319 > R\n0.0369 < P. 700 ts=5030\n0.037 > R")

    finding = told(tmp_path, play)["D18"]
    assert ("lacks the time stamp" in finding.explanation) != stamped
    assert (finding.confidence is Confidence.CERTAIN) != stamped


@pytest.mark.parametrize("doubled", ["request", "reset"])
def test_copies_of_resets_alone_tell_of_no_tap_at_two_points(tmp_path: Path, doubled: str) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443").play(HANDSHAKE)
        for name, line in (("request", "0.019 > P. 517"), ("reset", "0.0196 < R.")):
            talk.play(line)
            wire.again(doubled == name)

    said = told(tmp_path, play)["D25"].explanation
    assert ("whoever injects resets" in said) == (doubled == "reset")
    assert ("the tap sees packets at two points of their way" in said) == (doubled == "request")
