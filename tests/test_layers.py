"""Imports run downward only; above all, the witness and the document never meet."""

import ast
import subprocess
import sys
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from tests.packets.dialogue import dialogue
from tests.packets.files import pcap
from tests.rooms import IMPORTS as ROOMS

SOURCE = Path(__file__).parent.parent / "src" / "wirestat"

WITNESS = ("tracker", "witness", "_core", "facts", "capture", "capture.native", "join", "comparison")
DOCUMENT = ("rfc9293",)
MAY_SEE_BOTH = ("diagnosis", "report", "commands")
MAY_SEE_THE_CORE = ("tracker", "capture", "join", "pieces", "tables")


class Running(ast.NodeTransformer):
    """Leaves out what is imported for annotations alone."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        is_for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return None if is_for_types else self.generic_visit(node)


@cache
def imports() -> dict[str, set[str]]:
    """Return what each module imports from wirestat when it runs, directly, wherever in the file."""
    found: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        names: set[str] = set()
        for node in ast.walk(Running().visit(ast.parse(path.read_text(encoding="utf-8")))):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
        found[name] = {n.removeprefix("wirestat.") for n in names if n.startswith("wirestat.")}
    return found


def reaches(start: str) -> set[str]:
    """Return everything that a module imports, directly or not."""
    reached: set[str] = ROOMS.reachable(start, imports())
    return reached


@pytest.mark.parametrize(("witness", "document"), list(product(WITNESS, DOCUMENT)))
def test_the_witness_does_not_know_the_document(witness: str, document: str) -> None:
    assert document not in reaches(witness)


def test_the_document_imports_nothing_of_wirestat() -> None:
    assert reaches("rfc9293") == set()


def test_only_those_above_both_know_the_document() -> None:
    readers = {name for name, imported in imports().items() if "rfc9293" in imported}
    assert {name.split(".")[0] for name in readers} <= set(MAY_SEE_BOTH)


def test_the_core_stays_behind_its_faces() -> None:
    users = {name for name, imported in imports().items() if "_core" in imported}
    assert {name.split(".")[0] for name in users} <= {*MAY_SEE_THE_CORE, "version"}


WITHOUT_THE_DOCUMENT = """
import sys
sys.modules["wirestat.rfc9293"] = None  # whoever imports it now, from Python or from Rust, gets an error
"""
TRACK = """
from wirestat.capture.native import NativeSource
from wirestat.timers import profile
from wirestat.tracker import Tracker
tracker = Tracker(profile("linux"), trace=1)
NativeSource([sys.argv[1]]).drain(tracker.core)
tracker.settle()
tracker.summary(), tracker.ladder(1)
print(*(step.to for connection in tracker.connections() for step in connection.transitions))
"""
REPORT = "import wirestat; wirestat.analyze(sys.argv[1])"


def run_without_the_document(script: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_THE_DOCUMENT + script, str(path)]
    return subprocess.run(command, capture_output=True, text=True)


def test_tracking_works_without_the_document(tmp_path: Path) -> None:
    """Covers imports that the sources do not show: by name, or from within the core."""
    path = tmp_path / "capture"
    path.write_bytes(pcap(dialogue()))
    done = run_without_the_document(TRACK, path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[-2:] == ["TIME_WAIT", "CLOSED"]


def test_a_report_needs_the_document(tmp_path: Path) -> None:
    """Else the test above would prove nothing."""
    path = tmp_path / "capture"
    path.write_bytes(pcap(dialogue()))
    assert "import of wirestat.rfc9293 halted" in run_without_the_document(REPORT, path).stderr
