"""Findings that count as brought up or taken away by a forged segment."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from wirestat.model import Confidence, Fault, Finding, Severity

from .said import compare, frames, slips
from .test_trial import conversation, forged

FOUND = Finding(
    "D27", "", Severity.NOTE, Confidence.LIKELY, Fault.CLIENT, 1, (4, 6), "It was reset.", (), "", ""
)


def kinds(before: list[Finding], after: list[Finding]) -> list[str]:
    """The counts of comparing these findings; the forged segment is frame 6."""
    made = forged("R")
    assert made.position == 5
    return [slip.named for slip in compare(conversation("normal-close-by-client"), made, before, after)]


def test_a_firm_finding_that_comes_or_goes_is_harm() -> None:
    assert kinds([], [FOUND]) == ["said D27"]
    assert kinds([FOUND], []) == ["unsaid D27"]
    assert kinds([FOUND], [FOUND]) == []


def test_a_possible_finding_is_hedged_and_no_harm() -> None:
    hedged = replace(FOUND, confidence=Confidence.POSSIBLE)
    assert kinds([], [hedged]) == kinds([FOUND], [hedged]) == kinds([hedged], []) == []


@pytest.mark.parametrize(("id", "named"), [("D28", (6,)), ("D18", (2, 6)), ("D33", (6,))])
def test_a_finding_that_names_the_forged_segment_is_right(id: str, named: tuple[int, ...]) -> None:
    assert kinds([], [replace(FOUND, id=id, frames=named)]) == []
    assert kinds([], [replace(FOUND, id=id, frames=(4,))]) == [f"said {id}"]


def test_the_forged_segment_has_its_place_among_the_frames() -> None:
    talk, made = conversation("normal-close-by-client"), forged("R")
    whole = [data for _, _, data in frames(talk, made)]
    assert whole.pop(made.position) == made.frame
    assert whole == [data for _, _, data in frames(talk, None)]


def test_an_acknowledgement_of_nothing_new_changes_no_finding() -> None:
    assert list(slips(conversation("normal-close-by-client"), [forged(".")])) == []
