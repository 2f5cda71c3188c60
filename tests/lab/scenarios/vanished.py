"""Ends that are gone: crashes found out or not, keepalive, and the timers that give up."""

from __future__ import annotations

import socket

from ..frames import Flag
from ..hosts import TCP_REPAIR, TCP_USER_TIMEOUT, keepalive
from ..lab import CLIENT_PORT, Lab, Setting
from ..matching import syn
from ..scenario import scenario
from .lost_closes import established

TCP_QUEUE_SEQ, TCP_REPAIR_QUEUE, SEND_QUEUE = 21, 20, 2
REPAIR_OFF_WITHOUT_PROBE = -1


@scenario(
    "server-crash-silent",
    "The server loses power after the answer and nobody notices: the client stays ESTABLISHED to the end.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED CLOSED",
    setting=Setting(lasts_seconds=2),
)
def server_crash_silent(lab: Lab) -> None:
    _, server = established(lab)
    lab.crash(server)
    lab.sleep(1)


@scenario(
    "client-crash-silent",
    "The client loses power after the answer and nobody notices: the server stays ESTABLISHED to the end.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED",
    setting=Setting(lasts_seconds=2),
)
def client_crash_silent(lab: Lab) -> None:
    client, _ = established(lab)
    lab.crash(client)
    lab.sleep(1)


@scenario(
    "half-open-found-by-rst",
    "The server reboots and forgets; the client's next request is answered with RST.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D07",),
    setting=Setting(lasts_seconds=2),
)
def half_open_found_by_rst(lab: Lab) -> None:
    client, server = established(lab)
    lab.crash(server)
    lab.sleep(1)
    client.send(b"are you there?")
    lab.until(client="CLOSED")


@scenario(
    "half-open-found-by-server",
    "The client reboots and forgets; the server pushes data and is answered with RST.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D07",),
    setting=Setting(lasts_seconds=2),
)
def half_open_found_by_server(lab: Lab) -> None:
    client, server = established(lab)
    lab.crash(client)
    lab.sleep(1)
    server.send(b"news")
    lab.until(server="CLOSED")


@scenario(
    "half-open-found-by-close",
    "The server reboots and forgets; the client closes, and its FIN is answered with RST.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D07",),
    setting=Setting(lasts_seconds=2),
)
def half_open_found_by_close(lab: Lab) -> None:
    client, server = established(lab)
    lab.crash(server)
    lab.sleep(1)
    client.close()
    lab.until(client="CLOSED")


@scenario(
    "half-open-found-by-keepalive",
    "The client reboots and forgets; the server's keepalive probe is answered with RST.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D07",),
    setting=Setting(lasts_seconds=3),
)
def half_open_found_by_keepalive(lab: Lab) -> None:
    client, server = established(lab)
    keepalive(server, idle=1, interval=1, probes=3)
    lab.crash(client)
    lab.until(server="CLOSED")


@scenario(
    "client-reboot",
    "The client reboots and connects again from the same port: its SYN draws a challenge ACK, which it "
    "answers with RST; the SYN's retry makes a new connection.",
    client="SYN_SENT ESTABLISHED CLOSED / SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED CLOSED / SYN_RECV ESTABLISHED",
    diagnoses=("D21",),
    setting=Setting(lasts_seconds=3),
)
def client_reboot(lab: Lab) -> None:
    listener = lab.listen()
    client = lab.connect()
    server = lab.accept(listener)
    lab.exchange(client, server)
    lab.crash(client)
    lab.sleep(0.5)
    client = lab.connect()
    server = lab.accept(listener)
    lab.exchange(client, server)


@scenario(
    "keepalive-answered",
    "An idle connection with keepalive every second: probes and answers, and nothing changes.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED",
    setting=Setting(lasts_seconds=4),
)
def keepalive_answered(lab: Lab) -> None:
    client, _ = established(lab)
    keepalive(client, idle=1, interval=1, probes=3)
    lab.sleep(3.5)


@scenario(
    "keepalive-unanswered",
    "The path dies; three keepalive probes remain unanswered and the client gives up with a RST that "
    "nobody hears.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D09",),
    setting=Setting(lasts_seconds=5),
)
def keepalive_unanswered(lab: Lab) -> None:
    client, _ = established(lab)
    lab.wire.drop()
    keepalive(client, idle=1, interval=1, probes=3)
    lab.until(client="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "retransmission-gives-up",
    "The path dies; the client resends its request until tcp_retries2=5 is used up, and closes without a "
    "packet.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D09",),
    setting=Setting(lasts_seconds=16),
)
def retransmission_gives_up(lab: Lab) -> None:
    lab.client.set(tcp_retries2=5)
    client, _ = established(lab)
    lab.wire.drop()
    client.send(b"are you there?")
    lab.until(client="CLOSED")
    lab.sleep(0.2)


@scenario(
    "user-timeout",
    "The path dies; TCP_USER_TIMEOUT of 3.5 s ends the client's connection without a packet.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED",
    diagnoses=("D09",),
    setting=Setting(lasts_seconds=5),
)
def user_timeout(lab: Lab) -> None:
    client, _ = established(lab)
    client.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 3500)
    lab.wire.drop()
    client.send(b"are you there?")
    lab.until(client="CLOSED")
    lab.sleep(0.2)


