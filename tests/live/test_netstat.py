"""``netstat -i``: the table of this host from the wire, with what its kernel knows."""

from __future__ import annotations

import signal
import subprocess
import time

from .test_count import await_start
from .test_kernel import Ends
from .wire import COMMAND, PATIENCE, SERVER, Wire, needs_root


def started(wire: Wire, *options: str) -> subprocess.Popen[str]:
    command = ["ip", "netns", "exec", wire.server, *COMMAND, "netstat", "-v", "-i", "vb", "-tano", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    await_start(process)
    return process


@needs_root
def test_connections_of_this_host_have_programs_queues_and_timers(wire: Wire) -> None:
    ends = Ends(wire)
    ends.ask("connect")  # before any packet is captured
    ends.serve("accept")
    again, once = started(wire, "-p", "-c"), started(wire, "-e", "--local", SERVER)
    ends.ask("connect")
    ends.serve("accept")
    ends.ask("write")
    time.sleep(3.5)
    for process in (again, once):
        process.send_signal(signal.SIGINT)
    tables, table = (process.communicate(timeout=PATIENCE)[0] for process in (again, once))
    holder = str(ends.server.pid)
    ends.end()
    assert (again.returncode, once.returncode) == (0, 0)
    parts = tables.strip().split("\n\n")
    assert len(parts) >= 3, "one each second"
    heading, *lines = parts[-1].splitlines()
    assert heading.split()[-3:] == ["PID/Program", "name", "Timer"]
    rows = [line.split() for line in lines]
    assert [(row[1], row[2], row[5], row[6].split("/")[0]) for row in rows] == [
        ("100", "0", "ESTABLISHED", holder),  # bytes that the application has yet to read
        ("0", "0", "ESTABLISHED", holder),
        ("0", "16", "LISTEN", holder),
    ]
    assert all(row[3].startswith(f"{SERVER}:8080") for row in rows)
    assert all(row[7:] == ["off", "(0.00/0/0)"] for row in rows[:2])
    evidence = [line.split()[7] for line in table.splitlines()[1:]]
    assert evidence[1:] == ["kernel", "-"]
    assert evidence[0] in ("seen", "presumed")
