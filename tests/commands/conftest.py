"""wirestat as a process, with the captures of ``tests.report.stories``."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]

Wirestat = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def wirestat(tmp_path: Path) -> Wirestat:
    """Run wirestat in an empty directory that holds a file for each story."""
    for story in (
        "outage",
        "clean",
        "unfit",
        "crowd",
        "lost-last-ack",
        "interrupted",
        "broken",
        "unreadable",
    ):
        (tmp_path / f"{story}.pcap").write_bytes(b"")

    def run(
        *arguments: str,
        stdin: str | None = None,
        env: Mapping[str, str] | None = None,
        under: Sequence[str] = (),
    ) -> object:
        return subprocess.run(
            [*under, sys.executable, "-m", "tests.commands.on_fixtures", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}", **(env or {})},
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    return run  # type: ignore[return-value]  # a function with keywords has no Callable of its own
