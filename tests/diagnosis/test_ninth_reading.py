"""Kinds of misreading that the ninth reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Finding, Severity

OPENED = "0 > S\n0.0001 < S.\n0.01 > .\n0.0101 > P. 84\n0.0102 < ."
ANSWERED = f"{OPENED}\n0.02 < P. 300\n0.03 > .\n0.04 > F.\n0.0401 < F.\n0.05 > ."


def asked(tmp_path: Path, left: float, *, answer: float = 0, count: int = 6) -> Finding | None:
    """The finding on requests that their client gives up after so long, beside one that is answered."""

    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", "10.0.0.2:8000").play(ANSWERED)
        for number in range(count):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:8000", at=1 + 9.0 * number).play(OPENED)
            talk.play(f"{left} > F.\n{left + 0.0001} < .")
            if answer:
                talk.play(f"{left + answer} < P. 500\n{left + answer + 0.01} > R noack seq=86")
            else:
                talk.play(f"{left + 0.0002} < F.\n{left + 0.01} > .")

    findings = told(tmp_path, play)
    assert "D30" not in findings
    return findings.get("D51")


def test_a_client_that_gives_several_requests_the_same_time_gives_up(tmp_path: Path) -> None:
    finding = asked(tmp_path, 2.0)
    assert finding is not None
    assert (finding.severity, finding.count) == (Severity.WARNING, 6)
    assert "never answered it; the client gave up after 1.99 s" in finding.explanation


def test_two_clients_that_leave_soon_are_chance(tmp_path: Path) -> None:
    assert asked(tmp_path, 2.0, count=2) is None


def test_an_answer_that_comes_when_the_client_has_left_is_none(tmp_path: Path) -> None:
    finding = asked(tmp_path, 6.0, answer=2.5)
    assert finding is not None
    assert "answered it after 8.49 s; the client had closed after 5.99 s" in finding.explanation


@pytest.mark.parametrize(
    ("after", "expected"), [(0.03, "D18"), (400, "D08")], ids=["at-once", "after-a-silence"]
)
def test_a_reset_with_another_ttl_of_a_host_that_has_just_spoken(
    tmp_path: Path, after: float, expected: str
) -> None:
    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", server_ttl=63)
            talk.play("0 > S\n0.01 < S.\n0.0101 > .\n0.02 > P. 84\n0.03 < P. 300\n0.0301 > .")
            talk.play(f"{0.03 + after} > P. 84\n{0.04 + after} < R noack ttl=64")

    findings = told(tmp_path, play)
    assert "D07" not in findings
    assert expected in findings


def silent(tmp_path: Path, pause: float) -> Finding:
    """The finding on a request after so long a silence that nobody answers, beside one after 8 s that is."""

    def play(wire: Wire) -> None:
        for number, silence in enumerate((8.0, pause)):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=3.0 * number)
            talk.play("0 > S\n0.01 < S.\n0.0101 > .\n0.02 > P. 84\n0.03 < P. 300\n0.0301 > .")
            talk.play(f"{silence} > P. 84")
            if not number:
                talk.play("8.01 < P. 300\n8.0101 > .")
            for wait in (0.2, 0.6, 1.4, 3.0, 6.2, 12.6) if number else ():
                talk.play(f"{silence + wait} > P. again")

    return told(tmp_path, play)["D09"]


def test_a_silence_before_what_nobody_answers_may_be_why(tmp_path: Path) -> None:
    finding = silent(tmp_path, 15.0)
    assert "both had been silent for about 15.2 s" in finding.explanation
    assert "lived through 7.97 s at most" in finding.explanation
    assert any("time-out on the way (D08): open" in rival for rival in finding.rivals)


def test_without_a_silence_before_it_no_idle_time_out_is_to_blame(tmp_path: Path) -> None:
    finding = silent(tmp_path, 0.1)
    assert "both had been silent" not in finding.explanation
    assert any("time-out on the way (D08): ruled out" in rival for rival in finding.rivals)


def connected(tmp_path: Path, way: float) -> Finding | None:
    """The finding on a SYN that is answered 4 ms after its only copy, beside connects that take so long."""

    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=5.0 * number)
            talk.play(f"0 > S\n{way} < S.\n{way + 0.0001} > .")
        wire.talk("10.0.0.1:50001", "10.0.0.2:80", at=20).play(
            "0 > S\n1.005 > S again\n1.009 < S.\n1.0091 > ."
        )

    return told(tmp_path, play).get("D34")


def test_a_syn_ack_that_comes_too_soon_after_a_copy_answers_the_syn(tmp_path: Path) -> None:
    finding = connected(tmp_path, 0.9)
    assert finding is not None
    assert finding.severity is Severity.NOTE
    assert "its first SYN was answered late" in finding.explanation


def test_on_a_short_way_it_answers_the_copy(tmp_path: Path) -> None:
    finding = connected(tmp_path, 0.003)
    assert finding is not None
    assert "its first SYN went unanswered" in finding.explanation


@pytest.mark.parametrize(("others", "told_so"), [(0, True), (9, False)], ids=["alone", "among-many"])
def test_one_syn_with_an_option_that_is_lost_among_many_is_chance(
    tmp_path: Path, others: int, *, told_so: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(others):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=1.0 * number)
            talk.play("0 > SEW\n0.003 < S.\n0.0031 > .")
        lost = wire.talk("10.0.0.1:50001", "10.0.0.2:80", at=20)
        lost.play("0 > SEW\n1.005 > S again\n1.009 < S.\n1.0091 > .")

    finding = told(tmp_path, play)["D34"]
    assert ("may drop these, or it was chance" in finding.explanation) is told_so
    assert "something on the way drops these" not in finding.explanation


def reset_at_once(tmp_path: Path, count: int) -> set[str]:
    """The findings on connections that a server with its own TTL resets at one instant, just after an answer."""

    def play(wire: Wire) -> None:
        for number in range(count):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80")
            talk.play("0 > S\n0.01 < S.\n0.0101 > .\n0.02 > P. 84\n0.03 < P. 300\n0.0301 > .")
            talk.play("0.0501 > P. 84\n0.0601 < R noack")

    return set(told(tmp_path, play))


def test_several_that_are_reset_at_once_were_not_forgotten(tmp_path: Path) -> None:
    assert "D07" in reset_at_once(tmp_path, 1)
    several = reset_at_once(tmp_path, 3)
    assert "D27" in several
    assert "D07" not in several


def test_a_close_that_nobody_acknowledges_ends_no_idle_connection(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=2.0 * number)
            talk.play("0 > S\n0.01 < S.\n0.0101 > .\n0.02 > P. 84\n0.03 < P. 300\n0.0301 > .")
            talk.play("30.03 > F.\n30.3 > F. again\n31 > F. again\n32.2 > F. again")

    assert "D30" not in told(tmp_path, play)


def test_answers_that_cross_in_a_loop_are_waited_for_by_nobody(tmp_path: Path) -> None:
    def play(wire: Wire, *, stuck: bool) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:80")
        talk.play("0 > S\n0.01 < S.\n0.0101 > .")
        for number in range(8):
            at = 1 + 3.0 * number
            talk.play(f"{at} > P. 84\n{at + 0.01} < .\n{at + 2} < P. 300\n{at + 2.001} > .")
        for wait in (0.2, 0.6, 1.4, 3.0, 6.2, 12.6) if stuck else ():
            talk.play(f"{26 + wait} < P. {'' if wait > 0.2 else '300'}{'again' if wait > 0.2 else ''}")

    assert "D49" in told(tmp_path, lambda wire: play(wire, stuck=False))
    assert "D49" not in told(tmp_path, lambda wire: play(wire, stuck=True))


def test_an_old_clock_that_is_taken_in_the_end_was_not_why(tmp_path: Path) -> None:
    def play(wire: Wire, *, taken_after: str) -> None:
        for number in range(4):
            good = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=1.0 * number)
            good.play(
                f"0 > S ts={900_000 + 1000 * number}\n0.001 < S.\n0.0011 > .\n0.01 > P. 84\n0.02 < P. 300"
            )
        for number in range(3):
            bad = wire.talk(f"10.0.0.1:{50_001 + number}", "10.0.0.2:80", at=10 + 80.0 * number)
            bad.play(f"0 > S ts={400_000 - 9000 * number}\n1 > S again")
            bad.play(f"{taken_after} > S again\n{taken_after}1 < S.\n{taken_after}2 > .")
            bad.play(f"{taken_after}3 > P. 84\n{taken_after}4 < P. 300")

    assert "D45" not in told(tmp_path, lambda wire: play(wire, taken_after="3.00"))
    assert "D45" in told(tmp_path, lambda wire: play(wire, taken_after="63.00"))


def test_a_syn_ack_that_echoes_the_first_syn_tells_that_this_arrived(tmp_path: Path) -> None:
    def echoed(echo: int) -> Finding:
        def play(wire: Wire) -> None:
            talk = wire.talk("10.0.0.1:40001", "10.0.0.2:80")
            talk.play(f"0 > S ts=5000\n1 > S again ts=6000\n1.02 < S. echo={echo}\n1.0201 > .")

        return told(tmp_path, play)["D34"]

    first, copy = echoed(5000), echoed(6000)
    assert "its first SYN was answered, and the answer did not arrive" in first.explanation
    assert "its first SYN went unanswered" in copy.explanation


def test_a_server_that_looks_at_its_idle_connections_now_and_then_has_a_time_out(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(9):
            talk = wire.talk(
                f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=number // 3 * 20 + number % 3 * 0.15
            )
            talk.play("0 > S\n0.01 < S.\n0.0101 > .\n0.02 > P. 84\n0.03 < P. 300\n0.0301 > .")
            closed = 4.5 - number % 3 * 0.15
            talk.play(f"{closed} < F.\n{closed + 0.0001} > .")

    assert "D30" in told(tmp_path, play)
