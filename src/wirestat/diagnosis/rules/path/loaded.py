"""A way that becomes slow for all while one transfer fills its queue."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.study.common import by_client
from wirestat.diagnosis.study.instants import middle
from wirestat.diagnosis.together import SHOWN
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.words import socket, some

_MUCH = 500_000
"""Bytes; less hardly fills a queue for seconds."""
_LASTS = 2 * SECOND
"""A shorter transfer keeps nobody waiting for long."""
_FILLS = 500 * MILLISECOND
"""A transfer needs some round trips until it fills a queue."""
_SEVERAL = 3
"""Of fewer connects, slow ones are chance."""
_TIMES = 10
"""Connects that take so many times as long do not so by chance."""
_NOTICED = 100 * MILLISECOND
"""Nobody notices a connect that takes less than this longer."""
_MOSTLY = 3
"""All but one connect in so many is slow."""
_SLOW = 500 * MILLISECOND
"""Connects that take as long as this are complained about."""
_TRANSFERS = 16
"""Transfers of one client that are looked at, the largest."""


class _Transfer(msgspec.Struct, frozen=True):
    """A transfer that lasts, and much of which is sent."""

    one: Connection
    octets: int
    is_upload: bool

    @property
    def span_ns(self) -> tuple[int, int]:
        """From when until when it may fill a queue, in Unix ns."""
        return self.one.first_time_ns + _FILLS, self.one.last_time_ns

    def covers(self, one: Connection) -> bool:
        """Say whether another connection began meanwhile."""
        began, ended = self.span_ns
        return one.id != self.one.id and began <= one.first_time_ns < ended


@capture_rule("D64", "Slow while much is sent", Severity.NOTE)
def slow_while_much_is_sent(analysis: Analysis) -> Iterator[Overall]:
    """While a client sends or gets much, all connects to a host take ten times as long as at other times.

    What it means: somewhere on the way a queue is so deep that it holds seconds of traffic. A transfer fills it, and
    whatever comes after waits behind it: bufferbloat. The bottleneck is where the way is narrowest: a modem, a radio
    link, a shaper.

    Why it matters: programs that need a few packets (names, logins, calls) stand still while a backup runs, and the
    line seems to be down though it carries all that it can.

    Rivals: a host that is busy with the transfer: then data is answered late, and SYNs hardly. Connects that need a
    retry after loss (D34) take one second or more, and others meanwhile take no longer than usual.

    What to do: have the device before the bottleneck manage its queue (fq_codel, CAKE, a shaper just below the rate
    of the line), or limit the transfer.

    See it: no capture of it is kept: the queues of the lab are short.

    RFC 9293: 3.8.1 (round trips are measured); RFC 7567 (queue management), RFC 8290 (FQ-CoDel).
    """
    yield from _found(analysis)


def under_load(analysis: Analysis) -> frozenset[int]:
    """Return the ids of the connects that wait behind a transfer."""
    return frozenset(id for told in _found(analysis) for id in told.absorbs)


def _found(analysis: Analysis) -> Iterator[Overall]:
    if not is_few(analysis):
        return
    for connections in by_client(analysis).values():
        transfers = _transfers(connections)
        if transfers:
            yield from _of_client(connections, transfers, analysis.timers.name)


def _transfers(connections: Iterable[Connection]) -> list[_Transfer]:
    """Return the transfers that may fill a queue, the largest first."""
    found = [
        _Transfer(one, max(one.client.bytes, one.server.bytes), one.client.bytes > one.server.bytes)
        for one in connections
        if max(one.client.bytes, one.server.bytes) >= _MUCH and one.last_time_ns - one.first_time_ns >= _LASTS
    ]
    return sorted(found, key=lambda one: -one.octets)[:_TRANSFERS]


def _of_client(
    connections: Iterable[Connection], transfers: Sequence[_Transfer], system: str
) -> Iterator[Overall]:
    by_host: defaultdict[str, list[Connection]] = defaultdict(list)
    for one in connections:
        if one.connect_ns is not None:
            by_host[one.server.address].append(one)
    calm = {
        host: [one for one in connects if not any(each.covers(one) for each in transfers)]
        for host, connects in by_host.items()
    }
    for transfer in transfers:
        loaded = {host: list(filter(transfer.covers, connects)) for host, connects in by_host.items()}
        slow = [host for host in by_host if _are_slow(loaded[host], calm[host])]
        if slow:
            kept_waiting, others = ([one for host in slow for one in part[host]] for part in (loaded, calm))
            yield _tell(transfer, kept_waiting, others, system)
        for host in slow:
            del by_host[host]


def _are_slow(loaded: Sequence[Connection], calm: Sequence[Connection]) -> bool:
    """Say whether nearly all connects under load take far longer than usual ones, several though no SYN was lost."""
    if min(len(loaded), len(calm)) < _SEVERAL:
        return False
    usual = middle(_took(one) for one in calm)
    least = max(_TIMES * usual, usual + _NOTICED)
    slow = [one for one in loaded if _took(one) >= least]
    by_chance = sum(_took(one) >= least for one in calm)
    if len(slow) * _MOSTLY < len(loaded) * (_MOSTLY - 1) or by_chance * _TIMES > len(calm):
        return False
    # Whoever waits for longer than a SYN's timer sends it again, and waits as long after that.
    return sum((one.syn_to_syn_ack_ns or 0) >= least for one in slow) >= _SEVERAL


def _took(one: Connection) -> int:
    return one.connect_ns or 0


def _tell(
    transfer: _Transfer, loaded: Sequence[Connection], calm: Sequence[Connection], system: str
) -> Overall:
    took = [_took(one) for one in loaded]
    length = " to ".join(dict.fromkeys(map(span, (min(took), max(took)))))
    usual = middle(_took(one) for one in calm)
    client, server = transfer.one.client, transfer.one.server
    host, hosts = loaded[0].server.address, len({one.server.address for one in loaded})
    where = host if hosts == 1 else some(hosts, "host")
    does, way = ("sent", "from") if transfer.is_upload else ("got", "to")
    peer = socket(server.address, server.port)
    return Overall(
        severity=Severity.WARNING if middle(took) >= _SLOW else None,
        doubts=("one capture does not tell which queue it is",),
        fault=Fault.PATH,
        frames=(transfer.one.first_frame, *(one.first_frame for one in loaded[:SHOWN])),
        explanation=f"While {client.address} {does} {transfer.octets:,} bytes {'to' if transfer.is_upload else 'of'} "
        f"{peer}, for {span(transfer.one.last_time_ns - transfer.one.first_time_ns)}, its connects to {where} took "
        f"{length}, {some(len(took), 'connection')} in all; {len(calm):,} at other times took {span(usual)} in the "
        f"middle. The transfer fills a queue on the way {way} {client.address}, it seems, and all others wait in it "
        "(bufferbloat).",
        rivals=(
            cause("a deep queue before the narrowest link (a modem, a radio link, a shaper)"),
            cause("a deep queue of the sender's own card or driver"),
            unlikely("a server that is busy", "its kernel answers SYNs by itself"),
            still_open("other traffic that fills the queue, and is not in the capture"),
        ),
        advice=advise(
            "Have the device before the narrowest link manage its queue (fq_codel, CAKE), or shape just below the "
            "rate of the line; limit the transfer till then.",
            at(client.address, system, "tc -s qdisc show"),
            at(client.address, system, f"ping -c 20 -i 0.2 {host}"),
        ),
        display_filter=filters.of_sockets(
            sorted({(one.server.address, one.server.port) for one in loaded}), filters.address(client.address)
        ),
        count=len(loaded),
        examples=tuple(one.id for one in loaded[:SHOWN]),
        place=Place(where, None, transfer.one.first_time_ns),
        is_for_one_point=True,
        replaces=frozenset({"D34"}),
        absorbs=frozenset(one.id for one in loaded),
    )
