"""The programs that are run: never one from the working directory, whose files may be hostile."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import wirestat
from tests.patience import PATIENCE
from tests.quick import some_quick
from wirestat.capture import programs, tshark
from wirestat.capture.privileges import nobody
from wirestat.errors import InputError, Unavailable, UsageError

from . import made

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="there is no tshark here")
COMMAND = [sys.executable, "-P", "-m", "wirestat"]
AS_USER = [
    *(shutil.which("setpriv") or "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=+net_raw,+net_admin", "--ambient-caps=+net_raw,+net_admin"),
]
"""Runs a command as a user who may capture and is not root."""


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A folder with programs that must not run, and files that could lead to them; any that runs makes ``sprung``."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    folder.chmod(0o777)
    for way in tmp_path.parents:
        way.chmod(way.stat().st_mode | 0o011)
    tmp_path.chmod(0o755)
    names = ("tshark", "dumpcap", "setpriv", "gcc", "cc", "ld", "objdump", "ldconfig", "git", "tcpdump")
    for name in names:
        (folder / name).write_text(f"#!/bin/sh\ntouch {folder}/sprung\n")
        (folder / name).chmod(0o755)
    (folder / "config.ini").write_text(
        "".join(f"[{name}]\n{name}_path = {folder / name}\n" for name in ("tshark", "dumpcap"))
    )
    (folder / "click.py").write_text(f"open({str(folder / 'sprung')!r}, 'w')")
    made.write(folder / "x.pcap", made.ETHERNET["normal"]())
    return folder


def run(
    folder: Path, *words: str, before: Sequence[str] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, *COMMAND, *words],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@needs_tshark
@pytest.mark.parametrize(
    "path", some_quick(["", ":", ".:/usr/bin", "evidence:/bin:/usr/bin", "/usr/bin:/bin:"], each=5)
)
@pytest.mark.slow
def test_the_working_directory_names_no_program(path: str, trap: Path) -> None:
    for engine in ("pyshark", "scapy", "native"):
        done = run(trap, "x.pcap", "--engine", engine, PATH=path)
        assert done.returncode == 0, done.stderr
    assert run(trap, "x.pcap", "-f", "tcp", PATH=path).returncode == 0
    assert not (trap / "sprung").exists()


@pytest.mark.root
@root
@needs_tshark
@pytest.mark.parametrize("rights", some_quick([[], ["-Z", "nobody"], ["-Z", "root"]], each=3))
@pytest.mark.slow
def test_the_working_directory_names_no_program_for_a_live_capture(rights: list[str], trap: Path) -> None:
    live = ["live", "-i", "lo", "--duration", "0.2s", *rights]
    for engine in ("pyshark", "scapy", "native"):
        done = run(
            trap, *live, "--engine", engine, PATH=f"{trap}:.:", HOME=str(trap), XDG_CACHE_HOME=str(trap)
        )
        assert done.returncode == 0, done.stderr
    assert not (trap / "sprung").exists()
    assert not (trap / "scapy").exists(), "scapy loads what lies in its cache"


@pytest.mark.root
@root
@needs_tshark
@pytest.mark.parametrize(
    "words", [["x.pcap"], ["live", "-i", "lo", "--duration", "0.2s"]], ids=["file", "live"]
)
@pytest.mark.slow
def test_the_working_directory_names_no_program_for_an_ordinary_user(words: list[str], trap: Path) -> None:
    done = run(
        trap, *words, "--engine", "pyshark", before=AS_USER, HOME=str(trap), PATH=f".:{os.environ['PATH']}"
    )
    assert done.returncode == 0, done.stderr
    assert "by pyshark" in done.stdout
    assert not (trap / "sprung").exists()


def test_no_module_is_imported_from_the_working_directory(trap: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "wirestat", "x.pcap"], cwd=trap, capture_output=True)
    assert done.returncode == 0
    assert not (trap / "sprung").exists()


@needs_tshark
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_pyshark_capture_runs_nothing_from_the_working_directory(trap: Path) -> None:
    pytest.importorskip("pyshark")
    script = """
