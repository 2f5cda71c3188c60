"""Hosts that nobody answers for a while, and then everybody again: their own way out was down."""

from collections import defaultdict
from collections.abc import Callable, Iterator

import msgspec

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.opening.recovered_hosts import tell_server
from wirestat.diagnosis.rules.silence.severed import severed
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.attempts import Attempt, close_in_vain, connect_in_vain
from wirestat.diagnosis.together import SHOWN
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Fault, Severity, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_ATTEMPTS = 4
_HOSTS = 3
"""So many attempts, to so many hosts, are in vain together by no chance."""
_KNOWN = 2
"""So many of the hosts have to answer at other times: a peer that is gone tells nothing about the way."""
_LONG = 3 * SECOND
"""Two copies of a SYN have been sent by then."""
_FORGOT = "a device near it that had forgotten connections that were idle"
_SUFFERS = frozenset(
    {Fact.DATA_RESENT, Fact.DATA_RESENT_UNANSWERED, Fact.FIN_RESENT, Fact.KEEPALIVE_UNANSWERED}
)
_STALLS = frozenset({Fact.STALLED, Fact.STALLED_BRIEFLY})
_Way = Callable[[Connection], Attempt | None]
_CONNECTS: tuple[_Way, ...] = (connect_in_vain,)
_ASKED: tuple[_Way, ...] = (connect_in_vain, close_in_vain)


class _Spell(msgspec.Struct, frozen=True):
    """A time in which nobody was heard."""

    asked: list[Attempt]
    """The attempts in vain meanwhile, in order."""
    until_ns: int | None
    """When somebody was heard again; ``None`` where that never happened."""

    @property
    def began_ns(self) -> int:
        """When somebody was asked in vain first, in Unix ns."""
        return self.asked[0].time_ns

    @property
    def opened(self) -> list[Connection]:
        """Connections begun meanwhile."""
        return [each.one for each in self.asked if not each.is_close]

    @property
    def closed(self) -> list[Attempt]:
        """FINs sent meanwhile."""
        return [each for each in self.asked if each.is_close]


@capture_rule("D54", "Cut off for a while", Severity.ERROR)
def cut_off(analysis: Analysis) -> Iterator[Overall]:
    """For some seconds nobody answered a host, whomever it asked, or a host answered nobody; then all was well.

    What it means: the host's own way out was down: a radio link, a modem, a gateway that restarted, a VPN that came
    up anew, a route that was changed. Its segments of that time were lost, or answered late. Where several
    clients ask one host in vain, it is that host that was down or out of reach, and has come back. Where connects
    and data between two hosts stand at one moment, the way between these was cut off; the finding names the
    direction where one of them is seen to answer in vain.

    Why it matters: it looks as if many servers failed at once, each with a cause of its own.

    Rivals: servers that share a rack or a balancer and fail together; a capture that lost one direction for a while.
    Where FINs alone were in vain: a device near the host that had forgotten connections which were idle.

    What to do: look at the host's link, gateway and routes at that time, and not at the servers.

    See it: ``wirestat pcaps/field/uplink-is-down-for-a-while/capture.pcap``: 12 s without an answer of anybody.

    RFC 9293: 3.8.3 (connection failures); RFC 1122, 4.2.3.5.
    """
    if not is_few(analysis):
        return
    by_client: defaultdict[str, list[Connection]] = defaultdict(list)
    by_server: defaultdict[str, list[Connection]] = defaultdict(list)
    for connection in analysis.connections():
        by_client[connection.client.address].append(connection)
        by_server[connection.server.address].append(connection)
    told: set[int] = set()
    for client, connections in by_client.items():
        for spell in _spells(connections, _ASKED) if len(connections) >= _ATTEMPTS else ():
            if _is_outage(spell, connections):
                told.update(each.one.id for each in spell.asked)
                yield _tell(analysis, client, spell, connections)
    for server, connections in by_server.items():
        for spell in _spells(connections, _CONNECTS) if len(connections) >= _ATTEMPTS else ():
            asked = [each.one for each in spell.asked]
            if told.isdisjoint(one.id for one in asked) and _is_servers(spell, connections):
                told.update(one.id for one in asked)
                yield tell_server(analysis, server, asked, spell.until_ns or 0)
    yield from severed(analysis, told)


