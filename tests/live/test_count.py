"""``count -i``: how many ends are in which state on a wire, now."""

import signal
import subprocess
import time

from .wire import COMMAND, PATIENCE, SERVER, Wire, needs_root

HOLD = f"""
import socket
listening = socket.create_server(("{SERVER}", 8082))
print("listening", flush=True)
held = [listening.accept()[0] for _ in range(3)]
input()
"""
OPEN = f"""
import socket
held = [socket.create_connection(("{SERVER}", 8082)) for _ in range(3)]
print("open", flush=True)
input()
"""


@needs_root
def test_connections_on_the_wire_now_are_counted(wire: Wire) -> None:
    command = ["ip", "netns", "exec", wire.client, *COMMAND, "count", "-v", "-i", "va"]
    kinds: list[list[str]] = [
        [],
        ["--each", "1s", "--end", "server"],
        ["-Y", "port==1"],
        ["-f", "port 1", "-Z", "root"],
    ]
    counting = [
        subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for more in kinds
    ]
    for process in counting:
        await_start(process)
    server = wire.python(wire.server, HOLD)
    assert server.stdout is not None
    server.stdout.readline()
    client = wire.python(wire.client, OPEN)
    assert client.stdout is not None
    client.stdout.readline()
    time.sleep(3)
    for process in counting:
        process.send_signal(signal.SIGINT)
    once, again, none, filtered = (
        process.communicate(timeout=PATIENCE)[0].splitlines() for process in counting
    )
    client.communicate("\n")
    server.communicate("\n")
    assert once == ["state client server", "ESTABLISHED 3 3"]
    assert none == filtered == ["state client server"]
    assert len(again) >= 2
    assert all(row.split()[1:] == ["ESTABLISHED", "3"] for row in again)
    assert len({row.split()[0] for row in again}) == len(again), "each count has a time of its own"


def await_start(process: subprocess.Popen[str]) -> None:
    """Wait until a process captures: it says so last of all."""
    assert process.stderr is not None
    assert any("sandbox" in line for line in process.stderr), "it never began"
