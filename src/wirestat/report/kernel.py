"""Kernel and wire compared, in words: differences with explanations, agreement, older connections."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from wirestat.beside import Beside, Difference, Score
from wirestat.model import Connection, Side, State
from wirestat.names import Dialect, spell
from wirestat.report.disagreement import Disagreement
from wirestat.report.layout import GAP, View, more, paragraph, table
from wirestat.report.sockets import timer
from wirestat.testimony import Socket
from wirestat.words import socket as placed, some


class Disagreements:
    """Reports differences as they come and go."""

    def __init__(self, beside: Beside, names: Dialect) -> None:
        """Report those of ``beside``."""
        self._beside = beside
        self._names = names
        self._open: dict[tuple[int, Side, State | None], Disagreement] = {}

    def news(self, now_ns: int) -> Iterator[Disagreement]:
        """Yield the changes since the last call, as of an instant in Unix ns."""
        found = {(one.connection, one.side, one.kernel): one for one in self._beside.differences()}
        for which, one in found.items():
            connection = self._beside.connection(one.connection)
            if which in self._open or connection is None:
                continue
            end = connection.client if one.side is Side.CLIENT else connection.server
            words = explained(self._beside, connection, one, self._names)
            told = Disagreement("opened", now_ns, one, placed(end.address, end.port), words)
            self._open[which] = told
            yield told
        for which in self._open.keys() - found.keys():
            yield replace(self._open.pop(which), change="closed", time_ns=now_ns)


def explained(beside: Beside, connection: Connection, one: Difference, names: Dialect) -> str:
    """Explain a difference."""
    wire, kernel = spell(one.wire, names), "no socket" if one.kernel is None else spell(one.kernel, names)
    return f"wire {wire}, kernel {kernel}: {_meaning(beside, connection, one)}"


def _meaning(beside: Beside, connection: Connection, one: Difference) -> str:
    end = connection.client if one.side is Side.CLIENT else connection.server
    listener = beside.kernel.listener(end.address, end.port) if one.side is Side.SERVER else None
    queue = f" (accept queue {listener.recv_q} of {listener.send_q})" if listener else ""
    match one.wire, one.kernel:
        case State.CLOSED, State.CLOSE_WAIT | State.ESTABLISHED | State.FIN_WAIT1 | State.FIN_WAIT2:
            return "half-open: what ended it was dropped behind the tap, or not accepted"
        case State.ESTABLISHED, State.SYN_RECV:
            return f"the third ACK was captured and not accepted{queue}"
        case ((State.SYN_RECV | State.ESTABLISHED), None) if (
            one.side is Side.SERVER and listener and listener.is_full
        ):
            return f"the listener's queue is full{queue}"
        case State.SYN_RECV, None:
            return "SYN cookies: the kernel keeps nothing before the handshake is finished"
        case State.SYN_SENT, None:
            return "the attempt was given up"
        case (State.SYN_SENT, State.CLOSED) | (State.TIME_WAIT, None):
            return "the socket was reused or let go before its time"
        case State.CLOSE_WAIT, State.ESTABLISHED:
            return "the other end's FIN was dropped behind the tap: look at this host's firewall"
        case State.LAST_ACK | State.CLOSING | State.FIN_WAIT1 | State.FIN_WAIT2, None:
            return "the socket is gone without a packet: it was orphaned and timed out, or killed"
        case _, None:
            return "the socket is gone without a packet: killed, or timed out"
    return "segments were dropped between the tap and the socket, or never captured"


def differences(beside: Beside, view: View) -> Iterator[str]:
    """Yield a line for each end on which wire and kernel differ."""
    found = sorted(beside.differences(), key=lambda one: one.since_ns)
    if not found:
        return
    yield view.paint("title", f"wire and kernel differ about {some(len(found), 'end')}")
    shown = found[: view.limit]
    for one in shown:
        connection = beside.connection(one.connection)
        if connection is None:
            continue
        end = connection.client if one.side is Side.CLIENT else connection.server
        holder = beside.holder(connection, one.side)
        held = f", {holder}" if holder else ""
        yield f"{GAP}#{one.connection} {one.side} {placed(end.address, end.port)}{held}: " + explained(
            beside, connection, one, view.names
        )
    yield from more(len(shown), len(found), view)


def hidden(beside: Beside) -> Iterator[str]:
    """Say how many processes could not be examined; nothing if all could."""
    last = beside.kernel.last
    if last is not None and last.hidden:
        number = f"{last.hidden:,} process" + ("es" if last.hidden != 1 else "")
        yield f"{number} of others could not be looked at: their sockets have no program here"


def agreement(beside: Beside, view: View) -> Iterator[str]:
    """Yield the score: how often wire and kernel agreed, by the kernel's state."""
    scores = {
        state: beside.scores[state]
        for state in State
        if state in beside.scores and beside.scores[state].total
    }
    heading = ("kernel", "looks", "agreed", "in time", "left open", "differed", "the wire said")
    total = sum(score.total for score in scores.values())
    right = sum(score.total - sum(score.differed.values()) for score in scores.values())
    share = f"{100 * right / total:.2f} %" if total else "nothing to compare"
    yield view.paint(
        "title", f"wire beside kernel: {share} of {some(total, 'look')} at ends of this host agree"
    )
    if scores:
        rows = [_row(state, score, view.names) for state, score in scores.items()]
        heading_line, *body = table([heading, *rows], "<>>>>><")
        yield view.paint("faint", heading_line)
        yield from body
    if untold := sum(score.untold for score in beside.scores.values()):
        yield f"{GAP}{some(untold, 'look')} at ends of which the wire does not say: not counted"


