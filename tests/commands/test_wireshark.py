"""Wireshark's own programs load what wirestat gives them, and show what it says."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.patience import PATIENCE, wait_for
from wirestat.commands import main
from wirestat.commands.wireshark import program

ROOT = Path(__file__).parents[2]
LOST = ROOT / "pcaps" / "last-ack-lost-once" / "middle.pcap"

with_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


@pytest.fixture(scope="module")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("annotated") / "annotated.pcapng"
    assert main(["annotate", "-q", str(LOST), "-o", str(out)]) == 0
    return out


@pytest.fixture
def lua(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["wireshark"]) == 0
    path = tmp_path / "wirestat.lua"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    return path


def run(
    *command: str | Path, user: bool = False, env: Mapping[str, str] | None = None
) -> tuple[list[str], str]:
    under = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if user else []
    done = subprocess.run(
        [*under, *command],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return done.stdout.splitlines(), done.stderr


def shown(lua: Path, capture: Path, *fields: str, where: str = "frame") -> list[list[str]]:
    asked = [word for field in fields for word in ("-e", field)]
    lines, errors = run(
        "tshark", "-X", f"lua_script:{lua}", "-r", capture, "-Y", where, "-T", "fields", *asked
    )
    assert lines, errors
    return [line.split("\t") for line in lines]


@with_tshark
def test_the_plugin_gives_the_states_after_each_frame(lua: Path, annotated: Path) -> None:
    rows = shown(lua, annotated, "frame.number", "wirestat.client.state", "wirestat.server.state")
    assert rows == [
        ["1", "SYN_SENT", ""],
        ["2", "ESTABLISHED", "SYN_RECV"],
        *([str(number), "ESTABLISHED", "ESTABLISHED"] for number in range(3, 8)),
        ["8", "FIN_WAIT1", "CLOSE_WAIT"],
        ["9", "TIME_WAIT", "LAST_ACK"],
        # The ACK was captured on its way, and never arrived.
        ["10", "TIME_WAIT", "LAST_ACK"],
        ["11", "TIME_WAIT", "LAST_ACK"],
        ["12", "TIME_WAIT", "CLOSED"],
    ]


@with_tshark
@pytest.mark.slow
def test_its_fields_can_be_filtered_by(lua: Path, annotated: Path) -> None:
    def numbers(where: str) -> list[str]:
        return [row[0] for row in shown(lua, annotated, "frame.number", where=where)]

    assert numbers('wirestat.server.state == "LAST_ACK"') == ["9", "10", "11"]
    assert numbers('wirestat.evidence == "seen" && wirestat.connection == 1') == ["1", "8", "9"]
    assert numbers('wirestat.finding contains "D14"') == ["9", "11"]


@with_tshark
def test_the_colouring_rules_colour_what_they_name(
    lua: Path, annotated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["wireshark", "--colours"]) == 0
    profile = tmp_path / "wireshark" / "profiles" / "wirestat"
    profile.mkdir(parents=True)
    (profile / "colorfilters").write_text(capsys.readouterr().out, encoding="utf-8")
    lines, errors = run(
        "tshark", "-C", "wirestat", "--color", "-X", f"lua_script:{lua}", "-r", annotated,
        "-T", "fields", "-e", "frame.coloring_rule.name",
        env={"XDG_CONFIG_HOME": str(tmp_path), "COLORTERM": "truecolor"},
    )  # fmt: skip
    assert [line.strip().removeprefix("wirestat: ") for line in lines] == [
        "opening", "opening", *[""] * 5, "an end in CLOSE_WAIT", "closing", "a change that did not happen",
        "closing", "TIME_WAIT or gone",
    ], errors  # fmt: skip


@with_tshark
def test_a_capture_without_comments_shows_none_of_them(lua: Path) -> None:
    rows = shown(lua, LOST, "frame.number", "wirestat.connection", "wirestat.client.state")
    assert {tuple(row[1:]) for row in rows} == {("", "")}


@with_tshark
def test_it_installs_where_tshark_looks(tmp_path: Path) -> None:
    wirestat = [
        sys.executable,
        "-c",
        "import wirestat.commands as c; c.sys.exit(c.main(['wireshark', '--install']))",
    ]
    lines, errors = run(*wirestat, env={"HOME": str(tmp_path)})
    assert lines, errors
    plugin, extcap = map(Path, lines)
    assert plugin.is_relative_to(tmp_path)
    assert plugin.read_text(encoding="utf-8").startswith("-- wirestat in Wireshark")
    assert os.access(extcap, os.X_OK)


@with_tshark
@pytest.mark.root
@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become somebody else, and for root no plugin is loaded"
)
def test_an_ordinary_users_tshark_loads_the_plugin_by_itself(annotated: Path, lua: Path) -> None:
    home = Path("/tmp") / f"wirestat-home-{os.getpid()}"
    plugins = home / ".local" / "lib" / "wireshark" / "plugins"
    plugins.mkdir(parents=True)
    try:
        shutil.copy(lua, plugins / "wirestat.lua")
        capture = shutil.copy(annotated, home / "annotated.pcapng")
        Path(capture).chmod(0o644)
        lines, errors = run(
            "tshark",
            "-r",
            capture,
            "-T",
            "fields",
            "-e",
            "wirestat.server.state",
            user=True,
            env={"HOME": str(home)},
        )
        assert lines[8:10] == ["LAST_ACK", "LAST_ACK"], errors
    finally:
        shutil.rmtree(home)


def ordinary_python() -> str | None:
    """An interpreter that an ordinary user can run with the packages of this one."""
    for place in (sys.executable, "/usr/bin/python3"):
        # A shell tries it, as setpriv still has rights that the user will not have.
        asked = f"exec {place} -c 'import wirestat._core; print(1)'"
        tried, _ = run("sh", "-c", asked, user=True, env=packages())
        if tried == ["1"]:
            return place
    return None


def packages() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}


@with_tshark
@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.slow
def test_an_ordinary_user_finds_the_interface_and_captures_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    python = ordinary_python()
    assert python, "no interpreter that an ordinary user can run has the packages"
    folder = Path("/tmp") / f"wirestat-extcap-{os.getpid()}"
    folder.mkdir()
    try:
        folder.chmod(0o777)
        capture = shutil.copy(LOST, folder / "capture.pcap")
        monkeypatch.setattr(sys, "executable", python)
        script = folder / "wirestat"
        script.write_text(program(), encoding="utf-8")
        script.chmod(0o755)
        env = {**packages(), "WIRESHARK_EXTCAP_DIR": str(folder), "HOME": str(folder)}
        listed, errors = run("tshark", "-D", user=True, env=env)
        assert any("wirestat (A capture with" in line for line in listed), errors
        chosen = ["-o", f"extcap.wirestat.file:{capture}"]
        lines, errors = run(
            "tshark", "-i", "wirestat", *chosen, "-T", "fields", "-e", "frame.number", "-e", "frame.comment",
            user=True, env=env,
        )  # fmt: skip
        assert len(lines) == 12, errors
        assert "retracted by 11" in lines[9]
    finally:
        shutil.rmtree(folder)


@pytest.mark.skipif(shutil.which("dumpcap") is None, reason="dumpcap is not installed")
def test_dumpcap_takes_the_annotated_capture_from_a_pipe(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    wirestat = [sys.executable, "-m", "wirestat", "annotate", "-q", str(LOST), "-o", "-"]
    with subprocess.Popen(wirestat, stdout=subprocess.PIPE) as annotating:
        done = subprocess.run(
            ["dumpcap", "-i", "-", "-w", out],
            stdin=annotating.stdout,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert done.returncode == 0, done.stderr
    assert b"retracted by 11" in out.read_bytes()


def test_the_interface_answers_what_wireshark_asks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extcap", "--extcap-interfaces", "--extcap-version=4.0"]) == 0
    assert "interface {value=wirestat}" in capsys.readouterr().out
    assert main(["extcap", "--extcap-dlts", "--extcap-interface", "wirestat"]) == 0
    assert "dlt {number=" in capsys.readouterr().out
    assert main(["extcap", "--extcap-config", "--extcap-interface", "wirestat"]) == 0
    assert "{call=--where}" in capsys.readouterr().out
    assert main(["extcap", "--extcap-config", "--extcap-interface", "eth0"]) == 2
    assert main(["extcap", "--capture", "--extcap-interface", "wirestat", "--fifo", "/dev/null"]) == 2


@with_tshark
@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.slow
def test_an_ordinary_user_with_the_right_to_capture_sees_states_live(tmp_path: Path) -> None:
    python = ordinary_python()
    assert python, "no interpreter that an ordinary user can run has the packages"
    folder = Path("/tmp") / f"wirestat-extcap-live-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o777)
    script = folder / "wirestat"
    script.write_text(f'#!/bin/sh\nexec {python} -m wirestat extcap "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    listener = socket.create_server(("127.0.0.1", 0))
    place = listener.getsockname()
    rights = ["--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw"]
    command = [
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *rights,
        "tshark", "-l", "-i", "wirestat-live", "-o", "extcap.wirestat_live.interface:lo",
        "-a", f"duration:{PATIENCE:.0f}", "-c", "7", "-f", f"tcp port {place[1]}",
        "-T", "fields", "-e", "frame.comment",
    ]  # fmt: skip
    env = {**os.environ, **packages(), "WIRESHARK_EXTCAP_DIR": str(folder), "HOME": str(folder)}
    try:
        with (
            listener,
            subprocess.Popen(
                command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as tshark,
        ):

            def is_over() -> bool:
                with socket.create_connection(place) as client:
                    server, _ = listener.accept()
                    client.close()
                    server.close()
                time.sleep(0.2)
                return tshark.poll() is not None

            wait_for(is_over)
            shown, errors = tshark.communicate()
    finally:
        shutil.rmtree(folder)
    assert "client CLOSED → SYN_SENT, seen" in shown, errors
    assert "LISTEN → SYN_RECV" in shown, errors
