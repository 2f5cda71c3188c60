"""Every row of the table that enters a state is taken by some wire script, from each of its states."""

from functools import cache
from pathlib import Path

from tests.wirescript.play import Player
from tests.wirescript.script import read
from tests.wirescript.wire import VARIANTS
from wirestat import tracker
from wirestat.model import State
from wirestat.vocabulary import Cue

Pair = tuple[State, Cue]

UNTAKEN: dict[Pair, str] = {}
"""Pairs that no dialogue can take, with the reason."""
_MET = {State.SYN_SENT: State.CLOSED, State.SYN_RECV: State.LISTEN}
"""For an end that was UNKNOWN and is first met in this state: the state that it is taken to have come from."""


@cache
def taken() -> frozenset[Pair]:
    """Return every pair of state and cue that a script takes."""
    pairs: set[Pair] = set()
    for path in sorted(Path(__file__).parent.glob("*.wire")):
        for script in read(path):
            player = Player(script, VARIANTS[0])
            player.play()
            for connection in player.tracker.connections():
                for step in connection.transitions:
                    pairs.add((step.from_state, step.cue))
                    if _MET.get(step.to) is step.from_state:
                        pairs.add((State.UNKNOWN, step.cue))
    return frozenset(pairs)


def entering() -> set[Pair]:
    """Return the pairs from which the table enters a state."""
    return {(state, row.cue) for row in tracker.machine().rows if row.to for state in row.states}


def test_every_pair_is_taken_or_excused() -> None:
    untaken = entering() - taken() - set(UNTAKEN)
    assert not untaken, f"no wire script takes {sorted(untaken)}: write one, or say in UNTAKEN why none can"


def test_no_taken_pair_is_excused() -> None:
    assert set(UNTAKEN) & taken() == set()


def test_every_excuse_is_of_a_row() -> None:
    assert set(UNTAKEN) <= entering()
