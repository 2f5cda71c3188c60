"""Findings over time: each is opened, may be updated, and is closed when it no longer holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

from wirestat.model import Finding
from wirestat.report.handles import Identity, identity, named_in

Change = Literal["opened", "updated", "closed"]
_GROWTH = 2
"""A finding is reported again when its number of connections has grown by this factor."""
_PATIENCE = 2
"""Consecutive reports without a finding that close it: a single one may have come at an unlucky moment."""


class Course(msgspec.Struct, frozen=True):
    """A change of a finding."""

    change: Change
    finding: Finding
    name: str
    """``D05``, or ``D05.2`` if there are several findings of the diagnosis."""
    time_ns: int
    """The time of the change, in Unix ns."""
    open_ns: int
    """For how long it has been open."""


class _Open(msgspec.Struct):
    """An open finding, as last reported."""

    name: str
    finding: Finding
    since_ns: int
    missed: int = 0


class Findings:
    """Compares each report with those before."""

    def __init__(self, asked_for: Callable[[Finding], bool] = lambda _finding: True) -> None:
        """Follow the requested findings."""
        self._asked_for = asked_for
        self._open: dict[Identity, _Open] = {}

    def learn(self, findings: Iterable[Finding], now_ns: int) -> Iterator[Course]:
        """Take the findings as of an instant in Unix ns, and yield the changes."""
        found = {
            identity(finding): (name, finding)
            for name, finding in named_in(findings).items()
            if self._asked_for(finding)
        }
        for which, (name, finding) in found.items():
            known = self._open.get(which)
            if known is None:
                self._open[which] = _Open(name, finding, now_ns)
                yield Course("opened", finding, name, now_ns, 0)
                continue
            known.missed = 0
            if _is_news(known.finding, finding):
                known.finding, known.name = finding, name
                yield Course("updated", finding, name, now_ns, now_ns - known.since_ns)
        for which in [which for which in self._open if which not in found]:
            known = self._open[which]
            known.missed += 1
            if known.missed >= _PATIENCE:
                del self._open[which]
                yield Course("closed", known.finding, known.name, now_ns, now_ns - known.since_ns)


def _is_news(before: Finding, now: Finding) -> bool:
    return (
        before.confidence is not now.confidence
        or before.severity is not now.severity
        or now.count >= before.count * _GROWTH
    )
