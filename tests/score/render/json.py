"""For programs: all counts by case and tap, and every disagreement."""

from __future__ import annotations

import json
from dataclasses import asdict

from ..result import Result
from ..tally import BARS, Score


def render(result: Result) -> str:
    everything = result.everything
    return json.dumps(
        {
            "total": _counts(everything),
            "bars": BARS,
            "below_bars": result.below_bars(),
            "cases": {
                case: {tap: _counts(score) for tap, score in taps.items()}
                for case, taps in result.by_case.items()
            },
            "tools": [asdict(peer) for peer in result.peers],
            "disagreements": [asdict(each) for each in everything.disagreements],
        },
        indent=1,
    )


def _counts(score: Score) -> dict[str, dict[str, float]]:
    return {measure: asdict(ratio) for measure, ratio in score.ratios.items()}
