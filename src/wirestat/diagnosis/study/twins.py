"""Connections that are in a capture twice, before and behind a translation of addresses, and parts of them that left
untranslated.

Two connections are one where both initial sequence numbers are the same: chance makes that once in 2⁶⁴. A part that
left untranslated is known by its ports: it begins in the midst of a connection that shares one socket and the other
port with it, and says next to nothing.
"""

from collections import Counter, defaultdict
from functools import cached_property

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.shown import figure, is_shown
from wirestat.model import Connection, Endpoint, Side, State
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

Pair = tuple[Connection, Connection]
_APART = SECOND
"""Both sides of one translation are captured within this time."""
_SEVERAL = 2
"""So many pairs of the same sockets are no chance."""
_BOTH = len(("before", "behind"))
_IN_STEP = 10 * MILLISECOND
"""A translation on the same machine, or the next, hands a packet on within this time."""
_ROUTERS = 2
"""A translation on the same machine takes so much off the TTL, at most."""
_BRIEF = 6
"""A part that left untranslated has no more segments than this."""


class Twins:
    """Both kinds, drawn when they are first asked for; only where connections are few enough to be gone through."""

    def __init__(self, analysis: Analysis) -> None:
        """Ask nothing yet."""
        self._analysis = analysis

    @cached_property
    def pairs(self) -> list[Pair]:
        """The same connections under other addresses, each with its twin, which was captured later."""
        return [pair for pair in self._of_one_number if _are_one(*pair) and _said_and_heard(*pair) is None]

    @cached_property
    def halves(self) -> list[Pair]:
        """The two directions of one connection, each under another address or port of one end: what the client says,
        and what it hears."""
        found = (_said_and_heard(*pair) for pair in self._of_one_number)
        return [pair for pair in found if pair is not None]

    @cached_property
    def other_sides(self) -> dict[int, Connection]:
        """The same connection on the other side of a translation, by the id of each, whatever passed it since."""
        in_step = [
            (first, second)
            for first, second in self._of_one_number
            if second.first_time_ns - first.first_time_ns <= _IN_STEP
            and _hosts(first) != _hosts(second)
            and _hosts(first) & _hosts(second)
        ]
        return {one.id: other for pair in in_step for one, other in (pair, pair[::-1])}

    @cached_property
    def _of_one_number(self) -> list[Pair]:
        """Two connections each whose initial sequence numbers are the same, the earlier first."""
        alike: defaultdict[tuple[int, int], list[Connection]] = defaultdict(list)
        for connection in self._all:
            client, server = connection.client, connection.server
            if (
                client.isn is not None
                and server.isn is not None
                and not is_shown(connection, Fact.MID_STREAM)
            ):
                alike[client.isn, server.isn].append(connection)
        # A stack whose first numbers are always the same shows more than two.
        return [(two[0], two[1]) for two in alike.values() if len(two) == _BOTH]

    @cached_property
    def parts(self) -> dict[int, Connection]:
        """Segments that left untranslated, by the id of the connection that they belong to."""
        whole: defaultdict[tuple[str, int, int], list[Connection]] = defaultdict(list)
        brief = []
        for connection in self._all:
            frames = connection.frames
            if connection.client.isn is not None or frames > _BRIEF:
                for key in _keys(connection):
                    whole[key].append(connection)
            elif not is_shown(connection, Fact.BAD_CHECKSUM):  # or damage may have changed the address
                brief.append(connection)
        found = {}
        for part in brief:
            belongs = [
                other
                for key in _keys(part)
                for other in whole.get(key, ())
                if _sockets(other) != _sockets(part)
                and (other.client.isn is not None or is_shown(part, Fact.RST_SENT))
                and other.first_time_ns < part.first_time_ns <= other.last_time_ns
            ]
            if len(belongs) == 1:
                found[belongs[0].id] = part
        found = self._without_hosts_of_their_own(found)
        return found | self._resets_from_other_ports(found)

    def _without_hosts_of_their_own(self, found: dict[int, Connection]) -> dict[int, Connection]:
        """Leave out parts between two hosts that have other connections with each other: ports agree by chance."""
        parts = {part.id for part in found.values()}
        known = {_hosts(one) for one in self._all if one.id not in parts} if found else set()
        return {id: part for id, part in found.items() if _hosts(part) not in known}

    def _resets_from_other_ports(self, found: dict[int, Connection]) -> dict[int, Connection]:
        """Return lone resets that came under another address and another port, as where a port is mapped.

        They are known by the other end's socket, by their TTL, and by the silence that the connection has kept since.
        """
        taken = {part.id for part in found.values()}
        open_to: defaultdict[tuple[str, int], list[Connection]] = defaultdict(list)
        lone = []
        for one in self._all:
            if one.client.isn is not None and one.id not in found:
                open_to[one.client.address, one.client.port].append(one)
            elif one.client.frames == 0 and is_shown(one, Fact.RST_SENT) and one.id not in taken:
                lone.append(one)
        resets = {}
        for part in lone:
            belongs = [
                whole
                for whole in open_to.get((part.client.address, part.client.port), ())
                if whole.server.address != part.server.address and _ended(whole, part)
            ]
            if len(belongs) == 1:
                resets[belongs[0].id] = part
        return resets

    @cached_property
    def goodbyes(self) -> list[Pair]:
        """Connections whose server has closed and whose client has not, each with a FIN that came later from the same
        port to the same socket, under another address: nothing else did, and nothing answered it."""
        left: dict[tuple[str, int, int], list[Connection]] = defaultdict(list)
        lone = []
        for one in self._all:
            key = one.server.address, one.server.port, one.client.port
            if one.client.state is State.CLOSE_WAIT:
                left[key].append(one)
            elif one.client.isn is None and _is_a_lone_fin(one):
                lone.append((key, one))
        pairs = [
            (left[key][0], part)
            for key, part in lone
            if len(left.get(key, ())) == 1
            and left[key][0].client.address != part.client.address
            and left[key][0].last_time_ns < part.first_time_ns
        ]
        parts = {part.id for _, part in pairs}
        known = {_hosts(one) for one in self._all if one.id not in parts} if pairs else set()
        return [pair for pair in pairs if _hosts(pair[1]) not in known]

    @cached_property
    def answers(self) -> list[Pair]:
        """SYNs that stay unanswered, each with the answer that came under another address, and that was reset.

        The answer acknowledges the initial sequence number of the very SYN, which chance makes once in 2³². It is no
        answer to that SYN where the other address was asked as well: a scanner has one number for all its SYNs. But
        where the SYN is seen again at once on its way to that one other address, it is the same SYN, translated.
        """
        asked: dict[tuple[str, int, int | None], Connection] = {
            (one.client.address, one.client.port, one.client.isn): one
            for one in self._all
            if one.server.state is State.UNKNOWN and one.client.isn is not None
        }
        bearers = Counter((one.client.address, one.client.port, one.client.isn) for one in self._all)
        pairs = []
        for part in self._all:
            if not is_shown(part, Fact.RST_ANSWERS_SYN_ACK):
                continue
            syn = part.client.address, part.client.port, part.client.isn
            whole = asked.get(syn)
            if whole is None or _sockets(whole) == _sockets(part):
                continue
            in_step = 0 <= part.first_time_ns - whole.first_time_ns <= _IN_STEP and bearers[syn] == _BOTH
            if in_step or part.first_time_ns == part.server.first_time_ns:
                pairs.append((whole, part))
        return pairs

    @cached_property
    def refused_elsewhere(self) -> list[Pair]:
        """SYNs that nothing answered under that address, each with the lone refusal that came at once to the very
        port that asked, under another: who refuses answers in the name of who was asked before a translation."""
        asked: defaultdict[tuple[str, int], list[Connection]] = defaultdict(list)
        refusals = []
        for one in self._all:
            if one.server.state is State.UNKNOWN and one.client.isn is not None:
                asked[one.client.address, one.client.port].append(one)
            elif is_shown(one, Fact.REFUSED) and not one.client.frames:
                refusals.append(one)
        return [
            (whole[0], part)
            for part in refusals
            if len(whole := asked[part.client.address, part.client.port]) == 1
            and 0 <= part.first_time_ns - whole[0].last_time_ns <= _IN_STEP
        ]

    @cached_property
    def unanswered(self) -> list[Pair]:
        """SYNs that nothing answered, each with itself behind a translation of the destination.

        Both bear one initial sequence number, and each copy of the one is followed at once by a copy of the other.
        """
        alike: defaultdict[tuple[str, int, int | None], list[Connection]] = defaultdict(list)
        for one in self._all:
            if one.server.state is State.UNKNOWN and one.client.isn is not None and not one.server.frames:
                alike[one.client.address, one.client.port, one.client.isn].append(one)
        return [pair for two in alike.values() if len(two) == _BOTH for pair in _in_step(*two)]

    @cached_property
    def refused(self) -> list[Pair]:
        """SYNs that were refused, each with itself behind a translation.

        Both bear one initial sequence number, and the one behind comes and is refused within the other. A scanner may
        have one number for two of its SYNs: so several such pairs of the same sockets are needed, or one that was
        opened, or one SYN that only its source and its TTL tell from the other.
        """
        alike: defaultdict[int, list[Connection]] = defaultdict(list)
        for one in self._all:
            if one.client.isn is not None and one.server.isn is None and is_shown(one, Fact.REFUSED):
                alike[one.client.isn].append(one)
        both = [sorted(two, key=lambda one: one.first_time_ns) for two in alike.values() if len(two) == _BOTH]
        found = [(first, second) for first, second in both if _is_within(first, second)]
        ways = Counter(_servers(pair) for pair in (*found, *self.pairs))
        return [pair for pair in found if ways[_servers(pair)] >= _SEVERAL or _was_forwarded(*pair)]

    @cached_property
    def asked_before(self) -> dict[int, Connection]:
        """The refused connection before the translation, by the id of the one behind."""
        return {behind.id: before for before, behind in self.refused}

    @cached_property
    def refused_again(self) -> frozenset[int]:
        """The ids of refused connections that are here behind a translation as well."""
        return frozenset(before.id for before, _ in self.refused)

    @cached_property
    def _all(self) -> list[Connection]:
        return list(self._analysis.connections()) if is_few(self._analysis) else []


