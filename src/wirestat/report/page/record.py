"""The JSON of a page, beside its columns: everything that is small for any capture."""

from __future__ import annotations

from typing import Any

import msgspec

from wirestat import rfc9293
from wirestat.diagnosis import roster
from wirestat.diagnosis.finding import is_about_capture
from wirestat.facts import CONNECTION_FACTS, ENDPOINT_FACTS
from wirestat.model import Finding, Severity, State
from wirestat.names import GROUPS, spellings
from wirestat.query import FIELDS
from wirestat.report import markdown, records
from wirestat.report.build import Report
from wirestat.report.compared import records as across
from wirestat.report.compared.build import Compared
from wirestat.report.conformance import RFC_NAMES, Conformity, standing, statements
from wirestat.report.draw import colours, figure
from wirestat.report.handles import handles
from wirestat.report.layout import View
from wirestat.report.page import journeys
from wirestat.report.sections import captures, fitness, verdict
from wirestat.report.sections.causes import how_many
from wirestat.report.stuck import is_stuck, unfinished
from wirestat.tables import SCHEMA
from wirestat.tables.schema import FIXED

_PLAIN = View(width=100_000, full=True)


def record(report: Report, view: View, compared: Compared | None = None) -> dict[str, Any]:
    """Gather it; rows, columns and ladders are added by ``content``."""
    head = records.head(report, view.version, view.where) if compared is None else None
    return {
        "head": head or across.head(compared, view.version, view.where),  # type: ignore[arg-type]  # one of both
        "start": str(report.start_ns),
        "end": str(report.end_ns),
        "verdict": verdict.counted(report, _PLAIN),
        "captures": list(captures.lines(report, _PLAIN)),
        "fitness": list(fitness.lines(report, _PLAIN)),
        "findings": [_finding(name, one, view) for name, one in handles(report).items()],
        "udp": [msgspec.to_builtins(one) for one, _ in zip(report.udp(), range(1000), strict=False)],
        "names": dict(FIXED),
        "facts": dict(CONNECTION_FACTS) | dict(ENDPOINT_FACTS),
        "colours": colours.STATES,
        "figure": figure.drawing(),
        "fields": [_field(field) for field in FIELDS.values()],
        "types": {field.name: field.type for field in SCHEMA["connections"].fields},
        "spellings": spellings(),
        "groups": {name: sorted(states) for name, states in GROUPS.items()},
        "severities": list(Severity),
        "diagnoses": {rule.id: {"name": rule.name, "title": rule.title} for rule in roster.every().values()},
        "document": _document(),
        "stuck": [[_unfinished(client, server) for server in State] for client in State],
        "journeys": journeys.record(compared) if compared else None,
        "leftOut": "",
        "rows": {"connections": 0, "transitions": 0},
        "manifest": None,
        "sets": [[]],
    }


def _finding(name: str, finding: Finding, view: View) -> dict[str, Any]:
    words, *commands = finding.advice.splitlines() or [""]
    record: dict[str, Any] = msgspec.to_builtins(finding)
    return record | {
        "handle": name,
        "capture": is_about_capture(finding),
        "many": how_many(finding),
        "advice": words,
        "commands": [command.strip() for command in commands],
        "markdown": "\n".join(markdown.tell_of(name, finding, view)).strip() + "\n",
    }


def _field(field: Any) -> dict[str, Any]:
    return {
        "name": field.name,
        "kind": field.kind.name,
        "whole": field.whole,
        "end": field.end,
        "others": field.others,
        "names": field.names,
        "most": field.most,
        "ofState": field.tells_of_state,
        "between": field.between,
        "meaning": field.meaning,
    }


def _document() -> dict[str, Any]:
    """Return the RFC's part: the meaning of each state, and the sections and events of each change of state."""
    changes = {}
    for origin in State:
        for target in State:
            if standing(origin, target) is Conformity.DOCUMENTED:
                told_of = statements(origin, target)
                changes[f"{origin} {target}"] = {
                    "events": list(dict.fromkeys(one.event for one in told_of)),
                    "sections": list(dict.fromkeys(one.section for one in told_of)),
                }
    meanings = {state: rfc9293.STATES[name] for state, name in RFC_NAMES.items()}
    return {"states": meanings, "changes": changes}


def _unfinished(client: State, server: State) -> list[Any] | None:
    if not is_stuck(client, server):
        return None
    return [[wait.side, wait.settled, wait.owing] for wait in unfinished(client, server)]
