"""D01 and D51 of a service whose program takes nobody, while its kernel opens connections."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Confidence, Fault, Finding, Severity

Asked = Callable[[Path], dict[str, Finding]]
OPEN = "0 > S\n0.001 < S.\n0.0011 > ."
SERVED = f"{OPEN}\n0.0012 > P. 53\n0.002 < P. 90\n0.0021 > .\n0.003 > F.\n0.004 < F.\n0.0041 > ."


def asked_in_vain(
    tmp_path: Path,
    *,
    tries: int = 4,
    beside: bool = False,
    other: str = "10.0.0.9:53",
    after: float = 0.1,
    asks: bool = True,
    closes: bool = False,
) -> dict[str, Finding]:
    """Let clients ask a server that takes nobody, then another; at last a SYN finds no answer."""

    def play(wire: Wire) -> None:
        for number in range(tries):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:53", at=3 * number)
            talk.play(OPEN + ("\n0.0012 > P. 53\n0.0013 < ." if asks else ""))
            talk.play("2 > F.\n2.001 < F.\n2.0011 > ." if closes else "2 > F.\n2.001 < .")
            wire.talk(f"10.0.0.1:{50_001 + number}", other, at=3 * number + 2 + after).play(SERVED)
        if beside:
            wire.talk("10.0.0.1:39001", "10.0.0.2:53", at=2.5).play(SERVED)
        last = wire.talk("10.0.0.1:45001", "10.0.0.2:53", at=3 * tries)
        last.play("0 > S\n1 > S again\n3 > S again\n7 > S again")

    return told(tmp_path, play)


def test_a_queue_that_nobody_empties_is_full_in_the_end(tmp_path: Path) -> None:
    found = asked_in_vain(tmp_path)
    unanswered, mute = found["D01"], found["D51"]
    assert (unanswered.fault, unanswered.confidence) == (Fault.SERVER, Confidence.LIKELY)
    assert "On 4 connections to this socket the client had asked and closed by then" in unanswered.explanation
    assert len([rival for rival in unanswered.rivals if rival.startswith("accept queue full")]) == 1
    assert (mute.severity, mute.confidence) == (Severity.WARNING, Confidence.LIKELY)
    assert "It asked 10.0.0.9:53 next, and was answered there" in mute.explanation


@pytest.mark.parametrize(
    "asked",
    [
        partial(asked_in_vain, tries=2),
        partial(asked_in_vain, beside=True),
        partial(asked_in_vain, asks=False),
        partial(asked_in_vain, closes=True),
    ],
    ids=["few", "others-served", "nothing-asked", "closes"],
)
def test_a_program_that_serves_takes_clients(asked: Asked, tmp_path: Path) -> None:
    unanswered = asked(tmp_path)["D01"]
    assert unanswered.fault is Fault.UNDECIDED
    assert "takes nobody" not in unanswered.explanation


@pytest.mark.parametrize(
    "asked",
    [partial(asked_in_vain, other="10.0.0.9:80"), partial(asked_in_vain, after=1.0)],
    ids=["another-port", "later"],
)
def test_what_others_answer_may_be_another_protocol(asked: Asked, tmp_path: Path) -> None:
    mute = asked(tmp_path)["D51"]
    assert mute.confidence is Confidence.POSSIBLE
    assert "was answered there" not in mute.explanation
