"""D61: segments that overtake each other on the way."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Severity

OPENING = "0 > S\n0.03 < S.\n0.0301 > .\n0.031 > P. 400\n0.062 < ."


def download(late: float, pairs: int = 30, again: bool = False) -> str:
    """Return a download of which each second segment comes ``late`` seconds behind the next one."""
    lines, seq = [], 1
    for number in range(pairs):
        at = 0.1 * (number + 1)
        first, second, end = seq, seq + 1448, seq + 2896
        lines.append(f"{at:.4f} < . 1448 seq={second}\n{at + 0.0001:.4f} > . ack={first} sack={second}-{end}")
        lines.append(f"{at + late:.4f} < . 1448 seq={first}\n{at + late + 0.0001:.4f} > . ack={end}")
        if again:
            lines.append(f"{at + 0.05:.4f} < . 1448 seq={first}\n{at + 0.0501:.4f} > . ack={end}")
        seq = end
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("late", "pairs", "again", "severity"),
    [
        (0.004, 30, False, Severity.INFO),
        (0.004, 30, True, Severity.NOTE),
        (0.035, 30, False, None),  # a round trip later each may be a copy of what was lost
        (0.004, 10, False, None),  # a few
    ],
)
def test_some_come_behind_others_that_were_sent_later(
    tmp_path: Path, late: float, pairs: int, again: bool, severity: Severity | None
) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.9:40000", "10.0.0.2:443").play(OPENING).play(download(late, pairs, again))

    finding = told(tmp_path, play).get("D61")
    assert (finding and finding.severity) == severity
    if finding:
        assert f"{pairs} segments" in finding.explanation
        assert ("takes for a loss" in finding.explanation) is again
