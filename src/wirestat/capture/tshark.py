"""Runs tshark: finds it, asks for its version, starts it, reads its lines, and always ends it."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

import msgspec

from wirestat.capture import programs
from wirestat.capture.privileges import User
from wirestat.errors import Unavailable
from wirestat.system import is_root

OLDEST = (3, 4)
"""The first tshark whose raw sequence numbers can be asked for in every mode."""
_INSTALL = "install it with 'apt install tshark', 'dnf install wireshark-cli' or 'brew install wireshark'"
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_GATHERED = 1 << 17
"""Bytes of text that are read at once."""
_ADVICE = "Please check to make sure you have sufficient permissions"
_PATIENCE = 3.0
"""Seconds that a process may take to end."""
_TIED = ("--pdeathsig", "TERM")
"""Options of setpriv that end a process with its parent, even if that is killed."""
_START = 30.0
"""Seconds that tshark may take to print its version."""


def path(named: str | None = None) -> str:
    """Return the path of tshark, without running it.

    Raises:
        Unavailable: it is not installed.
        UsageError: ``named`` cannot be run, or depends on the working directory.
    """
    if named is not None:
        return programs.given(named)
    found = programs.find("tshark")
    if found is None:
        raise Unavailable("tshark is not installed", _INSTALL)
    return found


def capturer(named: str | None = None) -> str:
    """Return the path of dumpcap: beside a named tshark, else in the usual places.

    Raises:
        Unavailable: it is not installed, or others than root can change what root is about to run.
    """
    beside = None if named is None else str(Path(named).with_name("dumpcap"))
    found = beside if beside and os.access(beside, os.X_OK) else programs.find("dumpcap")
    if found is None:
        raise Unavailable("dumpcap is not installed", _INSTALL)
    if is_root() and not programs.is_roots_alone(found):
        raise Unavailable(
            f"root does not run {found}: others may change it, or a folder that it is in",
            "have the file and its folders owned by root, and writable by nobody else",
        )
    return found


def version(named: str | None = None, user: User | None = None) -> str:
    """Return the version of a tshark, which is run as ``user`` to tell it.

    Raises:
        Unavailable: it does not run, or is too old.
    """
    return _version(path(named), user)


@cache
def _version(program: str, user: User | None) -> str:
    try:
        done = subprocess.run(
            [program, "-v"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_START, **_rights(user)
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"tshark does not run: {error}", _INSTALL) from None
    found = _VERSION.search(done.stdout.decode("utf-8", "replace"))
    if done.returncode or found is None:
        raise Unavailable(f"tshark does not run: {program} does not tell its version", _INSTALL)
    if (int(found[1]), int(found[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise Unavailable(f"tshark {found[0]} is too old: it takes {oldest} or later", _INSTALL)
    return found[0]


class _Step(msgspec.Struct):
    """One process of a pipeline."""

    name: str
    process: subprocess.Popen[bytes]
    said: IO[bytes]
    """The file of its messages: an unread pipe would block it."""


class Processes:
    """A pipeline of processes."""

    def __init__(self, stdin: int | IO[Any] | None = None) -> None:
        """Give the first process ``stdin`` to read, or nothing."""
        self._source: Any = subprocess.DEVNULL if stdin is None else stdin
        self._row: list[_Step] = []
        self._rest = b""

    def start(self, command: Sequence[str], *, user: User | None, capture: bool = False) -> None:
        """Start the next process, as ``user``; one that is to ``capture`` keeps the capabilities for that."""
        said = tempfile.TemporaryFile()  # noqa: SIM115  # closed in close()
        try:
            words, rights = _capturing(command, user) if capture and user else _plain(command, user)
            process = subprocess.Popen(
                words, stdin=self._source, stdout=subprocess.PIPE, stderr=said, **rights
            )
        except BaseException:
            said.close()
            self.close()
            raise
        if self._row and self._row[-1].process.stdout is not None:
            self._row[-1].process.stdout.close()
        self._row.append(_Step(Path(command[0]).name, process, said))
        self._source = process.stdout

    def lines(self, wait: float | None) -> Iterator[list[str]]:
        """Yield the last process's lines as they come, and an empty list after ``wait`` seconds without any.

        Without ``wait``, for files, many lines are read at once: tshark writes them without pauses.
        """
        out = self._row[-1].process.stdout
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
        """Wait for the end; return the error, ``None`` if there was none."""
        for step in self._row[:-1]:
            # The capturing process does not end by itself when the dissecting one is gone.
            _end(step.process)
        for step in reversed(self._row):
            with suppress(subprocess.TimeoutExpired):
                step.process.wait(_PATIENCE)
            code = step.process.returncode
            last = step is self._row[-1]
            if code is not None and code < 0 and (last or -code not in (signal.SIGTERM, signal.SIGPIPE)):
                return f"{step.name} was killed ({signal.Signals(-code).name})"
            if code and code > 0:
                return f"{step.name}: {_complaint(step.said) or f'exit code {code}'}"
        return None

    def close(self) -> None:
        """End every process, by SIGKILL if necessary, and wait for it."""
        for step in self._row:
            _end(step.process)
        for step in self._row:
            if step.process.stdout is not None:
                step.process.stdout.close()
            try:
                step.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                step.process.kill()
                step.process.wait()
            step.said.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()


def _rights(user: User | None) -> dict[str, Any]:
    """Return the arguments of ``Popen`` that run a program as a user, outside folders that others may write to."""
    if user is None:
        return {}
    return {
        "user": user.uid,
        "group": user.gid,
        "extra_groups": [],
        "env": programs.surroundings(user),
        "cwd": "/",
    }


def _capturing(command: Sequence[str], user: User) -> tuple[list[str], dict[str, Any]]:
    """Return the command and arguments of ``Popen`` that run a program as a user who can capture, and no more.

    The process must be the user's: after giving up root, wirestat could not end a process of root.

    Raises:
        Unavailable: there is no setpriv, or it may be changed by others than root.
    """
    setpriv = programs.find("setpriv")
    if setpriv is None or not programs.is_roots_alone(setpriv):
        raise Unavailable("setpriv is not installed", "it is a part of util-linux")
    kept = ",".join(f"+{name}" for name in programs.held(("net_raw", "net_admin")))
    sets = [f"--{kind}={kept}" for kind in ("inh-caps", "ambient-caps")]
    if programs.held(("setpcap",)):
        sets.append(f"--bounding-set=-all,{kept}")
    status = Path(command[0]).stat()
    # On Debian only the group wireshark may run dumpcap.
    group = user.gid if status.st_mode & 0o001 else status.st_gid
    whom = [f"--reuid={user.uid}", f"--regid={group}", "--clear-groups"]
    words = [setpriv, *whom, *sets, *_TIED, *command]
    return words, {"env": programs.surroundings(user), "cwd": "/"}


def _plain(command: Sequence[str], user: User | None) -> tuple[list[str], dict[str, Any]]:
    """Return the command and arguments of ``Popen`` that run a program as a user who cannot change again."""
    setpriv = programs.find("setpriv")
    if setpriv is None:
        return list(command), _rights(user)
    fixed = ["--no-new-privs"] if user else []
    return [setpriv, *fixed, *_TIED, *command], _rights(user)


def _complaint(said: IO[bytes]) -> str:
    """Return the last message about the failure."""
    said.seek(0)
    lines = said.read()[-4096:].decode("utf-8", "replace").splitlines()
    idle = ("Running as user", "Capturing on", "packet", "File:", "Packets", "**")
    # A refusal is followed by advice on privileges that we do not want to repeat.
    lines = list(takewhile(lambda line: not line.startswith(_ADVICE), map(str.strip, lines)))
    told = [line for line in lines if line and not line.startswith(idle)]
    return " ".join(told[-3:]).removeprefix("tshark: ").rstrip(". ")
