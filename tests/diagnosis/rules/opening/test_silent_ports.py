"""D01 of ports that are silent at all servers, and what looks nearly like it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.diagnosis.played import every
from tests.field.talk import GREETING, Wire

IN_VAIN = "0 > S\n1.01 > S again\n3.03 > S again\n7.19 > S again\n15.38 > S again"


def blocked(tmp_path: Path, ports: Sequence[int], hosts: int = 4) -> list[str]:
    """Play a client that asks servers in vain at these ports, and one of them well at another."""

    def play(wire: Wire) -> None:
        for place, port in enumerate(ports):
            for host in range(hosts):
                wire.talk(f"10.0.0.1:{41_000 + hosts * place + host}", f"203.0.113.{host}:{port}").play(
                    IN_VAIN
                )
        wire.talk("10.0.0.1:40000", "203.0.113.1:443").play(GREETING)

    said = [finding.explanation for finding in every(tmp_path, play) if finding.id == "D01"]
    return [one for one in said if "dropped near the client" in one]


@pytest.mark.parametrize("ports", [(25,), (25, 465)])
def test_each_port_that_is_blocked_is_told_of(tmp_path: Path, ports: Sequence[int]) -> None:
    said = blocked(tmp_path, ports)
    assert len(said) == len(ports)
    for port, one in zip(ports, sorted(said), strict=True):
        assert f"None of the 4 servers that it asked at port {port} answered there" in one


def test_few_servers_tell_nothing(tmp_path: Path) -> None:
    assert not blocked(tmp_path, (25,), hosts=2)


def test_a_scan_finds_most_ports_silent(tmp_path: Path) -> None:
    assert not blocked(tmp_path, range(8000, 8010))
