"""The moments of a connection in order, with their descriptions: for every kind of ladder."""

from collections.abc import Iterator, Sequence

import msgspec

from wirestat.model import Connection, Evidence, LadderLine, Side, State, Transition
from wirestat.names import Dialect, spell

_ACK = 16


class Moment(msgspec.Struct):
    """All effects of one frame, or the one change of a timer."""

    frame: int | None
    time_ns: int | None = None
    segment: LadderLine | None = None
    made: list[Transition] = msgspec.field(default_factory=list)
    disproved: list[Transition] = msgspec.field(default_factory=list)


def moments(connection: Connection, segments: Sequence[LadderLine]) -> list[Moment]:
    """Merge segments and transitions in the order in which they happened.

    A step that its own frame disproves never stood: it is left out.
    """
    frames = {line.frame: Moment(line.frame, line.time_ns, line) for line in segments}
    steps = [step for step in connection.transitions if step.retracted_by != step.frame]
    for step in steps:
        if step.evidence is Evidence.TIMER:
            continue
        frames.setdefault(step.frame, Moment(step.frame, step.time_ns)).made.append(step)
    for step in steps:
        if step.retracted_by is not None:
            frames.setdefault(step.retracted_by, Moment(step.retracted_by)).disproved.append(step)
    ordered = [frames[frame] for frame in sorted(frames)]
    for step in steps:
        if step.evidence is Evidence.TIMER:
            later = (place for place, one in enumerate(ordered) if (one.time_ns or 0) > step.time_ns)
            ordered.insert(next(later, len(ordered)), Moment(None, step.time_ns, made=[step]))
    return ordered


def numbered(line: LadderLine) -> str:
    """Write the numbers of the segment."""
    numbers = f"seq {line.seq}"
    if line.flags & _ACK and line.ack is not None:
        numbers += f" ack {line.ack}"
    if line.payload:
        numbers += f" len {line.payload}"
    return numbers


def remarks(one: Moment, names: Dialect) -> Iterator[str]:
    """Return the tracker's notes on the segment, and the evidence of each change; ``seen`` is not mentioned."""
    if one.segment:
        yield from one.segment.notes
    for step in one.disproved:
        yield f"{step.endpoint} not in {spell(step.to, names)} after all"
    for side in Side:
        steps = [step for step in one.made if step.endpoint is side]
        passed = [f"through {spell(step.to, names)}" for step in steps[:-1]]
        words = [*passed, *_evidence(steps[-1])] if steps else []
        if words:
            yield f"{side} {', '.join(words)}"


def _evidence(step: Transition) -> Iterator[str]:
    if step.evidence is Evidence.TIMER:
        yield step.cue
    elif step.evidence is not Evidence.SEEN:
        yield step.evidence
    if step.confirmed_by is not None:
        yield f"proved by {step.confirmed_by}"
    if step.retracted_by is not None:
        yield f"disproved by {step.retracted_by}"


class Belief(msgspec.Struct):
    """The believed changes of state of each end, moment after moment."""

    first: dict[Side, State]
    """The states of the ends before the first segment."""
    steps: dict[Side, list[Transition]] = msgspec.field(default_factory=lambda: {side: [] for side in Side})

    def take(self, one: Moment) -> None:
        """Add the changes of the moment, and remove those that it disproves."""
        for step in one.disproved:
            self.steps[step.endpoint].remove(step)
        for step in one.made:
            self.steps[step.endpoint].append(step)

    def state(self, side: Side) -> State:
        """Return the believed state of an end."""
        steps = self.steps[side]
        return steps[-1].to if steps else self.first[side]

    def is_presumed(self, side: Side) -> bool:
        """Tell whether it is not proven."""
        steps = self.steps[side]
        return bool(steps) and steps[-1].evidence is Evidence.PRESUMED and steps[-1].confirmed_by is None
