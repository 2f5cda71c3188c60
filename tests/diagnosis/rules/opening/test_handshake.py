"""D04, D05, D06: handshakes that were begun and not finished."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import found, look
from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Confidence, Fault, Severity, State
from wirestat.timers import SECOND

EMBRYONIC = look("server:syn-ack-resent", client=State.ESTABLISHED, server=State.SYN_RECV)
IGNORED = look(
    "server:syn-ack-resent-after-ack",
    client=State.ESTABLISHED,
    server=State.SYN_RECV,
)
IN_VAIN = IGNORED.also("client:sent-data", "client:data-resent")._replace(
    changes={"client_end": {"unacknowledged_bytes": 100}}
)
ABORTED = look(
    "client:sent-data",
    "server:rst-answers-handshake-ack",
    "server:rst-no-socket",
    "server:rst-sent",
    client=State.CLOSED,
    server=State.CLOSED,
)


def test_syn_ack_unanswered() -> None:
    findings = found(EMBRYONIC)
    assert findings.keys() == {"D04"}
    assert findings["D04"].fault is Fault.PATH
    assert "stays in SYN_RECV" in findings["D04"].explanation
    assert "or its address is forged." in findings["D04"].explanation


def test_a_server_that_spoke_did_have_the_connection() -> None:
    assert "D06" in found(ABORTED)
    assert "D06" not in found(ABORTED.also("server:sent-data"))


def test_syn_ack_that_does_not_reach_the_client() -> None:
    deaf = EMBRYONIC.also("client:syn-resent", "client:syn-resent-after-syn-ack")
    assert "the SYN-ACK does not reach it" in found(deaf)["D04"].explanation


def test_a_handshake_that_is_finished_late_is_no_finding() -> None:
    assert found(look("server:syn-ack-resent", "client:sent-data", server=State.ESTABLISHED)) == {}


def test_syn_ack_unanswered_means_little_where_frames_are_doubled() -> None:
    assert found(EMBRYONIC.also("frames-duplicated"))["D04"].confidence is Confidence.POSSIBLE


def test_final_ack_ignored() -> None:
    findings = found(IGNORED)
    assert findings.keys() == {"D05"}
    assert findings["D05"].fault is Fault.SERVER
    assert findings["D05"].confidence is Confidence.LIKELY
    assert "TcpExtListenOverflows" in findings["D05"].advice


def test_a_final_ack_that_chance_may_have_lost_behind_the_tap() -> None:
    finding = found(IGNORED, look("client:sent-data", "client:data-resent"))["D05"]
    assert (finding.confidence, finding.fault) == (Confidence.POSSIBLE, Fault.UNDECIDED)
    assert finding.rivals[0].startswith("a loss on the way from the tap to the server: open")
    assert sum("behind the tap" in rival for rival in finding.rivals) == 0


def test_deferred_accept_is_information() -> None:
    deferred = look("server:syn-ack-resent-after-ack", "server:sent-data", "client:sent-data")
    assert found(deferred)["D05"].severity is Severity.INFO


def test_final_ack_ignored_means_less_where_the_order_is_lost() -> None:
    assert found(IGNORED.also("reordered-by-tap"))["D05"].confidence is Confidence.POSSIBLE


def test_data_sent_to_a_server_that_never_was_connected() -> None:
    findings = found(IN_VAIN)
    assert findings.keys() == {"D06"}
    assert findings["D06"].severity is Severity.ERROR
    assert "is still in SYN_RECV" in findings["D06"].explanation


def test_a_reset_right_after_the_handshake() -> None:
    findings = found(ABORTED)
    assert findings.keys() == {"D06"}
    assert findings["D06"].confidence is Confidence.LIKELY


def test_a_reset_long_after_the_handshake_is_of_a_forgotten_connection() -> None:
    late = ABORTED.also("server:rst-after-idle")._replace(figures={"server:rst-after-idle": 900 * SECOND})
    assert found(late).keys() == {"D07"}


def test_a_server_whose_bytes_were_acknowledged_was_connected() -> None:
    assert "D06" not in found(ABORTED.also("frames-missing"))


def test_a_server_that_has_spoken_was_connected() -> None:
    spoken = look(
        "server:syn-ack-resent-after-ack", "client:sent-data", "client:data-resent", "server:sent-data"
    )
    assert "D06" not in found(spoken)


def test_data_in_vain_means_less_in_a_capture_that_drops() -> None:
    assert found(IN_VAIN, dropped=1)["D06"].confidence is Confidence.POSSIBLE


def test_an_ack_of_what_was_never_sent_is_an_answer() -> None:
    finding = found(EMBRYONIC.also("client:ack-beyond"))["D04"]
    assert "answered with an ACK of what was never sent" in finding.explanation


def test_a_server_of_which_only_resets_were_captured_never_answered_the_syn() -> None:
    assert "D06" not in found(ABORTED._replace(changes={"server_end": {"ttl": None}}))


def test_a_syn_ack_that_answers_another_syn_is_no_copy() -> None:
    accepted = IGNORED._replace(server=State.ESTABLISHED).also("client:stray-syn")
    at_once = {"client:stray-syn": 6, "server:syn-ack-resent-after-ack": 6}
    assert "D05" not in found(accepted._replace(frame_of=at_once))
    by_timer = {"client:stray-syn": 6, "server:syn-ack-resent-after-ack": 7}
    assert found(accepted._replace(frame_of=by_timer))["D05"].severity is Severity.INFO


@pytest.mark.parametrize(
    ("echo", "rival"),
    [
        (" echo=77777777", "one lost ACK: ruled out, the SYN-ACK that came again echoes"),
        ("", "one lost ACK: a possible cause"),
    ],
)
def test_the_echo_of_an_ack_shows_that_it_arrived(echo: str, rival: str, tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443")
        talk.play(f"0 > S ts=77777000\n0.02 < S.\n0.04 > . ts=77777777\n1.03 < S. again{echo}")
        talk.play("1.04 > . ts=77778000\n2 > P. 100 ts=77778001\n2.02 < P. 900\n2.04 > . ts=77778002")

    assert any(each.startswith(rival) for each in told(tmp_path, play)["D05"].rivals)


def test_an_ignored_ack_whose_stamp_comes_back_was_dropped_by_no_filter() -> None:
    arrived = found(IGNORED.also("server:syn-ack-echoes-ack"))["D05"].rivals
    assert any(rival.startswith("the ACK is lost behind the tap: ruled out") for rival in arrived)
    assert any(rival.startswith("a host firewall of the server: ruled out") for rival in arrived)
    assert "a host firewall of the server: a possible cause" in found(IGNORED)["D05"].rivals


def test_a_goodbye_to_a_server_that_never_let_in_is_no_restart(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:2525").play("0 > S\n0.0001 < S.\n0.0101 > .")
        for at in (1.02, 3.06, 7.2, 15.4):
            talk.play(f"{at} < S. again\n{at + 0.01} > .")
        talk.play("30 > F.\n30.0001 < R")

    findings = told(tmp_path, play)
    assert "D05" in findings
    assert "D07" not in findings


def test_a_reset_right_after_the_handshake_may_be_of_another_machine(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443").play("0 > S\n0.001 < S.\n0.0011 > .")
        talk.play("0.002 > P. 517\n0.0026 < R")

    assert any("another machine behind this address" in rival for rival in told(tmp_path, play)["D06"].rivals)


def test_an_icmp_error_may_end_the_attempt_of_a_server() -> None:
    told_by = ABORTED.also("server:icmp-unreachable")
    frames = {"server:icmp-unreachable": 3, "server:rst-answers-handshake-ack": 5}
    before = found(told_by._replace(frame_of={**told_by.frame_of, **frames}))["D06"]
    assert before.rivals[0].startswith("the ICMP error that the server got before: a possible cause, frame 3")
    after = found(told_by._replace(frame_of={**told_by.frame_of, **frames, "server:icmp-unreachable": 6}))[
        "D06"
    ]
    assert not any("ICMP" in rival for rival in after.rivals)
