"""Fast Open, SYN cookies and floods: servers that begin otherwise."""

from __future__ import annotations

import socket

from ..frames import Address, Flag, tcp
from ..hosts import TCP_FASTOPEN_CONNECT
from ..lab import CLIENT_PORT, MILLISECOND, SERVER_PORT, Lab, ScenarioError, Setting
from ..matching import bare_ack, both, data, port, syn, syn_ack
from ..scenario import scenario
from .closes import CLOSED_AFTER, CLOSES_FIRST

CLIENT_AND_SERVER_FAST_OPEN = 3
WITHOUT_COOKIE = 0x4 | 0x200 | CLIENT_AND_SERVER_FAST_OPEN
FLOODERS = 40
FULL_SYN_QUEUE = 8


def fast_listener(lab: Lab, mode: int = CLIENT_AND_SERVER_FAST_OPEN) -> socket.socket:
    lab.both(tcp_fastopen=mode)
    listener = lab.listen()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
    return listener


def fast_connect(lab: Lab, number: int, request: bytes) -> socket.socket:
    """Connect with Fast Open: with a cookie at hand the request rides on the SYN."""
    client = lab.client_socket(number)
    client.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    client.setblocking(False)
    client.connect_ex((lab.server.address, SERVER_PORT))
    client.settimeout(5)
    client.send(request)
    return client


@scenario(
    "fast-open",
    "Fast Open twice: the first connection only fetches the cookie; the second carries its request on "
    "the SYN, and the server accepts, answers and closes before the third packet.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT / SYN_SENT ESTABLISHED CLOSE_WAIT",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED / SYN_RECV FIN_WAIT1 FIN_WAIT2",
)
def fast_open(lab: Lab) -> None:
    listener = fast_listener(lab)
    client = fast_connect(lab, CLIENT_PORT, b"give me a cookie")
    server = lab.accept(listener)
    server.recv(100)
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")
    lab.wire.hold(bare_ack, toward="server")
    fast_connect(lab, CLIENT_PORT + 1, b"request on the SYN")
    server = lab.accept(listener)
    server.recv(100)
    server.send(b"answer before the third packet")
    server.close()
    lab.until(server="FIN_WAIT1", port=CLIENT_PORT + 1)
    lab.wire.release()
    lab.until(client="CLOSE_WAIT", server="FIN_WAIT2", port=CLIENT_PORT + 1)


@scenario(
    "fast-open-without-cookie",
    "Fast Open with cookies waived on both sides: the first SYN carries the request.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
)
def fast_open_without_cookie(lab: Lab) -> None:
    listener = fast_listener(lab, WITHOUT_COOKIE)
    client = fast_connect(lab, CLIENT_PORT, b"request on the SYN")
    server = lab.accept(listener)
    server.recv(100)
    server.send(b"answer")
    client.recv(100)
    lab.wire.wait_until_quiet()
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "fast-open-third-ack-lost",
    "Fast Open, and every packet of the client after its SYN is lost: the server stays in SYN_RECV "
    "although its application has the request.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV",
    setting=Setting(lasts_seconds=3),
)
def fast_open_third_ack_lost(lab: Lab) -> None:
    listener = fast_listener(lab, WITHOUT_COOKIE)
    lab.wire.drop(bare_ack, toward="server")
    fast_connect(lab, CLIENT_PORT, b"request on the SYN")
    lab.accept(listener).recv(100)
    lab.sleep(2)


@scenario(
    "fast-open-refused-by-path",
    "A firewall swallows SYNs with data; the client's retry without data gets through.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED",
    setting=Setting(lasts_seconds=3),
)
def fast_open_refused_by_path(lab: Lab) -> None:
    listener = fast_listener(lab, WITHOUT_COOKIE)
    lab.wire.drop(both(syn, data))
    fast_connect(lab, CLIENT_PORT, b"request on the SYN")
    server = lab.accept(listener)
    server.recv(100)
    lab.wire.wait_until_quiet()


