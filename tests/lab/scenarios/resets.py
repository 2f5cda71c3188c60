"""Resets that machines send of their own accord, and resets received in every state."""

from __future__ import annotations

import socket

from ..frames import Flag
from ..hosts import reset_on_close
from ..lab import CLIENT_PORT, SERVER_PORT, Lab, Setting, send_all
from ..matching import bare_ack, fin, syn
from ..scenario import scenario
from .lost_closes import established

RST_ACK = Flag.RST | Flag.ACK
MIDDLEBOX_HOPS = 120
"""The TTL of resets that neither machine sent; theirs is 64."""


@scenario(
    "reset-linger-zero-by-client",
    "The client closes with SO_LINGER 0: RST+ACK at once, no FIN.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D16",),
)
def reset_linger_zero_by_client(lab: Lab) -> None:
    client, _ = established(lab)
    reset_on_close(client)
    client.close()
    lab.until(client="CLOSED", server="CLOSED")


@scenario(
    "reset-linger-zero-by-server",
    "The server closes with SO_LINGER 0: RST+ACK at once, no FIN.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D16",),
)
def reset_linger_zero_by_server(lab: Lab) -> None:
    _, server = established(lab)
    reset_on_close(server)
    server.close()
    lab.until(client="CLOSED", server="CLOSED")


@scenario(
    "reset-unread-data",
    "The server closes with the client's data still unread in its buffer: RST+ACK instead of FIN.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D16",),
)
def reset_unread_data(lab: Lab) -> None:
    client, server = lab.connection()
    client.send(b"a request that nobody reads")
    lab.wire.wait_until_quiet()
    server.close()
    lab.until(client="CLOSED", server="CLOSED")


@scenario(
    "reset-unread-data-in-close-wait",
    "The client has sent data and FIN; the server closes without reading: CLOSE_WAIT ends with a RST, "
    "and the client's FIN_WAIT2 with it.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT CLOSED",
    diagnoses=("D16",),
)
def reset_unread_data_in_close_wait(lab: Lab) -> None:
    client, server = lab.connection()
    client.send(b"a request that nobody reads")
    client.shutdown(socket.SHUT_WR)
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    server.close()
    lab.until(client="CLOSED", server="CLOSED")


@scenario(
    "data-after-close",
    "The client closes both directions; the server, in CLOSE_WAIT, sends an answer that nobody can read "
    "any more and is reset.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT CLOSED",
)
def data_after_close(lab: Lab) -> None:
    client, server = established(lab)
    client.close()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    server.send(b"too late")
    lab.until(client="CLOSED", server="CLOSED")


@scenario(
    "keep-alive-race",
    "The server's idle time-out and the client's next request cross on the wire: FIN one way, data the "
    "other, then RST.",
    client="SYN_SENT ESTABLISHED CLOSE_WAIT CLOSED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 CLOSED",
    diagnoses=("D17",),
)
def keep_alive_race(lab: Lab) -> None:
    client, server = established(lab)
    lab.sleep(0.7)
    lab.wire.hold(lambda frame: True)
    server.close()
    client.send(b"another request")
    lab.when(lambda: lab.wire.held() == 2, "FIN and request on the wire")
    lab.wire.release()
    lab.until(client="CLOSED", server="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "keep-alive-race-with-lingering-close",
    "The same race with a server that ends its direction and reads on, as Apache does: the request is "
    "acknowledged and never answered, without a RST.",
    client="SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
    diagnoses=("D17",),
)
def keep_alive_race_with_lingering_close(lab: Lab) -> None:
    client, server = established(lab)
    lab.sleep(0.7)
    lab.wire.hold(lambda frame: True)
    server.shutdown(socket.SHUT_WR)
    client.send(b"another request")
    lab.when(lambda: lab.wire.held() == 2, "FIN and request on the wire")
    lab.wire.release()
    lab.until(client="CLOSE_WAIT", server="FIN_WAIT2")
    client.close()
    lab.until(client="CLOSED", server="TIME_WAIT")
    lab.wire.wait_until_quiet()


@scenario(
    "listener-closes",
    "Two connections wait in the accept queue when the server's application ends: the kernel resets both.",
    client="SYN_SENT ESTABLISHED CLOSED / SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED / SYN_RECV ESTABLISHED CLOSED",
)
def listener_closes(lab: Lab) -> None:
    listener = lab.listen()
    for port in (CLIENT_PORT, CLIENT_PORT + 1):
        lab.connect(port)
        lab.until(server="ESTABLISHED", port=port)
    listener.close()
    for port in (CLIENT_PORT, CLIENT_PORT + 1):
        lab.until(client="CLOSED", server="CLOSED", port=port)


