"""wirestat as a process, with the captures of ``tests.report.stories``."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests import programs
from tests.programs import as_text

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

    def run(*arguments: str, stdin: str | None = None, env: Mapping[str, str] | None = None) -> object:
        given = subprocess.DEVNULL if stdin is None else stdin.encode()
        module = "tests.commands.on_fixtures"
        return as_text(programs.run(*arguments, module=module, stdin=given, cwd=tmp_path, env=env))

    return run  # type: ignore[return-value]  # a function with keywords has no Callable of its own
