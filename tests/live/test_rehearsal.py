"""Modules that a rule loads while it runs are loaded before the sandbox shuts: the package may be root's alone."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import wirestat.diagnosis
from wirestat.diagnosis import rules

RULES = Path(wirestat.diagnosis.__file__).parent
OF_COMPARISONS = ("wirestat.crossing", "wirestat.diagnosis.compared.")
"""Modules that only several captures need begin so: none is compared behind the sandbox."""


def test_modules_of_rules_are_loaded_before_the_sandbox_shuts() -> None:
    named = {name for path in RULES.rglob("*.py") for name in _loaded_while_running(path)}
    late = {name for name in named if not name.startswith(OF_COMPARISONS)}
    assert late < named  # a test of nothing would pass
    assert late
    ask = "import json, sys, wirestat.commands.kernel, wirestat.commands.rehearsal; print(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert late <= set(json.loads(done.stdout))


def test_all_rules_are_loaded_before_the_sandbox_shuts() -> None:
    ask = """
import json, sys, wirestat, wirestat.commands.kernel
from wirestat.commands import rehearsal, terminal
from wirestat.report import formats
report = wirestat.analyze("pcaps/normal-close-by-client/middle.pcap")
rehearsal.rehearse(report, formats.load("text"), terminal.view())
print(json.dumps([*sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    wanted = {f"{rules.__name__}.{family}" for family in rules.FAMILIES}
    assert wanted <= set(json.loads(done.stdout))


def _loaded_while_running(path: Path) -> set[str]:
    """Return the modules that the functions of a file import."""
    found: set[str] = set()
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import):
                    found.update(alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module is not None:
                    found.add(node.module)
    return found