def _was_forwarded(first: Connection, second: Connection) -> bool:
    """Say whether two SYNs from one port to one socket differ by their source, and by a router or two in TTL."""
    ends = (first.client, first.server), (second.client, second.server)
    socket, again = ((client.port, server.address, server.port) for client, server in ends)
    ttl, left = first.client.ttl, second.client.ttl
    return socket == again and ttl is not None and left is not None and 0 < ttl - left <= _ROUTERS


def _are_one(first: Connection, second: Connection) -> bool:
    """Say whether they differ in an address, and neither in time nor in what was said."""
    hosts, others = ({one.client.address, one.server.address} for one in (first, second))
    said, again = ((one.client.bytes, one.server.bytes) for one in (first, second))
    return hosts != others and said == again and second.first_time_ns - first.first_time_ns <= _APART


def _said_and_heard(first: Connection, second: Connection) -> Pair | None:
    """Order two connections that share a socket by who is heard on each, where that is one end alone."""
    if not _sockets(first) & _sockets(second):
        return None
    for said, heard in ((first, second), (second, first)):
        are_mute = not said.server.frames and not heard.client.frames
        if are_mute and said.client.frames and heard.server.frames:
            return said, heard
    return None


def _is_within(first: Connection, second: Connection) -> bool:
    """Say whether a SYN comes again at once under another address, and is refused there before it is refused here."""
    is_soon = 0 <= second.first_time_ns - first.first_time_ns <= _IN_STEP
    is_back = 0 <= first.last_time_ns - second.last_time_ns <= _IN_STEP
    return is_soon and is_back and _hosts(first) != _hosts(second) and bool(_hosts(first) & _hosts(second))


