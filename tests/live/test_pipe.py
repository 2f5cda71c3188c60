"""A capture that comes through a pipe and never ends: memory does not grow, and an interrupt ends it."""

import json
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.capture import made
from tests.patience import wait_for

from .wire import COMMAND

LIVE = [*COMMAND, "live", "-r", "-"]
SPACING_NS = 20_000_000
"""The time from one connection to the next: some three thousand are in TIME_WAIT at once."""
SETTLED, MUCH = 10_000, 50_000
"""The number of connections after which memory should be stable, and how many more should not change it."""
GROWTH = 8 << 20
"""Octets by which memory may vary; fifty thousand connections that stay would take many times as much."""
Encoder = Callable[[int, bytes], bytes]


def packet_block(time_ns: int, frame: bytes) -> bytes:
    head = struct.pack("<IIIII", 0, time_ns >> 32, time_ns & 0xFFFFFFFF, len(frame), len(frame))
    return made.block(6, head + frame + bytes(-len(frame) % 4))


FORMATS: dict[str, tuple[bytes, Encoder]] = {
    "pcap": (made.header(), made.record),
    "pcapng": (b"".join(made.pcapng([])), packet_block),
}


def conversations(first: int, count: int, encoder: Encoder) -> Iterator[bytes]:
    """Yield whole connections, each from another port or address than those before."""
    for number in range(first, first + count):
        client = f"10.{number >> 22 & 255}.{number >> 14 & 255}.7", 20_000 + number % 40_000
        start = made.START * 10**9 + number * SPACING_NS
        frames = [made.ethernet(packet) for packet in made.conversation(a=client, isn=number)]
        yield b"".join(encoder(start + i * 1000, frame) for i, frame in enumerate(frames))


def resident(process: int) -> int:
    """Octets of memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) << 10


@pytest.mark.load
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("format", FORMATS)
def test_a_pipe_runs_in_constant_memory(format: str) -> None:
    header, encoder = FORMATS[format]
    with subprocess.Popen(
        [*LIVE, "-q", "--format", "ndjson"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(header)
        sizes = []
        for first, count in ((0, SETTLED), (SETTLED, MUCH)):
            for octets in conversations(first, count, encoder):
                running.stdin.write(octets)
            running.stdin.flush()  # all has been taken in but for what a pipe holds, which is little
            sizes.append(resident(running.pid))
        running.stdin.close()
        records = map(json.loads, running.stdout.read().splitlines())
        report = next(record for record in records if record["type"] == "report")
    assert report["summary"]["connections"] == SETTLED + MUCH
    assert sizes[1] - sizes[0] < GROWTH, sizes


@pytest.mark.slow
def test_a_second_interrupt_ends_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(made.header() + b"".join(conversations(0, 2000, made.record)))
    command = [*COMMAND, "live", "-r", str(path), "--format", "ndjson"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.read(1) == b"{"
        # Nobody reads on: it hangs in printing, and the first interrupt, which asks for the report, changes nothing.
        running.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(1.0)

        def is_over() -> bool:
            running.send_signal(signal.SIGINT)  # on a busy machine two of them can come as one
            with suppress(subprocess.TimeoutExpired):
                running.wait(1.0)
            return running.poll() is not None

        wait_for(is_over, lambda: "it does not listen")
    assert running.returncode == 130
