"""The sieve: selects the events of a live capture to report, by ``-Y`` and ``--state``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wirestat import query
from wirestat.report.selection import Question, Selection, is_asked_for

if TYPE_CHECKING:
    from wirestat.model import Event, Finding
    from wirestat.report.build import Report
    from wirestat.tracker import Tracker


class Sieve:
    """Passes events of connections for which the expression is true at that moment.

    Tests of findings use the last report, which is about a second old.
    """

    def __init__(self, tracker: Tracker, question: Question) -> None:
        """Take the tracker to query."""
        self._tracker = tracker
        self._question = question
        self._program = query.compiled(question.tree)
        self._report: Report | None = None
        self._ids: frozenset[int] = frozenset()
        self.chosen: bytes | None = None
        """The matching connections of the last report: a byte for each, in the order of ids."""

    def passes(self, event: Event) -> bool:
        """Tell whether the expression is true for the connection of an event; false if it has left the table."""
        given = [bytes([self._speaks(test, event)]) for test in self._program.given]
        where = event.place, event.connection
        return query.choose_one(self._tracker, self._program, given, where) == b"\1"

    def learn(self, report: Report) -> None:
        """Take a new report."""
        self._report = report
        selection = Selection(report, self._question)
        self.chosen = selection.chosen
        self._ids = frozenset(selection.ids)

    def passes_finding(self, finding: Finding) -> bool:
        """Tell whether a finding of the last report names a matching connection."""
        return not self._ids.isdisjoint((finding.connection or 0, *finding.examples))

    def _speaks(self, test: query.Test, event: Event) -> bool:
        connection = self._report and self._tracker.connection_at(event.place, event.connection)
        if not self._report or not connection:
            return False
        return any(is_asked_for(test, finding) for finding in self._report.findings_of(connection))
