"""D35: a socket that turns clients away as long as so many others are open."""

from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Talk, Wire
from wirestat.model import Confidence, Fault, Finding, Severity

OPEN = "0 > S\n0.001 < S.\n0.0011 > ."
ANSWER = "0.0012 > P. 6\n0.002 < P. 7\n0.0021 > ."


def client(wire: Wire, number: int, at: float, address: str = "10.0.0.1", port: int = 6379) -> Talk:
    return wire.talk(f"{address}:{40_001 + number}", f"10.0.0.2:{port}", at=at).play(OPEN)


def played(
    tmp_path: Path,
    *,
    words: int = 36,
    again: int = 2,
    served_so: bool = False,
    checks: str = "10.0.0.1",
    asks: bool = True,
    differ: int = 0,
    away: int = 4,
    late: float = 0.0,
    turns: int = 1,
    meanwhile: bool = False,
    keeps: int = 6,
    ends: bool = False,
    quick: int = 0,
    port: int = 6379,
) -> dict[str, Finding]:
    """Six connections that stay, four that are closed at once meanwhile, and some after the six have left.

    Or the program ``ends`` with each of the four, and with it six others of that time. So many ``quick`` ones are
    turned away as well, and close before the server does.
    """

    def play(wire: Wire) -> None:
        for number in range(0 if ends else keeps):
            client(wire, number, 0.25 * number, port=port).play(f"{ANSWER}\n8 > F.\n8.001 < F.\n8.0011 > .")
        if meanwhile:
            client(wire, 90, 3.1).play(f"{ANSWER}\n0.003 > F.\n0.004 < F.\n0.0041 > .")
        for number in range(away):
            if ends:  # each ends the program, which comes back, and six others that connect again
                for other in range(keeps):
                    talk = client(wire, 100 * (number + 1) + other, 4 + 3 * number + 0.25 * other)
                    talk.play(f"{ANSWER}\n{2.504 - 0.25 * other} < F.\n{2.505 - 0.25 * other} > F.")
            at = 6.5 + 3 * number if ends else 3 + 0.25 * number
            talk = client(wire, 10 + number, at, checks, port)
            for turn in range(turns):
                talk.play("0.0012 > P. 6\n0.0013 < ." if asks else "", at=late + 0.01 * turn)
                talk.play(
                    f"0.002 < P. {words + number * differ}\n0.0021 > ." if words else "",
                    at=late + 0.01 * turn,
                )
            end = late + 0.01 * (turns - 1)
            talk.play("0.003 < R." if number % 2 else "0.003 < F.\n0.004 > F.\n0.0041 < .", at=end)
        for number in range(quick):
            talk = client(wire, 40 + number, 3.1 + 0.25 * number, checks, port)
            talk.play(f"0.0012 > P. 6\n0.0013 < .\n0.002 < P. {words}\n0.0021 > F.\n0.003 < F.\n0.0031 > .")
        for number in range(again):
            talk = client(wire, 20 + number, 20 + number, port=port)
            if served_so:
                talk.play(
                    f"0.0012 > P. 6\n0.0013 < .\n0.002 < P. {words}\n0.0021 > .\n0.003 < F.\n0.004 > F."
                )
            else:
                talk.play(f"{ANSWER}\n0.003 > F.\n0.004 < F.\n0.0041 > .")

    return told(tmp_path, play)


@pytest.mark.parametrize(("words", "said"), [(36, "with the same 36 bytes"), (0, "without a word")])
def test_a_limit_of_connections_is_told_once(words: int, said: str, tmp_path: Path) -> None:
    found = played(tmp_path, words=words)
    finding = found["D35"]
    assert (finding.count, finding.fault, finding.severity) == (4, Fault.UNDECIDED, Severity.WARNING)
    assert f"each {said}: they all came while 6 others or more were open" in finding.explanation
    assert "all of them of 10.0.0.1. When fewer were, 5 at most" in finding.explanation
    assert not {"D12", "D16", "D27"}.intersection(found)


@pytest.mark.parametrize("how", [{"asks": False}, {"words": 0}], ids=["unasked", "without-a-word"])
def test_who_is_turned_away_before_an_answer_may_be_new(how: dict[str, Any], tmp_path: Path) -> None:
    assert "limit of connections, it seems" in played(tmp_path, checks="10.0.0.7", **how)["D35"].explanation


def test_a_client_that_reads_why_and_leaves_first_is_turned_away_too(tmp_path: Path) -> None:
    finding = played(tmp_path, quick=3)["D35"]
    assert (finding.count, finding.confidence) == (7, Confidence.LIKELY)
    assert "closed 7 connections at once, each with the same 36 bytes" in finding.explanation


@pytest.mark.parametrize("how", [{"words": 0}, {"asks": False}, {"port": 5432}])
def test_nobody_may_be_let_in_again(how: dict[str, Any], tmp_path: Path) -> None:
    finding = played(tmp_path, again=0, **how)["D35"]
    assert "a limit of connections, it seems" in finding.explanation
    assert "whether it lets in again once others have left does not show" in finding.doubts


@pytest.mark.parametrize(
    "how",
    [
        {"again": 0},
        {"away": 0, "quick": 4},
        {"served_so": True},
        {"keeps": 2},
        {"ends": True},
        {"checks": "10.0.0.7"},
        {"differ": 1},
        {"away": 2},
        {"late": 1.5},
        {"turns": 2},
        {"words": 2000},
        {"meanwhile": True},
    ],
    ids=[
        "nobody-after",
        "clients-close-first",
        "each-so",
        "few-open",
        "program-ends",
        "checks-of-another-host",
        "other-words-each",
        "few-turned-away",
        "not-at-once",
        "a-talk",
        "an-answer",
        "others-served-meanwhile",
    ],
)
def test_how_a_service_ends_is_no_limit(how: dict[str, Any], tmp_path: Path) -> None:
    finding = played(tmp_path, **how).get("D35")
    assert finding is None or "limit of connections, it seems" not in finding.explanation
