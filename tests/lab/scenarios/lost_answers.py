"""Answers that get lost in odd places: what follows has to tell which copy arrived."""

from __future__ import annotations

from ..hosts import keepalive
from ..lab import MILLISECOND, Lab, Setting
from ..matching import bare_ack, fin, rst, syn, syn_ack
from ..scenario import scenario
from .closes import CLOSED_AFTER, CLOSES_FIRST
from .handshakes import ACCEPTS, ESTABLISHES
from .lost_closes import close_in_order, established


@scenario(
    "fin-brings-the-lost-ack",
    "The ACK of the client's FIN is lost three times; the server's own FIN brings it: FIN_WAIT2 is passed through.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(lasts_seconds=3),
)
def fin_brings_the_lost_ack(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(bare_ack, toward="client", at="client-side", times=3)
    client.close()
    server.recv(1)
    lab.sleep(0.8)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "fin-brings-the-ack-lost-behind-all-taps",
    "The same with the ACKs lost on the client's input: every capture shows them.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(lasts_seconds=3),
)
def fin_brings_the_ack_lost_behind_all_taps(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(bare_ack, toward="client", at="client-port", times=3)
    client.close()
    server.recv(1)
    lab.sleep(0.8)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "crossing-fins-lost-early",
    "Both close at once and both first FINs are lost on the way.",
    setting=Setting(lasts_seconds=3),
)
def crossing_fins_lost_early(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(fin, toward="server", at="server-port", times=1)
    lab.wire.drop(fin, toward="client", at="client-port", times=1)
    client.close()
    server.close()
    lab.sleep(1.5)


@scenario(
    "crossing-fins-with-lost-acks",
    "Both close at once, and the first ACKs of both FINs are lost behind all taps.",
    setting=Setting(lasts_seconds=3),
)
def crossing_fins_with_lost_acks(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(bare_ack, toward="server", at="server-port", times=2)
    lab.wire.drop(bare_ack, toward="client", at="client-port", times=2)
    client.close()
    server.close()
    lab.sleep(1.8)


@scenario(
    "server-closes-to-a-client-whose-acks-are-lost",
    "Six ACKs of the client are lost, those of the server's FIN among them; then the client closes.",
    setting=Setting(lasts_seconds=4),
)
def server_closes_to_a_client_whose_acks_are_lost(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(bare_ack, toward="server", at="client-port", times=6)
    server.close()
    client.recv(1)
    lab.sleep(0.9)
    client.close()
    lab.sleep(1.5)


@scenario(
    "reset-lost-three-times",
    "The server has lost power; three of the resets that answer the client's data are lost.",
    client=f"{ESTABLISHES} CLOSED",
    server=f"{ACCEPTS} CLOSED",
    diagnoses=("D07",),
    setting=Setting(lasts_seconds=4),
)
def reset_lost_three_times(lab: Lab) -> None:
    client, server = established(lab)
    lab.crash(server)
    lab.wire.drop(rst, toward="client", at="client-port", times=3)
    client.send(b"anyone?")
    lab.until(client="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "server-gone-after-the-handshake",
    "Nothing reaches the server after the handshake; the client gives up on its data after four retries.",
    client=f"{ESTABLISHES} CLOSED",
    setting=Setting(lasts_seconds=7),
)
def server_gone_after_the_handshake(lab: Lab) -> None:
    lab.client.set(tcp_retries2=4)
    lab.listen()
    client = lab.connect()
    lab.wire.drop(toward="server", at="server-side")
    client.send(bytes(50))
    lab.until(client="CLOSED")
    lab.sleep(0.2)


@scenario(
    "handshake-ack-ignored-until-given-up",
    "Every ACK is lost on the server's input, after all taps: its request dies after two retries.",
    client=ESTABLISHES,
    server="SYN_RECV CLOSED",
    diagnoses=("D05",),
    setting=Setting(lasts_seconds=9),
)
def handshake_ack_ignored_until_given_up(lab: Lab) -> None:
    lab.server.set(tcp_synack_retries=2)
    lab.listen()
    lab.wire.drop(bare_ack, toward="server", at="server-port")
    lab.connect()
    lab.until(server="SYN_RECV")
    lab.until(server="CLOSED")
    lab.sleep(0.5)


@scenario(
    "syn-ack-late-after-a-retry",
    "The SYN-ACK takes 1.3 s, so the SYN is sent again: two SYN-ACKs, one connection.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(lasts_seconds=3),
)
def syn_ack_late_after_a_retry(lab: Lab) -> None:
    lab.wire.delay(syn_ack, by_ns=1300 * MILLISECOND, toward="client", times=1)
    client, server = established(lab)
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "syn-ack-of-the-server-s-timer",
    "The first SYN-ACK and two retried SYNs are lost: the server's own timer brings the next.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(lasts_seconds=4),
)
def syn_ack_of_the_server_s_timer(lab: Lab) -> None:
    lab.wire.drop(syn_ack, toward="client", at="client-port", times=1)
    lab.wire.drop(syn, toward="server", skip=1, times=2)
    client, server = established(lab)
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "ack-overtaken-by-fin",
    "The server's ACK of the FIN takes 40 ms longer than its own FIN, which overtakes it.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(lasts_seconds=2),
)
def ack_overtaken_by_fin(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.delay(bare_ack, by_ns=40 * MILLISECOND, toward="client", at="server-side", times=1)
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="CLOSED")
    lab.sleep(0.1)


@scenario(
    "keepalive-to-a-dead-path",
    "An idle connection's path dies; the client's three keepalive probes go unanswered.",
    client=f"{ESTABLISHES} CLOSED",
    server=ACCEPTS,
    diagnoses=("D09",),
    setting=Setting(lasts_seconds=6),
)
def keepalive_to_a_dead_path(lab: Lab) -> None:
    client, _ = established(lab)
    keepalive(client, idle=1, interval=1, probes=3)
    lab.wire.drop(toward="server")
    lab.until(client="CLOSED")
    lab.sleep(0.2)


@scenario(
    "user-timeout-with-data",
    "The path dies and TCP_USER_TIMEOUT ends the wait for an ACK after 1.5 s.",
    client=f"{ESTABLISHES} CLOSED",
    server=ACCEPTS,
    setting=Setting(lasts_seconds=6),
)
def user_timeout_with_data(lab: Lab) -> None:
    from socket import IPPROTO_TCP

    from ..hosts import TCP_USER_TIMEOUT

    client, _ = established(lab)
    client.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 1500)
    lab.wire.drop(toward="server")
    client.send(bytes(40))
    lab.until(client="CLOSED")
    lab.sleep(0.2)
