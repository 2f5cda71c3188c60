"""Handshakes that lose packets several times, in other places, or meet a server that does not want them."""

from __future__ import annotations

import socket

from ..lab import CLIENT_PORT, Lab, Setting, send_all
from ..matching import bare_ack, fin, syn, syn_ack
from ..scenario import scenario
from .handshakes import ACCEPTS, ESTABLISHES


@scenario(
    "syn-lost-behind-all-taps",
    "The SYN passes all three taps and is dropped on the server's input, twice.",
    client=ESTABLISHES,
    server=ACCEPTS,
    setting=Setting(lasts_seconds=3),
)
def syn_lost_behind_all_taps(lab: Lab) -> None:
    lab.wire.drop(syn, times=2, at="server-port")
    client, server = lab.connection()
    lab.exchange(client, server)


@scenario(
    "syn-ack-lost-several-times",
    "The first three SYN-ACKs are lost.",
    client=ESTABLISHES,
    server=ACCEPTS,
    setting=Setting(lasts_seconds=4),
)
def syn_ack_lost_several_times(lab: Lab) -> None:
    lab.wire.drop(syn_ack, times=3)
    client, server = lab.connection()
    lab.exchange(client, server)


@scenario(
    "third-ack-lost-behind-all-taps",
    "The third ACK passes all three taps and is dropped on the server's input; the resent SYN-ACK shows it.",
    client=ESTABLISHES,
    server=ACCEPTS,
    diagnoses=("D05",),
    setting=Setting(lasts_seconds=2),
)
def third_ack_lost_behind_all_taps(lab: Lab) -> None:
    listener = lab.listen()
    lab.wire.drop(bare_ack, toward="server", times=1, at="server-port")
    lab.connect()
    lab.until(client="ESTABLISHED", server="SYN_RECV")
    lab.accept(listener)
    lab.wire.wait_until_quiet()


@scenario(
    "third-ack-lost-before-all-taps",
    "No third ACK ever reaches the first tap: three packets of which only SYN and SYN-ACK repeat. The "
    "client is ESTABLISHED and cannot be heard.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV",
    diagnoses=("D04",),
    setting=Setting(lasts_seconds=4),
)
def third_ack_lost_before_all_taps(lab: Lab) -> None:
    lab.listen()
    lab.wire.drop(bare_ack, toward="server", at="client-port")
    lab.connect()
    lab.sleep(3.5)


@scenario(
    "third-ack-lost-then-fin",
    "The third ACK is lost and the client closes at once: its FIN takes the server from SYN_RECV through "
    "ESTABLISHED to CLOSE_WAIT.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
)
def third_ack_lost_then_fin(lab: Lab) -> None:
    listener = lab.listen()
    lab.wire.drop(bare_ack, toward="server", times=1)
    client = lab.connect()
    lab.until(server="SYN_RECV")
    client.close()
    server = lab.accept(listener)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


FILLS_QUEUE = "SYN_RECV ESTABLISHED / SYN_RECV ESTABLISHED / "
THREE_BELIEVERS = "SYN_SENT ESTABLISHED / SYN_SENT ESTABLISHED / SYN_SENT ESTABLISHED"
OVERFLOWING = CLIENT_PORT + 2
"""The client's port of the connection for which there is no room."""


def three_handshakes_for_two(lab: Lab) -> socket.socket:
    """A listener with room for two: one handshake, then two at once, so that the last ACK finds the
    queue full."""
    listener = lab.listen(backlog=1)
    lab.connect(CLIENT_PORT)
    lab.until(server="ESTABLISHED")
    lab.wire.hold(bare_ack, toward="server")
    lab.start_connecting(CLIENT_PORT + 1)
    lab.sleep(0.05)
    lab.start_connecting(OVERFLOWING)
    lab.when(lambda: lab.wire.held() == 2, "both third ACKs on the wire")
    lab.wire.release()
    lab.until(server="ESTABLISHED", port=CLIENT_PORT + 1)
    return listener


