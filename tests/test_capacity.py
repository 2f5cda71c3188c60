"""Capacity is a reported fact: the table never grows beyond its limits, and says what it let go of."""

import struct
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from random import Random

import pytest

from tests.packets import ip, tcp
from tests.packets.dialogue import dialogue
from tests.packets.files import Frame, pcap
from tests.peak import peak
from tests.wirescript.script import Script, Sent
from tests.wirescript.wire import BASE_NS, VARIANTS, Wire
from wirestat.model import State
from wirestat.timers import LINUX
from wirestat.tracker import Limits, Tracker

ROOT = Path(__file__).parent.parent
HALF_OPEN = 500_000
BYTES_EACH = 400
AROUND = 64 << 20


def flood(count: int, start_ns: int = BASE_NS) -> Iterator[Frame]:
    """Yield SYNs, each from another client."""
    template = bytearray(
        ip.ethernet(
            ip.ipv4("10.0.0.0", "192.0.2.80", tcp.Tcp(0, 80, "S", 1000, options=tcp.mss(1460)).pack())
        )
    )
    for number in range(count):
        struct.pack_into("!I", template, 26, 0x0A00_0000 + number // 50_000)
        struct.pack_into("!H", template, 34, 10_000 + number % 50_000)
        yield start_ns + number * 1000, len(template), bytes(template)


def test_embryonic_connections_are_evicted_before_open_ones() -> None:
    tracker = Tracker(LINUX, Limits(max_connections=1000))
    tracker.feed(1, dialogue()[:5])
    tracker.feed(1, list(flood(20_000, BASE_NS + 10**9)))
    summary = tracker.summary()
    assert summary.connections == 20_001
    kept = list(tracker.connections())
    assert len(kept) <= 1000
    assert summary.evicted["embryonic"] == 20_001 - len(kept)
    assert (summary.evicted["closed"], summary.evicted["idle"]) == (0, 0)
    # The one that is open survives any flood.
    assert kept[0].client.state is State.ESTABLISHED


@pytest.mark.parametrize(("gaps", "beyond"), [(32, 0), (33, 1)])
def test_gaps_beyond_the_limit_of_a_stream_are_counted(gaps: int, beyond: int) -> None:
    wire = Wire(Script("gaps", Path(), 0, opened={"A": 100, "B": 300}), VARIANTS[0])
    segments = [Sent("A", "P.", 100 + 1000 * number, 40, ack=300) for number in range(1, gaps + 1)]
    made = [*wire.handshake(), *map(wire.segment, segments)]
    frames = [(BASE_NS + number, len(frame), frame) for number, frame in enumerate(made)]
    tracker = Tracker(LINUX)
    tracker.feed(1, frames)
    assert tracker.summary().beyond_limits["gaps"] == beyond


def test_closed_connections_are_evicted_before_embryonic_ones() -> None:
    tracker = Tracker(LINUX, Limits(max_connections=16))
    tracker.feed(1, dialogue())
    tracker.feed(1, list(flood(20, BASE_NS + 10**9)))
    evicted = tracker.summary().evicted
    assert evicted["closed"] == 1
    assert evicted["embryonic"] >= 1


def test_idle_connections_are_evicted_when_there_is_nothing_else() -> None:
    tracker = Tracker(LINUX, Limits(max_connections=4))
    for number, frames in enumerate(established(10)):
        tracker.feed(1, [(time + number * 10**9, length, data) for time, length, data in frames])
    summary = tracker.summary()
    assert summary.evicted["idle"] >= 6
    assert summary.states["client"] == {State.ESTABLISHED: 10}  # type: ignore[index]  # a StrEnum's member equals its value


def test_packets_with_random_flags_displace_no_conversation() -> None:
    tracker = Tracker(LINUX, Limits(max_connections=1000))
    for frames in established(100):
        tracker.feed(1, frames)
    random = Random(1)
    junk = []
    for time, length, syn in flood(20_000, BASE_NS + 10**9):
        copy = bytearray(syn)
        copy[47] = random.randrange(256)
        source = str(IPv4Address(bytes(copy[26:30])))
        junk.append((time, length, ip.ethernet(ip.ipv4(source, "192.0.2.80", bytes(copy[34:])))))
    tracker.feed(1, junk)
    summary = tracker.summary()
    kept = list(tracker.connections())
    assert [connection.id for connection in kept[:100]] == list(range(1, 101))
    assert len(kept) + sum(summary.evicted.values()) == summary.connections == 20_100


def test_incarnations_of_one_tuple_are_bounded_and_counted() -> None:
    frames = []
    for number in range(3000):
        syn = ip.ethernet(ip.ipv4("10.0.0.1", "10.0.0.2", tcp.Tcp(4000, 80, "S", number << 20).pack()))
        frames.append((BASE_NS + number * 250_000, len(syn), syn))
    tracker = Tracker(LINUX)
    tracker.feed(1, frames)
    summary = tracker.summary()
    assert (summary.connections, summary.incarnations) == (3000, 2999)
    kept = list(tracker.connections())
    assert summary.evicted["superseded"] == 3000 - 1000
    assert [connection.incarnation for connection in kept if connection.id > 2000] == list(range(2001, 3001))


def established(count: int) -> Iterator[list[Frame]]:
    """Yield open connections, each from another port of the client."""
    for number in range(count):
        frames = []
        for time, length, data in dialogue()[:5]:
            copy = bytearray(data)
            for place in (34, 36):
                if struct.unpack_from("!H", copy, place) == (40000,):
                    struct.pack_into("!H", copy, place, 41_000 + number)
            frames.append((time, length, bytes(copy)))
        yield frames


@pytest.mark.slow
def test_half_a_million_half_open_connections_take_little_memory() -> None:
    grown = int(run("half_open"))
    assert grown < HALF_OPEN * BYTES_EACH + AROUND


@pytest.mark.slow
def test_a_million_frames_through_a_pipe_in_constant_memory() -> None:
    """The same connections again and again: what is over is let go."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.test_capacity", "pipe"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write(pcap([]))
        hour = 3600 * 10**9
        for round_ in range(1000):
            frames = [frame for frames in established(112) for frame in frames]
            frames = [(time + round_ * hour, length, data) for time, length, data in frames] * 2
            reader.stdin.write(pcap(frames[:1000])[24:])
        reader.stdin.close()
        frames_read, grown = map(int, reader.stdout.read().split())
    assert reader.returncode == 0
    assert frames_read == 1_000_000
    assert grown < 128 << 20


def run(what: str) -> str:
    command = [sys.executable, "-m", "tests.test_capacity", what]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def rss() -> int:
    return peak()


def half_open() -> None:
    tracker = Tracker(LINUX)
    before = rss()
    batch = []
    for frame in flood(HALF_OPEN):
        batch.append(frame)
        if len(batch) == 1000:
            tracker.feed(1, batch)
            batch = []
    print(rss() - before)


def pipe() -> None:
    import wirestat

    before = rss()
    report = wirestat.analyze("-", keep="summary")
    print(report.summary.frames, rss() - before)


if __name__ == "__main__":
    {"half_open": half_open, "pipe": pipe}[sys.argv[1]]()
