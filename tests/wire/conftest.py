"""Wire scripts are tests: pytest collects them from ``*.wire``, one item a script."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wirescript.ladder import show
from tests.wirescript.play import play
from tests.wirescript.script import Script, read
from tests.wirescript.wire import VARIANTS


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    if file_path.suffix != ".wire":
        return None
    return WireFile.from_parent(parent, path=file_path)


class WireFile(pytest.File):
    """A family of wire scripts."""

    def collect(self) -> Iterator["WireItem"]:
        for script in read(self.path):
            yield WireItem.from_parent(self, name=script.title, script=script)


class Differs(Exception):
    """The core does not believe what the script says."""


class WireItem(pytest.Item):
    """One wire script, played in every variant."""

    def __init__(self, *, script: Script, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]  # pytest knows what it passes on
        self.script = script

    def runtest(self) -> None:
        for variant in VARIANTS:
            played = play(self.script, variant)
            if any(step.differences for step in played):
                raise Differs(show(self.script, variant, played))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        if isinstance(excinfo.value, Differs):
            return str(excinfo.value)
        return str(excinfo.getrepr(style="short"))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.script.number - 1, self.script.title
