"""D46: two ends that answer each other for ever."""

from tests.diagnosis.builders import found, look
from wirestat.model import Fault, Severity

LOOP = look(
    "client:rst-sent",
    "client:rst-in-window",
    "server:challenge-ack",
    "client:reset-loop",
    figures={"client:reset-loop": 40},
)


def test_resets_and_challenge_acks_in_turn() -> None:
    findings = found(LOOP)
    assert findings.keys() == {"D46"}
    finding = findings["D46"]
    assert (finding.severity, finding.fault) == (Severity.WARNING, Fault.CLIENT)
    assert "the same reset came 40 times" in finding.explanation


def test_acknowledgements_in_turn() -> None:
    storm = look("client:reset-loop", "server:reset-loop", figures={"server:reset-loop": 7})
    finding = found(storm)["D46"]
    assert finding.fault is Fault.UNDECIDED
    assert "the same acknowledgement, which is thrown away, came 7 times" in finding.explanation


def test_one_blind_reset_is_no_loop() -> None:
    assert "D46" not in found(look("client:rst-sent", "client:rst-in-window", "server:challenge-ack"))
