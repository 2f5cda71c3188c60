"""Clients that asked another address: what translated their SYNs, the answers do not pass (a hairpin)."""

from wirestat.diagnosis.advice import advise, capture_at, on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, Side
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 2
"""A client may refuse one answer for a reason of its own."""
_ROUTERS = 8
"""Hosts on one network have so few routers between them, and none on the straight way."""


def asked_another(case: Case, end: End) -> bool:
    """Say whether a client resets all answers to its SYNs, and its resets pass fewer routers than those did.

    It has asked another address, then: what translated its SYN, the answer did not pass.
    """
    if end is not case.client or not end.has(Fact.RST_ANSWERS_SYN_ACK) or not end.has(Fact.RST_TTL_DIFFERS):
        return False
    if not end.has(Fact.SYN_RESENT):
        return False  # a scanner makes up the TTLs of its SYNs, and has its answer
    ttl, asked = end.figure(Fact.RST_SENT), end.record.ttl
    if ttl is None or asked is None or not 0 < ttl - asked <= _ROUTERS:
        return False
    refused, others = case.of_both(_answers)
    return refused >= _SEVERAL and not others


def _answers(connections: list[Connection]) -> tuple[int, int]:
    """Count those whose client reset the SYN-ACK and never took it, and all others."""
    refused = sum(
        one.connect_ns is None and is_shown(one, Fact.RST_ANSWERS_SYN_ACK, Side.CLIENT) for one in connections
    )
    return refused, len(connections) - refused


def by_another_way(case: Case, end: End) -> Verdict:
    """Judge a client that knows nothing of the socket that answers it."""
    routers = (end.figure(Fact.RST_SENT) or 0) - (end.record.ttl or 0)
    refused, _ = case.of_both(_answers)
    return Verdict(
        severity=Severity.WARNING,
        kind="asked another",
        grounds=(showing(end, Fact.RST_SENT, Fact.RST_ANSWERS_SYN_ACK, Fact.RST_TTL_DIFFERS),),
        doubts=("a device near here that resets in the client's name would look the same",),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.RST_ANSWERS_SYN_ACK), end.frame(Fact.SYN_RESENT)),
        explanation=f"{end} answered the SYN-ACK of {end.other} with a reset, and sent its SYN "
        f"{some(case.connection.syn_copies, 'more time')}: it asks, and does not know who answers. All "
        f"{refused:,} connects of {end.address} to this socket ended so. Its SYNs passed "
        f"{some(routers, 'more router')} than its resets: they were sent to another address, it seems, and "
        "translated on the way, which the answers do not pass (a hairpin without source translation: client and "
        "server are on one network).",
        rivals=(
            cause(
                "a translation (DNAT) of the way there alone", "the SYN came over a router, the reset did not"
            ),
            cause("a device that resets in the client's name (D18)"),
            unlikely("an application that gave up while it connected", "it sends its SYN again"),
        ),
        advice=advise(
            f"See which address {end.address} asks, and who translates it; let that node translate the source as "
            "well (masquerade), or have the client ask this address.",
            capture_at(end),
            "  node$ nft list ruleset | grep -nE 'dnat|masquerade'",
            on(end.other, f"ip route get {end.address}"),
        ),
    )
