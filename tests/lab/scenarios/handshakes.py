"""Beginnings that fail or limp: refused, filtered, and each packet of the handshake lost."""

from __future__ import annotations

from ..frames import icmp_unreachable
from ..lab import CLIENT_PORT, Lab, Setting, send_all
from ..matching import bare_ack, syn, syn_ack
from ..scenario import scenario

ESTABLISHES, ACCEPTS = "SYN_SENT ESTABLISHED", "SYN_RECV ESTABLISHED"


@scenario(
    "refused",
    "Nobody listens: the server's kernel answers the SYN with RST+ACK.",
    client="SYN_SENT CLOSED",
    server="",
    diagnoses=("D02",),
)
def refused(lab: Lab) -> None:
    lab.start_connecting()
    lab.until(client="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "filtered",
    "A firewall swallows every SYN; the client gives up without a packet. With tcp_syn_retries=2 this "
    "kernel sends six, because tcp_syn_linear_timeouts=4 come on top.",
    client="SYN_SENT CLOSED",
    server="",
    diagnoses=("D01",),
    setting=Setting(lasts_seconds=8),
)
def filtered(lab: Lab) -> None:
    lab.client.set(tcp_syn_retries=2)
    lab.listen()
    lab.wire.drop(toward="server")
    lab.start_connecting()
    lab.until(client="SYN_SENT")
    lab.until(client="CLOSED")
    lab.sleep(0.2)


@scenario(
    "filtered-still-trying",
    "A firewall swallows every SYN; the capture ends while the client is still in SYN_SENT.",
    client="SYN_SENT",
    server="",
    diagnoses=("D01",),
    setting=Setting(lasts_seconds=4),
)
def filtered_still_trying(lab: Lab) -> None:
    lab.listen()
    lab.wire.drop(toward="server")
    lab.start_connecting()
    lab.sleep(3.5)


@scenario(
    "filtered-behind-all-taps",
    "The server's own firewall swallows every SYN: all three captures show them, none an answer.",
    client="SYN_SENT",
    server="",
    diagnoses=("D01",),
    setting=Setting(lasts_seconds=3),
)
def filtered_behind_all_taps(lab: Lab) -> None:
    lab.listen()
    lab.wire.drop(toward="server", at="server-port")
    lab.start_connecting()
    lab.sleep(2.5)


@scenario(
    "syn-lost",
    "The first SYN is lost, the second arrives.",
    client=ESTABLISHES,
    server=ACCEPTS,
    setting=Setting(lasts_seconds=2),
)
def syn_lost(lab: Lab) -> None:
    lab.wire.drop(syn, times=1)
    client, server = lab.connection()
    lab.exchange(client, server)


@scenario(
    "syn-ack-lost",
    "The SYN-ACK is lost once; the client's SYN retry or the server's own timer brings another.",
    client=ESTABLISHES,
    server=ACCEPTS,
    setting=Setting(lasts_seconds=2),
)
def syn_ack_lost(lab: Lab) -> None:
    lab.wire.drop(syn_ack, times=1, at="client-side")
    client, server = lab.connection()
    lab.exchange(client, server)


@scenario(
    "syn-ack-never-arrives",
    "Every SYN-ACK is lost: both ends give up, first the server's request, then the client, both without "
    "a packet.",
    client="SYN_SENT CLOSED",
    server=None,
    diagnoses=("D01",),
    setting=Setting(lasts_seconds=9),
)
def syn_ack_never_arrives(lab: Lab) -> None:
    lab.client.set(tcp_syn_retries=1)
    lab.server.set(tcp_synack_retries=1)
    lab.listen()
    lab.wire.drop(syn_ack, at="client-side")
    lab.start_connecting()
    lab.until(client="SYN_SENT", server="SYN_RECV")
    lab.until(client="CLOSED", server="CLOSED")
    lab.sleep(0.1)


@scenario(
    "third-ack-lost",
    "The third packet of the handshake is lost behind the first two taps; no data follows. The client is "
    "ESTABLISHED, the server stays in SYN_RECV until the client acknowledges a resent SYN-ACK.",
    client=ESTABLISHES,
    server=ACCEPTS,
    diagnoses=("D05",),
    setting=Setting(lasts_seconds=2),
)
def third_ack_lost(lab: Lab) -> None:
    listener = lab.listen()
    lab.wire.drop(bare_ack, toward="server", times=1)
    lab.connect()
    lab.until(client="ESTABLISHED", server="SYN_RECV")
    lab.accept(listener)
    lab.until(server="ESTABLISHED")
    lab.wire.wait_until_quiet()


@scenario(
    "third-ack-never-arrives",
    "Every ACK of the client is lost behind the middle tap: the client believes it is ESTABLISHED, the "
    "server gives up after two SYN-ACK retries without a packet.",
    client="SYN_SENT ESTABLISHED",
    server="SYN_RECV CLOSED",
    diagnoses=("D05",),
    setting=Setting(lasts_seconds=8),
)
def third_ack_never_arrives(lab: Lab) -> None:
    lab.server.set(tcp_synack_retries=2)
    lab.listen()
    lab.wire.drop(bare_ack, toward="server")
    lab.connect()
    lab.until(client="ESTABLISHED", server="SYN_RECV")
    lab.until(server="CLOSED")
    lab.sleep(0.1)


@scenario(
    "third-ack-lost-data-repairs",
    "The third ACK is lost, but the request that follows at once carries the same acknowledgement: no "
    "SYN-ACK is resent.",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def third_ack_lost_data_repairs(lab: Lab) -> None:
    listener = lab.listen()
    lab.wire.drop(bare_ack, toward="server", times=1)
    client = lab.connect()
    lab.sleep(0.05)
    client.send(b"request")
    server = lab.accept(listener)
    server.recv(100)
    send_all(server, client, 300)
    lab.wire.wait_until_quiet()


@scenario(
    "icmp-port-unreachable",
    "A router answers the SYN with ICMP port unreachable: connect() fails at once.",
    client="SYN_SENT CLOSED",
    server="",
    diagnoses=("D03",),
)
def icmp_port_unreachable(lab: Lab) -> None:
    answer_syn_with_icmp(lab, code=3)
    lab.until(client="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "icmp-admin-prohibited",
    "A firewall answers the SYN with ICMP administratively prohibited: connect() fails at once.",
    client="SYN_SENT CLOSED",
    server="",
    diagnoses=("D03",),
)
def icmp_admin_prohibited(lab: Lab) -> None:
    answer_syn_with_icmp(lab, code=13)
    lab.until(client="CLOSED")
    lab.wire.wait_until_quiet()


scenario(
    "ipv6-icmp-admin-prohibited",
    "A firewall answers the SYN with ICMPv6 administratively prohibited: connect() fails at once.",
    client="SYN_SENT CLOSED",
    server="",
    diagnoses=("D03",),
    setting=Setting(ipv6=True),
)(icmp_admin_prohibited)


def answer_syn_with_icmp(lab: Lab, code: int) -> None:
    """Drop the SYN behind the middle tap and send the ICMP error from there."""
    lab.listen()
    lab.wire.hold(syn, toward="server")
    lab.start_connecting()
    lab.when(lambda: lab.wire.held() == 1, "the SYN on the wire")
    flow = (lab.client.address, CLIENT_PORT, lab.server.address, 8080)
    report = icmp_unreachable(lab.wire.flows[flow].last, code=code, reporter=lab.server.address)
    lab.wire.inject(report, toward="client")
