"""FINs and their ACKs, lost once, several times, or for good, and where."""

from __future__ import annotations

import socket

from ..lab import Lab, Setting, send_all
from ..matching import both, data, fin
from ..scenario import scenario
from .closes import CLOSED_AFTER, CLOSES_FIRST


def established(lab: Lab) -> tuple[socket.socket, socket.socket]:
    client, server = lab.connection()
    lab.exchange(client, server)
    return client, server


def close_in_order(lab: Lab, client: socket.socket, server: socket.socket) -> None:
    """The client closes; the server does when it has read the end."""
    client.close()
    server.recv(1)
    server.close()


@scenario("fin-lost", "The client's FIN is lost once and resent.", client=CLOSES_FIRST, server=CLOSED_AFTER)
def fin_lost(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(fin, toward="server", times=1)
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "fin-lost-several-times",
    "The client's FIN is lost three times before one arrives.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(lasts_seconds=2),
)
def fin_lost_several_times(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(fin, toward="server", times=3)
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "fin-lost-for-good",
    "A firewall swallows every FIN: the capture ends with the client in FIN_WAIT1 and the server in "
    "ESTABLISHED.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D13",),
    setting=Setting(lasts_seconds=4),
)
def fin_lost_for_good(lab: Lab) -> None:
    client, _ = established(lab)
    lab.wire.drop(fin, toward="server")
    client.close()
    lab.sleep(3.5)


@scenario(
    "fin-lost-gives-up",
    "Every FIN is lost and the orphaned client gives up after tcp_orphan_retries=2, without a packet; "
    "the server knows nothing of it.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 CLOSED",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D13",),
    setting=Setting(lasts_seconds=3),
)
def fin_lost_gives_up(lab: Lab) -> None:
    client, _ = established(lab)
    lab.client.set(tcp_orphan_retries=2)
    lab.wire.drop(fin, toward="server")
    client.close()
    lab.until(client="FIN_WAIT1")
    lab.until(client="CLOSED")
    lab.sleep(0.3)


@scenario(
    "fin-ack-lost",
    "The ACK of the client's FIN is lost once: the client resends its FIN to a server already in CLOSE_WAIT.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def fin_ack_lost(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(lab.wire.acks_fin, toward="client", times=1, at="client-side")
    client.close()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "fin-ack-never-arrives",
    "The server acknowledges every copy of the client's FIN, and every ACK is lost behind the middle "
    "tap: FIN_WAIT1 and CLOSE_WAIT.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT",
    diagnoses=("D13",),
    setting=Setting(lasts_seconds=3),
)
def fin_ack_never_arrives(lab: Lab) -> None:
    client, _ = established(lab)
    lab.wire.drop(toward="client", at="client-side")
    client.close()
    lab.sleep(2.5)


@scenario(
    "fin-ack-lost-behind-all-taps",
    "The server's ACK of the FIN passes all three taps and is dropped on the client's input; the resent "
    "FIN shows it.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def fin_ack_lost_behind_all_taps(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(lab.wire.acks_fin, toward="client", times=1, at="client-port")
    client.close()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "second-fin-lost",
    "The server's FIN is lost once: the client waits in FIN_WAIT2 until it is resent.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def second_fin_lost(lab: Lab) -> None:
    client, server = established(lab)
    client.shutdown(socket.SHUT_WR)
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    lab.wire.drop(fin, toward="client", times=1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "last-ack-lost",
    "The last ACK of an orderly close is lost every time behind the middle tap: the capture ends with "
    "the client in TIME_WAIT and the server in LAST_ACK, resending its FIN.",
    client=CLOSES_FIRST,
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK",
    diagnoses=("D14",),
    setting=Setting(lasts_seconds=4),
)
def last_ack_lost(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(lab.wire.acks_fin, toward="server")
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="LAST_ACK")
    lab.sleep(3)


@scenario(
    "last-ack-lost-once",
    "The last ACK is lost once; the resent FIN draws another.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    diagnoses=("D14",),
)
def last_ack_lost_once(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(lab.wire.acks_fin, toward="server", times=1)
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="LAST_ACK")
    lab.until(server="CLOSED")


@scenario(
    "last-ack-lost-several-times",
    "The last ACK is lost three times; the fourth FIN draws one that arrives.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    diagnoses=("D14",),
    setting=Setting(lasts_seconds=2),
)
def last_ack_lost_several_times(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(lab.wire.acks_fin, toward="server", times=3)
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="LAST_ACK")
    lab.until(server="CLOSED")


@scenario(
    "last-ack-lost-before-all-taps",
    "The last ACK never gets as far as the first tap; the captures show a FIN resent and not acknowledged.",
    client=CLOSES_FIRST,
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK",
    diagnoses=("D14",),
    setting=Setting(lasts_seconds=3),
)
def last_ack_lost_before_all_taps(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(lab.wire.acks_fin, toward="server", at="client-port")
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="LAST_ACK")
    lab.sleep(2)


@scenario(
    "last-ack-lost-behind-all-taps",
    "Every last ACK passes all three taps and is dropped on the server's input: only the resent FINs tell.",
    client=CLOSES_FIRST,
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK",
    diagnoses=("D14",),
    setting=Setting(lasts_seconds=3),
)
def last_ack_lost_behind_all_taps(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(lab.wire.acks_fin, toward="server", at="server-port")
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="LAST_ACK")
    lab.sleep(2)


@scenario(
    "last-ack-lost-gives-up",
    "The last ACK never arrives and the orphan in LAST_ACK gives up after tcp_orphan_retries=2, without "
    "a packet.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    diagnoses=("D14",),
    setting=Setting(lasts_seconds=3),
)
def last_ack_lost_gives_up(lab: Lab) -> None:
    client, server = established(lab)
    lab.server.set(tcp_orphan_retries=2)
    lab.wire.drop(lab.wire.acks_fin, toward="server")
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="LAST_ACK")
    lab.until(server="CLOSED")
    lab.sleep(0.3)


@scenario(
    "fin-ahead-of-a-hole",
    "The last data segment is lost and the FIN behind it arrives: the server stays ESTABLISHED until the "
    "hole is filled.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def fin_ahead_of_a_hole(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(data, toward="server", times=1)
    client.send(b"the last words")
    client.close()
    while server.recv(100):
        pass
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "fin-with-data-lost",
    "The server answers and closes in one segment, data and FIN together; it is lost once.",
    client="SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
)
def fin_with_data_lost(lab: Lab) -> None:
    client, server = lab.connection()
    send_all(client, server, 100)
    lab.wire.wait_until_quiet()
    lab.wire.drop(both(fin, data), toward="client", times=1)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    server.send(b"answer")
    server.close()
    while client.recv(100):
        pass
    client.close()
    lab.until(client="CLOSED", server="TIME_WAIT")
