"""Whole outputs, as their readers see them."""

import json as standard_json
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.conftest import Golden
from tests.report.judged import REPORTS
from wirestat.model import State
from wirestat.names import Dialect
from wirestat.report import json, ladder, machine, markdown, ndjson, table, text
from wirestat.report.layout import View

HERE = Path(__file__).parent / "golden"
MILLISECOND = 1_000_000


def joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("name", REPORTS)
def test_the_text_report(name: str, golden: Golden) -> None:
    golden(HERE / "text" / f"{name}.txt", joined(text.render(REPORTS[name], View())))


def test_the_text_report_in_a_narrow_terminal_with_the_names_of_the_rfc(golden: Golden) -> None:
    view = View(width=72, names=Dialect.RFC, limit=3)
    golden(HERE / "text" / "outage-narrow.txt", joined(text.render(REPORTS["outage"], view)))


@pytest.mark.parametrize("name", ["outage", "unfit", "empty"])
def test_the_ticket(name: str, golden: Golden) -> None:
    golden(HERE / "markdown" / f"{name}.md", joined(markdown.render(REPORTS[name], View())))


@pytest.mark.parametrize("name", REPORTS)
def test_the_json_document(name: str, golden: Golden) -> None:
    report = REPORTS[name]
    document = b"".join(json.render(report, View(version="0.0.0")))
    golden(
        HERE / "json" / f"{name}.json", standard_json.dumps(standard_json.loads(document), indent=1) + "\n"
    )


@pytest.mark.parametrize("name", ["outage", "unfit"])
def test_the_json_lines(name: str, golden: Golden) -> None:
    report = REPORTS[name]
    lines = b"".join(ndjson.render(report, View(version="0.0.0")))
    golden(HERE / "ndjson" / f"{name}.ndjson", lines.decode())


@pytest.mark.parametrize(("name", "id"), [("lost-last-ack", 1), ("outage", 1), ("outage", 5), ("outage", 6)])
def test_the_ladder(name: str, id: int, golden: Golden) -> None:
    report = REPORTS[name]
    lines = ladder.render(report, report.connection(id), View(width=120))
    golden(HERE / "ladder" / f"{name}-{id}.txt", joined(lines))


@pytest.mark.parametrize(
    ("name", "after_ms", "states"),
    [
        ("end", 75_000, ()),
        ("after-705-ms", 705, ()),
        ("closed", 75_000, {State.CLOSED}),
        ("before-the-first", -1, ()),
    ],
)
def test_the_table(name: str, after_ms: int, states: set[State], golden: Golden) -> None:
    report = REPORTS["outage"]
    selection = table.RowChoice(report.start_ns + after_ms * MILLISECOND, states)
    golden(HERE / "table" / f"outage-{name}.txt", joined(table.render(report, selection, View())))


@pytest.mark.parametrize("format", machine.RENDERERS)
def test_the_machine(format: str, golden: Golden) -> None:
    golden(HERE / "machine" / f"states.{format}", joined(machine.RENDERERS[format](View())))
