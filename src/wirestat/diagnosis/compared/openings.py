"""SYNs that are lost between two points of a comparison while all else passes."""

from collections.abc import Sequence

from wirestat.crossing import Comparison
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.compared.entries import Entry
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Fault, Severity, Side
from wirestat.vocabulary import Fact
from wirestat.words import some

_SOME = 10
"""Fewer SYNs are lost by chance, or one by one."""
_PASSED = 50
"""So many other segments tell that the way was there."""
_TOLD_BY_OPTION = (
    Fact.SYN_LEFT_OUT_STAMPS,
    Fact.SYN_WITH_ECN,
    Fact.SYN_WITH_FAST_OPEN,
    Fact.SYN_WITH_MULTIPATH,
)
"""Marks that a network may drop a SYN for: D34 tells which."""


def lost_openings(
    before: int, behind: int, entries: Sequence[Entry], comparison: Comparison, analysis: Analysis
) -> Overall | None:
    """Tell of SYNs that alone were lost, on several connections and more than once each."""
    lost = [one for one in entries if one.is_lost and one.kind == "SYN"]
    passed = {one.id for one in entries if not one.is_lost and one.kind == "SYN"}
    others = [one for one in entries if one.kind != "SYN" and one.is_certain]
    ids = {one.id for one in lost}
    if len(lost) < max(_SOME, 2 * len(ids)) or not passed - ids:
        return None  # single SYNs that are not sent again are told by themselves
    if any(one.is_lost for one in others) or len(others) < _PASSED:
        return None
    connections = [analysis.connection(id) for id in sorted(ids)]
    if any(is_shown(one, fact, Side.CLIENT) for one in connections for fact in _TOLD_BY_OPTION):
        return None
    here, there = (comparison.points[at].name for at in (before, behind))
    failed = len(ids - passed)
    clients = {one.client.address for one in connections}
    spared = {analysis.connection(id).client.address for id in passed - ids} - clients
    whose = (
        f" All are of {clients.pop()}; those of {', '.join(sorted(spared))} passed."
        if _is_one(clients, spared)
        else ""
    )
    return Overall(
        severity=Severity.ERROR if failed else Severity.WARNING,
        fault=Fault.PATH,
        explanation=f"{len(lost):,} SYNs of {some(len(ids), 'connection')} were lost from {here} to {there}, and "
        f"nothing else was: {failed:,} of these never came about, and {len(ids) - failed:,} late; "
        f"{len(passed - ids):,} others passed at once, and what was open went on.{whose} Something between these "
        "points drops what opens a connection.",
        rivals=(
            cause("a limit of new connections, by source or in all")
            if whose
            else cause("a connection table that is full"),
            cause("a rule that drops some SYNs"),
            ruled_out("chance loss", "it spares all other segments"),
            ruled_out("a full accept queue", f"the SYNs did not come to {there}"),
        ),
        advice=advise(
            "Look at the devices between these two points: the size of their connection tables, and limits of new "
            "connections.",
            "  gateway$ sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max",
            "  gateway$ conntrack -S; nft list ruleset | grep -nE 'limit|ct count|meter'",
        ),
        count=len(ids),
        examples=tuple(sorted(ids)),
        replaces=frozenset({"D01", "D34"}),
        absorbs=frozenset(ids),
    )


def _is_one(clients: set[str], spared: set[str]) -> bool:
    return len(clients) == 1 and bool(spared)
