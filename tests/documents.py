"""The pages of documentation as tests see them: fenced blocks that can be executed.

=============  ================================================================================================
``console``    lines that begin with ``$`` are run by bash from the top of the project, with wirestat on the
               path; what follows them is what they print, standard error included, to the letter
``pycon``      a session of Python's prompt, run as a doctest
``python``     Python that needs more than the package: a library, or root and an interface; each has its own test
``sh``         commands; ``tests/test_examples.py`` runs them in a folder of samples, with those in the text,
               and names those that need an interface or another host, which are run under ``tests/live`` or only read
``sh try``     the command that installs wirestat and shows it; ``.ci/run`` runs it on a fresh copy
``sh test``    the command that sets up and passes the tests; ``.ci/run`` runs it likewise
=============  ================================================================================================

``pytest --golden`` writes what console blocks print anew, in the page itself.

As a program, ``python tests/documents.py try`` prints the command of that name from the README.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))

_BLOCK = re.compile(r"^```(?P<kind>[\w ]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_STEP = re.compile(r"^\$ (?P<command>(?:.*\\\n)*.*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: Path
    kind: str
    text: str
    line: int
    """Of its first line of text, from 1."""

    def __str__(self) -> str:
        """Say where it stands."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path, kind: str) -> list[Block]:
    """Return the blocks of one kind on a page."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, kind, found["text"], text.count("\n", 0, found.start("text")) + 1)
        for found in _BLOCK.finditer(text)
        if found["kind"] == kind
    ]


def performed(console: str) -> str:
    """Run the commands of a console block and return the block with what they print now."""
    return _STEP.sub(lambda step: f"$ {step['command']}\n{_output(step['command'])}", console)


def refresh(page: Path) -> None:
    """Write what the console blocks of a page print anew."""

    def fresh(found: re.Match[str]) -> str:
        return f"```console\n{performed(found['text'])}```" if found["kind"] == "console" else found.group()

    page.write_text(_BLOCK.sub(fresh, page.read_text(encoding="utf-8")), encoding="utf-8")


def _output(command: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=ROOT,
        env={**os.environ, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    return done.stdout


def main(arguments: list[str], say: Callable[[str], object] = print) -> int:
    """Print the one command of the README that is marked so."""
    (block,) = blocks(ROOT / "README.md", f"sh {arguments[0]}")
    say(block.text.strip())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
