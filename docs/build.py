"""Draws the files that follow from the code: ``docs/build.py`` writes them, ``docs/build.py --check`` compares."""

import sys
from pathlib import Path

from vocabulary import vocabulary

ROOT = Path(__file__).parent.parent
NAMES = "src/wirestat/vocabulary.py"
PREMISES = "src/wirestat/diagnosis/premises.py"


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` name those that are out of date."""
    is_check = "--check" in arguments
    drawn = {NAMES: vocabulary()}
    if not is_check:
        _write(NAMES, drawn[NAMES])
    # All that is imported from here on may use names that have only just been drawn.
    from pages import PAGES
    from premises import premises

    drawn |= {PREMISES: premises()}
    drawn |= {name: draw() for name, draw in PAGES.items()}
    stale = [name for name, text in drawn.items() if not _is_fresh(ROOT / name, text)]
    for name in stale:
        if is_check:
            print(f"{name} is out of date: run docs/build.py", file=sys.stderr)
        else:
            _write(name, drawn[name])
    return int(is_check and bool(stale))


def _write(name: str, text: str) -> None:
    (ROOT / name).write_text(text, encoding="utf-8")


def _is_fresh(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
