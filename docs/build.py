"""Draws the pages that follow from the code: ``docs/build.py`` writes them, ``docs/build.py --check`` compares.

``diagnoses.md`` comes from the docstrings of the rules.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from wirestat.diagnosis import catalogue
from wirestat.diagnosis.registry import Rule

HERE = Path(__file__).parent
_LABEL = re.compile(r"^(What it means|Why it matters|Rivals|What to do|See it|RFC 9293): (.)", re.MULTILINE)
_DIAGNOSIS = re.compile(r"\bD\d\d\b")


def diagnoses() -> str:
    """Return ``diagnoses.md``."""
    rules = catalogue()
    rows = "\n".join(f"| [{rule.id}](#{_anchor(rule)}) | {rule.title} | {rule.severity} |" for rule in rules)
    pages = "\n\n".join(_page(rule) for rule in rules)
    return (
        "# Diagnoses\n\n"
        "What wirestat can find, drawn from the rules themselves by `docs/build.py`. "
        "`wirestat explain D05` shows the same page in a terminal.\n\n"
        f"| id | diagnosis | usual severity |\n|---|---|---|\n{rows}\n\n{pages}\n"
    )


def _page(rule: Rule) -> str:
    text = rule.page.replace("``", "`")
    text = _LABEL.sub(lambda match: f"**{match[1]}.** {match[2].upper()}", text)
    text = _DIAGNOSIS.sub(lambda match: _link(match.group()), text)
    return f"## {rule.id} {rule.title}\n\n`{rule.name}`, usually {rule.severity}\n\n{text}"


def _link(id: str) -> str:
    linked = next(rule for rule in catalogue() if rule.id == id)
    return f"[{id}](#{_anchor(linked)})"


def _anchor(rule: Rule) -> str:
    words = re.sub(r"[^\w\- ]", "", f"{rule.id} {rule.title}".lower())
    return words.replace(" ", "-")


PAGES: dict[str, Callable[[], str]] = {"diagnoses.md": diagnoses}
"""Every page that is drawn, by its name."""


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` name those that are out of date."""
    stale = [name for name, draw in PAGES.items() if not _is_fresh(HERE / name, draw())]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/{name} is out of date: run docs/build.py", file=sys.stderr)
        return bool(stale)
    for name in stale:
        (HERE / name).write_text(PAGES[name](), encoding="utf-8")
    return 0


def _is_fresh(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
