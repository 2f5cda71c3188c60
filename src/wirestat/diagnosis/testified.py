"""Verdicts that the kernel of this host settles: it has its own states, which a capture can only infer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from wirestat.beside import Beside
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.certainty import Weighed
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.registry import Rule
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Confidence, Fault, Side, State
from wirestat.testimony import Process, Socket
from wirestat.words import socket as placed, some

_SIDES = {Fault.CLIENT: Side.CLIENT, Fault.SERVER: Side.SERVER}


class Ruling(NamedTuple):
    """The kernel's answer to a verdict."""

    words: str
    bears_out: bool
    """Whether it says the same; else that is a doubt."""
    fault: Fault | None = None
    """The end at fault, where only the kernel knows."""


def testify(hits: Iterable[Hit], beside: Beside) -> Iterator[Hit]:
    """Ask the kernel about each verdict on an end of this host."""
    for hit in hits:
        answer = _ask(hit, beside)
        if answer is None:
            yield hit
        elif answer.bears_out:
            explanation = f"{hit.verdict.explanation} {answer.words}"
            severity = hit.verdict.severity or hit.rule.severity
            fault = answer.fault or hit.verdict.fault
            verdict = replace(hit.verdict, explanation=explanation, fault=fault, doubts=(), weak=False)
            yield replace(hit, verdict=verdict, weighed=Weighed(Confidence.CERTAIN, severity))
        else:
            doubts = (answer.words, *hit.weighed.doubts)
            yield replace(hit, weighed=Weighed(Confidence.POSSIBLE, hit.weighed.severity, doubts))


def testify_overall(
    rule: Rule, verdict: Overall, weighed: Weighed, beside: Beside
) -> tuple[Overall, Weighed]:
    """Ask the kernel about sockets that pile up in CLOSE_WAIT at a socket of this host."""
    if rule.id != "D31":
        return verdict, weighed
    held = [
        one
        for one in beside.kernel.sockets()
        if one.state is State.CLOSE_WAIT and placed(*one.local) == verdict.place.where
    ]
    if not held or len(held) * 2 < verdict.count:
        return verdict, weighed
    holders = {str(holder) for one in held if (holder := beside.kernel.holder_of(one))}
    by = f", held by {', '.join(sorted(holders))}" if holders else ""
    words = f"The kernel has {some(len(held), 'socket')} of it in CLOSE_WAIT{by}."
    severity = verdict.severity or rule.severity
    changed = replace(verdict, explanation=f"{verdict.explanation} {words}", doubts=(), weak=False)
    return changed, Weighed(Confidence.CERTAIN, severity)


def _ask(hit: Hit, beside: Beside) -> Ruling | None:
    connection = hit.case.connection
    match hit.rule.id:
        case "D10":
            side = _SIDES.get(hit.verdict.fault)
            if side is None or beside.key(connection, side) is None:
                return None
            return _close_wait(beside.socket(connection, side), beside.holder(connection, side))
        case "D01":
            return _unanswered(hit.case, beside)
        case "D05" | "D06":
            return _never_established(hit.case, beside)
        case "D07":
            return _forgotten(hit, beside)
    return None


def _close_wait(socket: Socket | None, holder: Process | None) -> Ruling:
    if socket is None:
        return Ruling("the kernel has no such socket any more", bears_out=False)
    if socket.state is not State.CLOSE_WAIT:
        return Ruling(f"the kernel says {socket.state}", bears_out=False)
    by = f" of {holder}" if holder else ""
    unread = f", with {some(socket.recv_q, 'byte')} that it has yet to read" if socket.recv_q else ""
    return Ruling(f"The kernel says the same: it is a socket{by}{unread}.", bears_out=True)


def _unanswered(case: Case, beside: Beside) -> Ruling | None:
    """Ask why this host did not answer a SYN that its card has seen."""
    server = case.connection.server
    if not beside.kernel.is_local(server.address) or beside.socket(case.connection, Side.SERVER) is not None:
        return None
    listener = beside.kernel.listener(server.address, server.port)
    if listener is None:
        words = (
            "The kernel has no listener there, and sent no reset: something here, as a firewall, drops SYNs."
        )
    elif listener.is_full:
        words = f"The kernel drops it: {_queue(listener)}, which is full."
    else:
        words = (
            f"The kernel listens there, {_queue(listener)}, and it has no socket for it: something here, as a "
            "firewall, drops SYNs."
        )
    return Ruling(words, bears_out=True, fault=Fault.SERVER)


def _queue(listener: Socket) -> str:
    return f"the accept queue of {placed(*listener.local)} holds {listener.recv_q} of {listener.send_q}"


def _never_established(case: Case, beside: Beside) -> Ruling | None:
    """Ask whether the server's end ever became a socket: what waits in a full queue did not."""
    connection = case.connection
    if beside.key(connection, Side.SERVER) is None:
        return None
    socket = beside.socket(connection, Side.SERVER)
    server = connection.server
    listener = beside.kernel.listener(server.address, server.port)
    queue = _queue(listener) if listener else ""
    if socket is not None and socket.state is State.SYN_RECV:
        return Ruling(f"The kernel has it in SYN_RECV{'; ' + queue if queue else ''}.", bears_out=True)
    if socket is None and listener is not None and listener.is_full:
        return Ruling(f"The kernel has no socket for it: {queue}, which is full.", bears_out=True)
    if socket is not None and socket.state is State.ESTABLISHED:
        return Ruling("the kernel has it in ESTABLISHED by now", bears_out=False)
    return None


def _forgotten(hit: Hit, beside: Beside) -> Ruling | None:
    """Ask this host's end whether it is the one that lives on, or the one that forgot."""
    connection = hit.case.connection
    for side in Side:
        if beside.key(connection, side) is None:
            continue
        socket = beside.socket(connection, side)
        if socket is not None and socket.state in (State.ESTABLISHED, State.CLOSE_WAIT):
            return Ruling(
                f"The kernel still has the {side}'s end in {socket.state}: the reset did not reach it.",
                bears_out=True,
            )
        if socket is None and _SIDES.get(hit.verdict.fault) is side:
            return Ruling(
                f"The kernel has no socket for the {side}'s end: it forgot the connection.", bears_out=True
            )
    return None
