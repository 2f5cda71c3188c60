"""The list of hosts and the paths between them: connections, round trips, silences survived."""

from __future__ import annotations

from collections.abc import Sequence

from wirestat.spans import span
from wirestat.summary import Path, Spread
from wirestat.tui.cells import Cell, ListColumn, fit, segments, titles
from wirestat.tui.listing import Line
from wirestat.tui.styles import FAINT, PLAIN, WARNING

_COLUMNS = (
    ListColumn("client", 15, most=39),
    ListColumn("server", 15, most=39),
    ListColumn("conns", 7, ">"),
    ListColumn("opened", 7, ">", 1),
    ListColumn("round trip", 10, ">", 2),
    ListColumn("to server", 9, ">", 4),
    ListColumn("to client", 9, ">", 5),
    ListColumn("resets", 6, ">", 3),
    ListColumn("silences survived", 17, "<", 6),
    ListColumn("not", 5, ">", 7),
)


class Hosts:
    """The pairs of hosts with the most connections first."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """List the paths."""
        self.empty = "no host has asked another for a connection"
        self._rows = paths

    def __len__(self) -> int:
        return len(self._rows)

    def height(self, width: int) -> int:
        """Take one line."""
        return 1

    def key(self, row: int) -> tuple[str, str]:
        """Return the two hosts."""
        return self._rows[row].client, self._rows[row].server

    def heading(self, width: int) -> list[Line]:
        """Name the columns."""
        return [titles(_COLUMNS, width)]

    def lines(self, row: int, width: int) -> Sequence[Line]:
        """Draw a path."""
        one = self._rows[row]
        talk = one.talk
        longest = talk.survived[0].ns if talk and talk.survived else 0
        deaths, resets = (talk.deaths, talk.resets) if talk else (0, 0)
        cells = [
            Cell(one.client),
            Cell(f"→ {one.server}"),
            Cell(f"{one.connections:,}"),
            Cell(f"{one.opened:,}", PLAIN if one.opened else FAINT),
            _usual(talk.handshake if talk else None),
            _usual(talk.syn_to_syn_ack if talk else None),
            _usual(talk.syn_ack_to_ack if talk else None),
            Cell(f"{resets:,}" if resets else "·", WARNING if resets else FAINT),
            Cell(f"{talk.survivals:,}, up to {span(longest)}") if talk and longest else Cell("·", FAINT),
            Cell(f"{deaths:,}" if deaths else "·", WARNING if deaths else FAINT),
        ]
        return [segments(_COLUMNS, fit(_COLUMNS, width), cells)]


def _usual(spread: Spread | None) -> Cell:
    return Cell("·", FAINT) if spread is None else Cell(span(spread.usual_ns))
