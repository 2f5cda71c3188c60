"""The kernel as a second witness, on real kernels: every state held, programs, and what is dropped behind the tap.

``tests/report/test_kernel.py`` and ``tests/diagnosis/test_testified.py`` have a kernel say the same without a wire.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE, wait_for

from .tables import ended, started, until_shown
from .wire import COMMAND, SERVER, Record, Watch, Wire, children, needs_root, sh, watching

HOLDS = f"""
import socket, sys
listening = socket.create_server(("{SERVER}", 8080), backlog=int(sys.argv[1]) if len(sys.argv) > 1 else 16)
print("listening")
held = []
for line in sys.stdin:
    if line == "accept\\n": held.append(listening.accept()[0])
    if line == "close\\n": held[-1].close()
    if line == "half\\n": held[-1].shutdown(socket.SHUT_WR)
    if line == "vanish\\n": held[-1].setsockopt(socket.IPPROTO_TCP, 19, 1); held[-1].close()  # TCP_REPAIR: in silence
    print("done")
"""
CONNECTS = f"""
import socket, struct, sys
held = []
for line in sys.stdin:
    if line == "connect\\n":
        one = socket.socket(); one.settimeout(2); one.connect_ex(("{SERVER}", 8080)); held.append(one)
    if line == "begin\\n":
        one = socket.socket(); one.setblocking(False); one.connect_ex(("{SERVER}", 8080)); held.append(one)
    if line == "write\\n": held[-1].sendall(b"x" * 100)
    if line == "close\\n": held[-1].close()
    if line == "reset\\n":
        held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); held[-1].close()
    print("done")
"""
TABLE = ["live", "--every", "1s"]
Told = Callable[..., None]


class Ends:
    """The programs at both ends, which take orders line by line."""

    def __init__(self, wire: Wire, backlog: int = 16) -> None:
        self.server = wire.python(
            wire.server, HOLDS.replace("sys.argv[1]", f"'{backlog}'").replace("len(sys.argv) > 1", "True")
        )
        assert self.server.stdout is not None
        assert self.server.stdout.readline() == "listening\n"
        self.client = wire.python(wire.client, CONNECTS)

    def serve(self, word: str) -> None:
        tell(self.server, word)

    def ask(self, word: str) -> None:
        tell(self.client, word)

    def end(self) -> None:
        for process in (self.client, self.server):
            process.kill()
            process.communicate()


@pytest.fixture
def no_cookies(wire: Wire) -> None:
    sh(f"ip netns exec {wire.server} sysctl -qw net.ipv4.tcp_syncookies=0")


def tell(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    process.stdout.readline()


def drop(wire: Wire, where: str, hook: str, what: str) -> None:
    """Have a host's firewall drop packets; a tap on its interface still sees those that come in."""
    nft = f"ip netns exec {where} nft"
    sh(f"{nft} add table inet f")
    sh(f"{nft} add chain inet f {hook} {{ type filter hook {hook} priority 0 ; }}")
    sh(f"{nft} add rule inet f {hook} {what} drop")


def until_agreed(watch: Watch, *states: str, times: int = 1) -> None:
    """Wait until the kernel and the wire have agreed ``times`` times on an end in each of these states."""

    def has_agreed(told: Record) -> bool:
        return all(told["agreement"].get(state, {"agreed": 0})["agreed"] >= times for state in states)

    watch.asked("kernel", has_agreed)


def until_certain(watch: Watch, id: str) -> None:
    """Wait until a finding is certain."""
    watch.asked("finding", lambda found: (found["id"], found["confidence"]) == (id, "certain"))


def said_at_the_end(watch: Watch) -> Record:
    """End the capture, and return its last record of the kernel."""
    assert watch.stop() == 0
    return [record for record in watch.records if record["type"] == "kernel"][-1]


def differences(told: Record) -> list[tuple[str, str, str | None]]:
    return [(one["side"], one["wire"], one["kernel"]) for one in told["differences"]]


def finding(watch: Watch, id: str) -> dict[str, Any]:
    found = [record for record in watch.records if record["type"] == "finding" and record["id"] == id]
    assert found, [record["id"] for record in watch.records if record["type"] == "finding"]
    return found[-1]


