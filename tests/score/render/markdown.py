"""For people: the page ``docs/score.md``; its first two tables are the README's."""

from __future__ import annotations

from ..expected import excused
from ..result import Result
from ..tally import BARS, GRAVE, MEASURES, Ratio, Score
from ..truth import TAPS
from .words import COLUMNS, amount, percent


def render(result: Result) -> str:
    everything = result.everything
    captures = sum(len(taps) for taps in result.by_case.values())
    return "\n".join(
        [
            "# The score",
            "",
            f"What wirestat infers from {captures} captures of {len(result.by_case)} stories, held against what the",
            "kernels at both ends recorded. How it is counted, and what is within reach of a tap, is written in",
            "`tests/score/__init__.py`; `python -m tests.score pcaps --format markdown` made this page. Stories",
            "that are told wrong today wait in `tests/score/wrong/` and count in none of these figures.",
            "",
            *measures(result),
            "",
            "What other tools claim of the same ends at the end of the same captures, where they claim anything:",
            "",
            *peers(result),
            "",
            "## By tap",
            "",
            *_table("tap", {tap: result.of_tap(tap) for tap in TAPS}),
            "",
            "## What is wrong",
            "",
            *_disagreements(everything),
            "## By case",
            "",
            "All three taps together.",
            "",
            *_table("case", {case: _sum(taps) for case, taps in result.by_case.items()}),
            "",
        ]
    )


def _sum(taps: dict[str, Score]) -> Score:
    found = Score()
    for score in taps.values():
        found += score
    return found


def measures(result: Result) -> list[str]:
    """How much of each measure is right."""
    score = result.everything
    lines = ["| measure | over all ends | each story alike | | bar |", "|---|---:|---:|---:|---:|"]
    for measure, words in MEASURES.items():
        ratio, alike = score.ratios[measure], result.each_case_alike(measure)
        bar = f"{BARS[measure]:.0%}".replace("%", " %") if measure in BARS else ""
        lines.append(f"| {words} | {percent(ratio)} | {percent(alike)} | {amount(ratio)} | {bar} |")
    named, deserved = len(score.named), len(score.deserved)
    lines.append(
        f"| diagnoses named by at least one tap | {percent(Ratio(named, deserved))} | | {named} of {deserved} | |"
    )
    excuses = "; ".join(f"{count} {words}" for words, count in excused(result.by_case).items())
    lines.append(
        f"| of their cells excused, each with its reason in `tests/score/expected.py` | | | {excuses} | |"
    )
    return lines


def peers(result: Result) -> list[str]:
    """Every tool with what it claims of the ends."""
    lines = [
        "| tool | says something of | and is right | wrong | tells both ends right |",
        "|---|---:|---:|---:|---:|",
    ]
    for peer in result.peers:
        wrong = peer.right.total - peer.right.right
        told = f"{percent(peer.claimed)} of the ends | {percent(peer.right)} | {wrong:.0f} ends"
        lines.append(f"| {peer.name} | {told} | in {amount(peer.captures)} captures |")
    return lines


def _table(first: str, scores: dict[str, Score]) -> list[str]:
    lines = [f"| {first} | {' | '.join(COLUMNS)} |", "|---|" + "---:|" * len(COLUMNS)]
    for name, score in scores.items():
        lines.append(f"| {name} | {' | '.join(percent(score.ratios[column]) for column in COLUMNS)} |")
    return lines


def _disagreements(score: Score) -> list[str]:
    """A row for each that is wrong in substance; spans of time and diagnoses are in the text format."""
    grave = [each for each in score.disagreements if each.measure in GRAVE]
    if not grave:
        return ["Nothing in substance.", ""]
    lines = ["| case, tap | end | measure | truth | told | |", "|---|---|---|---|---|---|"]
    for each in grave:
        end = f"{each.connection} {each.side}".strip()
        lines.append(
            f"| {each.case}, {each.tap} | {end} | {each.measure} | {each.truth} | {each.told} | {each.note} |"
        )
    return [*lines, ""]
