"""The list of listening sockets: ``netstat -l`` from the wire, with the load of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.style import Style

from wirestat.model import State
from wirestat.summary import MOST_CLIENTS, Listener
from wirestat.tui.cells import Cell, ListColumn, fit, segments, titles
from wirestat.tui.listing import Line
from wirestat.tui.styles import ERROR, FAINT, PLAIN, WARNING
from wirestat.words import socket

_COLUMNS = (
    ListColumn("socket", 21, most=47),
    ListColumn("conns", 7, ">"),
    ListColumn("clients", 7, ">", 4),
    ListColumn("open", 6, ">", 1),
    ListColumn("embryonic", 9, ">", 3),
    ListColumn("CLOSE_WAIT", 10, ">", 2),
    ListColumn("refused", 7, ">", 7),
    ListColumn("unanswered", 10, ">", 8),
    ListColumn("queue", 10, ">", 5),
    ListColumn("process", 12, "<", 6, most=24),
)
_WIRE = tuple(column for column in _COLUMNS if column.title not in ("queue", "process"))
"""The columns from the wire alone."""
Note = tuple[str, str, bool]
"""Of the kernel: the accept queue in words, the process, and whether the queue is full."""


class Listeners:
    """The sockets with the most connections first."""

    def __init__(
        self,
        listeners: Sequence[Listener],
        note: Callable[[str, int], Note] | None = None,
    ) -> None:
        """List the sockets that clients connected to; ``note`` adds the kernel's data, if it is asked."""
        self.empty = "no socket has been asked for a connection"
        self._rows = listeners
        self._note = note

    def __len__(self) -> int:
        return len(self._rows)

    def height(self, width: int) -> int:
        """Take one line."""
        return 1

    def key(self, row: int) -> tuple[str, int]:
        """Return the socket."""
        return self._rows[row].address, self._rows[row].port

    def heading(self, width: int) -> list[Line]:
        """Name the columns."""
        columns = _COLUMNS if self._note else _WIRE
        return [titles(columns, width)]

    def lines(self, row: int, width: int) -> Sequence[Line]:
        """Draw a socket."""
        one = self._rows[row]
        bound = "≥" if one.clients >= MOST_CLIENTS else ""
        cells = [
            Cell(socket(one.address, one.port), PLAIN if one.answered else FAINT),
            Cell(f"{one.connections:,}"),
            Cell(f"{bound}{one.clients:,}"),
            _number(one.states.get(State.ESTABLISHED, 0)),
            _number(one.embryonic, WARNING),
            _number(one.states.get(State.CLOSE_WAIT, 0), WARNING),
            _number(one.refused, ERROR),
            _number(one.unanswered, WARNING),
        ]
        if self._note is None:
            return [segments(_WIRE, fit(_WIRE, width), cells)]
        queue, process, is_full = self._note(one.address, one.port)
        cells += [Cell(queue, ERROR if is_full else PLAIN), Cell(process)]
        return [segments(_COLUMNS, fit(_COLUMNS, width), cells)]


def _number(number: int, style: Style = PLAIN) -> Cell:
    return Cell(f"{number:,}" if number else "·", style if number else FAINT)
