"""Connections that a device between the points ends, to open another with the same addresses and ports."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from wirestat.crossing import Comparison
from wirestat.diagnosis import roster
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.certainty import Weighed
from wirestat.diagnosis.compared.answered import alone
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.rivals import cause, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Confidence, Fault

_SEVERAL = 2
"""One port that is used at two points at once may be chance, where their clocks differ."""


class _Seen(NamedTuple):
    """A connection that one point alone holds."""

    id: int
    point: int
    isn: int
    """The number of its SYN."""
    began_ns: int
    ended_ns: int

    def is_another(self, later: "_Seen") -> bool:
        """Say whether one that began later is seen elsewhere, at the same time, with another number."""
        return self.point != later.point and self.isn != later.isn and later.began_ns <= self.ended_ns


class Parted:
    """Pairs of connections with one name, each at one point, at the same time, with numbers of their own."""

    def __init__(self, comparison: Comparison, analysis: Analysis, ids: Iterable[int]) -> None:
        """Look at those of the connections ``ids`` that only one of the captures holds."""
        self._comparison, self._analysis = comparison, analysis
        pairs = list(self._pairs(ids))
        self._pairs_found = pairs if len(pairs) >= _SEVERAL else []
        self.ids = frozenset(one.id for pair in self._pairs_found for one in pair)
        """Both connections of each pair: nothing of them was lost between the points, or made there."""

    def hits(self) -> Iterator[Hit]:
        """Yield a hit for each pair (D44)."""
        rule = roster.rule("D44")
        for near, far in self._pairs_found:
            case = alone(near.id, self._analysis)
            here, there = (self._comparison.points[one.point].name for one in (near, far))
            verdict = Verdict(
                grounds=(),
                kind="parted",
                fault=Fault.UNDECIDED,
                frames=(),
                explanation=f"{case.client} and {case.server} have a connection at {here} and another at {there}, at "
                "the same time, with the same addresses and ports and other sequence numbers: a proxy or accelerator "
                "between these points ends the one and opens the other. It acknowledges for both ends: what was "
                "acknowledged at one of these points need not have come to the other.",
                rivals=(
                    cause(
                        "an accelerator that splits connections (satellite, mobile network), a transparent proxy"
                    ),
                    still_open("a firewall that gives each connection sequence numbers of its own"),
                ),
                advice=advise(
                    "Hold the two connections against each other: the device between them has what one end sent and "
                    "the other has not got."
                ),
            )
            doubt = "captures of different times may use the same ports"
            yield Hit(rule, case, verdict, Weighed(Confidence.LIKELY, rule.severity, (doubt,)))

    def _pairs(self, ids: Iterable[int]) -> Iterator[tuple[_Seen, _Seen]]:
        """Pair connections of one name whose SYNs bear different numbers, and whose times overlap."""
        named: defaultdict[tuple[str, int, str, int], list[_Seen]] = defaultdict(list)
        for id in ids:
            one = self._comparison.crossing(id)
            held = [(point, names) for point, names in enumerate(one.names) if names is not None]
            if len(held) != 1 or not one.passages:
                continue
            ((point, names),) = held
            if names.client_isn is not None:
                at = (names.client_address, names.client_port, names.server_address, names.server_port)
                times = one.passages[0].time_ns, one.passages[-1].time_ns
                named[at].append(_Seen(id, point, names.client_isn, *times))
        for both in named.values():
            match sorted(both, key=lambda one: one.began_ns):
                case [near, far] if near.is_another(far):
                    yield near, far
