"""D35, D51: who hung up without a word, and who only seems to have."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Fault, Finding, Severity

UPLOAD = "\n".join(f"{0.1 + step / 10} > . 1400\n{0.12 + step / 10} < ." for step in range(60))


def _talk(wire: Wire, syn: str, syn_ack: str, said: str, closed: float) -> None:
    talk = wire.talk("10.0.0.1:40001", "10.0.0.2:5201")
    talk.play(f"0 > S {syn}\n0.02 < S. {syn_ack}\n0.021 > .")
    talk.play(said)
    talk.play(f"{closed} < F.\n{closed + 0.01} > .\n{closed + 0.02} > F.\n{closed + 0.04} < .")


@pytest.mark.parametrize(
    ("syn", "syn_ack", "said", "expected"),
    [
        ("", "", "0.1 > P. 100\n0.12 < .", True),
        ("", "", UPLOAD, False),
        ("mptcp", "", "0.1 > P. 100\n0.12 < .", True),
        ("mptcp", "mptcp", "0.1 > P. 100\n0.12 < .", False),
    ],
    ids=["request", "upload", "asked-for-multipath", "subflow"],
)
def test_hung_up(tmp_path: Path, syn: str, syn_ack: str, said: str, *, expected: bool) -> None:
    findings = told(tmp_path, lambda wire: _talk(wire, syn, syn_ack, said, 8))
    assert ("D35" in findings) is expected


def answered_late(tmp_path: Path, last: str) -> Finding | None:
    """The finding of a request whose client closes after twenty seconds."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.9:8443")
        talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.002 > P. 517\n0.0025 < .\n20.0025 > F.\n20.043 < .")
        talk.play(last)

    return told(tmp_path, play).get("D51")


@pytest.mark.parametrize(
    ("last", "standing"),
    [
        ("33 < P. 900\n33.0001 > R", "ruled out"),
        ("33 < P. 900\n33.0001 > .\n38 > R", "a possible cause"),  # it may have read the answer until then
    ],
)
def test_an_answer_that_comes_when_the_client_has_left(tmp_path: Path, last: str, standing: str) -> None:
    finding = answered_late(tmp_path, last)
    assert finding is not None
    assert finding.severity is Severity.NOTE
    assert "answered it after 33 s; the client had closed after 20 s" in finding.explanation
    assert any(f"means to read on: {standing}" in rival for rival in finding.rivals)


def test_a_client_that_closes_its_direction_and_reads_on(tmp_path: Path) -> None:
    assert answered_late(tmp_path, "33 < P. 900\n33.0001 > .\n33.1 < F.\n33.1001 > .") is None


def hung_up(
    tmp_path: Path, waits: tuple[float, ...], reset: float | None = None, apart: float = 10.0
) -> dict[str, Finding]:
    """The findings on requests that a server closes after such silences; it resets one that is written to later."""

    def play(wire: Wire) -> None:
        for number, wait in enumerate(waits):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=apart * number)
            talk.play("0 > S\n0.001 < S.\n0.0011 > .")
            if reset is None:
                talk.play(
                    f"0.01 > P. 30\n0.011 < .\n{0.01 + wait} < F.\n{0.012 + wait} > F.\n{0.013 + wait} < ."
                )
            else:
                talk.play(
                    f"{wait} < F.\n{wait + 0.001} > .\n{wait + reset} > P. 80\n{wait + reset + 0.001} < R noack"
                )

    return told(tmp_path, play)


def test_requests_that_never_become_whole_run_into_one_time_out(tmp_path: Path) -> None:
    finding = hung_up(tmp_path, (5.0,) * 5)["D35"]
    assert "It waited as long after the client's last word on 4 other connections" in finding.explanation
    assert finding.fault is Fault.UNDECIDED
    assert "for the rest of a request or for a backend that it asks in vain" in finding.explanation


def test_equal_waits_about_a_second_are_one_time_out(tmp_path: Path) -> None:
    finding = hung_up(tmp_path, (1.0025, 1.0065, 0.997, 1.0044, 1.009))["D35"]
    assert finding.count == 5
    assert finding.fault is Fault.UNDECIDED


def test_equal_waits_below_a_second_are_no_time_out(tmp_path: Path) -> None:
    finding = hung_up(tmp_path, (0.5,) * 5)["D35"]
    assert "time-out" not in finding.explanation
    assert finding.fault is Fault.SERVER


def test_requests_that_are_closed_at_one_instant_tell_of_no_time_out(tmp_path: Path) -> None:
    finding = hung_up(tmp_path, (5.0,) * 5, apart=0.0001)["D35"]
    assert "time-out" not in finding.explanation


def test_a_server_that_hangs_up_after_unequal_times_has_no_time_out(tmp_path: Path) -> None:
    finding = hung_up(tmp_path, (1.5, 2.5, 4.0, 6.0, 8.0))["D35"]
    assert "time-out" not in finding.explanation
    assert finding.fault is Fault.SERVER


def test_a_request_that_meets_a_server_which_has_just_hung_up(tmp_path: Path) -> None:
    findings = hung_up(tmp_path, (0.005,) * 4, reset=0.004)
    assert findings["D35"].count == 4
    assert "D12" not in findings


