"""For a terminal: a line for each case and tap, the sums, and every disagreement with its ladder."""

from __future__ import annotations

from ..result import Result
from ..tally import BARS, MEASURES, Score
from ..truth import TAPS
from .words import COLUMNS, amount, percent


def render(result: Result) -> str:
    lines = [_head("case")]
    for case, taps in result.by_case.items():
        lines += [_row(f"{case}/{tap}", score) for tap, score in taps.items()]
    lines += ["", _head("all cases")]
    lines += [_row(tap, result.of_tap(tap)) for tap in TAPS]
    everything = result.everything
    lines += ["", *_disagreements(everything), ""]
    for measure, words in MEASURES.items():
        ratio = everything.ratios[measure]
        bar = f"  bar {BARS[measure]:.0%}" if measure in BARS else ""
        alike = percent(result.each_case_alike(measure))
        lines.append(f"{words:46} {percent(ratio):>8}  {alike:>8} with each case alike  {amount(ratio)}{bar}")
    lines.append(
        f"{'diagnoses named by at least one tap':46} {len(everything.named)} of {len(everything.deserved)}"
    )
    extra = ", ".join(f"{id} {count}" for id, count in everything.extra_diagnoses.most_common())
    lines += [f"diagnoses beyond those deserved: {extra or 'none'}", ""]
    lines += [
        f"{peer.name:10} tells of {percent(peer.claimed):>8} of the ends, {percent(peer.right):>8} of that is right; "
        f"every end right in {amount(peer.captures)} captures"
        for peer in result.peers
    ]
    return "\n".join(lines)


def _head(first: str) -> str:
    return f"{first:46}" + "".join(f"{column:>11}" for column in COLUMNS)


def _row(name: str, score: Score) -> str:
    return f"{name:46}" + "".join(f"{percent(score.ratios[column]):>11}" for column in COLUMNS)


def _disagreements(score: Score) -> list[str]:
    lines = []
    for key, rungs in score.ladders.items():
        mine = [d for d in score.disagreements if (d.case, d.tap, d.connection) == key]
        lines += [*map(str, mine), rungs, ""]
    rest = [d for d in score.disagreements if (d.case, d.tap, d.connection) not in score.ladders]
    return lines + [str(each) for each in rest]
