"""Trouble while capturing: a clear word, whole files, the report all the same, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import wirestat
from bench.traffic import write
from tests.patience import wait_for
from tests.quick import some_quick
from wirestat.capture import afpacket
from wirestat.capture.live import LiveSource
from wirestat.errors import UsageError

from .wire import (
    COMMAND,
    ENGINES,
    SERVER,
    Watch,
    Wire,
    needs_root,
    needs_tshark,
    server_on,
    sh,
    tsharks,
    wait_for_end,
    watching,
)

MANY = 60_000
"""Frames that do not fit into a ring of 2 MiB."""
BLAST = Path(__file__).parents[2] / "bench" / "blast.py"
TALK = server_on(8081)
ASK = f"""
import socket
for _ in range(COUNT):
    connection = socket.create_connection(("{SERVER}", 8081))
    connection.sendall(b"x" * 100)
    connection.close()
"""


def talk(wire: Wire, count: int) -> None:
    """Open and close this many connections."""
    server = wire.python(wire.server, TALK)
    assert server.stdout is not None
    server.stdout.readline()
    wire.python(wire.client, ASK.replace("COUNT", str(count))).communicate()
    server.kill()
    server.communicate()


@needs_root
@pytest.mark.slow
def test_an_interface_goes_down_and_up_again(wire: Wire) -> None:
    with watching(wire.client, "-i", "va", "tcp") as watch:
        talk(wire, 1)
        sh(f"ip -n {wire.client} link set va down")
        wait_for(lambda: "va is down; waiting for it to come up" in "\n".join(watch.complaints))
        sh(f"ip -n {wire.client} link set va up")
        talk(wire, 1)
        assert watch.stop() == 0
    assert watch.report["summary"]["connections"] == 2


@needs_root
def test_an_interface_vanishes(wire: Wire) -> None:
    with watching(wire.client, "-i", "va", "tcp") as watch:
        talk(wire, 1)
        sh(f"ip -n {wire.client} link del va")
        assert watch.end() == 3
    assert any("va is gone" in line for line in watch.complaints)
    assert watch.report["summary"]["connections"] == 1


@needs_root
def test_a_capture_goes_on_when_one_of_its_interfaces_vanishes(wire: Wire) -> None:
    sh(f"ip -n {wire.client} link add vc type veth peer name vd")
    sh(f"ip -n {wire.client} link set vc up")
    with watching(wire.client, "-i", "va", "-i", "vc", "tcp") as watch:
        sh(f"ip -n {wire.client} link del vc")
        wait_for(lambda: "vc is gone" in "\n".join(watch.complaints))
        talk(wire, 1)
        assert watch.stop() == 0
    assert watch.report["summary"]["connections"] == 1
    assert watch.report["captures"][0]["defects"] == ["vc is gone"]


@needs_root
def test_an_interface_vanishes_while_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    # The interface vanishes after its index was looked up.
    monkeypatch.setattr(afpacket, "_index", lambda _name: 2**31 - 1)
    with pytest.raises(UsageError, match="no such interface: lo"):
        LiveSource(["lo"])


@needs_root
@pytest.mark.slow
def test_a_full_disk_ends_it_with_a_whole_file(wire: Wire, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    sh(f"mount -t tmpfs -o size=64k none {disk}")
    try:
        with watching(wire.client, "-i", "va", "-Z", "root", "-w", str(disk / "x.pcapng"), "tcp") as watch:
            talk(wire, 100)
            assert watch.end() == 74
        assert any("no space left on device" in line for line in watch.complaints)
        assert watch.report["summary"]["frames"] > 200
        written = wirestat.analyze(disk / "x.pcapng")
        assert written.captures[0].error is None
        assert written.summary.frames > 100
    finally:
        sh(f"umount {disk}")


@needs_root
@pytest.mark.slow
def test_ring_pressure_is_reported_to_the_packet(wire: Wire, tmp_path: Path) -> None:
    write(tmp_path / "t.pcap", 200)
    with watching(wire.server, "-i", "vb", "-B", "2", "-q") as watch:
        watch.process.send_signal(signal.SIGSTOP)
        blast = [sys.executable, str(BLAST), "va", str(tmp_path / "t.pcap"), "100000", "0.5"]
        sent = 0
        while sent < MANY:
            inside = ["ip", "netns", "exec", wire.client, *blast]
            sent += int(subprocess.run(inside, capture_output=True, text=True, check=True).stdout.split()[1])
        watch.process.send_signal(signal.SIGCONT)
        assert watch.stop() == 0
    interface = watch.interface
    assert interface["dropped"] > 0
    assert interface["received"] - interface["dropped"] == interface["frames"]
    assert interface["received"] >= sent


@needs_root
@pytest.mark.parametrize("delay", some_quick([0.0, 0.02, 0.1, 0.5], each=4))
def test_sigterm_at_any_moment(wire: Wire, delay: float, tmp_path: Path) -> None:
    server = wire.python(wire.server, TALK)
    assert server.stdout is not None
    server.stdout.readline()
    try:
        with watching(wire.client, "-i", "va", "-w", str(tmp_path / "x.pcapng"), "tcp") as watch:
            client = wire.python(wire.client, ASK.replace("COUNT", "1000000"))
            time.sleep(delay)
            watch.process.send_signal(signal.SIGTERM)
            client.kill()
            client.communicate()
            assert watch.end() == 0
    finally:
        server.kill()
        server.communicate()
    written = wirestat.analyze(tmp_path / "x.pcapng")
    assert written.captures[0].error is None
    assert written.summary.frames == watch.report["summary"]["frames"]


@needs_root
def test_files_begun_in_turn_are_whole_and_hold_the_counts(wire: Wire, tmp_path: Path) -> None:
    rotation = ["-Z", "root", "-w", str(tmp_path / "x.pcapng"), "-C", "20k", "-W", "50"]
    with watching(wire.client, "-i", "va", *rotation, "tcp") as watch:
        talk(wire, 100)
        assert watch.stop() == 0
    files = sorted(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    written = [wirestat.analyze(path).captures[0] for path in files]
    assert len(files) > 3
    assert [capture.error for capture in written] == [None] * len(files)
    assert sum(capture.frames for capture in written) == watch.report["summary"]["frames"]
    assert all(interface.dropped == 0 for capture in written for interface in capture.interfaces)
    joined = wirestat.analyze(*files)
    assert joined.summary.connections == watch.report["summary"]["connections"] == 100


@needs_root
@needs_tshark
@pytest.mark.slow
def test_tshark_killed_from_outside(wire: Wire) -> None:
    watch = Watch(wire.client, "-i", "va", "--engine", "pyshark", "tcp")
    watch.wait_until_open()
    talk(wire, 1)
    watch.until(lambda record: record["type"] == "closed")
    started = tsharks(watch)
    os.kill(started["tshark"], signal.SIGKILL)
    assert watch.end() == 3
    assert any("tshark was killed (SIGKILL)" in line for line in watch.complaints)
    assert watch.report["summary"]["connections"] == 1
    wait_for_end(started)


@needs_root
@needs_tshark
@pytest.mark.slow
def test_no_tshark_outlives_a_wirestat_that_is_killed(wire: Wire) -> None:
    watch = Watch(wire.client, "-i", "va", "--engine", "pyshark", "tcp")
    watch.wait_until_open()
    started = tsharks(watch)
    watch.stop(signal.SIGKILL)
    wait_for_end(started)


@needs_root
@pytest.mark.slow
def test_a_signal_asks_for_a_report_in_between(wire: Wire) -> None:
    with watching(wire.client, "-i", "va", "tcp") as watch:
        talk(wire, 1)
        watch.until(lambda record: record["type"] == "closed")
        watch.process.send_signal(signal.SIGUSR1)
        report = watch.until(lambda record: record["type"] == "report")
        assert report["summary"]["connections"] == 1
        assert watch.process.poll() is None


def users(process: int) -> set[str]:
    """The user ids of a process: real, effective, saved, and of the file system."""
    status = Path(f"/proc/{process}/status").read_text()
    return set(next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:])


@needs_root
def test_privileges_are_dropped_before_a_packet_is_seen(wire: Wire) -> None:
    with watching(wire.client, "-i", "va", "-Z", "nobody", "tcp") as watch:
        # The socket is open first, then everything is loaded that nobody else may read, then rights are given up.
        wait_for(lambda: users(watch.process.pid) == {"65534"})
        talk(wire, 1)
        assert watch.stop() == 0
    assert watch.report["summary"]["connections"] == 1


@needs_root
@pytest.mark.parametrize("engine", some_quick(ENGINES, each=3))
def test_without_privilege_the_command_that_helps_is_named(engine: str) -> None:
    # Only the right to capture is taken away: the interpreter may lie where nobody else may look.
    powerless = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"]
    command = [*COMMAND, "live", "-i", "lo", "--engine", engine]
    done = subprocess.run([*powerless, *command], capture_output=True, text=True)
    assert done.returncode == 4
    assert "permission denied" in done.stderr
    assert "hint: it takes root or CAP_NET_RAW: sudo " in done.stderr
    assert f"live -i lo --engine {engine}\n" in done.stderr
    assert "setcap" not in done.stderr
