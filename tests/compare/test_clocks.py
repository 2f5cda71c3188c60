"""A clock's offset and drift are found, as closely as the delays allow."""

from pathlib import Path

import pytest

import wirestat
from tests.compare import lab
from tests.compare.captures import HOUR, crooked, records

LONG = ["random-loss-1", "random-loss-3", "close-wait-leak"]


@pytest.mark.parametrize("name", ["normal-close-by-client", "nat-normal-close", "ipv6-normal-close", *LONG])
@pytest.mark.parametrize("offset_ns", [0, 5 * HOUR, -3 * HOUR])
def test_the_offset(name: str, offset_ns: int, tmp_path: Path) -> None:
    client, server = lab.paths(name, ("client", "server"))
    server = crooked(server, tmp_path / "server.pcap", offset_ns, 0.0)
    clock = wirestat.compare(client, server).comparison.points[1].clock
    assert clock is not None
    assert clock.uncertainty_ns is not None
    assert abs(clock.offset_ns - offset_ns) <= clock.uncertainty_ns
    assert clock.drift == 0
    assert not clock.stepped


@pytest.mark.parametrize("name", ["random-loss-1", "random-loss-2", "random-loss-3"])
@pytest.mark.parametrize("drift", [100e-6, -100e-6])
def test_the_drift(name: str, drift: float, tmp_path: Path) -> None:
    client, server = lab.paths(name, ("client", "server"))
    server = crooked(server, tmp_path / "server.pcap", 2 * HOUR, drift)
    clock = wirestat.compare(client, server).comparison.points[1].clock
    assert clock is not None
    span = records(server)[-1][0] - records(server)[0][0]
    assert abs(clock.drift - drift) * span < 1_500_000, clock


@pytest.mark.parametrize("name", ["random-loss-1", "nat-normal-close", "last-ack-lost"])
def test_captures_given_the_other_way_round(name: str) -> None:
    client, server = lab.paths(name, ("client", "server"))
    turned = wirestat.compare(server, client, points=["server", "client"])
    assert turned.comparison.path == (1, 0)
    certain, possible = lab.wanted(name, ("client", "server"))
    assert not certain - lab.found(turned)
    assert not lab.found(turned) - certain - possible


def test_three_captures_in_any_order() -> None:
    client, server, middle = lab.paths("last-ack-lost", ("client", "server", "middle"))
    compared = wirestat.compare(client, server, middle, points=["client", "server", "middle"])
    assert compared.comparison.path == (0, 2, 1)
    certain, _ = lab.wanted("last-ack-lost", ("client", "middle", "server"))
    assert not certain - lab.found(compared)
