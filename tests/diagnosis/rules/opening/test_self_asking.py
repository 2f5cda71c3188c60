"""D37: a proxy that asks itself."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Fault


def asked(wire: Wire, depth: int, *, client: str = "10.0.0.2", is_nested: bool = True) -> None:
    """Ask ``depth`` times, each time while the one before waits."""
    for level in range(depth):
        at, back = 0.004 * level, 0.004 * depth + 0.003 * (depth - level if is_nested else level + 1)
        talk = wire.talk(f"{client}:{40_000 + 3 * level}", "10.0.0.2:8080", at=at)
        talk.play("0 > S\n0.0003 < S.\n0.0004 > .\n0.0005 > P. 100\n0.0007 < .")
        talk.play("0 < P. 300\n0.0001 < F.\n0.0004 > .\n0.0006 > F.\n0.0008 < .", at=back - at)


def test_requests_that_make_each_other_are_one_finding(tmp_path: Path) -> None:
    finding = told(tmp_path, lambda wire: asked(wire, 12))["D37"]
    assert "connected to its own socket 10.0.0.2:8080 12 times" in finding.explanation
    assert (finding.fault, finding.count) == (Fault.SERVER, 12)


@pytest.mark.parametrize(
    ("depth", "client", "is_nested"),
    [(11, "10.0.0.2", True), (12, "10.0.0.3", True), (12, "10.0.0.2", False)],
    ids=["for-parts-of-an-answer", "of-another-host", "side-by-side"],
)
def test_requests_that_need_not_make_each_other(
    tmp_path: Path, depth: int, client: str, *, is_nested: bool
) -> None:
    assert "D37" not in told(tmp_path, lambda wire: asked(wire, depth, client=client, is_nested=is_nested))