@scenario(
    "syn-cookie",
    "SYN cookies always on: no SYN_RECV exists while the third ACK is under way; the server's socket "
    "appears with it.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(stage_delay_ns=10 * MILLISECOND),
)
def syn_cookie(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=2)
    client, server = lab.connection()
    lab.exchange(client, server)
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "syn-cookie-third-ack-lost",
    "SYN cookies always on and the third ACK lost: the server has forgotten, nothing is resent; the "
    "request, a second later, makes the socket.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV ESTABLISHED",
    setting=Setting(lasts_seconds=2),
)
def syn_cookie_third_ack_lost(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=2)
    listener = lab.listen()
    lab.wire.drop(bare_ack, toward="server", times=1)
    client = lab.connect()
    lab.sleep(1.2)
    client.send(b"request")
    lab.accept(listener).recv(100)
    lab.wire.wait_until_quiet()


@scenario(
    "syn-cookie-server-speaks-first",
    "SYN cookies always on, the third ACK lost, and the client waits for a greeting that can never come.",
    client="SYN_SENT ESTABLISHED",
    server="",
    setting=Setting(lasts_seconds=3),
)
def syn_cookie_server_speaks_first(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=2)
    lab.listen()
    lab.wire.drop(bare_ack, toward="server", times=1)
    lab.connect()
    lab.sleep(2)


def flood(lab: Lab) -> None:
    """SYNs from forty addresses that do not answer."""
    mac = lab.client.at(0).mac
    network = "2001:db8::" if lab.setting.ipv6 else "192.0.2."  # RFC 3849, RFC 5737: nobody's
    for number in range(FLOODERS):
        source = Address(mac, f"{network}{number + 1}", 1024 + lab.random.randrange(60000))
        raw = tcp(source, lab.server.at(SERVER_PORT), flags=Flag.SYN, seq=lab.random.getrandbits(32))
        lab.wire.inject(raw, toward="server", at="client")
        lab.sleep(0.01)


@scenario(
    "syn-flood",
    "Forty forged SYNs fill the SYN queue, cookies are off: the true client's SYNs are dropped in silence.",
    diagnoses=("D01", "D26"),
    setting=Setting(lasts_seconds=5),
)
def syn_flood(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=0, tcp_max_syn_backlog=FULL_SYN_QUEUE)
    lab.listen(backlog=FULL_SYN_QUEUE)
    flood(lab)
    lab.start_connecting()
    lab.sleep(3)
    expect_state(lab, "client", "SYN_SENT")
    expect_state(lab, "server", "CLOSED")


@scenario(
    "syn-flood-with-cookies",
    "The same flood with tcp_syncookies=1: the true client is served all the same, by a cookie.",
    diagnoses=("D26",),
    setting=Setting(lasts_seconds=3),
)
def syn_flood_with_cookies(lab: Lab) -> None:
    lab.server.set(tcp_syncookies=1, tcp_max_syn_backlog=FULL_SYN_QUEUE)
    listener = lab.listen(backlog=FULL_SYN_QUEUE)
    flood(lab)
    client = lab.connect()
    lab.exchange(client, lab.accept(listener))
    expect_state(lab, "client", "ESTABLISHED")
    expect_state(lab, "server", "ESTABLISHED")


def expect_state(lab: Lab, host: str, state: str) -> None:
    if lab.state(host) != state:
        raise ScenarioError(f"{host} should be {state} and is {lab.state(host)}")


@scenario(
    "syn-ack-from-nowhere",
    "A stray SYN-ACK, as from a flood with a forged source, meets a machine that asked for nothing: RST. "
    "There is no connection.",
)
def syn_ack_from_nowhere(lab: Lab) -> None:
    lab.forge("client", Flag.SYN | Flag.ACK, seq=1000, ack=2000, at="server")
    lab.wire.wait_until_quiet()


@scenario(
    "half-open-scan-and-connection",
    "A SYN scan of a listening port while an ordinary connection to it runs: embryonic and established "
    "side by side.",
    client="SYN_SENT ESTABLISHED / ",
    server="SYN_RECV ESTABLISHED / SYN_RECV CLOSED",
)
def half_open_scan_and_connection(lab: Lab) -> None:
    client, server = lab.connection()
    lab.wire.drop(both(syn_ack, port(50001)), at="client-port", times=1)
    lab.forge("server", Flag.SYN, seq=lab.random.getrandbits(32), port=50001, at="client")
    lab.exchange(client, server)
    lab.until(server="SYN_RECV", port=50001)
    lab.until(server="CLOSED", port=50001)
