"""The lab on real kernels: a few quick scenarios, run as a user runs them. Skipped where there is no root."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.lab import pcap
from tests.lab.__main__ import EXIT_CANNOT, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, main, what_is_missing
from tests.lab.tracepoint import INSTANCE_PREFIX, TRACEFS
from tests.patience import PATIENCE, wait_for

ROOT = Path(__file__).parent.parent
OBSTACLE = what_is_missing()
pytestmark = pytest.mark.lab
needs_root = pytest.mark.skipif(OBSTACLE is not None, reason=f"the lab cannot run here: {OBSTACLE}")

QUICK = ("normal-close-by-client", "simultaneous-close", "refused", "reset-unread-data")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.lab", *arguments]


def instances(pids: list[str]) -> list[str]:
    """Trace instances of these processes: other labs may run on the same machine."""
    names = [f"{INSTANCE_PREFIX}{pid}" for pid in pids]
    return [name for name in names if (TRACEFS / "instances" / name).exists()]


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab")
    only = [word for name in QUICK for word in ("--only", name)]
    done = subprocess.run(
        command("--out", str(folder), *only), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == EXIT_OK, done.stdout + done.stderr
    return folder


@needs_root
@pytest.mark.parametrize("name", QUICK)
def test_every_tap_has_recorded_frames_in_order_and_before_the_end(results: Path, name: str) -> None:
    truth = json.loads((results / name / "truth.json").read_text())
    for tap in truth["taps"].values():
        times = [time_ns for time_ns, _ in pcap.read(results / name / tap["file"])]
        assert times
        assert times == sorted(times)
        assert tap["start_ns"] <= times[0]
        assert times[-1] <= tap["end_ns"]


@needs_root
@pytest.mark.parametrize("name", QUICK)
def test_each_end_s_states_form_a_chain_from_initial_to_final(results: Path, name: str) -> None:
    truth = json.loads((results / name / "truth.json").read_text())
    assert truth["schema"] == 1
    for connection in truth["connections"]:
        for endpoint in ("client", "server"):
            chain = [t for t in connection["transitions"] if t["endpoint"] == endpoint]
            states = [connection["initial"][endpoint], *(t["to"] for t in chain)]
            assert [t["from"] for t in chain] == states[:-1]
            assert states[-1] == connection["final"][endpoint]
            assert all(a["time_ns"] <= b["time_ns"] for a, b in pairwise(chain))


def _hear_interrupts() -> None:
    """Restore SIGINT: a shell has its background jobs ignore it, and their children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@needs_root
def test_an_interrupted_lab_leaves_nothing_behind(tmp_path: Path) -> None:
    leak = command("--out", str(tmp_path), "--only", "close-wait-leak")
    lab = subprocess.Popen(leak, cwd=ROOT, stderr=subprocess.DEVNULL, preexec_fn=_hear_interrupts)
    wait_for(lambda: instances(children(lab.pid)))
    inside = children(lab.pid)
    lab.send_signal(signal.SIGINT)
    assert lab.wait(PATIENCE) == EXIT_INTERRUPTED
    assert not instances(inside)


def test_an_unknown_scenario_is_a_usage_error() -> None:
    done = subprocess.run(command("--only", "no-such-thing"), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == EXIT_USAGE
    assert "no-such-thing" in done.stderr


def test_without_root_the_lab_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main([]) == EXIT_CANNOT
    assert "root" in capsys.readouterr().err
