"""For the README: the tables that stand between its score marks."""

from __future__ import annotations

from ..result import Result
from .markdown import measures, peers


def render(result: Result) -> str:
    captures = sum(len(taps) for taps in result.by_case.values())
    return "\n".join(
        [
            f"Over {captures} captures of {len(result.by_case)} stories ([all of it](docs/score.md)):",
            "",
            *measures(result),
            "",
            "What others claim of the same ends at the end of the same captures, where they claim anything:",
            "",
            *peers(result),
        ]
    )
