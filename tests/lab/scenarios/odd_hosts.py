"""The unruly crowd on hosts with odd settings: sockets that an administrator kills, firewalls that come and go,
segments of 88 octets, orphans that are given a second.

The kernels decide what becomes of each connection.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..lab import CLIENT_PORT, SERVER_PORT, Lab, Setting
from ..scenario import scenario
from ..sockdiag import SMALL_SOCKET_STATES
from . import crowds, harsh_crowds, unruly
from .unruly import Weather

TCP = socket.IPPROTO_TCP
LASTS_SECONDS = 12.0
AGAIN = 0.5
"""The share of ports that are used a second time."""
WINDOW_CLAMP = 10
"""TCP_WINDOW_CLAMP of linux/tcp.h."""
Meddler = Callable[[Lab], Coroutine[Any, Any, None]]
Options = tuple[tuple[int, int, int], ...]
"""Level, name and value of socket options."""


@dataclass(frozen=True)
class Oddity:
    """One kind of hosts."""

    name: str
    words: str
    both: dict[str, int | str] = field(default_factory=dict)
    """Settings under net.ipv4, at both ends."""
    of_client: dict[str, int | str] = field(default_factory=dict)
    options: Options = ()
    """Options of the listening socket and of those that connect."""
    meddle: Meddler | None = None
    """Meddles with the hosts while the crowd runs."""
    weather: Weather = field(default_factory=lambda: Weather("lossy", "loss", loss=0.04))


async def kill_sockets(lab: Lab) -> None:
    """Destroy sockets of either end, as ``ss -K`` does."""
    dice = random.Random(lab.random.random())
    while True:
        await asyncio.sleep(dice.uniform(0.05, 0.25))
        host, field_name = dice.choice(((lab.client, "sport"), (lab.server, "dport")))
        port = CLIENT_PORT + dice.randrange(unruly.CONNECTIONS)
        await asyncio.to_thread(host.namespace.run, "ss", "-K", field_name, "=", str(port))


async def filter_at_times(lab: Lab) -> None:
    """Drop or reject what some ports are sent, for a while, at either host."""
    dice = random.Random(lab.random.random())
    hosts = (lab.client, lab.server)
    for host in hosts:
        chain = "chain in { type filter hook input priority filter; }"
        await asyncio.to_thread(host.namespace.run, "nft", "-f", "-", text=f"table ip odd {{ {chain} }}\n")
    while True:
        host, what = dice.choice(hosts), dice.choice(("drop", "drop", "reject", "reject with tcp reset"))
        first = CLIENT_PORT + dice.randrange(unruly.CONNECTIONS)
        side = "dport" if host is lab.client else "sport"
        rule = f"add rule ip odd in tcp {side} {first}-{first + 12} {what}\n"
        await asyncio.to_thread(host.namespace.run, "nft", "-f", "-", text=rule)
        await asyncio.sleep(dice.uniform(0.3, 1.2))
        await asyncio.to_thread(host.namespace.run, "nft", "flush", "chain", "ip", "odd", "in")


ODDITIES = (
    Oddity("killed", "sockets that an administrator destroys", meddle=kill_sockets),
    Oddity("filtered", "filters that come and go at the hosts", meddle=filter_at_times),
    Oddity("tiny-segments", "segments of 88 octets", options=((TCP, socket.TCP_MAXSEG, 88),)),
    Oddity("clamped", "windows of 2,000 octets", options=((TCP, WINDOW_CLAMP, 2000),)),
    Oddity("tiny-buffers", "the smallest receive buffers", options=((socket.SOL_SOCKET, socket.SO_RCVBUF, 1),)),
    Oddity("slow-senders", "send buffers of 2 kB", options=((socket.SOL_SOCKET, socket.SO_SNDBUF, 2048),)),
    Oddity("short-orphans", "orphans that are given a second", both={"tcp_fin_timeout": 1}),
    Oddity("unstamped-client", "time stamps at the server alone", of_client={"tcp_timestamps": 0}),
    Oddity("plain", "no SACK and no window scaling", both={"tcp_sack": 0, "tcp_window_scaling": 0}),
    Oddity("rfc1337", "TIME_WAIT that no reset ends", both={"tcp_rfc1337": 1}),
    Oddity("ecn", "ECN", both={"tcp_ecn": 1}),
    Oddity("deferred", "servers that await data", options=((TCP, socket.TCP_DEFER_ACCEPT, 2),)),
    Oddity("hasty", "few SYNs, none of them linear", weather=Weather("heavy", "heavy loss", loss=0.2),
           both={"tcp_syn_linear_timeouts": 0, "tcp_syn_retries": 2, "tcp_synack_retries": 1}),
    Oddity("soon-given-up", "one retry for data and for orphans",
           both={"tcp_retries1": 1, "tcp_retries2": 1, "tcp_orphan_retries": 1}),
    Oddity("quick-timers", "retries after 5 ms, and one a second at least",
           both={"tcp_rto_min_us": 5000, "tcp_rto_max_ms": 1000}),
    Oddity("baked-plain", "SYN cookies always, and no time stamps",
           both={"tcp_syncookies": 2, "tcp_timestamps": 0, "tcp_sack": 0},
           weather=Weather("foul", "loss, doubling and reordering", loss=0.08, double=0.05, late_ms=10)),
    Oddity("reno", "Reno, and no time stamps", weather=Weather("late", "loss and reordering", loss=0.06, late_ms=6),
           both={"tcp_congestion_control": "reno", "tcp_timestamps": 0}),
    Oddity("shrinking", "buffers of 4 kB, and windows that shrink",
           both={"tcp_shrink_window": 1, "tcp_rmem": "4096 4096 8192", "tcp_wmem": "4096 4096 8192"}),
)  # fmt: skip


def odd_crowd(lab: Lab, oddity: Oddity) -> None:
    lab.both(**{"tcp_retries2": 5, "tcp_orphan_retries": 2} | oddity.both)
    lab.client.set(**oddity.of_client)
    unruly.worsen(lab, oddity.weather)
    asyncio.run(crowd(lab, oddity))


async def crowd(lab: Lab, oddity: Oddity) -> None:
    """Open all connections, let both sides act, and leave when the time is up, whatever is still going on."""
    pairs = (*unruly.PAIRS, *harsh_crowds.PAIRS)
    plans = crowds.chosen(lab, pairs, unruly.CONNECTIONS)
    listener = lab.keep(lab.server.bound(SERVER_PORT))
    arm(listener, lab.random, oddity.options)
    listener.listen(unruly.CONNECTIONS)
    prepare = partial(arm, options=oddity.options)
    parts = [
        harsh_crowds.attend(lab, number, client, prepare, AGAIN)
        for number, (_, client, _) in enumerate(plans)
    ]
    if oddity.meddle:
        parts.append(oddity.meddle(lab))
    await crowds.go_on((crowds.serve(lab, listener, plans), *parts), LASTS_SECONDS)


def arm(connection: socket.socket, _lot: random.Random, options: Options) -> None:
    """Give a socket its options; a listening one hands them on."""
    for level, name, value in options:
        with suppress(OSError):
            connection.setsockopt(level, name, value)


for _oddity in ODDITIES:
    scenario(
        f"odd-{_oddity.name}",
        f"Sixty unruly connections, with {_oddity.words}, and loss.",
        setting=replace(Setting(), lasts_seconds=LASTS_SECONDS + 4, watch_states=SMALL_SOCKET_STATES),
    )(partial(odd_crowd, oddity=_oddity))
