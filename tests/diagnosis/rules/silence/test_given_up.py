"""Ends that have given up, or go on though they should not (D07, D14, D27), and windows that stay shut (D44)."""

from pathlib import Path

import pytest

from tests.diagnosis.rules.opening.test_late_answers import told
from tests.field.talk import GREETING, HANDSHAKE, Talk


@pytest.mark.parametrize(("late", "is_told"), [(33.4, True), (0.4, False)])
def test_an_answer_that_comes_when_the_client_has_given_up(
    tmp_path: Path, late: float, is_told: bool
) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(f"0 > S\n{late} < S.\n{late + 0.00004} > R seq=1")

    finding = told(tmp_path, "D27", 2, tell)
    assert finding
    assert ("had given up by then" in finding.explanation) is is_told


def test_copies_that_are_sent_after_the_reset_are_not_called_unanswered(tmp_path: Path) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play("40 > P. 80\n40.0005 < R seq=301")
        for at in (40.21, 40.63, 41.47, 43.15, 46.5, 53.2, 66.6):
            talk.play(f"{at} > P. 80 seq=101\n{at + 0.0005} < R seq=301")

    finding = told(tmp_path, "D07", 1, tell)
    assert finding
    assert "7 copies although each was answered" in finding.explanation
    assert "-" not in finding.explanation.partition("sent to")[2]  # no negative time


@pytest.mark.parametrize(
    ("last", "often"),
    [
        ("26.2 > FP. 8 seq=101", "7 times within 25.2 s"),  # the data again, and the FIN with them
        ("26.2 > F. seq=109", "6 times within 25.2 s"),  # the FIN alone
    ],
)
def test_a_copy_that_bears_the_fin_besides_is_a_copy(tmp_path: Path, last: str, often: str) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play("0.78 > P. 8")
        for at in (1.0, 1.43, 2.3, 4.0, 7.4, 14.2):
            talk.play(f"{at} > P. 8 seq=101")
        talk.play(f"15 > F.\n{last}\n26.2005 < R seq=301")

    finding = told(tmp_path, "D07", 1, tell)
    assert finding
    assert f"sent the same again {often} without an answer" in finding.explanation


@pytest.mark.parametrize(("opens", "is_told"), [(0.05, True), (38.0, False)])
def test_a_window_that_stays_shut_for_long_is_the_server_s_own(
    tmp_path: Path, opens: float, is_told: bool
) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play("0 > S\n0.001 < S. win=0\n0.0012 > .")
        at = 0.3
        while at < opens:
            talk.play(f"{at} > . seq=0\n{at + 0.001} < . win=0")
            at *= 2
        talk.play(f"{opens} < .\n{opens + 0.01} > P. 100\n{opens + 0.012} < P. 200")

    assert (told(tmp_path, "D44", 2, tell) is not None) is is_told


@pytest.mark.parametrize(("data", "is_told"), [("5.2 > P. 31\n5.21 > F.", True), ("5.21 > F.", False)])
def test_a_last_ack_that_is_missing_with_the_data_before_it(tmp_path: Path, data: str, is_told: bool) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(HANDSHAKE).play(f"1 > P. 100\n1.001 < P. 300\n1.0011 > .\n5 < F.\n5.001 > .\n{data}")
        for at in (5.45, 5.93, 6.9, 8.8):
            talk.play(f"{at} > FP. 31 seq=101" if is_told else f"{at} > F. again")

    lost, harmless = (told(tmp_path, id, 1, tell) for id in ("D09", "D14"))
    assert (lost is not None and "its last 31 bytes and its FIN again" in lost.explanation) is is_told
    assert (harmless is None) is is_told


@pytest.mark.parametrize("is_heard", [True, False])
def test_an_end_that_is_heard_again_after_it_was_given_up_is_no_dead_host(
    tmp_path: Path, is_heard: bool
) -> None:
    """It has got none of the copies, and sends what was due all the while: a way that was down in both directions."""

    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play("1 > P. 80")
        for at in (1.3, 1.9, 3.1, 5.5, 10.3, 19.9):
            talk.play(f"{at} > P. 80 seq=101")
        talk.play("25 > F.")
        if is_heard:
            talk.play("31 < P. 79 ack=101\n31.0001 > R seq=101")

    stalled, dead = (told(tmp_path, id, 1, tell) for id in ("D56", "D09"))
    assert (stalled is not None) is is_heard
    assert (dead is None) is is_heard


@pytest.mark.parametrize("lets_in", [True, False])
def test_a_host_that_lets_others_in_meanwhile_was_not_out_of_reach(tmp_path: Path, lets_in: bool) -> None:
    def tell(talk: Talk, number: int) -> None:
        if number:
            talk.play(GREETING if lets_in else "30 > S\n30.001 < S.\n30.0011 > .")
            return
        talk.play(GREETING).play("1 > P. 80")
        for at in (1.3, 1.9, 3.1, 5.5, 10.3, 19.9):
            talk.play(f"{at} > P. 80 seq=101")
        talk.play("25 > F.\n31 < P. 79 ack=101\n31.0001 > R seq=101")

    stalled = told(tmp_path, "D56", 2, tell)
    assert stalled
    assert ("was out of reach meanwhile" in stalled.explanation) is not lets_in
    assert ("the same host was connected to meanwhile" in str(stalled.rivals)) is lets_in


@pytest.mark.parametrize("stands", [True, False])
def test_a_connection_is_dropped_alone_where_no_other_stands(tmp_path: Path, stands: bool) -> None:
    """The segments that are resent are small, so their size is no reason."""

    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING)
        copies = (2.3, 2.9, 4.1, 6.5, 11.3, 20.9, 40.1)
        if number == 0 or (number == 1 and stands):
            talk.play("2 > P. 80\n" + "\n".join(f"{at + 3 * number} > P. again" for at in copies))
        if number == 2:
            talk.play("1 > P. 10\n1.001 < P. 10\n1.0011 > .\n30 > P. 10\n30.001 < P. 10\n30.0011 > .")

    finding = told(tmp_path, "D09", 3, tell)
    assert finding
    assert ("drops this connection alone" in finding.explanation) is not stands
    assert "what was resent is small" in str(finding.rivals)


@pytest.mark.parametrize(("later", "is_told"), [(0.2, True), (20, False)])
def test_a_host_that_answers_soon_after_was_hardly_dead(tmp_path: Path, later: float, is_told: bool) -> None:
    def tell(talk: Talk, number: int) -> None:
        if number:
            at = 37.1 + later  # it begins three seconds after the first
            talk.play(
                f"{at} > S\n{at + 0.001} < S.\n{at + 0.0011} > .\n{at + 0.01} > P. 10\n{at + 0.011} < ."
            )
            return
        copies = (2.3, 2.9, 4.1, 6.5, 11.3, 20.9, 40.1)
        talk.play(GREETING).play("2 > P. 80\n" + "\n".join(f"{at} > P. again" for at in copies))

    finding = told(tmp_path, "D09", 2, tell)
    assert finding
    assert ("came back just then" in str(finding.doubts)) is is_told
    assert ("after that" in finding.explanation) is is_told
