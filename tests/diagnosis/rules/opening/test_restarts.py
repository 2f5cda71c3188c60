"""D02 of sockets that accept at other times: how they came to refuse, and for how long they did."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, HANDSHAKE, Wire


def refused(wire: Wire, *instants: float) -> None:
    for at in instants:
        wire.talk(f"10.0.0.1:{50_000 + int(10 * at)}", "10.0.0.2:80", at=at).play("0 > S\n0.001 < R.")


CLOSES = "0 < F.\n0.0004 > F.\n0.001 < ."
KNOWS_NOTHING = "0 > P. 20\n0.0004 < R"


def ended(
    tmp_path: Path, *, many: int = 4, lets_in: bool = False, apart: float = 0.002, how: str = CLOSES
) -> str:
    """Let a server close so many at 4 s, and refuse from 5 to 7 s; return what D02 says."""

    def play(wire: Wire) -> None:
        for number in range(many):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80").play(GREETING)
            at = 4 + apart * number
            for line in how.splitlines():
                after, _, rest = line.partition(" ")
                talk.play(f"{at + float(after)} {rest}")
        if lets_in:
            wire.talk("10.0.0.1:45000", "10.0.0.2:80", at=4.8).play(GREETING)
        refused(wire, 5, 6, 7)
        wire.talk("10.0.0.1:46000", "10.0.0.2:80", at=8).play(GREETING)

    return told(tmp_path, play)["D02"].explanation


def test_a_program_that_ended_closes_all_at_once_and_refuses(tmp_path: Path) -> None:
    assert "it had closed 4 connections at one instant, and accepted nobody since" in ended(tmp_path)


@pytest.mark.parametrize(
    "changes", [{"many": 2}, {"lets_in": True}, {"apart": 0.3}], ids=["few", "lets-in", "one-by-one"]
)
def test_closes_that_tell_of_no_end(tmp_path: Path, changes: dict[str, float]) -> None:
    many, apart = int(changes.get("many", 4)), changes.get("apart", 0.002)
    assert "at one instant" not in ended(
        tmp_path, many=many, lets_in=bool(changes.get("lets_in")), apart=apart
    )


def test_resets_of_a_host_that_knows_no_connection_tell_of_no_end(tmp_path: Path) -> None:
    assert "at one instant" not in ended(tmp_path, how=KNOWS_NOTHING)


def kept_out(tmp_path: Path, closer: str, until: float) -> str:
    """Let an end close, and the server refuse from 2 s until some instant; return what D02 says."""

    def play(wire: Wire) -> None:
        other = ">" if closer == "<" else "<"
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:80").play(GREETING)
        talk.play(f"0.01 {closer} F.\n0.0104 {other} F.\n0.011 {closer} .")
        refused(wire, 2, until / 2, until)
        wire.talk("10.0.0.1:46000", "10.0.0.2:80", at=until + 3).play(HANDSHAKE)

    return told(tmp_path, play)["D02"].explanation


def test_a_socket_that_is_kept_out_by_time_wait(tmp_path: Path) -> None:
    assert "It accepted again 62 s after the last close of its own" in kept_out(tmp_path, "<", 59)


@pytest.mark.parametrize(
    ("closer", "until"), [("<", 30), ("<", 90), (">", 59)], ids=["sooner", "later", "client-closes"]
)
def test_a_socket_that_refuses_for_other_reasons(tmp_path: Path, closer: str, until: float) -> None:
    assert "SO_REUSEADDR" not in kept_out(tmp_path, closer, until)


def ends_again(tmp_path: Path, *lengths: int) -> str:
    """Let a server end each time at a request of some length, and refuse for a second; return what D02 says."""

    def play(wire: Wire) -> None:
        for round, length in enumerate(lengths):
            at = 5.0 * round
            for number in range(4):
                talk = wire.talk(f"10.0.0.1:{40_001 + 10 * round + number}", "10.0.0.2:80", at=at).play(
                    GREETING
                )
                talk.play("2.01 < F.\n2.0104 > F.\n2.011 < .")
            fatal = wire.talk(f"10.0.0.9:{40_001 + round}", "10.0.0.2:80", at=at + 2).play(HANDSHAKE)
            fatal.play(f"0.004 > P. {length}\n0.0044 < .\n0.0102 < F.\n0.0106 > F.\n0.011 < .")
            refused(wire, at + 2.3, at + 2.6, at + 2.9)
        wire.talk("10.0.0.1:46000", "10.0.0.2:80", at=5.0 * len(lengths)).play(GREETING)

    return told(tmp_path, play)["D02"].explanation


def test_a_program_that_ends_at_each_request_of_one_length(tmp_path: Path) -> None:
    assert "just after a request of 900 bytes, which was never answered (of 10.0.0.9)" in ends_again(
        tmp_path, 900, 900, 900
    )


@pytest.mark.parametrize("lengths", [(900,), (900, 400)], ids=["once", "other-lengths"])
def test_requests_before_an_end_that_tell_nothing(tmp_path: Path, lengths: tuple[int, ...]) -> None:
    assert "request of" not in ends_again(tmp_path, *lengths)


@pytest.mark.parametrize(("many", "apart", "is_told"), [(4, 0.002, True), (2, 0.002, False), (4, 0.3, False)])
def test_sessions_that_a_server_closes_together(
    tmp_path: Path, many: int, apart: float, *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(many):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80").play(GREETING)
            talk.play("0.9 > P. 20\n0.901 < P. 20\n0.9014 > .")
            at = 4 + apart * number
            talk.play(f"{at} < F.\n{at + 0.0004} > P. 20\n{at + 0.001} < R noack")

    assert ("at one instant" in told(tmp_path, play)["D12"].explanation) == is_told
