"""close() long before the FIN can leave: behind data, a congestion window, a receive window."""

from __future__ import annotations

import socket

from ..hosts import reset_on_close
from ..lab import MILLISECOND, Lab, Setting
from ..matching import data
from ..scenario import scenario
from .flow import with_small_window
from .lost_closes import established

LONG = 120_000
"""More than the first congestion window takes."""


def read_to_end(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def send_long(server: socket.socket, length: int = LONG) -> None:
    """Give the kernel all of it at once."""
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    server.sendall(bytes(length))


@scenario(
    "bulk-close-at-once",
    "The server hands over a long answer and closes at once: FIN_WAIT1 while most of it is unsent.",
    setting=Setting(lasts_seconds=3, stage_delay_ns=20 * MILLISECOND),
)
def bulk_close_at_once(lab: Lab) -> None:
    client, server = established(lab)
    send_long(server)
    server.close()
    read_to_end(client)
    client.close()
    lab.until(client="CLOSED", server="TIME_WAIT")


@scenario(
    "bulk-close-client-ends-midway",
    "The server has closed behind a long answer; the client ends its direction while the answer comes: both FINs "
    "are sent, the server's second, though it closed first.",
    setting=Setting(lasts_seconds=3, stage_delay_ns=20 * MILLISECOND),
)
def bulk_close_client_ends_midway(lab: Lab) -> None:
    client, server = established(lab)
    send_long(server)
    server.close()
    lab.sleep(0.12)
    client.shutdown(socket.SHUT_WR)
    read_to_end(client)
    client.close()
    lab.sleep(0.4)


@scenario(
    "response-close-client-ends-early",
    "A web server answers, closes, and the client ends its direction in the midst of the answer.",
    setting=Setting(lasts_seconds=2, stage_delay_ns=10 * MILLISECOND),
)
def response_close_client_ends_early(lab: Lab) -> None:
    client, server = established(lab)
    client.send(b"GET / HTTP/1.0\r\n\r\n")
    server.recv(100)
    send_long(server, 60_000)
    server.close()
    lab.sleep(0.03)
    client.shutdown(socket.SHUT_WR)
    read_to_end(client)
    client.close()
    lab.sleep(0.4)


@scenario(
    "close-behind-a-loss-window",
    "The server's data are lost three times, then it closes and the client does: the FIN waits for a window of one.",
    setting=Setting(lasts_seconds=4),
)
def close_behind_a_loss_window(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(data, toward="client", times=3)
    server.send(bytes(900))
    lab.sleep(0.05)
    server.close()
    lab.sleep(0.1)
    client.shutdown(socket.SHUT_WR)
    read_to_end(client)
    client.close()
    lab.sleep(1.2)


@scenario(
    "close-with-lost-last-data",
    "A short answer is lost once with the server already closed; the client ends its direction meanwhile.",
    setting=Setting(lasts_seconds=3),
)
def close_with_lost_last_data(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(data, toward="client", times=1)
    server.send(bytes(300))
    server.close()
    lab.sleep(0.05)
    client.shutdown(socket.SHUT_WR)
    read_to_end(client)
    client.close()
    lab.sleep(1)


@scenario(
    "reset-with-unsent-data",
    "The client gives up behind a closed window with SO_LINGER zero: a reset takes what was not sent along.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    setting=Setting(lasts_seconds=3),
)
def reset_with_unsent_data(lab: Lab) -> None:
    client, _ = with_small_window(lab)
    reset_on_close(client)
    client.close()
    lab.until(client="CLOSED", server="CLOSED")
    lab.wire.wait_until_quiet()
