"""Connections that a device between the points ends, to open another with the same addresses and ports."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.crossing import Comparison, Crossing, Names
from wirestat.diagnosis import roster
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.answered import alone
from wirestat.diagnosis.certainty import Weighed
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.rivals import cause, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Confidence, Fault

_MOST = 1000
"""Connections that are looked at."""
_SEVERAL = 2
"""One port that is used at two points at once may be chance, where their clocks differ."""


class Parted:
    """Pairs of connections with one name, each at one point, at the same time, with numbers of their own."""

    def __init__(self, comparison: Comparison, analysis: Analysis) -> None:
        """Look at connections that only one of the captures holds."""
        self._comparison, self._analysis = comparison, analysis
        pairs = list(self._pairs())
        self._pairs_found = pairs if len(pairs) >= _SEVERAL else []
        self.ids = frozenset(one.id for pair in self._pairs_found for one in pair)
        """Both connections of each pair: nothing of them was lost between the points, or made there."""

    def hits(self) -> Iterator[Hit]:
        """Yield a hit for each pair (D44)."""
        rule = roster.rule("D44")
        for near, far in self._pairs_found:
            case = alone(near.id, self._analysis)
            here, there = (self._comparison.points[_point(one)].name for one in (near, far))
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

    def _pairs(self) -> Iterator[tuple[Crossing, Crossing]]:
        """Pair connections of one name whose SYNs bear different numbers, and whose times overlap."""
        named: defaultdict[tuple[str, int, str, int], list[Crossing]] = defaultdict(list)
        for id in self._comparison.with_injected(_MOST):
            one = self._comparison.crossing(id)
            held = [names for names in one.names if names is not None]
            if len(held) == 1 and one.passages and held[0].client_isn is not None:
                names = held[0]
                at = (names.client_address, names.client_port, names.server_address, names.server_port)
                named[at].append(one)
        for both in named.values():
            if len(both) == _SEVERAL and _point(both[0]) != _point(both[1]) and _overlap(*both):
                near, far = sorted(both, key=lambda one: one.passages[0].time_ns)
                yield near, far


def _point(crossing: Crossing) -> int:
    """Return the only point that holds a connection."""
    return next(at for at, names in enumerate(crossing.names) if names is not None)


def _names(crossing: Crossing) -> Names:
    return next(names for names in crossing.names if names is not None)


def _overlap(one: Crossing, other: Crossing) -> bool:
    """Whether each began before the other ended, and with another number."""
    began = max(one.passages[0].time_ns, other.passages[0].time_ns)
    ended = min(one.passages[-1].time_ns, other.passages[-1].time_ns)
    return began <= ended and _names(one).client_isn != _names(other).client_isn
