"""Sockets that pile up in CLOSE_WAIT: judged from the peak, since a capture may hold the restart that ended them."""

from collections.abc import Iterator

from msgspec.structs import replace

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at, ss_listen_at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import place_of_listener
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.summary import CloseWaits, Listener
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_PILE = 100
"""So many sockets in CLOSE_WAIT at one listener are a pile."""
_ALL = 12
"""So many that are all there is, of which none was ever closed, are a pile that has begun."""
_USED_UP = 4
"""So many are all that a small device has, where it lets nobody in any more."""
_KEPT_OUT = 2
"""So many connects in vain are no chance."""
_HELD = 5 * SECOND
"""So long the first of them is held, though its client has had its answer and left."""
_CLOSED = (Fact.FIN_SENT, Fact.RST_SENT)
_SLOW = "a server that is slow to close under load"


@capture_rule("D31", "Sockets pile up in CLOSE_WAIT", Severity.ERROR)
def close_wait_pile(analysis: Analysis) -> Iterator[Overall]:
    """A server holds many connections in CLOSE_WAIT: most of what it has open, or all until they vanish at once.

    What it means: its application leaks connections: clients leave and it does not close. Where all of them are
    closed or reset within a second, the process has ended, and its kernel has tidied up: a restart cures the
    symptom for a while. Fewer are a warning where they are all that the server has open, and it has closed none; and
    fewer still where it lets nobody in any more, as a device with few sockets does.

    Why it matters: when the file descriptors are used up, the server accepts nobody.

    Rivals: a server that is slow to close under load: then the number falls again when the load does, one by one.

    What to do: see D10, and restart the process to gain time.

    See it: ``wirestat pcaps/field/leak-of-close-wait/capture.pcap``: 120 clients have left.

    RFC 9293: 3.10.4 (CLOSE in CLOSE-WAIT).
    """
    system = analysis.timers.name
    for listener in analysis.summary.listeners:
        held = listener.states.get(State.CLOSE_WAIT, 0)
        opened = held + listener.states.get(State.ESTABLISHED, 0)
        waits = listener.close_waits
        if held >= _PILE and held * 2 >= opened:
            backlog = _backlog(analysis, listener, held)
            yield backlog or _pile(
                listener,
                held,
                f"{some(held, 'connection')} of {opened:,} that {_socket(listener)} has open are in CLOSE_WAIT: the "
                "clients have left and the application does not close.",
                still_open(_SLOW),
                system,
            )
        elif waits and waits.peak >= _PILE and waits.leaving_peak * 2 >= waits.peak:
            yield _pile(
                listener,
                waits.peak,
                _vanished(analysis, listener, waits),
                ruled_out(_SLOW, "it would have closed them one by one"),
                system,
            )
        elif held >= _USED_UP and held == opened and is_few(analysis):
            yield from _begun(analysis, listener, held)


def _backlog(analysis: Analysis, listener: Listener, held: int) -> Overall | None:
    """Tell of a server to whose requests most clients got no answer before they left, while it closed others: it does
    not forget them, but has not come to them."""
    if not is_few(analysis):
        return None
    here = _connections_of(analysis, listener)
    unserved = [
        one
        for one in here
        if one.server.state is State.CLOSE_WAIT and one.client.bytes and not one.server.bytes
    ]
    closed = sum(_is_closed(one) for one in here)
    if len(unserved) * 2 < held or closed < _ALL:
        return None
    pile = _pile(
        listener,
        held,
        f"{some(held, 'connection')} to {_socket(listener)} are in CLOSE_WAIT, and {len(unserved):,} of them "
        f"were never answered: their clients asked, and left before the application came to them. It closed "
        f"{closed:,} others in this capture: it seems to be behind with its work, and to forget none.",
        cause(_SLOW),
        analysis.timers.name,
    )
    step = (
        "See how long a request takes, and how many are worked on at a time; have clients wait longer before each "
        "try, and the server drop those whose clients have left."
    )
    listening = ss_listen_at(listener.address, listener.port, analysis.timers.name)
    leak = still_open("connections that the application forgets")
    return replace(
        pile, severity=Severity.WARNING, rivals=(*pile.rivals, leak), advice=advise(step, listening)
    )


