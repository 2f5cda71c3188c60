"""D27 of clients that reset all answers to their SYNs: they asked another address, which was translated."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Fault, Finding


def refused(
    tmp_path: Path, *, many: int = 3, ttl: int = 63, copies: bool = True, is_served: bool = False
) -> dict[str, Finding]:
    """Let the server answer SYNs that came over a router, and the client reset the answer from next door."""

    def play(wire: Wire) -> None:
        for number in range(many):
            talk = wire.talk(f"10.0.0.30:{40_001 + number}", "10.0.0.10:80", at=5.0 * number)
            for at in (0, 1, 3) if copies else (0,):
                again = " again" if at else ""
                talk.play(f"{at} > S ttl={ttl}{again}\n{at + 0.0001} < S.{again}\n{at + 0.0002} > R")
        if is_served:
            wire.talk("10.0.0.30:45000", "10.0.0.10:80", at=2).play(GREETING)

    return told(tmp_path, play)


def test_a_hairpin_without_source_translation(tmp_path: Path) -> None:
    findings = refused(tmp_path)
    assert findings["D27"].fault is Fault.PATH
    assert "All 3 connects of 10.0.0.30 to this socket ended so. Its SYNs passed 1 more router" in (
        findings["D27"].explanation
    )
    assert "D18" not in findings


@pytest.mark.parametrize(
    "changes",
    [{"many": 1}, {"ttl": 64}, {"ttl": 40}, {"copies": False}, {"is_served": True}],
    ids=["one", "same-way", "far", "no-copies", "served"],
)
def test_resets_of_answers_that_tell_of_no_translation(tmp_path: Path, changes: dict[str, Any]) -> None:
    findings = refused(tmp_path, **changes)
    assert all("more router" not in one.explanation for one in findings.values())
