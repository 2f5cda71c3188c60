"""Hostile captures: any prefix of any, and any with bytes flipped, is read without a crash or a hang."""

import gzip
import random
import subprocess
import sys
from pathlib import Path

import pytest

import wirestat
from tests.packets.dialogue import encapsulated
from tests.packets.files import pcap, pcapng
from tests.peak import peak
from tests.quick import sample, some_quick
from wirestat.errors import WirestatError

ROOT = Path(__file__).parent.parent
CASES = 2000
BATCHES = 20
"""The cases are spread over as many test items, for as many workers as there are."""


def seeds() -> list[bytes]:
    """Return whole captures: every format and encapsulation that the tests can build, and those that are kept."""
    made = []
    for link, frames in encapsulated().values():
        made += [pcap(frames, link=link), pcapng(frames, link=link)]
    ethernet = encapsulated()["ethernet"][1]
    made += [
        pcap(ethernet, order=">"),
        pcap(ethernet, nanoseconds=True),
        pcapng(ethernet, order=">"),
        pcapng(ethernet) + pcapng(ethernet, order=">"),
        gzip.compress(pcap(ethernet), mtime=0),
    ]
    kept = sorted(path for path in (ROOT / "pcaps").glob("**/*.pcap*") if path.stat().st_size < 200_000)
    return made + [path.read_bytes() for path in kept[:40]]


def mistreat(seed: bytes, chance: random.Random) -> bytes:
    """Cut it somewhere, or change some of its bytes, or both."""
    data = bytearray(seed)
    kind = chance.randrange(4)
    if kind in (0, 3):
        del data[chance.randrange(len(data) + 1) :]
    if kind in (1, 3):
        for _ in range(chance.choice([1, 1, 2, 8, 64])):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
    if kind == 2 and len(data) > 8:
        # Numbers that are lengths, counts or offsets do the most harm when they are extreme.
        place = chance.randrange(len(data) - 4)
        data[place : place + 4] = chance.choice(
            [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\0\0\0\x80"]
        )
    return bytes(data)


@pytest.mark.parametrize("batch", some_quick(range(BATCHES), each=4))
def test_nothing_that_is_read_does_harm(batch: int, tmp_path: Path) -> None:
    chance = random.Random(batch)
    captures = seeds()
    path = tmp_path / "hostile"
    for _ in range(CASES // BATCHES):
        path.write_bytes(mistreat(chance.choice(captures), chance))
        try:
            report = wirestat.analyze(path)
        except WirestatError:
            continue
        list(report.connections())


@pytest.mark.parametrize("write", [pcap, pcapng])
@pytest.mark.slow
def test_whole_frames_are_kept(write: type, tmp_path: Path) -> None:
    frames = encapsulated()["ethernet"][1]
    whole = write(frames)
    ends = [len(write(frames[:count])) for count in range(len(frames) + 1)]
    path = tmp_path / "cut"
    for cut in sorted({*sample(range(ends[0], len(whole)), each=5), *ends[:-1]}):
        path.write_bytes(whole[:cut])
        report = wirestat.analyze(path)
        assert report.summary.frames == sum(end <= cut for end in ends[1:])
        (capture,) = report.captures
        assert (capture.error is None) == (cut in ends)


@pytest.mark.slow
def test_memory_has_a_bound() -> None:
    """All cases once more in a separate process, whose peak memory must stay near that of the interpreter."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.test_hostile"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 250 << 20


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        for batch in range(BATCHES):
            test_nothing_that_is_read_does_harm(batch, Path(directory))
    print(peak())
