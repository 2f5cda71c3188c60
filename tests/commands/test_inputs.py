"""Inputs that block, and very many inputs."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.capture import made
from tests.patience import PATIENCE, wait_for
from wirestat.commands import main

COMMAND = [sys.executable, "-P", "-m", "wirestat"]


def is_waiting(process: "subprocess.Popen[str]") -> bool:
    """Tell whether a process waits for a pipe: a separate thread does that."""
    return len(list(Path(f"/proc/{process.pid}/task").iterdir())) > 1


@pytest.mark.parametrize("verb", [[], ["live", "-r"]], ids=["analyze", "live"])
def test_an_interrupt_ends_the_wait_for_a_pipe_without_a_writer(verb: list[str], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [*COMMAND, *verb, pipe], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: is_waiting(process))
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == (0 if verb else 130), complaints
    assert "Traceback" not in complaints


def test_a_pipe_is_read_once_somebody_writes(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen([*COMMAND, pipe], stdout=subprocess.PIPE, text=True)
    wait_for(lambda: is_waiting(process))
    pipe.write_bytes(made.write(tmp_path / "x.pcap", made.ETHERNET["normal"]()).read_bytes())
    shown, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "8 frames, 8 TCP segments, 1 connection" in shown


def test_more_captures_than_may_be_open(tmp_path: Path) -> None:
    whole = made.write(tmp_path / "x.pcap", made.ETHERNET["normal"]()).read_bytes()
    names = [tmp_path / f"{number}.pcap" for number in range(100)]
    for name in names:
        name.write_bytes(whole)

    def run(soft: int, hard: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *names],
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)),
        )

    done = run(40, 4096)
    assert (done.returncode, done.stderr) == (0, "")
    done = run(40, 40)
    assert done.returncode == 3
    assert "too many files are open at once ('ulimit -n')" in done.stderr


@pytest.mark.parametrize("verb", [["netstat"], ["count"], ["draw", "--timeline"]], ids=lambda words: words[0])
def test_tables_and_pictures_of_an_input_cut_short_say_so(
    verb: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    whole = Path("pcaps/close-wait-leak/middle.pcap").read_bytes()
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(whole[:700])
    assert main([*verb, str(cut)]) == 3
    out, err = capfdbinary.readouterr()
    assert out
    assert f"warning: {cut}: at byte 570: cut short inside a frame" in err.decode()


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone = "pcaps/refused/middle.pcap"
    linked = tmp_path / "newest.pcap"
    linked.symlink_to(Path(alone).absolute())
    assert main(["count", alone]) == 0
    told = capsys.readouterr().out
    assert main(["count", alone, str(linked), alone]) == 0
    out, err = capsys.readouterr()
    assert out == told
    assert f"warning: {linked} is read once: it is the same file as {alone}" in err
    assert f"warning: {alone} is read once: it is named twice" in err
