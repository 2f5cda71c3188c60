"""Significant differences between two captures, service by service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import Literal

import msgspec

from wirestat.diff.chance import of_clustered_samples, of_clustered_shares, together
from wirestat.diff.services import Service, Totals
from wirestat.model import Severity

CHANCE = 0.01
"""The significance level, over all comparisons together."""
_STEP = 0.01
"""Shares that differ by less than a percentage point count as equal, whatever the significance."""
_FASTER = 1.2
_SLOWER_NS = 1_000_000
"""Times that differ by less than a fifth, or by less than a millisecond, count as equal."""

_CLIENTS = 5
"""The number of clients from which the result generalizes to other clients."""

Verdict = Literal["worse", "new", "gone", "better"]
_GRAVE = (Severity.WARNING, Severity.ERROR)
VERDICTS: tuple[Verdict, ...] = ("worse", "new", "gone", "better")
"""The kinds of difference, in output order."""


class Shift(msgspec.Struct, frozen=True):
    """One difference of one service."""

    service: str
    measure: str
    verdict: Verdict
    before: float | None
    """A share from 0 to 1, a median in ns, or a number of connections; ``None`` where there is none."""
    after: float | None
    before_cases: int
    """Connections that it is a share or the median of."""
    after_cases: int
    chance: float | None
    """The corrected p-value; ``None`` if not tested."""
    severity: Severity | None = None
    """That of a finding; ``None`` where it is none."""

    @property
    def is_worse(self) -> bool:
        """Whether it got worse: beyond chance, or by a finding that is new and a warning or an error."""
        return self.verdict == "worse" or (self.verdict == "new" and self.severity in _GRAVE)


class _Share(msgspec.Struct, frozen=True):
    name: str
    hits: Callable[[Totals], int]
    cases: Callable[[Totals], int]


CONNECT = "time to connect"
CONNECTIONS = "connections"
FINDING = "finding "
_SHARES = (
    _Share("connects that failed", lambda s: s.failed, lambda s: s.opened),
    _Share("reset", lambda s: s.reset, lambda s: s.connections),
    _Share("with retransmissions", lambda s: s.retransmitted, lambda s: s.connections),
    _Share("CLOSE_WAIT at the end", lambda s: s.close_wait, lambda s: s.connections),
    _Share("SYN_RECV at the end", lambda s: s.half_open, lambda s: s.connections),
)


def changes(before: Mapping[str, Service], after: Mapping[str, Service]) -> list[Shift]:
    """Compare services that are in both, and name those that are in one only; the worst first."""
    asked = [change for name in before if name in after for change in _of_service(before[name], after[name])]
    corrected = together([chance for _, chance in asked])
    kept = [
        msgspec.structs.replace(change, chance=chance)
        for (change, _), chance in zip(asked, corrected, strict=True)
        if chance < CHANCE and _is_worth_it(change)
    ]
    every = [*kept, *_one_sided(before, after), *_findings(before, after)]
    return sorted(every, key=_order)


def _order(change: Shift) -> tuple[int, float, str, str]:
    return VERDICTS.index(change.verdict), change.chance or 0.0, change.service, change.measure


def _of_service(before: Service, after: Service) -> Iterator[tuple[Shift, float]]:
    """Yield every comparison of a service, with its p-value."""
    pairs = _clusters(before, after)
    for share in _SHARES:
        hits, cases = share.hits(before.all), share.cases(before.all)
        other_hits, other_cases = share.hits(after.all), share.cases(after.all)
        if not cases or not other_cases or not hits + other_hits:
            continue
        was, now = hits / cases, other_hits / other_cases
        verdict: Verdict = "worse" if now > was else "better"
        change = Shift(before.name, share.name, verdict, was, now, cases, other_cases, None)
        yield (
            change,
            max(of_clustered_shares(*(_counted(share, tallies) for tallies in pair)) for pair in pairs),
        )
    one, other = before.all.connect_ns, after.all.connect_ns
    if one and other:
        was, now = median(one), median(other)
        verdict = "worse" if now > was else "better"
        change = Shift(before.name, CONNECT, verdict, was, now, len(one), len(other), None)
        yield (
            change,
            max(of_clustered_samples(*([one.connect_ns for one in each] for each in pair)) for pair in pairs),
        )


def _clusters(before: Service, after: Service) -> list[tuple[list[Totals], list[Totals]]]:
    """Return the clusterings of connections: a difference that any of them explains is not significant.

    Where there are few clients, nothing can be said of others: they are compared as these few.
    """
    pairs = [(list(before.by_second.values()), list(after.by_second.values()))]
    if min(len(before.by_client), len(after.by_client)) >= _CLIENTS:
        pairs.append((list(before.by_client.values()), list(after.by_client.values())))
    return pairs


def _counted(share: _Share, tallies: list[Totals]) -> list[tuple[int, int]]:
    return [(share.hits(tally), share.cases(tally)) for tally in tallies if share.cases(tally)]


def _is_worth_it(change: Shift) -> bool:
    was, now = change.before or 0.0, change.after or 0.0
    if change.measure == CONNECT:
        return abs(now - was) >= _SLOWER_NS and max(was, now) >= _FASTER * min(was, now)
    return abs(now - was) >= _STEP


def _one_sided(before: Mapping[str, Service], after: Mapping[str, Service]) -> Iterator[Shift]:
    for name in after.keys() - before.keys():
        count = after[name].connections
        yield Shift(name, CONNECTIONS, "new", None, count, 0, count, None)
    for name in before.keys() - after.keys():
        count = before[name].connections
        yield Shift(name, CONNECTIONS, "gone", count, None, count, 0, None)


def _findings(before: Mapping[str, Service], after: Mapping[str, Service]) -> Iterator[Shift]:
    """Name findings that only one of the captures has of a service."""
    for name in before.keys() & after.keys():
        one, other = before[name], after[name]
        for id in sorted({*one.findings, *other.findings}):
            was, now = one.findings.get(id), other.findings.get(id)
            if bool(was) != bool(now):
                verdict: Verdict = "new" if now else "gone"
                severity = (other if now else one).severities[id]
                cases = one.connections, other.connections
                yield Shift(name, FINDING + id, verdict, was, now, *cases, None, severity)
