"""The list of connections: both ends, states and their ages, queues, retransmissions, findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from wirestat.model import Connection, Endpoint, Evidence, Finding, Severity, State
from wirestat.names import Dialect, spell
from wirestat.report.words import place, size
from wirestat.testimony import Socket
from wirestat.tui.cells import Cell, ListColumn, fit, segments, short, titles
from wirestat.tui.desk import Desk, Look
from wirestat.tui.listing import Line
from wirestat.tui.styles import ERROR, FAINT, PLAIN, SEVERITIES, STATES
from wirestat.words import socket

FOLDED = 110
"""Below this width each end has its own line."""

_FLAT = (
    ListColumn("id", 6, ">"),
    ListColumn("age", 5, ">", 2),
    ListColumn("client", 17, most=43),
    ListColumn("state", 12),
    ListColumn("for", 5, ">"),
    ListColumn("server", 16, most=43),
    ListColumn("state", 12),
    ListColumn("for", 5, ">"),
    ListColumn("unacked", 7, ">", 4),
    ListColumn("resent", 6, ">", 5),
    ListColumn("process", 12, "<", 3, most=20),
    ListColumn("finding", 16, "<", 1, most=44),
)
_FOLDS = (
    ListColumn("id", 6, ">"),
    ListColumn("client", 15, most=43),
    ListColumn("state", 12),
    ListColumn("for", 6, ">"),
    ListColumn("unacked", 7, ">", 3),
    ListColumn("resent", 6, ">", 4),
    ListColumn("process", 12, "<", 2, most=20),
    ListColumn("finding", 9, "<", 1, most=40),
)


class Remark(NamedTuple):
    """The kernel's remarks on a connection: its process on this host, and differences from the wire."""

    process: str | None = None
    """The program on this host; ``None`` if the kernel is not asked."""
    client: str = ""
    """The kernel's state of the client's end, if it is on this host and differs; else empty."""
    server: str = ""
    client_state: State | None = None
    """The kernel's state of an end that the wire does not show."""
    server_state: State | None = None


class Memory(NamedTuple):
    """The kernel's socket of a connection without a captured packet."""

    now_ns: int
    """When it said so."""
    process: str | None = None
    timer: str = ""
    """The socket's timer, in words."""
    listens: bool = False
    """Whether this host listens at that port: then its end is the server."""


def _nothing_said(_connection: Connection) -> Remark:
    return Remark()


def _nothing_known(one: Socket) -> Memory:
    return Memory(one.since_ns)


