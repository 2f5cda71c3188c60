"""The rules of the house that no other tool holds."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

from wirestat import __version__, _core

ROOT = Path(__file__).parent.parent
CEILING = 450
"""Lines of a source file; beyond it, it is two files."""

PYTHON = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("bench/**/*.py")])
RUST = sorted(path for path in ROOT.glob("src/core/**/*.rs") if "target" not in path.parts)
EXEMPTION = re.compile(r"#[ ](?:noqa|type: ignore)\b.*$")
REASONED = re.compile(r"#\s*(?:noqa: [A-Z]+\d+|type: ignore\[[\w, -]+\]).*\s#?\s*\w+")


def test_one_version_everywhere() -> None:
    cargo = tomllib.loads((ROOT / "src/core/Cargo.toml").read_text(encoding="utf-8"))
    assert {__version__, version("wirestat"), _core.__version__} == {cargo["package"]["version"]}


def test_the_changelog_speaks_of_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON + RUST}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > CEILING} == {}


def test_each_floor_of_the_tracker_knows_only_those_above() -> None:
    floors = ["machine", "end", "connection", "reading"]
    tracker = ROOT / "src/core/tcp"
    astray = [
        f"{path.relative_to(tracker)}: {used}"
        for path in RUST
        if tracker in path.parents and path.parent != tracker
        for used in re.findall(r"crate::tcp::(\w+)", path.read_text(encoding="utf-8"))
        if used not in floors[: floors.index(path.parent.name) + 1]
    ]
    assert astray == []


def test_every_exemption_from_a_tool_is_specific_and_gives_its_reason() -> None:
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {found.group()}"
        for path in PYTHON
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := EXEMPTION.search(line)) and not REASONED.match(found.group())
    ]
    assert lines == []
