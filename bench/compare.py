"""How long joining two captures takes, beside analysing both alone.

::

    python -m bench.compare [--segments N] [--folder DIR]

It writes two captures of the same traffic, as taps at the client's and at the server's side hold it: once of
connections of ten segments each, a thousand at a time, once of a single connection that moves data for as long. Every
97th segment is lost on the way, and the server's clock is an hour ahead.
Every measurement has a process of its own and is the best of three, in processor time. Exit code 1: joining took
four times as long as analysing, or longer.
"""

import argparse
import resource
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

LIMIT = 4.0
"""Times what analysing both alone takes."""
LOST = 97
"""One segment in so many."""

_ROUNDS = 3
_START_NS = 1_700_000_000_000_000_000
_HOUR_NS = 3_600_000_000_000
_DELAY_NS = 2_000_000
_AT_ONCE = 1000
_APART_NS = 10_000
_RECORD = struct.Struct("<IIII")
_TCP = struct.Struct("!HHIIBBHHH")
_FIN, _SYN, _PSH, _ACK = 1, 2, 8, 16
_PAYLOAD = 100

_Step = tuple[int, int, int, int, int]
"""Sender (0 client, 1 server), flags, sequence and acknowledgement numbers relative to the initial ones, payload."""
Writer = Callable[[BinaryIO, BinaryIO, int], None]
"""Writes so many segments as both taps hold them."""

_DIALOGUE: tuple[_Step, ...] = (
    (0, _SYN, 0, 0, 0),
    (1, _SYN | _ACK, 0, 1, 0),
    (0, _ACK, 1, 1, 0),
    (0, _PSH | _ACK, 1, 1, _PAYLOAD),
    (1, _ACK, 1, 101, 0),
    (1, _PSH | _ACK, 1, 101, _PAYLOAD),
    (0, _ACK, 101, 101, 0),
    (0, _FIN | _ACK, 101, 101, 0),
    (1, _FIN | _ACK, 101, 102, 0),
    (0, _ACK, 102, 102, 0),
)