@scenario(
    "accept-queue-full",
    "Three handshakes meet room for two: the last third ACK is ignored. Client ESTABLISHED, server "
    "SYN_RECV, resending its SYN-ACK. SYN cookies are off.",
    client=THREE_BELIEVERS,
    server=FILLS_QUEUE + "SYN_RECV",
    diagnoses=("D05",),
    setting=Setting(lasts_seconds=4),
)
def accept_queue_full(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=0)
    three_handshakes_for_two(lab)
    lab.sleep(3.5)


@scenario(
    "accept-queue-drains",
    "As accept-queue-full, but the server accepts in time: the ACK of the resent SYN-ACK completes the "
    "handshake.",
    client=THREE_BELIEVERS,
    server=FILLS_QUEUE + "SYN_RECV ESTABLISHED",
    diagnoses=("D05",),
    setting=Setting(lasts_seconds=2),
)
def accept_queue_drains(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=0)
    listener = three_handshakes_for_two(lab)
    for _ in range(3):
        lab.accept(listener)
    lab.wire.wait_until_quiet()


@scenario(
    "accept-queue-full-data-ignored",
    "As accept-queue-full, and the last client sends a request: the server ignores it and resends "
    "SYN-ACKs, the client resends data.",
    client=THREE_BELIEVERS,
    server=FILLS_QUEUE + "SYN_RECV",
    diagnoses=("D05", "D06"),
    setting=Setting(lasts_seconds=4),
)
def accept_queue_full_data_ignored(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=0)
    three_handshakes_for_two(lab)
    lab.socket_of(OVERFLOWING).send(b"request")
    lab.sleep(3)


@scenario(
    "accept-queue-full-client-closes",
    "As accept-queue-full, and the last client closes: its FIN is ignored too. Client FIN_WAIT1, server "
    "SYN_RECV.",
    client=THREE_BELIEVERS + " FIN_WAIT1",
    server=FILLS_QUEUE + "SYN_RECV",
    diagnoses=("D05", "D13"),
    setting=Setting(lasts_seconds=4),
)
def accept_queue_full_client_closes(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=0)
    three_handshakes_for_two(lab)
    lab.socket_of(OVERFLOWING).close()
    lab.sleep(3)


@scenario(
    "accept-queue-full-syn-dropped",
    "The accept queue is full before the second SYN: it is dropped in silence, and so are its retries.",
    client="SYN_SENT ESTABLISHED / SYN_SENT",
    server="SYN_RECV ESTABLISHED / ",
    diagnoses=("D01",),
    setting=Setting(lasts_seconds=4),
)
def accept_queue_full_syn_dropped(lab: Lab) -> None:
    lab.listen(backlog=0)
    lab.connect(CLIENT_PORT)
    lab.until(server="ESTABLISHED")
    lab.start_connecting(CLIENT_PORT + 1)
    lab.sleep(3.5)


@scenario(
    "accept-queue-full-cookies",
    "As accept-queue-full with SYN cookies always on: the last client is ESTABLISHED and the server has "
    "no socket at all; no SYN-ACK is ever resent.",
    client=THREE_BELIEVERS,
    server=FILLS_QUEUE,
    setting=Setting(lasts_seconds=3),
)
def accept_queue_full_cookies(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=2)
    three_handshakes_for_two(lab)
    lab.sleep(2.5)


@scenario(
    "accept-queue-full-abort",
    "As accept-queue-full with tcp_abort_on_overflow=1: the last third ACK is answered with RST.",
    client=THREE_BELIEVERS + " CLOSED",
    server=FILLS_QUEUE + "SYN_RECV CLOSED",
    diagnoses=("D06",),
)
def accept_queue_full_abort(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=0, tcp_abort_on_overflow=1)
    three_handshakes_for_two(lab)
    lab.until(client="CLOSED", server="CLOSED", port=OVERFLOWING)
    lab.wire.wait_until_quiet()


