"""The page holds the numbers of the tables, one for one."""

from collections.abc import Callable
from pathlib import Path

import msgspec

import wirestat
from tests.page.browser import Reader, needs_browser
from tests.page.conftest import ROOT
from wirestat.report import html, json
from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.spans import span
from wirestat.tables import SCHEMA
from wirestat.tables.schema import FIXED

pytestmark = needs_browser


def test_every_column_of_every_connection(report: Report, small: Path, opened: Callable[..., Reader]) -> None:
    reader = opened(small)
    compare_columns(report, reader)


def compare_columns(report: Report, reader: Reader) -> None:
    rows = report.tables({"connections": None})["connections"]
    for row, id in enumerate(rows["id"].data):
        told = reader.page.evaluate("id => wirestat.row(id)", id)
        for field in SCHEMA["connections"].fields:
            if field.type == "set" or field.name not in told:
                continue
            value = rows[field.name].data[row]
            wanted = None if value == field.null else value
            if wanted is not None and field.unit == "ns since the Unix epoch":
                wanted -= report.start_ns
            assert told[field.name] == wanted, (id, field.name)


def test_lengths_of_time_are_written_as_in_text(small: Path, opened: Callable[..., Reader]) -> None:
    lengths = [
        0, 1, 999, 24_400, 24_600, 999_499, 999_500, 999_999_499, 999_999_600, 62_149_000_000, 179_499_999_999,
        179_500_000_000, 299_970_000_000, 3_599_600_000_000, 7_260 * 10**9, 172_770 * 10**9,
        2_884 * 86_400 * 10**9 + 75_000 * 10**9,
    ]  # fmt: skip
    told = opened(small).page.evaluate("lengths => lengths.map(wirestat.span)", lengths)
    assert told == [span(length) for length in lengths]


def test_every_change_of_state(report: Report, small: Path, opened: Callable[..., Reader]) -> None:
    reader = opened(small)
    states, cues = FIXED["states"], FIXED["cues"]
    for connection in report.connections():
        told = reader.page.evaluate("id => wirestat.steps(id)", connection.id)
        shown = [
            (
                FIXED["sides"][step["end"]], states[step["from"]], states[step["to"]],
                step["time"] + report.start_ns, step["frame"], cues[step["cue"]], FIXED["evidence"][step["evidence"]],
                *(None if step[name] != step[name] else step[name] for name in ("confirmed", "retracted")),
            )
            for step in told
        ]  # fmt: skip
        assert shown == [
            (
                step.endpoint, step.from_state, step.to, step.time_ns, step.frame, step.cue, step.evidence,
                step.confirmed_by, step.retracted_by,
            )
            for step in connection.transitions
        ]  # fmt: skip


def test_everything_else_is_the_head_of_the_json(
    report: Report, small: Path, opened: Callable[..., Reader]
) -> None:
    reader = opened(small)
    told = msgspec.json.decode(reader.page.text_content("#record") or "")
    document = msgspec.json.decode(b"".join(json.render(report, View(version="test"), lists=False)))
    findings = document.pop("findings")
    assert told["head"] == document
    own = findings[0].keys() - {"advice"}
    assert [{name: one[name] for name in own} for one in told["findings"]] == [
        {name: one[name] for name in own} for one in findings
    ]


def test_times_that_run_backward_and_captures_of_many_kinds(
    tmp_path: Path, opened: Callable[..., Reader]
) -> None:
    names = ("reordering-path-answer-and-close", "duplicated-frames", "nat-forgets-and-leaks")
    captures = sorted(capture for name in names for capture in (ROOT / "pcaps" / name).glob("*.pcap"))
    report = wirestat.analyze(*captures, trace="all")
    file = tmp_path / "many.html"
    file.write_bytes(b"".join(html.render(report, View(version="test"))))
    compare_columns(report, opened(file))
