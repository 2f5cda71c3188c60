"""One case: its truth, compared with wirestat's statements on each of its taps."""

from __future__ import annotations

from pathlib import Path

from .expected import WITHIN, also, beyond
from .incarnations import Incarnations
from .journeys import Travels, follow
from .judge import Judge
from .ladder import ladder
from .pairing import pair
from .reach import Reach, reach
from .replay import Replay, replay
from .strict import View, judge
from .tally import Disagreement, Score
from .truth import TAPS, TrueConnection, Truth, load

_ROOT = Path(__file__).parents[2]
COMMITTED = (_ROOT / "pcaps", _ROOT / "tests" / "score" / "wrong")
"""The folders of recorded cases: those that count in the score, and those that are wrong today."""


def find(folders: list[Path]) -> list[Path]:
    """Every case in these folders and the folders in them, by name."""
    found = {truth.parent for folder in folders for truth in folder.glob("**/truth.json")}
    return sorted(found, key=lambda folder: folder.name)


def score_case(folder: Path) -> dict[str, Score]:
    """The score of each tap that captured anything."""
    truth = load(folder)
    travels = follow(folder, truth)
    return {
        tap: score_tap(truth, travels, tap, replay(folder / f"{tap}.pcap", travels.records[tap]))
        for tap in TAPS
        if travels.records[tap]
    }


def score_tap(truth: Truth, travels: Travels, tap: str, said: Replay) -> Score:
    """The statements on one tap, compared with the truth."""
    score = Score()
    incarnations = Incarnations(truth, travels)
    told = pair(truth.connections, said.connections, tap, incarnations)
    for connection in truth.connections:
        for variants in reach(truth, connection, travels, tap, incarnations):
            speaking = told.get(connection, [])
            if speaking:
                verdicts = [
                    Judge(truth.name, connection, each, said, speaking[0]).judge() for each in variants
                ]
                score += min(
                    verdicts, key=lambda verdict: sum(each.is_grave for each in verdict.disagreements)
                )
            if len(speaking) != 1:
                score += _miscounted(truth, connection, variants[0], len(speaking))
        label = connection.label
        if any(each.connection == label and each.is_grave for each in score.disagreements):
            speaking = told.get(connection, [])
            score.ladders[truth.name, tap, label] = ladder(
                connection, speaking[0] if speaking else None, travels, tap
            )
    strict = judge(View(truth, travels, incarnations, tap, travels.ends_at(tap)), said.connections)
    score.ratios["strict_final"] += strict.final
    score.ratios["strict_proven"] += strict.proven
    within = dict(WITHIN.get(truth.name, ()))
    for diagnosis in sorted(truth.diagnoses - beyond(truth.name, tap)):
        is_named = bool({diagnosis, within.get(diagnosis, diagnosis)} & said.findings)
        score.ratios["diagnosis"].count(is_named)
        score.deserved.add((truth.name, diagnosis))
        if is_named:
            score.named.add((truth.name, diagnosis))
        else:
            found = " ".join(sorted(said.findings)) or "nothing"
            score.disagreements.append(Disagreement(truth.name, tap, "", "", "diagnosis", diagnosis, found))
    score.extra_diagnoses.update(said.findings - said.remarks - truth.diagnoses - also(truth.name, tap))
    return score


def _miscounted(truth: Truth, connection: TrueConnection, reach: Reach, times: int) -> Score:
    score = Score()
    score.ratios["sequence"].count(False)
    if times == 0:
        score.ratios["final"].count(False)
    score.disagreements.append(
        Disagreement(
            truth.name,
            reach.tap,
            connection.label,
            reach.end.side,
            "sequence",
            "1 connection",
            f"{times} connections",
        )
    )
    return score
