"""Writes the frames of all wire scripts, and of variations of them, to a file: ``python -m tests.wirescript FILE``;
``FILE FOLDER`` writes those of the small captures in a folder as well.

A dialogue begins with a blank line. Each frame is a line: its time in Unix ns, and its bytes in hexadecimal.
``src/core/tests/dialogues.rs`` reads them, to judge mutants of the tracker.
"""

from collections.abc import Iterator
from pathlib import Path

import click
from scapy.utils import RawPcapReader

from tests.wirescript.play import ETHERNET, Player
from tests.wirescript.script import Script, read
from tests.wirescript.vary import variations
from tests.wirescript.wire import BASE_NS, VARIANTS, Variant

SCRIPTS = Path(__file__).parent.parent / "wire"


class _Scribe(Player):
    """Plays one script, and keeps the frames that it feeds."""

    def __init__(self, script: Script, variant: Variant) -> None:
        super().__init__(script, variant)
        self.fed: list[str] = []

    def _feed(self, now: int, frame: bytes) -> None:
        self.fed.append(f"{BASE_NS + now} {frame.hex()}")
        super()._feed(now, frame)


SMALL = 40_000
"""Maximum size of a capture in bytes: larger ones take long to play, and add little."""


def _of_captures(folder: Path) -> Iterator[str]:
    """Yield the frames of the small captures in a folder."""
    for path in sorted(folder.rglob("*.pcap")):
        if path.stat().st_size < SMALL:
            with RawPcapReader(str(path)) as reader:
                unit = 1 if reader.nano else 1000
                frames = [f"{meta.sec * 10**9 + meta.usec * unit} {data.hex()}" for data, meta in reader]
            if reader.linktype == ETHERNET:
                yield from ("", *frames)


VARIATIONS = 20_000
SEED = 1


def _frames(script: Script, variant: Variant) -> Iterator[str]:
    scribe = _Scribe(script, variant)
    scribe.play()
    if scribe.fed:
        yield from ("", *scribe.fed)


def _of_scripts() -> Iterator[str]:
    """Yield the frames of all wire scripts, and of variations of them."""
    scripts = [script for path in sorted(SCRIPTS.glob("*.wire")) for script in read(path)]
    for script in scripts:
        for variant in VARIANTS:
            yield from _frames(script, variant)
    for script in variations(scripts, VARIATIONS, SEED):
        yield from _frames(script, VARIANTS[0])


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(file: Path, folders: tuple[Path, ...]) -> None:
    """Write the frames of all wire scripts, and of small captures in FOLDERS, to FILE."""
    lines = [*_of_scripts(), *(line for folder in folders for line in _of_captures(folder))]
    file.write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
