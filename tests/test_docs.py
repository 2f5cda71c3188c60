"""The pages that are drawn from the code are those in the tree, and what pages name is there."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BUILD = DOCS / "build.py"


def test_the_drawn_pages_are_fresh() -> None:
    check = subprocess.run([sys.executable, BUILD, "--check"], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr


def test_no_files_of_the_core_import_each_other() -> None:
    imports = imports_of_rooms()
    graph = imports.of_core(ROOT / "src/core")
    assert "tcp::machine::fact" in graph["tcp::end::counts"]
    circles = imports.circles(graph)
    assert {name.split("::")[0] for circle in circles for name in circle} == {"wire"}, (
        "only headers are nested"
    )


def test_circles_are_found() -> None:
    imports = imports_of_rooms()
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}
    assert imports.circles(graph) == [["b", "c"]]
    assert imports.between(graph, ["a", "d"], "::") == {"a": {"d"}, "d": set()}
    assert imports.essential({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {
        "a": {"b"},
        "b": {"c"},
        "c": set(),
    }


def test_the_files_that_pages_name_are_there() -> None:
    folders = (ROOT, ROOT / "src/core", ROOT / "src/wirestat")
    for page in (ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *DOCS.glob("*.md")):
        named = re.findall(r"`([a-z_0-9]+(?:/[a-z_0-9]+)+\.(?:rs|py))`", page.read_text(encoding="utf-8"))
        missing = {name for name in named if not any((folder / name).exists() for folder in folders)}
        assert missing <= SAID_FROM_ELSEWHERE, page


SAID_FROM_ELSEWHERE = {"page/told.py"}
"""Names that a page says from the folder that it has just named."""


def imports_of_rooms() -> ModuleType:
    """Load ``docs/imports.py``, which lies in no package."""
    spec = importlib.util.spec_from_file_location("imports_of_rooms", DOCS / "imports.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
