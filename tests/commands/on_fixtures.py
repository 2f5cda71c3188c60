"""Runs wirestat as a process on the stories of ``tests.report``: ``python -m tests.commands.on_fixtures outage``.

The name of each capture, without its suffix, chooses the story. ``interrupted`` behaves as if Ctrl-C came while
reading, ``broken`` as if there were a bug, ``unreadable`` as if the file were no capture.
"""

from pathlib import Path
from typing import Any, NoReturn

import wirestat
from tests.report.judged import REPORTS
from wirestat import commands
from wirestat.errors import InputError
from wirestat.report.build import Report

_ALL = dict(REPORTS)  # forks of a process that has loaded this need not judge again


def analyze(*paths: str, progress: Any, **_options: Any) -> Report:
    """Stand in for the tracker."""
    story = Path(paths[0]).stem
    if story == "broken":
        raise ZeroDivisionError("on purpose")
    if story == "unreadable":
        raise InputError("not a capture", paths[0], 0, "the first four bytes are of no known format")
    if story == "interrupted":
        progress._stop(2, None)
        assert not progress(1, 2)
    return _ALL.get(story, _ALL["outage"])


def run() -> NoReturn:
    """Run the command line with it."""
    vars(wirestat)["analyze"] = analyze
    commands.run()


if __name__ == "__main__":
    run()