@scenario(
    "syn-scan",
    "A half-open scan of twelve ports, one of them listening; the scanner's kernel resets what it did not ask for.",
    client="/" * 11,
    server="/" * 5 + "SYN_RECV CLOSED" + "/" * 6,
    diagnoses=("D02", "D26"),
)
def syn_scan(lab: Lab) -> None:
    lab.listen()
    for number in range(SERVER_PORT - 5, SERVER_PORT + 7):
        lab.forge("server", Flag.SYN, seq=lab.random.getrandbits(32), port=50001, to=number, at="client")
        lab.sleep(0.02)
    lab.wire.wait_until_quiet()


@scenario(
    "reset-in-syn-sent-wrong-ack",
    "A forged RST+ACK with the wrong acknowledgement meets a client in SYN_SENT: ignored, the handshake "
    "goes on.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED",
)
def reset_in_syn_sent_wrong_ack(lab: Lab) -> None:
    lab.listen()
    lab.wire.hold(syn, toward="server")
    lab.start_connecting()
    lab.when(lambda: lab.wire.held() == 1, "the SYN on the wire")
    lab.forge("client", RST_ACK, seq=0, ack=12345)
    lab.sleep(0.05)
    lab.wire.release()
    lab.until(client="ESTABLISHED", server="ESTABLISHED")
    lab.wire.wait_until_quiet()


@scenario(
    "reset-in-syn-recv",
    "The third ACK is held up and a RST with the exact number ends the server's SYN_RECV; the late ACK "
    "is answered with RST.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV CLOSED",
    diagnoses=("D18",),
)
def reset_in_syn_recv(lab: Lab) -> None:
    lab.listen()
    lab.wire.hold(bare_ack, toward="server")
    lab.connect()
    lab.when(lambda: lab.wire.held() == 1, "the third ACK on the wire")
    lab.forge("server", Flag.RST, hops=MIDDLEBOX_HOPS)
    lab.until(server="CLOSED")
    lab.wire.release()
    lab.until(client="CLOSED")


@scenario(
    "reset-in-fin-wait1",
    "A RST with the exact number meets a client in FIN_WAIT1 whose FIN is still under way; the server, "
    "reached by the FIN, closes and is reset in turn.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 CLOSED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT CLOSED",
    diagnoses=("D18",),
)
def reset_in_fin_wait1(lab: Lab) -> None:
    client, _ = established(lab)
    lab.wire.hold(fin)
    client.shutdown(socket.SHUT_WR)
    lab.when(lambda: lab.wire.held() == 1, "the FIN on the wire")
    lab.forge("client", RST_ACK, hops=MIDDLEBOX_HOPS)
    lab.until(client="CLOSED")
    lab.wire.release()
    lab.until(server="CLOSED")


@scenario(
    "reset-in-fin-wait2",
    "A RST with the exact number meets a client in FIN_WAIT2; the server, in CLOSE_WAIT, is not told.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT",
    diagnoses=("D18",),
)
def reset_in_fin_wait2(lab: Lab) -> None:
    client, _ = established(lab)
    client.shutdown(socket.SHUT_WR)
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    lab.forge("client", RST_ACK, hops=MIDDLEBOX_HOPS)
    lab.until(client="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "reset-in-close-wait",
    "The client resets a half-closed connection: a RST meets the server in CLOSE_WAIT.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT CLOSED",
)
def reset_in_close_wait(lab: Lab) -> None:
    client, _ = established(lab)
    client.shutdown(socket.SHUT_WR)
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    reset_on_close(client)
    client.close()
    lab.until(client="CLOSED", server="CLOSED")


