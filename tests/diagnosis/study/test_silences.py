"""D08 beside others: which silences two hosts survive, and which they do not."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import Look, found, look
from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.diagnosis.study.silences import Bracket
from wirestat.model import Fault, State
from wirestat.timers import SECOND

KNOWN = {350: "one", 900: "another"}


def survived(seconds: int) -> Look:
    return look(
        "client:idle-gap",
        "client:sent-data",
        "server:sent-data",
        figures={"client:idle-gap": seconds * SECOND},
    )


def died(seconds: int) -> Look:
    return look(
        "client:idle-gap",
        "client:sent-data",
        "server:sent-data",
        "server:rst-sent",
        "server:rst-no-socket",
        "server:rst-after-idle",
        client=State.CLOSED,
        server=State.CLOSED,
        figures={"client:idle-gap": seconds * SECOND, "server:rst-after-idle": seconds * SECOND},
        frame_of={"server:rst-sent": 20, "server:rst-no-socket": 20, "server:rst-after-idle": 20},
    )


def test_silences_that_lived_and_died_bracket_a_time_out() -> None:
    findings = found(survived(300), survived(890), died(905), died(1210))
    assert findings["D08"].fault is Fault.PATH
    assert findings["D08"].count == 2
    assert (
        "the shortest of 15 min 5 s, and silences of up to 14 min 50 s were survived"
        in findings["D08"].explanation
    )
    assert "D07" not in findings


def test_a_longer_silence_that_lived_denies_it() -> None:
    findings = found(survived(1000), died(905), died(1210))
    assert "D08" not in findings
    assert findings["D07"].count == 2


def test_one_death_tells_nothing() -> None:
    assert "D08" not in found(survived(300), died(905))


@pytest.mark.parametrize(
    ("bracket", "names"),
    [
        (Bracket(300 * SECOND, 360 * SECOND, 2), ("the 5 min 50 s of one",)),
        (Bracket(360 * SECOND, 800 * SECOND, 2), ()),
        (Bracket(0, 905 * SECOND, 3), ("the 15 min of another",)),
    ],
)
def test_names_what_lies_between(bracket: Bracket, names: tuple[str, ...]) -> None:
    assert bracket.names(KNOWN) == names


@pytest.mark.parametrize(
    ("apart", "is_told"), [(200.0, True), (3.0, False)], ids=["spread", "one-instant-in-all"]
)
def test_silences_of_several_clients_of_a_socket(tmp_path: Path, apart: float, *, is_told: bool) -> None:
    def play(wire: Wire) -> None:
        for number, pause in enumerate((120, 240, 290, 310, 420, 600, 900)):
            talk = wire.talk(f"10.0.0.{20 + number}:40000", "10.0.0.2:5432", at=apart * number).play(GREETING)
            talk.play(f"{pause} > P. 80")
            if pause < 300:
                talk.play(f"{pause + 0.002} < P. 300\n{pause + 0.0021} > .")
            else:
                talk.play("".join(f"{pause + copy} > P. again\n" for copy in (0.21, 0.64, 1.5, 3.2, 6.7)))

    words = told(tmp_path, play)["D08"].explanation
    assert ("silences of up to 4 min 50 s were survived" in words) == is_told
