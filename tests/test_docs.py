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
