"""All but capturing works on macOS and Windows too, as far as that can be known from here."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import programs
from tests.patience import PATIENCE
from tests.programs import as_text
from tests.quick import some_quick

ROOT = Path(__file__).parent.parent
LOST = "pcaps/last-ack-lost-once/middle.pcap"
OF_LINUX = (
    "capture/afpacket.py",
    "capture/interfaces.py",
    "capture/live.py",
    "capture/privileges.py",
    "capture/ring.py",
    "capture/sandbox/",
    "capture/tshark.py",  # asks for a signal only where a program was killed by one
    "commands/kernel.py",
    "commands/live_screen.py",
    "commands/outlet.py",
    "commands/outlet_process.py",
    "host/",
    "commands/rights.py",
)
"""Loaded only to capture on interfaces."""
PLATFORMS = ["darwin", "win32"]
COMMANDS = [
    [LOST],
    [LOST, "--connection", "1"],
    [LOST, "--format", "json"],
    [LOST, "--format", "markdown"],
    [LOST, "-Y", "server.state==CLOSED"],
    ["compare", "pcaps/last-ack-lost/client.pcap", "pcaps/last-ack-lost/server.pcap"],
    ["netstat", "-tan", LOST],
    ["count", LOST],
    ["explain", "D05"],
    ["fields"],
    ["states", "--machine"],
    ["completion", "zsh"],
    ["wireshark"],
    ["tour"],
]


def elsewhere(platform: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.elsewhere", platform, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("words", some_quick(COMMANDS, each=7), ids=" ".join)
def test_output_is_the_same_as_on_this_system(platform: str, words: list[str]) -> None:
    there = elsewhere(platform, *words)
    here = as_text(programs.run(*words, cwd=ROOT))
    assert (there.returncode, there.stderr) == (0, "")
    assert there.stdout == here.stdout


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_capture_can_be_annotated(platform: str, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    done = elsewhere(platform, "annotate", LOST, "-o", str(out))
    assert done.returncode == 0, done.stderr
    assert b"retracted by 11" in out.read_bytes()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_live_says_what_is_missing(platform: str) -> None:
    program = (
        "import sys; from tests.elsewhere import main; sys.modules['scapy'] = None;"
        "sys.exit(main(sys.argv[1], ['live', '-i', 'en0']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, platform], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 69, done.stderr
    assert "the package scapy is not installed" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_types_are_right_on_each_platform(platform: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--platform", platform, "--no-warn-unreachable", "--cache-dir", tmp_path,
         "src/wirestat"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )  # fmt: skip
    errors = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert [line for line in errors if not line.removeprefix("src/wirestat/").startswith(OF_LINUX)] == []
