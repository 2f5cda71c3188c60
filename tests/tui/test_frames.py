"""The look of the whole screen, in three widths: ``pytest --golden`` writes it anew."""

from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import Golden
from tests.quick import some_quick
from tests.tui.stage import PCAPS, Stage, play

GOLDEN = Path(__file__).parent / "golden"
CAPTURES = [Path(story, "capture.pcap") for story in ("backends-go-down", "one-backend-of-three-refuses")]
SETTLING = 30.0
"""Seconds that a frame has to become what it was."""
SIZES = {60: 30, 80: 24, 160: 40}


@pytest.mark.parametrize("width", some_quick(list(SIZES), each=3))
@pytest.mark.parametrize(
    ("name", "keys"),
    some_quick(
        [
            ("connections", ()),
            ("listeners", ("3",)),
            ("hosts", ("4",)),
            ("capture", ("5",)),
            ("back-in-time", ("left_curly_bracket", "left_curly_bracket")),
            ("ladder", ("end", "enter")),
        ],
        each=5,
    ),
)
@pytest.mark.slow
def test_a_frame(
    golden: Golden,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    name: str,
    width: int,
    keys: tuple[str, ...],
) -> None:
    monkeypatch.chdir(PCAPS / "field")  # paths stand in the frame

    async def scene(stage: Stage) -> None:
        await stage.press(*keys)
        if name == "ladder":
            await stage.sees("seq 0")
        path = GOLDEN / f"{name}-{width}.txt"
        if request.config.getoption("--golden"):
            await stage.pilot.pause(1.0)
        elif path.exists():
            # A screen is drawn bit by bit. Where another frame is meant to come, the comparison says so.
            with suppress(AssertionError):
                await stage.until(lambda: f"{stage.text}\n" == path.read_text(encoding="utf-8"), SETTLING)
        assert all(len(line) <= width for line in stage.lines)
        golden(path, f"{stage.text}\n")

    play(scene, CAPTURES, (width, SIZES[width]))
