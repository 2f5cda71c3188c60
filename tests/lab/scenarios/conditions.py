"""The same three closes under conditions that change what the wire shows of them."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from ..frames import Frame
from ..lab import MILLISECOND, SERVER_PORT, Lab, Setting
from ..scenario import scenario

PLACES = ("client-side", "server-side")
MICROSECOND = 1000


@dataclass(frozen=True)
class Condition:
    """One kind of path or of hosts."""

    name: str
    words: str
    setting: Setting = field(default_factory=lambda: Setting(lasts_seconds=3))
    settings: dict[str, int | str] = field(default_factory=dict)
    """Under net.ipv4, at both ends."""
    late_ms: float = 0
    """Up to how much later a frame comes: what follows may overtake it."""
    burst: int = 0
    """How many frames in a row are lost now and then."""
    buffer: int = 0
    """The receive buffers of both ends, in bytes."""


CONDITIONS = (
    Condition("short-path", "a round trip of 0.05 ms", Setting(stage_delay_ns=10 * MICROSECOND)),
    Condition("long-path", "a round trip of 300 ms", Setting(stage_delay_ns=75 * MILLISECOND, lasts_seconds=5)),
    Condition("reordering-path", "every frame up to 6 ms late", late_ms=6),
    Condition("bursts-of-loss", "three frames in a row lost now and then", Setting(lasts_seconds=6), burst=3),
    Condition("small-buffers", "receive buffers of 2 kB", buffer=2048),
    Condition("no-time-stamps", "no time stamps and no SACK", settings={"tcp_timestamps": 0, "tcp_sack": 0}),
    Condition("reno", "Reno, without window scaling",
              settings={"tcp_congestion_control": "reno", "tcp_window_scaling": 0}),
    Condition("long-ipv6", "IPv6 over a round trip of 80 ms",
              Setting(ipv6=True, stage_delay_ns=20 * MILLISECOND, lasts_seconds=3)),
)  # fmt: skip


def worsen(lab: Lab, condition: Condition) -> None:
    """Make the path and the hosts so."""
    lab.both(**condition.settings)
    dice = random.Random(lab.random.random())
    for place in PLACES if condition.late_ms else ():
        for part in range(1, 5):
            by_ns = round(condition.late_ms * MILLISECOND * part / 4 / len(PLACES))
            lab.wire.delay(lambda frame: frame.is_tcp and dice.random() < 0.2, by_ns=by_ns, at=place)
    if condition.burst:
        lab.wire.drop(Bursts(dice, condition.burst), at=PLACES[0])


class Bursts:
    """Chooses so many frames in a row, and then for a while none."""

    def __init__(self, dice: random.Random, length: int) -> None:
        self.dice, self.length, self.left = dice, length, 0

    def __call__(self, frame: Frame) -> bool:
        if not frame.is_tcp:
            return False
        if self.left == 0 and self.dice.random() < 0.05:
            self.left = self.length
        self.left, is_lost = max(0, self.left - 1), self.left > 0
        return is_lost


def joined(lab: Lab, buffer: int) -> tuple[socket.socket, socket.socket]:
    """A connection whose ends have receive buffers of that size, after three requests and answers."""
    listener = lab.server.bound(SERVER_PORT)
    lab.keep(listener)
    if buffer:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    listener.listen(4)
    listener.settimeout(30)
    client = lab.client_socket()
    if buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    client.connect((lab.server.address, SERVER_PORT))
    server = lab.accept(listener)
    for length in (400, 2500, 5000):
        lab.exchange(client, server, request=200, answer=length)
    return client, server


def read_to_end(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def client_first(client: socket.socket, server: socket.socket) -> None:
    client.close()
    read_to_end(server)
    server.close()


def answer_and_close(client: socket.socket, server: socket.socket) -> None:
    server.sendall(bytes(3000))
    server.close()
    read_to_end(client)
    client.close()


def both_at_once(client: socket.socket, server: socket.socket) -> None:
    client.shutdown(socket.SHUT_WR)
    server.shutdown(socket.SHUT_WR)
    read_to_end(client)
    read_to_end(server)
    client.close()
    server.close()


ENDINGS: dict[str, tuple[str, Callable[[socket.socket, socket.socket], None]]] = {
    "client-first": ("the client closes first", client_first),
    "answer-and-close": ("the server closes behind its answer", answer_and_close),
    "both-at-once": ("both close at once", both_at_once),
}


def story(lab: Lab, *, condition: Condition, ending: Callable[[socket.socket, socket.socket], None]) -> None:
    worsen(lab, condition)
    ending(*joined(lab, condition.buffer))
    lab.sleep(condition.setting.lasts_seconds / 3)


for _condition in CONDITIONS:
    for _name, (_words, _ending) in ENDINGS.items():
        scenario(
            f"{_condition.name}-{_name}",
            f"With {_condition.words}, {_words}.",
            setting=replace(_condition.setting),
        )(partial(story, condition=_condition, ending=_ending))
