"""Forbidden calls are tried in a separate process whose sandbox is shut."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.quick import some_quick
from wirestat.capture.sandbox import seccomp

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")

SHUT = """
import ctypes, os, socket, subprocess, sys, threading
from pathlib import Path
from wirestat.capture import privileges
from wirestat.capture.sandbox import Openings, capabilities, shut
folder = Path(sys.argv[1])
read, written = folder / "read", folder / "written"
libc = ctypes.CDLL(None, use_errno=True)
before = open(read / "open before")
if os.geteuid() == 0:
    capabilities.empty_bounding_set()
    privileges.drop(privileges.nobody())
said = shut(Openings([read], [written]))
"""
DO = """
try:
    {deed}
except OSError as error:
    print(type(error).__name__)
else:
    print("done")
"""
FORBIDDEN = {
    "run a program": "subprocess.run(['/bin/true'])",
    "run itself": "os.execv(sys.executable, [sys.executable, '-c', 'print(1)'])",
    "read a file": "open('/etc/passwd')",
    "read a secret of the process": "open('/proc/self/environ')",
    "list a folder": "os.listdir('/')",
    "write elsewhere": "open(folder / 'x', 'w')",
    "write where files are read": "open(read / 'x', 'w')",
    "read where files are written": "open(written / 'there')",
    "make a link": "os.symlink('/etc/passwd', written / 'link')",
    "make a folder": "os.mkdir(written / 'folder')",
    "run what was written": "os.execv(written / 'there', ['there'])",
    "connect to a network": "socket.socket().connect(('127.0.0.1', 9))",
    "open a socket of a network": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "capture anew": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "connect to a service": "socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
    "become root": "os.setuid(0)",
    "look into another process": "exec('if libc.ptrace(16, os.getppid(), 0, 0) < 0: raise PermissionError')",
    "enter a namespace": "exec('if libc.unshare(0x10000000) < 0: raise PermissionError')",
}
ALLOWED = {
    "read what was open": "assert before.read() == 'yes'",
    "read where files are read": "assert (read / 'open before').read_text() == 'yes'",
    "write where files are written": "(written / 'new').write_text('x')",
    "write over a file": "(written / 'there').write_text('x')",
    "remove a file": "(written / 'old').unlink()",
    "throw away": "open('/dev/null', 'w').write('x')",
    "ask for interfaces": "assert socket.if_nameindex()",
    "ask for one interface": "assert socket.if_nametoindex('lo')",
    "start a thread": "threading.Thread(target=print, args=('',)).start()",
}


def landlock() -> bool:
    from wirestat.capture.sandbox.kernel import syscall

    try:
        return syscall(444, None, 0, 1) >= 3
    except OSError:
        return False


needs_landlock = pytest.mark.skipif(not landlock(), reason="this kernel has no Landlock that is up to it")


def perform(script: str, folder: Path) -> str:
    for name in ("read", "written"):
        (folder / name).mkdir()
        (folder / name).chmod(0o777)
    (folder / "read" / "open before").write_text("yes")
    for name in ("there", "old"):
        (folder / "written" / name).write_text("#!/bin/sh\n")
        (folder / "written" / name).chmod(0o777)
    for above in (folder, *folder.parents):
        above.chmod(above.stat().st_mode | 0o011)  # nobody has to get there
    done = subprocess.run([sys.executable, "-c", SHUT + script, folder], capture_output=True, text=True)
    assert not done.stderr
    return done.stdout.strip()


@needs_landlock
@pytest.mark.parametrize(
    "deed", some_quick([pytest.param(deed, id=name) for name, deed in FORBIDDEN.items()], each=3)
)
def test_the_sandbox_refuses(deed: str, tmp_path: Path) -> None:
    assert perform(DO.format(deed=deed), tmp_path) == "PermissionError"


@needs_landlock
@pytest.mark.parametrize(
    "deed", some_quick([pytest.param(deed, id=name) for name, deed in ALLOWED.items()], each=3)
)
def test_the_sandbox_allows(deed: str, tmp_path: Path) -> None:
    assert perform(DO.format(deed=deed), tmp_path) == "done"


@needs_landlock
def test_a_thread_started_before_the_sandbox_cannot_run_programs() -> None:
    script = """
import subprocess, threading
from wirestat.capture.sandbox import Openings, shut
go = threading.Event()
def work():
    go.wait()
    try:
        subprocess.run(["/bin/true"])
    except PermissionError:
        print("refused")
thread = threading.Thread(target=work)
thread.start()
shut(Openings())
go.set()
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "refused\n", done.stderr


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_nothing_is_left_of_the_rights_of_root(tmp_path: Path) -> None:
    opened = SHUT.replace("said = shut", "status = open('/proc/self/status')\nsaid = shut")
    for name in ("read", "written"):
        (tmp_path / name).mkdir()
    (tmp_path / "read" / "open before").write_text("yes")
    for above in (tmp_path, *tmp_path.parents):
        above.chmod(above.stat().st_mode | 0o011)
    script = "status.seek(0); print(status.read())"
    done = subprocess.run(
        [sys.executable, "-c", f"{opened}\n{script}", tmp_path], capture_output=True, text=True
    )
    fields = dict(line.split(":\t", 1) for line in done.stdout.strip().splitlines())
    assert {name: int(fields[f"Cap{name}"], 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {
        "Inh": 0, "Prm": 0, "Eff": 0, "Bnd": 0, "Amb": 0,
    }  # fmt: skip
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_on_system_calls_is_sound(machine: str) -> None:
    """Every jump lands within the program, and every path through it ends."""
    lines = seccomp.program(machine)
    for place, (code, if_true, if_false, _) in enumerate(lines):
        if code & 0x07 == 0x05:
            assert place + 1 + max(if_true, if_false) < len(lines)
    assert lines[-1][0] == 0x06
    assert len(lines) < 4096
