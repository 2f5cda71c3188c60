"""The examples of the pages, and a folder in which they can be run: with captures of the names that the pages use.

An example is a line of an ``sh`` block, or a span of code that begins with ``wirestat`` and names what it reads.
Absolute paths of the pages lie below the folder, as does the home of whoever types them.
"""

import gzip
import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.documents import PAGES, ROOT, Block, blocks
from tests.history.played import Played
from tests.packets.files import Frame, pcap
from tests.patience import PATIENCE

_PCAPS = ROOT / "pcaps"
_SPAN = re.compile(r"`(?P<text>[^`\n]*\bwirestat [^`]+)`")
_LEADS = re.compile(r"^(?:sudo )?(?:\.venv/bin/)?wirestat |\| wirestat ")
_CAPTURES = re.compile(r"^(sudo )?(\.venv/bin/)?wirestat (live$|(live|count|netstat)( .*)? -i )")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_NS = 10**9
_DAY_NS = 86_400 * _NS
_NIGHT_NS = int(datetime(2026, 11, 27, 3, 9, 40, tzinfo=UTC).timestamp()) * _NS


@dataclass(frozen=True)
class Example:
    """A command line of a page."""

    text: str
    place: str

    @property
    def captures(self) -> bool:
        """Whether it captures on an interface of this host by itself."""
        return bool(_CAPTURES.match(self.text)) and " -r " not in self.text

    def __str__(self) -> str:
        """Say where it stands, and what it is."""
        return f"{self.place} {self.text}"


def examples() -> Iterator[Example]:
    """Yield every example once for each page that gives it."""
    seen: set[tuple[str, str]] = set()
    for page in PAGES:
        name = str(page.relative_to(ROOT))
        for example in (*_lines(page), *_spans(page, name)):
            if (name, example.text) not in seen:
                seen.add((name, example.text))
                yield example


def _lines(page: Path) -> Iterator[Example]:
    for block in blocks(page, "sh"):
        for line in _joined(block):
            yield Example(line, str(block))


def _joined(block: Block) -> Iterator[str]:
    """Yield the commands of a block; quotes and backslashes continue a command."""
    begun = ""
    for line in block.text.splitlines():
        begun = f"{begun}\n{line}" if begun else line
        if begun.endswith("\\") or begun.count('"') % 2:
            continue
        if begun.strip() and not begun.startswith("#"):
            yield begun.replace("\\\n", " ")
        begun = ""


def _spans(page: Path, name: str) -> Iterator[Example]:
    for found in _SPAN.finditer(_FENCED.sub("", page.read_text(encoding="utf-8"))):
        text = found["text"].replace("\\|", "|").replace("\n", " ")
        if _LEADS.search(text):
            yield Example(text, name)


class Folder:
    """The folder in which examples run."""

    def __init__(self, path: Path) -> None:
        """Lay it out."""
        self.path = path
        leak = _PCAPS / "field/leak-of-close-wait/capture.pcap"
        full, ignored = _PCAPS / "accept-queue-full", _PCAPS / "accept-queue-full-data-ignored"
        for name in ("trace.pcap", "your.pcap", "before.pcap", "night.pcap"):
            self._joined(name, leak, full / "server.pcap")
        self._joined("after.pcap", full / "client.pcap")
        for name in ("client", "server"):
            shutil.copy(ignored / f"{name}.pcap", path)
        shutil.copy(ignored / "middle.pcap", path / "firewall.pcap")
        for number, name in enumerate(("client", "server")):
            shutil.copy(full / f"{name}.pcap", path / f"fw-eth{number}.pcap")
        for place in ("evidence", "var/log/ring"):
            (path / place).mkdir(parents=True)
            for name in ("client", "server"):
                shutil.copy(full / f"{name}.pcap", path / place)
        with zipfile.ZipFile(path / "case-17.zip", "w") as case:
            case.write(leak, "leak.pcap")
        shutil.copy(leak, path / "one.pcapng")
        Played(path / "night.pcap", path / "var/lib/wirestat", _DAY_NS, past_ns=3 * _DAY_NS)
        (path / "evidence.pcap.gz").write_bytes(gzip.compress(leak.read_bytes()))
        for name in ("pcaps", "docs", "src", "pyproject.toml"):
            (path / name).symlink_to(ROOT / name)

    def _joined(self, name: str, *captures: Path) -> None:
        """Merge captures, as if they had been taken on one night."""
        frames = [frame for capture in captures for frame in moved(capture, _NIGHT_NS)]
        (self.path / name).write_bytes(pcap(sorted(frames, key=lambda frame: frame[0]), nanoseconds=True))

    def files(self) -> dict[Path, int]:
        """Return the files that are there now, and when each was written."""
        return {path: path.stat().st_mtime_ns for path in self.path.rglob("*")}

    def run(self, text: str) -> "subprocess.CompletedProcess[str]":
        """Run a command line in that folder, as a user would, without earlier results."""
        shutil.rmtree(self.path / "results", ignore_errors=True)
        placed = re.sub(r"(?<![\w./~:])/(?=[a-z])", f"{self.path}/", text.removeprefix("sudo "))
        placed = re.sub(r"(?<= )/(?= )", str(self.path), placed.replace(".venv/bin/", ""))
        folders = (str(Path(sys.executable).parent), os.environ.get("PATH", ""))
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", placed],
            cwd=self.path,
            env={**os.environ, "PATH": os.pathsep.join(folders), "HOME": str(self.path), "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
        )


def moved(capture: Path, begin_ns: int) -> list[Frame]:
    """Return the frames of a classic capture, the first of them at another time."""
    data = capture.read_bytes()
    unit = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[struct.unpack_from("<I", data)[0]]
    frames, place = list[Frame](), 24
    while place < len(data):
        seconds, rest, held, length = struct.unpack_from("<IIII", data, place)
        frames.append((seconds * _NS + rest * unit, length, data[place + 16 : place + 16 + held]))
        place += 16 + held
    return [(time_ns + begin_ns - frames[0][0], length, frame) for time_ns, length, frame in frames]
