"""The whole way, from the bytes of a capture to what is printed, with nothing made by hand in between."""

import json
import struct
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests import programs
from tests.commands.pcap import LOST_LAST_ACK, pcap
from tests.packets.files import block
from tests.patience import PATIENCE

pytest.importorskip("wirestat._core")


def run(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return programs.run(*arguments, stdin=stdin)


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "lost-last-ack.pcap"
    path.write_bytes(pcap(LOST_LAST_ACK))
    return path


def test_the_report_names_both_states_and_what_is_waited_for(capture: Path) -> None:
    done = run(capture)
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "client TIME_WAIT / server LAST_ACK, or gone since: 1 connection" in text
    assert "the server waits for the client's ACK of the server's FIN" in text
    assert "D14" in text


def test_the_document_keeps_the_schema(capture: Path) -> None:
    schema = json.loads(files("wirestat.report").joinpath("schema-1.json").read_text())
    document = json.loads(run(capture, "--format", "json").stdout)
    jsonschema.validate(document, schema)
    (connection,) = document["connections"]
    assert (connection["client"]["state"], connection["server"]["state"]) == ("TIME_WAIT", "LAST_ACK")
    disproved = [step for step in connection["transitions"] if step["retracted_by"]]
    assert [(step["to"], step["retracted_by"]) for step in disproved] == [("CLOSED", 8)]


def test_exit_handlers_run(capture: Path) -> None:
    told = "import atexit; atexit.register(print, 'the end'); from wirestat.commands import run; run()"
    command = [sys.executable, "-c", told, "analyze", str(capture), "--fail-on", "info"]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, b"the end")


def test_the_ladder_shows_every_frame(capture: Path) -> None:
    rungs = run(capture, "--connection", "1").stdout.decode().splitlines()
    assert sum("▶│" in rung or "│◀" in rung for rung in rungs) == len(LOST_LAST_ACK)


def test_the_table_at_an_instant_uses_later_evidence(capture: Path) -> None:
    assert "LAST_ACK" in run(capture, "--at", "+0.6").stdout.decode()


def test_a_link_type_is_named_unless_it_is_ethernet(capture: Path) -> None:
    ethernet = Path(__file__).parents[2] / "pcaps" / "refused" / "client.pcap"
    assert " pcap, RAW, " in run(capture).stdout.decode()
    assert " pcap, 184 B, " in run(ethernet).stdout.decode()


def test_standard_input(capture: Path) -> None:
    piped = run("-r", "-", stdin=capture.read_bytes()).stdout.decode()
    assert "\nstandard input: pcap" in piped
    assert "server LAST_ACK" in piped


def test_a_capture_cut_short(capture: Path) -> None:
    capture.write_bytes(capture.read_bytes()[:-10])
    done = run(capture)
    assert done.returncode == 3
    assert f"\n{capture}".encode() in done.stdout
    assert done.stderr.startswith(f"warning: {capture}: ".encode())


def test_files_that_are_no_captures_are_refused(capture: Path) -> None:
    capture.write_bytes(b"neither pcap nor pcapng")
    done = run(capture)
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(f"error: {capture}: ".encode())


def test_findings_decide_the_exit_code_where_asked(capture: Path) -> None:
    assert run(capture, "--fail-on", "info").returncode == 1
    assert run(capture, "--fail-on", "error").returncode == 0


EVIL = "eth0;id\x1b[31m\x9b2J\x7f\n"
"""Characters that a terminal would obey, and a shell."""


def option(code: int, text: str) -> bytes:
    octets = text.encode()
    return struct.pack("<HH", code, len(octets)) + octets + bytes(-len(octets) % 4)


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A capture whose maker means harm: its own name, its interface's and its comment carry commands."""
    comment, if_name, frame = option(1, f"first\n{EVIL}"), option(2, EVIL), bytes(8)
    path = tmp_path / f"{EVIL}.pcapng"
    path.write_bytes(
        block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + comment + bytes(4))
        + block(1, struct.pack("<HHI", 147, 0, 0) + if_name + bytes(4))
        + block(6, struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame)) + frame)
        + block(5, struct.pack("<III", 0, 0, 0) + struct.pack("<HHQ", 5, 8, 9) + bytes(4))
    )
    return path


@pytest.mark.parametrize("verb", [["analyze"], ["compare"]])
def test_names_in_a_capture_steer_no_terminal_and_no_shell(
    verb: list[str], evil: Path, capture: Path
) -> None:
    done = run(*verb, evil, capture)
    printed = done.stdout.decode() + done.stderr.decode()
    assert "eth0;id\\x1b[31m\\x9b2J\\x7f\\n" in printed
    assert [sign for sign in printed if not sign.isprintable() and sign != "\n"] == []
    commands = [line for line in printed.splitlines() if line.strip().startswith("$")]
    assert [command for command in commands if ";" in command] == []


def test_a_name_is_spelled_out_in_the_document_too(evil: Path) -> None:
    (told,) = json.loads(run(evil, "--format", "json").stdout)["captures"]
    assert told["name"] == str(evil)
    assert told["interfaces"][0]["name"] == "eth0;id\\x1b[31m\\x9b2J\\x7f\\n"
    assert told["comments"] == ["first\neth0;id\\x1b[31m\\x9b2J\\x7f"]


def test_the_file_of_a_command_is_quoted(capture: Path) -> None:
    spaced = capture.rename(capture.with_name("a b.pcap"))
    spaced.write_bytes(spaced.read_bytes()[:-10])
    assert f"$ capinfos '{spaced}'" in run(spaced).stdout.decode()
