"""Errors of captures are said in one line, with the file, the place and the reason; and in the exit code."""

import os
import struct
import subprocess
import threading
from pathlib import Path

import pytest

from tests import programs
from tests.packets.dialogue import dialogue
from tests.packets.files import block, interface, pcap, pcapng, section
from tests.programs import as_text

Done = subprocess.CompletedProcess[str]


def analyze(*arguments: str | Path, stdin: int = subprocess.DEVNULL) -> Done:
    return as_text(programs.run("analyze", *arguments, stdin=stdin))


WHOLE = pcap(dialogue())
RECORD = 24 + 16 + 60
"""The offset of the second record of ``WHOLE``."""

UNREADABLE: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", "empty"),
    "a text file": (b"07:11:02.123456 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S]\n" * 3, "not a capture"),
    "a header cut short": (WHOLE[:17], "17"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_files_that_are_no_captures_are_refused(case: str, tmp_path: Path) -> None:
    content, reason = UNREADABLE[case]
    path = tmp_path / "capture"
    path.write_bytes(content)
    done = analyze(path)
    assert done.returncode == 3
    assert_one_line(done, path, reason)


def assert_one_line(done: Done, path: Path, reason: str) -> None:
    line, *hints = done.stderr.splitlines()
    assert [hint.startswith("hint: ") for hint in hints] in ([], [True])
    assert line.startswith(("error: ", "warning: "))
    assert str(path) in line
    assert reason in line


def test_a_missing_file(tmp_path: Path) -> None:
    done = analyze(tmp_path / "missing.pcap")
    assert done.returncode == 3
    assert_one_line(done, tmp_path / "missing.pcap", "no such file")


def test_a_directory(tmp_path: Path) -> None:
    done = analyze(tmp_path)
    assert done.returncode == 3
    assert_one_line(done, tmp_path, "is a directory")


# The report is on what was read; then comes the defect that stopped the reading.
PARTIAL: dict[str, tuple[bytes, int, tuple[str, ...]]] = {
    "cut inside a record": (WHOLE[: RECORD + 40], 1, (str(RECORD),)),
    "cut inside a record header": (WHOLE[: RECORD + 7], 1, (str(RECORD),)),
    "a record longer than it can be": (
        WHOLE[:RECORD]
        + struct.pack("<IIII", 1_700_000_000, 0, 0x7FFF_FFFF, 0x7FFF_FFFF)
        + WHOLE[RECORD + 16 :],
        1,
        (str(RECORD),),
    ),
    "pcapng cut inside a block": (pcapng(dialogue())[:-5], 8, ()),
}


@pytest.mark.parametrize("case", PARTIAL)
def test_captures_that_can_be_read_in_part(case: str, tmp_path: Path) -> None:
    content, frames, words = PARTIAL[case]
    path = tmp_path / "capture"
    path.write_bytes(content)
    done = analyze(path, "--format", "json")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert f'"frames":{frames},' in done.stdout.replace(" ", "")
    for word in (path.name, *words):
        assert word in done.stdout + done.stderr


@pytest.mark.parametrize(("link", "words"), [(147, "link type 147 (USER0)"), (9999, "link type 9999")])
def test_an_unknown_link_type(link: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(dialogue(), link=link))
    done = analyze(path)
    assert done.returncode == 3
    assert_one_line(done, path, f"nothing in it can be decoded: {words} of interface 0")
    assert "9 frames, 0 TCP segments" in done.stdout
    assert f"wirestat has no decoder for {words} of interface 0: 9 frames" in " ".join(done.stdout.split())


@pytest.mark.parametrize(("link", "reason"), [(147, "link type not decoded"), (9999, "unknown link type")])
def test_an_unknown_link_type_read_by_scapy(link: int, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(dialogue(), link=link))
    done = analyze(path, "--engine", "scapy")
    assert (done.returncode, done.stderr) == (3, f"error: nothing in it can be decoded: {reason}\n")


def test_one_interface_of_an_unknown_link_type_beside_a_good_one(tmp_path: Path) -> None:
    frame = dialogue()[0][2]
    packets = [
        block(6, struct.pack("<IIIII", number, 0, 0, len(frame), len(frame)) + frame) for number in (0, 1)
    ]
    path = tmp_path / "capture"
    path.write_bytes(section() + interface() + interface(227) + b"".join(packets))
    done = analyze(path)
    assert (done.returncode, done.stderr) == (0, "")
    told = " ".join(done.stdout.split())
    assert "no decoder for link type 227 (CAN_SOCKETCAN) of interface 1: 1 frame" in told
    assert "1 TCP segment, 1 connection" in done.stdout


def test_packets_without_an_interface(tmp_path: Path) -> None:
    frame = dialogue()[0][2]
    packet = block(6, struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame)) + frame)
    path = tmp_path / "capture"
    path.write_bytes(section() + packet)
    done = analyze(path)
    assert done.returncode == 3
    assert_one_line(done, path, "at byte 28: a packet comes before any interface is described")


def test_a_terminal_is_no_capture() -> None:
    controller, terminal = os.openpty()
    try:
        done = analyze("-", stdin=terminal)
    finally:
        os.close(controller)
        os.close(terminal)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "error: standard input: is a terminal; pipe a capture into it\n"


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(WHOLE)
    output = tmp_path / "no such directory" / "report"
    done = analyze(path, "-o", output)
    assert done.returncode == 2
    assert_one_line(done, output, "no such file or directory")


def test_a_file_that_is_being_written(tmp_path: Path) -> None:
    """Read what is there; a record that is half there is no error worth a traceback."""
    path = tmp_path / "capture"
    path.write_bytes(WHOLE[:RECORD])

    is_read = threading.Event()

    def write() -> None:
        with path.open("ab") as file:
            for start in range(RECORD, len(WHOLE), 30):
                file.write(WHOLE[start : start + 30])
                file.flush()
                is_read.wait(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    done = analyze(path)
    is_read.set()
    writer.join()
    assert done.returncode in (0, 3)
    assert "Traceback" not in done.stderr
    assert analyze(path).returncode == 0
