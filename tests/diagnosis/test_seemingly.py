"""D04, D07, D17: what seems unanswered, forgotten or crossed, and is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire


def play(lines: str) -> Callable[[Wire], None]:
    """Play one conversation."""

    def told_once(wire: Wire) -> None:
        wire.talk("10.0.0.1:40001", "10.0.0.2:80").play(lines)

    return told_once


OPENED = "0 > S\n0.02 < S.\n1.04 < S. again\n3.1 < S. again"


@pytest.mark.parametrize("acknowledged", [False, True])
def test_an_ack_that_comes_late_came(tmp_path: Path, *, acknowledged: bool) -> None:
    findings = told(tmp_path, play(f"{OPENED}\n" + "5.8 > .\n" * acknowledged + "6.2 < R."))
    explanation = findings["D04"].explanation
    assert ("acknowledged it only 5.78 s after the first" in explanation) is acknowledged
    assert ("never answered" in explanation) is not acknowledged
    assert "4 times" not in explanation


SENT = "0 > S\n0.02 < S.\n0.021 > .\n0.1 > P. 500\n0.12 < P. 900\n0.13 > ."


@pytest.mark.parametrize(
    ("before", "crosses"),
    [("", True), ("0.2 > . 1400\n0.21 > . 1400\n0.22 < . ack=501", False)],
    ids=["idle", "data-outstanding"],
)
def test_only_an_idle_connection_is_raced_for(tmp_path: Path, before: str, *, crosses: bool) -> None:
    close = "5.2 < F. ack=501\n5.21 > P. 700 ack=901\n5.23 < R seq=902"
    findings = told(tmp_path, play(f"{SENT}\n{before}\n{close}".replace("\n\n", "\n")))
    assert ("D17" in findings) is crosses


@pytest.mark.parametrize("opened_later", [False, True])
def test_a_connection_opened_later_was_not_forgotten(tmp_path: Path, *, opened_later: bool) -> None:
    lines = "0 > . seq=0 ack=1\n0.02 < R seq=1\n0.35 > . seq=0 ack=1\n0.37 < R seq=1"
    if opened_later:
        lines += "\n0.7 > S seq=0\n0.72 < S. seq=0 ack=1\n0.8 > ."
    assert ("D07" in told(tmp_path, play(lines))) is not opened_later
