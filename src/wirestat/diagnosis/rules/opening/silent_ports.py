"""Ports that are silent for a reason that other connections tell: nobody's passes, or their program has ended."""

from collections import defaultdict

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.rules.opening.restarts import ended_before
from wirestat.diagnosis.shown import is_shown
from wirestat.model import Connection, Side
from wirestat.vocabulary import Fact
from wirestat.words import some

_SERVERS = 3
"""So many servers that are silent at one port alone are no chance."""
_PORTS = 3
"""Whoever asks so many servers in vain at more ports than these scans them: most drop what they do not serve."""


def blocked_for_all(case: Case) -> str:
    """Say that no server answers the client at this port, and that some of these hosts do at others; else nothing."""
    silent, elsewhere = case.of_client(_silent_at).get(case.server.port, (0, 0))
    if not elsewhere:
        return ""
    return (
        f" None of the {silent} servers that it asked at port {case.server.port} answered there, and "
        f"{some(elsewhere, 'host')} of them did at another port: what leaves for this port seems to be dropped near "
        "the client, as clouds and providers do with port 25."
    )


def _silent_at(connections: list[Connection]) -> dict[int, tuple[int, int]]:
    """Return how many servers a client asked in vain at each port where none of several answered, and how many of
    these answered it at another port; nothing of a scan."""
    asked: defaultdict[int, set[str]] = defaultdict(set)
    heard: set[str] = set()
    answered: set[int] = set()
    for one in connections:
        if one.server.frames:
            heard.add(one.server.address)
            answered.add(one.server.port)
        elif is_shown(one, Fact.SYN_RESENT, Side.CLIENT):
            asked[one.server.port].add(one.server.address)
    silent = {
        port: (len(hosts), len(hosts & heard))
        for port, hosts in asked.items()
        if port not in answered and len(hosts) >= _SERVERS
    }
    return silent if len(silent) <= _PORTS else {}


def hidden_by_a_firewall(case: Case) -> str:
    """Say that a socket's program had ended just before a SYN, and that its host still speaks on others."""
    first_ns, last_ns = case.connection.first_time_ns, case.connection.last_time_ns
    ended = ended_before(case, first_ns)
    if not ended or not is_few(case.analysis) or not case.is_heard(case.server.address, first_ns, last_ns):
        return ""
    return (
        f"{ended} The host still speaks on other sockets: perhaps nothing listens here any more, and its firewall "
        "drops the refusal (the stealth mode of Windows) or the SYN."
    )
