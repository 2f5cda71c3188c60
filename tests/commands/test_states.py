"""``wirestat states``: the documented machine."""

import pytest

from tests.commands.conftest import Wirestat
from wirestat import rfc9293, tracker
from wirestat.names import Dialect
from wirestat.vocabulary import Cue, Fact


def statements(text: str) -> list[tuple[str, str]]:
    """Return every change of state with the heading that it stands under."""
    section, found = "", []
    for line in text.partition("The changes of state")[2].splitlines()[1:]:
        if line.startswith("    "):
            found.append((line.split("  ")[2], section))
        else:
            section = line.strip()
    return found


def test_every_statement_is_listed_under_its_section(wirestat: Wirestat) -> None:
    listed = statements(wirestat("states", "--names", "rfc").stdout)
    stated = [(f"{arrow.origin} → {arrow.target}", arrow.section) for arrow in rfc9293.ARROWS]
    assert sorted(listed) == sorted(stated)


@pytest.mark.parametrize("names", Dialect)
def test_a_terminal_of_80_columns_is_wide_enough(
    names: Dialect, wirestat: Wirestat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = wirestat("states", "--names", names).stdout.splitlines()
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(("format", "first"), [("mermaid", "stateDiagram-v2"), ("dot", "digraph tcp {")])
def test_diagrams(wirestat: Wirestat, format: str, first: str) -> None:
    assert wirestat("states", "--format", format).stdout.startswith(first)


def test_the_machine_of_the_witness_is_another(wirestat: Wirestat) -> None:
    told = wirestat("states", "--machine").stdout
    assert "sent SYN: it enters SYN_SENT, seen" in told
    tables, _, numbers = told.partition("Numbers that inference compares with")
    assert "RFC" not in tables
    assert "LARGEST_SCALE, 14 bits: " in numbers


def test_the_machine_of_the_witness_is_told_whole(wirestat: Wirestat) -> None:
    told = " ".join(wirestat("states", "--machine").stdout.split())
    machine = tracker.machine()
    for because in (*(row.because for row in machine.rows), *(one.because for one in machine.alternatives)):
        assert because in told
    for number in machine.thresholds:
        assert number.name in told
        assert number.why in told
        assert number.source in told
    for fact in Fact:
        assert f"{fact}, of " in told
    for cue in Cue:
        assert f"{cue}: " in told
