"""Which captures are taken for one: names that differ by numbers, times that follow one another."""

import shutil
from pathlib import Path

from tests.batch.captures import CAPTURE
from wirestat.batch.rotations import joined, span
from wirestat.batch.sources import find

HEADER = 24


def _rotation(folder: Path, names: list[str], cut: int = 5) -> None:
    """Cut a capture into two files, each whole."""
    data = CAPTURE.read_bytes()
    at = HEADER
    for _ in range(cut):
        at += 16 + int.from_bytes(data[at + 8 : at + 12], "little")
    (folder / names[0]).write_bytes(data[:at])
    (folder / names[1]).write_bytes(data[:HEADER] + data[at:])


def _groups(folder: Path, apart_ns: int = 60_000_000_000) -> list[list[str]]:
    groups = joined(find([str(folder)]).sources, apart_ns)
    return [[Path(source.path).name for source in group] for group in groups]


def test_files_of_a_rotation_are_one_capture_in_the_order_of_their_times(tmp_path: Path) -> None:
    _rotation(tmp_path, ["x.pcap9", "x.pcap10"])
    assert _groups(tmp_path) == [["x.pcap9", "x.pcap10"]]


def test_other_names_are_other_captures(tmp_path: Path) -> None:
    _rotation(tmp_path, ["client1.pcap", "server2.pcap"])
    assert len(_groups(tmp_path)) == 2


def test_files_far_apart_are_two_captures(tmp_path: Path) -> None:
    _rotation(tmp_path, ["x1.pcap", "x2.pcap"])
    assert len(_groups(tmp_path, apart_ns=0)) == 2


def test_files_that_overlap_are_one_capture(tmp_path: Path) -> None:
    for name in ("eth0.pcap", "eth1.pcap"):
        shutil.copy(CAPTURE, tmp_path / name)
    assert len(_groups(tmp_path, apart_ns=0)) == 1


def test_a_file_without_frames_stands_for_itself(tmp_path: Path) -> None:
    _rotation(tmp_path, ["x1.pcap", "x2.pcap"])
    (tmp_path / "x3.pcap").write_bytes(CAPTURE.read_bytes()[:HEADER])
    assert sorted(map(len, _groups(tmp_path))) == [1, 2]


def test_a_span_is_from_the_first_frame_to_the_last() -> None:
    (source,) = find([str(CAPTURE)]).sources
    known = span(source)
    assert known is not None
    assert 0 < known.last_ns - known.first_ns < 10**9
