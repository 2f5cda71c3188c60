"""The same ports again, and segments of the connection before that come late."""

from __future__ import annotations

import socket

from ..lab import CLIENT_PORT, MILLISECOND, Lab, Setting
from ..matching import Matcher, data, fin, syn, syn_ack
from ..scenario import scenario
from ..wire import Side

TWICE = Setting(lasts_seconds=5)


def talk(lab: Lab, listener: socket.socket) -> tuple[socket.socket, socket.socket]:
    client = lab.connect(CLIENT_PORT)
    server = lab.accept(listener)
    lab.exchange(client, server)
    return client, server


def close(lab: Lab, client: socket.socket, server: socket.socket) -> None:
    client.close()
    server.recv(1)
    server.close()


def with_late_copy(lab: Lab, match: Matcher, toward: Side) -> None:
    """A copy of the first such segment comes 2.4 s late, into the next connection between the same ports."""
    lab.both(tcp_tw_reuse=1)
    listener = lab.listen()
    lab.wire.duplicate(match, after_ns=2400 * MILLISECOND, toward=toward, times=1)
    close(lab, *talk(lab, listener))
    lab.sleep(1.3)
    client, server = talk(lab, listener)
    lab.sleep(1.6)
    lab.exchange(client, server)
    close(lab, client, server)
    lab.sleep(0.3)


@scenario(
    "late-syn-in-the-next-connection", "A copy of the first connection's SYN meets the second.", setting=TWICE
)
def late_syn(lab: Lab) -> None:
    with_late_copy(lab, syn, "server")


@scenario(
    "late-syn-ack-in-the-next-connection",
    "A copy of the first connection's SYN-ACK meets the second.",
    setting=TWICE,
)
def late_syn_ack(lab: Lab) -> None:
    with_late_copy(lab, syn_ack, "client")


@scenario(
    "late-data-in-the-next-connection",
    "A copy of the first connection's request meets the second.",
    setting=TWICE,
)
def late_data(lab: Lab) -> None:
    with_late_copy(lab, data, "server")


@scenario(
    "late-fin-in-the-next-connection", "A copy of the first connection's FIN meets the second.", setting=TWICE
)
def late_fin(lab: Lab) -> None:
    with_late_copy(lab, fin, "server")


@scenario(
    "syn-meets-close-wait",
    "The client loses power after half a close and connects again from the same port: CLOSE_WAIT challenges it.",
    setting=Setting(lasts_seconds=4),
)
def syn_meets_close_wait(lab: Lab) -> None:
    client, server = talk(lab, lab.listen())
    client.shutdown(socket.SHUT_WR)
    server.recv(1)
    lab.sleep(0.2)
    lab.crash(client)
    lab.start_connecting()
    lab.sleep(2.5)


@scenario(
    "syn-meets-fin-wait2",
    "The client loses power while the server waits in FIN_WAIT2, and connects again from the same port.",
    setting=Setting(lasts_seconds=4),
)
def syn_meets_fin_wait2(lab: Lab) -> None:
    client, server = talk(lab, lab.listen())
    server.shutdown(socket.SHUT_WR)
    client.recv(1)
    lab.sleep(0.2)
    lab.crash(client)
    lab.start_connecting()
    lab.sleep(2.5)