import pyshark, wirestat
capture = pyshark.FileCapture("x.pcap", keep_packets=False, display_filter="tcp", eventloop=object())
print(wirestat.track(capture).summary.frames)
"""
    done = subprocess.run([sys.executable, "-P", "-c", script], cwd=trap, capture_output=True, text=True)
    assert done.stdout == "8\n", done.stderr
    assert not (trap / "sprung").exists()


def test_a_program_is_named_in_full(tmp_path: Path) -> None:
    for name in ("tshark", "./tshark", "bin/tshark"):
        with pytest.raises(UsageError, match="begins with /"):
            programs.given(name)
    with pytest.raises(UsageError, match="no program that can be run"):
        programs.given(str(tmp_path))


@root
def test_root_runs_nothing_that_others_may_change(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "dumpcap"
    program.parent.mkdir()
    shutil.copy("/bin/true", program)
    program.chmod(0o755)
    assert programs.is_roots_alone("/bin/sh")
    assert programs.is_roots_alone(str(program))
    link = tmp_path / "link"
    link.symlink_to("/bin/true")
    assert programs.is_roots_alone(str(link))
    os.lchown(link, 65534, 65534)
    assert not programs.is_roots_alone(str(link))
    program.parent.chmod(0o777)
    assert not programs.is_roots_alone(str(program))
    with pytest.raises(Unavailable, match="others may change it"):
        tshark.capturer(str(program.with_name("tshark")))


@pytest.mark.root
@root
@needs_tshark
def test_tshark_is_run_as_nobody(tmp_path: Path) -> None:
    """A stand-in for tshark, which dissects hostile bytes, reports who runs it, and where."""
    tmp_path.chmod(0o755)
    program = tmp_path / "tshark"
    program.write_text('#!/bin/sh\necho "$(id -u)" "$(id -G)" "$PWD" "$HOME"\n')
    program.chmod(0o755)
    for folder in tmp_path.parents:
        folder.chmod(folder.stat().st_mode | 0o011)
    user = nobody()
    row = tshark.Processes()
    row.start([str(program)], user=user)
    told = [line for lines in row.lines(None) for line in lines]
    row.close()
    assert told == [f"{user.uid} {user.gid} / {user.home}"]


@pytest.mark.root
@root
@needs_tshark
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.slow
def test_a_capture_of_pysharks_that_root_hands_over_is_dissected_by_nobody(tmp_path: Path) -> None:
    pyshark = pytest.importorskip("pyshark")
    from pyshark.capture.pipe_capture import PipeCapture

    for folder in (tmp_path, *tmp_path.parents):
        folder.chmod(folder.stat().st_mode | 0o011)
    told = tmp_path / "told"
    told.touch(mode=0o666)
    told.chmod(0o666)
    program = tmp_path / "tshark"
    program.write_text(f'#!/bin/sh\nid -u >>{told}\nexec {tshark.path()} "$@"\n')
    program.chmod(0o755)
    path = made.write(tmp_path / "x.pcap", made.ETHERNET["normal"]())
    path.chmod(0o600)
    settings = {"tshark_path": str(program), "eventloop": object()}
    with path.open("rb") as piped:
        captures = [
            pyshark.FileCapture(str(path), display_filter="tcp", **settings),
            PipeCapture(piped.fileno(), **settings),
        ]
        for capture in captures:
            assert wirestat.track(capture).summary.connections == 1
    assert set(told.read_text().split()) == {str(nobody().uid)}
    path.unlink()
    with pytest.raises(InputError, match="no such file"):
        wirestat.track(captures[0])


@pytest.mark.root
@root
@needs_tshark
def test_tshark_is_handed_open_files_that_root_alone_may_read(tmp_path: Path) -> None:
    path = made.write(tmp_path / "x.pcap", made.ETHERNET["normal"]())
    path.chmod(0o600)
    assert wirestat.analyze(path, engine="pyshark").summary.connections == 1
