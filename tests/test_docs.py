"""The pages that are drawn from the code are those in the tree, and what pages name is there."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BUILD = DOCS / "build.py"


def test_the_drawn_pages_are_fresh() -> None:
    check = subprocess.run([sys.executable, BUILD, "--check"], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr


def test_the_files_that_pages_name_are_there() -> None:
    folders = (ROOT, ROOT / "src/core", ROOT / "src/wirestat")
    for page in (ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *DOCS.glob("*.md")):
        named = re.findall(r"`([a-z_0-9]+(?:/[a-z_0-9]+)+\.(?:rs|py))`", page.read_text(encoding="utf-8"))
        assert [name for name in named if not any((folder / name).exists() for folder in folders)] == [], page


def rooms_of_the_map() -> set[Path]:
    """Return the paths that the map of CONTRIBUTING names: a bare name lies beside the first of its line."""
    found = set[Path]()
    for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
        names = re.findall(r"`([^`]+)`", line.split("|")[1]) if line.startswith("| `") else []
        if names and "/" in names[0] and " " not in names[0]:
            first = Path(names[0].partition("<")[0])
            found.add(first)
            found |= {Path(name) if "/" in name.rstrip("/") else first.parent / name for name in names[1:]}
    return found


def test_the_map_names_every_room_and_none_that_is_gone() -> None:
    named = rooms_of_the_map()
    assert [str(path) for path in named if not (ROOT / path).exists()] == []
    sources = [path for kind in ("rs", "py") for path in (ROOT / "src").rglob(f"*.{kind}")]
    places = [path.relative_to(ROOT) for path in sources if not path.name.startswith("__")]
    entries = {Path(*place.parts[:3]) for place in places} - {Path("src/core/target")}
    assert sorted(str(path) for path in entries - named) == []


def test_a_recipe_names_files_that_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`(?:[\w./]+/)?([a-z_0-9]+\.(?:rs|py|toml|md))`", text)
    folders = [ROOT / folder for folder in ("src", "tests", "docs", ".cargo", "pcaps/field")]
    there = {path.name for folder in folders for path in folder.rglob("*.*")}
    assert [name for name in named if name not in there and not (ROOT / name).exists()] == []