def _spells(connections: list[Connection], ways: tuple[_Way, ...]) -> Iterator[_Spell]:
    """Go through what was heard of anybody and what was asked in vain, as far as the ends of connections tell."""
    heard = [
        time for one in connections for time in (one.server.first_time_ns, one.server.last_time_ns) if time
    ]
    events: list[tuple[int, Attempt | None]] = [(time, None) for time in heard]
    events += [(each.time_ns, each) for way in ways for one in connections if (each := way(one)) is not None]
    asked: list[Attempt] = []
    for time, each in sorted(events, key=lambda event: event[0]):
        if each is not None:
            asked.append(each)
        elif asked:
            yield _Spell(asked, time)
            asked = []
    if asked:
        yield _Spell(asked, None)


def _is_outage(spell: _Spell, connections: list[Connection]) -> bool:
    """Say whether it struck several hosts, of which some answer at other times, and lasted."""
    asked, began = spell.asked, spell.began_ns
    last = max(each.last_ns for each in asked) if spell.until_ns is None else spell.until_ns
    if len(asked) < _ATTEMPTS or len(_hosts(asked)) < _HOSTS or last - began < _LONG:
        return False
    needed = _KNOWN if spell.until_ns else _HOSTS
    known = _known(spell, connections)
    told_by = [each for each in asked if each.host in known]
    if spell.until_ns is not None and any(each.is_ignored_since(spell.until_ns) for each in told_by):
        return False
    was_heard = any(one.server.first_time_ns and one.server.first_time_ns < began for one in connections)
    return was_heard and len(known) >= needed


def _is_servers(spell: _Spell, connections: list[Connection]) -> bool:
    """Say whether several clients asked one host in vain, which had answered before, and answered all again after.

    A host that goes on with what was open meanwhile is there, and lets nobody in.
    """
    asked, until = spell.asked, spell.until_ns
    if until is None or len(asked) < _ATTEMPTS or len({each.one.client.address for each in asked}) < _HOSTS:
        return False
    began = spell.began_ns
    was_heard = any(one.server.first_time_ns and one.server.first_time_ns < began for one in connections)
    is_long = until - began >= _LONG and not any(each.is_ignored_since(until) for each in asked)
    return was_heard and is_long and not _may_be_heard(spell, connections)


def _hosts(asked: list[Attempt]) -> set[str]:
    return {each.host for each in asked}


def _known(spell: _Spell, connections: list[Connection]) -> set[str]:
    """Return those of the hosts that answer at other times, or with which it had connections that it closed."""
    return _hosts(spell.asked) & (_heard(connections) | _hosts(spell.closed))


def _heard(connections: list[Connection]) -> set[str]:
    return {one.server.address for one in connections if one.server.first_time_ns}


def _may_be_heard(spell: _Spell, connections: list[Connection]) -> bool:
    """Say whether a connection that was open all the while may have been answered: nothing shows that it suffered."""
    began, until = spell.began_ns, spell.until_ns or spell.asked[-1].one.last_time_ns
    spanning = [
        one
        for one in connections
        if one.server.first_time_ns
        and one.server.first_time_ns < began
        and (one.server.last_time_ns or 0) >= until
    ]
    suffers = any(
        seen.fact in _SUFFERS and began <= seen.time_ns <= until for one in connections for seen in one.facts
    )
    return bool(spanning) and not suffers


