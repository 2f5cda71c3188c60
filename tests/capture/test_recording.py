"""Recording with -w."""

from pathlib import Path

import pytest

import wirestat
from wirestat.capture.recording import Recording, begin
from wirestat.commands.live_options import octets
from wirestat.errors import UsageError
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

from . import made


def write(recording: Recording, rounds: int = 1) -> None:
    tracker = Tracker(LINUX)
    recorder = begin(recording)
    tracker.core.record(recorder)
    recorder.describe(0, 1, "eth0")
    recorder.count(0, 8, 2)
    for number in range(rounds):
        start = (made.START + number) * 10**9
        tracker.feed(1, [(start + i, len(frame), frame) for i, frame in enumerate(made.ETHERNET["normal"]())])
    recorder.close(made.START * 10**9)


def test_the_recording_holds_the_frames_that_were_tracked(tmp_path: Path) -> None:
    write(Recording(path=str(tmp_path / "a.pcapng")))
    report = wirestat.analyze(tmp_path / "a.pcapng")
    [interface] = report.captures[0].interfaces
    assert (interface.name, interface.frames, interface.received, interface.dropped) == ("eth0", 8, 8, 2)


def test_files_are_numbered_and_the_newest_kept(tmp_path: Path) -> None:
    write(Recording(path=str(tmp_path / "a.pcapng"), max_bytes=1000, max_files=3), rounds=20)
    assert len(list(tmp_path.iterdir())) == 3
    assert not (tmp_path / "a.pcapng").exists()
    for path in tmp_path.iterdir():
        assert wirestat.analyze(path).captures[0].error is None


def test_files_can_be_named_by_their_time(tmp_path: Path) -> None:
    write(Recording(path=str(tmp_path / "%Y-%H%M%S.pcapng"), max_seconds=5), rounds=12)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 3
    assert all(name.endswith(".pcapng") for name in names)


def test_senseless_options_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Recording(path="-", max_bytes=1)
    with pytest.raises(UsageError):
        Recording(path="x", max_files=3)
    with pytest.raises(UsageError, match="no such file or directory"):
        begin(Recording(path=str(tmp_path / "nowhere" / "x")))
    with pytest.raises(UsageError):
        octets("many")
