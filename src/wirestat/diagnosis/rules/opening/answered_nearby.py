"""Servers in whose names somebody near the client answers: a captive portal before the login, a filter, a VPN."""

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.study.standins import is_private
from wirestat.model import Connection
from wirestat.spans import span
from wirestat.vocabulary import Fact


def answered_nearby(case: Case) -> str:
    """Say that one device seems to answer for all servers of a client, from near it; nothing where none does."""
    if not case.has_stand_in or is_private(case.server.address):
        return ""
    ttl, reset = case.server.figure(Fact.REFUSED), case.server.fact(Fact.REFUSED)
    ttls, servers, slowest_ns = case.of_client(_answering)
    asked = case.connection.first_time_ns
    if ttls != {ttl} or reset is None or reset.time_ns - asked > 2 * slowest_ns:
        return ""
    return (
        "one device near the client seems to answer in the names of all, as a captive portal before the login, a "
        f"filter or a VPN does. All answers of {servers} servers in public networks come with one TTL ({ttl}), "
        f"within {span(slowest_ns)}."
    )


def taken_nearby(case: Case) -> str:
    """Say that whoever took a client's data seems to be one device that answers for all servers; nothing where none
    does."""
    if not case.has_stand_in or is_private(case.server.address):
        return ""
    _, servers, slowest_ns = case.of_client(_answering)
    return (
        f" One device near the client seems to answer in the names of all {servers} servers in public networks, with "
        f"one TTL, within {span(slowest_ns)}: a proxy, a filter or a VPN. It took the data and reset; the server "
        "itself may never have been reached."
    )


def _answering(connections: list[Connection]) -> tuple[set[int], int, int]:
    """Return the TTLs of all servers in public networks that answered a client, how many they are, and how long the
    slowest SYN-ACK of them took, in ns."""
    public = [one for one in connections if one.server.frames and not is_private(one.server.address)]
    return (
        {one.server.ttl for one in public if one.server.ttl is not None},
        len({one.server.address for one in public}),
        max((one.syn_to_syn_ack_ns or 0 for one in public), default=0),
    )