def _tell(analysis: Analysis, client: str, spell: _Spell, connections: list[Connection]) -> Overall:
    asked, until = spell.asked, spell.until_ns
    began = spell.began_ns
    ids = dict.fromkeys(each.one.id for each in asked)
    length = f"for {span(until - began)}" if until else "to the end of the capture"
    sockets = sorted({(each.host, each.one.server.port) for each in asked})
    stood = _stood(spell, connections)
    return Overall(
        severity=None if any(one.server.first_time_ns is None for one in spell.opened) else Severity.WARNING,
        weak=_may_be_heard(spell, connections),
        doubts=(
            "of connections that were open all the while, first and last segments alone are compared",
            "whether a neighbour answered meanwhile (ARP, DNS) is not asked: then its link and gateway were up",
        ),
        fault=Fault.PATH,
        frames=tuple(_frame(each) for each in asked[:SHOWN]),
        explanation=f"Nobody answered {client} over TCP {length}, from {instant(analysis, began)} on."
        + _opened(spell)
        + _closed(spell)
        + _answer_else(spell, connections)
        + (f" Data on {some(len(stood), 'connection')} that it had before stood as well." if stood else "")
        + " Its own way out was down, and not those hosts.",
        rivals=(
            unlikely(
                "hosts that failed together",
                f"they are {len(_hosts(asked))}, and nobody else was heard over TCP",
            ),
            ruled_out("one-way capture", "answers are captured before"),
            *(() if spell.opened or stood else (still_open(_FORGOT),)),
        ),
        advice=advise(
            f"See what happened to the link, the gateway, the VPN or the routes of {client} at that time.",
            at(client, analysis.timers.name, f"ip -s link; ip route get {asked[0].host}; ip neigh"),
            at(
                client, analysis.timers.name, "journalctl -k | grep -iE 'link|carrier|wlan|wg|tun' | tail -50"
            ),
        ),
        display_filter=filters.of_sockets(sockets, filters.address(client)),
        count=len(ids),
        examples=tuple(ids)[:SHOWN],
        place=Place(client, None, began),
        replaces=frozenset({"D01", "D09", "D13", "D34", "D56"}),
        absorbs=frozenset({*ids, *stood}),
    )


def _frame(each: Attempt) -> int:
    sent = sighting(each.one, Fact.FIN_SENT, Side.CLIENT) if each.is_close else None
    return sent.frame if sent else each.one.first_frame


def _opened(spell: _Spell) -> str:
    """Say what became of connects."""
    count, failed = len(spell.opened), sum(one.server.first_time_ns is None for one in spell.opened)
    if not count:
        return ""
    became = (
        f"{failed} failed, and the others were answered only after that" if failed < count else "all failed"
    )
    if not failed:
        became = "all were answered only after that"
    hosts = some(len({one.server.address for one in spell.opened}), "host")
    return f" It began {some(count, 'connection')} to {hosts} meanwhile: {became}."


def _closed(spell: _Spell) -> str:
    """Say what became of closes."""
    closed = spell.closed
    if not closed:
        return ""
    hosts, until = some(len(_hosts(closed)), "host"), " until then" if spell.until_ns else ""
    return (
        f" It closed {some(len(closed), 'connection')} to {hosts} meanwhile, and no FIN was answered{until}."
    )


def _answer_else(spell: _Spell, connections: list[Connection]) -> str:
    """Say how many of the hosts are known to answer."""
    count = len(_hosts(spell.asked) & _heard(connections))
    return f" {count} of these hosts answer{'s' if count == 1 else ''} it at other times." if count else ""


def _stood(spell: _Spell, connections: list[Connection]) -> list[int]:
    """Return those begun before on which data were sent again and again for want of the same answers."""
    began, until = spell.began_ns, spell.until_ns
    asked = {each.one.id for each in spell.asked}
    before = [one for one in connections if one.first_time_ns < began and one.id not in asked]
    if until is not None:
        return [one.id for one in before if _stood_within(one, began, until)]
    last = max(one.last_time_ns for one in connections)
    return [one.id for one in before if _stands_since(one, began, last)]


def _stands_since(one: Connection, began: int, last: int) -> bool:
    """Say whether a client still sent data again after nobody was heard any more, mostly in that time."""
    again, heard = sighting(one, Fact.DATA_RESENT, Side.CLIENT), one.server.last_time_ns
    if again is None or not one.client.unacknowledged_bytes or (heard and heard > again.time_ns):
        return False
    return again.time_ns > 2 * began - last and (one.client.last_time_ns or 0) >= began


def _stood_within(one: Connection, began: int, until: int) -> bool:
    """Say whether most of a stall lies between two instants, or so many copies in vain, of what was heard again."""
    for seen in one.facts:
        if seen.fact in _STALLS:
            took = seen.figure or 0
            within = min(seen.time_ns, until) - max(seen.time_ns - took, began)
            if 0 < took <= 2 * within:
                return True
        # Data that were under way stand from the beginning on, and the first connect that is in vain comes later.
        if seen.fact is Fact.DATA_RESENT_UNANSWERED and 2 * began - until < seen.time_ns < until:
            return (one.server.last_time_ns or 0) > until - SECOND
    return False
