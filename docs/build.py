"""Draws the files that follow from the code: ``docs/build.py`` writes them, ``docs/build.py --check`` compares.

``docs/diagnoses.md`` comes from the docstrings of the rules, ``src/wirestat/vocabulary.py`` from the core's lists.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from wirestat import _core
from wirestat.diagnosis import catalogue
from wirestat.diagnosis.registry import Rule

ROOT = Path(__file__).parent.parent
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


def vocabulary() -> str:
    """Return ``vocabulary.py``."""
    cues = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper(): words for name, words in _core.CUES.items()}
    facts = {name.replace("-", "_").upper(): name for name in _core.FACTS}
    return (
        '"""The names of facts and cues, drawn from the core\'s lists by ``docs/build.py``: do not edit."""\n\n'
        "from enum import StrEnum\n"
        + _enumeration(
            "Fact", "A yes/no observation, without judgement; ``wirestat.facts`` says each in words.", facts
        )
        + _enumeration("Cue", "What one segment, or one silence, means to one end.", cues)
    )


def _enumeration(name: str, meaning: str, members: dict[str, str]) -> str:
    lines = "".join(f'    {member} = "{value}"\n' for member, value in members.items())
    return f'\n\nclass {name}(StrEnum):\n    """{meaning}"""\n\n{lines}'


PAGES: dict[str, Callable[[], str]] = {
    "docs/diagnoses.md": diagnoses,
    "src/wirestat/vocabulary.py": vocabulary,
}
"""Every file that is drawn, by its path."""


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` name those that are out of date."""
    stale = [name for name, draw in PAGES.items() if not _is_fresh(ROOT / name, draw())]
    if "--check" in arguments:
        for name in stale:
            print(f"{name} is out of date: run docs/build.py", file=sys.stderr)
        return bool(stale)
    for name in stale:
        (ROOT / name).write_text(PAGES[name](), encoding="utf-8")
    return 0


def _is_fresh(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
