"""The border to the compiled core: everything that crosses it.

Rows are tuples; ``wirestat.tracker`` and ``wirestat.capture.native`` name their fields. States, evidence, cues, facts
and direction reasons are numbers that index the lists below.
"""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, final

__version__: str
TIMERS: list[str]
STATES: list[str]
EVIDENCE: list[str]
CUES: list[str]
FACTS: list[str]
CONNECTION_FACTS: list[str]
DIRECTION_REASONS: list[str]

Row: TypeAlias = tuple[Any, ...]
CaptureRow: TypeAlias = tuple[Any, ...]
Failure: TypeAlias = tuple[str, str, int, str]
"""Name, kind, offset in bytes, message."""

class CaptureError(Exception):
    """No capture could be opened. ``args[0]`` is a list of failures, one a capture."""

@final
class Reader:
    """One or several captures, read as one."""

    def __new__(cls, paths: Sequence[str], follow: bool = False) -> Reader: ...
    def captures(self) -> list[CaptureRow]: ...
    def progress(self) -> tuple[int, int | None]: ...

@final
class Tracker:
    """Decodes frames and keeps the connections that they belong to."""

    def __new__(
        cls,
        timers: dict[str, int],
        *,
        max_connections: int,
        max_bytes: int,
        release: bool = False,
        trace: int = 0,
        events: bool = False,
    ) -> Tracker: ...
    def read(self, reader: Reader, frames: int) -> Literal["more", "end", "pending"]: ...
    def feed(self, link_type: int, packets: list[tuple[int, int, bytes]]) -> None: ...
    def advance(self, now_ns: int) -> None: ...
    def settle(self) -> None: ...
    def counts(self) -> Row: ...
    def tally(self) -> Row: ...
    def ids(self) -> list[int]: ...
    def connections(self, start: int, count: int) -> list[Row]: ...
    def connection(self, id: int) -> Row | None: ...
    def conversations(self) -> list[Row]: ...
    def ladder(self) -> tuple[list[Row], int]: ...
    def drain_events(self) -> tuple[list[Row], int]: ...
    def fragments(self) -> tuple[int, int, int, int]: ...

def link_name(number: int) -> str | None: ...
