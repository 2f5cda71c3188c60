"""Runs a command and asks the kernel what it cost."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from typing import NamedTuple

_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""As users have it: whoever installs a package with pip has its modules compiled."""

_LAUNCHER = Path(__file__).with_name("launcher.py")


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
    told, tells = os.pipe()
    with TemporaryFile() as errors, os.fdopen(told) as figures:
        source = subprocess.Popen(feeder, stdout=subprocess.PIPE) if feeder else None
        launcher = subprocess.Popen(
            [sys.executable, "-S", _LAUNCHER, str(tells), *command],
            stdin=source.stdout if source else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=_ENVIRONMENT,
            pass_fds=[tells],
        )
        os.close(tells)
        if source and source.stdout:
            source.stdout.close()
        wall, cpu, peak_kb, code = figures.read().split() or ("0", "0", "0", "127")
        launcher.wait()
        if source:
            source.wait()
        if code != "0":
            errors.seek(0)
            last_words = errors.read()[-1000:].decode(errors="replace")
            raise subprocess.CalledProcessError(int(code), list(map(str, command)), stderr=last_words)
    return Cost(float(wall), float(cpu), float(peak_kb) * 1024)


def typical(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(*map(median, zip(*costs, strict=True)))
