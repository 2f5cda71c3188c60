"""The same captures with one table and with several: the same reports, byte for byte."""

import gzip
import json as standard_json
from pathlib import Path

import pytest

from tests.packets.files import pcap
from tests.quick import some_quick
from tests.shares.medley import medley
from wirestat import _core
from wirestat.capture.native import NativeSource
from wirestat.report import json, ndjson
from wirestat.report.build import build
from wirestat.report.layout import View
from wirestat.timers import LINUX
from wirestat.tracked import Tracked
from wirestat.tracker import Limits, Tracker

ROOT = Path(__file__).parents[2]
SAMPLES = sorted([*ROOT.glob("pcaps/*/*.pcap"), *ROOT.glob("pcaps/*/*.pcapng")])
JOBS = (2, 3, 8)
TURNS = (7, 64, 1 << 17)
GENERATED = 200
VIEW = View(version="0")


def report(paths: list[Path], jobs: int, *, release: bool, turn: int, most: int = 4_000_000) -> bytes:
    """Return the whole report on captures, tracked by ``jobs`` tables with ``turn`` frames a turn."""
    tracker = Tracker(LINUX, Limits(max_connections=most), release=release)
    tracker.core.turn(turn)
    tracker.core.share(jobs)
    source = NativeSource([str(path) for path in paths])
    source.drain(tracker.core)
    said = build(Tracked(source, tracker, LINUX, "summary" if release else "all"))
    if release:
        return b"".join(json.render(said, VIEW, lists=False))
    return b"".join(ndjson.render(said, VIEW))


def check(paths: list[Path], jobs: int, turn: int) -> None:
    for release in (False, True):
        alone = report(paths, 1, release=release, turn=turn)
        assert report(paths, jobs, release=release, turn=turn) == alone, release


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("sample", SAMPLES[::64], ids=named)
def test_a_sample_gives_the_same_report(sample: Path) -> None:
    number = SAMPLES[::64].index(sample)
    check([sample], JOBS[number % 3], TURNS[number // 3 % 3])


@pytest.mark.slow
@pytest.mark.parametrize("jobs", JOBS)
@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_every_sample_gives_the_same_report_with_each_number_of_tables(sample: Path, jobs: int) -> None:
    check([sample], jobs, TURNS[(SAMPLES.index(sample) + jobs) % 3])


@pytest.mark.parametrize("seed", some_quick(range(GENERATED), each=40))
def test_a_medley_gives_the_same_report(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "medley.pcap"
    path.write_bytes(pcap(medley(seed)))
    check([path], JOBS[seed % 3], TURNS[seed // 3 % 3])


@pytest.mark.parametrize("seed", some_quick(range(10), each=5))
def test_tables_that_fill_up_go_on_as_one(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "medley.pcap"
    path.write_bytes(pcap(medley(1000 + seed, frames=1500)))
    for turn in (7, 10):
        alone = report([path], 1, release=True, turn=turn, most=25)
        assert report([path], 2, release=True, turn=turn, most=25) == alone


def test_the_medley_does_fill_the_tables_up(tmp_path: Path) -> None:
    path = tmp_path / "medley.pcap"
    path.write_bytes(pcap(medley(1001, frames=1500)))
    evicted = standard_json.loads(report([path], 2, release=True, turn=7, most=25))["summary"]["evicted"]
    assert sum(evicted.values()) > 0


def test_several_files_are_shared_as_one_is(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.pcap" for number in range(3)]
    frames = medley(7, frames=900)
    for number, path in enumerate(paths):
        path.write_bytes(pcap(frames[number::3]))
    check(paths, 2, 64)


def test_a_compressed_file_among_them_is_tracked_by_one_table(tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain.pcap", tmp_path / "packed.pcap.gz"
    frames = medley(7, frames=600)
    plain.write_bytes(pcap(frames[::2]))
    packed.write_bytes(gzip.compress(pcap(frames[1::2])))
    check([plain, packed], 2, 64)


def test_a_capture_through_a_pipe_is_not_shared_and_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "medley.pcap"
    path.write_bytes(pcap(medley(3)))
    tracker = Tracker(LINUX)
    tracker.core.share(4)
    reader = _core.Reader([str(path)], True)  # one that is followed has no second reader
    while tracker.core.read(reader, 100) != "pending":
        pass
    assert reader.frames() == tracker.core.intake().frames > 0
