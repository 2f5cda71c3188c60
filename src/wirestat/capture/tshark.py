"""A tshark process: found, started, read line by line, and never left behind."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

from wirestat.capture.needs import package
from wirestat.capture.privileges import User
from wirestat.errors import Unavailable

OLDEST = "3.4"
"""The first tshark whose raw sequence numbers can be asked for in every mode."""
_INSTALL = "install it with 'apt install tshark', 'dnf install wireshark-cli' or 'brew install wireshark'"
_GATHERED = 1 << 17
"""Bytes of text that are read at once."""
_ADVICE = "Please check to make sure you have sufficient permissions"
_PATIENCE = 3.0
"""Seconds that a process has to end when it was asked to."""


def path(program: str = "tshark", named: str | None = None) -> str:
    """Return where tshark, or a program that comes with it, is installed.

    Raises:
        Unavailable: it is not, or tshark is too old.
    """
    found = package("pyshark.tshark.tshark")
    try:
        where = str(found.get_process_path(named, program))
        dissector = str(found.get_process_path(named))
    except found.TSharkNotFoundException:
        raise Unavailable(f"{program} is not installed", _INSTALL) from None
    if _version(dissector) < package("packaging.version").parse(OLDEST):
        raise Unavailable(f"tshark {_version(dissector)} is too old: it takes {OLDEST} or later", _INSTALL)
    return where


def version(named: str | None = None) -> str:
    """Return the version of the tshark in use."""
    return str(_version(path(named=named)))


@cache
def _version(dissector: str) -> Any:
    found = package("pyshark.tshark.tshark")
    try:
        return found.get_tshark_version(dissector)
    except (found.TSharkVersionException, OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"tshark does not run: {error}", _INSTALL) from None


class Process:
    """One process, or two joined by a pipe: what captures and what dissects."""

    def __init__(
        self, commands: Sequence[Sequence[str]], *, stdin: int | IO[Any] | None, user: User | None
    ) -> None:
        """Start the commands, each reading what the one before it writes. The last runs as ``user``."""
        # What they say goes to files: a pipe that nobody reads would stop them.
        self._said = [tempfile.TemporaryFile() for _ in commands]  # noqa: SIM115  # closed in close()
        self._processes: list[subprocess.Popen[bytes]] = []
        source: Any = subprocess.DEVNULL if stdin is None else stdin
        try:
            for command, said in zip(commands, self._said, strict=True):
                last = command is commands[-1]
                rights: dict[str, Any] = {}
                if last and user is not None:
                    rights = {"user": user.uid, "group": user.gid, "extra_groups": []}
                process = subprocess.Popen(
                    _tied(command), stdin=source, stdout=subprocess.PIPE, stderr=said, **rights
                )
                if self._processes and self._processes[-1].stdout is not None:
                    self._processes[-1].stdout.close()
                self._processes.append(process)
                source = process.stdout
        except BaseException:
            self.close()
            raise
        self._rest = b""

    def lines(self, wait: float | None) -> Iterator[list[str]]:
        """Yield the lines as they come, and an empty list every ``wait`` seconds where none do.

        Without ``wait`` many are gathered before they are yielded: what is no live capture does not linger.
        """
        out = self._processes[-1].stdout
        assert out is not None
        descriptor = out.fileno()
        while True:
            if wait is None:
                chunk = out.read(_GATHERED)
            elif select.select([descriptor], [], [], wait)[0]:
                chunk = os.read(descriptor, _GATHERED)
            else:
                yield []
                continue
            if not chunk:
                break
            *whole, self._rest = (self._rest + chunk).split(b"\n")
            yield b"\n".join(whole).decode("utf-8", "replace").split("\n") if whole else []
        if self._rest:
            yield [self._rest.decode("utf-8", "replace")]

    def outcome(self) -> str | None:
        """Wait for the end; say what went wrong, ``None`` where nothing did."""
        for process in self._processes:
            # What captures does not end by itself when what dissects has gone.
            if process is not self._processes[-1] and process.poll() is None:
                process.terminate()
        for process, said in zip(reversed(self._processes), reversed(self._said), strict=True):
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE)
            name = Path(_program(process.args)).name
            code = process.returncode
            last = process is self._processes[-1]
            if code is not None and code < 0 and (last or -code not in (signal.SIGTERM, signal.SIGPIPE)):
                return f"{name} was killed ({signal.Signals(-code).name})"
            if code and code > 0:
                return f"{name}: {_complaint(said) or f'exit code {code}'}"
        return None

    def close(self) -> None:
        """End every process, the hard way if need be, and wait for it."""
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        for said in self._said:
            said.close()


def _tied(command: Sequence[str]) -> list[str]:
    """Have a process end with us even if we are killed, where the system has a program for that."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else list(command)


def _program(arguments: Any) -> str:
    words = list(arguments)
    return str(words[3] if Path(words[0]).name == "setpriv" else words[0])


def _complaint(said: IO[bytes]) -> str:
    """Pick the last thing it said that is about the failure."""
    said.seek(0)
    lines = said.read()[-4096:].decode("utf-8", "replace").splitlines()
    idle = ("Running as user", "Capturing on", "packet", "File:", "Packets", "**")
    # Behind a refusal stands a page on how to get the right, which is not for us to hand on.
    lines = list(takewhile(lambda line: not line.startswith(_ADVICE), map(str.strip, lines)))
    told = [line for line in lines if line and not line.startswith(idle)]
    return " ".join(told[-3:]).removeprefix("tshark: ").rstrip(". ")
