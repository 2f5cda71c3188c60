"""D01, D02, D03: asked for a connection and got none."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.diagnosis.builders import T0, Analysed, Look, capture, found, listener, look
from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, Wire
from wirestat.diagnosis import diagnose
from wirestat.model import Confidence, Fault, Finding, Severity, State
from wirestat.timers import LINUX, SECOND

UNANSWERED = look("client:syn-resent", client=State.SYN_SENT, server=State.UNKNOWN)
REFUSED = look(
    "client:syn-resent", "server:refused", "server:rst-sent", client=State.CLOSED, server=State.CLOSED
)
PROHIBITED = look("client:syn-resent", "client:icmp-prohibited", client=State.CLOSED, server=State.UNKNOWN)


def test_silence_after_syns() -> None:
    finding = found(UNANSWERED)["D01"]
    assert finding.explanation.startswith(
        "Client 10.0.0.1:40001 sent its SYN 5 times in 20 s; no answer of server 10.0.0.2:80"
    )
    assert finding.frames == (1, 10, 21)
    assert finding.display_filter == (
        "ip.addr==10.0.0.1 && ip.addr==10.0.0.2 && tcp.port==40001 && tcp.port==80 && frame.number in {1, 10, 21}"
    )
    assert "10.0.0.2$ ss -ltnp '( sport = :80 )'" in finding.advice


def test_silence_is_certain_where_the_server_answers_others() -> None:
    assert found(UNANSWERED, listeners=(listener(answered=3),))["D01"].confidence is Confidence.CERTAIN
    assert found(UNANSWERED)["D01"].confidence is Confidence.LIKELY


def test_one_syn_is_not_yet_unanswered() -> None:
    assert found(look(client=State.SYN_SENT, server=State.UNKNOWN)) == {}


def test_silence_means_little_in_a_capture_that_drops() -> None:
    finding = found(UNANSWERED, dropped=7)["D01"]
    assert finding.confidence is Confidence.POSSIBLE
    assert "the capture dropped 7 packets" in finding.doubts


def test_refused() -> None:
    findings = found(REFUSED)
    assert findings.keys() == {"D02"}
    assert findings["D02"].confidence is Confidence.CERTAIN
    assert findings["D02"].fault is Fault.SERVER


def test_a_refusal_stays_certain_in_a_bad_capture() -> None:
    assert found(REFUSED.also("frames-duplicated"), dropped=7)["D02"].confidence is Confidence.CERTAIN


def test_prohibited_by_icmp() -> None:
    findings = found(PROHIBITED)
    assert findings.keys() == {"D03"}
    assert "a firewall rejects it" in findings["D03"].explanation


def test_icmp_errors_do_not_end_an_established_connection() -> None:
    assert found(look("client:icmp-unreachable", "client:sent-data", "server:sent-data")) == {}


def test_retries_of_one_port_that_fail_while_others_get_through() -> None:
    stuck = look(
        "client:syn-resent",
        client=State.SYN_SENT,
        server=State.UNKNOWN,
        client_end={"frames": 5},
    )
    fine = look("client:sent-data", "server:sent-data")
    analysis = Staggered(stuck, fine, fine)
    finding = next(one for one in diagnose(analysis) if one.id == "D01")
    assert any("every retry of it failed, and 2 other SYNs" in rival for rival in finding.rivals)
    alone = found(stuck)["D01"]
    assert not any("every retry" in rival for rival in alone.rivals)


class Staggered(Analysed):
    """An analysis whose connections begin a second apart."""

    def __init__(self, *looks: Look) -> None:
        super().__init__(looks, (capture(),), (listener(answered=2),), LINUX)
        self._connections = {
            id: replace(one, first_time_ns=T0 + id * SECOND) for id, one in self._connections.items()
        }


def test_a_refusal_whose_syn_was_not_captured(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:50000", "10.0.0.9:81").play("0 > S lost\n0.001 < R.")

    findings = told(tmp_path, play)
    assert (findings["D02"].severity, findings["D02"].confidence) == (Severity.NOTE, Confidence.POSSIBLE)
    assert (
        "a SYN of client 10.0.0.1:50000, which was not captured, with a reset" in findings["D02"].explanation
    )
    assert "D27" not in findings


def test_a_lone_reset_with_another_number_refuses_nothing(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:50000", "10.0.0.9:81").play("0 > S lost\n0.001 < R. seq=77")

    assert "D02" not in told(tmp_path, play)


@pytest.mark.parametrize(("races", "severity"), [(5, Severity.NOTE), (2, Severity.ERROR)])
def test_clients_that_race_two_addresses_need_one(tmp_path: Path, races: int, severity: Severity) -> None:
    def play(wire: Wire) -> None:
        for number in range(races):
            client = f"10.0.0.{10 + number}"
            wire.talk(f"{client}:40000", "10.1.0.2:1433", at=3.0 * number).play(GREETING).play(FAREWELL, at=2)
            wire.talk(f"{client}:40001", "10.2.0.2:1433", at=3.0 * number).play("0.001 > S\n1.01 > S again")

    finding = told(tmp_path, play)["D01"]
    assert finding.severity is severity
    assert ("10.1.0.2" in finding.explanation) == (severity is Severity.NOTE)


@pytest.mark.parametrize("calls", [0, 2])
def test_a_host_that_calls_and_cannot_be_called(tmp_path: Path, calls: int) -> None:
    def play(wire: Wire) -> None:
        for number in range(calls):
            wire.talk(f"10.2.0.2:{41_000 + number}", "10.0.0.9:5060", at=2.0 * number).play(GREETING)
        asked = wire.talk("10.0.0.9:40000", "10.2.0.2:5060", at=8)
        asked.play("0 > S\n1 > S again\n3 > S again\n7 > S again")

    finding = told(tmp_path, play)["D01"]
    assert ("opened 2 connections" in finding.explanation) == bool(calls)
    assert any("may take another way" in doubt for doubt in finding.doubts) == (not calls)


def _beside_multipath(wire: Wire, *others: tuple[str, str]) -> None:
    talk = wire.talk("10.0.0.1:40000", "10.0.0.2:443")
    talk.play("0 > S mptcp\n0.02 < S. mptcp\n0.021 > .\n9 > P. 90\n9.02 < .")
    for port, (server, lines) in enumerate(others, 40001):
        wire.talk(f"10.0.1.1:{port}", server).play(lines)


@pytest.mark.parametrize(("word", "severity"), [("join", Severity.NOTE), ("mptcp", Severity.ERROR)])
def test_a_subflow_that_does_not_come_about_is_no_outage(
    word: str, severity: Severity, tmp_path: Path
) -> None:
    silent = "10.0.0.2:443", f"1 > S {word}\n2 > S again {word}\n4 > S again {word}"
    finding = told(tmp_path, lambda wire: _beside_multipath(wire, silent))["D01"]
    assert finding.severity is severity
    assert ("extra subflow" in finding.explanation) == (word == "join")
    assert any("MP_JOIN" in rival for rival in finding.rivals) == (word == "join")


def test_a_refused_subflow_tells_nothing_of_the_port(tmp_path: Path) -> None:
    join, usual = ("10.0.0.2:443", "1 > S join\n1.02 < R."), ("10.0.0.2:444", "1 > S\n1.02 < R.")
    refusal = told(tmp_path, lambda wire: _beside_multipath(wire, join))["D02"]
    assert refusal.severity is Severity.NOTE
    assert "nothing listens" not in refusal.explanation
    assert (
        told(tmp_path, lambda wire: _beside_multipath(wire, join, usual))["D02"].severity is Severity.WARNING
    )


def asked_between_refusals(tmp_path: Path, answered: str = "", last: str = "") -> Finding:
    """The finding on a SYN in vain for 15 s, while the port refuses or accepts others before and after."""

    def play(wire: Wire) -> None:
        for port, second in ((41001, 0), (41002, 5), (41003, 40)):
            talk = wire.talk(f"10.0.0.1:{port}", "10.0.0.2:80")
            talk.play("0 > S\n0.001 < R. seq=0", at=second)
        stuck = wire.talk("10.0.0.1:40001", "10.0.0.2:80")
        stuck.play("1 > S\n2 > S again\n4 > S again\n8 > S again\n16 > S again")
        stuck.play(last)
        if answered:
            wire.talk("10.0.0.1:41009", "10.0.0.2:80").play(GREETING, at=float(answered))

    return told(tmp_path, play)["D01"]


def test_a_port_that_refuses_others_meanwhile_has_no_queue_that_could_be_full(tmp_path: Path) -> None:
    finding = asked_between_refusals(tmp_path)
    assert (
        "accept queue full at the server: ruled out, nothing listens there while it refuses others"
        in finding.rivals
    )
    assert any(
        "3 other SYNs to this port were refused, before and after" in rival for rival in finding.rivals
    )


def test_a_port_that_accepts_another_meanwhile_is_not_closed(tmp_path: Path) -> None:
    finding = asked_between_refusals(tmp_path, answered="6")
    assert not any("before and after" in rival for rival in finding.rivals)


def test_the_last_syn_is_refused_as_all_others_are(tmp_path: Path) -> None:
    finding = asked_between_refusals(tmp_path, last="16.001 < R. seq=0")
    assert "sent its SYN 5 times in 15 s" in finding.explanation
    assert "refused at once (D02), as it refused 3 other SYNs before and after" in finding.explanation
    assert finding.fault is Fault.PATH
    assert not any("process that ended" in rival for rival in finding.rivals)


@pytest.mark.parametrize("reset", ["", "20 < R. seq=0"])
def test_a_doubt_says_what_was_looked_at(tmp_path: Path, reset: str) -> None:
    """A host is not heard over TCP, or a device resets in its name long after another SYN."""

    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", "10.0.0.2:80").play(f"0 > S\n3 > S again\n{reset}")
        wire.talk("10.0.0.1:40001", "10.0.0.2:80", at=21).play("0 > S\n1 > S again\n3 > S again\n7 > S again")

    finding = told(tmp_path, play)["D01"]
    text = "answers no SYN in time" if reset else "over TCP is in the capture (UDP and ICMP are not asked)"
    assert any(text in doubt for doubt in finding.doubts)
    assert any("bear its address" in rival for rival in finding.rivals) == bool(reset)


@pytest.mark.parametrize(("late", "is_told"), [(0.0002, True), (0.5, False)])
def test_another_socket_that_answers_each_syn_is_named(tmp_path: Path, late: float, *, is_told: bool) -> None:
    """A connect is redirected to a socket that has an old connection of the same ports (RFC 5961, 4)."""

    def play(wire: Wire) -> None:
        asked = wire.talk("10.0.0.1:44410", "10.0.0.9:15001")
        old = wire.talk("10.0.0.1:44410", "10.0.3.9:7777")
        for number, second in enumerate((0, 1, 3, 7)):
            asked.play(f"{second} > S {'again' if number else ''}")
            old.play(f"{second + late} < . seq=7 ack=900")

    finding = told(tmp_path, play)["D01"]
    assert ("each time 10.0.3.9:7777 sent a segment to the same port" in finding.explanation) == is_told
    assert ("10.0.3.9$ ss -tno dst 10.0.0.1 dport = :44410" in finding.advice) == is_told


def _busy(wire: Wire) -> None:
    """Play three talks that go on for ten seconds."""
    for number in range(3):
        talk = wire.talk(f"10.0.0.8:{39_000 + number}", "10.0.0.2:90").play(GREETING)
        for second in range(1, 11):
            talk.play(f"{second} > P. 14\n{second}.001 < P. 7\n{second}.002 > .")


@pytest.mark.parametrize("accepts", [True, False])
def test_a_syn_in_vain_is_held_against_others_that_get_through(tmp_path: Path, *, accepts: bool) -> None:
    def play(wire: Wire) -> None:
        _busy(wire)
        wire.talk("10.0.0.8:40000", "10.0.0.2:90", at=2).play("0 > S\n1 > S again\n3 > S again")
        for number in range(3) if accepts else ():
            wire.talk(f"10.0.0.8:{41_000 + number}", "10.0.0.2:90", at=3.2 + 0.1 * number).play(GREETING)

    words = told(tmp_path, play)["D01"].explanation
    assert ("Meanwhile 3 other connects to this socket got through" in words) is accepts
    assert ("3 connections between these hosts, open before, went on past that" in words) is not accepts
