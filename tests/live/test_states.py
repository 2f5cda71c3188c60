"""Real connections on a real wire: wirestat says the same as ``ss`` at both ends."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.patience import wait_for

from .wire import SERVER, Record, Watch, Wire, needs_root, sh, watching

LISTEN = f"""
import socket, sys
listening = socket.create_server(("{SERVER}", 8080))
print("listening")
connection, _ = listening.accept()
for line in sys.stdin:
    if line == "read\\n": print(len(connection.recv(100000)))
    if line == "close\\n": connection.close()
"""
CONNECT = f"""
import socket, sys
connection = socket.socket()
for line in sys.stdin:
    if line == "connect\\n": connection.connect_ex(("{SERVER}", 8080))
    if line == "start\\n": connection.setblocking(False); connection.connect_ex(("{SERVER}", 8080))
    if line == "write\\n": connection.sendall(b"x" * 1000)
    if line == "close\\n": connection.close()
    print("done")
"""
SPELLED = {
    "SYN_SENT": "SYN-SENT",
    "ESTABLISHED": "ESTAB",
    "FIN_WAIT2": "FIN-WAIT-2",
    "CLOSE_WAIT": "CLOSE-WAIT",
    "TIME_WAIT": "TIME-WAIT",
}


@contextmanager
def ends(
    wire: Wire, *, serving: bool = True
) -> Iterator[tuple[subprocess.Popen[str], subprocess.Popen[str]]]:
    client, server = (
        wire.python(wire.client, CONNECT),
        wire.python(wire.server, LISTEN if serving else "input()"),
    )
    try:
        if serving:
            assert server.stdout is not None
            assert server.stdout.readline() == "listening\n"
        yield client, server
    finally:
        for end in (client, server):
            end.kill()
            end.communicate()


def tell(end: subprocess.Popen[str], word: str, *, answered: bool = True) -> None:
    assert end.stdin is not None
    assert end.stdout is not None
    end.stdin.write(f"{word}\n")
    end.stdin.flush()
    if answered:
        end.stdout.readline()


def agree(watch: Watch, wire: Wire, client: str, server: str) -> None:
    """Both wirestat and ss tell of these states."""

    def told(record: Record) -> bool:
        return bool(
            record["type"] == "transition"
            and (record["client"]["state"], record["server"]["state"]) == (client, server)
        )

    watch.until(told)
    expected = [{SPELLED[state]} if state in SPELLED else set() for state in (client, server)]

    def seen() -> list[set[str]]:
        return [wire.sockets(where, 8080) for where in (wire.client, wire.server)]

    wait_for(lambda: seen() == expected, lambda: f"ss says {seen()}, wirestat {client} and {server}")


@needs_root
def test_a_connection_from_its_first_packet_to_its_last(wire: Wire) -> None:
    for where, card in ((wire.client, "va"), (wire.server, "vb")):
        with watching(where, "-i", card, "tcp") as watch, ends(wire) as (client, server):
            tell(client, "connect")
            agree(watch, wire, "ESTABLISHED", "ESTABLISHED")
            tell(client, "write")
            tell(server, "read")
            tell(client, "close")
            agree(watch, wire, "FIN_WAIT2", "CLOSE_WAIT")
            tell(server, "close", answered=False)
            agree(watch, wire, "TIME_WAIT", "CLOSED")
            closed = watch.until(lambda record: record["type"] == "closed")
            assert closed["client"]["bytes"] == 1000
            assert watch.stop() == 0
            assert watch.interface["dropped"] == 0
            assert (
                watch.interface["received"] == watch.interface["frames"] == watch.report["summary"]["frames"]
            )
        sh(f"ip netns exec {wire.client} ss -K state time-wait")  # the next round has the same addresses
        wait_for(lambda: not wire.sockets(wire.client, 8080))


@needs_root
@pytest.mark.slow
def test_a_refused_connection(wire: Wire) -> None:
    with watching(wire.client, "-i", "va", "tcp") as watch, ends(wire, serving=False) as (client, _):
        tell(client, "connect")
        agree(watch, wire, "CLOSED", "CLOSED")
        finding = watch.until(lambda record: record["type"] == "finding")
        assert finding["id"] == "D02"


@needs_root
@pytest.mark.slow
def test_a_filtered_connection(wire: Wire) -> None:
    nft = f"ip netns exec {wire.server} nft"
    sh(f"{nft} add table inet f")
    sh(f"{nft} add chain inet f i {{ type filter hook input priority 0 ; }}")
    sh(f"{nft} add rule inet f i tcp dport 8080 drop")
    with watching(wire.client, "-i", "va", "tcp") as watch, ends(wire) as (client, _):
        tell(client, "start")
        agree(watch, wire, "SYN_SENT", "UNKNOWN")


@needs_root
@pytest.mark.slow
def test_the_interface_any_sees_all_interfaces_and_loopback_once(wire: Wire) -> None:
    talk = """
import socket
listening = socket.create_server(("127.0.0.1", 8080))
one = socket.create_connection(("127.0.0.1", 8080))
other, _ = listening.accept()
one.close(); other.close()
"""
    with watching(wire.client, "-i", "any", "tcp port 8080") as watch, ends(wire) as (client, _):
        tell(client, "connect")
        agree(watch, wire, "ESTABLISHED", "ESTABLISHED")
        wire.python(wire.client, talk).communicate()
        closed = watch.until(lambda record: record["type"] == "closed")
        assert closed["client"]["address"] == "127.0.0.1"
        watch.stop()
        assert watch.report["summary"]["duplicate_frames"] == 0
        assert watch.report["summary"]["connections"] == 2
