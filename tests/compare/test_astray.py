"""Two clients behind a translator use one port in turn: the captures count a packet to different connections."""

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import wirestat
from tests.packets.files import pcap
from tests.packets.ip import ethernet, ipv4
from tests.packets.tcp import Tcp
from wirestat.crossing import Fate
from wirestat.report.compared.build import Compared

FIRST, SECOND, GATEWAY, SERVER = "10.1.0.10", "10.1.0.11", "10.2.0.254", "10.2.0.1"
PORTS = (40000, 9000)
DELAY, MS, START = 2_000_000, 1_000_000, 1_790_000_000_000_000_000


class Sent(NamedTuple):
    """One segment: when, by its sender's clock, which client's, and whether that one sends it."""

    at_ms: int
    client: str
    is_asking: bool
    flags: str
    seq: int
    ack: int
    payload: int = 0
    id: int = 0


def dialogue(start_ms: int, client: str, own: int, other: int) -> list[Sent]:
    """Return a connection that the server closes first: it has its end in TIME_WAIT then."""
    sent = [
        Sent(0, client, True, "S", own, 0),
        Sent(10, client, False, "S.", other, own + 1),
        Sent(20, client, True, ".", own + 1, other + 1),
        Sent(21, client, True, "P.", own + 1, other + 1, 30),
        Sent(30, client, False, "P.", other + 1, own + 31, 50),
        Sent(40, client, True, ".", own + 31, other + 51),
        Sent(50, client, False, "F.", other + 51, own + 31),
        Sent(60, client, True, "F.", own + 31, other + 52),
        Sent(70, client, False, ".", other + 52, own + 32),
    ]
    return [one._replace(at_ms=start_ms + one.at_ms) for one in sent]


def in_turn() -> list[Sent]:
    """Return two clients in turn; the second one's first SYN draws the old ACK, which it resets."""
    first = dialogue(0, FIRST, 900_000, 5000)
    second = dialogue(2000, SECOND, 1000, 700_000)
    drawn = [
        second[0]._replace(at_ms=1000),
        first[-1]._replace(at_ms=1005, client=SECOND),
        Sent(1010, SECOND, True, "R", 900_032, 0),
    ]
    sent = [*first, *drawn, *second]
    return [one._replace(id=100 + number) for number, one in enumerate(sent)]


def held(sent: list[Sent], *, at_client: bool) -> bytes:
    frames = []
    for one in sent:
        is_near = one.is_asking == at_client
        here = one.client if at_client else GATEWAY
        source, destination = (here, SERVER) if one.is_asking else (SERVER, here)
        ports = PORTS if one.is_asking else PORTS[::-1]
        segment = Tcp(*ports, one.flags, one.seq, one.ack, payload=one.payload)
        data = ethernet(ipv4(source, destination, segment.pack(), id=one.id, ttl=64 if is_near else 63))
        frames.append((START + one.at_ms * MS + (0 if is_near else DELAY), len(data), data))
    return pcap(sorted(frames), nanoseconds=True)


def compared(folder: Path, near: list[Sent], far: list[Sent]) -> Compared:
    paths = [folder / "client.pcap", folder / "server.pcap"]
    for path, sent in zip(paths, (near, far), strict=True):
        path.write_bytes(held(sent, at_client=path is paths[0]))
    return wirestat.compare(*paths, points=["client", "server"])


def fates(told: Compared) -> Counter[Fate]:
    return sum(
        (Counter({fate: stage.total(fate) for fate in Fate}) for stage in told.comparison.stages), Counter()
    )


def test_packets_counted_to_different_connections_have_arrived(tmp_path: Path) -> None:
    told = compared(tmp_path, in_turn(), in_turn())
    passages = [one for id in (1, 2) for one in told.comparison.crossing(id).passages]
    assert {one.fate for one in passages} == {Fate.ARRIVED}
    # Else each capture counts them to the same connection, and this test shows nothing.
    assert len([one for one in passages if len(one.sights) == 1]) == 6
    assert fates(told) == {Fate.ARRIVED: 21}
    assert told.comparison.troubled(10) == ([], 0)
    assert not {finding.id for finding in told.report.findings} & {"D07", "D08", "D18"}


@pytest.mark.parametrize(
    "change", [{"id": 999}, {"seq": 1001}, {"at_ms": 1007}, {"flags": "SE"}], ids="-".join
)
def test_another_packet_is_not_the_same(change: dict[str, Any], tmp_path: Path) -> None:
    far = in_turn()
    far[9] = far[9]._replace(**change)
    told = fates(compared(tmp_path, in_turn(), far))
    is_same = change == {"flags": "SE"}  # a device may clear the bits of ECN
    assert (told[Fate.LOST], told[Fate.INJECTED]) == ((0, 0) if is_same else (1, 1))


def test_the_port_that_two_clients_had_is_named_with_both_captures(tmp_path: Path) -> None:
    old = dialogue(-9000, SECOND, 500, 3_000_000_000)
    sent = [one._replace(at_ms=one.at_ms + 9000, id=one.id or 50) for one in [*old, *in_turn()]]
    found = {finding.id: finding for finding in compared(tmp_path, sent, sent).report.findings}
    assert found.keys() == {"D20"}
    assert "another host behind the same address" in found["D20"].explanation
