"""D26: floods of segments that belong to no connection."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, Wire
from wirestat.model import Severity


def flood(count: int, *, every: float = 0.02, come_again: bool = False) -> Callable[[Wire], None]:
    """Have so many addresses send one bare segment each, while others are served."""

    def play(wire: Wire) -> None:
        for number in range(count):
            talk = wire.talk(
                f"198.51.100.{1 + number}:{2000 + 7 * number}",
                "10.0.0.2:443",
                at=every * number,
                stamps=False,
            )
            talk.play("0 > .\n0.0001 < R")
            if come_again:
                again = wire.talk(
                    f"198.51.100.{1 + number}:{9000 + number}", "10.0.0.2:443", at=every * number + 1
                )
                again.play(GREETING).play(FAREWELL, at=1)
        for number in range(3):
            wire.talk(f"10.0.0.{20 + number}:40000", "10.0.0.2:443").play(GREETING).play(FAREWELL, at=3)

    return play


@pytest.mark.parametrize(("count", "severity"), [(100, Severity.WARNING), (99, Severity.NOTE), (19, None)])
def test_many_addresses_send_what_belongs_to_no_connection(
    tmp_path: Path, count: int, severity: Severity | None
) -> None:
    findings = told(tmp_path, flood(count))
    finding = findings.get("D26")
    assert (finding and finding.severity) == severity
    assert ("D07" in findings) == (finding is None)
    if finding:
        assert finding.count == count
        assert f"from {count} addresses" in finding.explanation


def test_idle_clients_of_a_server_that_was_restarted_come_more_slowly(tmp_path: Path) -> None:
    findings = told(tmp_path, flood(40, every=0.5))
    assert "D26" not in findings
    assert "D07" in findings


def test_clients_that_come_again_to_be_served_are_no_flood(tmp_path: Path) -> None:
    findings = told(tmp_path, flood(40, come_again=True))
    assert "D26" not in findings
    assert "D07" in findings
