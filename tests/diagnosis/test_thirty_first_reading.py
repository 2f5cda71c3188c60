"""Kinds of misreading that the thirty-first reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, HANDSHAKE, Wire
from tests.packets import ip

CLIENT, SERVER = "10.0.0.1:40000", "10.0.0.2:80"


def _told(tmp_path: Path, lines: str) -> dict[str, str]:
    """Return what is said of one connection, by the diagnoses' ids."""
    found = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))
    return {id: finding.explanation for id, finding in found.items()}


@pytest.mark.parametrize("rejected", [True, False])
def test_a_syn_ack_that_icmp_rejects_does_not_arrive(tmp_path: Path, rejected: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER).play("0 > S\n0.001 < S.")
        if rejected:
            time_ns, _, data = wire.frames[-1]
            frame = ip.ethernet(ip.icmp_error("prohibited", "10.0.9.1", data[14:]))
            wire.frames.append((time_ns + 40_000, len(frame), frame))
        talk.play("3 < S. again")

    explanation = told(tmp_path, play)["D04"].explanation
    assert ("10.0.9.1 told it by ICMP that the traffic is prohibited" in explanation) == rejected
    assert ("its address is forged" in explanation) != rejected


@pytest.mark.parametrize(("ack", "is_told"), [(1, False), (101, True)])
def test_a_reset_that_acknowledges_no_data_leaves_none_unread(
    tmp_path: Path, ack: int, is_told: bool
) -> None:
    lines = HANDSHAKE + f"0.1 > P. 100\n0.3 > P. 100 again\n0.7 > P. 100 again\n0.8 < R. seq=1 ack={ack}"
    assert ("D16" in _told(tmp_path, lines)) == is_told


@pytest.mark.parametrize(
    ("size", "after", "is_told"), [(529, 0.00007, True), (31, 0.00007, False), (529, 3, False)]
)
def test_a_request_right_behind_the_close_that_begins_a_capture_may_have_crossed_it(
    tmp_path: Path, size: int, after: float, is_told: bool
) -> None:
    """A farewell is none, nor what comes long after."""
    lines = f"0 < F. seq=700 ack=1000\n{after} > P. {size} seq=1000 ack=700\n{after + 0.0001} < R seq=700"
    found = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER, stamps=False).play(lines))
    assert ("D17" in found) == is_told


@pytest.mark.parametrize("inside", ["10.0.0.1:40000", "10.0.5.5:40000"])
def test_an_answer_to_an_untranslated_source_is_the_other_half(tmp_path: Path, inside: str) -> None:
    """Where both names are the same, it is a connection of which all was captured."""

    def play(wire: Wire) -> None:
        said = wire.talk(CLIENT, SERVER, stamps=False, client_isn=5_000, server_isn=9_000)
        heard = wire.talk(inside, SERVER, stamps=False, client_isn=5_000, server_isn=9_000)
        for line in HANDSHAKE.strip().splitlines():
            seen, hidden = (said, heard) if ">" in line else (heard, said)
            seen.play(line)
            hidden.play(line + " lost")

    found = told(tmp_path, play)
    assert ("D40" in found) == (inside != CLIENT)
    assert "D25" not in found
    if "D40" in found:
        assert "Here in two halves" in found["D40"].explanation


def test_halves_of_a_connection_do_not_hide_another_that_was_captured_one_way(tmp_path: Path) -> None:
    """The halves say nothing, so they are not counted among what was captured one way."""

    def play(wire: Wire) -> None:
        said = wire.talk(CLIENT, "127.0.0.1:15001", client_isn=5_000, server_isn=9_000, stamps=False)
        heard = wire.talk(CLIENT, SERVER, client_isn=5_000, server_isn=9_000, stamps=False)
        for line in HANDSHAKE.strip().splitlines():
            seen, hidden = (said, heard) if ">" in line else (heard, said)
            seen.play(line)
            hidden.play(line + " lost")
        wire.talk("10.0.0.1:41000", SERVER, at=1).play(GREETING)
        alone = wire.talk("10.0.0.1:42000", SERVER, at=2)
        for line in GREETING.strip().splitlines():
            alone.play(line if ">" in line else line + " lost")

    assert "Only one direction of 1 connection of 4" in told(tmp_path, play)["D25"].explanation


