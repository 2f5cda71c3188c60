"""Two network namespaces joined by a wire, and wirestat watching it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE, wait_for

CLIENT, SERVER = "10.99.0.1", "10.99.0.2"
COMMAND = [sys.executable, "-m", "wirestat"]
Record = dict[str, Any]


def obstacle() -> str | None:
    """The reason why tests on a wire are impossible here."""
    if not sys.platform.startswith("linux"):
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root"
    if not shutil.which("ip"):
        return "needs ip"
    name = f"wirestat-try-{os.getpid()}"  # tests run in parallel
    done = subprocess.run(["ip", "netns", "add", name], capture_output=True)
    subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return None if done.returncode == 0 else "network namespaces are not allowed"


OBSTACLE = obstacle()


needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="there is no tshark here")
ENGINES = ["native", "scapy", pytest.param("pyshark", marks=needs_tshark)]


def needs_root(test: Any) -> Any:
    """Mark a test that works on a real wire."""
    skip = pytest.mark.skipif(OBSTACLE is not None, reason=f"no wire: {OBSTACLE}")
    return pytest.mark.root(skip(test))


def server_on(port: int) -> str:
    """Return a program that says when it listens, and closes each connection that has sent something."""
    return f"""
import socket
listening = socket.create_server(("{SERVER}", {port}))
print("listening")
while True:
    connection, _ = listening.accept()
    connection.recv(100)
    connection.close()
"""


class Wire:
    """The namespaces; ``va`` is the client's end of the wire, ``vb`` the server's."""

    def __init__(self) -> None:
        number = os.getpid()
        self.client, self.server = f"wirestat-{number}-a", f"wirestat-{number}-b"

    def lay(self) -> None:
        self.remove()  # left by a killed process with the same pid
        for name in (self.client, self.server):
            sh(f"ip netns add {name}")
            sh(f"ip -n {name} link set lo up")
        sh(f"ip link add va netns {self.client} type veth peer name vb netns {self.server}")
        for name, card, address in ((self.client, "va", CLIENT), (self.server, "vb", SERVER)):
            sh(f"ip -n {name} addr add {address}/24 dev {card}")
            sh(f"ip -n {name} link set {card} up")

    def remove(self) -> None:
        for name in (self.client, self.server):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    def python(self, where: str, script: str) -> subprocess.Popen[str]:
        """Run a script at one end; it is told what to do line by line."""
        return subprocess.Popen(
            ["ip", "netns", "exec", where, sys.executable, "-u", "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def sockets(self, where: str, port: int) -> set[str]:
        """Return the states that ss shows for the connections of a port, without listeners."""
        command = f"ip netns exec {where} ss -tanH ( sport = :{port} or dport = :{port} )"
        lines = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True).stdout
        return {line.split()[0] for line in lines.splitlines()} - {"LISTEN"}


class Watch:
    """``wirestat live`` in a namespace, or in our own, its lines read as they come."""

    def __init__(self, where: str, *options: str) -> None:
        self.cards = options.count("-i")
        inside = ["ip", "netns", "exec", where] if where else []
        command = [*inside, *COMMAND, "live", "-v", "--format", "ndjson", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.records: list[Record] = []
        self._queue: queue.Queue[Record | None] = queue.Queue()
        self.complaints: list[str] = []
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._listen)]
        for thread in self._threads:
            thread.start()

    def wait_until_open(self) -> None:
        """Wait until wirestat captures on each interface: earlier packets are missing from the capture.

        With ``-v`` it reports the rights that it gave up once its sockets are open; dumpcap opens one after that.
        """

        def is_open() -> bool:
            assert self.process.poll() is None, "it has ended"
            listed = Path(f"/proc/{self.process.pid}/net/packet").read_text().splitlines()
            # The kernel's list of packet sockets in that namespace: the protocol is there once one is bound.
            bound = sum(line.split()[3] == "0003" for line in listed[1:])
            return bound >= self.cards and any("sandbox" in line for line in self.complaints)

        wait_for(is_open, lambda: f"wirestat does not capture: {self.complaints}")

    def until(self, wanted: Callable[[Record], bool]) -> Record:
        """Return the next wanted record, among those that no earlier call has read."""
        with contextlib.suppress(queue.Empty):
            while (record := self._queue.get(timeout=PATIENCE)) is not None:
                if wanted(record):
                    return record
        raise AssertionError(f"never told; told: {self.records[-5:]}; {self.complaints}")

    def asked(self, kind: str, wanted: Callable[[Record], bool]) -> Record:
        """Request reports until one has a wanted record of this type; return that record."""
        found: list[Record] = []

        def is_told() -> bool:
            assert self.process.poll() is None, self.complaints
            seen = len(self.records)
            self.process.send_signal(signal.SIGUSR1)
            time.sleep(0.25)  # the kernel is asked once a second
            found.extend(one for one in self.records[seen:] if one["type"] == kind and wanted(one))
            return bool(found)

        wait_for(is_told, lambda: f"never told; told: {self.records[-5:]}; {self.complaints}")
        return found[-1]

    def stop(self, number: int = signal.SIGINT, seconds: float = PATIENCE) -> int:
        """Ask for the end; return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.end(seconds)

    def end(self, seconds: float = PATIENCE) -> int:
        """Wait for the end; return the exit code."""
        try:
            code = self.process.wait(seconds)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            for thread in self._threads:
                thread.join(5)
            for pipe in (self.process.stdout, self.process.stderr):
                if pipe is not None:
                    pipe.close()
        return code

    @property
    def report(self) -> Record:
        """The last report that was printed."""
        return [record for record in self.records if record["type"] == "report"][-1]

    @property
    def interface(self) -> Record:
        """The interface in the last report."""
        interface: Record = self.report["captures"][0]["interfaces"][0]
        return interface

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            record = json.loads(line)
            self.records.append(record)
            self._queue.put(record)
        self._queue.put(None)

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.complaints.append(line.rstrip())


@contextlib.contextmanager
def watching(where: str, *options: str) -> Iterator[Watch]:
    watch = Watch(where, *options)
    try:
        watch.wait_until_open()
        yield watch
    finally:
        if watch.process.poll() is None:
            watch.stop()


def sh(command: str) -> None:
    subprocess.run(shlex.split(command), check=True, capture_output=True)


def children(parent: int) -> dict[str, int]:
    """The processes that a process has started, by name."""
    command = ["ps", "-o", "comm=,pid=", "--ppid", str(parent)]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return {name: int(number) for name, number in map(str.split, lines)}


def tsharks(watch: Watch) -> dict[str, int]:
    """The processes of the engine pyshark, once both run: tshark is started after dumpcap has opened its socket."""
    wait_for(lambda: {"tshark", "dumpcap"} <= set(children(watch.process.pid)), lambda: watch.complaints)
    return {
        name: number for name, number in children(watch.process.pid).items() if name in ("tshark", "dumpcap")
    }


def wait_for_end(started: dict[str, int]) -> None:
    """Wait until processes are gone."""
    wait_for(
        lambda: not any(Path(f"/proc/{number}").exists() for number in started.values()), lambda: started
    )
