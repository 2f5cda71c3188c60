"""The manual pages say all that --help says, and mandoc finds nothing to complain about."""

import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from wirestat.commands import verbs
from wirestat.commands.group import VERBS
from wirestat.diagnosis.manual import catalogue
from wirestat.query import FIELDS

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("man")
    subprocess.run([sys.executable, ROOT / "docs" / "man.py", folder], check=True)
    return folder


def text(page: Path) -> str:
    """The words of a page, as mandoc would print them."""
    written = page.read_text(encoding="utf-8").replace(r"\&", "").replace(r"\fB", "").replace(r"\fR", "")
    for spelled, letter in ((r"\-", "-"), (r"\(aq", "'"), (r"\(ga", "`"), (r"\(ha", "^"), (r"\(ti", "~")):
        written = written.replace(spelled, letter)
    return written


def test_there_is_a_page_for_each_verb_and_one_for_all(manual: Path) -> None:
    names = {page.name for page in (manual / "man1").iterdir()}
    assert names == {"wirestat.1", *(f"wirestat-{verb}.1" for verb in VERBS)}
    assert all(f"\nwirestat-{verb}" in text(manual / "man1" / f"wirestat-{verb}.1") for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_a_page_has_every_option_with_its_help(manual: Path, verb: str) -> None:
    command = verbs.get_command(click.Context(verbs), verb)
    assert command is not None
    page = text(manual / "man1" / f"wirestat-{verb}.1")
    for option in command.params:
        if isinstance(option, click.Option):
            assert all(name in page for name in option.opts)
            assert " ".join((option.help or "").split()) in page


def test_the_other_pages_name_every_field_and_every_diagnosis(manual: Path) -> None:
    filters, diagnoses = (text(manual / "man7" / f"wirestat-{name}.7") for name in ("filters", "diagnoses"))
    assert [name for name in FIELDS if f"\n{name}" not in filters] == []
    assert [rule.id for rule in catalogue() if f"{rule.id} {rule.title}" not in diagnoses] == []


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_finds_nothing(manual: Path) -> None:
    pages = sorted(manual.glob("man?/*"))
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", *pages], capture_output=True, text=True, check=False
    )
    assert done.stdout + done.stderr == ""
