"""Connections that end as applications and administrators end them in anger: killed, forgotten, closed behind a shut
window, closed by both at once, opened by both; on paths that lose, double and reorder frames at all places together.

The kernels decide what becomes of each.
"""

from __future__ import annotations

import asyncio
import random
import socket
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from ..hosts import TCP_FASTOPEN_CONNECT, reset_on_close, vanish
from ..lab import CLIENT_PORT, MILLISECOND, SERVER_PORT, Lab, Setting
from ..scenario import scenario
from ..sockdiag import SMALL_SOCKET_STATES
from . import crowds
from .crowds import Pair, Talk, loop
from .harsh_crowds import attend, end_sending_and_leave, push_much, read_late, upload_and_end_sending

CONNECTIONS = 60
LASTS_SECONDS = 10.0
EVERYWHERE = ("client-port", "client-side", "server-side", "server-port")
"""The stages of the wire: before all taps, between them, and behind them."""
AGAIN = 0.5
"""The share of ports that are used a second time."""


@dataclass(frozen=True)
class Weather:
    """One kind of path and of hosts."""

    name: str
    words: str
    setting: Setting = field(default_factory=Setting)
    settings: dict[str, int | str] = field(default_factory=dict)
    """Under net.ipv4, at both ends."""
    loss: float = 0
    double: float = 0
    late_ms: float = 0
    buffer: int = 0
    backlog: int = CONNECTIONS


WEATHERS = (
    Weather("losing", "3 % of all frames lost at all places together", loss=0.03),
    Weather("doubling", "a tenth of all frames doubled, and some up to 12 ms late", double=0.1, late_ms=12),
    Weather("foul", "loss, doubling and reordering together", loss=0.04, double=0.05, late_ms=8),
    Weather("unstamped", "no time stamps, loss and doubling",
            settings={"tcp_timestamps": 0, "tcp_sack": 0}, loss=0.03, double=0.05),
    Weather("narrow", "receive buffers of 2 kB, and loss", loss=0.02, buffer=2048),
    Weather("far", "a round trip of 160 ms, and loss",
            setting=Setting(stage_delay_ns=40 * MILLISECOND), loss=0.02, late_ms=20),
    Weather("near", "a round trip of 0.05 ms, and loss",
            setting=Setting(stage_delay_ns=10_000), loss=0.03),
    Weather("six", "IPv6, loss and reordering", setting=Setting(ipv6=True), loss=0.03, late_ms=6),
    Weather("crammed", "a backlog of one, which overflows", loss=0.01, backlog=1),
    Weather("overflowing", "a backlog of one, and a reset where it overflows",
            settings={"tcp_abort_on_overflow": 1}, loss=0.01, backlog=1),
    Weather("baked", "SYN cookies always", settings={"tcp_syncookies": 2}, loss=0.03),
)  # fmt: skip


async def fill(talk: Talk) -> None:
    """Send more than the other's window holds."""
    with suppress(TimeoutError):
        await asyncio.wait_for(talk.send(300_000, 600_000), 0.4)


async def close_behind_what_is_sent(talk: Talk) -> None:
    """Fill the other's window, and close with more to send."""
    await fill(talk)
    talk.close()


async def end_sending_behind_what_is_sent(talk: Talk) -> None:
    await fill(talk)
    talk.end_sending()
    await talk.read_to_end()
    talk.close()


async def leave_unread_and_end_sending(talk: Talk) -> None:
    """Let the window fill, end sending, and read what has come long after."""
    await asyncio.sleep(0.6)
    talk.end_sending()
    await talk.pause(0.8)
    await talk.read_to_end()
    talk.close()


async def leave_unread_and_close(talk: Talk) -> None:
    await asyncio.sleep(0.7)
    talk.close()


async def end_both_at_once(talk: Talk) -> None:
    """Both ends do so at the same instant of the clock."""
    await talk.send(20, 2000)
    now = loop().time()
    await asyncio.sleep(0.25 - now % 0.25)
    talk.end_sending()
    await talk.read_to_end()
    talk.close()


async def vanish_amid(talk: Talk) -> None:
    """A power cut."""
    await talk.send(20, 900)
    await talk.pause(0.3)
    vanish(talk.connection)


async def speak_after_long(talk: Talk) -> None:
    await talk.send(20, 200)
    await asyncio.sleep(1.5)
    await talk.send(20, 200)
    await talk.pause(0.4)
    talk.close()


async def linger_and_abort(talk: Talk) -> None:
    """End sending, and abort a little later."""
    await talk.send(20, 3000)
    talk.end_sending()
    await talk.pause(0.05)
    reset_on_close(talk.connection)
    talk.close()


async def give_up_soon(talk: Talk) -> None:
    talk.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 800)
    await talk.send(20, 2000)
    await talk.read_to_end()
    talk.close()


