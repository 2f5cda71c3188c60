"""Captures of which a filter has left out all that carries no data."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Confidence

IN_VAIN = "\n".join(f"{9 + gap} > P. 100{' again' * (gap > 0)}" for gap in (0, 0.3, 0.9, 2.1, 4.5, 9.3, 18.9))


def _talk(wire: Wire, *, acknowledge: bool) -> None:
    """Requests and answers for eight seconds, and a request that nothing answers."""
    talk = wire.talk("10.0.0.1:40001", "10.0.0.2:80")
    talk.play("0 > S\n0.01 < S.\n0.011 > .")
    for number in range(40):
        at = 0.1 + number / 5
        talk.play(f"{at} > P. 100\n{at + 0.01} < P. 200" + f"\n{at + 0.05} > ." * acknowledge)
    talk.play(IN_VAIN)
    if not acknowledge:
        del wire.frames[:3]


@pytest.mark.parametrize(
    ("acknowledge", "confidence"), [(True, Confidence.LIKELY), (False, Confidence.POSSIBLE)]
)
def test_seemingly_unanswered_data_are_only_possible(
    tmp_path: Path, *, acknowledge: bool, confidence: Confidence
) -> None:
    findings = told(tmp_path, lambda wire: _talk(wire, acknowledge=acknowledge))
    assert ("no bare acknowledgement" in str(findings.get("D25"))) is not acknowledge
    assert "D10" not in findings
    silent = next(finding for id, finding in findings.items() if id in {"D08", "D09", "D45"})
    assert silent.confidence is confidence, silent.explanation
