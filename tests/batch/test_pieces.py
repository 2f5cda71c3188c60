"""A capture read in pieces gives the same tables as the whole, byte for byte."""

from pathlib import Path
from random import Random

import pytest

from tests.batch.captures import PCAPS
from tests.batch.pieces import at_random, between_frames, in_pieces, scattered, source, whole
from tests.packets.files import pcap
from tests.quick import some_quick
from tests.shares.medley import medley
from wirestat.batch.cuts import Cut

SAMPLES = sorted([*PCAPS.glob("*/*.pcap"), *PCAPS.glob("*/*.pcapng")])
PIECES = (2, 3, 7, 64)
SECOND = 1_000_000_000


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def check(path: Path, pieces: int, tmp_path: Path, seed: int = 0) -> None:
    random = Random(f"{path.name} {pieces} {seed}")
    cuts = at_random(path, pieces, random)
    if len(cuts) == 1:
        return
    parts = random.choice((0, 1, 2, 5))
    assert in_pieces(cuts, tmp_path / "pieces", parts) == whole([path], tmp_path / "whole"), (cuts, parts)


@pytest.mark.parametrize("sample", some_quick(SAMPLES[::20], each=5), ids=named)
def test_a_sample_gives_the_same_tables_in_pieces(sample: Path, tmp_path: Path) -> None:
    check(sample, PIECES[SAMPLES.index(sample) // 20 % len(PIECES)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_every_sample_gives_the_same_tables_in_any_number_of_pieces(sample: Path, tmp_path: Path) -> None:
    for pieces in PIECES:
        check(sample, pieces, tmp_path / str(pieces), seed=1)


@pytest.mark.parametrize("seed", some_quick(range(60), each=8))
def test_a_medley_gives_the_same_tables_in_pieces(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "medley.pcap"
    path.write_bytes(pcap(medley(seed)))
    check(path, PIECES[seed % len(PIECES)], tmp_path, seed)


@pytest.mark.parametrize("seed", some_quick(range(40), each=8))
def test_a_medley_with_clock_steps_gives_the_same_tables_in_pieces(seed: int, tmp_path: Path) -> None:
    """Hours and weeks without a frame, and clocks that are set back, by an hour at most."""
    random = Random(seed)
    leap_ns, frames = 0, []
    for time_ns, length, data in medley(4000 + seed, frames=500):
        if random.random() < 0.02:
            leap_ns += SECOND * random.choice((61, 600, 7200, 90_000, 2_000_000, -1, -5, -3600))
        frames.append((time_ns + leap_ns, length, data))
    path = tmp_path / "leaping.pcap"
    path.write_bytes(pcap(frames))
    check(path, PIECES[seed % len(PIECES)], tmp_path, seed)


@pytest.mark.parametrize("before", [True, False])
def test_a_silence_at_a_cut_is_as_long_as_elsewhere(tmp_path: Path, *, before: bool) -> None:
    """Nothing came for a day: between two pieces, or within the second of them."""
    frames = sorted(medley(11, frames=600), key=lambda frame: frame[0])
    late = [(time_ns + 86_400_000_000_000, length, data) for time_ns, length, data in frames[300:]]
    path = tmp_path / "silent.pcap"
    path.write_bytes(pcap([*frames[:300], *late]))
    head, places = between_frames(path.read_bytes())
    place = places[299 if before else 250]
    cuts = [Cut(source(path), 0, place, 0), Cut(source(path), place, None, head)]
    done, tables = whole([path], tmp_path / "whole")
    assert in_pieces(cuts, tmp_path / "pieces") == (done, tables)
    assert "D25" in {finding.id for finding in done.findings}


@pytest.mark.parametrize("seed", some_quick(range(20), each=8))
def test_the_files_of_a_rotation_give_the_tables_of_one_reader(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    frames = sorted(medley(2000 + seed, frames=900), key=lambda frame: frame[0])
    paths = []
    for number, some in enumerate(scattered(frames, random.choice(PIECES), random)):
        paths.append(tmp_path / f"x.pcap{number}")
        paths[-1].write_bytes(pcap(some))
    found = in_pieces([Cut(source(path)) for path in paths], tmp_path / "pieces")
    assert found == whole(paths, tmp_path / "whole")


@pytest.mark.parametrize("seed", some_quick(range(10), each=5))
def test_files_that_overlap_are_read_as_one(seed: int, tmp_path: Path) -> None:
    frames = sorted(medley(3000 + seed, frames=900), key=lambda frame: frame[0])
    parts = [frames[0:300:2], frames[1:300:2], frames[300:]]
    paths = [tmp_path / f"{number}.pcap" for number in range(3)]
    for path, some in zip(paths, parts, strict=True):
        path.write_bytes(pcap(some))
    found = in_pieces([Cut(source(path)) for path in paths], tmp_path / "pieces")
    assert found == whole(paths, tmp_path / "whole")
