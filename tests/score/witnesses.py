"""Whether and when a tap captured evidence of a true move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from itertools import zip_longest

from tests.lab.frames import Flag

from .journeys import Journey
from .truth import End, Move, Truth

NOISE_NS = 2_000_000
"""The maximum delay by two busy machines and the wire between them."""
PROMPT_NS = 5_000_000
"""A segment that an end sends as it moves is on the wire within this time."""

_SENT_WITH = {"SYN_SENT": Flag.SYN, "FIN_WAIT1": Flag.FIN, "LAST_ACK": Flag.FIN, "CLOSED": Flag.RST}
"""The flag of the segment that shows a move which an end makes by itself; no other segment shows it."""
_SYNCHRONIZED = {"ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE_WAIT", "CLOSING"}
_NEED_OWN_FIN = {"FIN_WAIT2", "CLOSING", "TIME_WAIT"}
_NEED_PEERS_FIN = {"CLOSE_WAIT", "CLOSING", "TIME_WAIT", "LAST_ACK"}


class Grade(Enum):
    """How well a tap can know a move."""

    KNOWABLE = "knowable"
    DOUBTFUL = "doubtful"
    """It may have happened: a good answer names the states before and after."""
    BEYOND = "beyond"
    """Nothing at the tap hints at it."""


@dataclass(frozen=True)
class Reached:
    """One true move, as far as the tap could know it."""

    move: Move
    grade: Grade
    from_ns: int
    """From this instant on the state after it is right ..."""
    until_ns: int
    """... and until this one the state before it is as well."""

    @property
    def is_knowable(self) -> bool:
        return self.grade is Grade.KNOWABLE


@dataclass(frozen=True)
class Witnesses:
    """The segments of one end that a tap captured."""

    tap: str
    out: tuple[Journey, ...]
    """Segments that the end sent."""
    to_it: tuple[Journey, ...]
    """Segments sent to the end."""
    heard_ns: int
    """When the end was first heard of, in Unix ns."""
    flight_ns: int
    """The time of a frame from the tap to the end."""

    def passed(self, journey: Journey) -> int:
        """When the tap captured the frame, in Unix ns."""
        return journey.passed[self.tap][0]

    def causes(self, move: Move) -> list[Journey]:
        """Segments that arrived as the end moved, and may have moved it."""
        slack = NOISE_NS + move.uncertainty_ns
        return [
            j
            for j in self.to_it
            if j.delivered_ns is not None
            and abs(move.time_ns - j.delivered_ns) <= slack
            and _may_cause(move, j)
        ]

    def signs(self, move: Move, next_ns: int) -> list[Journey]:
        """Segments that the end sent as it moved, or before it moved again."""
        slack = NOISE_NS + move.uncertainty_ns
        flag = _SENT_WITH.get(move.after, ~Flag(0))
        mine = [j for j in self.out if j.sent_ns is not None and j.frame.flags & flag]
        at_once = [j for j in mine if -slack <= (j.sent_ns or 0) - move.time_ns <= slack + PROMPT_NS]
        return at_once + [j for j in mine if move.time_ns < (j.sent_ns or 0) < next_ns]

    def is_silent_after(self, journey: Journey) -> bool:
        """Whether the tap captured nothing that the end sent after this segment had arrived."""
        arrival_ns = journey.delivered_ns or self.passed(journey) + self.flight_ns
        return not any((j.sent_ns or 0) > arrival_ns + NOISE_NS for j in self.out)

    def has_fin(self, *, own: bool) -> bool:
        """Whether the tap captured the FIN of the end, or that of its peer."""
        return any(j.frame.flags & Flag.FIN for j in (self.out if own else self.to_it))

    def is_doubtful(self, move: Move, cause: Journey) -> bool:
        """Whether the tap cannot know that this cause moved the end.

        The end was silent afterwards, and a copy of the cause was lost or came later. Out of SYN_RECV any copy is
        enough: a full accept queue may have ignored one.
        """
        like = [j for j in self.to_it if j is not cause and content(j) == content(cause)]
        return self.is_silent_after(cause) and any(
            move.before == "SYN_RECV" or j.delivered_ns is None or self.passed(j) > self.passed(cause)
            for j in like
        )


def reached_moves(truth: Truth, end: End, witnesses: Witnesses) -> tuple[Reached, ...]:
    """Every true move of the end, graded."""
    moves = [
        _reached(move, successor.time_ns if successor else truth.end_ns + 1, truth.start_ns, witnesses)
        for move, successor in zip_longest(end.moves, end.moves[1:])
    ]
    for index in range(len(moves) - 1, -1, -1):
        is_beyond = moves[index].move.time_ns > truth.start_ns or moves[index].move.before in _SYNCHRONIZED
        if is_beyond and not moves[index].is_knowable:
            following = [r.until_ns for r in moves[index + 1 :] if r.is_knowable]
            moves[index] = replace(moves[index], until_ns=min(following, default=truth.end_ns + 1))
    return tuple(moves)


def _reached(move: Move, next_ns: int, start_ns: int, witnesses: Witnesses) -> Reached:
    slack = NOISE_NS + move.uncertainty_ns
    unseen = Reached(move, Grade.BEYOND, move.time_ns - slack, move.time_ns + slack)
    if move.time_ns <= start_ns:
        return replace(unseen, until_ns=move.time_ns)
    if move.silent:
        return _silent(move, unseen, witnesses)
    causes, signs = witnesses.causes(move), witnesses.signs(move, next_ns)
    if not causes and not signs:
        return unseen
    if _lacks_fin(move, witnesses):
        first_ns = min(witnesses.passed(j) for j in [*causes, *signs])
        return replace(unseen, from_ns=min(unseen.from_ns, first_ns - slack))
    if not signs and all(witnesses.is_doubtful(move, cause) for cause in causes):
        passed_ns = min(witnesses.passed(cause) for cause in causes)
        return replace(unseen, grade=Grade.DOUBTFUL, from_ns=min(unseen.from_ns, passed_ns - slack))
    known_ns = max(min(witnesses.passed(j) for j in [*causes, *signs]), witnesses.heard_ns)
    return _known(move, known_ns)


def _lacks_fin(move: Move, witnesses: Witnesses) -> bool:
    """Whether the move follows from a FIN that the tap did not capture."""
    own = move.after in _NEED_OWN_FIN or move.before == "LAST_ACK"
    peers = move.after in _NEED_PEERS_FIN or move.before == "LAST_ACK"
    return (own and not witnesses.has_fin(own=True)) or (peers and not witnesses.has_fin(own=False))


def _silent(move: Move, unseen: Reached, witnesses: Witnesses) -> Reached:
    """Grade a move without a packet: knowable if a later segment tells of it, else doubtful."""
    if move.shown_ns is not None:
        shown = [
            witnesses.passed(j) for j in witnesses.out if abs((j.sent_ns or 0) - move.shown_ns) <= PROMPT_NS
        ]
        if shown:
            return _known(move, min(shown))
    return replace(unseen, grade=Grade.DOUBTFUL)


def _known(move: Move, known_ns: int) -> Reached:
    slack = NOISE_NS + move.uncertainty_ns
    return Reached(
        move, Grade.KNOWABLE, min(move.time_ns, known_ns) - slack, max(move.time_ns, known_ns) + slack
    )


def _may_cause(move: Move, journey: Journey) -> bool:
    """Whether a segment of this kind can cause the move."""
    if move.after in ("SYN_SENT", "FIN_WAIT1", "LAST_ACK"):
        return False
    if move.after == "CLOSED" and move.before != "LAST_ACK":
        return not journey.frame.is_tcp or bool(journey.frame.flags & (Flag.RST | Flag.SYN))
    return journey.frame.is_tcp


def content(journey: Journey) -> tuple[int, int, int, int]:
    """The content of a segment; a copy has the same."""
    frame = journey.frame
    return frame.seq, frame.ack, frame.flags, frame.length
