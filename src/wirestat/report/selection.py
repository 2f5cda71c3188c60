"""The connections of a report that an expression asks for (``wirestat.query``)."""

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
    """An expression that was read."""

    text: str
    tree: query.Tree


def asked(text: str) -> Question:
    """Read an expression, before there is anything to ask.

    Raises:
        UsageError: it makes no sense; the excerpt points at the place.
    """
    names = {name: rule.id for rule in roster.every().values() for name in (rule.id, rule.name)}
    return Question(" ".join(text.split()), query.parse(text, query.Known(names)))


class Selection:
    """Some of the connections of a report: those that an expression holds of."""

    def __init__(self, report: Report, question: Question, at_ns: int | None = None) -> None:
        """Ask; with ``at_ns`` (Unix ns), states and since when they hold are those at that instant.

        Raises:
            UsageError: the expression asks for something of that instant that is only known at the end.
        """
        self.report = report
        self.text = question.text
        now_ns = report.end_ns if at_ns is None else at_ns
        self.chosen = report.analysis.choose(question.tree, now_ns, self._speaks, is_past=at_ns is not None)
        """A byte for each connection of the report in the order of ids: 1 where it is one of these, else 0."""

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
        """Return their columns, and those of what belongs to them; see ``Report.tables``."""
        return self.report.tables(wanted, self.chosen, at_ns)

    def table(self, name: str) -> Table:
        """Return one table of theirs with all of its columns.

        Raises:
            ValueError: there is no such table.
        """
        return self.tables({name: None})[name]

    def _speaks(self, test: query.Test) -> bytes:
        """Choose the connections that a finding speaks of which a test asks for."""
        findings = enumerate(self.report.findings)
        places = {place for place, finding in findings if is_asked_for(test, finding)}
        _, which = spoken(self.report, places)
        return which.of(places)


def is_asked_for(test: query.Test, finding: Finding) -> bool:
    """Tell whether a test of findings or severities asks for this one."""
    if test.field.kind is query.Kind.SEVERITY:
        return any(low <= finding.severity.rank <= high for low, high in test.spans)
    return bool(test.spans) or finding.id in test.texts
