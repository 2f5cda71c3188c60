"""``netstat -i``: the table of this host from the wire, with what its kernel knows."""

from __future__ import annotations

from .tables import ended, started, until_shown
from .test_kernel import Ends
from .wire import SERVER, Wire, needs_root

TABLE = ["netstat", "-i", "vb", "-tano"]


@needs_root
def test_connections_of_this_host_have_programs_queues_and_timers(wire: Wire) -> None:
    ends = Ends(wire)
    ends.ask("connect")  # before any packet is captured
    ends.serve("accept")
    again, once = (
        started(wire.server, *TABLE, "-p", "-c"),
        started(wire.server, *TABLE, "-e", "--local", SERVER),
    )
    ends.ask("connect")
    ends.serve("accept")
    ends.ask("write")
    holder = str(ends.server.pid)
    # The kernel's record of the connection from before, and of the bytes that wait, each in two tables.
    for _ in range(2):
        until_shown(again, lambda line: " 100 " in line and holder in line)
    until_shown(once, lambda line: line.split()[7:8] == ["kernel"], asking=True)
    tables, table = ended(again), ended(once)
    ends.end()
    parts = tables.strip().split("\n\n")
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
    evidence = [line.split()[7] for line in table.splitlines()[-3:]]
    assert evidence[1:] == ["kernel", "-"]
    assert evidence[0] in ("seen", "presumed")
