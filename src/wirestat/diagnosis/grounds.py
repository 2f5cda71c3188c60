"""The grounds of a verdict: states that an end was in, facts about it. Their proof bounds every confidence."""

from enum import IntEnum

import msgspec

from wirestat.diagnosis.case import Case, End
from wirestat.model import Evidence, State, Transition
from wirestat.vocabulary import Fact


class Proof(IntEnum):
    """How well a state is proven, the worst first."""

    REFUTED = 0
    """Its cause turned out not to have happened."""
    PRESUMED = 1
    """Nothing contradicts it, and nothing proves it."""
    PROVEN = 2


class Ground(msgspec.Struct, frozen=True):
    """A state that an end is in or was in, or facts about it; without an end, facts about the connection."""

    end: End | None
    states: tuple[State, ...] = ()
    facts: tuple[Fact, ...] = ()


def being(end: End, *states: State) -> Ground:
    """Rest on one of these states of an end: its present one, or else the last that it was in."""
    return Ground(end, states)


def showing(end: End | None, *facts: Fact) -> Ground:
    """Rest on facts about an end, as many of them as hold."""
    return Ground(end, facts=facts)


class Weight(msgspec.Struct, frozen=True):
    """The weight of several grounds together."""

    proof: Proof
    words: str
    """A phrase for what the weakest of them lacks; empty where nothing is lacking."""
    witnesses: int
    """Captured frames that show one of them, each counted once."""


def weigh(grounds: tuple[Ground, ...], case: Case) -> Weight:
    """Ask each ground for its proof and its witnesses."""
    frames: set[int] = set()
    proof, words = Proof.PROVEN, ""
    for ground in grounds:
        frames.update(_facts(ground, case))
        if ground.end is not None and ground.states:
            step = _step(ground.end, ground.states)
            if step is not None:
                frames.update({step.frame, step.confirmed_by or step.frame})
            found = _proof(ground.end, ground.states, step)
            if found < proof:
                proof, words = found, _words(ground.end, ground.states, found)
    return Weight(proof, words, len(frames))


def _facts(ground: Ground, case: Case) -> set[int]:
    side = None if ground.end is None else ground.end.side
    seen = case.connection.facts
    return {one.frame for one in seen if one.endpoint is side and one.fact in ground.facts}


def _step(end: End, states: tuple[State, ...]) -> Transition | None:
    return end.entered(end.state) if end.state in states else end.entered(*states)


def _proof(end: End, states: tuple[State, ...], step: Transition | None) -> Proof:
    if end.state in states:
        return Proof.PROVEN if end.confirmed and not end.record.or_since else Proof.PRESUMED
    if step is None:
        return Proof.REFUTED if end.was_refuted(*states) else Proof.PRESUMED
    proven = step.evidence in (Evidence.SEEN, Evidence.IMPLIED) or step.confirmed_by is not None
    return Proof.PROVEN if proven else Proof.PRESUMED


def _words(end: End, states: tuple[State, ...], proof: Proof) -> str:
    state = end.state if end.state in states else states[0]
    if proof is Proof.REFUTED:
        return f"nothing that still holds says that the {end.side} was in {state}"
    others = " or ".join(end.record.or_since) if end.state in states else ""
    return f"that the {end.side} was in {state} is presumed" + (
        f": it may be {others} as well" if others else ""
    )
