"""Sixty connections of many sorts at once, on each of the paths and hosts that change what the wire shows of them.

A port is used a second time where its first connection is over, while the server may hold it in TIME_WAIT.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from ..lab import CLIENT_PORT, SERVER_PORT, Lab
from ..scenario import scenario
from ..sockdiag import SMALL_SOCKET_STATES
from . import crowds
from .conditions import CONDITIONS, PLACES, Condition, worsen
from .crowds import Handler, Pair, Talk, act, loop

CONNECTIONS = 60
ARRIVALS_SECONDS = 6.0
LASTS_SECONDS = 9.0
TWICE = 0.4
"""The share of ports that are used a second time."""
LOSSES = {"light-loss": 0.02, "heavy-loss": 0.2}
CLOSED_PORT = SERVER_PORT + 1


async def ask_often(talk: Talk) -> None:
    for _ in range(4):
        await talk.send(20, 2000)
        await talk.receive()
        await talk.pause(0.4)
    talk.close()


async def upload_and_reset(talk: Talk) -> None:
    await talk.send(4000, 9000)
    await talk.pause(0.1)
    talk.reset()


async def upload_and_end_sending(talk: Talk) -> None:
    await talk.send(9000, 30000)
    talk.end_sending()
    await talk.read_to_end()
    talk.close()


async def end_sending_and_leave(talk: Talk) -> None:
    """Leave the other end in CLOSE_WAIT, and FIN_WAIT2 without a socket."""
    talk.end_sending()
    await talk.pause(0.5)
    talk.close()


async def read_late(talk: Talk) -> None:
    """Let the receive window fill up first."""
    await asyncio.sleep(0.8)
    await talk.read_to_end()
    talk.close()


async def push_much(talk: Talk) -> None:
    for _ in range(3):
        await talk.send(3000, 9000)
    await talk.pause(0.2)
    talk.close()


async def greet_and_close(talk: Talk) -> None:
    await talk.send(20, 80)
    talk.close()


async def reset_at_once(talk: Talk) -> None:
    talk.reset()


async def answer_and_reset(talk: Talk) -> None:
    await talk.receive()
    await talk.send(3000, 6000)
    talk.reset()


async def probe(talk: Talk) -> None:
    """Stay silent, but for keepalive probes."""
    for option, value in (("TCP_KEEPIDLE", 1), ("TCP_KEEPINTVL", 1), ("TCP_KEEPCNT", 3)):
        talk.connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    await crowds.ask_and_stay(talk)


PAIRS: tuple[Pair, ...] = (
    *crowds.PAIRS,
    (4, ask_often, crowds.answer_until_end),
    (3, upload_and_reset, crowds.only_read),
    (3, upload_and_end_sending, crowds.answer_and_close),
    (3, upload_and_end_sending, crowds.close_unread),
    (3, end_sending_and_leave, crowds.answer_in_parts),
    (3, end_sending_and_leave, crowds.answer_and_hold),
    (3, read_late, push_much),
    (3, crowds.ask_and_wait_for_end, push_much),
    (3, crowds.ask_and_wait_for_end, answer_and_reset),
    (3, greet_and_close, greet_and_close),
    (2, crowds.close_at_once, crowds.answer_and_hold),
    (2, reset_at_once, crowds.only_read),
    (2, crowds.ask_and_close, reset_at_once),
    (2, probe, crowds.answer_and_hold),
)
"""How often, what the client does, what the server does."""


def harsh_crowd(lab: Lab, condition: Condition, loss: float) -> None:
    worsen(lab, condition)
    dice = random.Random(lab.random.random())
    for place in PLACES if loss else ():
        lab.wire.drop(lambda frame: frame.is_tcp and dice.random() < loss / len(PLACES), at=place)
    asyncio.run(crowd(lab))


async def crowd(lab: Lab) -> None:
    """Open all connections, let both sides act, and leave when the time is up, whatever is still going on."""
    plans = crowds.chosen(lab, PAIRS, CONNECTIONS)
    listener = lab.listen(backlog=CONNECTIONS)
    clients = (attend(lab, number, client) for number, (_, client, _) in enumerate(plans))
    await crowds.go_on((crowds.serve(lab, listener, plans), *clients, refused(lab)), LASTS_SECONDS)


def _as_it_is(_connection: socket.socket, _lot: random.Random) -> None:
    """Leave a socket as the kernel makes it."""


async def attend(
    lab: Lab,
    number: int,
    handler: Handler,
    prepare: Callable[[socket.socket, random.Random], None] = _as_it_is,
    twice: float = TWICE,
) -> None:
    """Connect and do the client's part; for some, do so again from the same port."""
    lot = random.Random(lab.random.random())
    await asyncio.sleep(lot.uniform(0, ARRIVALS_SECONDS))
    for _ in range(2 if lot.random() < twice else 1):
        with suppress(OSError):
            connection = lab.client_socket(CLIENT_PORT + number)
            prepare(connection, lot)
            connection.setblocking(False)
            await loop().sock_connect(connection, (lab.server.address, SERVER_PORT))
            await act(handler, Talk(connection, lot))
        await asyncio.sleep(lot.uniform(0.2, 1.5))


async def refused(lab: Lab) -> None:
    """Ask a port that nobody listens at."""
    connection = lab.client_socket(CLIENT_PORT + CONNECTIONS)
    connection.setblocking(False)
    with suppress(OSError):
        await loop().sock_connect(connection, (lab.server.address, CLOSED_PORT))


_KINDS = [(condition, 0.0) for condition in CONDITIONS]
_KINDS += [(Condition(name, f"{100 * loss:.0f} % of all frames lost"), loss) for name, loss in LOSSES.items()]
for _condition, _loss in _KINDS:
    scenario(
        f"crowd-{_condition.name}",
        f"Sixty connections of two dozen sorts, some of reused ports, with {_condition.words}.",
        setting=replace(
            _condition.setting, lasts_seconds=LASTS_SECONDS + 4, watch_states=SMALL_SOCKET_STATES
        ),
    )(partial(harsh_crowd, condition=_condition, loss=_loss))
