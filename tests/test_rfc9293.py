"""The document is complete, consistent, and knows nothing of wirestat."""

import ast
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from wirestat import rfc9293
from wirestat.rfc9293 import ACTIVE, ARROWS, FIRST, PASSIVE, SECOND, TOGETHER, canonical_path, statements

FIGURE_ARROWS = 20
"""Figure 5 draws twenty arrows; note 2 adds one that it leaves out."""


def test_imports_nothing_of_wirestat() -> None:
    tree = ast.parse(Path(rfc9293.__file__).read_text(encoding="utf-8"))
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert all(name.partition(".")[0] in sys.stdlib_module_names for name in imported), imported


def test_every_arrow_joins_two_states_of_the_rfc() -> None:
    for arrow in ARROWS:
        assert {arrow.origin, arrow.target} <= rfc9293.STATES.keys()
        assert arrow.origin != arrow.target
        assert arrow.section.startswith("3.")
        assert arrow.event


def test_no_arrow_is_listed_twice() -> None:
    assert len(set(ARROWS)) == len(ARROWS)


def test_the_figure_is_whole() -> None:
    drawn = [arrow for arrow in ARROWS if arrow.section in ("3.3.2 Figure 5", "3.3.2 Figure 5, note 1")]
    assert len(drawn) == FIGURE_ARROWS
    assert statements("FIN-WAIT-1", "TIME-WAIT")[0].section.endswith("note 2")


def test_every_state_is_reached_and_left() -> None:
    assert {arrow.target for arrow in ARROWS} == rfc9293.STATES.keys()
    assert {arrow.origin for arrow in ARROWS} == rfc9293.STATES.keys()


@pytest.mark.parametrize(
    "state", ["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK"]
)
def test_a_reset_closes_every_synchronized_state(state: str) -> None:
    events = {arrow.event for arrow in statements(state, "CLOSED")}
    assert {"rcv RST", "ABORT", "user time-out"} <= events


def test_a_reset_embryo_goes_to_listen_or_is_gone() -> None:
    assert {arrow.event for arrow in statements("SYN-RECEIVED", "LISTEN")} == {"rcv RST", "rcv SYN"}
    assert any("note 3" in arrow.section for arrow in statements("SYN-RECEIVED", "CLOSED"))


def test_only_documented_changes_have_statements() -> None:
    assert statements("ESTABLISHED", "LAST-ACK") == ()
    assert statements("CLOSE-WAIT", "TIME-WAIT")[0].event == "send RST"
    assert statements("UNKNOWN", "ESTABLISHED") == ()


@pytest.mark.parametrize("role", [ACTIVE, PASSIVE])
@pytest.mark.parametrize("closes", [FIRST, SECOND, TOGETHER])
def test_canonical_paths_follow_the_figure(role: str, closes: str) -> None:
    path = canonical_path(role, closes)
    for origin, target in pairwise(path):
        assert any(arrow.section.startswith("3.3.2 Figure 5") for arrow in statements(origin, target))
    assert path[-1] == "CLOSED"
