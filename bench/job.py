"""The main job, with the rules or without: ``python -m bench.job FILE judged|unjudged``."""

import sys

from wirestat import __version__
from wirestat.capture.native import NativeSource
from wirestat.report import json, layout
from wirestat.report.build import Report, assemble, build
from wirestat.report.conformance import conformance
from wirestat.timers import LINUX
from wirestat.tracked import Tracked
from wirestat.tracker import Tracker


def _report(path: str, judged: bool) -> Report:
    tracker = Tracker(LINUX, release=True)
    source = NativeSource([path])
    source.drain(tracker.core)
    analysis = Tracked(source, tracker, LINUX, "summary")
    return build(analysis) if judged else assemble(analysis, (), conformance(analysis.summary))


def _main(path: str, how: str) -> None:
    sys.stdout.buffer.writelines(
        json.render(_report(path, how == "judged"), layout.View(version=__version__), lists=False)
    )


if __name__ == "__main__":
    _main(*sys.argv[1:])
