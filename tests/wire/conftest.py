"""Wire scripts are tests: pytest collects them from ``*.wire``, one item a script.

A script that ``known.toml`` lists must fail, and first at the line that the list gives.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wirescript import known
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
    """The core's inference differs from the script."""


class WireItem(pytest.Item):
    """One wire script, played in every variant."""

    def __init__(self, *, script: Script, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]  # pytest knows what it passes on
        self.script = script

    def runtest(self) -> None:
        ladder, at = "", None
        for variant in VARIANTS:
            played = play(self.script, variant)
            at = next((step.line.text.split()[0] for step in played if step.differences), None)
            if at is not None:
                ladder = show(self.script, variant, played)
                break
        complaint = known.complaint(self.script.title, at)
        if complaint is not None:
            raise Differs(f"{ladder}\n{self.script.title!r} {complaint}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        if isinstance(excinfo.value, Differs):
            return str(excinfo.value)
        return str(excinfo.getrepr(style="short"))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.script.number - 1, self.script.title
