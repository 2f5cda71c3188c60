"""``python -m tests.score DIR... [--format FORMAT] [--bars]``: score captures that come with their truth.

Exit codes: 0 scored, and above the bars where they were asked for; 1 below a bar; 2 usage.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
from pathlib import Path

from .case import find
from .render import RENDERERS
from .result import score_all


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    cases = [
        case
        for case in find(options.folders)
        if any(fnmatch.fnmatch(case.name, each) for each in options.only)
    ]
    if not cases:
        print(f"no truth.json under {' '.join(map(str, options.folders))}", file=sys.stderr)
        return 2
    result = score_all(cases, options.jobs, with_peers=not options.no_peers)
    print(RENDERERS[options.format](result))
    missed = result.below_bars()
    if options.bars:
        for each in missed:
            print(f"below the bar: {each}", file=sys.stderr)
    return int(options.bars and bool(missed))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.score", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="DIR", help="folders with cases, at any depth"
    )
    parser.add_argument("--format", choices=RENDERERS, default="text", help="default: %(default)s")
    parser.add_argument("--bars", action="store_true", help="exit with 1 where a bar is missed")
    parser.add_argument(
        "--only", action="append", metavar="PATTERN", help="cases by name, with * and ?; repeatable"
    )
    parser.add_argument("--no-peers", action="store_true", help="leave the other tools out")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    options.only = options.only or ["*"]
    return options


if __name__ == "__main__":
    sys.exit(main())
