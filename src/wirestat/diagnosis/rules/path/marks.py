"""Transfers that are held down by marks of congestion (ECN) without a loss: of all that passes, it seems."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.shown import ends_from, figure, is_shown
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Side
from wirestat.spans import span
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_MUCH = 100_000
"""Bytes; who has less to send is done before it matters."""
_MOST = 75
"""Per cent of a receiver's segments; a queue that marks now and then has fewer echoed."""
_LOST = 100
"""Where more than one byte in so many came again, losses hold the transfer down as well."""


def held_down_by_marks(analysis: Analysis) -> Iterator[Overall]:
    """Tell of each socket whose transfers had a mark echoed with nearly each acknowledgement."""
    marked: defaultdict[tuple[str, int, Side], list[Connection]] = defaultdict(list)
    for one in analysis.connections():
        for side in Side:
            if _is_marked(one, side):
                marked[one.server.address, one.server.port, side].append(one)
    for (_, _, side), connections in marked.items():
        yield _held_down(connections, side)


def _echoed(one: Connection, side: Side) -> int:
    """Count the segments in which the other end echoed marks on what ``side`` sent."""
    return figure(one, Fact.CONGESTION_ECHOED, Side.SERVER if side is Side.CLIENT else Side.CLIENT) or 0


def _is_marked(one: Connection, side: Side) -> bool:
    echoed = _echoed(one, side)
    if not echoed or not is_shown(one, Fact.SYN_WITH_ECN, Side.CLIENT):
        return False
    sender, receiver = ends_from(one, side)
    lossless = sender.retransmitted_bytes * _LOST <= sender.bytes
    return sender.bytes >= _MUCH and lossless and 100 * echoed >= _MOST * receiver.frames


def _held_down(connections: list[Connection], side: Side) -> Overall:
    one = connections[0]
    sender, receiver = ends_from(one, side)
    names = [socket(end.address, end.port) for end in (sender, receiver)]
    first = f"{some(len(connections), 'transfer')}. For instance: " if len(connections) > 1 else ""
    return Overall(
        doubts=("one capture does not tell where the marks are made",),
        fault=Fault.PATH,
        explanation=f"{first}{names[1]} echoed marks of congestion (ECE) in {_echoed(one, side):,} of its "
        f"{receiver.frames:,} segments, while {names[0]} sent {sender.bytes:,} bytes in "
        f"{span(one.last_time_ns - one.first_time_ns)} and lost nothing: each mark makes the sender slow down as a "
        "loss does (ECN), and it may be down to two segments in each round trip.",
        rivals=(
            cause("a device that writes over both bits of ECN as it changes the class of service (DSCP)"),
            cause("a queue on the way that is always full, and marks all that passes"),
            cause("a receiver that echoes marks that it never got"),
            ruled_out("loss", "next to nothing came again"),
        ),
        advice=advise(
            "Look at the two bits of ECN (ip.dsfield.ecn) where the packets come from and here: the stretch on which "
            "all of them become 3 is the one. Hosts do without ECN if net.ipv4.tcp_ecn is 0.",
        ),
        **of_connections(connections),
    )