def _servers(pair: Pair) -> tuple[tuple[str, int], ...]:
    return tuple((one.server.address, one.server.port) for one in pair)


def _in_step(one: Connection, other: Connection) -> list[Pair]:
    """Return two SYNs in their order if each copy of the first is followed at once by one of the second.

    A scanner gives a copy another number. The capture may have begun, or ended, between a copy and what became of it:
    the first copies or the last ones tell the order.
    """
    copies = one.syn_copies, other.syn_copies
    if _sockets(one) == _sockets(other) or min(copies) == 0 or max(copies) - min(copies) > 1:
        return []
    return [
        (first, second)
        for first, second in ((one, other), (other, one))
        if 0 < second.first_time_ns - first.first_time_ns <= _IN_STEP
        or 0 < second.last_time_ns - first.last_time_ns <= _IN_STEP
    ][:1]


def _ended(whole: Connection, part: Connection) -> bool:
    """Say whether a lone reset may be of the server of a connection: it has its TTL, and that is silent since."""
    ttl = figure(part, Fact.RST_SENT)
    said: Endpoint = whole.server
    heard, first = said.last_time_ns, part.first_time_ns
    is_silent = heard is not None and heard < first < whole.last_time_ns
    return is_silent and ttl is not None and ttl == said.ttl and whole.first_time_ns < first


def _is_a_lone_fin(one: Connection) -> bool:
    """Say whether a client sent a FIN and its copies, and nobody anything else."""
    return is_shown(one, Fact.FIN_SENT, Side.CLIENT) and not (one.server.frames or one.client.bytes)


def _sockets(connection: Connection) -> frozenset[tuple[str, int]]:
    """Return both sockets, whichever is the client: one segment alone does not tell."""
    client, server = connection.client, connection.server
    return frozenset({(client.address, client.port), (server.address, server.port)})


def _hosts(connection: Connection) -> frozenset[str]:
    return frozenset({connection.client.address, connection.server.address})


def _keys(connection: Connection) -> tuple[tuple[str, int, int], ...]:
    """Return what a connection has in common with a part of it of which one address is another."""
    client, server = connection.client, connection.server
    return (client.address, client.port, server.port), (server.address, server.port, client.port)
