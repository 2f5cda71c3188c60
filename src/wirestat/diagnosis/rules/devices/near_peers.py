"""Routers that take only what their neighbours send, by its TTL (RFC 5082, GTSM)."""

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import Rival, cause, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault
from wirestat.vocabulary import Fact

_FULL = 255
"""No router has taken one from it."""
_OF_ROUTERS = {179: "BGP", 639: "MSDP", 646: "LDP"}
"""Ports of sessions between neighbours, by IANA's names."""
_DROPS = "drops what bears less than 255 (RFC 5082, ttl-security)"


def takes_full_ttl_only(receiver: End, ttl: int | None) -> bool:
    """Say whether a router may drop a packet for its TTL: its own packets bear 255, and that one less."""
    ports = {receiver.port, receiver.other.port}
    return (
        receiver.record.ttl == _FULL and ttl is not None and ttl < _FULL and not ports.isdisjoint(_OF_ROUTERS)
    )


def drops_the_syn_ack(case: Case) -> str:
    """Say that a client may drop the SYN-ACK for its TTL."""
    client, server = case.client, case.server
    if not takes_full_ttl_only(client, server.record.ttl):
        return ""
    return (
        f" Its own packets bear a TTL of 255, and the SYN-ACK one of {server.record.ttl}: it may be a router that "
        f"{_DROPS}."
    )


def may_drop_the_syn_ack(case: Case) -> tuple[Rival, ...]:
    """Name that as a cause."""
    if not takes_full_ttl_only(case.client, case.server.record.ttl):
        return ()
    return (
        cause("a listening socket that answers with the TTL of its system, where the session is to have 255"),
    )


def drops_the_reset(case: Case, end: End) -> Verdict | None:
    """Judge resets that a router does not take, as they bear another TTL than the session: their sender has no socket
    that would give them its own."""
    receiver, ttl = end.other, end.figure(Fact.RST_SENT)
    if (
        not receiver.has(Fact.SPOKE_AFTER_RST)
        or end.record.ttl != _FULL
        or not takes_full_ttl_only(receiver, ttl)
    ):
        return None
    return Verdict(
        grounds=(showing(end, Fact.RST_SENT), showing(receiver, Fact.SPOKE_AFTER_RST)),
        weak=True,
        doubts=("one capture does not tell whether the host itself or a device on the way sends the resets",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(end.frame(Fact.RST_SENT), receiver.frame(Fact.SPOKE_AFTER_RST)),
        explanation=f"{end.subject} answers {receiver} with resets that bear a TTL of {ttl}, where the session has "
        f"255, and {receiver} goes on as if there were none: it {_DROPS}, it seems. {end.subject} seems to know the "
        "connection no longer: then its kernel resets it with the TTL of the system.",
        rivals=(
            cause(f"a restart of {end}, after which {receiver} does not hear that the session is gone"),
            still_open("a device on the way that resets in its name", "capture there"),
        ),
        advice=advise(
            f"Clear the session at {receiver.address}, or wait until its hold time ends it; have {end.address} send "
            "resets for this port with a TTL of 255.",
            capture_at(end),
            ss_this(receiver),
        ),
    )
