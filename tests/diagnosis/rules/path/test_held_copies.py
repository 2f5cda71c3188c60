"""D56 of copies that come together: held up on the way, and nothing lost."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Finding


def copied(
    tmp_path: Path, apart: float = 0.002, trip: float = 0.04, at_the_sender: bool = False
) -> Finding | None:
    """Play a server whose answer comes four times at once, 3.6 s late."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.5:40000", "10.0.0.2:443")
        asked, answered = (0.0001, trip) if at_the_sender else (trip, trip + 0.0001)
        talk.play(f"0 > S\n{asked} < S.\n{answered} > .\n1 > P. 80\n1.05 < P. 90\n1.1 > .\n2 > P. 80")
        before = talk.server.next
        for copy in range(4):
            again = f" again seq={before}" if copy else ""
            talk.play(f"{5.6 + apart * copy} < P. 700{again}")
            if not copy:
                talk.play("5.6001 > .")

    return told(tmp_path, play).get("D56")


def test_copies_that_come_together_were_held_up(tmp_path: Path) -> None:
    finding = copied(tmp_path)
    assert finding is not None
    assert "3 copies of one segment of server 10.0.0.2:443 came within milliseconds" in finding.explanation
    assert "Nothing was lost" in finding.explanation
    assert (finding.severity, finding.confidence, finding.fault) == ("note", "possible", "path")


@pytest.mark.parametrize(
    "changes",
    [
        {"apart": 0.25},  # a timer sent them
        {"trip": 0.001},  # their sender may have learnt of a loss in between
        {"at_the_sender": True},  # it sent them so
    ],
)
def test_they_were_sent_so(tmp_path: Path, changes: dict[str, Any]) -> None:
    finding = copied(tmp_path, **changes)
    assert finding is None or "held up" not in finding.explanation
