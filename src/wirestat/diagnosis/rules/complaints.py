"""Routers and hosts that complain by ICMP of what an end sends: who, and of what."""

from wirestat.diagnosis.case import End
from wirestat.vocabulary import Fact

_WORDS = {
    Fact.ICMP_PROHIBITED: "that the traffic is prohibited",
    Fact.ICMP_PORT_UNREACHABLE: "that the port cannot be reached",
    Fact.ICMP_UNREACHABLE: "that the host cannot be reached",
}
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