@needs_root
@pytest.mark.slow
def test_the_kernel_agrees_on_lasting_states_and_names_the_program(wire: Wire) -> None:
    with watching(wire.server, "-i", "vb", "--check", "tcp") as watch:
        ends = Ends(wire)
        ends.ask("connect")
        ends.serve("accept")
        until_agreed(watch, "ESTABLISHED")
        ends.serve("half")
        until_agreed(watch, "FIN_WAIT2")
        ends.ask("connect")
        ends.serve("accept")
        ends.ask("close")
        until_agreed(watch, "CLOSE_WAIT")
        told = said_at_the_end(watch)
        pid = ends.server.pid
        ends.end()
    agreed = {state: score for state, score in told["agreement"].items() if score["agreed"]}
    assert {"ESTABLISHED", "FIN_WAIT2", "CLOSE_WAIT"} <= set(agreed)
    assert all(score["differed"] == {} for score in told["agreement"].values())
    assert told["differences"] == []
    holders = [record["server_process"] for record in watch.records if record["type"] == "transition"]
    assert {holder["pid"] for holder in holders if holder} == {pid}
    assert {holder["user"] for holder in holders if holder} == {"root"}


@needs_root
@pytest.mark.slow
def test_the_kernel_agrees_on_time_wait_and_syn_sent_at_the_client(wire: Wire) -> None:
    with watching(wire.client, "-i", "va", "--check", "tcp") as watch:
        ends = Ends(wire)
        ends.ask("connect")
        ends.serve("accept")
        ends.ask("close")
        ends.serve("close")
        drop(wire, wire.server, "input", "tcp dport 8080")
        ends.ask("begin")
        until_agreed(watch, "TIME_WAIT", "SYN_SENT")
        said_at_the_end(watch)
        ends.end()


ACKS = "tcp dport 8080 tcp flags & (syn|ack|fin|rst) == ack"
HELD = {
    "SYN_RECV": ("server", (("client", "output", ACKS),), ("ask connect",)),
    "FIN_WAIT1": (
        "client",
        (("server", "input", "tcp flags & fin == fin"),),
        ("ask connect", "serve accept", "ask close"),
    ),
    "CLOSING": (
        "client",
        (("server", "input", "tcp flags & fin == fin"),),
        ("ask connect", "serve accept", "ask close", "serve close"),
    ),
    "LAST_ACK": (
        "server",
        (("client", "input", "tcp sport 8080 tcp flags & fin == fin"),),
        ("ask connect", "serve accept", "ask close", "serve close"),
    ),
}
"""Short-lived states that a lost packet holds: the end, the drops, and the orders to both ends."""


@needs_root
@pytest.mark.slow
@pytest.mark.parametrize("state", HELD)
def test_the_kernel_agrees_on_short_lived_states_held_by_a_loss(
    state: str, wire: Wire, no_cookies: None
) -> None:
    end, drops, doings = HELD[state]
    ends = Ends(wire)
    where, card = (wire.client, "va") if end == "client" else (wire.server, "vb")
    with watching(where, "-i", card, "--check", "tcp") as watch:
        for host, hook, what in drops:
            drop(wire, getattr(wire, host), hook, what)
        for doing in doings:
            who, word = doing.split()
            (ends.ask if who == "ask" else ends.serve)(word)
        until_agreed(watch, state, times=2)
        told = said_at_the_end(watch)
        ends.end()
    score = told["agreement"][state]
    assert score["agreed"] >= 2
    assert score["differed"] == {}
    (socket,) = told["sockets"]
    assert (socket["side"], socket["state"]) == (end, state)
    if state != "SYN_RECV":  # it sends its FIN again and again
        assert socket["timer"] == "retransmission"
        assert socket["due_ns"] > socket["since_ns"]


@needs_root
@pytest.mark.slow
def test_a_handshake_the_server_never_took_is_certain(wire: Wire, no_cookies: None) -> None:
    drop(wire, wire.server, "input", ACKS)
    with watching(wire.server, "-i", "vb", "--check", "tcp") as watch:
        ends = Ends(wire)
        ends.ask("connect")
        ends.ask("write")
        until_certain(watch, "D06")
        said_at_the_end(watch)
        ends.end()
    found = finding(watch, "D06")
    assert (found["confidence"], found["doubts"]) == ("certain", [])
    assert "The kernel has it in SYN_RECV" in found["explanation"]


