"""Stalls that pass (D56), FINs that nobody gets (D13), servers that stood still (D49): told, and their rivals not."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told as told_of
from tests.diagnosis.rules.opening.test_late_answers import told
from tests.field.talk import BASE_NS, FAREWELL, GREETING, HANDSHAKE, Talk, Wire
from wirestat.timers import SECOND


@pytest.mark.parametrize(
    ("copies", "is_told"),
    [
        ((0.71, 1.13, 1.97), True),
        ((0.71, 1.13), False),  # two copies
        ((0.71, 0.91, 1.11, 1.31), True),
    ],
)
def test_data_that_are_sent_again_for_seconds(
    tmp_path: Path, copies: tuple[float, ...], is_told: bool
) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play("0.5 > P. 60")
        for at in copies:
            talk.play(f"{at} > P. again")
        talk.play("3.2 < .").play(FAREWELL, at=4)

    finding = told(tmp_path, "D56", 1, tell)
    assert (finding is not None) is is_told
    if finding:
        assert finding.severity == "note"
        assert "acknowledged them: then it went on" in finding.explanation


def test_a_stall_that_is_soon_over_is_loss(tmp_path: Path) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play("0.5 > P. 60\n0.71 > P. again\n1.13 > P. again\n1.97 > P. again\n2.0 < .")

    assert told(tmp_path, "D56", 1, tell) is None


@pytest.mark.parametrize(("number", "apart", "is_told"), [(3, 0.05, True), (2, 0.05, False), (3, 4.0, False)])
def test_brief_stalls_of_several_at_one_moment(
    tmp_path: Path, number: int, apart: float, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for one in range(number):
            talk = wire.talk(f"10.0.0.9:{40_000 + one}", "10.0.0.2:80", at=apart * one)
            talk.play(GREETING).play(
                "0.5 > P. 60\n0.71 > P. again\n1.13 > P. again\n1.97 > P. again\n2.0 < ."
            )

    finding = told_of(tmp_path, play).get("D56")
    assert (finding is not None) is is_told
    if finding:
        assert "2 others between these hosts stood at that moment as well" in finding.explanation


def test_a_receiver_that_closes_without_the_data(tmp_path: Path) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play("1 < P. 40\n1.2 < P. again\n1.6 < P. again\n2.4 < P. again\n4 < P. again")
        talk.play("5 > F. ack=301")

    finding = told(tmp_path, "D56", 1, tell)
    assert finding
    assert finding.severity == "warning"
    assert "closed without having acknowledged them" in finding.explanation


def test_data_that_come_again_after_the_close_as_well_are_told_once(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:80").play(GREETING)
        talk.play("1 < P. 40\n1.2 < P. again\n1.6 < P. again\n2.4 < P. again\n4 < P. again\n7.2 < P. again")
        talk.play("8 > F. ack=301\n13.6 < P. again\n26.4 < P. again\n52 < P. again")

    findings = told_of(tmp_path, play)
    assert "D09" in findings
    assert "D56" not in findings


def test_a_client_that_gave_up_before_its_data_were_acknowledged(tmp_path: Path) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play("1 > P. 60\n1.2 > P. again\n1.6 > P. again\n2.4 > P. again\n4 > P. again")
        talk.play("6 > F.\n7 < .\n7.001 < F.\n7.002 > .")

    finding = told(tmp_path, "D56", 1, tell)
    assert finding
    assert finding.severity == "warning"
    assert "by then client 10.0.0.9:40000 had given up and closed" in finding.explanation


@pytest.mark.parametrize(("server", "at", "is_same"), [("10.0.0.2:443", 2, True), ("10.0.0.3:443", 2, False)])
def test_connects_that_are_answered_meanwhile_rule_the_way_out(
    tmp_path: Path, server: str, at: float, is_same: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80").play(GREETING).play("1 > P. 60")
        for copy in (1.2, 1.6, 2.4, 4, 7.2):
            talk.play(f"{copy} > P. again")
        talk.play("7.21 < .\n7.22 < P. 300\n7.23 > .")
        wire.talk("10.0.0.1:41000", server, at=at).play(GREETING)

    finding = told_of(tmp_path, play)["D56"]
    assert (" Meanwhile the same host answered 1 connect of 10.0.0.1." in finding.explanation) == is_same
    assert any(rival.startswith("the way was down for that time, in") for rival in finding.rivals) == is_same
    assert any("unlikely, the same host was connected to" in rival for rival in finding.rivals) == is_same
    assert any("a device on the way that drops" in rival for rival in finding.rivals)


def test_a_stall_begins_with_its_own_copies(tmp_path: Path) -> None:
    """Another copy eight seconds before was acknowledged at once, and belongs to no stall."""

    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play("0.5 > P. 60\n0.72 > P. again\n0.73 < .\n9 > P. 60")
        for at in (9.2, 9.6, 10.4, 12):
            talk.play(f"{at} > P. again")
        talk.play("12.1 < .")

    finding = told(tmp_path, "D56", 1, tell)
    assert finding
    assert "for 2.9 s" in finding.explanation
    assert finding.since_ns is not None
    assert finding.since_ns > BASE_NS + 9 * SECOND


def test_a_shut_window_is_no_stall(tmp_path: Path) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play("0.4 < . win=0\n0.5 > P. 60")
        for at in (0.71, 1.13, 1.97, 3.65):
            talk.play(f"{at} > P. again")
        talk.play("5.2 < .")

    assert told(tmp_path, "D56", 1, tell) is None


@pytest.mark.parametrize(("ack", "is_told"), [(301, True), (302, False)])
def test_a_fin_that_is_lost_and_never_sent_again(tmp_path: Path, ack: int, is_told: bool) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play(f"1 < F.\n20 > P. 50 ack={ack}")

    finding = told(tmp_path, "D13", 1, tell)
    assert (finding is not None and "has never sent it again" in finding.explanation) is is_told


def test_what_crosses_a_fin_shows_nothing(tmp_path: Path) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.play(GREETING).play("1 < F.\n1.001 > P. 50 ack=301")

    assert told(tmp_path, "D13", 1, tell) is None


@pytest.mark.parametrize(("turned_away", "is_told"), [(True, True), (False, False)])
def test_answers_that_come_all_at_once(tmp_path: Path, turned_away: bool, is_told: bool) -> None:
    def tell(talk: Talk, number: int) -> None:
        begun = (talk.start, number)
        if number < 4:
            talk.play(HANDSHAKE).play(
                f"0.01 > P. 50\n0.2 < .\n{60 - begun[0]} < P. 200\n{60.1 - begun[0]} > ."
            )
        elif turned_away:
            talk.play("0 > S\n0.0003 < R. seq=0")
        else:
            talk.play(GREETING)

    finding = told(tmp_path, "D49", 6, tell)
    assert (finding is not None and "all at once" in finding.explanation) is is_told


@pytest.mark.parametrize("is_full", [True, False])
def test_first_words_in_vain_beside_ignored_acks_are_no_stall(tmp_path: Path, is_full: bool) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.start = 0.01 * number
        talk.play(HANDSHAKE).play("0.002 > P. 60")
        talk.play("0.21 > P. again\n0.62 > P. again\n1.44 > P. again\n3.1 > P. again")
        if is_full and number % 2:  # the server asks some once more
            talk.play("1.1 < S. again\n1.1001 > .\n3.05 < S. again\n3.0501 > .")
        talk.play("6.0 > P. again\n6.001 < .\n6.5 < P. 90\n6.501 > .")

    stalled, ignored = (told(tmp_path, id, 4, tell) for id in ("D56", "D05"))
    assert (stalled is None) is is_full
    assert (ignored is not None) is is_full
    if ignored:
        assert ignored.count == 4
        assert "threw the client's data away" in ignored.explanation


def test_a_stall_after_words_that_were_taken_is_no_full_queue(tmp_path: Path) -> None:
    def tell(talk: Talk, number: int) -> None:
        talk.start = 0.01 * number
        if number:
            talk.play(GREETING).play("0.5 > P. 60")
            talk.play("0.71 > P. again\n1.13 > P. again\n1.97 > P. again\n3.2 < .")
        else:
            talk.play(HANDSHAKE).play("1.1 < S. again\n1.1001 > .\n3.05 < S. again\n3.0501 > .")

    assert told(tmp_path, "D56", 3, tell) is not None


def test_copies_that_a_close_acknowledges_are_taken_in_the_end(tmp_path: Path) -> None:
    """The capture begins with them; the server answers 408 and closes, and its client sends on."""
    copies = "".join(f"\n{at} > P. 19 seq=1 ack=1" for at in (0.5, 1.5, 3.5, 7.4, 15.3, 31.1))
    lines = f"0 > P. 19 seq=1 ack=1{copies}\n39.3 < FP. 590 seq=1 ack=20\n39.301 > P. 4 seq=20 ack=592"
    findings = told_of(tmp_path, lambda wire: wire.talk("10.0.0.1:40000", "10.0.0.2:80").play(lines))
    assert "D09" not in findings
    assert "until server 10.0.0.2:80 acknowledged them" in findings["D56"].explanation
