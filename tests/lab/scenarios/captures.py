"""The capture is at fault: it starts late, ends early, sees one direction, or another protocol."""

from __future__ import annotations

import socket

from ..lab import CLIENT_PORT, Lab, Setting
from ..scenario import scenario
from .closes import CLOSED_AFTER, CLOSES_FIRST
from .handshakes import ACCEPTS, ESTABLISHES
from .lost_closes import established


@scenario(
    "mid-stream",
    "The capture starts when the connection is long established and sees one exchange and an orderly close.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    diagnoses=("D25",),
)
def mid_stream(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.capture_from_now()
    lab.exchange(client, server)
    client.close()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "mid-stream-idle-close",
    "The capture starts on an idle connection; the first thing it sees is a FIN of the server.",
    client="SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    server="SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
    diagnoses=("D25",),
)
def mid_stream_idle_close(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.capture_from_now()
    server.close()
    lab.until(client="CLOSE_WAIT", server="FIN_WAIT2")
    client.close()
    lab.until(client="CLOSED", server="TIME_WAIT")


@scenario(
    "mid-stream-in-close-wait",
    "The capture starts when the client has already half-closed: it sees only the server's data, their "
    "ACKs, and its FIN.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    diagnoses=("D25",),
)
def mid_stream_in_close_wait(lab: Lab) -> None:
    client, server = established(lab)
    client.shutdown(socket.SHUT_WR)
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    lab.wire.capture_from_now()
    server.send(b"more")
    lab.wire.wait_until_quiet()
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "mid-handshake",
    "The capture starts between SYN and SYN-ACK.",
    client=ESTABLISHES,
    server=ACCEPTS,
    diagnoses=("D25",),
)
def mid_handshake(lab: Lab) -> None:
    listener = lab.listen()
    hold = lab.wire.hold(lambda frame: True, toward="client", at="server-port")
    client = lab.start_connecting()
    lab.when(lambda: lab.wire.held() == 1, "the SYN-ACK on the wire")
    lab.wire.capture_from_now()
    lab.wire.cancel(hold)
    lab.wire.release()
    server = lab.accept(listener)
    lab.exchange(client, server)


@scenario(
    "capture-ends-early",
    "The capture ends in the middle of an exchange: both ends ESTABLISHED.",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def capture_ends_early(lab: Lab) -> None:
    client, server = lab.connection()
    lab.exchange(client, server)
    client.send(b"another request")
    server.recv(100)


@scenario(
    "capture-ends-in-handshake",
    "The capture ends between SYN-ACK and the third ACK.",
    client="SYN_SENT",
    server="SYN_RECV",
)
def capture_ends_in_handshake(lab: Lab) -> None:
    lab.listen()
    lab.wire.hold(lambda frame: True, toward="client", at="client-port")
    lab.start_connecting()
    lab.when(lambda: lab.wire.held() == 1, "the SYN-ACK on the wire")
    lab.until(client="SYN_SENT", server="SYN_RECV")


@scenario(
    "one-direction-to-server",
    "The captures see the client's segments only, from the first SYN to the last ACK.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    diagnoses=("D25",),
)
def one_direction_to_server(lab: Lab) -> None:
    lab.wire.capture_only("server")
    whole_connection(lab)


@scenario(
    "one-direction-to-client",
    "The captures see the server's segments only, from the SYN-ACK to its FIN.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    diagnoses=("D25",),
)
def one_direction_to_client(lab: Lab) -> None:
    lab.wire.capture_only("client")
    whole_connection(lab)


@scenario(
    "duplicated-by-capture",
    "A mirror port shows every frame twice, 15 µs apart; the machines know nothing of it.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    diagnoses=("D25",),
)
def duplicated_by_capture(lab: Lab) -> None:
    lab.wire.capture_twice()
    whole_connection(lab)


def whole_connection(lab: Lab) -> None:
    client, server = established(lab)
    client.close()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    server.close()
    lab.until(client="TIME_WAIT", server="CLOSED")


@scenario(
    "ipv6-normal-close",
    "An orderly close by the client over IPv6.",
    client=CLOSES_FIRST,
    server=CLOSED_AFTER,
    setting=Setting(ipv6=True),
)
def ipv6_normal_close(lab: Lab) -> None:
    whole_connection(lab)


@scenario(
    "ipv6-refused",
    "Nobody listens, over IPv6.",
    client="SYN_SENT CLOSED",
    server="",
    diagnoses=("D02",),
    setting=Setting(ipv6=True),
)
def ipv6_refused(lab: Lab) -> None:
    lab.start_connecting()
    lab.until(client="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "ipv6-last-ack-lost",
    "The last ACK is lost every time, over IPv6: TIME_WAIT and LAST_ACK.",
    client=CLOSES_FIRST,
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK",
    diagnoses=("D14",),
    setting=Setting(ipv6=True, lasts_seconds=3),
)
def ipv6_last_ack_lost(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(lab.wire.acks_fin, toward="server")
    client.close()
    server.recv(1)
    server.close()
    lab.until(client="TIME_WAIT", server="LAST_ACK")
    lab.sleep(2)


@scenario(
    "two-connections-at-once",
    "Two connections between the same machines overlap; each is closed by another end.",
    client=CLOSES_FIRST + " / SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
    server=CLOSED_AFTER + " / SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
)
def two_connections_at_once(lab: Lab) -> None:
    listener = lab.listen()
    first = lab.connect()
    first_server = lab.accept(listener)
    second = lab.connect(CLIENT_PORT + 1)
    second_server = lab.accept(listener)
    lab.exchange(first, first_server)
    lab.exchange(second, second_server)
    first.close()
    second_server.close()
    lab.until(client="FIN_WAIT2", server="CLOSE_WAIT")
    lab.until(client="CLOSE_WAIT", server="FIN_WAIT2", port=CLIENT_PORT + 1)
    first_server.close()
    second.close()
    lab.until(client="TIME_WAIT", server="CLOSED")
    lab.until(client="CLOSED", server="TIME_WAIT", port=CLIENT_PORT + 1)
