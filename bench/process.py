"""Runs a command and asks the kernel what it cost."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from typing import NamedTuple

_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""As users have it: whoever installs a package with pip has its modules compiled."""


class Cost(NamedTuple):
    """The time and memory that a process has used."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, of user and system time."""
    peak: float
    """Bytes of resident memory."""

    def scaled(self, factor: float) -> "Cost":
        """Return what a job ``factor`` times as long costs in time; memory does not depend on it."""
        return Cost(self.wall * factor, self.cpu * factor, self.peak)


def run(command: Sequence[str | Path], feeder: Sequence[str] | None = None) -> Cost:
    """Run a command to its end; ``feeder`` is a command whose output is its standard input."""
    with TemporaryFile() as errors:
        source = subprocess.Popen(feeder, stdout=subprocess.PIPE) if feeder else None
        begin = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=source.stdout if source else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=_ENVIRONMENT,
        )
        if source and source.stdout:
            source.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if source:
            source.wait()
        if process.returncode:
            errors.seek(0)
            last_words = errors.read()[-1000:].decode(errors="replace")
            raise subprocess.CalledProcessError(
                process.returncode, list(map(str, command)), stderr=last_words
            )
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def typical(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(*map(median, zip(*costs, strict=True)))
