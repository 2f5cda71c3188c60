"""The machine of the witness, as it is drawn."""

import re

from wirestat import tracker
from wirestat.model import State
from wirestat.report import witness
from wirestat.report.layout import View
from wirestat.timers import LINUX
from wirestat.witness import Effect

MACHINE = tracker.machine()


def lines(format: str) -> list[str]:
    return list(witness.RENDERERS[format](MACHINE, LINUX, View(width=80)))


def test_every_row_is_printed_with_its_reason() -> None:
    told = " ".join(" ".join(lines("text")).split())
    for row in MACHINE.rows:
        assert f"{row.cue}: {witness.effect(row, View().names)}" in told
        assert row.because in told


def test_every_alternative_is_printed_with_its_condition_and_reason() -> None:
    told = " ".join(" ".join(lines("text")).split())
    for row in MACHINE.alternatives:
        assert f"or {witness.other(row, View().names)}: {row.when} {row.because}" in told


def test_every_threshold_is_printed_with_its_reason_and_source() -> None:
    told = " ".join(" ".join(lines("text")).split())
    for number in MACHINE.thresholds:
        assert f"{number.name}, {witness.amount(number)}: {number.why} {number.source}" in told


def test_the_text_fits_80_columns() -> None:
    assert max(map(len, lines("text"))) <= 80


def test_every_change_of_state_has_an_edge() -> None:
    drawn = "\n".join(lines("mermaid"))
    for row in MACHINE.rows:
        if row.effect is Effect.ENTER:
            assert re.search(rf"\|\"[^|]*{re.escape(row.cue)}[^|]*\"\| {row.to}$", drawn, re.MULTILINE)


def test_every_state_is_entered_but_those_that_are_only_left() -> None:
    assert set(State) - {row.to for row in MACHINE.rows} == {State.UNKNOWN, State.LISTEN}


def test_a_graph_for_graphviz_is_closed() -> None:
    first, *_, last = lines("dot")
    assert (first, last) == ("digraph witness {", "}")
