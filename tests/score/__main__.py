"""``python -m tests.score DIR... [--format text|json|markdown] [--bars]``: score wirestat on captures with their truth.

Exit codes: 0 scored, and above the bars where they were asked for; 1 below a bar; 2 usage.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .case import find, score_case
from .tally import MEASURES, total


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.score")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--only", action="append")
    parser.add_argument("--bars", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    cases = [c for c in find(options.folders) if not options.only or any(o in c.name for o in options.only)]
    with ProcessPoolExecutor(options.jobs) as pool:
        scores = dict(zip([c.name for c in cases], pool.map(score_case, cases), strict=True))
    everything = total(score for taps in scores.values() for score in taps.values())
    for each in everything.disagreements:
        print(each)
    for measure, words in MEASURES.items():
        ratio = everything.ratios[measure]
        print(f"{words:50} {ratio.right:>10.1f} / {ratio.total:<10} {ratio.share if ratio.share is not None else '-'}")
    print(everything.extra_diagnoses)
    return bool(options.bars and everything.below_bars())


if __name__ == "__main__":
    sys.exit(main())
