"""The stories as reports ready to be rendered: read, tracked and judged as users' captures are."""

import contextlib
import tempfile
from pathlib import Path

import wirestat
from tests.report.stories import STORIES
from wirestat.report.build import Report


def judged(file: str, data: bytes) -> Report:
    """Make the report of a capture; every segment is kept."""
    # The report contains the capture's name, which must not be that of a temporary folder.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path(file).write_bytes(data)
        return wirestat.analyze(file, trace="all")


REPORTS: dict[str, Report] = {name: judged(*story) for name, story in STORIES.items()}
"""One report for each situation that a rendering must handle."""