@scenario(
    "time-wait-reuse-at-server",
    "The server closed first and is in TIME_WAIT; the client's new SYN from the same port is newer, so "
    "TIME_WAIT gives way to a new connection.",
    client="SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED / SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED / SYN_RECV ESTABLISHED",
    setting=Setting(lasts_seconds=2),
)
def time_wait_reuse_at_server(lab: Lab) -> None:
    listener = server_closes_first(lab)
    lab.sleep(1.2)
    client = lab.connect()
    lab.exchange(client, lab.accept(listener))


def server_closes_first(lab: Lab) -> socket.socket:
    """A connection that ends with TIME_WAIT at the server; return the listener."""
    listener = lab.listen()
    client = lab.connect()
    server = lab.accept(listener)
    lab.exchange(client, server)
    server.close()
    client.recv(1)
    client.close()
    lab.until(client="CLOSED", server="TIME_WAIT")
    return listener


@scenario(
    "time-wait-reuse-at-client",
    "The client closed first and is in TIME_WAIT; with tcp_tw_reuse=1 it connects again from the same port.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED / SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED / SYN_RECV ESTABLISHED",
    setting=Setting(lasts_seconds=3),
)
def time_wait_reuse_at_client(lab: Lab) -> None:
    lab.client.set(tcp_tw_reuse=1)
    listener = lab.listen()
    client = lab.connect()
    server = lab.accept(listener)
    lab.exchange(client, server)
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")
    lab.sleep(2)
    client = lab.connect()
    lab.exchange(client, lab.accept(listener))


@scenario(
    "time-wait-old-syn",
    "The server is in TIME_WAIT; the client's new SYN from the same port has an older number and no "
    "timestamp: it draws an ACK of the old connection, the client answers RST, TIME_WAIT dies, and the "
    "SYN's retry gets through.",
    client="SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED / SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED / SYN_RECV ESTABLISHED",
    diagnoses=("D20",),
    setting=Setting(lasts_seconds=3),
)
def time_wait_old_syn(lab: Lab) -> None:
    lab.both(tcp_timestamps=0)
    listener = server_closes_first(lab)
    flow = (lab.client.address, CLIENT_PORT, lab.server.address, 8080)
    older = (lab.wire.flows[flow].next_seq - 100_000) % 2**32
    client = lab.client_socket()
    choose_first_sequence_number(client, older)
    client.connect((lab.server.address, 8080))
    lab.exchange(client, lab.accept(listener))


def choose_first_sequence_number(connection: socket.socket, number: int) -> None:
    """Make the coming SYN carry this sequence number."""
    connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, SEND_QUEUE)
    connection.setsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, number.to_bytes(4, "little"))
    connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, REPAIR_OFF_WITHOUT_PROBE)


@scenario(
    "stray-syn-to-time-wait",
    "A forged old SYN meets the server's TIME_WAIT: an ACK of the old connection, answered with RST by "
    "the client that knows nothing, and TIME_WAIT is gone.",
    client="SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED",
)
def stray_syn_to_time_wait(lab: Lab) -> None:
    lab.both(tcp_timestamps=0)
    server_closes_first(lab)
    lab.forge("server", Flag.SYN, seq_offset=-100_000)
    lab.until(server="CLOSED")


@scenario(
    "time-wait-expires",
    "The whole of TIME_WAIT: 60 s after the close the client's socket is gone, without a packet.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    setting=Setting(lasts_seconds=62),
)
def time_wait_expires(lab: Lab) -> None:
    client, server = established(lab)
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")
    lab.until(client="CLOSED", patience=70)
    lab.sleep(0.2)


@scenario(
    "close-wait-leak",
    "The server's application never closes: for more than a minute CLOSE_WAIT there, and FIN_WAIT2 at a "
    "client that waits for the end. After 64 s a second connection goes the same way, which also shows "
    "readers that time has passed.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 / SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT / SYN_RECV ESTABLISHED CLOSE_WAIT",
    diagnoses=("D10", "D11"),
    setting=Setting(lasts_seconds=66),
)
def close_wait_leak(lab: Lab) -> None:
    client, _ = established(lab)
    client.shutdown(socket.SHUT_WR)
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    lab.sleep(64)
    lab.connect(CLIENT_PORT + 1).close()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT", port=CLIENT_PORT + 1)


@scenario(
    "retried-syn-while-path-dead",
    "The path is dead for two seconds and heals: several SYNs, one attempt, one connection.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED",
    setting=Setting(lasts_seconds=4),
)
def retried_syn_while_path_dead(lab: Lab) -> None:
    dead = lab.wire.drop(syn)
    listener = lab.listen()
    client = lab.start_connecting()
    lab.sleep(2.3)
    lab.wire.cancel(dead)
    server = lab.accept(listener)
    lab.until(client="ESTABLISHED")
    lab.exchange(client, server)
