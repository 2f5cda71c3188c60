"""Findings over time: each is opened, may change, and is closed when nothing shows it any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

from wirestat.model import Finding
from wirestat.report.handles import named_in

Change = Literal["opened", "updated", "closed"]
_GROWTH = 2
"""A finding is told again when it speaks of so many times as many connections."""
_PATIENCE = 2
"""Judgements in a row that no longer make a finding close it: one alone may have come at an unlucky moment."""
Key = tuple[str, str, int | None, str]


class Course(msgspec.Struct, frozen=True):
    """A change of a finding."""

    change: Change
    finding: Finding
    name: str
    """``D05``, or ``D05.2`` where the diagnosis is made more than once."""
    time_ns: int
    """As of when, in Unix ns."""
    open_ns: int
    """For how long it has been open."""


class _Open(msgspec.Struct):
    """A finding that is open, as it was told last."""

    name: str
    finding: Finding
    since_ns: int
    missed: int = 0


class Findings:
    """Compares each judgement with those before."""

    def __init__(self, asked_for: Callable[[Finding], bool] = lambda _finding: True) -> None:
        """Follow the findings that are asked for."""
        self._asked_for = asked_for
        self._open: dict[Key, _Open] = {}

    def learn(self, findings: Iterable[Finding], now_ns: int) -> Iterator[Course]:
        """Take a judgement as of an instant in Unix ns, and yield what has changed."""
        found = {
            key(finding): (name, finding)
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


def key(finding: Finding) -> Key:
    """Return what tells a finding from others, whatever its numbers are."""
    return finding.id, finding.where, finding.connection, finding.fault


def _is_news(before: Finding, now: Finding) -> bool:
    return (
        before.confidence is not now.confidence
        or before.severity is not now.severity
        or now.count >= before.count * _GROWTH
    )
