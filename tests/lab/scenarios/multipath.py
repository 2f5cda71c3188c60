"""Multipath TCP (RFC 8684): the connection closes above its subflows, and these follow."""

from __future__ import annotations

import socket

from ..hosts import Host, reset_on_close
from ..lab import CLIENT_PORT, PATIENCE_SECONDS, SERVER_PORT, Lab
from ..scenario import scenario


def multipath_socket(lab: Lab, host: Host, port: int) -> socket.socket:
    with host.namespace.inside():
        made = socket.socket(host.family, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host.address, port))
    made.settimeout(PATIENCE_SECONDS)
    return lab.keep(made)


def multipath(lab: Lab) -> tuple[socket.socket, socket.socket]:
    """A connection over one subflow, and a request with its answer."""
    listener = multipath_socket(lab, lab.server, SERVER_PORT)
    listener.listen(5)
    client = multipath_socket(lab, lab.client, CLIENT_PORT)
    client.connect((lab.server.address, SERVER_PORT))
    server = lab.accept(listener)
    lab.exchange(client, server)
    return client, server


@scenario(
    "multipath-close",
    "The client closes a connection of Multipath TCP, and then the server: DATA_FINs, and FINs of the subflow "
    "behind them.",
    client="SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
    server="SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
)
def multipath_close(lab: Lab) -> None:
    client, server = multipath(lab)
    client.close()
    lab.sleep(0.1)
    server.recv(1)
    server.close()
    lab.wire.wait_until_quiet()
    lab.sleep(0.5)


@scenario(
    "multipath-abort",
    "The client aborts a connection of Multipath TCP: a reset with MP_FASTCLOSE.",
    client="SYN_SENT ESTABLISHED CLOSED",
    server="SYN_RECV ESTABLISHED CLOSED",
    diagnoses=("D27",),
)
def multipath_abort(lab: Lab) -> None:
    client, _ = multipath(lab)
    reset_on_close(client)
    client.close()
    lab.until(client="CLOSED", server="CLOSED")
    lab.wire.wait_until_quiet()