@needs_root
@pytest.mark.slow
def test_a_connection_that_this_host_has_forgotten_is_certain(wire: Wire) -> None:
    with watching(wire.server, "-i", "vb", "--check", "tcp") as watch:
        ends = Ends(wire)
        ends.ask("connect")
        ends.serve("accept")
        ends.ask("write")
        until_agreed(watch, "ESTABLISHED")
        ends.serve("vanish")
        watch.asked("kernel", lambda told: ("server", "ESTABLISHED", None) in differences(told))
        ends.ask("write")
        until_certain(watch, "D07")
        said_at_the_end(watch)
        ends.end()
    found = finding(watch, "D07")
    assert (found["confidence"], found["fault"]) == ("certain", "server")
    assert "The kernel has no socket for the server's end: it forgot the connection." in found["explanation"]


@needs_root
@pytest.mark.slow
def test_a_reset_that_is_dropped_behind_the_tap_leaves_a_half_open_connection(wire: Wire) -> None:
    drop(wire, wire.server, "input", "tcp flags & rst == rst")
    with watching(wire.server, "-i", "vb", "--check", "tcp") as watch:
        ends = Ends(wire)
        ends.ask("connect")
        ends.serve("accept")
        ends.ask("write")
        until_agreed(watch, "ESTABLISHED")
        ends.ask("reset")
        watch.until(lambda record: record["type"] == "disagreement")
        told = said_at_the_end(watch)
        ends.end()
    assert ("server", "CLOSED", "ESTABLISHED") in differences(told)
    assert "half-open" in told["differences"][0]["explanation"]
    (opened,) = [record for record in watch.records if record["type"] == "disagreement"]
    assert (opened["change"], opened["wire"], opened["kernel"]) == ("opened", "CLOSED", "ESTABLISHED")


@needs_root
@pytest.mark.slow
def test_a_full_accept_queue_is_certain(wire: Wire, no_cookies: None) -> None:
    with watching(wire.server, "-i", "vb", "--check", "tcp") as watch:
        ends = Ends(wire, backlog=0)
        for _ in range(2):
            ends.ask("connect")
        until_certain(watch, "D01")
        said_at_the_end(watch)
        ends.end()
    found = finding(watch, "D01")
    assert (found["confidence"], found["fault"]) == ("certain", "server")
    assert f"{SERVER}:8080 holds 1 of 0, which is full" in found["explanation"]


@needs_root
@pytest.mark.slow
def test_syn_cookies_are_distinguished_from_a_socket_in_syn_recv(wire: Wire) -> None:
    sh(f"ip netns exec {wire.server} sysctl -qw net.ipv4.tcp_syncookies=2")
    drop(wire, wire.client, "output", "tcp dport 8080 tcp flags & (syn|ack) == ack")
    with watching(wire.server, "-i", "vb", "--check", "tcp") as watch:
        ends = Ends(wire)
        ends.ask("connect")
        watch.asked("kernel", has_cookies)
        said_at_the_end(watch)
        ends.end()


def has_cookies(told: Record) -> bool:
    """Tell whether a SYN_RECV on the wire, for which the kernel has no socket, is attributed to SYN cookies."""
    explained = any("SYN cookies" in one["explanation"] for one in told["differences"])
    return explained or bool(told["agreement"].get("CLOSED", {}).get("left_open", 0))


@needs_root
@pytest.mark.slow
def test_a_fin_that_the_hosts_own_firewall_drops_changes_no_state(wire: Wire) -> None:
    drop(wire, wire.server, "input", "tcp flags & fin == fin")
    with watching(wire.server, "-i", "vb", "--check", "tcp") as watch:
        ends = Ends(wire)
        ends.ask("connect")
        ends.serve("accept")
        ends.ask("close")
        before = watch.asked("kernel", lambda _told: True)["agreement"].get("ESTABLISHED", {"agreed": 0})
        until_agreed(watch, "ESTABLISHED", times=before["agreed"] + 2)
        told = said_at_the_end(watch)
        ends.end()
    assert told["agreement"]["ESTABLISHED"]["differed"] == {}


@needs_root
@pytest.mark.slow
def test_a_syn_dropped_by_the_hosts_own_firewall_is_reported_as_such(wire: Wire) -> None:
    drop(wire, wire.server, "input", "tcp dport 8080")
    with watching(wire.server, "-i", "vb", "--check", "tcp") as watch:
        ends = Ends(wire)
        ends.ask("connect")
        until_certain(watch, "D01")
        said_at_the_end(watch)
        ends.end()
    found = finding(watch, "D01")
    assert (found["confidence"], found["fault"]) == ("certain", "server")
    assert "firewall" in found["explanation"]


