"""Servers that are told of their SYN-ACK by an ICMP error."""

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import Rival, cause
from wirestat.vocabulary import Fact


def told_by_icmp(case: Case) -> tuple[Rival, ...]:
    """Name the ICMP error that quotes the server's SYN-ACK, and may have ended its attempt before the ACK came."""
    error = case.server.fact(Fact.ICMP_UNREACHABLE, Fact.ICMP_PORT_UNREACHABLE, Fact.ICMP_PROHIBITED)
    reset = case.server.fact(Fact.RST_ANSWERS_HANDSHAKE_ACK)
    if error is None or reset is None or error.moment > reset.moment:
        return ()
    return (
        cause("the ICMP error that the server got before", f"frame {error.frame}: it may give up by that"),
    )
