"""The pages that are drawn from the code are those in the tree."""

import subprocess
import sys
from pathlib import Path

BUILD = Path(__file__).parent.parent / "docs" / "build.py"


def test_the_drawn_pages_are_fresh() -> None:
    check = subprocess.run([sys.executable, BUILD, "--check"], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr
