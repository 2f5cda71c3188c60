"""Holds what wirestat says about a story against what is expected."""

import json
from pathlib import Path
from typing import Any

import wirestat
from wirestat.model import Confidence, Connection, Finding, Severity
from wirestat.report.build import Report

FOLDER = Path(__file__).parent.parent.parent / "pcaps" / "field"
FAILING = FOLDER / "failing.toml"
"""Cells that fail today, and why: each must go on failing, or leave the list."""

_SEVERITIES = tuple(Severity)
_CONFIDENCES = tuple(reversed(Confidence))


def failures(story: Path) -> dict[str, str]:
    """Return the expectations that are not met, by name, each with what was found in its place."""
    expected = json.loads((story / "expect.json").read_text(encoding="utf-8"))
    paths = [story / f"{name}.pcap" for name in expected["judged"]]
    return failures_of(
        wirestat.analyze(paths[0]) if len(paths) == 1 else wirestat.compare(*paths).report, expected
    )


def failures_of(report: Report, expected: dict[str, Any]) -> dict[str, str]:
    """Return the same of a report, by what is expected of it."""
    said = "; ".join(f"{finding.id} {finding.confidence}" for finding in report.findings) or "nothing"
    failed = {}
    for due in expected["says"]:
        if not any(_is(finding, due) for finding in report.findings):
            failed[_name("says", due)] = said
    for wrong in expected["never"]:
        found = [finding for finding in report.findings if _is_wrong(finding, wrong)]
        if found:
            failed[_name("never", wrong)] = found[0].explanation
    connections = list(report.connections())
    for end in expected["ends"]:
        states = _states(connections, end)
        if states is None or not all(
            state in due.split("|") for state, due in zip(states, end["states"], strict=True)
        ):
            failed[f"ends {end['client']} #{end['incarnation']}"] = f"{states}"
    return failed


def _name(kind: str, one: dict[str, Any]) -> str:
    """Name an expectation as the list of failures does."""
    sure = f" {one['confidence']}" if kind == "never" and one["confidence"] != "possible" else ""
    return f"{kind} {one['id']}{sure}" + (f": {', '.join(one['words'])}" if one["words"] else "")


def _is(finding: Finding, due: dict[str, Any]) -> bool:
    whole = "\n".join((finding.explanation, finding.advice, *finding.doubts, *finding.rivals))
    return (
        finding.id in due["id"].split("|")
        and _at_least(finding, due)
        and (not due["fault"] or finding.fault in due["fault"].split("|"))
        and finding.count >= due["count"]
        and all(any(one in whole for one in word.split("|")) for word in due["words"])
    )


def _is_wrong(finding: Finding, wrong: dict[str, Any]) -> bool:
    named = finding.fault != "capture" if wrong["id"] == "D*" else finding.id in wrong["id"].split("|")
    words = wrong["words"]
    return (
        named
        and _at_least(finding, wrong)
        and (not words or any(word in finding.explanation for word in words))
    )


def _at_least(finding: Finding, bar: dict[str, Any]) -> bool:
    return _SEVERITIES.index(finding.severity) >= _SEVERITIES.index(
        Severity(bar["severity"])
    ) and _CONFIDENCES.index(finding.confidence) >= _CONFIDENCES.index(Confidence(bar["confidence"]))


def _states(connections: list[Connection], end: dict[str, Any]) -> tuple[str, str] | None:
    for one in connections:
        if (
            f"{one.client.address}:{one.client.port}" == end["client"]
            and one.incarnation == end["incarnation"]
        ):
            return str(one.client.state), str(one.server.state)
    return None
