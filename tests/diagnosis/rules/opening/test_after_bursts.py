"""D02 of a socket that is shut after bursts of connects, and what looks nearly like it."""

from pathlib import Path

from tests.diagnosis.played import told
from tests.field.talk import GREETING, HANDSHAKE, Wire
from wirestat.model import Finding


def bursts(
    tmp_path: Path, each: int = 26, session: float = 60, spells: int = 2, longer: float = 0
) -> Finding:
    """Play a server that refuses for ten seconds after each burst, and after the last for longer."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:39000", "10.0.0.2:80").play(GREETING)
        talk.play(f"{session} > P. 30\n{session + 0.001} < P. 30\n{session + 0.0012} > .")
        made = 0
        for spell in range(spells):
            at = 5 + 20 * spell
            for number in range(each + 6):
                made += 1
                begins = at + (0.01 * number if number < each else 1 + 1.5 * (number - each))
                one = wire.talk(f"10.0.0.{20 + made % 3}:{40_000 + made}", "10.0.0.2:80", at=begins)
                if number < each:
                    one.play(HANDSHAKE).play("0.01 < P. 90\n0.0101 > .\n0.0102 < F.\n0.0104 > F.\n0.0106 < .")
                else:
                    one.play("0 > S\n0.0002 < R. seq=0")
        if longer:
            wire.talk("10.0.0.21:50000", "10.0.0.2:80", at=20 * spells + longer - 1).play(
                "0 > S\n0.0002 < R. seq=0"
            )
        wire.talk("10.0.0.20:50000", "10.0.0.2:80", at=20 * spells + longer).play(GREETING)

    return told(tmp_path, play)["D02"]


def test_a_port_that_is_shut_after_bursts(tmp_path: Path) -> None:
    said = bursts(tmp_path).explanation
    assert "Each of the 2 times it had let in 26 or more within a second just before" in said
    assert "while 1 open connection went on: a limit on new connections" in said
    assert "program ended then" not in said


def test_nothing_goes_on_meanwhile(tmp_path: Path) -> None:
    assert "a limit on new connections" not in bursts(tmp_path, session=3).explanation


def test_few_came_before(tmp_path: Path) -> None:
    assert "a limit on new connections" not in bursts(tmp_path, each=4).explanation


def test_once_may_be_an_end(tmp_path: Path) -> None:
    assert "a limit on new connections" not in bursts(tmp_path, spells=1).explanation


def test_it_is_shut_for_a_minute_once_and_for_seconds_at_other_times(tmp_path: Path) -> None:
    assert "a limit on new connections" not in bursts(tmp_path, session=200, longer=60).explanation
