"""Scenarios of which something is told wrong today: they wait here for the inference to be mended.

Their captures are as real as those of ``pcaps/`` and count in no figure. One that is told right has to move there.
"""

from pathlib import Path

import pytest

from tests.score.case import find, score_case
from tests.score.tally import total

WRONG = Path(__file__).with_name("wrong")
CASES = find([WRONG])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_something_is_still_told_wrong(case: Path) -> None:
    score = total(score_case(case).values())
    wrong = [each for each in score.disagreements if each.is_grave or each.measure == "diagnosis"]
    assert wrong or score.extra_diagnoses, f"all of it is right now: git mv {case} to pcaps/"
