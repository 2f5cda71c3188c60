"""``count -i``: how many ends are in which state on a wire, now."""

from .tables import ended, started, until_shown
from .wire import SERVER, Wire, needs_root

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
    kinds: list[list[str]] = [
        [],
        ["--each", "1s", "--end", "server"],
        ["-Y", "port==1"],
        ["-f", "port 1", "-Z", "root"],
    ]
    counting = [started(wire.client, "count", "-i", "va", *more) for more in kinds]
    server = wire.python(wire.server, HOLD)
    assert server.stdout is not None
    server.stdout.readline()
    client = wire.python(wire.client, OPEN)
    assert client.stdout is not None
    client.stdout.readline()
    times: list[str] = []

    def is_counted(line: str) -> bool:
        time, *rest = line.split()
        times.extend([time] if rest == ["ESTABLISHED", "3"] else [])
        return len(times) == 2

    until_shown(counting[1], is_counted)
    once, again, none, filtered = (ended(process).splitlines() for process in counting)
    client.communicate("\n")
    server.communicate("\n")
    assert once == ["state client server", "ESTABLISHED 3 3"]
    assert none == filtered == ["state client server"]
    assert all(row.split()[1:] == ["ESTABLISHED", "3"] for row in again)
    assert times[0] != times[1], "each count has a time of its own"