@needs_root
@pytest.mark.slow
def test_the_kernel_fills_in_a_state_unknown_on_the_wire(wire: Wire) -> None:
    ends = Ends(wire)
    ends.ask("connect")
    ends.serve("accept")
    live = started(wire.server, *TABLE, "-i", "vb", "--state", "all")
    ends.ask("write")
    until_shown(live, lambda line: f"{SERVER}:8080" in line and f"{ends.server.pid}/python" in line)
    told = ended(live)
    ends.end()
    last = [line for line in told.splitlines() if f"{SERVER}:8080" in line][-1]
    assert "UNKNOWN" not in last
    assert f"{ends.server.pid}/python" in last


@needs_root
@pytest.mark.slow
def test_connections_from_before_the_capture_are_told_by_the_kernel(wire: Wire) -> None:
    ends = Ends(wire)
    ends.ask("connect")
    ends.serve("accept")
    ends.ask("close")
    wait_for(lambda: wire.sockets(wire.server, 8080) == {"CLOSE-WAIT"})
    live = started(wire.server, *TABLE, "-i", "vb", "-a")
    pid = ends.server.pid
    until_shown(live, lambda line: f"kernel; {pid}/python" in line)
    told = ended(live)
    ends.end()
    assert "1 connection that only the kernel tells of" in told
    assert "CLOSE_WAIT" in told
    assert f"kernel; {pid}/python" in told


@needs_root
def test_json_has_the_record_of_the_kernel(wire: Wire) -> None:
    ends = Ends(wire)
    for _ in range(2):
        ends.ask("connect")
        ends.serve("accept")
    pid = ends.server.pid
    with watching(wire.server, "-i", "vb", "-a") as watch:
        ends.ask("write")  # by the younger of them
        told = watch.asked("kernel", lambda told: any(one["recv_q"] == 100 for one in told["sockets"]))
    command = ["ip", "netns", "exec", wire.server, *COMMAND, "live", "-i", "vb", "-a", "--format", "json"]
    done = subprocess.run([*command, "--duration", "1s"], capture_output=True, check=True, timeout=PATIENCE)
    ends.end()
    assert json.loads(done.stdout)["kernel"].keys() == told.keys() - {"type"}
    known = {socket["connection"]: socket for socket in told["sockets"]}
    assert set(known) == {None, 1}
    assert (known[1]["side"], known[1]["state"], known[1]["recv_q"]) == ("server", "ESTABLISHED", 100)
    assert {socket["process"]["pid"] for socket in told["sockets"]} == {pid}


@needs_root
@pytest.mark.slow
def test_the_process_that_asks_the_kernel_is_nobody_and_may_only_read_processes(wire: Wire) -> None:
    with watching(wire.server, "-i", "vb", "tcp") as watch:
        (asking,) = children(watch.process.pid).values()
        wait_for(lambda: status_of(asking)["Seccomp"].strip() == "2")
        status = status_of(asking)
        held = list(Path(f"/proc/{asking}/fd").iterdir())
        assert watch.stop() == 0
    assert set(status["Uid"].split()) == {"65534"}
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 1 << 2 | 1 << 19
    assert status["NoNewPrivs"].strip() == "1"
    assert len(held) == 2  # the pipe, and the way to ask the kernel: no packet, no terminal
    assert not Path(f"/proc/{asking}").exists()


def status_of(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


@needs_root
def test_the_option_no_kernel_starts_no_asking_process(wire: Wire) -> None:
    with watching(wire.server, "-i", "vb", "--no-kernel", "tcp") as watch:
        assert children(watch.process.pid) == {}
        assert watch.stop() == 0
    assert not any(record["type"] == "kernel" for record in watch.records)


@needs_root
@pytest.mark.slow
def test_another_namespace_is_asked_as_well(wire: Wire) -> None:
    ends = Ends(wire)
    ends.ask("connect")
    ends.serve("accept")
    live = started(wire.client, *TABLE, "-i", "va", "-a", "--netns", str(ends.server.pid))
    until_shown(live, lambda line: "2 connections that only the kernel tells of" in line)
    ended(live)
    ends.end()
    command = ["ip", "netns", "exec", wire.client, *COMMAND, "live", "-i", "va", "--netns", "nowhere"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
