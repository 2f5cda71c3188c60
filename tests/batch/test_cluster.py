"""Dask workers give the results of one process, whatever happens to them and to the files that they read.

Dask takes long to load, and every worker of pytest imports this file: only the tests load it.
"""

import os
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from bench.traffic import write
from tests.batch.captures import CAPTURE, PCAPS
from tests.batch.pieces import AtOnce, orders, source, whole, written
from tests.packets.files import pcap
from tests.patience import PATIENCE
from tests.shares.medley import medley
from wirestat.batch.cuts import Cut
from wirestat.batch.spread import SpreadCapture
from wirestat.batch.task import Done, Item
from wirestat.errors import UsageError

if TYPE_CHECKING:
    from wirestat.batch.cluster import Cluster

WIRESTAT = [sys.executable, "-m", "wirestat", "batch"]


@pytest.fixture(scope="module")
def clusters() -> ModuleType:
    from wirestat.batch import cluster

    return cluster


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    """Give a cluster of two workers, each a process that a nanny starts again when it dies."""
    import distributed

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit="1GB", dashboard_address=":0", silence_logs=50
    ) as started:
        yield started


@pytest.fixture
def workers(local: Any, clusters: Any) -> Iterator["Cluster"]:
    with clusters.Cluster(local.scheduler_address, 0, None) as found:
        yield found


def run(workers: "Cluster", items: Sequence[Item], folder: Path) -> list[Done]:
    found = workers.run([(item,) for item in items], orders(folder))
    return sorted((done for part in found for done in part), key=lambda done: done.number)


