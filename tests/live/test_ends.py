"""Ends of a capture, or of one of its files, by themselves; and requests by signals in between."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

import wirestat
from tests.patience import wait_for
from tests.quick import some_quick
from wirestat.commands.session import Company, Session, Watched
from wirestat.commands.signals import Wishes, heard
from wirestat.commands.voice import Voice

from .test_trouble import talk
from .wire import ENGINES, Watch, Wire, needs_root, watching


@needs_root
@pytest.mark.parametrize("engine", some_quick(ENGINES, each=3))
def test_a_capture_ends_after_a_number_of_packets(engine: str, wire: Wire) -> None:
    watch = Watch(wire.client, "-i", "va", "--engine", engine, "-c", "12", "tcp")
    try:
        watch.wait_until_open()
        talk(wire, 5)
    finally:
        code = watch.end()
    assert code == 0, watch.complaints
    assert watch.report["summary"]["frames"] == 12
    assert watch.report["summary"]["connections"] > 1


@needs_root
@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.pcapng", "%H%M%S.pcapng"])
def test_a_file_for_every_second(name: str, wire: Wire, tmp_path: Path) -> None:
    rotation = ["-Z", "root", "-w", str(tmp_path / name), "-G", "1", "-W", "50"]
    with watching(wire.client, "-i", "va", *rotation, "tcp") as watch:
        while len(list(tmp_path.iterdir())) < 3:
            talk(wire, 1)
        assert watch.stop() == 0
    files = sorted(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    written = [wirestat.analyze(path).captures[0] for path in files]
    assert len(files) >= 3
    assert [capture.error for capture in written] == [None] * len(files)
    assert all(
        capture.last_time_ns - capture.first_time_ns < 1_000_000_000
        for capture in written
        if capture.first_time_ns is not None and capture.last_time_ns is not None
    )
    assert sum(capture.frames for capture in written) == watch.report["summary"]["frames"]


@needs_root
@pytest.mark.slow
def test_only_the_newest_files_are_kept(wire: Wire, tmp_path: Path) -> None:
    rotation = ["-Z", "root", "-w", str(tmp_path / "x.pcapng"), "-G", "1", "-W", "2"]
    with watching(wire.client, "-i", "va", *rotation, "tcp") as watch:
        talked = 0
        while (
            max((int(path.suffix.removeprefix(".pcapng") or 0) for path in tmp_path.iterdir()), default=0) < 3
        ):
            talk(wire, 1)
            talked += 1
        assert watch.stop() == 0
    assert len(list(tmp_path.iterdir())) == 2
    assert not (tmp_path / "x.pcapng").exists()
    assert watch.report["summary"]["connections"] == talked


@needs_root
@pytest.mark.slow
def test_sigusr2_flushes_the_file_while_the_capture_goes_on(wire: Wire, tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    with watching(wire.client, "-i", "va", "-w", str(path), "tcp") as watch:
        talk(wire, 1)
        watch.until(lambda record: record["type"] == "closed")
        watch.process.send_signal(signal.SIGUSR2)
        wait_for(lambda: path.stat().st_size and wirestat.analyze(path).summary.connections == 1)
        assert watch.process.poll() is None
        talk(wire, 1)
        assert watch.stop() == 0
    assert wirestat.analyze(path).summary.connections == 2


class Recorder:
    """Counts how often it is asked to write out."""

    flushed = 0

    def flush(self) -> None:
        self.flushed += 1

    def status(self) -> tuple[int, int, None]:
        return 0, 0, None


class Silence:
    """A display of nothing."""

    wants_events, is_silent = False, True


def test_a_signal_writes_out_at_once_and_not_at_the_next_turn() -> None:
    recorder: Any = Recorder()
    display: Any = Silence()
    unused: Any = None
    with heard() as wishes:
        session = Session(
            Watched(unused, unused), display, wishes, Voice(), company=Company(recorder=recorder)
        )
        assert session(0, None)
        assert recorder.flushed == 0
        os.kill(os.getpid(), signal.SIGUSR2)
        assert session(0, None)
        assert session(0, None)
    assert recorder.flushed == 1


@pytest.mark.parametrize(
    ("number", "wish"),
    [
        (signal.SIGINT, Wishes(stop=True)),
        (signal.SIGTERM, Wishes(stop=True)),
        (signal.SIGHUP, Wishes(stop=True)),
        (signal.SIGUSR1, Wishes(report=True)),
        (signal.SIGUSR2, Wishes(flush=True)),
    ],
)
def test_each_signal_sets_its_request(number: int, wish: Wishes) -> None:
    before = signal.getsignal(number)
    with heard() as wishes:
        os.kill(os.getpid(), number)
        assert wishes == wish
    assert signal.getsignal(number) is before
