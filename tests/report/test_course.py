"""Findings over time: opened, updated, closed."""

import json

from msgspec.structs import replace

from wirestat.model import Confidence, Fault, Finding, Severity
from wirestat.report import markdown, ndjson, stream
from wirestat.report.course import Course, Findings
from wirestat.report.handles import identity
from wirestat.report.layout import View

HELD = Finding(
    id="D10",
    title="CLOSE_WAIT held",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    fault=Fault.SERVER,
    connection=1,
    frames=(4, 5),
    explanation="Server 10.0.0.2:80 has been in CLOSE_WAIT for at least 61 s.",
    rivals=(),
    advice="Close it.",
    display_filter="",
    where="10.0.0.2:80",
)
SECOND = 10**9


def changes(*judgements: tuple[Finding, ...]) -> list[list[tuple[str, int]]]:
    findings = Findings()
    return [
        [(course.change, course.finding.count) for course in findings.learn(found, number * SECOND)]
        for number, found in enumerate(judgements)
    ]


def test_a_finding_is_known_again_by_all_but_its_numbers() -> None:
    assert identity(replace(HELD, count=7, frames=(9,))) == identity(HELD)
    others = [
        replace(HELD, fault=Fault.CLIENT),
        replace(HELD, connection=2),
        replace(HELD, where="10.0.0.3:80"),
    ]
    assert identity(HELD) not in map(identity, others)


def test_a_finding_is_opened_once_and_closed_when_it_stays_away() -> None:
    assert changes((HELD,), (HELD,), (), ()) == [[("opened", 1)], [], [], [("closed", 1)]]


def test_a_finding_missing_from_one_report_stays_open() -> None:
    assert changes((HELD,), (), (HELD,), ()) == [[("opened", 1)], [], [], []]


def test_a_finding_is_updated_when_its_count_doubles_or_its_confidence_grows() -> None:
    told = changes(
        (HELD,),
        (replace(HELD, count=2),),
        (replace(HELD, count=3),),
        (replace(HELD, count=4),),
        (replace(HELD, count=4, confidence=Confidence.CERTAIN),),
    )
    assert told == [[("opened", 1)], [("updated", 2)], [], [("updated", 4)], [("updated", 4)]]


def test_connections_nobody_asked_for_are_not_followed() -> None:
    assert list(Findings(lambda _finding: False).learn((HELD,), 0)) == []


def test_a_finding_over_time_in_every_format() -> None:
    view = View()
    opened = Course("opened", HELD, "D10", 3_723 * SECOND, 0)
    closed = Course("closed", HELD, "D10", 3_783 * SECOND, 60 * SECOND)
    assert stream.text(opened, view) == (
        "01:02:03.000000 opened warning D10 CLOSE_WAIT held: #1: "
        "Server 10.0.0.2:80 has been in CLOSE_WAIT for at least 61 s."
    )
    assert stream.text(closed, view) == (
        "01:03:03.000000 closed warning D10 CLOSE_WAIT held at 10.0.0.2:80: after 60 s"
    )
    record = json.loads(ndjson.tell(closed, view))
    assert (record["type"], record["change"], record["open_ns"]) == ("finding", "closed", 60 * SECOND)
    assert record["id"] == "D10"
    assert str(markdown.tell(opened, view)).startswith("- 01:02:03")
