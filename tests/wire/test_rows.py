"""Every row of the table that enters a state is taken by some wire script, from each of its states."""

from functools import cache
from itertools import chain
from pathlib import Path

from tests.wirescript.play import Player
from tests.wirescript.script import read
from tests.wirescript.wire import VARIANTS
from wirestat import tracker
from wirestat.model import State
from wirestat.vocabulary import Cue

Pair = tuple[State, Cue]

_NEW = "an end that is met so has begun a new connection, in which it comes from CLOSED"
_MIDDLE = "whose opening was not captured speaks before this can be concluded, and is in ESTABLISHED then"
_BARE = "a socket in this state has nothing to abort: its resets are bare, and might be another's"
_FIRST = "the other's FIN, captured before, has led to that state already"
_STRAY = "a SYN in this state is a retry, or begins a new connection: it is no stray one"
_CROSSED = "the challenge ACK acknowledges its FIN as well, and the reset is read as one that crossed that"
UNTAKEN: dict[str, tuple[Pair, ...]] = {
    _NEW: (
        (State.UNKNOWN, Cue.SENT_SYN),
        (State.LISTEN, Cue.SENT_SYN),
        (State.UNKNOWN, Cue.SENT_SYN_ACK),
        (State.UNKNOWN, Cue.PEER_ANSWERED_SYN),
        (State.LISTEN, Cue.PEER_ANSWERED_SYN),
        (State.UNKNOWN, Cue.PEER_ACKED_SYN),
        (State.CLOSED, Cue.PEER_ACKED_SYN),
        (State.LISTEN, Cue.BEGAN_ANEW),
    ),
    _MIDDLE: (
        (State.SYN_RECV, Cue.PEER_SYNCHRONIZED),
        (State.SYN_RECV, Cue.SENT_FIN_PERHAPS),
        (State.UNKNOWN, Cue.SENT_FIN_PERHAPS),
    ),
    _FIRST: (
        (State.FIN_WAIT1, Cue.SENT_ACK_OF_FIN),
        (State.FIN_WAIT2, Cue.SENT_ACK_OF_FIN),
        (State.FIN_WAIT1, Cue.SENT_ACK_OF_UNSEEN_FIN),
        (State.CLOSING, Cue.FIN_NOT_RESENT),
    ),
    _BARE: (
        (State.SYN_SENT, Cue.SENT_RST),
        (State.SYN_RECV, Cue.SENT_RST),
        (State.TIME_WAIT, Cue.SENT_RST),
        (State.CLOSING, Cue.SENT_RST_PERHAPS),
        (State.TIME_WAIT, Cue.SENT_RST_PERHAPS),
    ),
    _STRAY: (
        (State.SYN_SENT, Cue.FOUND_GONE),
        (State.SYN_RECV, Cue.FOUND_GONE),
        (State.LAST_ACK, Cue.FOUND_GONE),
    ),
    _CROSSED: (
        (State.CLOSING, Cue.FOUND_GONE),
        (State.TIME_WAIT, Cue.FOUND_GONE),
    ),
}
"""Pairs that no dialogue is known to take, by what stands in the way."""


@cache
def taken() -> frozenset[Pair]:
    """Return every pair of state and cue that a script takes."""
    pairs: set[Pair] = set()
    for path in sorted(Path(__file__).parent.glob("*.wire")):
        for script in read(path):
            player = Player(script, VARIANTS[0])
            player.play()
            for connection in player.tracker.connections():
                pairs.update((step.from_state, step.cue) for step in connection.transitions)
    return frozenset(pairs)


def entering() -> set[Pair]:
    """Return the pairs from which the table enters a state."""
    return {(state, row.cue) for row in tracker.machine().rows if row.to for state in row.states}


def test_every_pair_is_taken_or_excused() -> None:
    assert entering() - taken() - set(chain(*UNTAKEN.values())) == set()


def test_no_pair_is_excused_that_is_taken() -> None:
    assert set(chain(*UNTAKEN.values())) & taken() == set()


def test_every_excuse_is_of_a_row() -> None:
    assert set(chain(*UNTAKEN.values())) <= entering()
