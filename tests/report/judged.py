"""The stories as reports ready to be rendered: read, tracked and judged as users' captures are."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import wirestat
from tests.field.talk import GREETING, Wire
from tests.packets.files import pcap
from tests.report.stories import STORIES
from wirestat.model import Severity
from wirestat.report.build import Report


def judged(file: str, data: bytes) -> Report:
    """Make the report of a capture; every segment is kept."""
    # The report contains the capture's name, which must not be that of a temporary folder.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path(file).write_bytes(data)
        return wirestat.analyze(file, trace="all")


def slow_answers() -> Report:
    """Make a report whose only finding is mere information, and has something to do all the same."""
    wire = Wire()
    for number in range(3):
        talk = wire.talk(f"10.0.0.1:{40_000 + number}", "10.0.9.9:80", at=float(number)).play(GREETING)
        talk.play("1.0 > P. 90\n1.01 < .\n8.0 < P. 900\n8.01 > .")
    report = judged("slow.pcap", pcap(wire.in_order()))
    assert [(one.id, one.severity) for one in report.findings] == [("D49", Severity.INFO)]
    return report


class _Reports(Mapping[str, Report]):
    """The stories by name, judged on first access: every worker imports this, and few need a report."""

    def __getitem__(self, name: str) -> Report:
        return _judged(name)

    def __iter__(self) -> Iterator[str]:
        return iter(STORIES)

    def __len__(self) -> int:
        return len(STORIES)


@cache
def _judged(name: str) -> Report:
    return judged(*STORIES[name])


REPORTS = _Reports()
"""One report for each situation that a rendering must handle."""
