"""D02 of clients that are let in at another address of the service at once."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire


def refused(tmp_path: Path, *, tries: int = 5, after: float = 0.003, others: int = 0) -> str:
    """Let a server refuse over IPv6, and another address let the same clients in; return what D02 says."""

    def play(wire: Wire) -> None:
        for number in range(tries):
            asked = wire.talk(f"[fd00::1]:{50_001 + number}", "[fd00::2]:8080", at=float(number))
            asked.play("0 > S\n0.001 < R.")
            at = number + after
            wire.talk(f"10.0.0.1:{50_001 + number}", "10.0.0.2:8080", at=at).play(GREETING)
        for number in range(others):
            at = 0.1 + number * tries / others
            wire.talk(f"10.0.0.3:{41_001 + number}", "10.0.0.2:8080", at=at).play(GREETING)

    finding = told(tmp_path, play)["D02"]
    return finding.explanation + " ".join(finding.rivals)


def test_clients_fall_back_to_the_address_that_listens(tmp_path: Path) -> None:
    said = refused(tmp_path)
    assert "Each time 10.0.0.2:8080 let a client in within 300 ms" in said
    assert "bound to IPv4 alone" in said


@pytest.mark.parametrize(
    "changes", [{"tries": 3}, {"after": 0.6}, {"others": 20}], ids=["few", "later", "others-as-well"]
)
def test_connects_elsewhere_that_tell_of_no_fallback(tmp_path: Path, changes: dict[str, float]) -> None:
    said = refused(
        tmp_path,
        tries=int(changes.get("tries", 5)),
        after=changes.get("after", 0.003),
        others=int(changes.get("others", 0)),
    )
    assert "alone" not in said
