"""D06 of sockets that let in nobody at first."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Fault, Finding

IGNORED = """
0.0000 > S
0.0010 < S.
0.0011 > .
0.0020 > P. 76
0.3 > P. 76 again
1.0 < S. again ack=1
1.0001 > .
1.1 > P. 76 again
3.0 < S. again ack=1
3.0001 > .
3.1 > P. 76 again
"""


def kept_out(tmp_path: Path, *, many: int = 4, first_at: float | None = 20.0) -> Finding:
    """Let a server ignore what clients say after their SYNs, and let one in at some time."""

    def play(wire: Wire) -> None:
        for number in range(many):
            wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=1 + 0.5 * number).play(IGNORED)
        if first_at is not None:
            wire.talk("10.0.0.1:45000", "10.0.0.2:80", at=first_at).play(GREETING)

    return told(tmp_path, play)["D06"]


@pytest.mark.parametrize(
    ("first_at", "words"), [(20.0, "before one was let in"), (None, "and none was let in")]
)
def test_nobody_is_let_in_at_first(tmp_path: Path, first_at: float | None, words: str) -> None:
    finding = kept_out(tmp_path, first_at=first_at)
    assert finding.fault is Fault.UNDECIDED
    assert "All 4 that asked" in finding.explanation
    assert words in finding.explanation


@pytest.mark.parametrize("changes", [{"many": 2}, {"first_at": 0.1}], ids=["few", "one-was-let-in"])
def test_a_queue_that_may_be_full(tmp_path: Path, changes: dict[str, Any]) -> None:
    finding = kept_out(tmp_path, **changes)
    assert finding.fault is Fault.SERVER
    assert "fared alike" not in finding.explanation
