"""Findings that the kernel bears out, and those that it casts doubt on."""

from __future__ import annotations

import pytest

from tests.diagnosis.kernels import LEAK, Silent, connections, listener, socket_of
from wirestat import diagnosis
from wirestat.beside import Beside
from wirestat.host.kernel import Kernel
from wirestat.model import Confidence, Finding, Side, State
from wirestat.testimony import Socket, key
from wirestat.timers import LINUX
from wirestat.tracked import Tracked


def found(case: str, id: str, *sockets: Socket) -> list[Finding]:
    source, tracker, _ = connections(case)
    kernel = Kernel(Silent(*sockets))
    kernel.learn()
    analysis = Tracked(source, tracker, LINUX, "all", beside=Beside(kernel, tracker))
    return [finding for finding in diagnosis.diagnose(analysis) if finding.id == id]


QUEUE = "accept-queue-full/middle.pcap"
PILES = "field/leak-of-close-wait/capture.pcap"


def test_close_wait_that_the_kernel_has_is_certain_and_has_a_program() -> None:
    one = connections(LEAK)[2][0]
    (finding,) = found(LEAK, "D10", socket_of(one, Side.SERVER, State.CLOSE_WAIT, queue=(2, 0)))
    assert finding.confidence is Confidence.CERTAIN
    assert "a socket of 12/nginx, with 2 bytes that it has yet to read" in finding.explanation


def test_close_wait_that_the_kernel_does_not_have_is_doubted() -> None:
    one = connections(LEAK)[2][0]
    other = socket_of(connections(LEAK)[2][1], Side.SERVER, State.CLOSE_WAIT)
    for socket in (socket_of(one, Side.SERVER, State.ESTABLISHED), other):
        (finding,) = found(LEAK, "D10", socket)
        assert finding.confidence is Confidence.POSSIBLE
        assert any("the kernel" in doubt for doubt in finding.doubts)


def test_an_end_elsewhere_is_no_matter_of_this_kernel() -> None:
    (without,) = found(LEAK, "D10")
    one = connections(LEAK)[2][0]
    (finding,) = found(LEAK, "D10", socket_of(one, Side.CLIENT, State.FIN_WAIT2))
    assert finding == without


@pytest.mark.parametrize("state", [None, State.SYN_RECV])
def test_a_full_accept_queue_is_named(state: State | None) -> None:
    ignored = found(QUEUE, "D05")
    assert ignored
    one = next(
        connection
        for connection in connections(QUEUE)[2]
        if connection.id in (ignored[0].connection, *ignored[0].examples)
    )
    sockets = [listener(one, (2, 1))] + ([socket_of(one, Side.SERVER, state)] if state else [])
    finding = found(QUEUE, "D05", *sockets)[0]
    assert finding.confidence is Confidence.CERTAIN
    assert "holds 2 of 1" in finding.explanation


@pytest.mark.parametrize(
    ("state", "words"),
    [(None, "forgot the connection"), (State.ESTABLISHED, "the reset did not reach it")],
)
def test_the_end_that_forgot_a_connection_is_named(state: State | None, words: str) -> None:
    case = "half-open-found-by-server/middle.pcap"
    (forgotten,) = found(case, "D07")
    one = next(each for each in connections(case)[2] if each.id == forgotten.connection)
    side = Side(forgotten.fault.value)
    end = one.client if side is Side.CLIENT else one.server
    other = Socket(key((end.address, 1), ("192.0.2.1", 1)) + bytes(12), State.ESTABLISHED, 0, 0, 0, 0, 3, 0)
    (finding,) = found(case, "D07", socket_of(one, side, state) if state else other)
    assert finding.confidence is Confidence.CERTAIN
    assert words in finding.explanation


def test_a_handshake_that_the_kernel_never_finished_is_certain() -> None:
    case = "accept-queue-full-data-ignored/middle.pcap"
    never = found(case, "D06")[0]
    one = next(each for each in connections(case)[2] if each.id == never.connection)
    finding = found(case, "D06", socket_of(one, Side.SERVER, State.SYN_RECV))[0]
    assert (finding.confidence, finding.doubts) == (Confidence.CERTAIN, ())
    assert "The kernel has it in SYN_RECV" in finding.explanation


def test_sockets_that_pile_up_are_counted_by_the_kernel_too() -> None:
    every = connections(PILES)[2]
    sockets = [socket_of(one, Side.SERVER, State.CLOSE_WAIT) for one in every]
    (finding,) = found(PILES, "D31", *sockets)
    assert finding.confidence is Confidence.CERTAIN
    assert (
        f"The kernel has {len(every)} sockets of it in CLOSE_WAIT, held by 12/nginx." in finding.explanation
    )
    (few,) = found(PILES, "D31", *sockets[:10])
    assert "The kernel has" not in few.explanation
