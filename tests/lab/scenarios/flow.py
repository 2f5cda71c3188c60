"""Scenarios of data: retransmission, reordering, duplication, closed windows, packets too big for the
path."""

from __future__ import annotations

import socket

from ..lab import MILLISECOND, Lab, Setting, send_all
from ..matching import both, data, fin, longer_than, syn, syn_ack
from ..scenario import scenario
from .closes import CLOSED_AFTER, CLOSES_FIRST
from .handshakes import ACCEPTS, ESTABLISHES
from .lost_closes import established

SMALL_BUFFER = 4096


def finish(lab: Lab, client: socket.socket, server: socket.socket) -> None:
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "data-lost",
    "A request and an answer are each lost once and resent.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def data_lost(lab: Lab) -> None:
    client, server = lab.connection()
    lab.wire.drop(data, toward="server", times=1)
    lab.wire.drop(data, toward="client", times=1)
    lab.exchange(client, server)
    finish(lab, client, server)


@scenario(
    "data-lost-behind-all-taps",
    "A request passes all taps and is dropped on the server's input: every capture shows it twice.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def data_lost_behind_all_taps(lab: Lab) -> None:
    client, server = lab.connection()
    lab.wire.drop(data, toward="server", times=1, at="server-port")
    lab.exchange(client, server)
    finish(lab, client, server)


@scenario(
    "reordered-data",
    "Three segments of the answer arrive in the opposite order.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def reordered_data(lab: Lab) -> None:
    client, server = lab.connection()
    send_all(client, server, 100)
    lab.wire.wait_until_quiet()
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    lab.wire.hold(data, toward="client")
    for word in (b"one", b"two", b"three"):
        server.send(word)
    lab.when(lambda: lab.wire.held() == 3, "three segments on the wire")
    lab.wire.release(backwards=True)
    lab.wire.wait_until_quiet()
    client.recv(100)
    finish(lab, client, server)


@scenario(
    "fin-overtakes-data",
    "The client's FIN overtakes its last data on the way: CLOSE_WAIT begins when the data arrive, not "
    "when the FIN does.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def fin_overtakes_data(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.delay(data, by_ns=30 * MILLISECOND, toward="server", at="client-side", times=1)
    client.send(b"the last words")
    client.close()
    while server.recv(100):
        pass
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "duplicated-frames",
    "The network itself doubles every frame, FINs too: the second copy of the server's FIN draws an ACK "
    "from TIME_WAIT, the server, already closed, answers it with RST, and TIME_WAIT is gone.",
    client=CLOSES_FIRST + " CLOSED",
    server=CLOSED_AFTER,
)
def duplicated_frames(lab: Lab) -> None:
    lab.wire.duplicate(lambda frame: True, after_ns=MILLISECOND // 10, at="client-side")
    client, server = lab.connection()
    lab.exchange(client, server)
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="FIN_WAIT1")
    lab.until(client="CLOSED", server="CLOSED")


@scenario(
    "duplicated-syn",
    "The SYN is doubled on its way 20 ms apart, and so is the SYN-ACK that answers it: one connection.",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def duplicated_syn(lab: Lab) -> None:
    lab.wire.duplicate(syn, after_ns=20 * MILLISECOND, toward="server", times=1)
    lab.wire.duplicate(syn_ack, after_ns=5 * MILLISECOND, toward="client", times=1)
    client, server = lab.connection()
    lab.exchange(client, server)


@scenario(
    "duplicated-fin",
    "The client's FIN arrives twice, 300 ms apart: the second draws an ACK and changes nothing.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(lasts_seconds=2),
)
def duplicated_fin(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.duplicate(fin, after_ns=300 * MILLISECOND, toward="server", times=1)
    client.close()
    lab.until(server="CLOSE_WAIT")
    lab.sleep(0.5)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


def with_small_window(lab: Lab) -> tuple[socket.socket, socket.socket]:
    """A connection whose server has a small receive buffer, filled by the client to the brim."""
    listener = lab.server.bound(8080)
    lab.keep(listener)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    listener.listen(4)
    client = lab.connect()
    server = lab.accept(listener)
    client.setblocking(False)
    client.send(bytes(4 * SMALL_BUFFER))
    flow = (*server.getsockname(), *client.getsockname())
    lab.when(lambda: lab.wire.flows[flow].last.window == 0, "the server's window to close")
    client.settimeout(5)
    return client, server


@scenario(
    "zero-window-stall",
    "The server's application does not read: window 0, and the client's probes are answered with window "
    "0 for 8 s.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D23",),
    setting=Setting(lasts_seconds=9),
)
def zero_window_stall(lab: Lab) -> None:
    with_small_window(lab)
    lab.sleep(8)


@scenario(
    "zero-window-opens-again",
    "The server reads late: the window closes, opens again, and everything ends in order.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(lasts_seconds=3),
)
def zero_window_opens_again(lab: Lab) -> None:
    client, server = with_small_window(lab)
    lab.sleep(1)
    client.shutdown(socket.SHUT_WR)
    while server.recv(65536):
        pass
    server.close()
    client.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "close-behind-zero-window",
    "The client closes with unsent data behind a closed window: FIN_WAIT1 at once, and no FIN on the wire.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D23",),
    setting=Setting(lasts_seconds=5),
)
def close_behind_zero_window(lab: Lab) -> None:
    client, _ = with_small_window(lab)
    client.close()
    lab.sleep(4)


@scenario(
    "close-behind-zero-window-sent-later",
    "The client closes behind a closed window; a second later the server reads and the FIN comes at last.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(lasts_seconds=3),
)
def close_behind_zero_window_sent_later(lab: Lab) -> None:
    client, server = with_small_window(lab)
    client.close()
    lab.sleep(1)
    while server.recv(65536):
        pass
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "zero-window-server-vanishes",
    "The window is closed and the server loses power: the client's probes are answered with RST.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D07",),
    setting=Setting(lasts_seconds=2),
)
def zero_window_server_vanishes(lab: Lab) -> None:
    _, server = with_small_window(lab)
    lab.crash(server)
    lab.until(client="CLOSED")


@scenario(
    "mtu-black-hole",
    "Segments above 1200 bytes vanish behind the server's tap and nobody says so: handshake, requests "
    "and a short answer pass, the full segments of a long one never do.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D24",),
    setting=Setting(lasts_seconds=7),
)
def mtu_black_hole(lab: Lab) -> None:
    lab.both(tcp_mtu_probing=0)
    client, server = lab.connection()
    lab.exchange(client, server, answer=500)
    lab.wire.drop(longer_than(1200), toward="client")
    send_all(client, server, 100)
    server.send(bytes(4000))
    lab.sleep(6)


@scenario(
    "fin-with-data-and-hole",
    "The server sends three segments and FIN in the last of them; the middle one is lost: the client "
    "stays ESTABLISHED until it is resent.",
    client="SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
)
def fin_with_data_and_hole(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(both(data, lambda frame: not frame.flags & 1), toward="client", skip=1, times=1)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    server.send(bytes(3500))
    server.close()
    while client.recv(4096):
        pass
    client.close()
    lab.until(client="CLOSED", server="TIME_WAIT")
