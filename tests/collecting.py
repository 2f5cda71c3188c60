"""Collects tests quickly: every worker collects all of them, so each cost is paid several times.

``tests/conftest.py`` registers this module as a plugin, for the hooks of a conftest hold in its own folder only.
"""

import contextlib
import gc
from collections.abc import Generator, Iterator
from importlib import import_module
from pathlib import Path

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path,
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Look for doctests only in files that have any: looking imports the module, and all that it imports."""
    found = yield
    if file_path.suffix != ".py" or b">>>" in file_path.read_bytes():
        return found
    return [one for one in found if type(one) is pytest.Module]


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Collect no garbage meanwhile, as there is none; never scan again the objects that stay until the end."""
    gc.disable()
    try:
        _load_share(session.config)
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def _load_share(config: pytest.Config) -> None:
    """Load this worker's share of the test files, before all files are collected.

    pytest rewrites the assertions of each file without bytecode, which takes longer than all else here. So in a fresh
    clone each worker rewrites one share, and finds those of the others done.
    """
    worker = getattr(config, "workerinput", None)
    if worker is None:
        return
    number = int(worker["workerid"].removeprefix("gw"))
    for path in list(_files(config))[number :: worker["workercount"]]:
        # A file that fails to load fails again when it is collected, and is reported there.
        with contextlib.suppress(Exception, pytest.skip.Exception):
            import_module(".".join(path.relative_to(config.rootpath).with_suffix("").parts))


def _files(config: pytest.Config) -> Iterator[Path]:
    """Return the files of tests in the folders that are asked for, the same for each worker."""
    for argument in config.args:
        folder = config.invocation_params.dir / argument
        if folder.is_relative_to(config.rootpath):
            yield from sorted(folder.rglob("test_*.py"))
