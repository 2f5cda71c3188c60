"""Fixtures that every test may use, and which tests run.

A plain ``pytest`` leaves out what is slow and what measures the machine. With ``CI`` in the environment everything
runs, and a test that would be skipped fails instead: in CI a missing tool is a fault, not an excuse.

Golden files hold whole outputs. After a change that is meant to be seen, ``pytest --golden`` writes them anew;
``git diff`` then shows what readers will see change.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

from tests import collecting
from tests.quick import IN_CI, leave_slow_tests_out, some_examples

# The speed of the machine decides nothing: there is no deadline, and no check of how fast examples are made.
ANY_SPEED = settings(some_examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("everyday", ANY_SPEED, derandomize=True)
settings.register_profile("exploring", ANY_SPEED, derandomize=False)
settings.load_profile("everyday")

Golden = Callable[[Path, str], None]
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

WAITING = frozenset(("live", "page", "tui"))
"""Directories of tests that mostly wait: for packets, for a browser, for a terminal."""

_QUICK = "not slow and not load"

FOLDER = pytest.StashKey[str]()
"""The parent of the tests' folders; it is kept if a test fails."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the golden files anew instead of comparing")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Use two workers a core in a plain pytest: many tests wait for packets or for the screen."""
    return None if IN_CI else 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that wait, so that others have the processor meanwhile."""
    items.sort(key=lambda item: WAITING.isdisjoint(item.path.parts))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(collecting)
    if config.option.basetemp is None and not hasattr(config, "workerinput"):
        # Each pytest locks other users out of the temporary folder that all runs of its user share: tests that become
        # another user would fail in the middle.
        config.option.basetemp = config.stash[FOLDER] = tempfile.mkdtemp(prefix="wirestat-tests-")
    if not hasattr(config, "workerinput"):
        _keep_bytecode()
    if not IN_CI and not config.option.markexpr:
        config.option.markexpr = _QUICK
    if _leaves_slow_out(config):
        leave_slow_tests_out()


def _keep_bytecode() -> None:
    """Keep bytecode even where Python is told not to: else each worker and each program would compile all files."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, obj: object
) -> list[pytest.Item | pytest.Collector] | None:
    """Leave a slow test out before it is multiplied by its cases."""
    marks = {mark.name for mark in getattr(obj, "pytestmark", ())}
    return [] if marks & {"slow", "load"} and _leaves_slow_out(collector.config) else None


def _leaves_slow_out(config: pytest.Config) -> bool:
    """Tell whether slow tests are left out of the collection.

    They are collected if a test is named by its id, so that pytest says that it was deselected.
    """
    return config.option.markexpr == _QUICK and not any("::" in argument for argument in config.args)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        shutil.rmtree(session.config.stash.get(FOLDER, ""), ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _without_skipping((yield))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _without_skipping((yield))


def _without_skipping(report: Report) -> Report:
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which nothing may be in CI: {report.longrepr}"
    return report


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with a golden file, or write the file."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden file {path}: pytest --golden writes it"
        assert text == path.read_text(encoding="utf-8")

    return compare
