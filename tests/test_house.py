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
"""Maximum lines of a source file; a longer one is split."""
LONGEST = 60
"""Lines of a function's code, as clippy.toml has it for the core."""
MOST_PARAMETERS = 6
"""Parameters of a function, as clippy.toml has it for the core."""
CLAUSE_FIRST = re.compile(r'(?://[/!]?|(?<!#)#|""")\s*What (?!it means:)')

PYTHON = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("bench/**/*.py")])
RUST = sorted(path for path in ROOT.glob("src/core/**/*.rs") if "target" not in path.parts)
FUNCTION = re.compile(
    r"\bfn (?P<name>\w+)(?:<[^>(]*>)?\((?P<takes>[^{;]*?)\)\s*(?:->\s*(?P<gives>[^{;]+?))?\s*(?:where[^{]*)?\{"
)
ASKS = re.compile(r"(?:is|has|may|are|have|was|were|had|can|could|do|does|did|would|must|any|all|eq)(?:_|$)")
STATES = re.compile(r"(?!\w*ss(?:_|$))[a-z]+s(?:_|$)|[a-z]+_(?:is|are|has|have)_")
"""Verbs in the third person: "answers_syn", "fin_is_acked"."""
RELATIONS = {"before", "after", "within", *("syn", "ack", "psh", "fin", "rst", "urg")}
"""Relations of sequence numbers, and control bits, by their names in RFC 9293."""
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
    """More than six parameters call for a noun. Outside ``src``, keyword-only ones with a default do not count."""
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


def misnamed(text: str) -> list[str]:
    """Return functions whose names ask though they change something, and those that answer and do not ask."""
    wrong = []
    for found in FUNCTION.finditer(text.partition("#[cfg(test)]\nmod ")[0]):
        name, takes, gives = found["name"], found["takes"], found["gives"] or ""
        asks = ASKS.match(name) or STATES.match(name)
        changes = "&mut " in takes
        if changes and (ASKS.match(name) or (asks and gives in ("", "bool"))):
            wrong.append(f"{name} asks, and changes what it is given")
        if gives == "bool" and not changes and not asks and name not in RELATIONS:
            wrong.append(f"{name} answers, and does not ask")
    return wrong


def test_no_function_of_the_core_that_asks_may_change_anything() -> None:
    """Names that ask begin with "is", "has" or "may", or state something, and take a shared reference."""
    of_tests = {"tests", "examples", "fuzz", "tests.rs", "hostile.rs"}
    ours = [path for path in RUST if not of_tests & set(path.parts[len(ROOT.parts) :])]
    wrong = {
        str(path.relative_to(ROOT)): lines
        for path in ours
        if (lines := misnamed(path.read_text(encoding="utf-8")))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("function", "count"),
    [
        ("fn is_open(&mut self) -> bool {", 1),
        ("fn answers_syn(c: &mut Connection, turn: Turn) -> bool {", 1),
        ("fn open_now(&self) -> bool {", 1),
        ("fn answers_syn(c: &Connection, turn: Turn) -> bool {", 0),
        ("fn pass_time(c: &mut Connection) {", 0),
        ("fn ends_mut(&mut self) -> &mut [Endpoint; 2] {", 0),
    ],
)
def test_a_name_that_misleads_would_be_found(function: str, count: int) -> None:
    assert len(misnamed(function)) == count


def test_every_exemption_from_a_tool_is_specific_and_gives_its_reason() -> None:
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {found.group()}"
        for path in PYTHON
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := EXEMPTION.search(line)) and not REASONED.match(found.group())
    ]
    assert lines == []
