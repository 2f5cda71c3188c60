"""Programs of ours that are run to their end: wirestat, and wirestat on made reports.

In CI each of them is a process that starts from nothing. Elsewhere it is forked from a process that has loaded
everything (``tests/loaded.py``), which takes a fraction of the time. Its arguments, environment, folder, standard
files and exit code are its own all the same.
"""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path

from tests.patience import PATIENCE
from tests.quick import IN_CI

ROOT = Path(__file__).parent.parent
IS_FORKED = not IN_CI and sys.platform == "linux"
_PATH = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}

Done = subprocess.CompletedProcess[bytes]


def run(
    *arguments: str | Path | int,
    module: str = "wirestat",
    stdin: bytes | int = subprocess.DEVNULL,
    stdout: int = subprocess.PIPE,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Done:
    """Run ``python -m`` a module. Bytes come to its standard input by a pipe; ``env`` is added to our own."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    around = {**os.environ, **_PATH, **(env or {})}
    if IS_FORKED:
        code, out, err = _loaded().run(
            command[2:], stdin, stdout, {"cwd": str(cwd or Path.cwd()), "env": around}
        )
        return Done(command, code, out, err)
    given = subprocess.PIPE if isinstance(stdin, bytes) else stdin
    with subprocess.Popen(
        command, stdin=given, stdout=stdout, stderr=subprocess.PIPE, cwd=cwd, env=around
    ) as process:
        printed, complaints = process.communicate(stdin if isinstance(stdin, bytes) else None, PATIENCE)
    return Done(command, process.returncode, printed or b"", complaints)


def as_text(done: Done) -> subprocess.CompletedProcess[str]:
    """Return the same with text in place of bytes."""
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Loaded:
    """The process that has loaded the programs, and becomes one of them in a fork."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.settimeout(PATIENCE)
        with theirs:  # it ends as soon as nobody holds our end of the line
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.loaded", str(theirs.fileno())],
                cwd=ROOT,
                env={**os.environ, **_PATH},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def run(
        self, words: list[str], stdin: bytes | int, stdout: int, around: Mapping[str, object]
    ) -> tuple[int, bytes, bytes]:
        """Have it fork, and wait for the end; return the exit code and what was written to pipes."""
        message = json.dumps({"words": words, **around}).encode()
        with ThreadPoolExecutor(3) as beside:
            with contextlib.ExitStack() as handed:
                out, out_file = _sink(stdout, beside)
                err, err_file = _sink(subprocess.PIPE, beside)
                files = [_source(stdin, beside), out_file, err_file]
                for file in files:
                    handed.callback(os.close, file)
                socket.send_fds(self._line, [message], files)
            try:
                code = int(self._line.recv(16))
            except (OSError, ValueError):
                os.killpg(self._process.pid, signal.SIGKILL)
                raise
            return code, out.result(), err.result()

    def end(self) -> None:
        """Close our end of the line, and wait for the process."""
        self._line.close()
        self._process.wait(PATIENCE)


@cache
def _loaded() -> Loaded:
    loaded = Loaded()
    atexit.register(loaded.end)
    return loaded


def _source(stdin: bytes | int, beside: ThreadPoolExecutor) -> int:
    """Return a descriptor for the standard input of a program."""
    if stdin == subprocess.DEVNULL:
        return os.open(os.devnull, os.O_RDONLY)
    if isinstance(stdin, int):
        return os.dup(stdin)
    theirs, ours = os.pipe()

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(ours, "wb") as pipe:
            pipe.write(stdin)

    beside.submit(write)
    return theirs


def _sink(stdout: int, beside: ThreadPoolExecutor) -> "tuple[Future[bytes], int]":
    """Return the coming output of a program, and a descriptor for it to write to."""
    if stdout != subprocess.PIPE:
        return beside.submit(bytes), os.dup(stdout)
    ours, theirs = os.pipe()

    def read() -> bytes:
        with os.fdopen(ours, "rb") as pipe:
            return pipe.read()

    return beside.submit(read), theirs
