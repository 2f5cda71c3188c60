"""The kernel's part of the JSON contract: the record of this host's sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from wirestat.model import Side
from wirestat.names import Dialect
from wirestat.report import contract
from wirestat.report.kernel import explained
from wirestat.testimony import Process, Socket, Timer

if TYPE_CHECKING:
    from wirestat.beside import Beside, Score

TimerName = Literal["retransmission", "keepalive", "time_wait", "probe"]
_TIMERS = {one.value: cast("TimerName", one.name.lower()) for one in Timer if one is not Timer.NOTHING}


def record(beside: Beside, names: Dialect, *, everything: bool) -> contract.Kernel:
    """Make the record; with ``everything`` it includes connections without a captured packet."""
    known = beside.known()
    sockets = [(one, known.get(one.key)) for one in beside.kernel.sockets()]
    return contract.Kernel(
        agreement={state: _score(score) for state, score in beside.scores.items()},
        differences=tuple(_differences(beside, names)),
        sockets=tuple(_socket(beside, one, end) for one, end in sockets if end or everything),
    )


def _differences(beside: Beside, names: Dialect) -> list[contract.KernelDifference]:
    found = []
    for one in beside.differences():
        if (connection := beside.connection(one.connection)) is not None:
            words = explained(beside, connection, one, names)
            found.append(
                contract.KernelDifference(
                    connection=one.connection,
                    side=one.side,
                    wire=one.wire,
                    kernel=one.kernel,
                    since_ns=one.since_ns,
                    explanation=words,
                )
            )
    return found


def _score(score: Score) -> contract.KernelScore:
    return contract.KernelScore(
        looks=score.total,
        agreed=score.agreed,
        in_time=score.in_time,
        left_open=score.left_open,
        differed=dict(score.differed),
        untold=score.untold,
    )


def _socket(beside: Beside, one: Socket, end: tuple[int, Side] | None) -> contract.KernelSocket:
    holder = beside.kernel.holder_of(one)
    return contract.KernelSocket(
        connection=end[0] if end else None,
        side=end[1] if end else None,
        local=one.local,
        remote=one.remote,
        state=one.state,
        since_ns=one.since_ns,
        recv_q=one.recv_q,
        send_q=one.send_q,
        timer=_TIMERS.get(one.timer),
        due_ns=one.due_ns or None,
        retransmits=one.retransmits,
        process=_process(holder) if holder else None,
    )


def _process(holder: Process) -> contract.KernelProcess:
    return contract.KernelProcess(pid=holder.pid, program=holder.program, user=holder.user, unit=holder.unit)
