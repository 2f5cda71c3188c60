"""Makes one finding of one event: a flood, a scan, a dead server, a time-out that hits every connection.

Verdicts of the same diagnosis are joined by the server's socket, or by its host where they say so. Where a signature
stands for more connections than it names, the rest are known by number alone: they are counted with those that are
named. A diagnosis that strikes many servers is joined once more, but for the sockets that it strikes several times.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from wirestat.diagnosis import filters
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.certainty import Weighed, strengthen
from wirestat.diagnosis.finding import finding
from wirestat.diagnosis.places import place_of
from wirestat.diagnosis.registry import Rule
from wirestat.diagnosis.study.common import BEGAN_TOGETHER
from wirestat.diagnosis.verdict import Verdict, overall
from wirestat.model import Confidence, Connection, Fault, Finding, Severity, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

MANY_SERVERS = 5
"""One diagnosis on more server sockets than this is one finding."""
CORROBORATES = 3
"""So many connections that show the same make a diagnosis more certain, where it says that this counts."""
EXAMPLES = 8
_OF_RESETS = frozenset({"D07", "D16", "D27"})
_INSTANT = 2 * SECOND
"""A host's restart, or a failover, strikes all its connections within this time."""
_TOGETHER = 100 * MILLISECOND
"""So close together, connections that somebody picks out are closed one after the other."""
_SLOWER = 5
"""Connections that began over so many times as long did not end together by chance."""
_OLD = 30 * SECOND
"""A limit to the age of connections is no shorter."""
_SPREAD = 50
"""Lengths of time that are equal but for one part in so many are the same."""


class Hit(msgspec.Struct, frozen=True):
    """One rule's verdict on one connection, and how sure that is."""

    rule: Rule
    case: Case
    verdict: Verdict
    weighed: Weighed
    more: int = 0
    """How many further connections of the same signature it stands for, which are known by number alone."""

    @property
    def server(self) -> tuple[str, int]:
        """The server's address and port."""
        return self.case.server.address, self.case.server.port


def findings(hits: Iterable[Hit]) -> Iterator[tuple[Finding, list[Hit]]]:
    """Join what belongs together, and yield each finding with the hits that it is made of."""
    by_rule: defaultdict[tuple[str, bool, str], list[Hit]] = defaultdict(list)
    for hit in hits:
        # Verdicts on the client, on the server, or of different kinds are not one event.
        by_rule[hit.rule.id, hit.verdict.fault is Fault.CLIENT, hit.verdict.kind].append(hit)
    for alike in by_rule.values():
        for group in _groups(alike):
            yield _finding(group), group


def _groups(hits: list[Hit]) -> list[list[Hit]]:
    """Divide the hits of one rule by server; where there are too many servers, only the worst stand alone."""
    by_server: defaultdict[tuple[str, int | None], list[Hit]] = defaultdict(list)
    for hit in hits:
        address, port = hit.server
        if hit.verdict.is_of_client:
            address, port = hit.case.client.address, 0
        by_server[address, None if hit.verdict.is_of_host else port].append(hit)
    # The sockets of the connections that a hit stands for are unknown, unless all known ones are the same.
    scattered = [group for group in by_server.values() if any(hit.more for hit in group)]
    if len(by_server) > 1 and scattered:
        known = [group for group in by_server.values() if not any(hit.more for hit in group)]
        return [_merged(scattered), *_worst_alone(known)]
    return _worst_alone(list(by_server.values()))


def _worst_alone(groups: list[list[Hit]]) -> list[list[Hit]]:
    """Join the groups of single sockets where they are many, but for those that have several hits each."""
    if len(groups) <= MANY_SERVERS:
        return groups
    hosts = {group[0].case.server.address for group in groups}
    if len(hosts) == 1:
        return [_merged(groups)]
    worst = sorted(groups, key=len, reverse=True)[:MANY_SERVERS]
    alone = [group for group in worst if len(group) >= CORROBORATES]
    rest = [group for group in groups if not any(group is one for one in alone)]
    return [*alone, _merged(rest)] if rest else alone


def _merged(groups: Iterable[list[Hit]]) -> list[Hit]:
    return [hit for group in groups for hit in group]


def _finding(group: list[Hit]) -> Finding:
    group = sorted(group, key=lambda hit: hit.case.connection.first_frame)
    lead = _lead(group)
    count = len(group) + sum(hit.more for hit in group)
    return _single(lead) if count == 1 else _joined(lead, group, count)


def _lead(group: list[Hit]) -> Hit:
    """Return the member that stands for all: the gravest, and of these the most certain.

    If that one is certain and others are not, the least certain stands for all: what is said of all must be certain
    of each.
    """
    lead = max(group, key=lambda hit: (hit.weighed.severity.rank, -hit.weighed.confidence.rank))
    if lead.weighed.confidence is not Confidence.CERTAIN:
        return lead
    weakest = max(group, key=lambda hit: hit.weighed.confidence.rank)
    if weakest.weighed.confidence is Confidence.CERTAIN:
        return lead
    weighed = replace(weakest.weighed, confidence=Confidence.LIKELY, severity=lead.weighed.severity)
    return replace(weakest, weighed=weighed)