def main() -> int:
    """Make the captures, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument(
        "--segments", type=int, default=4_000_000, help="of each capture (default: 4 million)"
    )
    parser.add_argument("--folder", type=Path, help="where to put the captures (default: a temporary folder)")
    parser.add_argument("--job", choices=["analyze", "compare"], help=argparse.SUPPRESS)
    parser.add_argument("captures", nargs="*", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        return _job(options.job, options.captures)
    if options.folder:
        return _measure(options.folder, options.segments)
    with tempfile.TemporaryDirectory() as folder:
        return _measure(Path(folder), options.segments)


def _measure(folder: Path, segments: int) -> int:
    shapes: dict[str, Writer] = {"connections": connections, "transfer": transfer}
    return max([_race(folder, name, writer, segments) for name, writer in shapes.items()])


def _race(folder: Path, shape: str, writer: Writer, segments: int) -> int:
    client, server = folder / f"{shape}-client.pcap", folder / f"{shape}-server.pcap"
    if not (client.exists() and server.exists()):
        write(client, server, writer, segments)
    jobs = {
        "client's alone": ("analyze", client),
        "server's alone": ("analyze", server),
        "both compared": ("compare", client, server),
    }
    seconds = {}
    print(f"{shape:16} {'seconds':>8} {'MB':>7}")
    for name, job in jobs.items():
        rounds = [_run(*map(str, job)) for _ in range(_ROUNDS)]
        seconds[name], megabytes = map(min, zip(*rounds, strict=True))
        print(f"{name:16} {seconds[name]:8.2f} {megabytes:7.0f}")
    alone = seconds["client's alone"] + seconds["server's alone"]
    ratio = seconds["both compared"] / alone
    print(f"comparing takes {ratio:.2f} times what analysing both alone takes (bar: {LIMIT:g})")
    return int(ratio >= LIMIT)


def _run(job: str, *captures: str) -> tuple[float, float]:
    command = [sys.executable, "-m", "bench.compare", "--job", job, *captures]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def _job(job: str, captures: list[Path]) -> int:
    import wirestat

    start = time.process_time()
    if job == "compare":
        wirestat.compare(*captures)
    else:
        wirestat.analyze(*captures, keep="summary")
    seconds = time.process_time() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return 0


def write(client: Path, server: Path, writer: Writer, segments: int) -> None:
    """Write both captures."""
    header = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101)  # raw IP
    with client.open("wb", 1 << 20) as near, server.open("wb", 1 << 20) as far:
        near.write(header)
        far.write(header)
        writer(near, far, segments)


def connections(near: BinaryIO, far: BinaryIO, segments: int) -> None:
    """Write connections of ten segments each."""
    for first in range(0, segments // len(_DIALOGUE), _AT_ONCE):
        _batch(first, near, far)


def transfer(near: BinaryIO, far: BinaryIO, segments: int) -> None:
    """Write one connection in which the client sends data, and the server acknowledges each segment."""
    dialogue = _DIALOGUE[:3]
    for place in range(segments):
        if place < len(dialogue):
            step = dialogue[place]
        else:
            sent = 1 + (place - len(dialogue) + 1) // 2 * _PAYLOAD
            step = (1, _ACK, 1, sent, 0) if place % 2 == 0 else (0, _PSH | _ACK, sent, 1, _PAYLOAD)
        time_ns, packet = _START_NS + place * _APART_NS, _segment(0, step, place)
        # A copy captured before it comes from the other side is under way for less time than two segments take.
        behind_ns, lost = time_ns + _APART_NS // 2, place % LOST == LOST - 1 and place > len(dialogue)
        for file, ahead_ns, is_near in ((near, 0, step[0] == 0), (far, _HOUR_NS, step[0] == 1)):
            if is_near or not lost:
                file.write(_record((time_ns if is_near else behind_ns) + ahead_ns, packet))


def _batch(first: int, near: BinaryIO, far: BinaryIO) -> None:
    """Write a thousand connections, step by step, so that their segments lie between one another."""
    captured: tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]] = ([], [])
    start_ns = _START_NS + first * (len(_DIALOGUE) + 1) * _APART_NS
    for step in range(len(_DIALOGUE)):
        sender = _DIALOGUE[step][0]
        for place, connection in enumerate(range(first, first + _AT_ONCE)):
            sent_ns = start_ns + (step * _AT_ONCE + place) * _APART_NS
            arrives_ns = sent_ns + _DELAY_NS + (connection * 7919 + step * 104_729) % 300_000
            packet = _packet(connection, step)
            captured[sender].append((sent_ns, packet))
            if (connection * len(_DIALOGUE) + step) % LOST:
                captured[1 - sender].append((arrives_ns, packet))
    for file, ahead_ns, packets in ((near, 0, captured[0]), (far, _HOUR_NS, captured[1])):
        for time_ns, packet in sorted(packets):
            file.write(_record(time_ns + ahead_ns, packet))


def _record(time_ns: int, packet: bytes) -> bytes:
    seconds, fraction = divmod(time_ns, 1_000_000_000)
    return _RECORD.pack(seconds, fraction, len(packet), len(packet)) + packet


def _packet(connection: int, step: int) -> bytes:
    return _segment(connection, _DIALOGUE[step], connection * len(_DIALOGUE) + step)


def _segment(connection: int, step: _Step, identity: int) -> bytes:
    sender, flags, seq, ack, payload = step
    numbers = _numbers(connection)
    seq = (numbers[sender] + seq) % 2**32
    ack = (numbers[1 - sender] + ack) % 2**32 if flags & _ACK else 0
    address, port = 0x0A000001 + connection // 60_000, 1024 + connection % 60_000
    ends = ((address, port), (0x0A800001, 80))
    (source, source_port), (target, target_port) = ends[sender], ends[1 - sender]
    ip_id = identity % 65_535 + 1
    ip = struct.pack("!BBHHHBBHII", 0x45, 0, 40 + payload, ip_id, 0x4000, 64, 6, 0, source, target)
    return ip + _TCP.pack(source_port, target_port, seq, ack, 0x50, flags, 65535, 0, 0) + bytes(payload)


def _numbers(connection: int) -> tuple[int, int]:
    mixed = connection * 2_654_435_761 % 2**32
    return mixed, (mixed * 40_503 + 12_345) % 2**32


if __name__ == "__main__":
    sys.exit(main())
