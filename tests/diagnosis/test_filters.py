"""A finding's display filter, pasted into Wireshark, selects the frames that the finding names."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.diagnosis.test_captures import CAPTURES
from tests.quick import sample
from wirestat import analyze
from wirestat.diagnosis.filters import MOST_FRAMES
from wirestat.model import Finding

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def selected(capture: Path, display_filter: str) -> set[int]:
    command = ["tshark", "-n", "-r", str(capture), "-Y", display_filter, "-T", "fields", "-e", "frame.number"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return {int(number) for number in done.stdout.split()}


@cache
def filters() -> dict[tuple[str, str], tuple[Path, Finding]]:
    """One finding of each diagnosis, single and joined, of each of its severities, with the first capture of it."""
    found: dict[tuple[str, str], tuple[Path, Finding]] = {}
    for capture, finding in _all():
        kind = f"{finding.severity}{' joined' if finding.count > 1 else ''}"
        found.setdefault((finding.id, kind), (capture, finding))
    return found


def _all() -> Iterator[tuple[Path, Finding]]:
    for capture in CAPTURES:
        yield from ((capture, finding) for finding in analyze(capture).findings if finding.display_filter)


@needs_tshark
@pytest.mark.slow
def test_a_filter_selects_the_evidence() -> None:
    for key, (capture, finding) in filters().items():
        named = set(finding.frames)
        chosen = selected(capture, finding.display_filter)
        assert set(sorted(named)[:MOST_FRAMES]) <= chosen, (key, capture, finding)
        if "frame.number" in finding.display_filter:
            assert chosen <= named, (key, capture, finding)


def test_every_finding_with_evidence_has_a_filter() -> None:
    for capture in sample(CAPTURES, each=5):
        for finding in analyze(capture).findings:
            assert finding.display_filter or not finding.frames, (capture, finding)
