"""``python -m tests.taps [DIR...]``: the accuracy of wirestat on captures degraded as worse taps would.

Exit codes: 0 measured; 1 with ``--bars`` where a bar is missed; 2 usage.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
from pathlib import Path

from tests.score.case import COMMITTED, find
from tests.score.strict import Verdict
from tests.score.tally import Ratio

from . import bars
from .mutations import MUTATIONS
from .survey import Job, Seen, stories, sum_up, survey, worst

PCAPS = COMMITTED[0]


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    cases = [c for c in find(options.folders) if any(fnmatch.fnmatch(c.name, each) for each in options.only)]
    chosen = tuple(m for m in MUTATIONS if any(fnmatch.fnmatch(m.name, each) for each in options.mutation))
    if not cases or not chosen:
        print("no such case or mutation", file=sys.stderr)
        return 2
    seen = survey(cases, Job(chosen, options.seed, options.out), options.jobs)
    sums = {name: verdict for name, verdict in sum_up(seen).items() if name in {m.name for m in chosen}}
    known = bars.load()
    print("\n".join(table(sums, known)))
    for each in chosen if options.worst else ():
        print("\n".join(details([s for s in seen if s.mutation == each.name], each.name, options.worst)))
    if options.lower:
        bars.write(known | {name: known[name].lowered(verdict) for name, verdict in sums.items()})
    return int(options.bars and not all(known[name].is_met(verdict) for name, verdict in sums.items()))


def table(sums: dict[str, Verdict], known: dict[str, bars.Bar]) -> list[str]:
    """One line per mutation, with the bars beside.

    Of the wrong final states some are silent: the kernel moved without a packet, and no packet told of it.
    """
    lines = [
        f"{'mutation':22} {'proven and wrong':>28} {'bar':>8}   {'final state wrong':>26} {'bar':>6}  "
        "silent named unknown"
    ]
    for name, verdict in sums.items():
        bar = known[name]
        lines.append(
            f"{name:22} {_share(verdict.proven):>28} {bar.proven:>8.2%}   "
            f"{_share(verdict.final):>26} {bar.final:>6.1%}  "
            f"{verdict.silent:6} {_named(verdict):5.2f} {verdict.unknown:7}"
        )
    return lines


def _named(verdict: Verdict) -> float:
    """The mean number of states named for an end."""
    return verdict.named / verdict.final.total if verdict.final.total else 0


def _share(ratio: Ratio) -> str:
    wrong = bars.wrong_of(ratio)
    return f"{wrong} of {ratio.total} ({wrong / ratio.total if ratio.total else 0:.2%})"


def details(seen: list[Seen], name: str, most: int) -> list[str]:
    """The worst kinds under one mutation, each with its stories and one example."""
    lines = ["", f"## {name}"]
    for count, kind, said, group in worst(seen)[:most]:
        told = ", ".join(f"{story} {n}" for story, n in stories(group).most_common(6))
        example, wrong = min(group, key=lambda each: len(each[1].told))
        lines += [f"{count:5} {kind:6} {said}", f"        in {told}"]
        lines += [f"        e.g. {example.case}/{example.tap} {wrong.connection} {wrong.side}"]
        lines += [f"             truth {wrong.truth}", f"             told  {wrong.told}"]
    return lines


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.taps", description=(__doc__ or "").splitlines()[0].split(": ", 1)[1]
    )
    parser.add_argument(
        "folders", nargs="*", type=Path, metavar="DIR", help="cases; default: all that are kept"
    )
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--only", action="append", metavar="PATTERN", help="cases by name; repeatable")
    parser.add_argument("--mutation", action="append", metavar="PATTERN", help="by name; repeatable")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="show the N worst kinds of each")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep captures on which something is wrong")
    parser.add_argument("--lower", action="store_true", help="write the present figures as ceilings")
    parser.add_argument("--bars", action="store_true", help="exit with 1 where a bar is missed")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    options.folders = options.folders or [*COMMITTED]
    options.only = options.only or ["*"]
    options.mutation = options.mutation or ["*"]
    return options


if __name__ == "__main__":
    sys.exit(main())