def _single(hit: Hit) -> Finding:
    connection, verdict = hit.case.connection, hit.verdict
    told = overall(
        verdict,
        explanation=verdict.explanation[0].upper() + verdict.explanation[1:],
        display_filter=filters.of_connection(connection, verdict.frames),
        examples=(connection.id,),
        place=place_of(hit.case.analysis, [(connection, verdict.frames)]),
    )
    return finding(hit.rule, told, hit.weighed, connection.id)


def _joined(lead: Hit, group: list[Hit], count: int) -> Finding:
    verdict, weighed = lead.verdict, lead.weighed
    shown = group[:EXAMPLES]
    if lead.rule.corroborates and _bear_each_other_out(group, count):
        weighed = replace(weighed, confidence=strengthen(weighed.confidence))
    together, apart = _ended_together(group), _ended_apart_from_others(group)
    is_event = together or verdict.tells_of_instant
    if is_event and lead.verdict.fault == "server" and weighed.severity is Severity.NOTE:
        weighed = replace(weighed, severity=Severity.WARNING)
    told = overall(
        verdict,
        frames=tuple(sorted({frame for hit in shown for frame in hit.verdict.frames})),
        explanation=f"{_share(group, count)}{_where(group)}. Connection {lead.case.example}, for "
        "instance: "
        + verdict.explanation[0].lower()
        + verdict.explanation[1:]
        + _shared(group, has_one_end=bool(apart))
        + (together or apart)
        + _of_one_age(group),
        advice=_told_of_one(verdict.advice, lead)
        if len({hit.server for hit in group}) > 1
        else verdict.advice,
        display_filter=_filter(group, count),
        count=count,
        examples=tuple(hit.case.example for hit in shown),
        place=place_of(
            lead.case.analysis,
            [(hit.case.connection, hit.verdict.frames) for hit in group],
            more=count - len(group),
        ),
    )
    return finding(lead.rule, told, weighed)


def _told_of_one(advice: str, lead: Hit) -> str:
    """Say of commands that they are for one of several servers."""
    words, line, commands = advice.partition("\n")
    of_one = f" For connection {lead.case.example}:" if commands else ""
    return f"{words}{of_one}{line}{commands}"


