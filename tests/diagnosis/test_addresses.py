"""D43: two hosts that answer for one address."""

from tests.diagnosis.builders import found, look, step
from wirestat.model import Confidence, Evidence, Severity, Side, State

TWO = look(
    "server:two-syn-acks",
    "client:rst-sent",
    "client:rst-answers-syn-ack",
    client=State.CLOSED,
    server=State.CLOSED,
    figures={"server:two-syn-acks": 4711},
    steps=(step(Side.SERVER, State.LISTEN, State.SYN_RECV, 9),),
)


def test_two_numbers_for_one_syn_are_two_hosts() -> None:
    findings = found(TWO)
    assert findings.keys() == {"D43"}
    finding = findings["D43"]
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.LIKELY)
    assert "(1001 and 4711), 1 s apart, and a reset followed" in finding.explanation


def test_a_syn_ack_that_nothing_follows_may_be_forged() -> None:
    assert found(look("server:two-syn-acks", "client:sent-data")) == {}


def test_a_syn_sent_again_may_be_answered_anew() -> None:
    assert "D43" not in found(TWO.also("client:syn-resent"))
    assert "D43" not in found(TWO.also("one-way"))


def test_a_number_that_only_the_client_tells_is_no_second_answer() -> None:
    implied = step(Side.SERVER, State.LISTEN, State.SYN_RECV, 9, evidence=Evidence.IMPLIED)
    assert "D43" not in found(TWO._replace(steps=(implied,)))
