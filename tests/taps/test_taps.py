"""The committed captures, as worse taps would have recorded them, against the bars."""

import os
from functools import cache

import pytest

from tests.score.case import COMMITTED, find
from tests.score.strict import Verdict

from . import bars
from .mutations import MUTATIONS
from .survey import Job, sum_up, survey

BARS = bars.load()


@cache
def verdicts() -> dict[str, Verdict]:
    return sum_up(survey(find([*COMMITTED]), Job(), os.cpu_count() or 1))


def test_every_mutation_has_its_bar() -> None:
    assert list(BARS) == [mutation.name for mutation in MUTATIONS]


@pytest.mark.slow
@pytest.mark.parametrize("mutation", BARS)
def test_no_more_is_wrong_than_may_be(mutation: str) -> None:
    excess = BARS[mutation].excess(verdicts()[mutation])
    assert not excess, "; ".join(excess)
