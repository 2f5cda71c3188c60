"""Transfers whose speed is that of a window in each round trip."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open
from wirestat.diagnosis.rules.path.marks import held_down_by_marks
from wirestat.diagnosis.shown import ends_from
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Endpoint, Fault, Severity, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_MUCH = 1_000_000
"""Bytes; who has less to send is done before it matters."""
_FAR = 5 * MILLISECOND
"""On a shorter way a window of 64 KiB carries 100 Mbit/s and more."""
_LONG = 2 * SECOND
_WINDOWS = 10
"""A window that was filled fewer times may have been so by chance."""
_NEARLY = 80
"""Per cent of what the window allows: the rest is the end of each round."""
_AT_MOST = 105
"""Per cent; who sends more than it allows was given a larger one meanwhile."""
_UNFIT = {Fact.MID_STREAM, Fact.ONE_WAY, Fact.SYN_MISSING, Fact.ZERO_WINDOW, Fact.ZERO_WINDOW_OFTEN}


@capture_rule("D60", "Window limits the speed", Severity.NOTE)
def window_limits(analysis: Analysis) -> Iterator[Overall]:
    """A transfer is as fast as one receive window in each round trip, and no faster.

    What it means: the sender fills the window of the receiver, waits until that is acknowledged, and fills it again.
    The way could carry more. The receiver's program fixed its buffer (``SO_RCVBUF``), its system does not enlarge it,
    or the window cannot be scaled, so it ends at 65,535 bytes. Where nearly each acknowledgement echoes a mark of
    congestion (ECN) and nothing is lost, the sender's own window is held down by those: that is told as well.

    Why it matters: the transfer is slow on a fast line, without a loss, and slower the farther away the other is.

    Rivals: a limit of the line, or of a shaper, that happens to be the same. A sender whose own buffer is as large. A
    receiver that does not read shuts its window (D23).

    What to do: let the receiver's system choose the buffer (do not set ``SO_RCVBUF``), and raise its limits.

    See it: no capture of it is kept: the lab's ways are short.

    RFC 9293: 3.8.6 (the window is what may be on the way); RFC 7323, 1.1 (windows and long ways).
    """
    if not is_few(analysis):
        return
    yield from held_down_by_marks(analysis)
    limited: defaultdict[tuple[str, int, Side], list[Connection]] = defaultdict(list)
    scaled = set()
    for one in analysis.connections():
        if one.server.window_scale:
            scaled.add((one.server.address, one.server.port))
        for side in Side:
            if _NEARLY <= _share(one, side) <= _AT_MOST:
                limited[one.server.address, one.server.port, side].append(one)
    for (address, port, side), connections in limited.items():
        yield _limited(analysis, connections, side, is_scaled_elsewhere=(address, port) in scaled)


def _share(one: Connection, side: Side) -> int:
    """Return the speed of what ``side`` sends in per cent of what the window allows; 0 where that is not known."""
    sender, receiver = ends_from(one, side)
    trip, window = one.handshake_rtt_ns or 0, receiver.window or 0
    took = _took(one)
    if sender.bytes < max(_MUCH, _WINDOWS * window) or trip < _FAR or took < _LONG or not window:
        return 0
    if sender.retransmitted_frames or any(seen.fact in _UNFIT for seen in one.facts):
        return 0
    return 100 * sender.bytes * trip // (took * window)


def _took(one: Connection) -> int:
    """Return how long it was in use, in ns: not the silence before its close."""
    idle = (seen.figure or 0 for seen in one.facts if seen.fact is Fact.FIN_AFTER_IDLE)
    return one.last_time_ns - one.first_time_ns - max(idle, default=0)


def _why(one: Connection, receiver: Endpoint, *, is_scaled_elsewhere: bool) -> tuple[Rival, ...]:
    """Name why the window is no wider."""
    fixed = "a receive buffer of fixed size (SO_RCVBUF)"
    if receiver.window_scale:
        return (cause(f"{fixed}, or a low limit of the system"),)
    is_left_out = receiver is one.server and receiver.window_scale is None
    if is_left_out and is_scaled_elsewhere and one.client.window_scale is not None:
        return (
            cause(
                "a SYN cookie, which has no room for a scale where the client sends no time stamps: the backlog of "
                "the server was full as this began",
                "other connections to this socket have a scale",
            ),
            cause("another machine behind this address, or a device on the way that takes the scale off"),
        )
    return (cause(f"a window that cannot be scaled, or {fixed}"),)


def _limited(
    analysis: Analysis, connections: list[Connection], side: Side, *, is_scaled_elsewhere: bool
) -> Overall:
    one = connections[0]
    sender, receiver = ends_from(one, side)
    names = [socket(end.address, end.port) for end in (sender, receiver)]
    took, trip, window = _took(one), one.handshake_rtt_ns or 0, receiver.window or 0
    first = f"{some(len(connections), 'transfer')}. For instance: " if len(connections) > 1 else ""
    return Overall(
        doubts=("a line or a shaper of that speed would look the same",),
        fault=Fault.SERVER if side is Side.CLIENT else Fault.CLIENT,
        explanation=f"{first}{names[0]} sent {sender.bytes:,} bytes in {span(took)}, "
        f"{sender.bytes * 8 / (took / SECOND) / 1e6:,.1f} Mbit/s: that is {_share(one, side)} % of one receive "
        f"window of {names[1]} ({window:,} bytes) in each round trip ({span(trip)}). Nothing was sent again: the "
        "sender waits for room.",
        rivals=(
            *_why(one, receiver, is_scaled_elsewhere=is_scaled_elsewhere),
            ruled_out("loss", "nothing was sent again"),
            still_open("a sender with a buffer of that size (SO_SNDBUF)"),
        ),
        advice=advise(
            f"Have the program at {names[1]} leave its receive buffer to the system, and raise the limits of both.",
            at(receiver.address, analysis.timers.name, f"ss -tnmi '( sport = :{receiver.port} )'"),
            at(receiver.address, analysis.timers.name, "sysctl net.ipv4.tcp_rmem net.core.rmem_max"),
        ),
        **of_connections(connections),
        place=place_of_examples(analysis, [one.id for one in connections], are_all=True),
    )
