"""One kernel socket in words: state, queues, timer, process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wirestat.model import Connection, Side
from wirestat.names import Dialect, spell
from wirestat.report.words import size
from wirestat.spans import span
from wirestat.testimony import Socket, Timer
from wirestat.words import some

if TYPE_CHECKING:
    from wirestat.beside import Beside

_AWAITED = {
    Timer.RETRANSMISSION: "sends again",
    Timer.KEEPALIVE: "keepalive",
    Timer.TIME_WAIT: "let go",
    Timer.PROBE: "window probe",
}


def timer(one: Socket, now_ns: int) -> str:
    """Describe the timer of a socket, and when it expires; empty without a timer.

    >>> from wirestat.model import State
    >>> timer(Socket(b"", State.ESTABLISHED, 1, 3, 0, 9, 7, 0, 1_400_000_000), 1_000_000_000)
    'sends again in 400 ms, 3 times so far'
    >>> timer(Socket(b"", State.ESTABLISHED, 0, 0, 0, 0, 7, 0), 1)
    ''
    """
    if one.timer not in _AWAITED:
        return ""
    left = one.due_ns - now_ns
    when = f" in {span(left)}" if left > 0 else " now"
    again = f", {some(one.retransmits, 'time')} so far" if one.retransmits else ""
    return f"{_AWAITED[Timer(one.timer)]}{when}{again}"


def ends(beside: Beside, connection: Connection, names: Dialect) -> Iterator[str]:
    """Yield a line for each end of a connection with a socket on this host."""
    last = beside.kernel.last
    if last is None:
        return
    for side in Side:
        one = beside.socket(connection, side)
        if one is None:
            continue
        words = [
            f"{spell(one.state, names)} for {span(max(0, last.answered_ns - one.since_ns))}",
            f"{size(one.recv_q)} to be read, {size(one.send_q)} not acknowledged",
            timer(one, last.answered_ns),
            str(beside.kernel.holder_of(one) or ""),
        ]
        yield f"kernel, {side}: " + "; ".join(word for word in words if word)
