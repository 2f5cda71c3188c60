"""Packets that others capture on a real wire are tracked: each engine live, and packets handed over in Python."""

import subprocess
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.quick import some_quick

from .wire import (
    ENGINES,
    SERVER,
    Watch,
    Wire,
    needs_root,
    needs_tshark,
    server_on,
    tsharks,
    wait_for_end,
)

pytest.importorskip("scapy")
ANSWER = server_on(8080)
ASK = f"""
import socket
def ask():
    connection = socket.create_connection(("{SERVER}", 8080))
    connection.sendall(b"x" * 100)
    connection.recv(1)
    connection.close()
"""
CALLBACK = """
import wirestat
from scapy.all import TCP, AsyncSniffer, sniff
fins, acknowledged = {}, {}
def is_over(packet):
    tcp = packet[TCP]
    acknowledged[tcp.dport] = tcp.ack
    if "F" in tcp.flags:  # a busy host may send it again
        fins[tcp.sport] = tcp.seq + 1 & 0xFFFFFFFF
    return len(fins) == 2 and fins.items() <= acknowledged.items()
tracking = wirestat.Tracking()
options = dict(iface="va", prn=tracking, store=False, filter="tcp", started_callback=ask, stop_filter=is_over)
"""
SNIFF = "sniff(**options)\n"
SNIFF_BESIDE = "sniffer = AsyncSniffer(**options); sniffer.start(); sniffer.join()\n"
ASK_AGAIN_AND_AGAIN = f"""{ASK}
import threading, time
def ask_on():
    while True:
        time.sleep(0.2)
        ask()
threading.Thread(target=ask_on, daemon=True).start()
"""
TRACK = """
import pyshark, wirestat
capture = pyshark.LiveCapture("va", bpf_filter="tcp port 8080", custom_parameters=["-c", "40"])
report = wirestat.track(capture)
for connection in report.connections():
    print(connection.client.state, connection.server.state, connection.client.bytes)
print(report.summary.frames)
"""
TOLD = """
for connection in tracking.report().connections():
    print(connection.client.state, connection.server.state, connection.client.bytes)
"""


def answering(wire: Wire) -> subprocess.Popen[str]:
    server = wire.python(wire.server, ANSWER)
    assert server.stdout is not None
    assert server.stdout.readline() == "listening\n"
    return server


@needs_root
@pytest.mark.parametrize("engine", some_quick(ENGINES, each=3))
@pytest.mark.slow
def test_every_engine_tells_of_a_connection_on_the_wire(engine: str, wire: Wire) -> None:
    server = answering(wire)
    watch = Watch(wire.client, "-i", "va", "--engine", engine, "tcp port 8080")
    try:
        watch.wait_until_open()
        wire.python(wire.client, ASK + "ask()").communicate()
        closed = watch.until(lambda record: record["type"] == "closed")
    finally:
        code = watch.stop()
        server.kill()
        server.communicate()
    assert code == 0, watch.complaints
    assert (closed["client"]["state"], closed["server"]["state"]) == ("CLOSED", "TIME_WAIT")
    assert closed["client"]["bytes"] == 100
    assert watch.report["summary"]["connections"] == 1


def owner(process: int) -> str:
    """The user a process runs as; the same one in every sense of it."""
    status = Path(f"/proc/{process}/status").read_text()
    (users,) = {*next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]}
    return users


def rights(process: int) -> int:
    """The capabilities that a process has or may get by running a program."""
    status = Path(f"/proc/{process}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return int(fields["CapPrm"], 16) | int(fields["CapBnd"], 16)


@needs_root
@needs_tshark
@pytest.mark.parametrize("options", some_quick([[], ["-Z", "nobody"]], each=2))
@pytest.mark.slow
def test_dumpcap_captures_and_tshark_dissects_without_the_rights_of_root(
    options: list[str], wire: Wire
) -> None:
    server = answering(wire)
    watch = Watch(wire.client, "-i", "va", "--engine", "pyshark", *options, "tcp port 8080")
    try:
        watch.wait_until_open()
        wire.python(wire.client, ASK + "ask()").communicate()
        watch.until(lambda record: record["type"] == "closed")
        started = tsharks(watch)
        assert {name: owner(process) for name, process in started.items()} == {
            "dumpcap": "65534",
            "tshark": "65534",
        }
        assert rights(started["dumpcap"]) & ~(1 << 12 | 1 << 13) == 0
    finally:
        code = watch.stop()
        server.kill()
        server.communicate()
    assert code == 0, watch.complaints
    wait_for_end(started)
    assert watch.report["summary"]["connections"] == 1


@needs_root
@needs_tshark
def test_a_live_capture_of_pyshark_is_tracked_to_its_end(wire: Wire) -> None:
    pytest.importorskip("pyshark")
    server = answering(wire)
    tracking = wire.python(wire.client, ASK_AGAIN_AND_AGAIN + TRACK)
    try:
        told, _ = tracking.communicate(timeout=PATIENCE)
    finally:
        tracking.kill()
        server.kill()
        server.communicate()
    first, *_, frames = told.splitlines()
    assert (first, frames) == ("CLOSED TIME_WAIT 100", "40")


@needs_root
@pytest.mark.parametrize(
    "sniffed",
    some_quick([pytest.param(SNIFF, id="sniff"), pytest.param(SNIFF_BESIDE, id="AsyncSniffer")], each=2),
)
def test_sniffers_of_scapy_call_back(sniffed: str, wire: Wire) -> None:
    server = answering(wire)
    try:
        told, _ = wire.python(wire.client, ASK + CALLBACK + sniffed + TOLD).communicate(timeout=PATIENCE)
    finally:
        server.kill()
        server.communicate()
    assert told == "CLOSED TIME_WAIT 100\n"
