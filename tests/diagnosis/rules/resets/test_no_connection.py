"""D27 and D25 of single segments that may belong to no connection."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Severity


@pytest.mark.parametrize(
    ("lines", "words", "rival"),
    [
        ("0 > .\n0.0005 < R.", "One acknowledgement without data is all that came before", "a scan (D26)"),
        (
            "0 < R",
            "it does not show whether there was a connection",
            "a SYN-ACK for a SYN with a forged address",
        ),
        ("0 > P. 80\n0.0005 < .\n5 > R.", "", ""),
    ],
)
def test_a_reset_that_answers_one_bare_segment_shows_no_connection(
    tmp_path: Path, lines: str, words: str, rival: str
) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", "10.0.0.2:80", client_next=1, server_next=1).play(lines)

    finding = told(tmp_path, play)["D27"]
    assert words in finding.explanation
    assert ("whether there was a connection" in finding.explanation) == bool(words)
    assert (finding.severity is Severity.INFO) == bool(words)
    if rival:
        assert finding.rivals[0].startswith(rival)


@pytest.mark.parametrize(
    ("lines", "is_one"),
    [
        ("0 > .", True),
        ("0 > .\n0.001 < .", False),
        ("0 > P. 9", False),
        ("0 > .\n0.001 < R seq=1", True),
        ("0 > .\n0.001 < R. seq=1", False),
    ],
)
def test_one_bare_segment_is_no_connection_for_certain(tmp_path: Path, lines: str, *, is_one: bool) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", "10.0.0.2:80", client_next=1, server_next=1).play(lines)

    said = told(tmp_path, play)["D25"].explanation
    assert said.startswith("Of 1 connection of 1 one segment without data is all") == is_one
    assert ("1 connection of 1 began before the capture" in said) != is_one


def test_bare_segments_that_look_alike_are_no_connections_for_certain_either(tmp_path: Path) -> None:
    """A scan leaves more of them than a signature has examples."""

    def play(wire: Wire) -> None:
        for port in range(40_000, 40_012):
            wire.talk(f"10.0.0.1:{port}", "10.0.0.2:80", client_next=1, server_next=1).play("0 > .")

    said = told(tmp_path, play)["D25"].explanation
    assert said.startswith("Of 12 connections of 12 one segment without data is all")
