"""A contest: several commands do the same job in turn, so that all of them meet the same weather."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.process import Cost, run, typical

_LONG = 60.0
"""Who takes longer than this, in seconds, is not asked again."""


class Contestant(NamedTuple):
    """A command, and what it is called."""

    name: str
    command: Sequence[str | Path]
    share: float = 1.0
    """How much of the job it does; its times are scaled up."""
    feeder: Sequence[str] | None = None


def contest(contestants: Sequence[Contestant], rounds: int) -> dict[str, Cost]:
    """Let all do their job ``rounds`` times, in alternating order, and return what is typical of each."""
    costs: dict[str, list[Cost]] = {contestant.name: [] for contestant in contestants}
    for number in range(rounds):
        for contestant in contestants if number % 2 == 0 else reversed(contestants):
            known = costs[contestant.name]
            if not known or known[-1].wall * contestant.share < _LONG:
                known.append(run(contestant.command, contestant.feeder).scaled(1 / contestant.share))
    return {name: typical(each) for name, each in costs.items()}
