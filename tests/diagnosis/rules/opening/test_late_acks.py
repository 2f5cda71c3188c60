"""D04 of SYN-ACKs that are acknowledged after several copies only, and what looks nearly like it."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from wirestat.model import Finding

LATE = "0 > S\n0.001 < S.\n1.01 < S. again\n3.03 < S. again\n"
ANSWERED = "3.05 > .\n3.06 > P. 90\n3.07 < P. 400\n3.08 > .\n"


def answered(tmp_path: Path, lines: str) -> Finding | None:
    return told(tmp_path, lambda wire: wire.talk("10.0.0.5:40000", "10.0.0.2:80").play(lines)).get("D04")


@pytest.mark.parametrize("close", ["", "4 < F.\n4.001 > F.\n4.002 < .", "4 > F.\n4.001 < F.\n4.002 > ."])
def test_it_is_told_of_however_the_connection_ends(tmp_path: Path, close: str) -> None:
    finding = answered(tmp_path, LATE + ANSWERED + close)
    assert finding is not None
    assert (
        "sent its SYN-ACK 3 times, and client 10.0.0.5:40000 acknowledged it only 3.05 s"
        in finding.explanation
    )
    assert (finding.severity, finding.fault) == ("warning", "path")


@pytest.mark.parametrize(
    "lines",
    [
        "0 > S\n0.001 < S.\n1.01 < S. again\n1.03 > .\n1.04 > P. 90\n1.05 < P. 400\n1.06 > .",
        LATE + "3.04 > R",
        LATE.replace("0.001", "0.5 > S again\n0.501") + ANSWERED,
    ],
)
def test_one_copy_or_a_reset_or_another_syn_tell_nothing_of_the_kind(tmp_path: Path, lines: str) -> None:
    finding = answered(tmp_path, lines)
    assert finding is None or "acknowledged it only" not in finding.explanation
