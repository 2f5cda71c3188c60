"""D49 of servers that let clients wait for as long as others are there."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Talk, Wire
from wirestat.model import Confidence, Fault, Finding, Severity


def ask(wire: Wire, port: int, began: float, answered: float, *, closes: bool = True) -> Talk:
    """Connect, ask at once, be answered at an instant of the capture, and leave."""
    talk = wire.talk(f"10.0.0.1:{port}", "10.0.0.2:443", at=began).play(HANDSHAKE)
    at = answered - began
    talk.play(f"0.003 > P. 300\n0.0034 < .\n{at} < P. 900\n{at + 0.0004} > .")
    if closes:
        talk.play(f"{at + 0.001} > F.\n{at + 0.0014} < F.\n{at + 0.0018} > .")
    return talk


def d49(tmp_path: Path, wire: Wire) -> Finding | None:
    return told(tmp_path, lambda empty: empty.frames.extend(wire.frames)).get("D49")


def served_late(mute: bool, answered: float | None = None) -> Wire:
    """Five clients come while the server is silent, which holds a mute connection all that time or does not."""
    wire = Wire()
    for number in range(4):
        ask(wire, 40_001 + number, 0.2 * number, 0.2 * number + 0.01)
    if mute:
        wire.talk("10.0.0.9:50000", "10.0.0.2:443", at=2).play(HANDSHAKE).play(
            "8 > F.\n8.001 < F.\n8.0015 > ."
        )
    for number in range(5):
        ask(wire, 41_001 + number, 2.5 + 0.7 * number, 10.005 + 0.005 * number)
    if answered is not None:
        ask(wire, 42_001, answered - 0.01, answered)
    return wire


@pytest.mark.parametrize("mute", [True, False])
def test_all_are_answered_at_one_instant(tmp_path: Path, mute: bool) -> None:
    finding = d49(tmp_path, served_late(mute))
    assert finding is not None
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.LIKELY)
    assert "let 5 clients wait" in finding.explanation
    assert ("10.0.0.9:50000 ended" in finding.explanation) is mute
    assert ("stood still" in finding.explanation) is not mute


@pytest.mark.parametrize("leaves", ["client", "server"])
def test_words_after_a_fin_hide_a_late_answer_where_they_are_the_answer(tmp_path: Path, leaves: str) -> None:
    def play(wire: Wire) -> None:
        for number in range(5):
            began, at = 0.7 * number, 10.0 + 0.005 * number - 0.7 * number
            talk = wire.talk(f"10.0.0.1:{41_001 + number}", "10.0.0.2:443", at=began).play(HANDSHAKE)
            talk.play("0.003 > P. 300\n0.0034 < .")
            if leaves == "client":
                talk.play(f"3 > F.\n3.001 < .\n{at} < P. 900\n{at + 0.0004} > R")
            else:
                talk.play(f"{at} < P. 900\n{at + 0.0001} < F.\n{at + 0.001} > P. 24\n{at + 0.0014} < R")

    finding = told(tmp_path, play).get("D49")
    is_told = finding is not None and "answered nobody since" in finding.explanation
    assert is_told == (leaves == "server")


def test_a_server_that_answers_somebody_meanwhile_did_not_stand_still(tmp_path: Path) -> None:
    finding = d49(tmp_path, served_late(mute=False, answered=7.0))
    assert finding is None or "answered nobody" not in finding.explanation


def test_a_talk_without_its_handshake_tells_that_the_program_goes_on(tmp_path: Path) -> None:
    wire = served_late(mute=False)
    talk = wire.talk("10.0.0.8:39000", "10.0.0.2:443", at=1)
    for second in range(9):
        talk.play(f"{second} > P. 20\n{second}.001 < P. 20\n{second}.0014 > .")
    finding = d49(tmp_path, wire)
    assert finding is None or "answered nobody" not in finding.explanation


@pytest.mark.parametrize("answer", ["< F.", "< ."])
def test_a_server_closes_meanwhile_only_what_it_closes_itself(tmp_path: Path, answer: str) -> None:
    wire = served_late(mute=False)
    wire.talk("10.0.0.9:50000", "10.0.0.2:443", at=2).play(HANDSHAKE).play(f"4 > F.\n4.001 {answer}")
    finding = d49(tmp_path, wire)
    assert finding is not None
    assert ("It closed 1 connection meanwhile" in finding.explanation) == (answer == "< F.")


def full(tmp_path: Path, *, delay: float = 0.02, talkers: int = 4) -> Finding | None:
    """Some talk all the time; three who came later are answered each when one of three others has left."""
    wire = Wire()
    for number in range(talkers + 3):
        talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:443", at=0.01 * number).play(HANDSHAKE)
        until = 14 if number < talkers else 6 + 2 * (number - talkers)
        for step in range(1, 2 * until):
            talk.play(f"{step / 2} > P. 20\n{step / 2 + 0.001} < P. 20\n{step / 2 + 0.0014} > .")
        if number >= talkers:
            talk.play(f"{until} > F.\n{until + 0.001} < F.\n{until + 0.0014} > .")
    for number in range(3):
        ask(wire, 41_001 + number, 2 + 0.3 * number, 6.06 + delay + 2 * number, closes=False)
    return d49(tmp_path, wire)


def test_each_is_answered_when_another_leaves(tmp_path: Path) -> None:
    finding = full(tmp_path)
    assert finding is not None
    assert "let 3 clients wait for 4.0" in finding.explanation
    assert "Each was answered when another connection had just ended" in finding.explanation
    assert "EMFILE" in finding.rivals[0]


@pytest.mark.parametrize("changes", [{"delay": 0.5}, {"talkers": 1}], ids=["later", "few-are-served"])
def test_answers_at_other_times_tell_of_no_limit(tmp_path: Path, changes: dict[str, float]) -> None:
    finding = full(tmp_path, delay=changes.get("delay", 0.02), talkers=int(changes.get("talkers", 4)))
    assert finding is None or "another connection had just ended" not in finding.explanation


def one_after_the_other(wire: Wire, *, crowd: int = 8, step: float = 0.3, alone: float | None = 0.3) -> None:
    """A crowd comes at once and is answered one by one; three come later, and meet nobody."""
    for number in range(crowd):
        ask(wire, 40_001 + number, 0.001 * number, step * (number + 1))
    for number in range(3 if alone is not None else 0):
        began = 10 + 2.0 * number
        ask(wire, 41_001 + number, began, began + (alone or 0))


def test_a_server_works_on_one_request_at_a_time(tmp_path: Path) -> None:
    finding = told(tmp_path, one_after_the_other)["D49"]
    assert finding.fault is Fault.SERVER
    assert "one after the other, each 300 ms after the one before" in finding.explanation
    assert "3 clients that came later, and met nobody, waited as long" in finding.explanation
    assert any("a limit of requests in a time: unlikely" in rival for rival in finding.rivals)


def test_who_is_let_in_when_the_queue_is_empty_ends_the_run(tmp_path: Path) -> None:
    """Its SYNs met a full queue, and its back-off is longer than the queue lasts: it waits for no other client."""

    def play(wire: Wire) -> None:
        one_after_the_other(wire, alone=None)
        talk = wire.talk("10.0.0.1:41001", "10.0.0.2:443", at=0.02)
        talk.play("0 > S\n1 > S again\n3 > S again\n3.001 < S.\n3.002 > .\n3.003 > P. 300\n3.0034 < .")
        talk.play("3.303 < P. 900\n3.3034 > .")

    assert "answered 7 clients that waited at the same time" in told(tmp_path, play)["D49"].explanation


def test_who_comes_with_others_does_not_come_alone(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        one_after_the_other(wire, alone=None)
        for number in range(3):
            ask(wire, 41_001 + number, 10 + 0.01 * number, 10.3 + 0.01 * number)

    assert "1 client that came later, and met nobody" in told(tmp_path, play)["D49"].explanation


@pytest.mark.parametrize("alone", [0.02, None])
def test_equal_steps_may_be_those_of_a_limit_where_nobody_came_alone(
    tmp_path: Path, alone: float | None
) -> None:
    finding = told(tmp_path, lambda wire: one_after_the_other(wire, alone=alone))["D49"]
    assert finding.confidence is Confidence.POSSIBLE
    assert any("a limit of requests in a time: open" in rival for rival in finding.rivals)


@pytest.mark.parametrize("changes", [{"crowd": 5}, {"step": 0.02}], ids=["few", "quick"])
def test_a_short_queue_is_none(tmp_path: Path, changes: dict[str, float]) -> None:
    crowd, step = int(changes.get("crowd", 8)), changes.get("step", 0.3)
    finding = told(tmp_path, lambda wire: one_after_the_other(wire, crowd=crowd, step=step)).get("D49")
    assert finding is None or "one after the other" not in finding.explanation


def test_clients_who_come_by_a_clock_do_not_queue(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(10):
            ask(wire, 40_001 + number, 0.3 * number, 0.3 * number + 1.5)

    finding = told(tmp_path, play).get("D49")
    assert finding is None or "one after the other" not in finding.explanation


@pytest.mark.parametrize(
    ("at_once", "jitter", "words"),
    [
        (2, 0.0, "8 clients that waited at the same time 2 at once, each time 500 ms after those before"),
        (3, 0.0, "7 clients that waited at the same time 3 at once, each time 500 ms after those before"),
        (2, 0.2, ""),
    ],
    ids=["pairs", "threes", "uneven"],
)
def test_a_few_workers_answer_so_many_at_once(
    at_once: int, jitter: float, words: str, tmp_path: Path
) -> None:
    wire = Wire()
    for number in range(10):
        batch = number // at_once
        ask(
            wire,
            41_001 + number,
            0.001 * number,
            0.5 * (batch + 1) + 0.002 * (number % at_once) + jitter * (batch % 2),
        )
    for number in range(2):
        ask(wire, 42_001 + number, 20.0 + number, 20.5 + number)
    finding = d49(tmp_path, wire)
    assert finding is not None
    assert words in finding.explanation
    assert ("requests at a time" in finding.explanation) is bool(words)
