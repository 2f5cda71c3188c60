"""The screen in a real terminal (tmux), on real connections: it shows them, bends with it, and gives it back."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.live.wire import SERVER, Wire, needs_root
from tests.patience import wait_for
from tests.quick import some_quick
from tests.tui.stage import LEAK

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="there is no tmux here")

LISTENS = f"""
import socket
listening = socket.create_server(("{SERVER}", 8080))
print("listening")
held = []
while True: held.append(listening.accept()[0])
"""
CONNECTS = f"""
import socket, time
one = socket.create_connection(("{SERVER}", 8080))
other = socket.create_connection(("{SERVER}", 8080)); other.close()
time.sleep(60)
"""


class Terminal:
    """A terminal with a shell in it."""

    def __init__(self, folder: Path, width: int = 100, height: int = 30, **environment: str) -> None:
        self._tmux = ["tmux", "-L", f"wirestat-{os.getpid()}-{folder.name}"]
        words = {"TERM": "xterm-256color", "PS1": "ready> ", **environment}
        command = ["env", "-i", f"PATH={os.environ['PATH']}", "HOME=/", "LC_ALL=C.UTF-8"]
        command += [f"{name}={value}" for name, value in words.items()] + ["bash", "--norc", "--noprofile"]
        size = ["-x", str(width), "-y", str(height)]
        subprocess.run(
            [*self._tmux, "-f", "/dev/null", "new-session", "-d", *size, shlex.join(command)], check=True
        )
        self.until(lambda: "ready>" in self.text())

    def text(self, *options: str) -> str:
        done = subprocess.run(
            [*self._tmux, "capture-pane", "-p", *options], capture_output=True, text=True, check=True
        )
        return done.stdout

    def press(self, *keys: str) -> None:
        subprocess.run([*self._tmux, "send-keys", *keys], check=True)

    def run(self, *command: str) -> None:
        self.press(shlex.join(command), "Enter")

    def resize(self, width: int, height: int) -> None:
        subprocess.run([*self._tmux, "resize-window", "-x", str(width), "-y", str(height)], check=True)

    def until(self, holds: Callable[[], bool]) -> None:
        wait_for(holds, self.text)

    def sees(self, *texts: str) -> None:
        self.until(lambda: all(text in self.text() for text in texts))

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True)


@contextmanager
def terminal(folder: Path, width: int = 100, height: int = 30, **environment: str) -> Iterator[Terminal]:
    opened = Terminal(folder, width, height, **environment)
    try:
        yield opened
    finally:
        opened.close()


PLAIN: dict[str, str] = {}
WIRESTAT = (sys.executable, "-m", "wirestat")


def is_given_back(shown: Terminal) -> bool:
    """Whether the shell is there again, echoes what is typed, and has its own screen."""
    shown.press("echo gi''ven", "Enter")
    return "given" in shown.text() and "echo gi''ven" in shown.text()


def fits(shown: Terminal, width: int) -> bool:
    return all(len(line) <= width for line in shown.text().splitlines())


def test_the_screen_follows_resizing_and_restores_the_terminal(tmp_path: Path) -> None:
    with terminal(tmp_path) as shown:
        shown.run(*WIRESTAT, "tui", str(LEAK))
        shown.sees("2 connections 120", "→ server")
        shown.resize(160, 40)
        shown.sees("2 connections 120")
        shown.until(lambda: "→ server" not in shown.text())
        for width, height in ((60, 12), (20, 5), (100, 30)):
            shown.resize(width, height)
            shown.until(partial(fits, shown, width))
        shown.sees("2 connections 120", "→ server")
        shown.press("C-z")
        shown.sees("Stopped")
        shown.run("fg")
        shown.sees("2 connections 120", "→ server")
        shown.press("q")
        shown.until(lambda: is_given_back(shown))


@pytest.mark.slow
def test_a_calling_script_is_suspended_and_resumed_with_the_screen(tmp_path: Path) -> None:
    with terminal(tmp_path) as shown:
        shown.run("sh", "-c", f"{shlex.join([*WIRESTAT, 'tui', str(LEAK)])}; echo aft''er")
        shown.sees("2 connections 120")
        for _ in range(2):
            shown.press("C-z")
            shown.sees("Stopped", "ready>")
            shown.run("fg")
            shown.sees("2 connections 120", "→ server")
        shown.press("C-c")
        shown.sees("after")
        shown.until(lambda: is_given_back(shown))


@pytest.mark.slow
def test_ctrl_c_restores_the_terminal(tmp_path: Path) -> None:
    with terminal(tmp_path) as shown:
        shown.run(*WIRESTAT, "tui", str(LEAK))
        shown.sees("2 connections 120")
        shown.press("C-c")
        shown.until(lambda: is_given_back(shown))


@pytest.mark.parametrize(
    ("term", "environment", "colours"),
    some_quick(
        [
            (term, environment, colours)
            for environment, colours in ((PLAIN, True), ({"NO_COLOR": "1"}, False))
            for term in ("xterm-256color", "screen", "linux")
        ],
        each=5,
    ),
)
@pytest.mark.slow
def test_colours_are_the_sixteen_of_the_terminal_or_none(
    term: str, environment: dict[str, str], colours: bool, tmp_path: Path
) -> None:
    with terminal(tmp_path, 100, 30, TERM=term, **environment) as shown:
        shown.run(*WIRESTAT, "tui", str(LEAK))
        shown.sees("2 connections 120")
        codes = re.findall(r"\x1b\[([0-9;]*)m", shown.text("-e"))
    numbers = {number for code in codes for number in code.split(";") if number}
    assert "38" not in numbers
    assert "48" not in numbers
    painted = {
        number for number in numbers if len(number) == 2 and number[0] in "34" and number not in ("39", "49")
    }
    assert bool(painted) == colours


@needs_root
@pytest.mark.parametrize("user", some_quick(["nobody", "root"], each=2))
@pytest.mark.slow
def test_real_connections_come_with_their_states_and_programs(user: str, wire: Wire, tmp_path: Path) -> None:
    with terminal(tmp_path, 160, 30) as shown:
        server = wire.python(wire.server, LISTENS)
        assert server.stdout is not None
        assert server.stdout.readline() == "listening\n"
        shown.run("ip", "netns", "exec", wire.server, *WIRESTAT, "live", "-i", "vb", "-Z", user)
        shown.sees("no connection to show", "live")
        client = wire.python(wire.client, CONNECTS)
        try:
            shown.sees("ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT2", f"{server.pid}/python")
            assert re.search(r"ESTABLISHED +1·1 ", shown.text())
            shown.press("3")
            shown.sees(f"{SERVER}:8080", "0 of")
            shown.press("p")
            shown.sees(" paused ")
            shown.press("2", "Enter")
            shown.sees("SYN seq 0")
            shown.press("q", "q")
            shown.sees("at the end")
            shown.until(lambda: is_given_back(shown))
        finally:
            for process in (client, server):
                process.kill()
                process.communicate()


@needs_root
@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 80, 160])
def test_connections_from_before_the_capture_are_told_by_the_kernel(
    width: int, wire: Wire, tmp_path: Path
) -> None:
    server = wire.python(wire.server, LISTENS)
    assert server.stdout is not None
    assert server.stdout.readline() == "listening\n"
    client = wire.python(wire.client, CONNECTS)
    try:
        with terminal(tmp_path, width, 24) as shown:
            shown.run("ip", "netns", "exec", wire.server, *WIRESTAT, "live", "-i", "vb", "-Z", "root")
            shown.sees("no connection to show", "live")
            shown.press("a")
            shown.sees("2 connections 0 + 2", "ESTABLISHED†", "CLOSE_WAIT†")
            assert len([line for line in shown.text().splitlines() if line.startswith("kernel ")]) == 2
            if width > 60:
                shown.sees(f"{server.pid}/p")
            shown.press("Enter")
            shown.sees("no packet of it")
            shown.press("a")
            shown.sees("no connection to show")
            shown.press("q")
            shown.until(lambda: is_given_back(shown))
    finally:
        for process in (client, server):
            process.kill()
            process.communicate()
