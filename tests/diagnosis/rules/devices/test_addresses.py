"""D43: two hosts that answer for one address."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import found, look, step
from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Confidence, Evidence, Fault, Finding, Severity, Side, State

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


def answered_twice(tmp_path: Path, *, ttl: int, own: int = 50, closes: bool = True) -> Finding | None:
    """The finding of two answers to one request, the first with that TTL."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:50000", "10.0.0.9:80", server_ttl=50)
        talk.play("0 > S\n0.080 < S.\n0.0801 > .\n0.081 > P. 350")
        talk.play(f"0.120 < FP. 300 ttl={ttl} id=1")
        talk.play("0.1201 > F." if closes else "0.1201 > .")
        talk.play(f"0.161 < P. 900 seq=1 ack=351 ttl={own}\n0.1611 > R seq=352")

    return told(tmp_path, play).get("D43")


@pytest.mark.parametrize("closes", [True, False])
def test_a_request_that_is_answered_by_somebody_else_first(tmp_path: Path, *, closes: bool) -> None:
    finding = answered_twice(tmp_path, ttl=250, closes=closes)
    assert finding is not None
    assert (finding.severity, finding.fault) == (Severity.WARNING, Fault.PATH)
    assert "whose TTL is not that of the SYN-ACK (50)" in finding.explanation


def test_answers_of_one_ttl_are_of_one_host(tmp_path: Path) -> None:
    assert answered_twice(tmp_path, ttl=50) is None
    assert answered_twice(tmp_path, ttl=250, own=250) is None


REFUSED = look(
    "server:rst-answers-handshake-ack",
    "server:rst-sent",
    "server:rst-no-socket",
    client=State.CLOSED,
    server=State.CLOSED,
)


def shared_out(tmp_path: Path, *, again_s: float) -> dict[str, Finding]:
    """The findings of an ACK that is reset, and a SYN-ACK that comes again after so many seconds."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:50000", "10.0.0.9:80")
        talk.play("0 > S\n0.0001 < S.\n0.0002 > .")
        rest = [(0.0003, "< R seq=1"), (again_s, "< S. seq=0 ack=1"), (again_s + 0.0001, "> R seq=1")]
        talk.play("\n".join(f"{at} {segment}" for at, segment in sorted(rest)))

    return told(tmp_path, play)


def test_an_ack_that_reaches_another_host_than_its_syn(tmp_path: Path) -> None:
    findings = shared_out(tmp_path, again_s=1.0)
    assert "D06" not in findings
    assert findings["D43"].fault is Fault.PATH
    assert "another, which knew of no connection" in findings["D43"].explanation


def test_a_full_queue_that_resets_asks_no_more() -> None:
    assert "D43" not in found(REFUSED)