def _bear_each_other_out(group: list[Hit], count: int) -> bool:
    """Say whether several show the same; if they measure a length of time, most of them the same one."""
    measures = sorted(hit.verdict.measure for hit in group if hit.verdict.measure is not None)
    if not measures:
        return count >= CORROBORATES
    alike = max(
        bisect_right(measures, least + least // _SPREAD) - place for place, least in enumerate(measures)
    )
    return alike >= CORROBORATES and 2 * alike > len(measures)


def _share(group: list[Hit], count: int) -> str:
    """Say how many of the socket's connections it is, where it is one socket and not all of them."""
    listener = group[0].case.listener if len({hit.server for hit in group}) == 1 else None
    if listener is None or listener.connections <= count:
        return some(count, "connection")
    return f"{count:,} of {some(listener.connections, 'connection')}"


def _shared(group: list[Hit], *, has_one_end: bool) -> str:
    """Say what the connections share, unlike the others of their socket.

    Where they ended as one, that tells more than that they began so.
    """
    is_minor = all(hit.weighed.severity is Severity.INFO for hit in group)
    if is_minor or len({hit.server for hit in group}) > 1 or any(hit.more for hit in group):
        return ""
    traits = group[0].case.in_common({hit.case.example for hit in group})
    if has_one_end or (group[0].rule.id in _OF_RESETS and _began_as_one(group)):
        traits = tuple(trait for trait in traits if not trait.startswith(BEGAN_TOGETHER))
    return f" In common: {'; '.join(traits)}." if traits else ""


def _began_as_one(group: list[Hit]) -> bool:
    """Say whether all connections of the socket began in one burst: where some of them lie in it tells nothing of
    their end."""
    began = group[0].case.of_socket(_beginnings)
    return began is not None and began[1] - began[0] < SECOND


def _beginnings(connections: list[Connection]) -> tuple[int, int] | None:
    """Return when the first and the last of them began, in Unix ns."""
    began = [one.first_time_ns for one in connections]
    return (min(began), max(began)) if began else None


def _ended_together(group: list[Hit]) -> str:
    """Say that connections of different ages were reset at one instant, if they were: by one event."""
    if len(group) < CORROBORATES or group[0].rule.id not in _OF_RESETS or any(hit.more for hit in group):
        return ""
    if any(hit.verdict.tells_of_instant for hit in group):
        return ""
    began = [hit.case.connection.first_time_ns for hit in group]
    ended = [hit.case.connection.last_time_ns for hit in group]
    meanwhile, within = max(began) - min(began), max(ended) - min(ended)
    if within > _INSTANT or meanwhile < max(_INSTANT, _SLOWER * within):
        return ""
    return (
        f" All of them ended within {span(within)}, and had begun over {span(meanwhile)}: one event, such as a "
        "restart, a failover or a process that was killed."
    )


def _ended_apart_from_others(group: list[Hit]) -> str:
    """Say that connections were reset at one instant while others that had begun with them went on."""
    if (
        len(group) < CORROBORATES
        or group[0].rule.id not in _OF_RESETS
        or len({hit.server for hit in group}) > 1
        or any(hit.more for hit in group)
    ):
        return ""
    ids = {hit.case.example for hit in group}
    began = [hit.case.connection.first_time_ns for hit in group]
    ended = [hit.case.connection.last_time_ns for hit in group]
    within = max(ended) - min(ended)
    others = [one for one in group[0].case.of_socket(list) if one.id not in ids]
    went_on = sum(
        abs(one.first_time_ns - min(began)) <= SECOND and one.last_time_ns > max(ended) + SECOND
        for one in others
    )
    if within > _TOGETHER or not went_on or min(ended) - max(began) < _INSTANT:
        return ""
    return (
        f" All of them ended within {span(within)}, and {some(went_on, 'other')} begun with them went on: one event "
        "struck these alone."
    )


def _of_one_age(group: list[Hit]) -> str:
    """Say that connections fell silent at one age, though they began at different times: something ends them so.

    Verdicts of a kind tell of another beginning than that of the connection.
    """
    if len(group) < CORROBORATES or group[0].rule.id != "D09" or any(hit.more for hit in group):
        return ""
    if group[0].verdict.kind:
        return ""
    lives = [_heard_for(hit.case.connection) for hit in group if not hit.case.has(Fact.MID_STREAM)]
    known = [life for life in lives if life is not None and life[0] >= _OLD]
    if len(known) < len(group):
        return ""
    began = [hit.case.connection.first_time_ns for hit in group]
    heard = [age for age, _ in known]
    within, meanwhile = max(heard) - min(heard), max(began) - min(began)
    if within > min(heard) // _SPREAD or meanwhile < max(_INSTANT, _SLOWER * within):
        return ""
    ignored = min(age for _, age in known)
    return (
        f" Each fell silent at the same age, between {span(max(heard))} and {span(ignored)}: a limit to how old a "
        "connection may grow."
    )


def _heard_for(one: Connection) -> tuple[int, int] | None:
    """Return how old a connection was when it was last answered, and when data was resent after that, in ns."""
    resent = [seen for seen in one.facts if seen.fact is Fact.DATA_RESENT]
    heard = [end.last_time_ns for end in (one.client, one.server) if end.last_time_ns is not None]
    if not resent or len(heard) < len(Side):
        return None
    return min(heard) - one.first_time_ns, resent[-1].time_ns - one.first_time_ns


def _where(group: list[Hit]) -> str:
    servers = {hit.server for hit in group}
    clients = {hit.case.client.address for hit in group}
    named = len(group) == len(group) + sum(hit.more for hit in group)
    if len(servers) == 1:
        known = "" if named or _is_the_only_socket(group) else ", those looked at one by one"
        to = f"{known} to {group[0].case.server.socket}"
    elif len({address for address, _ in servers}) == 1 and named:
        to = f" to {len(servers)} ports of {group[0].case.server.address}"
    else:
        to = f" to {_servers(group, servers)}" if named else " to several servers"
    if len(clients) == 1:
        return f"{to} from {group[0].case.client.address}"
    return f"{to} from {len(clients)} clients" if named else f"{to} from several clients"


def _is_the_only_socket(group: list[Hit]) -> bool:
    """Say whether connections that are known by number alone can be to no other socket than the named ones."""
    return len(group[0].case.analysis.summary.listeners) <= 1


def _servers(group: list[Hit], sockets: set[tuple[str, int]]) -> str:
    """Count the servers, of how many, and their sockets where those are more."""
    hosts = {address for address, _ in sockets}
    every = len({item.address for item in group[0].case.analysis.summary.listeners})
    ports = f"{some(len(sockets), 'socket')} on " if len(sockets) > len(hosts) else ""
    of = f" of {every}" if every > len(hosts) else ""
    return f"{ports}{len(hosts)}{of} servers"


def _filter(group: list[Hit], count: int) -> str:
    """Select every member, and nothing else where they are few enough to be named."""
    servers = {hit.server for hit in group}
    clients = {hit.case.client.address for hit in group}
    all_known = count == len(group)
    if len(servers) > 1:
        one = filters.address(clients.pop()) if len(clients) == 1 and all_known else ""
        return filters.of_sockets(sorted(servers), one) if all_known else ""
    ports = [hit.case.client.port for hit in group] if all_known else []
    if not all_known and not _is_the_only_socket(group):
        return filters.address(group[0].case.server.address)
    return filters.of_server(*group[0].server, clients=ports)
