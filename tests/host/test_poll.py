"""The kernel's answers, taken apart and compared from look to look."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import closing

import pytest

from wirestat.host.kernel import Kernel
from wirestat.host.netlink import ESTABLISHED, OTHERS, Row, SocketList, _rows
from wirestat.host.poll import Poll, Update
from wirestat.host.processes import Processes
from wirestat.model import State
from wirestat.testimony import Process, key

HERE, THERE = ("10.0.0.1", 80), ("10.0.0.2", 40_000)


def row(
    state: int, *, inode: int = 0, queues: tuple[int, int] = (0, 0), cookie: int = 1, mapped: bool = False
) -> Row:
    """Make what the kernel says of a socket between HERE and THERE."""
    addresses = []
    for address, _ in (HERE, THERE):
        plain = socket.inet_aton(address)
        addresses.append(b"\0" * 10 + b"\xff\xff" + plain if mapped else plain.ljust(16, b"\0"))
    family = socket.AF_INET6 if mapped else socket.AF_INET
    what = bytes([family, state, 0, 0]) + struct.pack("!HH", HERE[1], THERE[1]) + b"".join(addresses)
    return what + struct.pack("=IQ", 0, cookie), bytes(4), struct.pack("=IIII", *queues, 0, inode)


def message(one: Row, attributes: int) -> bytes:
    body = b"".join(one) + b"\xee" * attributes
    return struct.pack("=IHHII", 16 + len(body), 20, 2, 1, 0) + body


@pytest.mark.parametrize("attributes", [(8, 8, 8), (8, 36, 0), (0,)])
def test_messages_of_any_length_are_taken_apart(attributes: tuple[int, ...]) -> None:
    rows = [row(1, cookie=number) for number, _ in enumerate(attributes)]
    part = b"".join(map(message, rows, attributes))
    assert [*_rows(part)] == rows


class Sockets:
    """A kernel that says what it is told to say."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def ask(self, states: int) -> list[Row]:
        return [one for one in self.rows if bool(1 << one[0][1] & ESTABLISHED) == (states == ESTABLISHED)]

    def fileno(self) -> int:
        return 0


class Pipe:
    """Hands a poll's updates to a kernel at once."""

    is_alive = True

    def __init__(self, sockets: Sockets) -> None:
        self.poll = Poll([sockets], Processes("/nonexistent-proc"))  # type: ignore[list-item]  # it speaks the same

    def updates(self) -> list[Update]:
        self.poll._next_whole = 0.0
        return [self.poll.look()]


@pytest.fixture(autouse=True)
def no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Processes, "find", lambda _self, _inodes: {})


def seen(*looks: list[Row]) -> Iterator[Kernel]:
    sockets = Sockets()
    kernel = Kernel(Pipe(sockets))
    for rows in looks:
        sockets.rows = rows
        kernel.learn()
        yield kernel


def state(kernel: Kernel) -> State | None:
    found = kernel.socket(key(HERE, THERE))
    return None if found is None else found.state


def test_a_socket_is_followed_from_state_to_state_until_it_is_gone() -> None:
    life: tuple[list[Row], ...] = ([row(12)], [row(1, inode=7)], [row(8, inode=7)], [row(9, inode=0)], [])
    expected = [State.SYN_RECV, State.ESTABLISHED, State.CLOSE_WAIT, State.LAST_ACK, None]
    assert [state(kernel) for kernel in seen(*life)] == expected


def test_its_time_in_a_state_begins_when_it_is_first_seen_there() -> None:
    times = []
    for kernel in seen([row(1)], [row(1, queues=(5, 0))], [row(8)]):
        found = kernel.socket(key(HERE, THERE))
        assert found is not None
        times.append(found.since_ns)
    assert times[0] == times[1] < times[2]


def test_who_held_a_socket_is_known_when_it_is_gone_and_not_kept_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nginx = Process(12, "nginx", "www", "")
    monkeypatch.setattr(Processes, "find", lambda _self, inodes: dict.fromkeys(inodes & {7}, nginx))
    for kernel in seen([row(1, inode=7)], [row(8, inode=7)], [row(6, inode=0)], []):
        assert kernel.holder(key(HERE, THERE)) == nginx
    assert kernel._holders == {}


def test_an_ipv4_mapped_address_is_ipv4() -> None:
    (kernel,) = seen([row(1, mapped=True)])
    assert state(kernel) is State.ESTABLISHED
    assert kernel.is_local(HERE[0])
    assert not kernel.is_local(THERE[0])


def test_another_socket_of_the_same_connection_takes_its_place() -> None:
    kernels = seen([row(6, cookie=1)], [row(1, cookie=2)], [row(1, cookie=2)])
    assert [state(kernel) for kernel in kernels] == [State.TIME_WAIT, State.ESTABLISHED, State.ESTABLISHED]


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="needs Linux")  # noqa: PTH110  # no path to keep
def test_the_real_kernel_tells_of_a_real_socket() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=3)
    one = socket.create_connection(listening.getsockname())
    with closing(SocketList()) as asked:
        rows = asked.ask(OTHERS) + asked.ask(ESTABLISHED)
    found = {(what[1], int.from_bytes(what[4:6], "big")) for what, _, _ in rows}
    assert (10, listening.getsockname()[1]) in found
    assert (1, one.getsockname()[1]) in found
    (queued,) = [
        traffic
        for what, _, traffic in rows
        if what[1] == 10 and what[4:6] == listening.getsockname()[1].to_bytes(2, "big")
    ]
    assert struct.unpack("=IIII", queued)[:2] == (1, 3)
    one.close()
    listening.close()