class Connections:
    """Connections in the order of a look; each is fetched when it is drawn."""

    def __init__(
        self,
        desk: Desk,
        look: Look,
        names: Dialect,
        remark: Callable[[Connection], Remark] | None = None,
        recall: Callable[[Socket], Memory] = _nothing_known,
    ) -> None:
        """Draw the connections of a look; ``remark`` and ``recall`` tell what the kernel knows, where it is asked."""
        self._columns = _FLAT if remark else tuple(column for column in _FLAT if column.title != "process")
        self._folds = _FOLDS if remark else tuple(column for column in _FOLDS if column.title != "process")
        self.empty = "no connection to show"
        self._desk = desk
        self._look = look
        self._names = names
        self._remark = remark or _nothing_said
        self._recall = recall
        self._known: dict[int, Connection | None] = {}

    def __len__(self) -> int:
        return len(self._look.ids) + len(self._look.older)

    def height(self, width: int) -> int:
        """Take a line, or one for each end where the screen is narrow."""
        return 2 if width < FOLDED else 1

    def key(self, row: int) -> int | bytes:
        """Return the id, or the key of what only the kernel tells of."""
        known = len(self._look.ids)
        return self._look.ids[row] if row < known else self._look.older[row - known].key

    def heading(self, width: int) -> list[Line]:
        """Name the columns."""
        columns = self._columns if self.height(width) == 1 else self._folds
        first = titles(columns, width)
        if self.height(width) == 1:
            return [first]
        second = [Cell("→ server" if place == 1 else "", FAINT) for place in range(len(columns))]
        return [first, segments(columns, fit(columns, width), second)]

    def lines(self, row: int, width: int) -> Sequence[Line]:
        """Draw a connection."""
        if row >= len(self._look.ids):
            return self._older(self._look.older[row - len(self._look.ids)], width)
        id = self._look.ids[row]
        if id not in self._known:
            self._known[id] = self._desk.connection(id)
        connection = self._known[id]
        if connection is None:
            return [[Segment(f"{id:>6}  let go since", FAINT)]]
        if self.height(width) == 1:
            return [segments(self._columns, fit(self._columns, width), self._flat(connection))]
        widths = fit(self._folds, width)
        return [segments(self._folds, widths, cells) for cells in self._folded(connection)]

    def _flat(self, one: Connection) -> list[Cell]:
        worst, remark = self._worst(one), self._remark(one)
        age = short(self._now - one.first_time_ns)
        client, server = self._ends(one, remark)
        return [
            Cell(str(one.id), FAINT),
            Cell(age, FAINT),
            Cell(place(one.client), PLAIN),
            *client,
            Cell(place(one.server), PLAIN),
            *server,
            _count(max(one.client.unacknowledged_bytes, one.server.unacknowledged_bytes), is_size=True),
            _count(one.client.retransmitted_frames + one.server.retransmitted_frames),
            *_process(remark),
            self._said(one, worst, remark),
        ]

    def _folded(self, one: Connection) -> list[list[Cell]]:
        worst, remark = self._worst(one), self._remark(one)
        client, server = self._ends(one, remark)
        nothing = Cell("")
        return [
            [
                Cell(str(one.id), FAINT),
                Cell(place(one.client)),
                *client,
                _count(one.client.unacknowledged_bytes, is_size=True),
                _count(one.client.retransmitted_frames),
                *_process(remark),
                self._said(one, worst, remark),
            ],
            [
                nothing,
                Cell(f"→ {place(one.server)}"),
                *server,
                _count(one.server.unacknowledged_bytes, is_size=True),
                _count(one.server.retransmitted_frames),
                *[nothing for _ in _process(remark)],
                nothing,
            ],
        ]

    def _older(self, one: Socket, width: int) -> Sequence[Line]:
        """Draw a connection that only the kernel knows: this host's end of it."""
        remark = self._recall(one)
        state = Cell(spell(one.state, self._names) + "†", STATES[one.state])
        length = _age(one.since_ns, remark.now_ns)
        queue, again = _count(one.send_q, is_size=True), _count(one.retransmits)
        end, other, nothing = Cell(socket(*one.local)), Cell(socket(*one.remote)), Cell("")
        more = [*([] if remark.process is None else [Cell(remark.process)]), Cell(remark.timer, FAINT)]
        kernel = Cell("kernel", FAINT)
        if self.height(width) == 1:
            # If this host listens at the port, it is the server.
            here, there = [end, state, length], [other, nothing, nothing]
            both = [*there, *here] if remark.listens else [*here, *there]
            return [
                segments(
                    self._columns, fit(self._columns, width), [kernel, nothing, *both, queue, again, *more]
                )
            ]
        widths = fit(self._folds, width)
        here, there = [end, state, length, queue, again, *more], [other, *[nothing] * (len(more) + 4)]
        first, second = (there, here) if remark.listens else (here, there)
        second[0] = Cell(f"→ {second[0].text}")
        return [
            segments(self._folds, widths, [kernel, *first]),
            segments(self._folds, widths, [nothing, *second]),
        ]

    @property
    def _now(self) -> int:
        return self._look.now_ns if self._look.at_ns is None else self._look.at_ns

    def _ends(self, one: Connection, remark: Remark) -> list[tuple[Cell, Cell]]:
        then = self._look.states_then(one.id)
        if then is not None:
            client, server, *since = then
            return [
                (Cell(spell(state, self._names), STATES[state]), _age(since_ns, self._now))
                for state, since_ns in zip((client, server), since, strict=True)
            ]
        return [
            (self._state(end, said, known), _age(end.since_ns, self._now))
            for end, said, known in (
                (one.client, remark.client, remark.client_state),
                (one.server, remark.server, remark.server_state),
            )
        ]

    def _state(self, end: Endpoint, kernel: str, known: State | None) -> Cell:
        """Write a state, with a question mark if it is not proven or another one also fits.

        If the wire does not show the state, ``known`` is the kernel's, marked with a dagger.
        """
        if end.state is State.UNKNOWN and known is not None:
            return Cell(spell(known, self._names) + "†", STATES[known])
        doubt = "?" if end.or_since or (end.evidence is Evidence.PRESUMED and not end.confirmed) else ""
        style = ERROR if kernel else STATES[end.state]
        return Cell(spell(end.state, self._names) + ("≠" if kernel else doubt), style)

    def _worst(self, one: Connection) -> Finding | None:
        report = self._desk.report
        found = report.findings_of(one) if report else ()
        return max(found, key=lambda finding: finding.severity.rank, default=None)

    def _said(self, one: Connection, worst: Finding | None, remark: Remark) -> Cell:
        kernel = remark.client or remark.server
        if kernel:
            return Cell(kernel, ERROR)
        if worst is None or worst.severity is Severity.INFO:
            return Cell("" if worst is None else worst.id, FAINT)
        return Cell(f"{worst.id} {worst.title}", SEVERITIES[worst.severity])


def _process(remark: Remark) -> list[Cell]:
    """Fill the column of programs, which exists if the kernel is asked."""
    return [] if remark.process is None else [Cell(remark.process)]


def _age(since_ns: int | None, now_ns: int) -> Cell:
    return Cell("" if since_ns is None else short(now_ns - since_ns), FAINT)


def _count(number: int, *, is_size: bool = False) -> Cell:
    style: Style = PLAIN if number else FAINT
    return Cell((size(number) if is_size else f"{number:,}") if number else "·", style)
