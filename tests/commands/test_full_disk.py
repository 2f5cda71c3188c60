"""A full disk: one clear line, its exit code, and no half-written file, for every writer."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import programs
from tests.live.wire import needs_root
from tests.programs import as_text
from tests.quick import some_quick
from wirestat.commands.codes import Code

CASE = Path(__file__).parents[2] / "pcaps" / "close-wait-leak"
CAPTURE, OTHER = str(CASE / "middle.pcap"), str(CASE / "client.pcap")
WRITERS: dict[str, list[str]] = {
    **{format: [CAPTURE, "--format", format, "-o", "out"] for format in (
        "text", "markdown", "json", "ndjson", "html", "csv", "parquet", "arrow", "zeek", "zeek-json",
    )},
    "a folder": [CAPTURE, "--format", "csv", "-o", "folder"],
    "report": ["report", CAPTURE, "-o", "out.html"],
    "compare": ["compare", CAPTURE, OTHER, "-o", "out.json"],
    "compare, a folder": ["compare", CAPTURE, OTHER, "--format", "parquet", "-o", "folder"],
    "draw": ["draw", CAPTURE, "--states", "-o", "out.svg"],
    "draw, PNG": ["draw", CAPTURE, "--states", "-o", "out.png"],
    "draw, ladder": ["draw", CAPTURE, "--connection", "1", "-o", "out.svg"],
    "annotate": ["annotate", CAPTURE, "-o", "out.pcapng"],
    "live": ["live", "-q", "-Z", "root", "-r", CAPTURE, "-o", "out.json"],
    "live, a table": ["live", "-q", "-Z", "root", "-r", CAPTURE, "-o", "out.csv"],
    "live, a folder": ["live", "-q", "-Z", "root", "-r", CAPTURE, "--format", "arrow", "-o", "folder"],
    "sql": ["sql", "SELECT * FROM connections", CAPTURE, "--format", "csv", "-o", "out.csv"],
}  # fmt: skip


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for names, and for nothing else."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", str(disk)], check=True)
    try:
        (disk / "filler").write_bytes(bytes(4096))
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@needs_root
@pytest.mark.parametrize("writer", some_quick(list(WRITERS), each=4))
def test_nothing_is_left_half_written(writer: str, full: Path) -> None:
    done = as_text(programs.run(*WRITERS[writer], cwd=full))
    assert done.returncode == Code.IO, done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error")]
    assert len(errors) == 1
    assert errors[0].endswith(": no space left on device")
    assert Path(WRITERS[writer][-1]).stem in errors[0]
    left = [path for path in full.rglob("*") if path.name != "filler" and path.is_file()]
    assert left == []


@pytest.mark.parametrize(
    "verb", [[CAPTURE], ["count", CAPTURE], ["netstat", CAPTURE], ["states"], ["fields"]]
)
def test_a_full_standard_output_is_said(verb: list[str]) -> None:
    with Path("/dev/full").open("wb") as out:
        done = programs.run(*verb, stdout=out.fileno())
    assert done.returncode == Code.IO
    assert done.stderr == b"error: input or output: no space left on device\n"
