"""Write a flood, a monster or plain traffic to standard output: ``python -m tests.hostile NAME [COUNT]``."""

import sys
from pathlib import Path

from bench.traffic import write
from tests.hostile.flood import HEADER
from tests.hostile.kinds import HOSTILE, sources
from tests.hostile.monsters import MONSTERS

CHUNK = 500_000
EACH = 14
"""Packets of a connection of plain traffic, from its opening to its end."""


def main() -> None:
    """Write it."""
    name, out = sys.argv[1], sys.stdout.buffer
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if name in MONSTERS:
        out.write(MONSTERS[name]())
        return
    if name == "plain":
        write(Path("/dev/stdout"), count // EACH)
        return
    out.write(HEADER)
    if name == "sources":
        for first in range(0, count, CHUNK):
            out.write(sources(min(CHUNK, count - first), first))
    else:
        out.write(HOSTILE[name](count))


if __name__ == "__main__":
    main()
