"""Orderly ends: who closes first, and in how many packets."""

from __future__ import annotations

import socket

from ..lab import Lab, send_all
from ..matching import bare_ack, fin
from ..scenario import scenario

CLOSES_FIRST = "SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT"
CLOSED_AFTER = "SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED"


@scenario(
    "normal-close-by-client",
    "A request, an answer; the client closes first, the server some time later: FIN, ACK, FIN, ACK.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def normal_close_by_client(lab: Lab) -> None:
    client, server = lab.connection()
    lab.exchange(client, server)
    client.close()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    lab.sleep(0.1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "normal-close-by-server",
    "A request, an answer; the server closes first, the client some time later: FIN, ACK, FIN, ACK.",
    client="SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
)
def normal_close_by_server(lab: Lab) -> None:
    client, server = lab.connection()
    lab.exchange(client, server)
    server.close()
    lab.until(client="CLOSE_WAIT", server="FIN_WAIT2")
    lab.sleep(0.1)
    client.close()
    lab.until(client="CLOSED", server="TIME_WAIT")


@scenario(
    "three-packet-close",
    "The second end closes before its delayed ACK leaves: FIN, FIN+ACK, ACK. FIN_WAIT2 lasts some "
    "microseconds.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def three_packet_close(lab: Lab) -> None:
    client, server = lab.connection()
    lab.exchange(client, server)
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "two-packet-close",
    "Both FINs leave with the last data: request+FIN, answer+FIN, and an ACK for both.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def two_packet_close(lab: Lab) -> None:
    client, server = lab.connection()
    cork(client)
    client.send(b"request")
    client.shutdown(socket.SHUT_WR)
    while server.recv(100):
        pass
    cork(server)
    server.send(b"answer")
    server.close()
    while client.recv(100):
        pass
    client.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


def cork(connection: socket.socket) -> None:
    """Hold small data back until more comes, here the FIN."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)


@scenario(
    "half-close",
    "The client ends its direction and goes on reading: 3 kB flow from the server in CLOSE_WAIT before "
    "it closes too.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def half_close(lab: Lab) -> None:
    client, server = lab.connection()
    send_all(client, server, 200)
    client.shutdown(socket.SHUT_WR)
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    for _ in range(3):
        send_all(server, client, 1000)
        lab.sleep(0.05)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "half-close-by-server",
    "The server ends its direction and goes on reading: 3 kB flow from the client in CLOSE_WAIT before "
    "it closes too.",
    client="SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
)
def half_close_by_server(lab: Lab) -> None:
    client, server = lab.connection()
    send_all(client, server, 200)
    server.shutdown(socket.SHUT_WR)
    lab.until(client="CLOSE_WAIT", server="FIN_WAIT2")
    for _ in range(3):
        send_all(client, server, 1000)
        lab.sleep(0.05)
    client.close()
    lab.until(client="CLOSED", server="TIME_WAIT")


@scenario(
    "simultaneous-close",
    "Both ends close at once and the FINs cross on the wire: CLOSING and TIME_WAIT at both ends.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT",
    diagnoses=("D15",),
)
def simultaneous_close(lab: Lab) -> None:
    client, server = lab.connection()
    lab.exchange(client, server)
    lab.wire.hold(fin)
    client.close()
    server.close()
    lab.when(lambda: lab.wire.held() == 2, "both FINs on the wire")
    lab.wire.release()
    lab.until(client="TIME_WAIT", server="TIME_WAIT")


@scenario(
    "simultaneous-close-one-ack-lost",
    "The FINs cross and the ACK of the server's FIN is lost once: the server stays in CLOSING until its "
    "FIN is resent.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT",
    diagnoses=("D15",),
)
def simultaneous_close_one_ack_lost(lab: Lab) -> None:
    client, server = lab.connection()
    lab.exchange(client, server)
    lab.wire.hold(fin)
    client.close()
    server.close()
    lab.when(lambda: lab.wire.held() == 2, "both FINs on the wire")
    lab.wire.drop(bare_ack, toward="server", times=1)
    lab.wire.release()
    lab.until(client="TIME_WAIT", server="CLOSING")
    lab.until(server="TIME_WAIT")


@scenario(
    "simultaneous-close-stuck-in-closing",
    "The FINs cross and no ACK of the server's FIN ever arrives: the capture ends with the server in "
    "CLOSING.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 CLOSING",
    diagnoses=("D14", "D15"),
)
def simultaneous_close_stuck_in_closing(lab: Lab) -> None:
    client, server = lab.connection()
    lab.exchange(client, server)
    lab.wire.hold(fin)
    client.close()
    server.close()
    lab.when(lambda: lab.wire.held() == 2, "both FINs on the wire")
    lab.wire.drop(bare_ack, toward="server")
    lab.wire.release()
    lab.until(client="TIME_WAIT", server="CLOSING")
    lab.sleep(1.5)


@scenario(
    "close-without-data",
    "Nothing but a handshake and a close, as a health check or a port scan with full connections does.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def close_without_data(lab: Lab) -> None:
    client, server = lab.connection()
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")
