"""``src/wirestat/vocabulary.py``: the names of facts and cues, drawn from the core's lists."""

import re

from wirestat import _core

_WIDTH = 110
"""Columns of a line of Python, as pyproject.toml has them."""


def vocabulary() -> str:
    """Return the file."""
    cues = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper(): words for name, words in _core.CUES.items()}
    facts = {name.replace("-", "_").upper(): name for name in _core.FACTS}
    return (
        '"""The names of facts and cues, drawn from the core\'s lists by ``docs/build.py``: do not edit."""\n\n'
        "from enum import StrEnum\n"
        + _enumeration(
            "Fact", "A yes/no observation, without judgement; ``wirestat.facts`` says each in words.", facts
        )
        + _enumeration("Cue", "The meaning of one segment, or one silence, to one end.", cues)
    )


def _enumeration(name: str, meaning: str, members: dict[str, str]) -> str:
    lines = "".join(map(_member, members, members.values()))
    return f'\n\nclass {name}(StrEnum):\n    """{meaning}"""\n\n{lines}'


def _member(name: str, value: str) -> str:
    """Return one line, or three where the formatter would make three of it."""
    line = f'    {name} = "{value}"\n'
    return line if len(line) <= _WIDTH + 1 else f'    {name} = (\n        "{value}"\n    )\n'
