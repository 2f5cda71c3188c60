"""The connections of a report that match an expression (``wirestat.query``)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from wirestat import query
from wirestat.diagnosis import roster
from wirestat.model import Connection, Finding
from wirestat.report.looks import spoken
from wirestat.tables import Table, Wanted
from wirestat.words import some

if TYPE_CHECKING:
    from wirestat.report.build import Report


class Question(msgspec.Struct, frozen=True):
    """A parsed expression."""

    text: str
    tree: query.Tree


def asked(text: str) -> Question:
    """Parse an expression, before there is a report.

    Raises:
        UsageError: it is invalid; the excerpt points at the mistake.
    """
    names = {name: rule.id for rule in roster.every().values() for name in (rule.id, rule.name)}
    return Question(" ".join(text.split()), query.parse(text, query.Known(names)))


class Selection:
    """The connections of a report that match an expression."""

    def __init__(self, report: Report, question: Question, at_ns: int | None = None) -> None:
        """Run the expression; with ``at_ns`` (Unix ns), states and their start times are those at that instant.

        Raises:
            UsageError: the expression needs a value at that instant that is only known for the end.
        """
        self.report = report
        self.text = question.text
        now_ns = report.end_ns if at_ns is None else at_ns
        self.chosen = report.analysis.choose(question.tree, now_ns, self._speaks, is_past=at_ns is not None)
        """A byte for each connection of the report in the order of ids: 1 for a match, else 0."""

    def __len__(self) -> int:
        return self.chosen.count(1)

    def __iter__(self) -> Iterator[Connection]:
        """Yield the connections in the order of their ids."""
        return map(self.report.connection, self.ids)

    def __repr__(self) -> str:
        return f"<Selection of {some(len(self), 'connection')} where {self.text}>"

    @cached_property
    def ids(self) -> tuple[int, ...]:
        """Their ids, the lowest first."""
        return tuple(self.tables({"connections": ["id"]})["connections"]["id"].data)

    def tables(self, wanted: Wanted, at_ns: int | None = None) -> dict[str, Table]:
        """Return their tables; see ``Report.tables``."""
        return self.report.tables(wanted, self.chosen, at_ns)

    def table(self, name: str) -> Table:
        """Return one of their tables with all of its columns.

        Raises:
            ValueError: there is no such table.
        """
        return self.tables({name: None})[name]

    def _speaks(self, test: query.Test) -> bytes:
        """Select the connections of findings that match a test."""
        findings = enumerate(self.report.findings)
        places = {place for place, finding in findings if is_asked_for(test, finding)}
        _, which = spoken(self.report, places)
        return which.of(places)


def is_asked_for(test: query.Test, finding: Finding) -> bool:
    """Tell whether a finding matches a test of findings or severities."""
    if test.field.kind is query.Kind.SEVERITY:
        return any(low <= finding.severity.rank <= high for low, high in test.spans)
    return bool(test.spans) or finding.id in test.texts
