"""Dialogues at two taps: segments that cross the path between the taps, are lost on it, or are made on it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import wirestat
from tests.packets.files import pcap
from tests.packets.ip import ethernet, ipv4
from tests.packets.tcp import Tcp
from wirestat.model import Finding

CLIENT, SERVER = "10.1.0.1", ("10.2.0.1", 80)
DELAY, MS, START = 20_000_000, 1_000_000, 1_790_000_000_000_000_000


class Sent(NamedTuple):
    """One segment: when it was sent, by its sender's clock, and whether it crosses the path between the taps."""

    at_ms: int
    from_client: bool
    flags: str
    seq: int
    ack: int
    payload: int = 0
    crosses: bool = True
    port: int = 40000
    """The client's port."""
    is_made: bool = False
    """Whether a device on the path made the segment, and not its sender."""
    late_ms: int = 0
    """Extra time to cross the path, in ms."""
    options: bytes = b""
    changed: bytes | None = None
    """Its options after the path, if a device there changes them."""
    window: int = 64240


def held(sent: Sequence[Sent], *, at_client: bool, routers: int = 0, is_mirror: bool = False) -> bytes:
    """Return the capture of one tap; ``routers`` is the number of routers between the server's tap and the server.

    A mirror port of both directions shows each packet as it comes in and as it goes out.
    """
    frames = []
    for number, one in enumerate(sent, start=1):
        is_near = one.from_client == at_client
        if one.is_made if is_near else not one.crosses:
            continue
        ends = ((CLIENT, one.port), SERVER) if one.from_client else (SERVER, (CLIENT, one.port))
        (source, source_port), (destination, destination_port) = ends
        hops = (0 if is_near else 1) + (0 if one.from_client else routers)
        options = one.options if is_near or one.changed is None else one.changed
        segment = Tcp(
            source_port, destination_port, one.flags, one.seq, one.ack, one.window, options, one.payload
        )
        data = ethernet(ipv4(source, destination, segment.pack(), id=number, ttl=64 - hops))
        crossing = 0 if is_near else DELAY + one.late_ms * MS
        time_ns = START + one.at_ms * MS + crossing
        frames += [(time_ns + later_ns, len(data), data) for later_ns in (0, 50_000)[: 1 + is_mirror]]
    return pcap(sorted(frames), nanoseconds=True)


def told_of(
    folder: Path,
    sent: Sequence[Sent],
    diagnosis: str,
    routers: int = 0,
    *,
    server_first: bool = False,
    mirrored: str = "",
) -> list[Finding]:
    """Return the findings of one diagnosis from both captures together, of which one may be ``mirrored``."""
    ordered = sorted(sent)
    paths = [folder / "client.pcap", folder / "server.pcap"]
    for path, at_client in zip(paths, (True, False), strict=True):
        path.write_bytes(held(ordered, at_client=at_client, routers=routers, is_mirror=path.stem == mirrored))
    given = paths[::-1] if server_first else paths
    compared = wirestat.compare(*given, points=[path.stem for path in given])
    return [finding for finding in compared.report.findings if finding.id == diagnosis]
