"""Captures that grow: followed files, their successors, and pipes."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wirestat.capture.follow import FollowSource, successor
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

from . import made

COMMAND = [sys.executable, "-m", "wirestat"]


def later(path: Path, data: bytes, seconds: int) -> Path:
    path.write_bytes(data)
    when = 1_800_000_000 + seconds
    os.utime(path, (when, when))
    return path


def identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (("t.pcap", "t.pcap1", "t.pcap2"), (0, 1, 2)),
        (("t00", "t01", "t02"), (0, 1, 2)),
        (("t00", "t01", "t02"), (1, 2, 0)),
        (("t_00001_20260102030405.pcapng", "t_00002_20260102030505.pcapng"), (0, 1)),
        (("t-2026-01-02.pcap", "t-2026-01-03.pcap"), (0, 1)),
    ],
)
def test_the_successor_is_of_the_family_and_written_later(
    names: tuple[str, ...], order: tuple[int, ...], tmp_path: Path
) -> None:
    row = [later(tmp_path / names[index], b"x", number) for number, index in enumerate(order)]
    later(tmp_path / "other.pcap", b"x", 99)
    for number, path in enumerate(row):
        following = successor(path, identity(path))
        assert following == (row[number + 1] if number + 1 < len(row) else None)


def test_the_successor_of_a_file_moved_away_has_its_old_name(tmp_path: Path) -> None:
    path = later(tmp_path / "t.pcap", b"x", 0)
    old = identity(path)
    path.rename(tmp_path / "kept")
    later(path, b"y", 1)
    assert successor(path, old) == path


def test_the_files_of_a_rotation_are_followed_as_one_stream(tmp_path: Path) -> None:
    frames = made.ETHERNET["last-ack-lost"]()
    whole = made.pcap(frames)
    first = later(tmp_path / "t.pcap", whole[: 24 + 50], 0)
    source, tracker = FollowSource(str(first)), Tracker(LINUX)
    calls: list[int] = []

    def progress(_done: int, _total: int | None) -> bool:
        calls.append(tracker.core.intake().frames)
        if len(calls) == 2:
            later(first, made.pcap(frames[:3]), 1)
        if len(calls) == 4:
            start = made.START * 10**9 + 3_000_000
            later(tmp_path / "t.pcap1", made.pcap(frames[3:], start_ns=start), 2)
        return tracker.core.intake().frames < len(frames) and len(calls) < 50

    source.drain(tracker.core, progress)
    assert tracker.core.intake().frames == len(frames)
    [connection] = tracker.connections()
    assert connection.last_frame == len(frames), "frames count on through all files"
    assert [capture.frames for capture in source.captures()] == [3, 6]
    assert [capture.size for capture in source.captures()] == [
        path.stat().st_size for path in (first, tmp_path / "t.pcap1")
    ], "sizes grow with the files"


def test_an_overwritten_file_is_read_from_its_beginning(tmp_path: Path) -> None:
    frames = made.ETHERNET["normal"]()
    path = later(tmp_path / "t.pcap", made.pcap(frames), 0)
    source, tracker = FollowSource(str(path)), Tracker(LINUX)
    calls: list[None] = []

    def progress(_done: int, _total: int | None) -> bool:
        calls.append(None)
        if len(calls) == 2:
            later(path, made.pcap(frames[:2], start_ns=(made.START + 1) * 10**9), 1)
        return tracker.core.intake().frames < 10 and len(calls) < 50

    source.drain(tracker.core, progress)
    assert tracker.core.intake().frames == 10
    source.close()


@pytest.mark.parametrize("format", ["pcap", "pcapng"])
def test_a_pipe_is_reported_as_frames_arrive(format: str) -> None:
    frames = made.ETHERNET["normal"]()
    if format == "pcap":
        chunks = [made.header(), *(made.record(made.START * 10**9 + i, f) for i, f in enumerate(frames))]
    else:
        blocks = made.pcapng(frames)
        chunks = [b"".join(blocks[:2]), *blocks[2:]]
    command = [*COMMAND, "live", "-r", "-", "--format", "ndjson"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for chunk in chunks[:4]:
            half = len(chunk) // 2
            running.stdin.write(chunk[:half])
            time.sleep(0.05)
            running.stdin.write(chunk[half:])
        told = json.loads(running.stdout.readline())
        assert (told["type"], told["to"]) == ("transition", "SYN_SENT")
        for chunk in chunks[4:]:
            running.stdin.write(chunk)
        running.stdin.close()
        lines = [json.loads(line) for line in running.stdout.read().splitlines()]
    assert running.returncode == 0
    closed = next(line for line in lines if line["type"] == "closed")
    assert (closed["client"]["state"], closed["server"]["state"]) == ("TIME_WAIT", "CLOSED")
    assert lines[-1]["type"] in ("report", "finding")


@pytest.mark.slow
def test_timers_run_while_a_pipe_is_silent() -> None:
    frames = made.ETHERNET["normal"]()
    command = [*COMMAND, "live", "-r", "-", "--format", "ndjson", "--timer", "time_wait=1s"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(made.pcap(frames))
        running.stdin.flush()
        lines = map(json.loads, running.stdout)
        assert any(
            line.get("from_state") == "TIME_WAIT" and line.get("evidence") == "timer" for line in lines
        )
        running.stdin.close()
        assert list(lines), "it ends, and reports"