@pytest.mark.parametrize(("port", "is_told"), [(40_000, True), (40_001, False)])
def test_a_refusal_at_once_to_the_port_that_asked_elsewhere_was_translated_back(
    tmp_path: Path, port: int, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        wire.talk("127.0.1.1:40000", "127.0.0.1:8080").play("0 > S")
        wire.talk(f"127.0.1.1:{port}", "192.0.2.9:80").play("0.00005 < R. seq=0 ack=1")

    found = told(tmp_path, play)
    assert ("D40" in found) == is_told
    assert ("D02" in found) != is_told


@pytest.mark.parametrize(("last", "is_told"), [(3.1, True), (0.5, False)])
def test_a_syn_here_twice_may_lack_its_last_translated_copy(
    tmp_path: Path, last: float, is_told: bool
) -> None:
    """The capture ended in between; a copy that no other comes close to is no translation's."""

    def play(wire: Wire) -> None:
        wire.talk("10.2.0.1:5000", "10.96.0.9:80", client_isn=77).play("0 > S\n1.03 > S again\n3.1 > S again")
        behind = wire.talk("10.2.0.1:5000", "10.2.0.8:8080", client_isn=77)
        at = 0.00003 if is_told else last
        behind.play(f"{at} > S\n{at + 1.03} > S again")

    found = told(tmp_path, play)
    assert ("D40" in found) == is_told


@pytest.mark.parametrize(("left", "is_told"), [(7.4, True), (1.2, False)])
def test_a_request_that_a_capture_begins_with_can_stay_unanswered(
    tmp_path: Path, left: float, is_told: bool
) -> None:
    lines = (
        f"0 > P. 408 seq=500 ack=900\n0.1 < . seq=900 ack=908\n{left} > F. seq=908 ack=900\n{left + 0.1} < . "
    )
    "ack=909"
    found = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))
    assert ("D51" in found) == is_told


@pytest.mark.parametrize("comes_back", [True, False])
def test_an_end_that_answers_hours_later_is_not_silent(tmp_path: Path, comes_back: bool) -> None:
    """It had got the octet that came each minute; by then the other had given it up."""
    lines = "0 < P. 1 seq=700 ack=1000\n" + "".join(f"{60 * step} < P. 1 seq=700\n" for step in range(1, 5))
    if comes_back:
        lines += "7468.016 > . seq=999 ack=701\n7468.017 < R seq=701"
    found = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))
    assert ("D09" in found) != comes_back
    assert ("D07" in found) == comes_back


@pytest.mark.parametrize(("after", "id"), [(0.03, "D27"), (0.0004, "D07")])
def test_a_bare_reset_many_round_trips_after_the_last_word_answers_none(
    tmp_path: Path, after: float, id: str
) -> None:
    lines = (
        "0 > S\n0.0001 < S.\n0.0004 > .\n0.02 > P. 287\n0.0201 < .\n0.05 < P. 84\n0.11 > P. 230\n0.1101 < .\n"
    )
    lines += f"0.2 < P. 1061\n{0.2 + after} > R"
    found = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER, stamps=False).play(lines))
    assert id in found
    assert ({"D07", "D27"} - {id}).isdisjoint(found)


@pytest.mark.parametrize(("window", "is_told"), [(2048, True), (0, False)])
def test_probes_that_nobody_answers_are_told_though_a_window_was_shut_before(
    tmp_path: Path, window: int, is_told: bool
) -> None:
    """Where it is shut still, that is D23's."""
    lines = HANDSHAKE + "0.1 > P. 9\n0.11 < P. 900\n0.12 > . win=0\n"
    lines += f"0.2 > . win={window}\n" if window else ""
    lines += "".join(f"{at} < . seq=900\n" for at in (0.6, 1.4, 3.1, 6.5, 13.2))
    found = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))
    assert ("D09" in found) == is_told
    assert ("D23" in found) != is_told


@pytest.mark.parametrize(("echo", "is_told"), [(338_000, True), (361_000, False)])
def test_a_syn_ack_that_answers_a_syn_from_before_the_capture_does_not_arrive(
    tmp_path: Path, echo: int, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER)
        talk.play(f"0 > S ts=361000\n0.001 < S. echo={echo}\n1.2 < S. again echo={echo}")

    finding = told(tmp_path, play)["D04"]
    assert ("asks again since before the capture began" in finding.explanation) == is_told
    assert any("the client asked again" in rival for rival in finding.rivals) == is_told
