"""Writes the frames of all wire scripts to a file: ``python -m tests.wirescript FILE``.

A dialogue begins with a blank line. Each frame is a line: its time in Unix ns, and its bytes in hexadecimal.
``src/core/tests/dialogues.rs`` reads them, to judge mutants of the tracker.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.wirescript.play import Player
from tests.wirescript.script import Script, read
from tests.wirescript.wire import BASE_NS, VARIANTS, Variant

SCRIPTS = Path(__file__).parent.parent / "wire"


class _Scribe(Player):
    """Plays one script, and keeps what it feeds."""

    def __init__(self, script: Script, variant: Variant) -> None:
        super().__init__(script, variant)
        self.fed: list[str] = []

    def _feed(self, now: int, frame: bytes) -> None:
        self.fed.append(f"{BASE_NS + now} {frame.hex()}")
        super()._feed(now, frame)


def lines() -> Iterator[str]:
    """Yield the lines of the file."""
    for path in sorted(SCRIPTS.glob("*.wire")):
        for script in read(path):
            for variant in VARIANTS:
                scribe = _Scribe(script, variant)
                scribe.play()
                yield from ("", *scribe.fed)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text("\n".join(lines()) + "\n", encoding="ascii")
