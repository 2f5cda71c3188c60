"""D34, D35, D36, D37: connects that were slow, in vain, too late, or to oneself."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import CLIENT, T0, Look, found, listener, look, step
from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Fault, Finding, Severity, Side, State
from wirestat.timers import SECOND

ASKED = step(Side.CLIENT, State.CLOSED, State.SYN_SENT, 1)


def opened(*facts: str, server: State = State.ESTABLISHED, frame_of: dict[str, int] | None = None) -> Look:
    """A connection that came about in frame 4, a second a frame."""
    steps = (ASKED, step(Side.CLIENT, State.SYN_SENT, State.ESTABLISHED, 4))
    return look(*facts, "client:sent-data", steps=steps, server=server, frame_of=frame_of)


def test_a_connect_that_took_a_retry_is_slow() -> None:
    finding = found(opened("client:syn-resent", "server:sent-data"))["D34"]
    assert "needed 3 s to connect to server 10.0.0.2:80: its first SYN went unanswered" in finding.explanation
    assert finding.severity is Severity.NOTE


def test_several_slow_ones_of_a_socket_are_a_warning_with_their_share() -> None:
    slow = opened("client:syn-resent", "server:sent-data")
    finding = found(slow, slow, slow, listeners=(listener(connections=24),))["D34"]
    assert finding.severity is Severity.WARNING
    assert finding.explanation.startswith("3 of 24 connections to 10.0.0.2:80")


def test_a_connect_without_a_retry_is_not_slow() -> None:
    assert "D34" not in found(opened("server:sent-data"))
    assert "D34" not in found(opened("client:syn-resent", "mid-stream", "server:sent-data"))


def test_a_server_that_closes_without_a_word() -> None:
    finding = found(opened("server:fin-sent", server=State.FIN_WAIT2))["D35"]
    assert (finding.severity, finding.fault) == (Severity.WARNING, Fault.SERVER)


@pytest.mark.parametrize("rival", ["server:sent-data", "client:data-after-peer-fin", "one-way", "mid-stream"])
def test_a_server_that_had_something_to_say(rival: str) -> None:
    assert "D35" not in found(opened("server:fin-sent", rival, server=State.FIN_WAIT2))


def test_a_client_that_closed_first_was_not_hung_up_on() -> None:
    first = opened("client:fin-sent", "server:fin-sent", frame_of={"client:fin-sent": 9})
    assert "D35" not in found(first)


def written(frame: int, length: int = 1669) -> Look:
    told = step(Side.SERVER, State.FIN_WAIT1, State.FIN_WAIT2, 12)
    facts = (
        "server:fin-sent",
        "server:fin-after-idle",
        "server:rst-sent",
        "server:sent-data",
        "client:sent-data",
    )
    return look(
        *facts,
        "client:data-after-peer-fin",
        server=State.CLOSED,
        steps=(ASKED, told),
        figures={"server:fin-after-idle": 10 * SECOND},
        frame_of={"client:data-after-peer-fin": frame, "server:rst-sent": 18},
        client_end={"unacknowledged_bytes": length},
    )


def test_a_request_that_acknowledges_the_close_was_sent_knowingly() -> None:
    findings = found(written(12))
    assert findings["D36"].fault is Fault.CLIENT
    assert "D17" not in findings


def test_a_farewell_is_no_request() -> None:
    assert "D36" not in found(written(12, length=53))


def test_a_request_from_before_the_close_was_not() -> None:
    assert "D36" not in found(written(11))


def test_a_socket_that_is_its_own_peer() -> None:
    own = look(
        "one-way", "client:sent-data", server_address=CLIENT, port=40_001, client_end={"first_time_ns": T0}
    )
    assert "is connected to itself" in found(own)["D37"].explanation
    assert "D37" not in found(own._replace(port=80))


def test_syns_that_name_their_target_as_sender_connect_nobody(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for second in range(3):
            wire.talk("10.0.0.9:139", "10.0.0.9:139", at=second, stamps=False).play("0 > S")

    assert told(tmp_path, play).keys().isdisjoint({"D37", "D15"})


def connected_after(tmp_path: Path, *tries: float, isn: int = 1000, ended: float = 1.0) -> Finding | None:
    """The finding of a connect from a port whose connection before was closed by the server at that second."""

    def play(wire: Wire) -> None:
        before = wire.talk("10.0.0.1:2048", "10.0.0.9:1883", client_isn=1000, stamps=False)
        before.play(GREETING).play("0 < F.\n0.001 > F.\n0.0011 < .", at=ended)
        after = wire.talk("10.0.0.1:2048", "10.0.0.9:1883", client_isn=isn, stamps=False)
        for at in tries:
            after.play(f"{at} > S {'again' if at > tries[0] else ''}")
        after.play(f"{tries[-1] + 0.0001} < S.\n{tries[-1] + 0.002} > .")

    return told(tmp_path, play).get("D34")


def test_several_retries_are_counted_and_no_accident(tmp_path: Path) -> None:
    finding = connected_after(tmp_path, 20, 23, 29, 62)
    assert finding is not None
    assert finding.severity is Severity.WARNING
    assert "its SYN went unanswered 3 times" in finding.explanation
    assert (
        "a connection that was still in TIME_WAIT, and its sequence number is not above"
        in finding.explanation
    )


def test_a_higher_number_is_no_old_syn(tmp_path: Path) -> None:
    finding = connected_after(tmp_path, 20, 23, isn=90_000)
    assert finding is not None
    assert finding.severity is Severity.NOTE
    assert "its first SYN went unanswered. It reuses the ports of a connection" in finding.explanation
    assert "is not above" not in finding.explanation


def test_two_answers_with_the_acknowledgement_of_the_first_between_them_are_no_loss(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:2048", "10.0.0.9:1883", stamps=False).play(
            "0 > S\n1.0 > S again\n1.1 < S.\n1.105 > .\n1.106 < S. again\n1.2 > P. 20\n1.21 < ."
        )

    finding = told(tmp_path, play)["D34"]
    assert "its first SYN was answered late" in finding.explanation
    assert finding.severity is Severity.NOTE
