"""D54 between two hosts: connects and data that stand at one moment are one cause, and its direction is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, HANDSHAKE, Wire
from wirestat.model import Finding

CLIENT, SERVER = "10.0.0.5", "10.0.0.2:80"
COPIES = (5.2, 5.6, 6.4, 8.0)


def dialogues(wire: Wire, direction: str) -> None:
    """Play two connections whose words of one end stand from second 5 to second 11."""
    for number in range(2):
        talk = wire.talk(f"{CLIENT}:{40_000 + number}", SERVER, at=0.01 * number)
        talk.play(GREETING).play(f"5 {direction} P. 40")
        back = "<" if direction == ">" else ">"
        for copy in COPIES:
            talk.play(f"{copy} {direction} P. again")
        talk.play(f"11 {direction} P. again\n11.001 {back} .")


def back_is_down_at_client(wire: Wire) -> None:
    """Play the tap at the client: nothing of the server comes, and it answers what it had got long before."""
    dialogues(wire, ">")
    for number in range(2):
        late = wire.talk(f"{CLIENT}:{50_000 + number}", SERVER, at=0.01 * number)
        late.play("6 > S\n7 > S again\n9 > S again\n11.2 > S again")
        stamp = late.client.stamp - 5_200
        late.play(f"11.201 < S. echo={stamp}\n11.202 > .")


def back_is_down_at_server(wire: Wire) -> None:
    """Play the tap at the server: its answers are seen, and asked for again."""
    dialogues(wire, "<")
    for number in range(2):
        late = wire.talk(f"{CLIENT}:{50_000 + number}", SERVER, at=0.01 * number)
        late.play("6 > S\n6.001 < S.\n7 > S again\n7.001 < S. again\n9 > S again\n9.001 < S. again")
        late.play("11.2 > S again\n11.201 < S. again\n11.202 > .")


def nothing_comes(wire: Wire) -> None:
    """Play SYNs and data in vain: which direction is cut off, nothing tells."""
    dialogues(wire, ">")
    for number in range(2):
        late = wire.talk(f"{CLIENT}:{50_000 + number}", SERVER, at=0.01 * number, stamps=False)
        late.play("6 > S\n7 > S again\n9 > S again\n11.2 > S again\n11.201 < S.\n11.202 > .")


@pytest.mark.parametrize("play", [back_is_down_at_client, back_is_down_at_server])
def test_the_way_back_is_down(tmp_path: Path, play: Callable[[Wire], object]) -> None:
    findings = told(tmp_path, play)
    finding = findings["D54"]
    assert "Nothing of 10.0.0.2 got through to 10.0.0.5 for some" in finding.explanation
    assert "the way there worked" in finding.explanation
    assert "Data on 2 connections stood, and 2 connects needed more SYNs" in finding.explanation
    assert (finding.fault, finding.severity, finding.count) == ("path", "warning", 4)
    assert not findings.keys() & {"D34", "D56"}


def undirected(tmp_path: Path, *, is_opened: bool = False) -> Finding | None:
    def play(wire: Wire) -> None:
        nothing_comes(wire)
        if is_opened:
            wire.talk(f"{CLIENT}:60000", SERVER, at=9.5).play(HANDSHAKE)

    return told(tmp_path, play).get("D54")


def test_the_direction_is_not_told(tmp_path: Path) -> None:
    finding = undirected(tmp_path)
    assert finding is not None
    assert (
        "Nothing got through between 10.0.0.5 and 10.0.0.2, in one direction or in both"
        in finding.explanation
    )
    assert finding.fault == "undecided"


def test_who_lets_others_in_meanwhile_is_not_cut_off(tmp_path: Path) -> None:
    assert undirected(tmp_path, is_opened=True) is None


def test_a_full_queue_is_no_outage(tmp_path: Path) -> None:
    """SYNs are dropped, and first words are not taken, until the program goes on."""

    def play(wire: Wire) -> None:
        for number in range(3):
            queued = wire.talk(f"{CLIENT}:{40_000 + number}", SERVER, at=0.01 * number)
            queued.play(HANDSHAKE, at=5).play("5.01 > P. 40")
            for copy in COPIES:
                queued.play(f"{copy + 0.01} > P. again")
            queued.play("11 > P. again\n11.001 < .")
            late = wire.talk(f"{CLIENT}:{50_000 + number}", SERVER, at=0.01 * number)
            late.play("6 > S\n7 > S again\n9 > S again\n11.2 > S again\n11.201 < S.\n11.202 > .")

    assert "D54" not in told(tmp_path, play)
