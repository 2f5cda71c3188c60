"""Hooks of MkDocs: they take in pages that stand elsewhere, and the help of every verb.

Pages are written to be read in the repository. Links to files that are no page of the site become their names.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

import click
from mkdocs.structure.files import File, Files

from wirestat.commands import verbs
from wirestat.commands.group import VERBS

ROOT = Path(__file__).parent.parent
ELSEWHERE = {
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "tests/lab/README.md": "lab.md",
    "README.md": "README.md",
}
"""Where a page of the repository stands on the site; the site's home says what the README says, and more."""
_DRAWING = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DOCUMENT = "![What RFC 9293 draws](states.svg)"
"""The picture of the second drawing on the page of the machine; the first has too many arrows, and is a list."""
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: Any) -> Files:
    """Take in the pages that stand elsewhere, and write that of the commands."""
    for source, place in ELSEWHERE.items():
        if place != "README.md":
            text = (ROOT / source).read_text(encoding="utf-8")
            files.append(File.generated(config, place, content=_relinked(text, source, place)))
    files.append(File.generated(config, "commands.md", content=_commands()))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Point links to where things stand on the site."""
    place = page.file.src_uri
    if page.file.generated_by is not None:
        return markdown
    return _relinked(_drawn(markdown) if place == "machine.md" else markdown, f"docs/{place}", place)


def _drawn(markdown: str) -> str:
    """Show without a script what the repository's drawings show: arrows one below the other, and a picture."""
    witness, _document = _DRAWING.findall(markdown)
    arrows = [line.strip() for line in witness.splitlines() if "--" in line or "-." in line or "==" in line]
    assert arrows
    for name, states in re.findall(r'(MANY_\d+)\["([^"]+)"\]', witness):
        arrows = [re.sub(rf"\b{name}\b", states.replace("<br>", " or "), arrow) for arrow in arrows]
    parts = _DRAWING.split(markdown)
    return "".join([parts[0], "```\n", "\n".join(arrows), "\n```", parts[2], _DOCUMENT, parts[4]])


def _relinked(text: str, source: str, place: str) -> str:
    """Rewrite the links of a page that stands at ``source`` in the repository and at ``place`` on the site."""

    def point(found: re.Match[str]) -> str:
        label, target, anchor = found[1], found[2], found[3] or ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if path in ELSEWHERE:
            there = ELSEWHERE[path]
        elif path.startswith("docs/") and path.endswith(".md"):
            there = path.removeprefix("docs/")
        elif path.startswith("docs/"):
            return found[0]
        else:
            return label
        return f"[{label}]({posixpath.relpath(there, posixpath.dirname(place) or '.')}{anchor})"

    return _LINK.sub(point, text)


def _commands() -> str:
    """Write what ``--help`` says of every verb."""
    parts = ["# Commands", "What `--help` says of each verb. `man wirestat` has the same."]
    for name in VERBS:
        command = verbs.get_command(click.Context(verbs), name)
        assert command is not None
        with click.Context(command, info_name=f"wirestat {name}", terminal_width=90) as ctx:
            parts += [f"## {name}", f"```\n{command.get_help(ctx)}\n```"]
    return "\n\n".join(parts) + "\n"
