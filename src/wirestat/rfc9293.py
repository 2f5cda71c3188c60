"""The document: what RFC 9293 says about the states of TCP, independent of any capture.

The tracker is the witness: it follows evidence. Neither imports the other, so that comparing them can show
differences. This file imports nothing from wirestat and spells the states as the RFC does. Only reports and rules may
use both.

First the states, then the arrows, then the canonical life of a connection. An arrow is one statement of the RFC: an
event, the endpoint's action, and the section that says so. Several arrows may lead from one state to the same next
state.
"""

from typing import NamedTuple

CLOSED = "CLOSED"
LISTEN = "LISTEN"
SYN_SENT = "SYN-SENT"
SYN_RECEIVED = "SYN-RECEIVED"
ESTABLISHED = "ESTABLISHED"
FIN_WAIT_1 = "FIN-WAIT-1"
FIN_WAIT_2 = "FIN-WAIT-2"
CLOSE_WAIT = "CLOSE-WAIT"
CLOSING = "CLOSING"
LAST_ACK = "LAST-ACK"
TIME_WAIT = "TIME-WAIT"

STATES: dict[str, str] = {
    CLOSED: "there is no connection, and nothing that remembers one",
    LISTEN: "waits for anyone to ask for a connection",
    SYN_SENT: "has asked for a connection and waits for the answer",
    SYN_RECEIVED: "has been asked, has answered, and waits for its answer to be acknowledged",
    ESTABLISHED: "data may flow in both directions",
    FIN_WAIT_1: "has said that it will send no more, and waits for the other end to acknowledge that",
    FIN_WAIT_2: "its FIN is acknowledged; it waits for the other end to finish as well",
    CLOSE_WAIT: "the other end has finished; its own application has yet to close",
    CLOSING: "both ends finished at the same time, and the other has yet to acknowledge this one's FIN",
    LAST_ACK: "has finished second, and waits for the last acknowledgement",
    TIME_WAIT: "has finished, and stays for 2MSL lest its last acknowledgement was lost",
}
"""Every state, and what an endpoint in it is doing (3.3.2)."""

EITHER, ACTIVE, PASSIVE = "either", "active", "passive"
"""The end that an arrow is about: either end, the active opener, the passive opener."""


class Arrow(NamedTuple):
    """One statement of the RFC about one change of state."""

    origin: str
    target: str
    event: str
    """The event, as in the figure: ``rcv SYN``, ``CLOSE``."""
    action: str
    """The endpoint's action; ``-`` for none."""
    section: str
    role: str = EITHER
    silent: bool = False
    """Whether it neither sends nor receives anything: no capture can show it."""


FIGURE_5 = "3.3.2 Figure 5"

_FIGURE: tuple[Arrow, ...] = (
    # opening
    Arrow(CLOSED, LISTEN, "passive OPEN", "create TCB", FIGURE_5, PASSIVE, silent=True),
    Arrow(CLOSED, SYN_SENT, "active OPEN", "create TCB, snd SYN", FIGURE_5, ACTIVE),
    Arrow(LISTEN, CLOSED, "CLOSE", "delete TCB", FIGURE_5, PASSIVE, silent=True),
    Arrow(LISTEN, SYN_SENT, "SEND", "snd SYN", FIGURE_5, ACTIVE),
    Arrow(LISTEN, SYN_RECEIVED, "rcv SYN", "snd SYN,ACK", FIGURE_5, PASSIVE),
    Arrow(SYN_SENT, CLOSED, "CLOSE", "delete TCB", FIGURE_5, ACTIVE, silent=True),
    Arrow(SYN_SENT, SYN_RECEIVED, "rcv SYN", "snd SYN,ACK", FIGURE_5, ACTIVE),
    Arrow(SYN_SENT, ESTABLISHED, "rcv SYN,ACK", "snd ACK", FIGURE_5, ACTIVE),
    Arrow(SYN_RECEIVED, LISTEN, "rcv RST", "-", f"{FIGURE_5}, note 1", PASSIVE),
    Arrow(SYN_RECEIVED, ESTABLISHED, "rcv ACK of SYN", "-", FIGURE_5),
    # closing
    Arrow(SYN_RECEIVED, FIN_WAIT_1, "CLOSE", "snd FIN", FIGURE_5),
    Arrow(ESTABLISHED, FIN_WAIT_1, "CLOSE", "snd FIN", FIGURE_5),
    Arrow(ESTABLISHED, CLOSE_WAIT, "rcv FIN", "snd ACK", FIGURE_5),
    Arrow(FIN_WAIT_1, FIN_WAIT_2, "rcv ACK of FIN", "-", FIGURE_5),
    Arrow(FIN_WAIT_1, CLOSING, "rcv FIN", "snd ACK", FIGURE_5),
    Arrow(FIN_WAIT_1, TIME_WAIT, "rcv FIN and ACK of FIN", "snd ACK", f"{FIGURE_5}, note 2"),
    Arrow(FIN_WAIT_2, TIME_WAIT, "rcv FIN", "snd ACK", FIGURE_5),
    Arrow(CLOSE_WAIT, LAST_ACK, "CLOSE", "snd FIN", FIGURE_5),
    Arrow(CLOSING, TIME_WAIT, "rcv ACK of FIN", "-", FIGURE_5),
    Arrow(LAST_ACK, CLOSED, "rcv ACK of FIN", "-", FIGURE_5),
    Arrow(TIME_WAIT, CLOSED, "2MSL time-out", "delete TCB", FIGURE_5),
)
"""The arrows of Figure 5 and of its notes, except resets."""

