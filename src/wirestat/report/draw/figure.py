"""The layout of Figure 5 of RFC 9293: the position of each state, and the path of each arrow.

CLOSED is drawn twice, at the top and the bottom, as in the figure. Changes that the figure leaves out, such as
resets, are drawn as curves, and only if they were seen.
"""

from __future__ import annotations

from math import hypot
from typing import Any, NamedTuple

from wirestat.model import State

WIDTH, HEIGHT = 800, 640
HALF_WIDTH, HALF_HEIGHT = 70, 19
"""Of the box of a state."""
ABOVE, BELOW = "CLOSED", "CLOSED below"
_BEND = 26
"""The distance of the middle of a curved arrow from the straight line."""

PLACES: dict[str, tuple[int, int]] = {
    ABOVE: (400, 34),
    State.LISTEN: (400, 126),
    State.SYN_RECV: (180, 208),
    State.SYN_SENT: (620, 208),
    State.ESTABLISHED: (400, 294),
    State.FIN_WAIT1: (200, 378),
    State.CLOSE_WAIT: (620, 378),
    State.FIN_WAIT2: (84, 478),
    State.CLOSING: (368, 478),
    State.LAST_ACK: (620, 478),
    State.TIME_WAIT: (200, 574),
    BELOW: (620, 574),
    State.UNKNOWN: (84, 294),
}
"""The middle of each box."""


class Way(NamedTuple):
    """An arrow: its path, and where its label stands."""

    path: str
    x: float
    y: float
    anchor: str
    """``start``, ``middle`` or ``end``, as SVG has it."""


_FIGURE: dict[tuple[str, str], Way] = {
    ("CLOSED", "LISTEN"): Way("M386 53V104", 378, 78, "end"),
    ("LISTEN", "CLOSED"): Way("M414 107V56", 422, 78, "start"),
    ("CLOSED", "SYN_SENT"): Way("M470 28C590 28 650 90 650 186", 644, 92, "start"),
    ("SYN_SENT", "CLOSED"): Way("M606 189C602 110 560 50 473 42", 574, 112, "end"),
    ("LISTEN", "SYN_SENT"): Way("M470 134L564 187", 500, 168, "end"),
    ("LISTEN", "SYN_RECV"): Way("M330 134L236 187", 300, 168, "start"),
    ("SYN_RECV", "LISTEN"): Way("M150 189C150 148 240 112 327 118", 176, 142, "end"),
    ("SYN_SENT", "SYN_RECV"): Way("M550 208H253", 400, 196, "middle"),
    ("SYN_RECV", "ESTABLISHED"): Way("M226 227L346 274", 272, 262, "end"),
    ("SYN_SENT", "ESTABLISHED"): Way("M574 227L454 274", 528, 262, "start"),
    ("SYN_RECV", "FIN_WAIT1"): Way("M172 227L192 356", 178, 296, "end"),
    ("ESTABLISHED", "FIN_WAIT1"): Way("M352 313L254 357", 318, 346, "start"),
    ("ESTABLISHED", "CLOSE_WAIT"): Way("M448 313L564 357", 532, 326, "start"),
    ("FIN_WAIT1", "FIN_WAIT2"): Way("M176 397L112 456", 132, 422, "end"),
    ("FIN_WAIT1", "CLOSING"): Way("M232 397L340 456", 296, 424, "start"),
    ("FIN_WAIT1", "TIME_WAIT"): Way("M200 397V552", 206, 506, "start"),
    ("FIN_WAIT2", "TIME_WAIT"): Way("M108 497L176 552", 128, 530, "end"),
    ("CLOSE_WAIT", "LAST_ACK"): Way("M620 397V456", 628, 424, "start"),
    ("CLOSING", "TIME_WAIT"): Way("M338 497L236 553", 296, 538, "start"),
    ("LAST_ACK", "CLOSED"): Way("M620 497V552", 628, 522, "start"),
    ("TIME_WAIT", "CLOSED"): Way("M270 574H547", 410, 562, "middle"),
}
_BESIDE: dict[tuple[str, str], Way] = {
    ("SYN_RECV", "CLOSED"): Way("M126 189C108 80 220 20 327 28", 140, 86, "end"),
    ("ESTABLISHED", "CLOSED"): Way("M424 313C444 400 510 480 586 553", 462, 392, "start"),
    ("FIN_WAIT1", "CLOSED"): Way("M270 386C430 396 500 470 566 553", 420, 424, "start"),
    ("FIN_WAIT2", "CLOSED"): Way("M52 497C40 680 380 640 560 596", 300, 630, "middle"),
    ("CLOSING", "CLOSED"): Way("M438 490L552 554", 470, 522, "end"),
    ("CLOSE_WAIT", "CLOSED"): Way("M690 384C762 410 762 546 693 570", 752, 478, "start"),
}
"""Paths of common changes that the figure leaves out; others are plain curves from box to box."""
_OPENING = frozenset({State.LISTEN, State.SYN_SENT, State.SYN_RECV, State.UNKNOWN})
"""States beside which the upper CLOSED stands."""


def way(origin: State, target: State) -> tuple[Way, bool]:
    """Return the path of an arrow, and whether the figure has it."""
    if drawn := _FIGURE.get((origin, target)):
        return drawn, True
    return _BESIDE.get((origin, target)) or _bent(_place(origin, target), _place(target, origin)), False


def _place(state: State, other: State) -> tuple[int, int]:
    if state is State.CLOSED and other not in _OPENING:
        return PLACES[BELOW]
    return PLACES[state]


def _bent(begin: tuple[int, int], end: tuple[int, int]) -> Way:
    """Curve an arrow to the right of its direction, so that opposite arrows do not meet."""
    (x1, y1), (x2, y2) = begin, end
    long = hypot(x2 - x1, y2 - y1)
    if not long:
        return Way(f"M{x1 + HALF_WIDTH} {y1}c40 -30 40 30 4 8", x1 + HALF_WIDTH + 36, y1, "start")
    aside = -(y2 - y1) / long * _BEND * 2, (x2 - x1) / long * _BEND * 2
    middle = (x1 + x2) / 2 + aside[0], (y1 + y2) / 2 + aside[1]
    a, b = _edge(begin, middle, 0), _edge(end, middle, 3)
    label = middle[0] - aside[0] / 2, middle[1] - aside[1] / 2
    return Way(
        f"M{a[0]:.0f} {a[1]:.0f}Q{middle[0]:.0f} {middle[1]:.0f} {b[0]:.0f} {b[1]:.0f}", *label, "middle"
    )


def _edge(place: tuple[int, int], towards: tuple[float, float], gap: int) -> tuple[float, float]:
    """Return where the line from the middle of a box leaves it."""
    dx, dy = towards[0] - place[0], towards[1] - place[1]
    across = (HALF_WIDTH + gap) / abs(dx) if dx else float("inf")
    along = (HALF_HEIGHT + gap) / abs(dy) if dy else float("inf")
    part = min(across, along)
    return place[0] + dx * part, place[1] + dy * part


def drawing() -> dict[str, Any]:
    """Return the layout as numbers, for the page, which draws the same figure."""
    ways = {}
    for origin in State:
        for target in State:
            drawn, known = way(origin, target)
            if origin is not target:
                ways[f"{origin} {target}"] = [drawn.path, round(drawn.x), round(drawn.y), drawn.anchor, known]
    return {
        "size": [WIDTH, HEIGHT],
        "half": [HALF_WIDTH, HALF_HEIGHT],
        "places": {str(name): place for name, place in PLACES.items()},
        "ways": ways,
    }
