"""The first steps: help, version, completion, and how little they load."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest

from tests.commands.conftest import Wirestat
from tests.quick import some_quick
from wirestat.commands import verbs
from wirestat.commands.group import VERBS

HEAVY = (
    "rich",
    "textual",
    "msgspec",
    "wirestat._core",
    "wirestat.model",
    "wirestat.report",
    "wirestat.diagnosis",
    "scapy",
)

ROOT = Path(__file__).parents[2]
LOST = str(ROOT / "pcaps" / "last-ack-lost-once" / "middle.pcap")


def loaded(*arguments: str) -> set[str]:
    """Name the modules in memory after running wirestat."""
    program = "import sys, wirestat.commands as c; c.main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], []])
def test_the_first_steps_load_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(*arguments).isdisjoint(HEAVY)


def plain(name: str) -> str:
    """Spell a distribution's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def extras() -> dict[str, set[str]]:
    """Name the modules that each extra brings, as far as it is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    modules: dict[str, set[str]] = {}
    for extra, requirements in project["optional-dependencies"].items():
        wanted = {plain(re.split(r"[^\w.-]", one)[0]) for one in requirements}
        modules[extra] = {
            module
            for module, brought in packages_distributions().items()
            if wanted & set(map(plain, brought))
        }
    del modules["all"]
    return modules


@pytest.mark.slow  # the metadata of all packages is read
@pytest.mark.parametrize(
    "arguments",
    [[LOST], ["--version"], [LOST, "--format", "json"], [LOST, "--connection", "1"], ["explain", "D05"]],
    ids=" ".join,
)
def test_modules_of_extras_are_loaded_only_when_needed(arguments: list[str]) -> None:
    modules = extras()
    assert all(modules.values()), "an extra is not installed"
    before = {name.partition(".")[0] for name in loaded(*arguments)}
    assert {extra: names & before for extra, names in modules.items() if names & before} == {}


def test_plain_output_does_not_load_rich() -> None:
    assert "rich" not in loaded("states")


def test_a_wrong_command_line_does_not_load_the_core() -> None:
    assert "wirestat._core" not in loaded("analyze", "missing.pcap")


def test_an_empty_command_line_gets_a_first_help(wirestat: Wirestat) -> None:
    done = wirestat()
    assert done.returncode == 0
    assert "wirestat trace.pcap" in done.stdout


def test_a_capture_piped_in_without_a_word_gets_a_hint(wirestat: Wirestat) -> None:
    done = wirestat(stdin="...")
    assert done.returncode == 2
    assert "hint: 'wirestat -r -' reads the capture from it" in done.stderr


def test_the_version(wirestat: Wirestat) -> None:
    assert wirestat("--version").stdout.startswith("wirestat ")
    assert wirestat("-V").stdout == wirestat("--version").stdout


def test_the_package_is_a_program(wirestat: Wirestat) -> None:
    done = subprocess.run([sys.executable, "-m", "wirestat", "--version"], capture_output=True, text=True)
    assert done.stdout == wirestat("--version").stdout


def test_help_lists_every_verb(wirestat: Wirestat) -> None:
    for asked in ("-h", "--help"):
        text = wirestat(asked).stdout
        assert all(f"  {verb} " in text for verb in VERBS)


@pytest.mark.parametrize("verb", some_quick(list(VERBS), each=4))
def test_help_lists_every_option(wirestat: Wirestat, verb: str) -> None:
    command = verbs.get_command(click.Context(verbs), verb)
    assert command is not None
    text = wirestat(verb, "--help").stdout
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help
            assert all(name in text for name in parameter.opts)


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        ("wirestat", "ana", "analyze"),
        ("wirestat analyze", "--fail", "--fail-on"),
        ("wirestat trace.pcap", "--conn", "--connection"),
        ("wirestat analyze --state", "close", "close_wait"),
        ("wirestat analyze --timer", "time", "time_wait="),
        ("wirestat states --format", "mer", "mermaid"),
    ],
)
def test_completion(wirestat: Wirestat, words: str, incomplete: str, offered: str) -> None:
    line = {"COMP_WORDS": f"{words} {incomplete}", "COMP_CWORD": str(len(words.split()))}
    done = wirestat(env={"_WIRESTAT_COMPLETE": "bash_complete", **line})
    assert f"plain,{offered}" in done.stdout.splitlines()
