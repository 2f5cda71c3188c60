"""``python -m tests.lab --out DIR [--only PATTERN] [--seed N] [--jobs N]``: run scenarios on real
kernels.

Each scenario runs in a process of its own. Exit codes: 0 all as promised, 1 a scenario went otherwise, 2
usage, 4 not permitted or something is missing on this machine, 130 interrupted.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import fnmatch
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

from .scenario import Scenario, load_all
from .tracepoint import REQUIRED_EVENT, TRACEFS, remove_stale_instances

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_CANNOT, EXIT_INTERRUPTED = 0, 1, 2, 4, 130
TOOLS = ("ip", "ethtool")
SCENARIO_LIMIT_SECONDS = 240.0
PR_SET_PDEATHSIG = 1


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    scenarios = load_all()
    chosen = [
        s for s in scenarios.values() if any(fnmatch.fnmatch(s.name, pattern) for pattern in options.only)
    ]
    if options.list:
        for each in chosen:
            print(f"| {each.name} | {each.description} | {' '.join(each.diagnoses)} |")
        return EXIT_OK
    if not chosen:
        print(f"no scenario is called {' or '.join(options.only)}; --list shows them all", file=sys.stderr)
        return EXIT_USAGE
    obstacle = what_is_missing()
    if obstacle:
        print(f"the lab cannot run here: {obstacle}", file=sys.stderr)
        return EXIT_CANNOT
    if options.inside:
        return _run_here(chosen[0], options.seed, options.out)
    with _opened(TRACEFS / "instances") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another lab is running on this machine; waiting for it", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        for name in remove_stale_instances():
            print(f"removed {name}, left by a run that was killed", file=sys.stderr)
        return Conductor(options.out, options.seed, options.jobs).run(chosen)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """A folder's descriptor: what two labs on one machine can lock without leaving a file behind."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, default=Path("lab-out"), help="folder for the results (default: %(default)s)"
    )
    parser.add_argument(
        "--only", action="append", metavar="PATTERN", help="names with * and ?; may be repeated"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="for the scenarios that draw lots (default: %(default)s)"
    )
    parser.add_argument(
        "--jobs", type=int, default=8, help="scenarios at the same time (default: %(default)s)"
    )
    parser.add_argument("--list", action="store_true", help="print the scenarios as a Markdown table and end")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.only = options.only or ["*"]
    return options


def what_is_missing() -> str | None:
    """Why the lab cannot run on this machine, None when it can."""
    if not sys.platform.startswith("linux"):
        return "it needs Linux"
    if os.geteuid() != 0:
        return "it must be root to make network namespaces and to read the kernel's trace"
    for tool in TOOLS:
        if shutil.which(tool) is None:
            return f"the command {tool} is not installed"
    if not (TRACEFS / "events").is_dir():
        subprocess.run(["mount", "-t", "tracefs", "nodev", str(TRACEFS)], check=False, capture_output=True)
    if not (TRACEFS / "events" / REQUIRED_EVENT).is_dir():
        return f"this kernel has no tracepoint {REQUIRED_EVENT} under {TRACEFS}"
    return None


def _run_here(scenario: Scenario, seed: int, out: Path) -> int:
    """One scenario in this process."""
    from .lab import ScenarioError
    from .record import record
    from .tracepoint import TraceError
    from .truth import TruthError

    signal.signal(signal.SIGTERM, _leave)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    try:
        problems = record(scenario, seed, out / scenario.name)
    except (ScenarioError, TraceError, TruthError) as error:
        problems = [str(error)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return EXIT_FAILED if problems else EXIT_OK


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


class Conductor:
    """Runs scenarios side by side and ends them all when it ends itself."""

    def __init__(self, out: Path, seed: int, jobs: int) -> None:
        self.out, self.seed, self.jobs = out, seed, jobs
        self._running: dict[subprocess.Popen[bytes], tuple[Scenario, float, IO[bytes]]] = {}
        self._failed: list[str] = []

    def run(self, chosen: list[Scenario]) -> int:
        signal.signal(signal.SIGTERM, _leave)
        started = time.monotonic()
        waiting = sorted(chosen, key=lambda each: -each.setting.lasts_seconds)
        try:
            while waiting or self._running:
                while waiting and len(self._running) < self.jobs:
                    self._start(waiting.pop(0))
                self._reap()
                time.sleep(0.02)
        except (KeyboardInterrupt, SystemExit):
            print("interrupted: ending all scenarios", file=sys.stderr)
            return EXIT_INTERRUPTED
        finally:
            self._end_all()
        promised = f"{len(chosen) - len(self._failed)} of {len(chosen)} scenarios as promised"
        print(f"{promised}, {time.monotonic() - started:.0f} s")
        if self._failed:
            print(f"otherwise: {' '.join(sorted(self._failed))}", file=sys.stderr)
        return EXIT_FAILED if self._failed else EXIT_OK

    def _start(self, scenario: Scenario) -> None:
        command = [sys.executable, "-m", __package__ or "tests.lab", "--inside", "--only", scenario.name]
        command += ["--seed", str(self.seed), "--out", str(self.out)]
        complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the scenario is reaped
        process = subprocess.Popen(command, stderr=complaints, start_new_session=True)
        self._running[process] = (scenario, time.monotonic(), complaints)

    def _reap(self) -> None:
        for process, (scenario, started, complaints) in list(self._running.items()):
            took = time.monotonic() - started
            if process.poll() is None:
                if took > SCENARIO_LIMIT_SECONDS:
                    process.kill()
                continue
            del self._running[process]
            complaints.seek(0)
            text = complaints.read().decode().strip()
            print(
                f"{'ok  ' if process.returncode == 0 else 'FAIL'} {scenario.name} ({took:.1f} s)", flush=True
            )
            if process.returncode != 0:
                self._failed.append(scenario.name)
                print(text or f"ended with {process.returncode}", file=sys.stderr, flush=True)
            complaints.close()

    def _end_all(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        remove_stale_instances()


if __name__ == "__main__":
    sys.exit(main())
