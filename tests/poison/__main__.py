"""``python -m tests.poison [DIR...]``: insert forged segments that no receiver takes, and report the changes.

Exit codes: 0 nothing proven is wrong; 1 something is; 2 usage.
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
from pathlib import Path

from tests.score.case import COMMITTED, find

from . import bars
from .survey import survey
from .words import report

PCAPS = COMMITTED[0]


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    cases = [c for c in find(options.folders) if any(fnmatch.fnmatch(c.name, each) for each in options.only)]
    if not cases:
        print("no such case", file=sys.stderr)
        return 2
    if options.lower:
        bars.write(survey(find([*COMMITTED]), bars.COUNT, bars.SEED))
        return 0
    tally = survey(cases, options.count, options.seed)
    print("\n".join(report(tally, options.worst)))
    return int(bool(tally.of("proven")))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.poison", description=(__doc__ or "").splitlines()[0].split(": ", 1)[1]
    )
    parser.add_argument(
        "folders", nargs="*", type=Path, metavar="DIR", help="cases; default: all that are kept"
    )
    parser.add_argument("--count", type=int, default=10_000, help="insertions (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--only", action="append", metavar="PATTERN", help="cases by name; repeatable")
    parser.add_argument(
        "--worst", type=int, default=5, metavar="N", help="kinds to show (default: %(default)s)"
    )
    parser.add_argument("--lower", action="store_true", help="write the present figures as ceilings")
    options = parser.parse_args(arguments)
    options.folders = options.folders or [*COMMITTED]
    options.only = options.only or ["*"]
    return options


if __name__ == "__main__":
    sys.exit(main())
