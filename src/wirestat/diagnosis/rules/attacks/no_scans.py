"""Attempts at many sockets that somebody means, and that are no scan: peers, and ports that a server has named."""

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.model import Connection
from wirestat.timers import SECOND

_OF_A_PEER = 4
"""A peer is asked at so few ports, one after the other."""
_LEADS = 10 * SECOND
"""Who was told a port asks for it so soon."""


def is_meant(analysis: Analysis, tried: list[Connection], count: int) -> bool:
    """Say whether one client asked for these, ``count`` in all, because each was named to it.

    Peers listen at ports of their own: a scan asks many hosts for the same, or one host for many. And a server of FTP
    or RPC names a port of its own in each answer.
    """
    return _are_peers(tried) or (is_few(analysis) and _are_named(analysis, tried, count))


def _are_peers(tried: list[Connection]) -> bool:
    hosts = {one.server.address for one in tried}
    ports = {one.server.port for one in tried}
    return len(hosts) > _OF_A_PEER and 2 * len(ports) > len(tried) and len(tried) < _OF_A_PEER * len(hosts)


def _are_named(analysis: Analysis, tried: list[Connection], count: int) -> bool:
    """Say whether their host answers the client on another connection meanwhile, about as often as they are tried."""
    hosts = {one.server.address for one in tried}
    began, ended = min(one.first_time_ns for one in tried), max(one.first_time_ns for one in tried)
    if len(hosts) > 1:
        return False
    client, ids = tried[0].client.address, {one.id for one in tried}
    return any(
        2 * one.server.turns > count
        and one.first_time_ns < began + _LEADS
        and one.last_time_ns > ended - _LEADS
        for one in analysis.connections()
        if one.client.address == client and one.server.address in hosts and one.id not in ids
    )
