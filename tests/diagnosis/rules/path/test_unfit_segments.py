"""D09: too few hops to live, and numbers at which small stacks fail."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.model import Finding


def resent(tmp_path: Path, *, isn: int = 5, ttl: int = 64) -> Finding:
    """Send 1,000 bytes that are taken and 1,000 that are not, from an initial number, with a TTL."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:554", stamps=False, client_isn=isn % 2**32)
        talk.play(HANDSHAKE).play(f"0.01 > P. 1000\n0.02 < .\n0.1 > P. 1000 ttl={ttl}")
        talk.play(
            "\n".join(f"{0.1 + wait} > P. again ttl={ttl}" for wait in (0.2, 0.6, 1.4, 3, 6.2, 12.6, 25.4))
        )

    return told(tmp_path, play)["D09"]


@pytest.mark.parametrize(
    ("before", "is_told"),
    [(1000, False), (1001, True), (1500, True), (2001, True), (2002, False)],
)
@pytest.mark.parametrize("edge", [2**32, 2**31])
def test_numbers_at_which_small_stacks_fail(tmp_path: Path, edge: int, before: int, is_told: bool) -> None:
    finding = resent(tmp_path, isn=edge - before)
    assert any("compares sequence numbers" in rival for rival in finding.rivals) == is_told


@pytest.mark.parametrize(("ttl", "is_told"), [(1, True), (2, False), (64, False)])
def test_packets_that_may_go_no_further(tmp_path: Path, ttl: int, is_told: bool) -> None:
    finding = resent(tmp_path, ttl=ttl)
    assert any("TTL of 1" in rival for rival in finding.rivals) == is_told
