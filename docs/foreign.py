"""``docs/foreign.md``: how right wirestat is on captures that others made, drawn from readings and stories."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT))

from tests.precision.verdicts import Verdict, missing, verdicts  # noqa: E402  # the folder of the project comes first

READINGS = (
    "third-reading",
    "unread-by-the-third",
    "fourth-reading",
    "fifth-reading",
    "unread-by-the-fifth",
    "sixth-reading",
    "unread-by-the-sixth",
    "seventh-reading",
    "eighth-reading",
    "ninth-reading",
    "tenth-reading",
    "eleventh-reading",
    "twelfth-reading",
    "unread-by-the-twelfth",
    "thirteenth-reading",
    "fourteenth-reading",
    "fifteenth-reading",
    "sixteenth-reading",
    "unread-by-the-sixteenth",
    "drawn-by-the-sixteenth",
    "seventeenth-reading",
    "eighteenth-reading",
    "nineteenth-reading",
    "twentieth-reading",
    "twenty-first-reading",
    "twenty-second-reading",
    "twenty-third-reading",
    "twenty-seventh-reading",
    "twenty-eighth-reading",
    "twenty-ninth-reading",
    "thirtieth-reading",
    "thirty-first-reading",
    "thirty-second-reading",
)
"""Readings as found, in their order."""
HEAD = """# How right it is on others' captures

The lab judges states. Findings are judged by others: captures from public repositories and packages are drawn from,
and each finding is read against the packets by somebody who did not write its rule. Verdicts and reasons are kept as
data under `tests/precision`, and this page is drawn from them by `docs/build.py`.

## Findings, as found

Only readings of captures that nobody had used before measure: what they found wrong was mended afterwards as a
kind, and is wrong here all the same. Those called *unread* are of findings that nobody had read, on captures that
rules had been mended on, and so is the eighth. The one called *drawn* is of findings that the tool drew by rule and
confidence from all public captures; most had been read before, as told then. The seventh is of captures that were
made for it, of kernels in namespaces, and the ninth to the fifteenth are of servers, proxies and clients in daily
use. The seventeenth, the twenty-first and the twenty-second are of 120 that were drawn by rule and confidence, and
judge anew what had been read. The twenty-seventh and the twenty-eighth are of listings that tcpdump and tshark
printed into fault reports, short and often without their beginning, with the truth of each written down before. The
bars are 90 % of all, 98 % of what is called certain and 95 % of errors. **No reading that has errors in it has met
them all.**

| reading | captures | certain | likely | possible | errors | all |
|---|---:|---:|---:|---:|---:|---:|
"""
WRONG = """
## What was wrong in the last five of them

| capture | finding | true is | mended since |
|---|---|---|---|
"""
MISSED = """
## What it should have told and did not

The truth of captures that were made was written down before wirestat saw them, so what is missing shows.

| capture | finding | true is | told since |
|---|---|---|---|
"""
STORIES = """
## Stories

Public fault reports are rebuilt as captures (`pcaps/field`), each with what is true, what has to be said and what
must not be. Of all {number}, {right} are told right. They were mended until they were, so the number shows
what is covered, not how a new story fares. Of those whose truth was written down before they were first run, {fresh}
({last} of the last round; `tests/field/first_run.toml` names them).

| story | what is missed | why |
|---|---|---|
"""


def foreign() -> str:
    """Return the page."""
    told = sorted((one for one in verdicts() if one.is_fresh), key=lambda one: READINGS.index(one.reading))
    return "".join([HEAD, *_readings(told), *_wrong(told), *_missed(), *_stories()])


def _readings(told: list[Verdict]) -> Iterator[str]:
    for reading in dict.fromkeys(one.reading for one in told):
        of_it = [one for one in told if one.reading == reading]
        captures = len({(one.origin, one.capture) for one in of_it})
        kinds = [
            [one for one in of_it if one.confidence == kind] for kind in ("certain", "likely", "possible")
        ]
        columns = [*kinds, [one for one in of_it if one.severity == "error"], of_it]
        cells = (f"{sum(one.right for one in column)} of {len(column)}" for column in columns)
        share = 100 * sum(one.right for one in of_it) / len(of_it)
        yield f"| {reading.removesuffix('-reading')} | {captures} | {' | '.join(cells)}, {share:.0f} % |\n"


def _wrong(told: list[Verdict]) -> Iterator[str]:
    yield WRONG
    for one in told:
        if one.reading in READINGS[-5:] and not one.right:
            cells = (f"{one.origin}: {one.capture}", one.finding, one.reason, one.mended or "no")
            yield f"| {' | '.join(cell.replace('|', ',') for cell in cells)} |\n"


def _missed() -> Iterator[str]:
    yield MISSED
    for one in missing():
        cells = (f"{one.origin}: {one.capture}", one.finding, one.reason, one.mended or "no")
        yield f"| {' | '.join(cell.replace('|', ',') for cell in cells)} |\n"


def _first_runs() -> tuple[str, str]:
    """Say how many stories were right when they were first run, in all and of the last round."""
    path = ROOT / "tests" / "field" / "first_run.toml"
    rounds = tomllib.loads(path.read_text(encoding="utf-8"))["rounds"]
    sums = [
        (one["told"], one["right"])
        if "told" in one
        else (sum(map(len, one.values())), len(one.get("right", ())))
        for one in rounds
    ]
    told, right = (sum(column) for column in zip(*sums, strict=True))
    return f"{right} of {told} were right then", f"{sums[-1][1]} of {sums[-1][0]}"


def _stories() -> Iterator[str]:
    folder = ROOT / "pcaps" / "field"
    failing = tomllib.loads((folder / "failing.toml").read_text(encoding="utf-8"))
    number = len(list(folder.glob("*/expect.json")))
    kept = [name for name in failing if (folder / name).is_dir()]
    fresh, last = _first_runs()
    yield STORIES.format(number=number, right=number - len(kept), fresh=fresh, last=last)
    for name, missed in failing.items():
        for what, why in missed.items():
            yield f"| {name} | {what.replace('|', ' or ')} | {why} |\n"
