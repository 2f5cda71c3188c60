"""D38: data that nobody asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, Wire


def pages(count: int, *, every: float = 0.05, own: bool = False) -> Callable[[Wire], None]:
    """Have so many servers send a page each to one host, which resets them."""

    def play(wire: Wire) -> None:
        for number in range(count):
            server = f"198.51.100.{1 + number}"
            talk = wire.talk(
                f"10.0.0.9:{20_000 + 7 * number}", f"{server}:80", at=every * number, stamps=False
            )
            talk.play("0 < P. 600\n0.0001 > R seq=0")
            if own:
                asked = wire.talk(f"10.0.0.9:{9000 + number}", f"{server}:80", at=every * number + 1)
                asked.play(GREETING).play(FAREWELL, at=1)
        wire.talk("10.0.0.9:40000", "10.0.0.2:443").play(GREETING).play(FAREWELL, at=3)

    return play


@pytest.mark.parametrize(
    ("count", "every", "own", "is_told"),
    [
        (20, 0.05, False, True),
        (19, 0.05, False, False),  # few
        (30, 0.5, False, False),  # by and by: clients of before the capture
        (30, 0.05, True, False),  # its own servers
    ],
)
def test_many_servers_send_to_who_never_asked(
    tmp_path: Path, count: int, every: float, own: bool, is_told: bool
) -> None:
    findings = told(tmp_path, pages(count, every=every, own=own))
    assert ("D38" in findings) == is_told
    assert ("D07" in findings) != is_told
    if is_told:
        assert findings["D38"].count == count
        assert "20 servers sent data to 10.0.0.9" in findings["D38"].explanation
