"""Mistakes that show in the source of a rule, and in no capture that a test plays."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from wirestat import diagnosis
from wirestat.facts import CONNECTION_FACTS
from wirestat.vocabulary import Fact

SOURCES = sorted(Path(diagnosis.__file__).parent.rglob("*.py"))
ASKED = {"has", "fact", "frame", "figure"}


def facts_in(tree: ast.AST, known: dict[str, set[Fact]]) -> set[Fact]:
    """Return the facts that some code names, itself or by a constant of its file."""
    found: set[Fact] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Fact":
            found.add(Fact[node.attr])
        elif isinstance(node, ast.Name):
            found |= known.get(node.id, set())
    return found


def misplaced(source: str) -> Iterator[str]:
    """Yield the questions to a connection about facts of its ends, and to an end about those of its connection."""
    tree, known = ast.parse(source), dict[str, set[Fact]]()
    for step in tree.body:
        if isinstance(step, ast.Assign) and (facts := facts_in(step.value, known)):
            known[ast.unparse(step.targets[0])] = facts
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ASKED:
            is_of_connection = ast.unparse(call.func.value).endswith("case")
            for fact in {fact for argument in call.args for fact in facts_in(argument, known)}:
                if (fact in CONNECTION_FACTS) is not is_of_connection:
                    yield f"{ast.unparse(call.func)} {fact}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_asks_the_connection_and_its_ends_for_facts_of_their_own(path: Path) -> None:
    assert list(misplaced(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("_UNFIT = (Fact.ONE_WAY, Fact.ZERO_WINDOW)\ncase.has(*_UNFIT)", ["case.has zero-window"]),
        ("end.other.has(Fact.ONE_WAY)", ["end.other.has one-way"]),
        ("case.has(Fact.ONE_WAY)\nend.has(Fact.ZERO_WINDOW)", []),
    ],
)
def test_a_fact_of_somebody_else_would_be_found(source: str, found: list[str]) -> None:
    assert list(misplaced(source)) == found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_tells_an_instant_with_its_date_where_the_capture_is_of_several_days(path: Path) -> None:
    by_itself = path.name != "words.py" and "day_time(" in path.read_text(encoding="utf-8")
    assert not by_itself, "instant() of diagnosis/words.py adds the date"
