"""Captures that print tables: started, read line by line, and ended."""

import signal
import subprocess
import threading
from collections.abc import Callable

from tests.patience import PATIENCE

from .wire import COMMAND

_PAUSE = 0.25


def started(where: str, *words: str) -> subprocess.Popen[str]:
    """Start a verb that captures in a namespace, and wait until it does: it says so last of all, with ``-v``."""
    process = subprocess.Popen(
        ["ip", "netns", "exec", where, *COMMAND, *words, "-v"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert any("sandbox" in line for line in process.stderr), "it never began"
    return process


def until_shown(
    process: subprocess.Popen[str], holds: Callable[[str], bool], *, asking: bool = False
) -> None:
    """Read the output up to a line that ``holds``; with ``asking``, request the table again and again."""
    assert process.stdout is not None
    is_seen = threading.Event()

    def prod() -> None:
        for _ in range(int(PATIENCE / _PAUSE)):
            if is_seen.wait(_PAUSE):
                return
            if asking:
                process.send_signal(signal.SIGUSR1)
        process.kill()

    beside = threading.Thread(target=prod)
    beside.start()
    found = any(map(holds, process.stdout))
    is_seen.set()
    beside.join()
    assert found, "never shown"


def ended(process: subprocess.Popen[str]) -> str:
    """End a capture; return what it has printed since it was last read."""
    assert process.stdout is not None
    process.send_signal(signal.SIGINT)
    said = process.stdout.read()
    assert process.wait(PATIENCE) == 0
    process.communicate()
    return said