@scenario(
    "reset-in-closing",
    "The FINs cross, their ACKs are lost, and a RST with the exact number meets the client in CLOSING.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 CLOSING CLOSED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 CLOSING",
    diagnoses=("D15", "D18"),
)
def reset_in_closing(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.hold(fin)
    client.shutdown(socket.SHUT_WR)
    server.shutdown(socket.SHUT_WR)
    lab.when(lambda: lab.wire.held() == 2, "both FINs on the wire")
    lab.wire.drop(bare_ack)
    lab.wire.release()
    lab.until(client="CLOSING", server="CLOSING")
    lab.forge("client", RST_ACK, hops=MIDDLEBOX_HOPS)
    lab.until(client="CLOSED")
    lab.sleep(0.05)


@scenario(
    "reset-in-last-ack",
    "The last ACK is lost and a RST with the exact number meets the server in LAST_ACK.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    diagnoses=("D18",),
)
def reset_in_last_ack(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(lab.wire.acks_fin, toward="server")
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="LAST_ACK")
    lab.sleep(0.03)
    lab.forge("server", Flag.RST, hops=MIDDLEBOX_HOPS)
    lab.until(server="CLOSED")


scenario(
    "ipv6-reset-in-last-ack",
    "As reset-in-last-ack over IPv6, which has no identification: the forged RST lacks the flow label.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    diagnoses=("D18",),
    setting=Setting(ipv6=True),
)(reset_in_last_ack)


@scenario(
    "reset-in-time-wait",
    "tcp_rfc1337=0: a RST with the exact number ends the client's TIME_WAIT at once.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    diagnoses=("D18",),
)
def reset_in_time_wait(lab: Lab) -> None:
    close_to_time_wait(lab)
    lab.forge("client", RST_ACK, hops=MIDDLEBOX_HOPS)
    lab.until(client="CLOSED")


def close_to_time_wait(lab: Lab) -> None:
    """An ordinary close by the client; TIME_WAIT and CLOSED."""
    client, server = established(lab)
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "time-wait-assassination",
    "tcp_rfc1337=0: an old duplicate of the server's FIN draws an ACK from TIME_WAIT, the server answers "
    "that ACK with RST, and TIME_WAIT is gone (RFC 1337).",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
)
def time_wait_assassination(lab: Lab) -> None:
    close_to_time_wait(lab)
    repeat_last_fin(lab)
    lab.until(client="CLOSED")


@scenario(
    "time-wait-assassination-prevented",
    "tcp_rfc1337=1: the same duplicate FIN, the same ACK, the same RST, and TIME_WAIT stays.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
)
def time_wait_assassination_prevented(lab: Lab) -> None:
    lab.client.set(tcp_rfc1337=1)
    close_to_time_wait(lab)
    repeat_last_fin(lab)
    lab.sleep(0.3)


def repeat_last_fin(lab: Lab) -> None:
    """An old duplicate of the last frame that the server sent: its FIN."""
    flow = (lab.server.address, SERVER_PORT, lab.client.address, CLIENT_PORT)
    lab.wire.inject(lab.wire.flows[flow].last.raw, toward="client")


@scenario(
    "port-reuse-after-reset",
    "The client resets and connects again at once from the same port: two incarnations of one 4-tuple.",
    client="SYN_SENT ESTABLISHED CLOSED / SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
    server="SYN_RECV ESTABLISHED CLOSED / SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    diagnoses=("D16",),
)
def port_reuse_after_reset(lab: Lab) -> None:
    listener = lab.listen()
    client = lab.connect()
    server = lab.accept(listener)
    lab.exchange(client, server)
    reset_on_close(client)
    client.close()
    lab.until(client="CLOSED", server="CLOSED")
    client = lab.connect()
    server = lab.accept(listener)
    send_all(client, server, 50)
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "orphan-fin-wait2",
    "The client closes with tcp_fin_timeout=3 and the server's application never does: FIN_WAIT2 is gone "
    "after 3 s without a packet, CLOSE_WAIT stays.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT",
    setting=Setting(lasts_seconds=4),
)
def orphan_fin_wait2(lab: Lab) -> None:
    lab.client.set(tcp_fin_timeout=3)
    client, _ = established(lab)
    client.close()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    lab.until(client="CLOSED")
    lab.sleep(0.3)


@scenario(
    "reset-after-half-close-timeout",
    "The client has closed and its orphaned FIN_WAIT2 is gone after the usual 60 s; then the server sends at last "
    "and is answered with RST.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT CLOSED",
    diagnoses=("D12",),
    setting=Setting(lasts_seconds=63),
)
def reset_after_half_close_timeout(lab: Lab) -> None:
    client, server = established(lab)
    client.close()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    lab.until(client="CLOSED", patience=70)
    lab.sleep(0.5)
    server.send(b"too late")
    lab.until(server="CLOSED")
