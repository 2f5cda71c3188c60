"""A release: a wheel that is the same wherever it is built, and its bill of materials."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("README.md", "LICENSE", "pyproject.toml", "src", ".ci")
COMMIT_S = "1700000000"
PATIENCE = 1800.0
"""Seconds for a build of the core from nothing."""


def release(copy: Path, out: Path) -> Path:
    """Make a release from a copy of the checkout; return the wheel."""
    copy.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            left_out = shutil.ignore_patterns("target", "corpus", "artifacts", "__pycache__", "*.so")
            shutil.copytree(source, copy / part, ignore=left_out)
        else:
            shutil.copy(source, copy / part)
    done = subprocess.run(
        [copy / ".ci/release", out],
        env={**os.environ, "SOURCE_DATE_EPOCH": COMMIT_S, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = out.glob("*.whl")
    return wheel


@pytest.mark.parametrize("name", ["run", "release", "wheels", "try", "foreign", "package"])
def test_a_script_can_be_run_and_says_what_it_does(name: str) -> None:
    script = ROOT / ".ci" / name
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n# ")
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_unit_makes_sense_to_systemd(tmp_path: Path) -> None:
    text = (ROOT / "packaging" / "wirestat-live@.service").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("Documentation")]
    unit = tmp_path / "wirestat-live@.service"
    unit.write_text("\n".join(lines).replace("/usr/bin/wirestat", sys.executable) + "\n", encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_bill_names_every_package_once_and_not_the_project_itself() -> None:
    program = (
        "import json, materials, tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project'];"
        "print(json.dumps([one['name'] for one in materials.packages(project)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / ".ci")},
        capture_output=True,
        text=True,
        check=True,
    )
    names = json.loads(done.stdout)
    assert {"click", "scapy", "pyshark"} <= set(names)
    assert len(set(names)) == len(names)
    assert "wirestat" not in names


def test_the_extra_of_all_has_every_other() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (line,) = extras.pop("all")
    assert line == f"wirestat[{','.join(sorted(extras))}]"


@pytest.mark.slow
def test_two_builds_in_two_folders_are_the_same_bit_for_bit(tmp_path: Path) -> None:
    first = release(tmp_path / "here", tmp_path / "out1")
    second = release(tmp_path / "elsewhere" / "deeper", tmp_path / "out2")
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()
    bill = json.loads((tmp_path / "out1" / "wirestat.cdx.json").read_text())
    assert bill == json.loads((tmp_path / "out2" / "wirestat.cdx.json").read_text())
    (said,) = bill["metadata"]["component"]["hashes"]
    assert said["content"] == hashlib.sha256(first.read_bytes()).hexdigest()
    names = {component["name"] for component in bill["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert names >= {"pyo3", "hashbrown", "ruzstd", "click", "rich", "scapy", "pyshark"}
    assert len([name for name in names if name in str(project["dependencies"])]) == len(
        project["dependencies"]
    )
