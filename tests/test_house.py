"""The rules of the house that no other tool holds."""

import ast
import re
import tomllib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest

from wirestat import __version__, _core

ROOT = Path(__file__).parent.parent
CEILING = 450
"""Lines of a source file; beyond it, it is two files."""
LONGEST = 60
"""Lines of a function's code, as clippy.toml has it for the core."""
MOST_PARAMETERS = 6
"""As clippy.toml has it for the core."""
CLAUSE_FIRST = re.compile(r'(?://[/!]?|(?<!#)#|""")\s*What (?!it means:)')

PYTHON = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("bench/**/*.py")])
RUST = sorted(path for path in ROOT.glob("src/core/**/*.rs") if "target" not in path.parts)
CHANGES_WHILE_IT_ASKS = re.compile(r"\bfn (?:is|has|may|are|have|was)_\w+\(\s*(?:&mut self|\w+: &mut )")
EXEMPTION = re.compile(r"#[ ](?:noqa|type: ignore)\b.*$")
REASONED = re.compile(r"#\s*(?:noqa: [A-Z]+\d+|type: ignore\[[\w, -]+\]).*\s#?\s*\w+")


@cache
def functions() -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function of Python by its place."""
    return {
        f"{path.relative_to(ROOT)}:{function.lineno}: {function.name}": function
        for path in PYTHON
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_one_version_everywhere() -> None:
    cargo = tomllib.loads((ROOT / "src/core/Cargo.toml").read_text(encoding="utf-8"))
    assert {__version__, version("wirestat"), _core.__version__} == {cargo["package"]["version"]}


def test_the_changelog_speaks_of_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON + RUST}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > CEILING} == {}


@pytest.mark.slow
def test_no_function_is_too_long() -> None:
    lengths = {
        place: function.end_lineno - first.lineno + 1
        for place, function in functions().items()
        if function.end_lineno
        # Its docstring is a page, not code.
        for first in [function.body[1] if ast.get_docstring(function) and function.body[1:] else function]
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}


@pytest.mark.slow
def test_no_function_takes_too_many_parameters() -> None:
    """Beyond six a noun is missing. Outside ``src`` those do not count that are given by name, where any is."""
    many = {}
    for place, function in functions().items():
        taken = function.args
        names = [one.arg for one in (*taken.posonlyargs, *taken.args)]
        by_name = list(zip(taken.kwonlyargs, taken.kw_defaults, strict=True))
        names += [one.arg for one, default in by_name if place.startswith("src") or default is None]
        count = len([name for name in names if name not in ("self", "cls")])
        if count > MOST_PARAMETERS:
            many[re.sub(r":\d+", "", place)] = count
    assert many == {"src/wirestat/__init__.py: analyze": 11}, "which is the command line, as a function"


def test_no_sentence_begins_with_what_a_thing_is() -> None:
    """Comments and docstrings name their subject first: "The capture's defects", not "What is wrong with ..."."""
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in PYTHON + RUST
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CLAUSE_FIRST.search(line)
    ]
    assert lines == []


def test_no_function_of_the_core_that_asks_may_change_anything() -> None:
    """Names that ask begin with "is", "has" or "may", and take what they ask about by a shared reference."""
    lines = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in RUST
        for found in CHANGES_WHILE_IT_ASKS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert lines == []


def test_every_exemption_from_a_tool_is_specific_and_gives_its_reason() -> None:
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {found.group()}"
        for path in PYTHON
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := EXEMPTION.search(line)) and not REASONED.match(found.group())
    ]
    assert lines == []
