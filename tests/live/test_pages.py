"""The commands that the pages give for live capture are executed, on interfaces of the names that they use."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.traffic import write
from tests.documents import ROOT, blocks
from tests.examples import examples
from tests.patience import PATIENCE
from tests.quick import some_quick

from .wire import COMMAND, Wire, needs_root, needs_tshark, sh

WRITES = {"-w", "-o", "--store"}


def commands() -> Iterator[str]:
    """Yield every command that captures, up to the pipe that it may end in."""
    for example in examples():
        if example.captures:
            yield example.text.removeprefix("sudo ").removeprefix(".venv/bin/").partition(" | ")[0]


@pytest.fixture(scope="module")
def machine() -> Iterator[Wire]:
    """A machine with interfaces that are called as on the pages."""
    laid = Wire()
    try:
        laid.lay()
        sh(f"ip -n {laid.client} link add eth0 type veth peer name eth1")
        for name in ("eth0", "eth1"):
            sh(f"ip -n {laid.client} link set {name} up")
        yield laid
    finally:
        laid.remove()


@needs_root
@pytest.mark.parametrize("command", some_quick(sorted(set(commands())), each=12))
@pytest.mark.slow
def test_commands_of_the_pages_capture(command: str, machine: Wire, tmp_path: Path) -> None:
    options = shlex.split(command.replace(" /var/lib/", f" {tmp_path}/"))[1:]
    for above in (tmp_path, *tmp_path.parents):
        above.chmod(above.stat().st_mode | 0o011)
    os.chown(tmp_path, 65534, 65534)
    behind = {**os.environ, "SUDO_UID": "65534"}  # whoever types sudo
    inside = ["ip", "netns", "exec", machine.client, *COMMAND, *options, "--duration", "500ms"]
    done = subprocess.run(inside, cwd=tmp_path, env=behind, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    is_shown = re.search(r"\d frames?\b|\"frames\":|^Proto |^time state", done.stdout)
    assert is_shown or not WRITES.isdisjoint(options) or "-q" in options, "no report"
    assert bool(list(tmp_path.iterdir())) == (not WRITES.isdisjoint(options))


@pytest.mark.slow  # scapy and pyshark at once
@needs_root
@needs_tshark
def test_python_that_captures_captures(machine: Wire, tmp_path: Path) -> None:
    for package in ("scapy", "pyshark"):
        pytest.importorskip(package)
    (block,) = blocks(ROOT / "docs" / "live.md", "python")
    write(tmp_path / "trace.pcap", 200)
    inside = ["ip", "netns", "exec", machine.client, sys.executable]
    blast = subprocess.Popen(
        [*inside, ROOT / "bench" / "blast.py", "eth1", "trace.pcap", "2000", "600"], cwd=tmp_path
    )
    try:
        told = "print(len(list(tracking.report().connections())), tracking.errors)"
        wait = "while not list(tracking.report().connections()): time.sleep(0.1)"
        script = f"{block.text}import time\n{wait}\n{told}"
        done = subprocess.run(
            [*inside, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE
        )
    finally:
        blast.kill()
        blast.wait()
    assert done.returncode == 0, done.stderr
    connections, errors = map(int, done.stdout.split())
    assert (connections > 0, errors) == (True, 0)


@needs_root
def test_the_interfaces_are_listed(machine: Wire) -> None:
    inside = ["ip", "netns", "exec", machine.client, *COMMAND, "-D"]
    lines = subprocess.run(inside, capture_output=True, text=True, check=True).stdout.splitlines()
    assert any(line.startswith("va") and "10.99.0.1" in line for line in lines)
    assert any(line.startswith("eth0") for line in lines)
