"""Files that tcpdump and dumpcap are writing: followed from one to the next, and nothing lost between them."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from .wire import PATIENCE, Watch, Wire, needs_root

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
    time.sleep(0.1)
"""
TCPDUMP = ["tcpdump", "-i", "lo", "-U", "-Z", "root", "-w"]


@needs_root
@pytest.mark.parametrize(
    "command",
    [
        [*TCPDUMP, "t.pcap", "-C", "1"],
        [*TCPDUMP, "t.pcap", "-C", "1", "-W", "8"],
        [*TCPDUMP, "t-%H%M%S.pcap", "-G", "1"],
        ["dumpcap", "-q", "-i", "lo", "-b", "filesize:1000", "-w", "t.pcapng"],
    ],
    ids=["size", "ring", "time", "pcapng"],
)
def test_a_row_of_files_is_followed_while_it_is_written(
    command: list[str], wire: Wire, tmp_path: Path
) -> None:
    if not shutil.which(command[0]):
        pytest.skip(f"there is no {command[0]} here")
    tmp_path.chmod(0o777)
    tmp_path.parent.chmod(0o755)
    inside = ["ip", "netns", "exec", wire.client]
    writing = subprocess.Popen([*inside, *command], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        while not (begun := sorted(path for path in tmp_path.glob("t*") if path.stat().st_size)):
            assert time.monotonic() < deadline, "nothing is written"
            time.sleep(0.05)
        watch = Watch(wire.client, "--follow", str(begun[0]))
        try:
            wire.python(wire.client, TALK).communicate()
            for _ in range(CONNECTIONS):
                watch.until(lambda record: record["type"] == "closed", seconds=PATIENCE)
        finally:
            code = watch.stop()
        assert code == 0, watch.complaints
        assert watch.report["summary"]["connections"] == CONNECTIONS
        assert len(watch.report["captures"]) > 1
        assert all(capture["error"] is None for capture in watch.report["captures"])
    finally:
        writing.terminate()
        writing.wait()
