"""The cost of tracking a capture in pieces, step by step: ``python -m bench.pieces FILE [PIECES]``.

The figures are processor time, so that it may be run beside other things; docs/cluster.md computes with them.
"""

import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from wirestat.batch import spread
from wirestat.batch.cuts import cuts
from wirestat.batch.sources import Input
from wirestat.batch.task import Item, Orders, work

_PART = 2


class Metered:
    """Does things at once, and notes the processor time of each kind, and bytes that go from one to another."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.ns: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()

    def submit(self, do: Callable[..., Any], /, *arguments: Any) -> Any:
        """Do it."""
        began = time.process_time_ns()
        result = do(*arguments)
        self.ns[do.__name__] += time.process_time_ns() - began
        if isinstance(result, bytes):
            self.bytes[do.__name__] += len(result)
        if isinstance(result, spread.Surveyed) and result.survey:
            self.bytes["survey"] += len(result.survey.known)
        return result

    def results(self, handles: Sequence[Any]) -> list[Any]:
        """Return what was done."""
        return list(handles)


def main(file: str, number: int = 8) -> None:
    """Print a line for each step."""
    path = Path(file)
    source = Input(file, file, None, path.stat().st_size)
    with path.open("rb") as stream:
        found = cuts(source, stream, -(-source.size // number))
    item, doer = Item(1, (source,), "key"), Metered()
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time_ns()
        (whole,) = work((item,), Orders(folder, "linux", None, False, False, threads=1))
        alone = time.process_time_ns() - began
    with tempfile.TemporaryDirectory() as folder:
        done = spread.SpreadCapture(item, Orders(folder, "linux", None, False, False), doer, _PART).run(found)
    if done is None:
        raise SystemExit("it has to be read whole")
    print(
        f"{len(found)} pieces, {whole.frames:,} frames, {whole.connections:,} connections, {source.size:,} bytes"
    )
    print(f"{'whole':12} {alone / whole.frames:8.0f} ns a frame in all")
    for step in ("survey", "track", "track_rest", "write"):
        print(f"{step:12} {doer.ns[step] / whole.frames:8.0f} ns a frame")
    for step in ("survey", "part", "parcel"):
        print(f"{step:12} {doer.bytes[step] / whole.connections:8.0f} bytes a connection")
    print(f"{'write':12} {doer.ns['write'] / whole.connections:8.0f} ns a connection")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
