"""Senders that find out by themselves that their segments are too large for the path."""

from wirestat.diagnosis.advice import advise, on, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import ruled_out, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.vocabulary import Fact

_TCP_BEYOND_ECHO = 12
"""A TCP header has 20 bytes, that of an echo request 8: so much more payload makes a packet of the same size."""


def found_by_probing(case: Case, end: End) -> Verdict:
    """Judge an end that sent full segments in vain, and got through with smaller ones."""
    first, smaller = end.fact(Fact.DATA_RESENT), end.fact(Fact.RESENT_SMALLER)
    passed = smaller.figure if smaller and smaller.figure else 0
    stalled = smaller.time_ns - first.time_ns if smaller and first else 0
    known = min((size for size in (end.record.mss, end.other.record.mss) if size), default=0)
    version = 6 if ":" in end.address else 4
    return Verdict(
        severity=Severity.WARNING,
        weak=True,
        kind="found by probing",
        grounds=(showing(end, Fact.FULL_SIZE_RESENT_ONLY, Fact.RESENT_SMALLER),),
        measure=stalled,
        doubts=("a path that was cut off for as long would look the same",),
        fault=Fault.PATH,
        frames=case.evidence(
            end.frame(Fact.DATA_RESENT), end.frame(Fact.FULL_SIZE_RESENT_ONLY), end.frame(Fact.RESENT_SMALLER)
        ),
        explanation=f"{end} sent full segments{f' (MSS {known})' if known else ''} in vain for {span(stalled)}, then "
        f"the same in segments of {passed} bytes, which {end.other} acknowledged: its kernel found that the path is "
        "narrower, and no ICMP message says so.",
        rivals=(
            still_open("an outage that ended just then (D54)", "then other connections stopped as well"),
            ruled_out("a dead end (D09)", "it acknowledged the smaller ones"),
        ),
        advice=advise(
            "Find the largest packet that passes, then clamp the MSS or let ICMP through: until then each new "
            "connection stalls for as long.",
            on(end, f"ping -{version} -M do -s {known + _TCP_BEYOND_ECHO} -c 3 {end.other.address}"),
            on(end, f"tracepath -n {end.other.address}"),
            sysctl(end, "net.ipv4.tcp_mtu_probing", "net.ipv4.tcp_base_mss"),
        ),
    )