async def shout(talk: Talk) -> None:
    """Urgent octets, corked ones, and a close."""
    talk.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    await talk.send(20, 200)
    with suppress(OSError):
        talk.connection.send(b"!", socket.MSG_OOB)
    await talk.send(20, 200)
    talk.close()


PAIRS: tuple[Pair, ...] = (
    (4, crowds.ask_and_close, crowds.answer_until_end),
    (3, crowds.ask_and_wait_for_end, crowds.answer_and_close),
    (4, close_behind_what_is_sent, leave_unread_and_end_sending),
    (4, end_sending_behind_what_is_sent, leave_unread_and_end_sending),
    (3, end_sending_behind_what_is_sent, leave_unread_and_close),
    (3, leave_unread_and_end_sending, close_behind_what_is_sent),
    (3, leave_unread_and_close, close_behind_what_is_sent),
    (3, end_sending_behind_what_is_sent, end_sending_behind_what_is_sent),
    (4, end_both_at_once, end_both_at_once),
    (3, close_behind_what_is_sent, close_behind_what_is_sent),
    (3, vanish_amid, crowds.answer_until_end),
    (3, speak_after_long, vanish_amid),
    (2, vanish_amid, vanish_amid),
    (3, linger_and_abort, push_much),
    (2, linger_and_abort, linger_and_abort),
    (2, give_up_soon, crowds.answer_and_hold),
    (2, shout, crowds.answer_until_end),
    (2, read_late, push_much),
    (2, upload_and_end_sending, crowds.answer_and_close),
    (2, end_sending_and_leave, crowds.answer_in_parts),
)
"""How often, what the client does, what the server does."""


def unruly_crowd(lab: Lab, weather: Weather) -> None:
    lab.both(tcp_fastopen=3, tcp_retries2=5, tcp_orphan_retries=2, **weather.settings)
    worsen(lab, weather)
    asyncio.run(crowd(lab, weather))


def worsen(lab: Lab, weather: Weather) -> None:
    """Let the path lose, double and delay frames, at every place alike."""
    dice = random.Random(lab.random.random())
    for place in EVERYWHERE if weather.loss else ():
        lab.wire.drop(lambda frame: frame.is_tcp and dice.random() < weather.loss / len(EVERYWHERE), at=place)
    for place in EVERYWHERE if weather.double else ():
        lab.wire.duplicate(
            lambda frame: frame.is_tcp and dice.random() < weather.double / len(EVERYWHERE), at=place
        )
    for place in EVERYWHERE if weather.late_ms else ():
        by_ns = round(weather.late_ms * MILLISECOND / len(EVERYWHERE))
        lab.wire.delay(lambda frame: frame.is_tcp and dice.random() < 0.2, by_ns=by_ns, at=place)


async def crowd(lab: Lab, weather: Weather) -> None:
    """Open all connections, let both sides act, and leave when the time is up, whatever is still going on."""
    plans = crowds.chosen(lab, PAIRS, CONNECTIONS)
    listener = lab.keep(lab.server.bound(SERVER_PORT))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, CONNECTIONS)
    narrow(listener, weather)
    listener.listen(weather.backlog)
    prepare = partial(arm, weather=weather)
    clients = (attend(lab, number, client, prepare, AGAIN) for number, (_, client, _) in enumerate(plans))
    pause = 0.4 if weather.backlog == 1 else 0
    await crowds.go_on((crowds.serve(lab, listener, plans, pause), *clients, meet(lab)), LASTS_SECONDS)


def narrow(connection: socket.socket, weather: Weather) -> None:
    if weather.buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, weather.buffer)


def arm(connection: socket.socket, lot: random.Random, weather: Weather) -> None:
    """Give a client's socket its buffer, and some of them Fast Open."""
    narrow(connection, weather)
    if lot.random() < 0.2:
        connection.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)


async def meet(lab: Lab) -> None:
    """Open from both ends at once, again and again, and close from both."""
    for number in range(6):
        client, server = CLIENT_PORT + CONNECTIONS + number, SERVER_PORT + 1 + number
        one, other = lab.client_socket(client), lab.keep(lab.server.bound(server))
        one.setblocking(False)
        other.setblocking(False)
        one.connect_ex((lab.server.address, server))
        other.connect_ex((lab.client.address, client))
        await asyncio.sleep(0.9)
        for each in (one, other):
            with suppress(OSError):
                each.send(bytes(50))
                each.shutdown(socket.SHUT_WR)
        await asyncio.sleep(0.3)
        one.close()
        other.close()


for _weather in WEATHERS:
    scenario(
        f"unruly-{_weather.name}",
        f"Sixty connections that are killed, forgotten, or closed behind much to send, with {_weather.words}.",
        setting=replace(_weather.setting, lasts_seconds=LASTS_SECONDS + 4, watch_states=SMALL_SOCKET_STATES),
    )(partial(unruly_crowd, weather=_weather))
