"""Data that are sent again in vain: the capture at the other side shows whether they arrived there."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.compare.dialogues import Sent, told_of
from wirestat.model import Confidence, Fault, Finding

COPIES_MS = (200, 400, 800, 1600, 3200, 6400, 12800)
"""When what was sent at 100 ms is sent again: the time between two copies doubles."""


OPENED = [
    Sent(0, True, "S", 99, 0),
    Sent(21, False, "S.", 299, 100),
    Sent(42, True, ".", 100, 300),
    Sent(100, True, "P.", 100, 300, 40),
    Sent(121, False, ".", 300, 140),
    Sent(122, False, "P.", 300, 140, 40),
    Sent(143, True, ".", 140, 340),
]


def found(folder: Path, rest: Sequence[Sent], diagnosis: str, routers: int = 0) -> Finding:
    (one,) = told_of(folder, [*OPENED, *rest], diagnosis, routers)
    return one


def asked(*, crosses: bool = True) -> list[Sent]:
    """Return a request that is sent again and again."""
    return [Sent(200 + at, True, "P.", 140, 340, 60, crosses) for at in (0, *COPIES_MS)]


def answered(at_ms: int, *, crosses: bool = True) -> Sent:
    return Sent(at_ms, False, ".", 340, 200, crosses=crosses)


def test_copies_that_all_arrived_are_the_hosts_fault(tmp_path: Path) -> None:
    told = found(tmp_path, asked(), "D09")
    assert (told.fault, told.confidence) == (Fault.SERVER, Confidence.LIKELY)
    assert "All 8 of these segments arrived at server" in told.explanation
    assert not any("one capture" in doubt for doubt in told.doubts)
    assert "tcpdump" not in told.advice


def test_a_router_behind_the_tap_leaves_it_open_who_drops_them(tmp_path: Path) -> None:
    told = found(tmp_path, asked(), "D09", routers=1)
    assert (told.fault, told.confidence) == (Fault.UNDECIDED, Confidence.LIKELY)
    assert "a device behind server may drop them" in told.doubts


def test_copies_that_are_lost_are_the_path(tmp_path: Path) -> None:
    told = found(tmp_path, asked(crosses=False), "D09")
    assert (told.fault, told.confidence) == (Fault.PATH, Confidence.CERTAIN)


@pytest.mark.parametrize(
    ("crosses", "answers", "fault", "words"),
    [
        (True, False, Fault.SERVER, "All 6 of these segments arrived at server"),
        (False, False, Fault.PATH, "The copies were lost between client and server"),
        (True, True, Fault.PATH, "the server's answers were lost between server and client"),
    ],
)
def test_a_stall_is_located(crosses: bool, answers: bool, fault: Fault, words: str, tmp_path: Path) -> None:
    *copies, last = asked(crosses=crosses)
    lost = [answered(221 + at, crosses=False) for at in (0, *COPIES_MS[:-1])] if answers else []
    over = [last._replace(crosses=True), answered(13021)]
    told = found(tmp_path, [*copies, *lost, *over], "D56")
    assert told.fault is fault
    assert words in told.explanation
    assert not any("one capture" in doubt for doubt in told.doubts)


def test_copies_that_come_late_and_are_answered_at_once_were_held_up_on_the_way(tmp_path: Path) -> None:
    copies = [one._replace(late_ms=12_790 - one.at_ms) for one in asked() if one.at_ms < 12_000]
    told = found(tmp_path, [*copies, answered(12_811)], "D56")
    assert told.fault is Fault.PATH
    assert "held up between client and server" in told.explanation
    assert "nothing answered" not in told.explanation
