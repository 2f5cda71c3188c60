"""D29 of probes whose answers the capture holds, and that never reach who probes."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Fault, Severity


@pytest.mark.parametrize("arrive", [True, False])
def test_a_probe_that_echoes_an_older_time_stamp_than_its_answer_bore_heard_none(
    tmp_path: Path, *, arrive: bool
) -> None:
    """It breaks off in silence; what the other sends later is reset by a host that has given up."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80")
        talk.play("0 > S ts=1000\n0.01 < S. ts=5000\n0.0101 > . ts=1010\n1 > P. 40 ts=2000\n1.01 < . ts=6000")
        for number in range(3):
            at = 61 + (60 if arrive else 5) * number
            echo = "" if arrive else " echo=6000"
            stamp = int(1000 * at)
            talk.play(f"{at} > . seq=40 ts={stamp + 1000}{echo}\n{at + 0.01} < . ts={stamp + 5010}")
        talk.play("300 < P. 90 ts=305000\n300.01 > R")

    findings = told(tmp_path, play)
    finding = findings["D29"]
    assert (finding.severity is Severity.WARNING) != arrive
    assert (finding.fault is Fault.PATH) != arrive
    assert ("the answers do not arrive" in finding.explanation) != arrive
    assert ("given the connection up for want of answers" in findings["D07"].explanation) != arrive
