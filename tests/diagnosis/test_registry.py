"""Every rule keeps the rules of the house, whatever it is about."""

import ast
import re
from pathlib import Path

import pytest

from tests.diagnosis.builders import analysed, look
from wirestat import analyze, diagnosis
from wirestat.diagnosis import diagnose, registry, roster
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.manual import catalogue
from wirestat.diagnosis.registry import Rule
from wirestat.diagnosis.verdict import Overall
from wirestat.facts import CONNECTION_FACTS, ENDPOINT_FACTS, FIGURES
from wirestat.model import Severity, State
from wirestat.vocabulary import Fact

SOURCES = sorted(Path(diagnosis.__file__).parent.rglob("*.py"))
SECTIONS = ("What it means:", "Why it matters:", "Rivals:", "What to do:", "See it:", "RFC 9293:")
NOT_KEPT = {"D11", "D19", "D22", "D30", "D38", "D57", "D58", "D59", "D60", "D62", "D63", "D64", "D65"}
"""No capture under ``pcaps`` shows these: their pages say why."""
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_has_a_whole_manual_page(rule: Rule) -> None:
    first, *rest = rule.page.split("\n\n")
    assert first.endswith(".")
    assert [paragraph.partition(":")[0] + ":" for paragraph in rest] == list(SECTIONS)


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_names_a_real_capture_that_shows_it(rule: Rule) -> None:
    see_it = re.search(r"^See it:(.*?)\n\n", rule.page, re.DOTALL | re.MULTILINE)
    assert see_it
    shown = re.match(r" ``wirestat (pcaps/\S+\.pcap)``:", see_it[1])
    assert bool(shown) is not (rule.id in NOT_KEPT), (
        "See it: ``wirestat pcaps/CASE/TAP.pcap``: and what is seen there; or a line in NOT_KEPT"
    )
    if shown:
        assert rule.id in {finding.id for finding in analyze(ROOT / shown[1]).findings}


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_names_only_diagnoses_that_exist(rule: Rule) -> None:
    assert set(re.findall(r"\bD\d\d\b", rule.page)) <= roster.every().keys()
    assert rule.replaces <= roster.every().keys() - {rule.id}
    assert rule.judge or rule.judge_capture


def test_ids_and_names_are_unique_and_without_gaps() -> None:
    assert [rule.id for rule in catalogue()] == [
        f"D{number:02}" for number in range(1, len(roster.every()) + 1)
    ]
    assert len({rule.name for rule in catalogue()}) == len(roster.every())


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_asks_for_figures_of_facts_that_have_one(source: Path) -> None:
    for call in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "figure":
            asked = {argument.attr for argument in call.args if isinstance(argument, ast.Attribute)}
            assert {Fact[name] for name in asked} <= FIGURES.keys()


def test_figures_belong_to_facts() -> None:
    assert FIGURES.keys() <= ENDPOINT_FACTS.keys() | CONNECTION_FACTS.keys()


def test_a_capture_without_findings_is_never_asked_for_a_connection() -> None:
    healthy = analysed(
        look("client:sent-data", "server:sent-data"),
        look(
            "client:sent-data",
            "server:sent-data",
            "client:fin-sent",
            "server:fin-sent",
            client=State.TIME_WAIT,
            server=State.CLOSED,
        ),
    )
    assert diagnose(healthy) == ()
    assert not healthy.fetched


def test_a_family_may_be_loaded_before_the_one_whose_rule_it_adds_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "RULES", {})

    @registry.also_of_captures("D98")
    def whole(_: Analysis) -> list[Overall]:
        return []

    @registry.rule("D98", "Of connections", Severity.NOTE)
    def each(_: Case) -> None:
        return None

    assert registry.RULES["D98"].judge is each
    assert registry.RULES["D98"].judge_capture is whole
