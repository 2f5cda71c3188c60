"""The committed captures, case by case and all together, against the bars."""

from functools import cache
from pathlib import Path

import pytest

from tests.score.case import find, score_case
from tests.score.tally import BARS, MEASURES, Score, total

PCAPS = Path(__file__).parents[2] / "pcaps"
CASES = find([PCAPS])


@cache
def score_of(case: Path) -> Score:
    return total(score_case(case).values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_called_proven_is_wrong(case: Path) -> None:
    wrong = [str(each) for each in score_of(case).disagreements if each.measure == "proven"]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("measure", BARS)
def test_all_cases_together_clear_the_bar(measure: str) -> None:
    everything = total(map(score_of, CASES))
    share = everything.ratios[measure].share
    wrong = [str(each) for each in everything.disagreements if each.measure == measure]
    assert share is not None
    assert share >= BARS[measure], f"{MEASURES[measure]}: {share:.2%}\n" + "\n".join(wrong)
