"""Two hundred connections of all sorts at once, under random loss. The kernels decide what becomes of
each."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..frames import Frame
from ..hosts import reset_on_close
from ..lab import CLIENT_PORT, SERVER_PORT, Lab, ScenarioError, Setting
from ..scenario import scenario
from ..sockdiag import SMALL_SOCKET_STATES

CONNECTIONS = 200
ARRIVALS_SECONDS = 8.0
LOSS = 0.05
LASTS_SECONDS = {1: 18.0, 2: 8.0, 3: 12.0}
"""For each seed, how long the captures last: long enough for most to end, or ending while many are at it."""

Handler = Callable[["Talk"], Awaitable[None]]
Pair = tuple[int, Handler, Handler]
"""How often, what the client does, what the server does."""


@dataclass
class Talk:
    """One end of one connection, as its application sees it."""

    connection: socket.socket
    lot: random.Random

    async def send(self, least: int, most: int) -> None:
        await loop().sock_sendall(self.connection, bytes(self.lot.randint(least, most)))

    async def receive(self) -> bool:
        """Read something; False at the end of the stream."""
        return bool(await loop().sock_recv(self.connection, 65536))

    async def read_to_end(self) -> None:
        while await self.receive():
            pass

    async def pause(self, most_seconds: float) -> None:
        await asyncio.sleep(self.lot.uniform(0, most_seconds))

    def end_sending(self) -> None:
        self.connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.connection.close()

    def reset(self) -> None:
        reset_on_close(self.connection)
        self.connection.close()


def loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


async def ask_and_close(talk: Talk) -> None:
    await talk.send(20, 200)
    await talk.receive()
    talk.close()


async def ask_and_wait_for_end(talk: Talk) -> None:
    await talk.send(20, 200)
    await talk.read_to_end()
    await talk.pause(0.1)
    talk.close()


async def ask_and_reset(talk: Talk) -> None:
    await talk.send(20, 200)
    await talk.receive()
    talk.reset()


async def ask_and_end_sending(talk: Talk) -> None:
    await talk.send(20, 200)
    talk.end_sending()
    await talk.read_to_end()
    talk.close()


async def upload_and_close(talk: Talk) -> None:
    for _ in range(3):
        await talk.send(100, 1400)
        await talk.pause(0.05)
    talk.close()


async def close_at_once(talk: Talk) -> None:
    talk.close()


async def ask_and_stay(talk: Talk) -> None:
    await talk.send(20, 200)
    await talk.receive()


async def answer_until_end(talk: Talk) -> None:
    while await talk.receive():
        await talk.send(50, 500)
    talk.close()


async def answer_and_close(talk: Talk) -> None:
    await talk.receive()
    await talk.send(50, 500)
    talk.close()


async def close_unread(talk: Talk) -> None:
    await asyncio.sleep(0.3)
    talk.close()


async def answer_in_parts(talk: Talk) -> None:
    await talk.read_to_end()
    for _ in range(3):
        await talk.send(50, 600)
        await talk.pause(0.1)
    talk.close()


async def answer_and_hold(talk: Talk) -> None:
    while await talk.receive():
        await talk.send(50, 500)


async def only_read(talk: Talk) -> None:
    await talk.read_to_end()
    talk.close()


PAIRS: tuple[Pair, ...] = (
    (8, ask_and_close, answer_until_end),
    (8, ask_and_wait_for_end, answer_and_close),
    (3, ask_and_reset, answer_until_end),
    (3, ask_and_wait_for_end, close_unread),
    (5, ask_and_end_sending, answer_in_parts),
    (4, upload_and_close, only_read),
    (3, ask_and_close, answer_and_close),
    (2, close_at_once, only_read),
    (2, ask_and_close, answer_and_hold),
    (2, ask_and_stay, answer_until_end),
)
"""How often out of forty, what the client does, what the server does."""


def random_loss(lab: Lab, seconds: float) -> None:
    dice = random.Random(lab.random.random())
    lab.wire.drop(lambda frame: lost(frame, dice), at="client-side")
    lab.wire.drop(lambda frame: lost(frame, dice), at="server-side")
    asyncio.run(crowd(lab, seconds))
    if not any(lab.watcher.sightings.values()):
        raise ScenarioError("nothing happened")


def lost(frame: Frame, dice: random.Random) -> bool:
    """Each of the two stages loses half of what is lost altogether."""
    return frame.is_tcp and dice.random() < LOSS / 2


async def crowd(lab: Lab, seconds: float) -> None:
    """Open all connections, let both sides act, and leave when the time is up, whatever is still going on."""
    plans = chosen(lab, PAIRS, CONNECTIONS)
    listener = lab.listen(backlog=CONNECTIONS)
    clients = (attend(lab, number, client) for number, (_, client, _) in enumerate(plans))
    await go_on((serve(lab, listener, plans), *clients), seconds)


def chosen(lab: Lab, pairs: Sequence[Pair], count: int) -> list[Pair]:
    """Draw so many pairs, each as often as its weight says."""
    return lab.random.choices(pairs, [weight for weight, _, _ in pairs], k=count)


async def go_on(parts: Iterable[Coroutine[Any, Any, None]], seconds: float) -> None:
    """Let all parts go on together until the time is up."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def serve(lab: Lab, listener: socket.socket, plans: list[Pair], pause: float = 0) -> None:
    """Accept connections, so many seconds apart at least, and do the server's part."""
    listener.setblocking(False)
    talks = set()
    while True:
        connection, (_, port, *_) = await loop().sock_accept(listener)
        lab.keep(connection)
        number = port - CLIENT_PORT
        talk = asyncio.ensure_future(act(plans[number][2], Talk(connection, random.Random(number))))
        talks.add(talk)
        talk.add_done_callback(talks.discard)
        if pause:
            await asyncio.sleep(pause)


async def attend(lab: Lab, number: int, handler: Handler) -> None:
    lot = random.Random(lab.random.random())
    await asyncio.sleep(lot.uniform(0, ARRIVALS_SECONDS))
    connection = lab.client_socket(CLIENT_PORT + number)
    connection.setblocking(False)
    with suppress(OSError):
        await loop().sock_connect(connection, (lab.server.address, SERVER_PORT))
        await act(handler, Talk(connection, lot))


async def act(handler: Handler, talk: Talk) -> None:
    """Do one side's part; a connection that breaks is closed, as most applications do."""
    try:
        await handler(talk)
    except OSError:
        talk.close()


for _seed, _seconds in LASTS_SECONDS.items():
    scenario(
        f"random-loss-{_seed}",
        "Two hundred connections of ten sorts within eight seconds, under 5 % random loss; "
        f"captured for {_seconds:g} s.",
        setting=Setting(lasts_seconds=_seconds + 4, watch_states=SMALL_SOCKET_STATES),
    )(partial(random_loss, seconds=_seconds))
