"""The screen without a terminal: its content after keys were pressed, as text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from textual.events import Paste
from textual.pilot import Pilot

from tests.patience import PATIENCE
from wirestat.commands.filter_options import complete_filter
from wirestat.commands.tui import Request, of_files
from wirestat.tui.app import Screen
from wirestat.tui.feeds import Feed

PCAPS = Path(__file__).parents[2] / "pcaps"
LEAK = PCAPS / "field/leak-of-close-wait/capture.pcap"


class Stage:
    """A screen that is being played on."""

    def __init__(self, app: Screen, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        """The text on the screen now."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text. All but its last letter comes at once, as if pasted: the pilot pauses at every key."""
        self.app.post_message(Paste(text[:-1]))
        await self.pilot.pause()
        await self.press(text[-1])

    async def erase(self) -> None:
        """Erase an input up to the cursor."""
        await self.press("ctrl+u")

    async def until(self, holds: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Wait until something holds, at most this many seconds."""
        deadline = time.monotonic() + patience
        while not holds():
            assert time.monotonic() < deadline, self.text
            await self.pilot.pause(0.02)

    async def sees(self, text: str) -> None:
        """Wait until a text is on the screen."""
        await self.until(lambda: text in self.text)

    async def hears(self, text: str) -> None:
        """Wait for a notification."""
        await self.until(lambda: any(text in one.message for one in self.app._notifications))


Play = Callable[[Stage], Awaitable[None]]


def feed(*captures: Path) -> Feed:
    names = tuple(map(str, captures))
    request = Request(
        names="linux",
        timers="linux",
        changes=(),
        max_connections=None,
        captures=names,
        interfaces=(),
        expression=None,
    )
    return of_files(request, names)


def play(scene: Play, captures: Sequence[Path] = (LEAK,), size: tuple[int, int] = (120, 30)) -> None:
    """Show captures, wait until they were read and counted, and play a scene."""

    async def run() -> None:
        fed = feed(*captures)
        app = Screen(fed, complete_filter)
        try:
            async with app.run_test(size=size) as pilot:
                stage = Stage(app, pilot)
                await stage.until(lambda: fed.is_done and app._bins == [])
                app.look(now=True)
                await pilot.pause(0.1)
                await scene(stage)
        finally:
            fed.stop()
        assert fed.failure is None

    asyncio.run(run())
