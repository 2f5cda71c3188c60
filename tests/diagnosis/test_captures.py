"""The matrix of rules and captures: each rule fires at every tap that can know, and is silent at all others."""

import json
from functools import cache
from pathlib import Path

import pytest

from tests.quick import some_quick
from tests.score.expected import ALSO, BEYOND, TAPS, WITHIN, expected
from wirestat import analyze
from wirestat.diagnosis import roster
from wirestat.model import Finding, Severity

PCAPS = Path(__file__).parent.parent.parent / "pcaps"
SCENARIOS = sorted(path.parent for path in PCAPS.glob("*/truth.json"))
STORIES = sorted(PCAPS.glob("field/*/capture.pcap"))
CAPTURES = [path for folder in SCENARIOS for tap in TAPS if (path := folder / f"{tap}.pcap").exists()]

TAKEN_IN = {"D26": {"D02"}}
"""The diagnoses that a rule about the whole capture includes."""


def name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def deserved(scenario: Path) -> set[str]:
    return set(json.loads((scenario / "truth.json").read_text(encoding="utf-8"))["diagnoses"])


@cache
def heard(capture: Path) -> tuple[Finding, ...]:
    return analyze(capture).findings


@pytest.mark.parametrize("capture", some_quick(CAPTURES, each=4), ids=name)
def test_says_what_can_be_known_and_nothing_else(capture: Path) -> None:
    truth = deserved(capture.parent)
    findings = heard(capture)
    told = {
        finding.id for finding in findings if finding.severity is not Severity.INFO or finding.id in truth
    }
    assert told == expected(capture.parent.name, capture.stem, truth)


@pytest.mark.parametrize("capture", some_quick(CAPTURES, each=12), ids=name)
def test_every_finding_can_be_followed(capture: Path) -> None:
    for finding in heard(capture):
        assert finding.explanation.endswith(".")
        assert not finding.explanation.endswith(" .")
        assert finding.advice
        assert finding.confidence == "certain" or finding.doubts
        assert finding.frames or finding.id == "D25"
        is_calm = finding.severity is Severity.INFO and finding.advice.startswith("Nothing to do")
        assert finding.asks_nothing == is_calm


@pytest.mark.parametrize("scenario", WITHIN)
def test_a_finding_said_within_another_is_included_by_it(scenario: str) -> None:
    for part, whole in WITHIN[scenario]:
        assert part in roster.rule(whole).replaces | TAKEN_IN.get(whole, set())


def test_the_tables_are_of_scenarios_that_exist() -> None:
    names = {scenario.name for scenario in SCENARIOS}
    assert not SCENARIOS or (BEYOND.keys() | WITHIN.keys() | ALSO.keys()) <= names


def test_the_tables_excuse_what_is_deserved_alone() -> None:
    for scenario in SCENARIOS:
        truth = deserved(scenario)
        assert {cell.diagnosis for cell in BEYOND.get(scenario.name, ())} <= truth
        assert {part for part, _ in WITHIN.get(scenario.name, ())} <= truth
        assert not {cell.diagnosis for cell in ALSO.get(scenario.name, ())} & truth


@pytest.mark.parametrize("capture", some_quick([*CAPTURES, *STORIES], each=12), ids=name)
def test_keeping_less_changes_no_judgement(capture: Path) -> None:
    assert analyze(capture, keep="summary").findings == heard(capture)
