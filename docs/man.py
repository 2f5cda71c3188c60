"""Writes the manual pages: ``docs/man.py FOLDER`` makes ``man1`` and ``man7`` in it.

They are drawn from what wirestat itself says: ``--help`` of each verb, ``wirestat fields``, and the rules' own pages;
``docs/filters.md`` says how a filter is put together.
"""

import inspect
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from os import environ
from pathlib import Path

import click
from roff import Page

from wirestat.commands import verbs
from wirestat.commands.codes import Code
from wirestat.commands.fields import EXAMPLES, INTRODUCTION, compared_with
from wirestat.commands.group import VERBS
from wirestat.diagnosis.manual import catalogue
from wirestat.query import FIELDS

ROOT = Path(__file__).parent.parent
_LABEL = re.compile(r"(What it means|Why it matters|Rivals|What to do|See it|RFC 9293): (\w?)")
_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KEEP_LINES = "\b"
"""The mark before a paragraph of a help text whose lines are kept."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Write the pages into FOLDER."""
    for name, section, text in pages():
        place = folder / f"man{section}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.{section}").write_text(text, encoding="utf-8")


def pages() -> Iterator[tuple[str, int, str]]:
    """Yield name, section and text of every page."""
    yield "wirestat", 1, _program()
    for verb in VERBS:
        yield f"wirestat-{verb}", 1, _verb(verb)
    yield "wirestat-filters", 7, _filters()
    yield "wirestat-diagnoses", 7, _diagnoses()


def _begin(name: str, section: int, about: str) -> Page:
    """Begin a page; it bears the day of the build, or of ``SOURCE_DATE_EPOCH``."""
    seconds = environ.get("SOURCE_DATE_EPOCH")
    day = datetime.fromtimestamp(int(seconds), UTC) if seconds else datetime.now(UTC)
    return Page(name, section, f"{day:%Y-%m-%d}", about[0].lower() + about[1:].rstrip("."))


def _program() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = _begin("wirestat", 1, project["description"])
    page.heading("SYNOPSIS")
    page.paragraph("**wirestat** *CAPTURE*... [*OPTION*]...")
    page.paragraph("**wirestat** *VERB* [*OPTION*]... [*ARGUMENT*]...")
    page.heading("DESCRIPTION")
    _help(page, verbs)
    page.heading("VERBS")
    for name, help in VERBS.items():
        page.item(name, f"{help} See **wirestat-{name}**(1).")
    _options(page, verbs)
    page.heading("EXIT STATUS")
    for number, meaning in _codes():
        page.item(str(number), meaning)
    _see_also(
        page, *(f"wirestat-{name}(1)" for name in VERBS), "wirestat-filters(7)", "wirestat-diagnoses(7)"
    )
    return page.text()


def _codes() -> Iterator[tuple[int, str]]:
    """Yield the exit codes with what is written below each in ``codes.py``."""
    source = inspect.getsource(Code)
    for code in Code:
        found = re.search(rf'{code.name} = {code.value}\n\s+"""(.*?)"""', source, re.DOTALL)
        if found:
            yield code.value, found[1].replace("``", "`")


def _verb(name: str) -> str:
    command = verbs.get_command(click.Context(verbs), name)
    assert command is not None
    page = _begin(f"wirestat-{name}", 1, VERBS[name])
    page.heading("SYNOPSIS")
    words = " ".join(command.collect_usage_pieces(click.Context(command)))
    page.paragraph(f"**wirestat {name}** {words}")
    page.heading("DESCRIPTION")
    _help(page, command)
    _options(page, command)
    _see_also(page, "wirestat(1)", "wirestat-filters(7)", "wirestat-diagnoses(7)")
    return page.text()


def _help(page: Page, command: click.Command) -> None:
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith(_KEEP_LINES):
            page.example(paragraph.removeprefix(_KEEP_LINES).strip("\n").splitlines())
        else:
            page.paragraph(paragraph)


def _options(page: Page, command: click.Command) -> None:
    page.heading("OPTIONS")
    for parameter in command.get_params(click.Context(command)):
        record = parameter.get_help_record(click.Context(command))
        if record and record[1]:
            page.item(*record)


def _see_also(page: Page, *names: str) -> None:
    page.heading("SEE ALSO")
    page.paragraph(", ".join(f"**{name[:-3]}**{name[-3:]}" for name in names))


def _filters() -> str:
    page = _begin("wirestat-filters", 7, "Asking for connections: the language of -Y")
    page.heading("DESCRIPTION")
    _, *parts = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8").split("\n## ")
    first = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8").partition("\n## ")[0]
    _markdown(page, first.partition("\n")[2])
    page.heading("FIELDS")
    page.paragraph(INTRODUCTION)
    for field in FIELDS.values():
        name = field.name if field.is_of_ends else f"{field.name} *"
        page.item(name, f"{field.meaning} ({compared_with(field)})")
    page.heading("EXAMPLES")
    for text, meaning in EXAMPLES:
        page.item(text, meaning)
    for part in parts:
        title, _, text = part.partition("\n")
        if title not in ("Fields", "In Python"):
            page.heading(title.upper())
            _markdown(page, text)
    _see_also(page, "wirestat(1)", "wirestat-fields(1)")
    return page.text()


def _markdown(page: Page, text: str) -> None:
    """Write paragraphs and fenced blocks; tables say what is said elsewhere on the page."""
    end = 0
    for found in _FENCE.finditer(text):
        _paragraphs(page, text[end : found.start()])
        page.example(found[1].splitlines())
        end = found.end()
    _paragraphs(page, text[end:])


def _paragraphs(page: Page, text: str) -> None:
    for paragraph in filter(None, map(str.strip, text.split("\n\n"))):
        if not paragraph.startswith("|"):
            page.paragraph(paragraph)


def _diagnoses() -> str:
    page = _begin("wirestat-diagnoses", 7, "What wirestat can find, and what to do")
    page.heading("DESCRIPTION")
    page.paragraph(
        "`wirestat explain` shows each of these by itself; `--finding` shows one of a capture whole."
    )
    page.heading("DIAGNOSES")
    for rule in catalogue():
        page.heading(f"{rule.id} {rule.title}", below=True)
        page.paragraph(f"`{rule.name}`, usually {rule.severity}")
        for paragraph in rule.page.replace("``", "`").split("\n\n"):
            page.paragraph(_LABEL.sub(_as_heading, paragraph, count=1))
    _see_also(page, "wirestat(1)", "wirestat-explain(1)")
    return page.text()


def _as_heading(label: re.Match[str]) -> str:
    """Set a label in bold; the words behind it are a sentence of their own then."""
    first = label[2] if label[1] == "See it" else label[2].upper()  # a command keeps its spelling
    return f"**{label[1]}.** {first}"


if __name__ == "__main__":
    main()