@pytest.mark.slow
def test_a_large_capture_is_read_in_pieces(
    workers: "Cluster", clusters: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.pcap"
    path.write_bytes(pcap(medley(5, frames=1500)))
    monkeypatch.setattr(clusters, "PIECE_BYTES", 20_000)
    (item,) = [Item(1, (source(path),), "key")]
    assert len(clusters._pieces(item)) > 3
    (done,) = run(workers, [item], tmp_path / "pieces")
    expected, tables = whole([path], tmp_path / "whole")
    assert (done.frames, done.connections, done.reason) == (expected.frames, expected.connections, None)
    assert written(tmp_path / "pieces") == tables


@pytest.mark.slow
def test_a_rotation_in_pieces_gives_the_tables_of_the_whole(workers: "Cluster", tmp_path: Path) -> None:
    frames = sorted(medley(6, frames=900), key=lambda frame: frame[0])
    paths = [tmp_path / f"x.pcap{number}" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(pcap(frames[300 * number : 300 * (number + 1)]))
    run(workers, [Item(1, tuple(map(source, paths)), "key")], tmp_path / "pieces")
    assert written(tmp_path / "pieces") == whole(paths, tmp_path / "whole")[1]


@pytest.mark.slow
def test_the_command_writes_the_same_with_a_cluster_as_without(local: Any, tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    for case in ("normal-close-by-client", "last-ack-lost", "accept-queue-full"):
        shutil.copy(PCAPS / case / "client.pcap", folder / f"{case}.pcap")
    (folder / "cut.pcap").write_bytes(CAPTURE.read_bytes()[:-7])
    for out, options in (("with", ["--scheduler", local.scheduler_address]), ("without", [])):
        command = [*WIRESTAT, str(folder), "-o", str(tmp_path / out), "--jobs", "2", *options]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE)
        assert done.returncode == 3, done.stderr.decode()
        assert b"4 captures" in done.stdout
    assert written(tmp_path / "with").keys() == written(tmp_path / "without").keys()
    for name, table in written(tmp_path / "without").items():
        assert name == "files.parquet" or written(tmp_path / "with")[name] == table, name


def _deaths(folder: Path) -> Any:
    """Return a plugin that kills a worker when it begins a task, and one when it is done with a task: each once."""
    from distributed import WorkerPlugin

    class Deaths(WorkerPlugin):
        name = "deaths"

        def transition(self, key: Any, start: str, finish: str, **_: Any) -> None:
            if (start, finish) in (("ready", "executing"), ("executing", "memory")):
                try:
                    (folder / finish).touch(exist_ok=False)
                except FileExistsError:
                    return  # a worker died of this step before
                os.kill(os.getpid(), signal.SIGKILL)

    return Deaths()


@pytest.mark.slow
def test_workers_that_are_killed_change_nothing(
    clusters: ModuleType, workers: "Cluster", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.pcap"
    write(path, 20_000, interleaved=10_000)
    monkeypatch.setattr(clusters, "PIECE_BYTES", path.stat().st_size // 16)
    expected = whole([path], tmp_path / "whole")[1]
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    workers._client.register_plugin(_deaths(deaths))
    try:
        (done,) = run(workers, [Item(1, (source(path),), "key")], tmp_path / "pieces")
    finally:
        workers._client.unregister_worker_plugin("deaths")
    assert {death.name for death in deaths.iterdir()} == {"executing", "memory"}
    assert done.reason is None
    assert written(tmp_path / "pieces") == expected


@pytest.mark.slow
def test_a_capture_that_ends_its_workers_is_given_up_and_others_are_not(
    clusters: Any, tmp_path: Path
) -> None:
    import dask
    import distributed

    flood = tmp_path / "flood.pcap"
    header, record = CAPTURE.read_bytes()[:24], struct.pack("<IIII", 1_700_000_000, 0, 54, 54)
    ethernet = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0"
    ip = bytes.fromhex("450000280000400040060000")
    tail = bytes.fromhex("0a0000010050000000010000000050022000") + bytes(4)
    with flood.open("wb") as out:
        out.write(header)
        for number in range(3 << 18):
            source_of = struct.pack(">IIH", 0x0B000000 + number // 50_000, 0x0A000001, 1024 + number % 50_000)
            out.write(record + ethernet + ip + source_of + tail[4:])
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, memory_limit="300MB", dashboard_address=":0", silence_logs=50
        ) as small,
        clusters.Cluster(small.scheduler_address, 0, None) as workers,
    ):
        items = [Item(1, (source(flood),), "a"), Item(2, (source(CAPTURE),), "b")]
        first, second = run(workers, items, tmp_path / "out")
    assert first.code == 137
    assert "out of memory" in (first.reason or "")
    assert (second.code, second.connections) == (0, 1)


class _Vanishing(AtOnce):
    """Removes a file once it has been surveyed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def submit(self, do: Callable[..., Any], /, *arguments: Any) -> Any:
        if do.__name__ == "track":
            self._path.unlink(missing_ok=True)
        return super().submit(do, *arguments)


def test_a_vanished_file_is_listed_and_does_not_change_the_rest(tmp_path: Path) -> None:
    frames = sorted(medley(8, frames=900), key=lambda frame: frame[0])
    paths = [tmp_path / f"x.pcap{number}" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(pcap(frames[300 * number : 300 * (number + 1)]))
    item = Item(1, tuple(map(source, paths)), "key")
    doer = _Vanishing(paths[1])
    done = SpreadCapture(item, orders(tmp_path / "pieces"), doer, 2).run([Cut(one) for one in item.sources])
    assert done is not None
    assert "no such file" in (done.reason or "").lower()
    expected, tables = whole(paths, tmp_path / "whole")
    assert (done.frames, done.code, done.reason) == (600, expected.code, expected.reason)
    assert written(tmp_path / "pieces") == tables


@pytest.mark.slow
def test_an_address_without_a_scheduler_is_reported(
    clusters: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "_SECONDS", 1)
    with pytest.raises(UsageError, match="no scheduler answers"):
        clusters.Cluster("tcp://127.0.0.1:9", 0, None)


def test_workers_that_do_not_see_the_folder_say_so(
    workers: "Cluster", clusters: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers.check(tmp_path)
    monkeypatch.setattr(clusters, "__version__", "another")
    with pytest.raises(UsageError, match="worker"):
        workers.check(tmp_path)
