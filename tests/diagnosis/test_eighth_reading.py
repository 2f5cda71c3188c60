"""Kinds of misreading that the eighth reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import found, look
from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Severity


@pytest.mark.parametrize("recovers", [False, True], ids=["for-good", "for-a-while"])
def test_an_end_that_hears_again_is_not_deaf_for_good(tmp_path: Path, *, recovers: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:443", server_ttl=60).play(GREETING)
        talk.play("10 > P. 19\n10.03 < P. 19\n10.0301 > .\n30 > P. 19\n30.03 < .\n30.5 < P. 19")
        heard = talk.server.next - 19
        for at in (30.23, 30.67, 31.54, 33.3, 36.8, 43.8, 57.9):
            talk.play(f"{at} > P. 19 again ack={heard}\n{at + 0.03} < .")
        for at in (30.75, 31.2, 32.1, 33.9, 37.4, 44.5, 58.6):
            talk.play(f"{at} < P. 19 seq={heard}")
        if recovers:
            talk.play("58.61 > .\n59 > P. 19\n59.03 < P. 19\n59.04 > .")

    findings = told(tmp_path, play)
    if recovers:
        assert "D46" not in findings
        assert "acknowledged them: then it went on" in findings["D56"].explanation
    else:
        assert "any more" in findings["D46"].explanation
        assert findings["D46"].severity is Severity.ERROR


@pytest.mark.parametrize(("answers", "expected"), [(2, False), (6, True)])
def test_two_answers_are_no_habit_that_last_words_break(
    tmp_path: Path, answers: int, *, expected: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:4415").play("0 > S\n0.02 < S.\n0.021 > .")
        for number in range(answers):
            talk.play(f"{1 + number} > P. 40\n{1.03 + number} < P. 18\n{1.031 + number} > .")
        talk.play("9 > P. 38\n9.2 < .\n26 > F.\n26.2 < .")

    assert ("D51" in told(tmp_path, play)) is expected


@pytest.mark.parametrize(("wrong", "expected"), [(1, False), (3, True)])
def test_one_wrong_checksum_without_an_opening_may_be_the_capture_s(wrong: int, *, expected: bool) -> None:
    damaged = look(
        "client:bad-checksum",
        "client:data-resent",
        "client:sent-data",
        "server:sent-data",
        figures={"client:bad-checksum": wrong},
    )
    assert "D45" in found(damaged)
    assert ("D45" in found(damaged.also("mid-stream"))) is expected


def test_a_refusal_among_others_says_whether_its_syn_was_captured(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:39999", "10.0.0.2:80").play("0 < R. seq=0 ack=1")
        for number in range(3):
            wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=1.0 + number).play(
                "0 > S\n0.01 < R. seq=0 ack=1"
            )
        wire.talk("10.0.0.1:41001", "10.0.0.2:80", at=9).play(GREETING)

    assert (
        "a SYN of client 10.0.0.1:39999, which was not captured, with"
        in told(tmp_path, play)["D02"].explanation
    )


@pytest.mark.parametrize(("held", "expected"), [(0.002, True), (5.5, False)], ids=["let-go", "held"])
def test_spare_connections_of_a_browser_are_no_checks(tmp_path: Path, held: float, *, expected: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(20):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=1.3 * number)
            end = held + 0.02 * held * (number * 7 % 10)
            talk.play(f"0 > S\n0.0001 < S.\n0.0007 > .\n{end} > F.\n{end + 0.0002} < F.\n{end + 0.0009} > .")

    assert ("D42" in told(tmp_path, play)) is expected


@pytest.mark.parametrize(
    ("piece", "second", "expected"),
    [(90, None, True), (90, 0.0479, False), (1448, None, False)],
    ids=["pieces", "acknowledged-in-pairs", "full-segments"],
)
def test_only_small_pieces_wait_for_an_acknowledgement(
    tmp_path: Path, piece: int, second: float | None, *, expected: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:443").play("0 > S\n0.0005 < S.\n0.001 > .")
        for number in range(6):
            at = 1.0 + number
            talk.play(f"{at} > P. 70\n{at + 0.001} < P. {piece}")
            if second:
                talk.play(f"{at + second} < P. {piece}")
            talk.play(f"{at + 0.0482} > .\n{at + 0.0483} < P. {piece}\n{at + 0.049} > .")

    assert ("D53" in told(tmp_path, play)) is expected


@pytest.mark.parametrize(("words", "expected"), [(4, True), (30, False)], ids=["requests", "a-log"])
def test_a_few_requests_in_vain_are_no_log(tmp_path: Path, words: int, *, expected: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:502").play("0 > S\n0.0002 < S.\n0.0003 > .")
        for number in range(words):
            at = 17 + 44 * number / words
            talk.play(f"{at} > P. 12\n{at + 0.18} < .")
        talk.play("77 < F.\n77.0001 > .\n77.3 > F.\n77.3003 < .")

    assert ("D35" in told(tmp_path, play)) is expected


def test_a_server_that_closes_late_does_not_hold_a_check(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(20):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=2.0 * number)
            talk.play("0 > S\n0.0001 < S.\n0.0007 > .\n0.0009 > F.\n0.0405 < .\n30 < F.\n30.0005 > .")

    assert "D42" in told(tmp_path, play)
