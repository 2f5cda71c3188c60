"""The lines that capture on another machine, as the pages give them: only what is far away is a stand-in.

``ssh``, ``sudo``, ``kubectl`` and ``docker`` are scripts that run here what they are told to run there; ``tcpdump``
is the real one, given a file to read in place of an interface, so that options and filters have to make sense to it.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.capture import made
from tests.documents import ROOT
from tests.patience import PATIENCE
from tests.quick import some_quick

from .wire import COMMAND

TCPDUMP = shutil.which("tcpdump")
_LINE = re.compile(r"((?:ssh|kubectl|docker|tcpdump) [^`\n]*? \\?\| wirestat(?: live)? -r -)")
PAGES = [ROOT / "README.md", ROOT / "docs" / "live.md"]
SCRIPTS = {
    "ssh": 'shift; exec sh -c "$*"',
    "sudo": 'exec "$@"',
    "docker": 'while [ "$1" != tcpdump ]; do shift; done; exec "$@"',
    # Inspektor Gadget writes pcapng by itself; whatever else runs in a pod stands behind two dashes.
    "kubectl": 'if [ "$1" = gadget ]; then exec cat capture.pcapng; fi\n'
    'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
    "tcpdump": f'exec {TCPDUMP} -r capture.pcap "$@"',
    "wirestat": f'exec {shlex.join(COMMAND)} "$@"',
}


def lines() -> Iterator[str]:
    """Yield every line that pipes a capture into wirestat; in a table its bar is written with a backslash."""
    for page in PAGES:
        for found in _LINE.findall(page.read_text(encoding="utf-8")):
            yield found.replace(r"\|", "|")


def test_the_pages_have_such_lines() -> None:
    assert {line.split()[0] for line in lines()} == {"ssh", "kubectl", "docker", "tcpdump"}


@pytest.mark.skipif(TCPDUMP is None, reason="there is no tcpdump here")
@pytest.mark.parametrize("line", some_quick(sorted(set(lines())), each=3))
def test_captures_of_another_host_are_read_here(line: str, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in SCRIPTS.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    frames = made.ETHERNET["normal"]()
    made.write(tmp_path / "capture.pcap", frames)
    (tmp_path / "capture.pcapng").write_bytes(b"".join(made.pcapng(frames)))
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert "8 frames, 8 TCP segments, 1 connection" in done.stdout
    assert "warning:" not in done.stderr
