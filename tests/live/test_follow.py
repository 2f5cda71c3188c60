"""Files that tcpdump and dumpcap are writing: followed from one to the next, and nothing lost between them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.patience import wait_for
from tests.quick import some_quick

from .wire import Watch, Wire, needs_root

CONNECTIONS = 30
TALK = f"""
import socket, threading, time
listening = socket.create_server(("127.0.0.1", 8080))
def serve():
    while True:
        connection, _ = listening.accept()
        while connection.recv(65536): pass
        connection.close()
threading.Thread(target=serve, daemon=True).start()
for _ in range({CONNECTIONS}):
    with socket.create_connection(("127.0.0.1", 8080)) as connection:
        connection.sendall(bytes(100000))
    time.sleep(PAUSE)
"""
TCPDUMP = ["tcpdump", "-i", "lo", "-U", "-B", "32768", "-Z", "root", "-w"]
DUMPCAP = ["dumpcap", "-q", "-i", "lo", "-B", "32", "-b", "filesize:1000", "-w", "t.pcapng"]


@needs_root
@pytest.mark.parametrize(
    ("command", "pause"),
    some_quick(
        [
            pytest.param([*TCPDUMP, "t.pcap", "-C", "1"], 0, id="size"),
            pytest.param([*TCPDUMP, "t.pcap", "-C", "1", "-W", "8"], 0, id="ring"),
            pytest.param(
                [*TCPDUMP, "t-%H%M%S.pcap", "-G", "1"], 0.05, id="time"
            ),  # longer than a second in all
            pytest.param(DUMPCAP, 0, id="pcapng"),
        ],
        each=3,
    ),
)
def test_a_rotation_is_followed_while_it_is_written(
    command: list[str], pause: float, wire: Wire, tmp_path: Path
) -> None:
    if not shutil.which(command[0]):
        pytest.skip(f"there is no {command[0]} here")
    tmp_path.chmod(0o777)
    for above in tmp_path.parents:
        above.chmod(above.stat().st_mode | 0o011)
    inside = ["ip", "netns", "exec", wire.client]
    writing = subprocess.Popen([*inside, *command], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: any(path.stat().st_size for path in tmp_path.glob("t*")))
        begun = min(path for path in tmp_path.glob("t*") if path.stat().st_size)
        watch = Watch(wire.client, "--follow", str(begun))
        try:
            wire.python(wire.client, TALK.replace("PAUSE", str(pause))).communicate()
            for _ in range(CONNECTIONS):
                watch.until(lambda record: record["type"] == "closed")
        finally:
            code = watch.stop()
        assert code == 0, watch.complaints
        assert watch.report["summary"]["connections"] == CONNECTIONS
        assert len(watch.report["captures"]) > 1
        assert all(capture["error"] is None for capture in watch.report["captures"])
    finally:
        writing.terminate()
        writing.wait()
