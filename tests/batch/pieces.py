"""One capture, read whole and in pieces, and the tables of both."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from msgspec.structs import replace

from wirestat.batch.cuts import Cut
from wirestat.batch.sources import Input
from wirestat.batch.spread import SpreadCapture
from wirestat.batch.task import Done, Item, Orders, work

_PCAP_HEADER, _PCAPNG = 24, b"\x0a\x0d\x0d\x0a"


class AtOnce:
    """Runs tasks at once, in this process."""

    def submit(self, do: Callable[..., Any], /, *arguments: Any) -> Any:
        """Run a task."""
        return do(*arguments)

    def results(self, handles: Sequence[Any]) -> list[Any]:
        """Return the results."""
        return list(handles)


def source(path: Path) -> Input:
    return Input(str(path), str(path), None, path.stat().st_size if path.exists() else 0)


def orders(folder: Path) -> Orders:
    folder.mkdir(exist_ok=True, parents=True)
    return Orders(str(folder), "linux", None, False, False)


def written(folder: Path) -> dict[str, bytes]:
    """Return all tables, as bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def whole(paths: Sequence[Path], folder: Path) -> tuple[Done, dict[str, bytes]]:
    """Read all in one process."""
    (done,) = work((Item(1, tuple(map(source, paths)), "key"),), orders(folder))
    return replace(done, cpu_ns=0), written(folder)


def in_pieces(cuts: Sequence[Cut], folder: Path, parts: int = 3) -> tuple[Done, dict[str, bytes]] | None:
    """Read it in pieces; ``None`` if it has to be read whole."""
    sources = tuple(dict.fromkeys(cut.source for cut in cuts))
    done = SpreadCapture(Item(1, sources, "key"), orders(folder), AtOnce(), parts).run(cuts)
    return None if done is None else (replace(done, cpu_ns=0), written(folder))


def at_random(path: Path, pieces: int, random: Random) -> list[Cut]:
    """Cut a capture between frames, at random places; as many times as there are places."""
    head, places = between_frames(path.read_bytes())
    chosen = sorted(random.sample(places, min(pieces - 1, len(places))))
    ends = [*chosen, None]
    begins = [0, *chosen]
    one = source(path)
    return [Cut(one, begin, end, head if begin else 0) for begin, end in zip(begins, ends, strict=True)]


def between_frames(data: bytes) -> tuple[int, list[int]]:
    """Return the length of the head, and all offsets between two frames."""
    if data[:4] != _PCAPNG:
        order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
        at, places = _PCAP_HEADER, []
        while at + 16 <= len(data):
            at += 16 + struct.unpack_from(f"{order}I", data, at + 8)[0]
            places.append(at)
        return _PCAP_HEADER, places[:-1]
    order = "<" if data[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    at, head, places = 0, 0, []
    while at + 12 <= len(data):
        kind, length = struct.unpack_from(f"{order}II", data, at)
        if kind in (2, 3, 6):
            head = head or at
            places.append(at + length)
        at += length
    return head, places[:-1]


def scattered(frames: Sequence[Any], pieces: int, random: Random) -> list[list[Any]]:
    """Cut frames into this many runs."""
    chosen = sorted(random.sample(range(1, len(frames)), min(pieces - 1, len(frames) - 1)))
    return [list(frames[a:b]) for a, b in zip([0, *chosen], [*chosen, len(frames)], strict=True)]