def _row(state: State, score: Score, names: Dialect) -> tuple[str, ...]:
    said = ", ".join(f"{spell(wire, names)} {count:,}" for wire, count in score.differed.most_common(3))
    name = "no socket" if state is State.CLOSED else spell(state, names)
    numbers = (score.total, score.agreed, score.in_time, score.left_open, sum(score.differed.values()))
    return (name, *(f"{number:,}" if number else "·" for number in numbers), said or "")


def older(beside: Beside, view: View) -> Iterator[str]:
    """List connections of this host without a captured packet: only the kernel knows them."""
    found = beside.older()
    if not found:
        return
    yield view.paint("title", f"{some(len(found), 'connection')} that only the kernel tells of")
    shown = found[: view.limit]
    heading = ("here", "there", "state", "unread", "unacked", "evidence")
    rows = [_older(beside, one, view.names) for one in shown]
    first, *body = table([heading, *rows], "<<<>><")
    if max(map(len, body)) > view.width:
        first, *body = table([heading[:3], *(row[:3] for row in rows)], "<<<")
        body = [part for row, line in zip(rows, body, strict=True) for part in (line, *_below(row, view))]
    yield view.paint("faint", first)
    yield from body
    if len(shown) < len(found):
        yield f"{GAP}… and {len(found) - len(shown):,} more: 'ss -tanp' lists them"


def _below(row: tuple[str, ...], view: View) -> Iterator[str]:
    """Yield the lines below a row that it has no room for."""
    *_, unread, unacked, evidence = row
    return paragraph(f"{evidence}; {unread} B unread, {unacked} B unacked", GAP * 2, view.width)


def _older(beside: Beside, one: Socket, names: Dialect) -> tuple[str, ...]:
    last = beside.kernel.last
    known = (str(beside.kernel.holder(one.key) or ""), timer(one, last.answered_ns) if last else "")
    return (
        placed(*one.local),
        placed(*one.remote),
        spell(one.state, names),
        f"{one.recv_q:,}",
        f"{one.send_q:,}",
        "; ".join(("kernel", *filter(None, known))),
    )
