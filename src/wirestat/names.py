"""Spellings of the TCP states.

Input accepts every spelling, in any case and punctuation: Linux netstat's, RFC 9293's, Windows', ss's, psutil's
``CONN_`` constants and OpenTelemetry's lower case. Output uses a chosen one.

>>> parse_state("Fin-Wait-1") is State.FIN_WAIT1
True
>>> spell(State.SYN_RECV, Dialect.RFC)
'SYN-RECEIVED'
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from wirestat.errors import UsageError
from wirestat.model import State


class Dialect(StrEnum):
    """A way of spelling states on output."""

    LINUX = "linux"
    RFC = "rfc"
    WINDOWS = "windows"
    SS = "ss"


_SPELLINGS: dict[State, tuple[str, str, str]] = {
    # state              rfc             windows         ss
    State.UNKNOWN: ("UNKNOWN", "UNKNOWN", "UNKNOWN"),
    State.CLOSED: ("CLOSED", "CLOSED", "UNCONN"),
    State.LISTEN: ("LISTEN", "LISTENING", "LISTEN"),
    State.SYN_SENT: ("SYN-SENT", "SYN_SENT", "SYN-SENT"),
    State.SYN_RECV: ("SYN-RECEIVED", "SYN_RECEIVED", "SYN-RECV"),
    State.ESTABLISHED: ("ESTABLISHED", "ESTABLISHED", "ESTAB"),
    State.FIN_WAIT1: ("FIN-WAIT-1", "FIN_WAIT_1", "FIN-WAIT-1"),
    State.FIN_WAIT2: ("FIN-WAIT-2", "FIN_WAIT_2", "FIN-WAIT-2"),
    State.CLOSE_WAIT: ("CLOSE-WAIT", "CLOSE_WAIT", "CLOSE-WAIT"),
    State.CLOSING: ("CLOSING", "CLOSING", "CLOSING"),
    State.LAST_ACK: ("LAST-ACK", "LAST_ACK", "LAST-ACK"),
    State.TIME_WAIT: ("TIME-WAIT", "TIME_WAIT", "TIME-WAIT"),
}

_OTHERS: dict[str, State] = {
    "CLOSE": State.CLOSED,  # Linux netstat, psutil
    "UNCONNECTED": State.CLOSED,
    "DELETE_TCB": State.CLOSED,  # Windows, psutil
    "SYN_RCVD": State.SYN_RECV,  # BSD, older Windows
}

_BUCKET = frozenset({State.SYN_RECV, State.TIME_WAIT})
_ALL = frozenset(State)
_CONNECTED = _ALL - {State.CLOSED, State.LISTEN, State.UNKNOWN}

GROUPS: dict[str, frozenset[State]] = {
    "all": _ALL,
    "connected": _CONNECTED,
    "synchronized": _CONNECTED - {State.SYN_SENT, State.SYN_RECV},
    "bucket": _BUCKET,
    "big": _ALL - _BUCKET,
}
"""The state groups of ss. A bucket is a minisocket of the kernel."""


def _plain(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())


_STATES: dict[str, State] = {
    **{_plain(spelling): state for spelling, state in _OTHERS.items()},
    **{_plain(state): state for state in State},
    **{_plain(spelling): state for state, spellings in _SPELLINGS.items() for spelling in spellings},
}
_PSUTIL = "CONN"  # what is left of psutil's CONN_


def spell(state: State, dialect: Dialect = Dialect.LINUX) -> str:
    """Write a state in the chosen dialect."""
    if dialect is Dialect.LINUX:
        return state.value
    rfc, windows, ss = _SPELLINGS[state]
    return {Dialect.RFC: rfc, Dialect.WINDOWS: windows, Dialect.SS: ss}[dialect]


def respell(text: str, dialect: Dialect) -> str:
    """Write the states within a sentence in the chosen dialect.

    >>> respell("The server has been in CLOSE_WAIT for 60 s.", Dialect.RFC)
    'The server has been in CLOSE-WAIT for 60 s.'
    """
    if dialect is Dialect.LINUX:
        return text
    return re.sub(r"\b[A-Z_]+[12]?\b", lambda word: _respelled(word[0], dialect), text)


def _respelled(word: str, dialect: Dialect) -> str:
    state = State.__members__.get(word)
    return spell(state, dialect) if state else word


def spellings() -> dict[str, State]:
    """Return every accepted spelling, in capitals, letters and digits only."""
    return {**_STATES, **{_PSUTIL + plain: state for plain, state in _STATES.items()}}


def parse_state(text: str) -> State:
    """Read one state in any spelling.

    Raises:
        UsageError: this is not a spelling of any state.
    """
    plain = _plain(text)
    state = _STATES.get(plain) or _STATES.get(plain.removeprefix(_PSUTIL))
    if state is None:
        raise UsageError(
            f"unknown state {text!r}", hint=f"states: {', '.join(State)}; groups: {', '.join(GROUPS)}"
        )
    return state


def parse_states(texts: Iterable[str]) -> frozenset[State]:
    """Parse states and groups, given separately or joined by commas, into one set.

    Raises:
        UsageError: one is neither a state nor a group.
    """
    states: set[State] = set()
    for word in (word.strip() for text in texts for word in text.split(",")):
        states |= GROUPS.get(word.lower()) or {parse_state(word)}
    return frozenset(states)
