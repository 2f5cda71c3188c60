"""The shells themselves complete wirestat's command lines with what ``wirestat completion`` prints."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.quick import some_quick
from wirestat.commands import main
from wirestat.commands.completion import SHELLS

CASES = [
    ("wirestat ann", "annotate"),
    ("wirestat analyze --fail", "--fail-on"),
    ("wirestat trace.pcap --state close", "close_wait"),
    ("wirestat trace.pcap --finding D0", "D05"),
    ("wirestat explain final", "final-ack-ignored"),
    ("wirestat live --timer time", "time_wait="),
    ("wirestat live -i l", "lo"),
    ("wirestat trace.pcap -Y conn", "connect_time"),
    ("wirestat completion z", "zsh"),
]


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


def shell(*command: str, folder: Path | None = None, **environment: str) -> list[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def bash(line: str, text: str, folder: Path | None = None) -> list[str]:
    words = line.split()
    quoted = " ".join(map(shlex.quote, words))
    program = (
        f"{text}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _wirestat_completion wirestat 2>&1\n"
    )
    return shell("bash", "-c", program + 'printf "%s\\n" "${COMPREPLY[@]}"', folder=folder)


@pytest.mark.parametrize(("line", "offered"), some_quick(CASES, each=4))
def test_bash(line: str, offered: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert offered in bash(line, script("bash", capsys))


def test_bash_offers_files_beside_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    lines = bash("wirestat an", script("bash", capsys))
    # Outside of a completion ``compopt`` fails, and bash names it in its error.
    assert any("compopt" in line for line in lines)
    assert "analyze" in lines


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(("line", "offered"), some_quick(CASES, each=4))
def test_fish(line: str, offered: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "wirestat.fish"
    file.write_text(script("fish", capsys), encoding="utf-8")
    lines = shell("fish", "-N", "-c", f"source {file}; complete -C {shlex.quote(line)}", HOME=str(tmp_path))
    assert offered in [line.partition("\t")[0] for line in lines]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
@pytest.mark.slow
def test_zsh_takes_the_script_and_gets_its_answers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "_wirestat"
    file.write_text(script("zsh", capsys), encoding="utf-8")
    ready = (
        f"autoload -Uz compinit && compinit -u -d {tmp_path}/dump && source {file} && print $_comps[wirestat]"
    )
    assert shell("zsh", "-f", "-c", ready) == ["_wirestat_completion"]
    for line, offered in CASES:
        words = line.split()
        told = shell(
            "wirestat", _WIRESTAT_COMPLETE="zsh_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1)
        )
        assert offered in told


@pytest.mark.parametrize("name", SHELLS)
def test_each_script_is_for_wirestat(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "_WIRESTAT_COMPLETE" in script(name, capsys)


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "bash" in capsys.readouterr().err
