"""Routers and hosts that complain by ICMP of what an end sends: who, and of what."""

from wirestat.diagnosis.case import End
from wirestat.vocabulary import Fact

_WORDS = {
    Fact.ICMP_PROHIBITED: "that the traffic is prohibited",
    Fact.ICMP_PORT_UNREACHABLE: "that the port cannot be reached",
    Fact.ICMP_UNREACHABLE: "that the host cannot be reached",
}
_FEW_HOPS = 2
"""Nobody who means to be heard beyond his neighbour's network begins with so few."""
TOLD_BY_ICMP = tuple(_WORDS)
"""The errors that an end may be told of, the plainest first."""


def complaint(end: End) -> str:
    """Say who told an end by ICMP that what it sends does not arrive: a sentence, or nothing."""
    told = next((fact for fact in TOLD_BY_ICMP if end.has(fact)), None)
    if told is None:
        return ""
    who = reporter(end.figure(told))
    return f" {who or 'Somebody'} told it by ICMP {_WORDS[told]}."


def reporter(number: int | None) -> str:
    """Name who sent an ICMP error, by the number of its IPv4 address; nothing where that is not known."""
    return ".".join(map(str, number.to_bytes(4, "big"))) if number else ""


def ran_out_of_hops(end: End) -> str:
    """Say which router said that a SYN of an end had run out of hops; nothing where none did."""
    if not end.has(Fact.ICMP_TIME_EXCEEDED):
        return ""
    router = reporter(end.figure(Fact.ICMP_TIME_EXCEEDED)) or "a router"
    said = f" ICMP of {router} says that it ran out of hops on its way (time exceeded)"
    ttl = end.record.ttl
    if ttl is not None and ttl <= _FEW_HOPS:
        return (
            f"{said}: it comes with a TTL of {ttl} here, as between neighbours (BGP without ebgp-multihop, TTL "
            "security), and the way is longer."
        )
    return f"{said}: routers send it to one another in a loop, or the way is too long for its TTL."


def was_redirected(end: End) -> str:
    """Say that a router had shown an end another way, which it may have forgotten since; nothing where none did."""
    if not end.has(Fact.ICMP_REDIRECT):
        return ""
    router = reporter(end.figure(Fact.ICMP_REDIRECT)) or "a router"
    return (
        f" ICMP of {router} had redirected it to another router (redirect). A host forgets that after some minutes "
        f"and sends by {router} again: a stateful firewall there, which saw only the beginning, drops what follows."
    )
