"""Segments that a third party injects, inside the window and outside it, and ICMP that nobody should
believe."""

from __future__ import annotations

from ..frames import Flag, icmp_unreachable
from ..lab import CLIENT_PORT, SERVER_PORT, Lab, Setting
from ..matching import data
from ..scenario import scenario
from .handshakes import ACCEPTS, ESTABLISHES
from .lost_closes import established

RST_ACK = Flag.RST | Flag.ACK
FAR_OUTSIDE = 1 << 30
"""Offset from the expected sequence number, beyond any window here."""
WITHIN = 1000


@scenario(
    "blind-rst-out-of-window",
    "A forged RST outside the server's window: ignored in silence; the connection goes on.",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def blind_rst_out_of_window(lab: Lab) -> None:
    client, server = established(lab)
    lab.forge("server", Flag.RST, seq_offset=FAR_OUTSIDE)
    lab.wire.wait_until_quiet()
    lab.exchange(client, server)


@scenario(
    "blind-rst-in-window",
    "A forged RST inside the server's window but not at its edge: a challenge ACK, and the connection "
    "goes on.",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def blind_rst_in_window(lab: Lab) -> None:
    client, server = established(lab)
    lab.forge("server", Flag.RST, seq_offset=WITHIN)
    lab.wire.wait_until_quiet()
    lab.exchange(client, server)


@scenario(
    "blind-rst-both-ends-in-window",
    "Forged RSTs inside both windows: two challenge ACKs, nobody dies.",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def blind_rst_both_ends_in_window(lab: Lab) -> None:
    client, server = established(lab)
    lab.forge("server", Flag.RST, seq_offset=WITHIN)
    lab.forge("client", Flag.RST, seq_offset=WITHIN)
    lab.wire.wait_until_quiet()
    lab.exchange(client, server)


@scenario(
    "blind-rst-exact",
    "A forged RST with exactly the expected number kills the server's end; the client learns it when it "
    "next sends.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D18",),
)
def blind_rst_exact(lab: Lab) -> None:
    client, _ = established(lab)
    lab.forge("server", Flag.RST, hops=33)
    lab.until(server="CLOSED")
    lab.sleep(0.3)
    client.send(b"are you there?")
    lab.until(client="CLOSED")


@scenario(
    "injected-reset-to-both",
    "A middlebox resets both ends with exact numbers, and its TTL gives it away.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D18",),
)
def injected_reset_to_both(lab: Lab) -> None:
    established(lab)
    lab.forge("server", RST_ACK, hops=120)
    lab.forge("client", RST_ACK, hops=120)
    lab.until(client="CLOSED", server="CLOSED")
    lab.wire.wait_until_quiet()


@scenario(
    "injected-reset-while-data-flows",
    "A middlebox resets the client only, while the server's answer is under way: the server's data "
    'arrive after "its" RST and are answered with RST.',
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D18",),
)
def injected_reset_while_data_flows(lab: Lab) -> None:
    _, server = established(lab)
    lab.wire.hold(data, toward="client", at="client-side")
    server.send(b"answer")
    lab.when(lambda: lab.wire.held() == 1, "the answer on the wire")
    lab.forge("client", RST_ACK, seq_offset=-len(b"answer"), hops=120)
    lab.until(client="CLOSED")
    lab.wire.release()
    lab.until(server="CLOSED")


@scenario(
    "blind-syn-in-window",
    "A forged SYN inside the window of an established connection: a challenge ACK, and nothing changes "
    "(RFC 5961).",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def blind_syn_in_window(lab: Lab) -> None:
    client, server = established(lab)
    lab.forge("server", Flag.SYN, seq_offset=WITHIN)
    lab.wire.wait_until_quiet()
    lab.exchange(client, server)


@scenario(
    "blind-syn-out-of-window",
    "A forged SYN outside the window of an established connection: a challenge ACK too, and nothing changes.",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def blind_syn_out_of_window(lab: Lab) -> None:
    client, server = established(lab)
    lab.forge("server", Flag.SYN, seq_offset=FAR_OUTSIDE)
    lab.wire.wait_until_quiet()
    lab.exchange(client, server)


@scenario(
    "blind-fin-out-of-window",
    "A forged FIN outside the window: a duplicate ACK, and no CLOSE_WAIT.",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def blind_fin_out_of_window(lab: Lab) -> None:
    client, server = established(lab)
    lab.forge("server", Flag.FIN | Flag.ACK, seq_offset=FAR_OUTSIDE)
    lab.wire.wait_until_quiet()
    lab.exchange(client, server)


@scenario(
    "blind-fin-ahead-of-a-hole",
    "A forged FIN inside the window, beyond a gap that is never filled to its number: no CLOSE_WAIT.",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def blind_fin_ahead_of_a_hole(lab: Lab) -> None:
    _, _ = established(lab)
    lab.forge("server", Flag.FIN | Flag.ACK, seq_offset=WITHIN)
    lab.wire.wait_until_quiet()
    lab.sleep(0.2)


@scenario(
    "icmp-ignored-when-established",
    "ICMP host unreachable quotes a data segment of an established connection: not believed; the data "
    "are resent and arrive.",
    client=ESTABLISHES,
    server=ACCEPTS,
)
def icmp_ignored_when_established(lab: Lab) -> None:
    client, server = established(lab)
    lab.wire.drop(data, toward="server", times=2)
    client.send(b"a request")
    lab.sleep(0.02)
    flow = (lab.client.address, CLIENT_PORT, lab.server.address, SERVER_PORT)
    report = icmp_unreachable(lab.wire.flows[flow].last, code=1, reporter=lab.server.address)
    lab.wire.inject(report, toward="client")
    server.recv(100)
    lab.wire.wait_until_quiet()


@scenario(
    "icmp-host-unreachable",
    "A router answers every SYN with ICMP host unreachable: connect() fails.",
    client="SYN_SENT CLOSED",
    server="",
    diagnoses=("D03",),
    setting=Setting(lasts_seconds=2),
)
def icmp_host_unreachable(lab: Lab) -> None:
    lab.wire.drop(toward="server")
    lab.start_connecting()
    lab.sleep(0.02)
    flow = (lab.client.address, CLIENT_PORT, lab.server.address, SERVER_PORT)
    report = icmp_unreachable(lab.wire.flows[flow].last, code=1, reporter=lab.server.address)
    lab.wire.inject(report, toward="client")
    lab.until(client="CLOSED")
    lab.sleep(0.1)