def test_a_request_after_an_idle_connection_was_closed_is_no_hang_up(tmp_path: Path) -> None:
    findings = hung_up(tmp_path, (60.0,), reset=0.004)
    assert "D35" not in findings


def reset_after(tmp_path: Path, waits: tuple[float, ...], *, asks: bool = True) -> dict[str, Finding]:
    """The findings on connections that their client resets after such waits, beside three that are answered."""

    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_101 + number}", "10.0.0.2:80", at=float(number))
            talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.002 > P. 75\n0.003 < .\n0.004 < P. 100\n0.0041 > .")
            talk.play("0.005 > F.\n0.006 < F.\n0.0061 > .")
        for number, wait in enumerate(waits):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=5.0 + number)
            talk.play("0 > S\n0.001 < S.\n0.0011 > .")
            if asks:
                talk.play("0.002 > P. 75\n0.003 < .")
            talk.play(f"{0.003 + wait} > R.")

    return told(tmp_path, play)


def test_clients_that_reset_after_one_wait_gave_up(tmp_path: Path) -> None:
    findings = reset_after(tmp_path, (3.0, 3.001, 3.004))
    assert findings["D51"].count == 3
    assert findings["D51"].fault is Fault.SERVER
    assert "gave up after 3 s, as on others: its time-out" in findings["D51"].explanation
    assert "D27" not in findings


@pytest.mark.parametrize("waits", [(3.0,), (0.4, 0.4, 0.4), (1.5, 2.5, 4.0)], ids=["once", "soon", "unequal"])
def test_clients_that_reset_after_other_waits_may_have_given_up(
    tmp_path: Path, waits: tuple[float, ...]
) -> None:
    findings = reset_after(tmp_path, waits)
    assert "D51" not in findings
    assert findings["D27"].fault is Fault.UNDECIDED
    assert "All it had said was acknowledged" in findings["D27"].explanation
    assert "Nothing to do" not in findings["D27"].advice


def test_clients_that_reset_and_had_not_asked_are_the_end_of_an_application(tmp_path: Path) -> None:
    findings = reset_after(tmp_path, (3.0, 3.0, 3.0), asks=False)
    assert "D51" not in findings
    assert findings["D27"].fault is Fault.CLIENT
    assert "Nothing to do" in findings["D27"].advice


def left_beside(tmp_path: Path, others: int, request: int, after: float) -> str:
    """Let a client wait in vain for 6 s, and others be answered at 2 s and later; return what is told of it."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.9:8080", at=1)
        talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.002 > P. 100\n0.0025 < .\n6.0025 > F.\n6.043 < .")
        for number in range(others):
            other = wire.talk(f"10.0.0.1:{41000 + number}", "10.0.0.9:8080", at=2 + number / 2)
            other.play(f"0 > S\n0.001 < S.\n0.0011 > .\n0.002 > P. {request}\n0.0025 < .\n{after} < P. 30")
            other.play(f"{after + 0.001} > F.\n{after + 0.002} < F.\n{after + 0.003} > .")

    finding = told(tmp_path, play).get("D51")
    return finding.explanation if finding else ""


@pytest.mark.parametrize(
    ("others", "request_", "after", "words"),
    [
        (
            4,
            100,
            0.01,
            "4 connections that began later, all with a request of as many bytes, got their answers",
        ),
        (
            4,
            90,
            0.01,
            "4 connections that began later got their answers at once: one of several workers or back",
        ),
        (2, 100, 0.01, ""),
        (4, 100, 3.0, ""),
    ],
    ids=["alike", "others", "few", "late"],
)
def test_others_that_are_answered_meanwhile(
    tmp_path: Path, others: int, request_: int, after: float, words: str
) -> None:
    told_ = left_beside(tmp_path, others, request_, after)
    assert "never answered it" in told_
    assert ("Meanwhile" in told_) is bool(words)
    assert words in told_


def test_a_server_is_counted_from_when_it_accepted_after_all(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:8080")
        talk.play(
            "0 > S\n0.001 < S.\n0.002 > .\n94.4 < S. again\n94.401 > .\n154.4 < F.\n154.41 > F.\n154.411 < ."
        )

    assert "closed after 60 s" in told(tmp_path, play)["D35"].explanation


def test_who_closed_first_is_open_where_the_fins_crossed(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:8080")
        talk.play(
            "0 > S\n0.001 < S.\n0.002 > .\n0.003 < F.\n0.0032 > F. ack=1\n0.004 < . ack=2\n0.005 > . ack=2"
        )

    assert "the client closed first: open, the FINs crossed" in told(tmp_path, play)["D35"].rivals


def test_a_reset_right_after_the_servers_fin_is_told_with_it(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:8080")
        talk.play("0 > S\n0.001 < S.\n0.002 > .\n0.003 > P. 300\n0.0031 < F.\n0.0032 < R.\n0.0033 > P. 5")

    assert "and reset it as well; client 10.0.0.9:40000 sent 305" in told(tmp_path, play)["D35"].explanation