@scenario(
    "defer-accept",
    "TCP_DEFER_ACCEPT: the bare third ACK is ignored and the server stays in SYN_RECV until the request "
    "comes.",
    client=ESTABLISHES,
    server=ACCEPTS,
    diagnoses=("D05",),
    setting=Setting(lasts_seconds=2),
)
def defer_accept(lab: Lab) -> None:
    listener = lab.listen()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 10)
    client = lab.connect()
    lab.until(client="ESTABLISHED", server="SYN_RECV")
    lab.sleep(0.5)
    client.send(b"request")
    server = lab.accept(listener)
    server.recv(100)
    send_all(server, client, 300)
    lab.wire.wait_until_quiet()


@scenario(
    "defer-accept-without-data",
    "TCP_DEFER_ACCEPT and a client that says nothing: the SYN-ACK is resent once its time is over, and "
    "the ACK of that one counts.",
    client=ESTABLISHES,
    server=ACCEPTS,
    diagnoses=("D05",),
    setting=Setting(lasts_seconds=5),
)
def defer_accept_without_data(lab: Lab) -> None:
    listener = lab.listen()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 2)
    lab.connect()
    lab.until(client="ESTABLISHED", server="SYN_RECV")
    lab.accept(listener)
    lab.wire.wait_until_quiet()


@scenario(
    "connect-cancelled",
    "The application gives up while the SYN is still on its way: the late SYN reaches the server, whose "
    "SYN-ACK meets a client that knows nothing and answers RST.",
    client="SYN_SENT CLOSED",
    server="SYN_RECV CLOSED",
)
def connect_cancelled(lab: Lab) -> None:
    lab.listen()
    lab.wire.hold(syn, toward="server")
    client = lab.start_connecting()
    lab.when(lambda: lab.wire.held() == 1, "the SYN on the wire")
    client.close()
    lab.until(client="CLOSED")
    lab.sleep(0.05)
    lab.wire.release()
    lab.wire.wait_until_quiet()


@scenario(
    "simultaneous-open",
    "Both ends connect to each other and the SYNs cross: SYN_SENT, SYN_RECV, ESTABLISHED at both.",
    client="SYN_SENT SYN_RECV ESTABLISHED",
    server="SYN_SENT SYN_RECV ESTABLISHED",
    diagnoses=("D15",),
)
def simultaneous_open(lab: Lab) -> None:
    client, server = open_both(lab)
    lab.until(client="ESTABLISHED", server="ESTABLISHED")
    client.settimeout(5)
    server.settimeout(5)
    lab.exchange(client, server)


@scenario(
    "simultaneous-open-and-close",
    "The SYNs cross, and later the FINs cross: every state of the diagram's middle.",
    client="SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT",
    server="SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT",
    diagnoses=("D15",),
)
def simultaneous_open_and_close(lab: Lab) -> None:
    client, server = open_both(lab)
    lab.until(client="ESTABLISHED", server="ESTABLISHED")
    lab.wire.wait_until_quiet()
    lab.wire.hold(fin)
    client.close()
    server.close()
    lab.when(lambda: lab.wire.held() == 2, "both FINs on the wire")
    lab.wire.release()
    lab.until(client="TIME_WAIT", server="TIME_WAIT")


@scenario(
    "simultaneous-open-close-in-syn-recv",
    "The SYNs cross, the SYN-ACKs are delayed, and the client closes in SYN_RECV: SYN_RECV to FIN_WAIT1.",
    client="SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2",
    server=None,
    diagnoses=("D15",),
)
def simultaneous_open_close_in_syn_recv(lab: Lab) -> None:
    lab.wire.hold(syn_ack, at="client-side")
    client, _ = open_both(lab)
    lab.until(client="SYN_RECV", server="SYN_RECV")
    lab.when(lambda: lab.wire.held() == 2, "both SYN-ACKs on the wire")
    client.close()
    lab.wire.release()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")


def open_both(lab: Lab) -> tuple[socket.socket, socket.socket]:
    """Let both ends connect to one another, with their SYNs crossing behind the middle tap."""
    crossing = lab.wire.hold(syn)
    client = lab.start_connecting()
    server = lab.keep(lab.server.bound(8080))
    server.setblocking(False)
    server.connect_ex((lab.client.address, CLIENT_PORT))
    lab.when(lambda: lab.wire.held() == 2, "both SYNs on the wire")
    lab.wire.release(rules=(crossing,))
    return client, server