def _connections_of(analysis: Analysis, listener: Listener) -> list[Connection]:
    socket_of = listener.address, listener.port
    return [one for one in analysis.connections() if (one.server.address, one.server.port) == socket_of]


def _is_closed(one: Connection) -> bool:
    """Say whether the server closed or reset a connection that it had let in."""
    is_let_in = one.syn_to_syn_ack_ns is not None
    return is_let_in and any(seen.fact in _CLOSED and seen.endpoint is Side.SERVER for seen in one.facts)


def _begun(analysis: Analysis, listener: Listener, held: int) -> Iterator[Overall]:
    """Tell of a server that has closed none of its connections, though each client has had its answer and left."""
    now = analysis.now_ns
    here = _connections_of(analysis, listener)
    left = [one.server.since_ns for one in here if one.server.state is State.CLOSE_WAIT and _is_served(one)]
    since = sorted(at for at in left if at is not None)
    if now is None or any(map(_is_closed, here)) or len(since) < held or now - since[0] < _HELD:
        return
    kept_out = _kept_out(here)
    if held < _ALL and kept_out < _KEPT_OUT:
        return
    middle = now - since[len(since) // 2]
    full = (
        f" Since the last of them it has let in none of {kept_out} that tried: its sockets seem to be used up."
        if kept_out >= _KEPT_OUT
        else ""
    )
    pile = _pile(
        listener,
        held,
        f"All {some(held, 'connection')} that {_socket(listener)} has open are in CLOSE_WAIT, the first for "
        f"{span(now - since[0])}, half of them for {span(middle)} or more: each client has had its answer and has "
        f"left, and the application has closed none in this capture.{full}",
        still_open(_SLOW),
        analysis.timers.name,
    )
    yield replace(pile, severity=Severity.WARNING, weak=kept_out < _KEPT_OUT)


def _kept_out(here: list[Connection]) -> int:
    """Count the connects that were refused or not answered, if none was let in after the first of these."""
    tried = [
        one.first_time_ns for one in here if one.syn_to_syn_ack_ns is None and one.client.isn is not None
    ]
    last = max((one.first_time_ns for one in here if one.syn_to_syn_ack_ns is not None), default=0)
    return len(tried) if tried and min(tried) > last else 0


def _is_served(one: Connection) -> bool:
    """Say whether its client has had an answer to all that it asked."""
    return 0 < one.client.turns <= one.server.turns and not one.client.unacknowledged_bytes


def _vanished(analysis: Analysis, listener: Listener, waits: CloseWaits) -> str:
    reached = "" if waits.peak_ns is None else f", at {instant(analysis, waits.peak_ns)}"
    left = "" if waits.leaving_ns is None else f" at {instant(analysis, waits.leaving_ns)}"
    how = "reset" if waits.by_reset > waits.by_fin else "closed"
    return (
        f"Up to {some(waits.peak, 'connection')} to {_socket(listener)} were in CLOSE_WAIT at one time{reached}: the "
        f"clients had left and the application did not close. {waits.leaving_peak:,} of them were "
        f"{how} within one second{left}, as at the exit or restart of the process."
    )


def _socket(listener: Listener) -> str:
    return socket(listener.address, listener.port)


def _pile(listener: Listener, count: int, explanation: str, rival: Rival, system: str) -> Overall:
    waits = listener.close_waits
    gone = rival.why != ""
    return Overall(
        doubts=("an application that closes all at one time looks the same",)
        if gone
        else ("the capture ended, and some of them may have been closed just after",),
        fault=Fault.SERVER,
        frames=(listener.first_frame,),
        explanation=explanation,
        rivals=(rival,),
        advice=advise(
            "Find where the application forgets to close; restarting it gains time.",
            at(listener.address, system, f"ss -tnp state close-wait '( sport = :{listener.port} )' | wc -l"),
            at(listener.address, system, "ulimit -n"),
        ),
        display_filter=filters.of_server(listener.address, listener.port) + " && tcp.flags.fin==1",
        count=count,
        examples=waits.examples if waits and waits.examples else listener.examples,
        place=place_of_listener(listener),
    )
