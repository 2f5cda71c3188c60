"""D07: a proxy that keeps its client when the server behind it has left."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire


def proxied(
    wire: Wire,
    *,
    times: int = 3,
    closed: float = 60.0,
    after: float = 0.002,
    behind: str = "10.0.0.9",
    is_left: bool = False,
) -> None:
    """Reset the request after a silence of 90 s, and more; the server behind closes before that."""
    for number in range(times):
        at = 7.0 * number
        front = wire.talk(f"10.0.0.{20 + number}:40000", "10.0.0.5:5432", at=at).play(HANDSHAKE)
        back = wire.talk(f"10.0.0.5:{50_000 + number}", f"{behind}:5433", at=at + after).play(HANDSHAKE)
        for talk in (front, back):
            talk.play("0.01 > P. 80\n0.014 < P. 500\n0.0142 > .")
        back.play(
            "0 > F.\n0.0004 < F.\n0.0008 > ." if is_left else "0 < F.\n0.0004 > F.\n0.0008 < .", at=closed
        )
        asked = 90 + 11 * number
        front.play(f"{asked} > P. 80\n{asked + 0.0002} < R.")


def test_the_server_that_has_left_is_named(tmp_path: Path) -> None:
    finding = told(tmp_path, proxied)["D07"]
    assert "10.0.0.5 had opened one to 10.0.0.9:5433" in finding.explanation
    assert finding.count == 3


@pytest.mark.parametrize(
    "how",
    [{"times": 2}, {"closed": 200.0}, {"after": 1.0}, {"behind": "10.0.0.5"}, {"is_left": True}],
    ids=["too-few", "closed-later", "opened-later", "on-the-same-host", "left-by-the-proxy"],
)
def test_connections_that_may_have_nothing_to_do_with_each_other(tmp_path: Path, how: dict[str, Any]) -> None:
    findings = told(tmp_path, lambda wire: proxied(wire, **how))
    assert not any("stands between" in finding.explanation for finding in findings.values())