_TEXT: tuple[Arrow, ...] = (
    Arrow(SYN_SENT, CLOSED, "rcv RST,ACK of SYN", "delete TCB", "3.10.7.3", ACTIVE),
    Arrow(SYN_SENT, CLOSED, "rcv ICMP hard error", "abort", "3.9.2.2", ACTIVE),
    Arrow(SYN_RECEIVED, LISTEN, "rcv SYN", "-", "3.10.7.4", PASSIVE),
    Arrow(SYN_RECEIVED, CLOSE_WAIT, "rcv ACK of SYN and FIN", "snd ACK", "3.10.7.4"),
    Arrow(TIME_WAIT, SYN_RECEIVED, "rcv SYN of a new connection", "snd SYN,ACK", "3.6.1"),
)
"""The arrows that the text of 3.6, 3.9 and 3.10 adds, except those common to many states."""

_OPEN = (ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT)
_OPENING = (SYN_SENT, SYN_RECEIVED)

_RESETS: tuple[Arrow, ...] = (
    # A passively opened connection goes back to LISTEN. On a real host the listening socket never left LISTEN, and
    # the wire shows only that this connection's end is gone: note 3 covers both with "LISTEN or CLOSED".
    Arrow(SYN_RECEIVED, CLOSED, "rcv RST", "delete TCB", f"{FIGURE_5}, note 3; 3.10.7.4"),
    *(Arrow(state, CLOSED, "rcv RST", "delete TCB", "3.10.7.4") for state in _OPEN),
    *(
        Arrow(state, TIME_WAIT, "send RST", "snd RST", f"{FIGURE_5}, note 3")
        for state in _OPEN
        if state != TIME_WAIT
    ),
    *(Arrow(state, CLOSED, "ABORT", "snd RST, delete TCB", "3.10.5") for state in (SYN_RECEIVED, *_OPEN)),
    Arrow(SYN_SENT, CLOSED, "ABORT", "delete TCB", "3.10.5", silent=True),
    Arrow(LISTEN, CLOSED, "ABORT", "delete TCB", "3.10.5", silent=True),
)
"""How a connection ends at once, by a reset received or sent."""

_TIMEOUTS: tuple[Arrow, ...] = tuple(
    Arrow(state, CLOSED, "user time-out", "delete TCB", "3.10.8", silent=True)
    for state in (*_OPENING, *_OPEN)
)
"""How a connection ends when nobody answers: R2 retransmissions (3.8.3), or the user's own patience."""

ARROWS: tuple[Arrow, ...] = _FIGURE + _TEXT + _RESETS + _TIMEOUTS
"""Every statement, the figure's first."""

_BY_ENDS: dict[tuple[str, str], list[Arrow]] = {}
for _arrow in ARROWS:
    _BY_ENDS.setdefault((_arrow.origin, _arrow.target), []).append(_arrow)


def statements(origin: str, target: str) -> tuple[Arrow, ...]:
    """Return the RFC's statements about going from one state to the other; empty if it has none."""
    return tuple(_BY_ENDS.get((origin, target), ()))


OPENING: dict[str, tuple[str, ...]] = {
    ACTIVE: (CLOSED, SYN_SENT, ESTABLISHED),
    PASSIVE: (LISTEN, SYN_RECEIVED, ESTABLISHED),
}
"""The normal opening, by role (3.5, Figure 6)."""

FIRST, SECOND, TOGETHER = "first", "second", "together"
"""The order of closing: this end first, this end second, both at the same time."""

CLOSING_PATHS: dict[str, tuple[str, ...]] = {
    FIRST: (ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT, CLOSED),
    SECOND: (ESTABLISHED, CLOSE_WAIT, LAST_ACK, CLOSED),
    TOGETHER: (ESTABLISHED, FIN_WAIT_1, CLOSING, TIME_WAIT, CLOSED),
}
"""The normal close (3.6, Figures 12 and 13)."""


def canonical_path(role: str, closes: str) -> tuple[str, ...]:
    """Return the whole normal life of an endpoint: ``canonical_path(PASSIVE, SECOND)`` is that of most servers."""
    return OPENING[role] + CLOSING_PATHS[closes][1:]
