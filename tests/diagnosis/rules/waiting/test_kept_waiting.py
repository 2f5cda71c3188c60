"""D01: what waits while its client asks elsewhere in vain."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, Wire


def waited(wire: Wire, *, silent: float = 12.0, times: int = 4) -> None:
    """Ask a socket in vain for 7 s, four times, while another connection of the client is silent."""
    for number in range(4):
        at = 60.0 * number
        site = wire.talk(f"10.0.0.9:{50_000 + number}", "10.0.0.2:443", at=at).play(GREETING)
        if number < times:
            site.play("0 > P. 100\n0.002 < P. 300\n0.0021 > .", at=silent)
        site.play(FAREWELL, at=70)
        wire.talk(f"10.0.0.9:{51_000 + number}", "192.0.2.8:80", at=at + 0.01).play(
            "0 > S\n1 > S again\n3 > S again\n7 > S again"
        )


@pytest.mark.parametrize(
    ("silent", "times", "is_named"),
    [(12.0, 4, True), (2.0, 4, False), (65.0, 4, False), (12.0, 3, False)],
    ids=["as-long", "shorter", "far-longer", "not-each-time"],
)
def test_a_silence_as_long_as_the_attempt_is_named(
    tmp_path: Path, silent: float, times: int, *, is_named: bool
) -> None:
    finding = told(tmp_path, lambda wire: waited(wire, silent=silent, times=times))["D01"]
    assert ("connections to 10.0.0.2:443, and went on then" in finding.explanation) == is_named
