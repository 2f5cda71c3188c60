"""A gateway that translates addresses and forgets idle connections. The client's and the server's taps
lie on either side."""

from __future__ import annotations

import socket

from ..cabling import Gateway
from ..lab import CLIENT_PORT, Lab, Setting
from ..scenario import scenario
from .closes import CLOSED_AFTER, CLOSES_FIRST
from .lost_closes import established

BEHIND_GATEWAY = Setting(gateway=True, lasts_seconds=6)
MEMORY_SECONDS = 1


def gateway_of(lab: Lab) -> Gateway:
    assert lab.gateway is not None
    return lab.gateway


def idle_until_forgotten(lab: Lab) -> tuple[socket.socket, socket.socket]:
    """A connection that has been idle for longer than the gateway remembers."""
    gateway_of(lab).forget_after(MEMORY_SECONDS)
    client, server = established(lab)
    lab.sleep(MEMORY_SECONDS + 1.5)
    return client, server


@scenario(
    "nat-normal-close",
    "An orderly close through a gateway that translates the client's address and port.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(gateway=True),
)
def nat_normal_close(lab: Lab) -> None:
    client, server = established(lab)
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT")
    lab.wire.wait_until_quiet()


@scenario(
    "nat-forgets-and-drops",
    "The gateway forgets the idle connection and drops what it no longer knows: the client's request is "
    "resent into the void, the server hears nothing.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D09",),
    setting=BEHIND_GATEWAY,
)
def nat_forgets_and_drops(lab: Lab) -> None:
    gateway_of(lab).rules("add rule ip gateway pass ct state invalid drop")
    client, _ = idle_until_forgotten(lab)
    client.send(b"are you there?")
    lab.sleep(3)


@scenario(
    "nat-forgets-and-resets",
    "The gateway forgets the idle connection and answers the client's next request with RST in the "
    "server's name; the server hears nothing and stays ESTABLISHED.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D07",),
    setting=BEHIND_GATEWAY,
)
def nat_forgets_and_resets(lab: Lab) -> None:
    gateway_of(lab).rules("add rule ip gateway pass ct state invalid reject with tcp reset")
    client, _ = idle_until_forgotten(lab)
    client.send(b"are you there?")
    lab.until(client="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "nat-forgets-and-leaks",
    "The gateway forgets the idle connection and passes the client's next request on untranslated: the "
    "server knows no such connection and answers RST.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D07", "D19"),
    setting=BEHIND_GATEWAY,
)
def nat_forgets_and_leaks(lab: Lab) -> None:
    client, _ = idle_until_forgotten(lab)
    client.send(b"are you there?")
    lab.until(client="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "nat-forgets-server-speaks",
    "The gateway forgets the idle connection and the server speaks first: the gateway itself answers "
    "RST, the client hears nothing and stays ESTABLISHED.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D07",),
    setting=BEHIND_GATEWAY,
)
def nat_forgets_server_speaks(lab: Lab) -> None:
    _, server = idle_until_forgotten(lab)
    server.send(b"news")
    lab.when(lambda: not lab.watcher.states_now("server"), "the server's socket to go")
    lab.wire.wait_until_quiet()


@scenario(
    "idle-timeout-in-path",
    "A gateway that forgets after 60 s resets three connections when each speaks again after 62 s of silence; the "
    "server hears nothing and keeps them.",
    client=" / ".join(["SYN_SENT ESTABLISHED CLOSED"] * 3),
    server=" / ".join(["SYN_RECV ESTABLISHED"] * 3),
    diagnoses=("D08",),
    setting=Setting(gateway=True, lasts_seconds=66),
)
def idle_timeout_in_path(lab: Lab) -> None:
    gateway = gateway_of(lab)
    gateway.rules("add rule ip gateway pass ct state invalid reject with tcp reset")
    gateway.forget_after(60)
    listener = lab.listen()
    clients = []
    for number in range(3):
        clients.append(lab.connect(CLIENT_PORT + number))
        lab.exchange(clients[-1], lab.accept(listener))
        lab.sleep(0.3)
    lab.sleep(62)
    for number, client in enumerate(clients):
        client.send(b"are you there?")
        lab.until(client="CLOSED", port=CLIENT_PORT + number)
        lab.sleep(0.3)
