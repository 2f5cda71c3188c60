"""D13 of FINs without ACK, and what looks nearly like them."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Finding


def closing(tmp_path: Path, lines: str) -> Finding | None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.5:40000", "10.0.0.2:80").play(GREETING).play(lines)

    return told(tmp_path, play).get("D13")


def test_a_fin_without_ack_is_dropped(tmp_path: Path) -> None:
    finding = closing(tmp_path, "5 < F.\n5.004 > .\n5.005 > F\n5.2 > F again\n5.6 > F again")
    assert finding is not None
    assert "a FIN without ACK, 3 times so far" in finding.explanation
    assert "Client 10.0.0.5:40000 itself is in LAST_ACK by its own count" in finding.explanation
    assert finding.fault == "client"


@pytest.mark.parametrize(
    "lines",
    [
        "5 < F.\n5.004 > .\n5.005 > F",  # one may be anybody's
        "5 < F.\n5.004 > .\n5.005 > F ttl=41\n5.2 > F again ttl=41",  # not its own
        "5 < F.\n5.004 > .\n5.005 > F seq=9\n5.2 > F seq=9",  # not where it stands
        "5 < F.\n5.004 > .\n5.005 > F\n5.2 > F again\n5.6 > F. again\n5.601 < .",  # it closes in good order
    ],
)
def test_others_are_none(tmp_path: Path, lines: str) -> None:
    finding = closing(tmp_path, lines)
    assert finding is None or "without ACK" not in finding.explanation
