"""Rights are given up once capturing is arranged, and all goes on without them."""

import os
import pty
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import wirestat
from tests.patience import PATIENCE, wait_for
from tests.quick import some_quick

from .wire import SERVER, Watch, Wire, needs_root, needs_tshark, server_on, watching

PACKAGE = Path(wirestat.__file__).parent
COMMAND = [sys.executable, "-P", "-m", "wirestat", "live", "-v", "-Z", "nobody"]
TAKEN = b"\x1b[?1049h"
"""Written where the whole screen is taken."""
TALK = f"""
import contextlib, socket, sys
for line in sys.stdin:
    for _ in range(10):
        connection = socket.create_connection(("{SERVER}", 8082))
        connection.sendall(b"x" * 1000)
        with contextlib.suppress(OSError):
            connection.recv(1)
        connection.close()
    print("talked")
"""
SHAPES = [
    ["--format", "text"],
    ["--format", "ndjson"],
    ["--format", "screen"],
    ["--names", "windows", "--timers", "f5", "--max-connections", "100", "-n", "-s", "128", "-p"],
    ["--engine", "scapy"],
    pytest.param(["--engine", "pyshark", "--display-filter", "tcp"], marks=needs_tshark),
    ["-w", "FOLDER/one.pcapng"],
    ["-w", "FOLDER/row.pcapng", "-C", "10k", "-W", "3"],
    ["-w", "FOLDER/%H%M%S.pcapng", "-G", "1"],
    ["-w", "-"],
    ["-i", "any", "tcp port 8082"],
    ["-f", "vlan or tcp"],
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may write to; pytest's own folders get locked by other runs of pytest."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o777)
        yield Path(made)


@pytest.fixture
def roots_package(tmp_path: Path) -> Path:
    """A copy of the package and its dependencies that only root may read."""
    place = tmp_path / "package"
    place.mkdir(mode=0o700)
    shutil.copytree(PACKAGE, place / "wirestat", ignore=shutil.ignore_patterns("__pycache__"))
    import pyshark
    import rich
    import scapy
    import textual

    for module in (rich, scapy, pyshark, textual):
        shutil.copytree(
            Path(module.__file__ or "").parent,
            place / module.__name__,
            ignore=shutil.ignore_patterns("__pycache__", "test"),
        )
    return place


class Talking:
    """A client and a server that talk when they are told to."""

    def __init__(self, wire: Wire) -> None:
        self._server = wire.python(wire.server, server_on(8082))
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == "listening\n"
        self._client = wire.python(wire.client, TALK)

    def talk(self) -> None:
        """Open, use and close ten connections."""
        assert self._client.stdin is not None
        assert self._client.stdout is not None
        self._client.stdin.write("talk\n")
        self._client.stdin.flush()
        assert self._client.stdout.readline() == "talked\n"

    def end(self) -> None:
        for process in (self._server, self._client):
            process.kill()
            process.communicate()


@needs_root
@pytest.mark.parametrize("rights", [["--no-sandbox"], []], ids=["root's package", "sandbox"])
@pytest.mark.parametrize("options", some_quick(SHAPES, each=18), ids=" ".join)
def test_every_format_and_option_works_without_the_rights_of_root(
    options: list[str], rights: list[str], wire: Wire, folder: Path, roots_package: Path, tmp_path: Path
) -> None:
    words = [word.replace("FOLDER", str(folder)) for word in options]
    card = [] if "any" in options else ["-i", "va"]
    is_screen, rotates = "screen" in options, not {"-C", "-G"}.isdisjoint(words)
    talking, (ours, theirs) = Talking(wire), pty.openpty()
    out, log = tmp_path / "out", tmp_path / "log"
    with out.open("wb") as told, log.open("wb") as said:
        process = subprocess.Popen(
            ["ip", "netns", "exec", wire.client, *COMMAND, *card, *rights, *words],
            env={**os.environ, "PYTHONPATH": str(roots_package), "TERM": "xterm-256color"},
            stdin=theirs if is_screen else subprocess.DEVNULL,
            stdout=theirs if is_screen else told,
            stderr=theirs if is_screen else said,  # the whole screen is written there
        )
    os.close(theirs)
    shown = b""
    try:
        if is_screen:
            shown = read(ours, until=b"sandbox") + read(ours, until=TAKEN)
        else:
            wait_for(lambda: "sandbox" in log.read_text(), log.read_text)

        def is_written() -> bool:
            talking.talk()
            return not rotates or len(list(folder.iterdir())) > 1

        wait_for(is_written)
        for number in (signal.SIGUSR1, signal.SIGTERM):
            process.send_signal(number)
        shown += read(ours) if is_screen else b""
        process.wait(PATIENCE)
    finally:
        process.kill()
        talking.end()
        os.close(ours)
    shown, complaints = (shown, shown) if is_screen else (out.read_bytes(), log.read_bytes())
    assert process.returncode == 0, complaints
    assert b"Traceback" not in complaints + shown
    assert ("sandbox: no new privileges" in complaints.decode()) == (not rights)
    if "-w" in words:
        written = sorted(folder.iterdir()) or [folder / "out"]
        if words[1] == "-":
            written[0].write_bytes(shown)
        reports = [wirestat.analyze(path) for path in written]
        assert all(report.captures[0].error is None for report in reports)
        assert sum(report.summary.tcp_segments for report in reports) > 20
        assert len(written) > 1 or not rotates
    else:
        assert b"connection" in shown


def read(terminal: int, until: bytes = b"") -> bytes:
    """Read what is shown on a terminal: until some text, or to the end."""
    shown = b""
    while not until or until not in shown:
        assert select.select([terminal], [], [], PATIENCE)[0], shown
        try:
            shown += os.read(terminal, 1 << 16)
        except OSError:  # the other side is closed
            break
    return shown


def test_a_recording_is_its_owners_alone(tmp_path: Path) -> None:
    from wirestat.capture.recording import Recording, begin

    before = os.umask(0)
    try:
        (tmp_path / "old").touch(0o644)
        for name in ("new", "old"):
            begin(Recording(path=str(tmp_path / name))).close(0)
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        os.umask(0o277)
        begin(Recording(path=str(tmp_path / "narrow"))).close(0)
        assert stat.S_IMODE((tmp_path / "narrow").stat().st_mode) == 0o400
    finally:
        os.umask(before)


def test_two_recordings_never_write_one_file(tmp_path: Path) -> None:
    from wirestat.capture.recording import Recording, begin
    from wirestat.errors import UsageError

    first = begin(Recording(path=str(tmp_path / "x")))
    first.flush()
    size = (tmp_path / "x").stat().st_size
    with pytest.raises(UsageError, match="another process writes to it"):
        begin(Recording(path=str(tmp_path / "x")))
    assert (tmp_path / "x").stat().st_size == size > 0
    first.close(0)
    begin(Recording(path=str(tmp_path / "x"))).close(0)


@needs_root
def test_root_that_names_no_user_becomes_nobody_and_says_so(wire: Wire, folder: Path) -> None:
    with watching(wire.client, "-i", "va", "-w", str(folder / "x.pcapng"), "tcp") as watch:
        wait_for(lambda: owner(watch) == {"65534"})
        assert watch.stop() == 0
    assert any("root has named no user: going on as nobody" in line for line in watch.complaints)
    assert (folder / "x.pcapng").owner() == "nobody"


@needs_root
def test_root_stays_root_where_it_asks_for_it(wire: Wire) -> None:
    with watching(wire.client, "-i", "va", "-Z", "root", "-v", "tcp") as watch:
        wait_for(lambda: any("sandbox:" in line for line in watch.complaints))
        assert owner(watch) == {"0"}
        assert watch.stop() == 0


@needs_root
def test_a_file_that_only_root_may_make_is_made_by_root(wire: Wire) -> None:
    folder = Path(f"/run/wirestat-test-{os.getpid()}")
    folder.mkdir(mode=0o755)
    try:
        with watching(wire.client, "-i", "va", "-w", str(folder / "x.pcapng"), "tcp") as watch:
            assert watch.stop() == 0
        assert stat.S_IMODE((folder / "x.pcapng").stat().st_mode) == 0o600
        refused = Watch(wire.client, "-i", "va", "-w", str(folder / "y.pcapng"), "-G", "1", "tcp")
        assert refused.end() == 4
        assert any("-Z names who may write there" in line for line in refused.complaints)
    finally:
        shutil.rmtree(folder)


@needs_root
def test_a_growing_capture_is_followed_within_its_folder(tmp_path: Path) -> None:
    from bench.traffic import write

    write(tmp_path / "a1.pcap", 50)
    said, log, second = tmp_path / "said", tmp_path / "log", tmp_path / "a2.pcap"
    following = ["live", "--format", "text", "-v", "--follow", str(tmp_path / "a1.pcap")]
    with said.open("wb") as out, log.open("wb") as err:
        process = subprocess.Popen([sys.executable, "-m", "wirestat", *following], stdout=out, stderr=err)
    wait_for(lambda: "sandbox" in log.read_text(), log.read_text)
    write(second, 50)
    wait_for(lambda: has_open(process.pid, second), log.read_text)
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)
    shown, complaints = said.read_text(), log.read_text()
    assert process.returncode == 0, complaints
    assert f"reads in {tmp_path}" in complaints
    assert "reading as root" in complaints
    assert "a2.pcap" in shown


def has_open(pid: int, path: Path) -> bool:
    """Whether a process has a file open; descriptors may close while they are read."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            if descriptor.readlink() == path:
                return True
    return False


def owner(watch: Watch) -> set[str]:
    status = Path(f"/proc/{watch.process.pid}/status").read_text()
    return set(next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:])


@needs_root
@pytest.mark.parametrize(
    "output", [["-w", "x.pcapng"], ["--format", "json", "-o", "x.json"], ["--store", "x"]]
)
def test_a_file_that_only_root_may_write_gets_a_hint_about_the_writing_user(
    output: list[str], folder: Path
) -> None:
    folder.chmod(0o755)  # it is root's, and -Z names another user
    command = [*COMMAND, "-i", "lo", "--plain", "--duration", "1s", *output]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1].startswith(
        "hint: files are written after the rights of root are given"
    )
