"""What a tap could know: for each true move of an end, whether and from when; see the package's docstring."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from tests.lab.frames import Flag

from .journeys import Journey, Travels
from .truth import End, Move, TrueConnection, Truth

NOISE_NS = 3_000_000
"""How far two busy machines and the wire between them may be late."""
PROMPT_NS = 5_000_000
"""What an end sends as it moves is on the wire within this time."""


@dataclass(frozen=True)
class Reached:
    """One true move, as far as the tap could know it."""

    move: Move
    is_knowable: bool
    from_ns: int
    """From this instant on the state after it is right ..."""
    until_ns: int
    """... and until this one the state before it is as well."""


@dataclass(frozen=True)
class Reach:
    """What the tap could know of one end."""

    end: End
    begins_ns: int
    """When it was first heard of."""
    ends_ns: int
    """The last captured frame."""
    initial: str
    """Its true state when the capture began."""
    moves: tuple[Reached, ...]
    heard: tuple[Journey, ...]
    """Its captured segments, forged ones left out."""
    unheeded: tuple[Journey, ...]
    """Captured segments for it that never reached it, or that were still under way when the capture ended."""
    has_cookie: bool
    """It answered a SYN without keeping a socket."""
    in_flight: bool
    """A segment for it was under way when the capture ended."""
    travels: Travels
    tap: str

    def right_at(self, time_ns: int) -> set[str]:
        """The states that are right at an instant."""
        states = [self.initial]
        for reached in self.moves:
            if reached.until_ns < time_ns:
                states.clear()
            if reached.from_ns <= time_ns:
                states.append(reached.move.after)
        found = set(states)
        if self.has_cookie and found & {"LISTEN", "CLOSED", "SYN_RECV"}:
            found |= {"LISTEN", "SYN_RECV", "ESTABLISHED"}
        return found

    def is_silent_since(self, time_ns: int) -> bool:
        """Whether the tap captured nothing of the end that it sent after what passed the tap then could arrive."""
        later = time_ns + self.travels.flight_from(self.tap, self.end.side) - NOISE_NS
        return not any(j.sent_ns is not None and j.sent_ns > later for j in self.heard)

    def is_excused(self, time_ns: int, frame: int) -> bool:
        """Whether a presumption from this frame could not be found out."""
        ignored = any(j.passed[self.tap][1] == frame for j in self.unheeded)
        return self.is_silent_since(time_ns) and (ignored or not self.changed_by(time_ns))

    def changed_by(self, time_ns: int) -> bool:
        """Whether the end moved as what passed the tap then arrived."""
        flight = self.travels.flight_from(self.tap, self.end.side)
        return any(abs(r.move.time_ns - time_ns - flight) <= NOISE_NS for r in self.moves)


def reach(truth: Truth, connection: TrueConnection, travels: Travels, tap: str) -> tuple[Reach, ...]:
    """The reach of the tap for both ends of a connection; ends that are not judged are left out."""
    successor = [
        other.begins_ns
        for other in truth.connections
        if other.ends[0].addresses & connection.ends[0].addresses
        and other.ends[1].addresses & connection.ends[1].addresses
        and other.incarnation == connection.incarnation + 1
        and other.begins_ns is not None
    ]
    horizon = min(successor, default=truth.end_ns + 1)
    since = (connection.begins_ns or 0) - NOISE_NS if connection.incarnation > 1 else 0
    captured = [
        j
        for j in travels.at(tap)
        if connection.is_between(j.source, j.destination) and since <= j.passed[tap][0] < horizon
    ]
    everything = travels.at(tap)
    if not captured:
        return ()
    last_ns = min(everything[-1].passed[tap][0], horizon)
    found = (_of_end(truth, end, captured, travels, tap, last_ns) for end in connection.ends)
    return tuple(each for each in found if each is not None)


def _of_end(
    truth: Truth, end: End, captured: list[Journey], travels: Travels, tap: str, last_ns: int
) -> Reach | None:
    out = [j for j in captured if j.source in end.addresses and j.sent_ns is not None]
    to_it = [j for j in captured if j.destination in end.addresses]
    heard_of = [j.passed[tap][0] for j in out]
    heard_of += [j.passed[tap][0] for j in to_it if j.frame.flags & Flag.ACK and not j.frame.flags & Flag.RST]
    if not heard_of or not (end.moves or out):
        return None
    begins_ns = min(heard_of)
    initial = end.states(0, truth.start_ns)[-1]
    moves: list[Reached] = []
    relevant = [m for m in end.moves if m.time_ns > truth.start_ns]
    for move, successor in zip_longest(relevant, relevant[1:]):
        next_ns = successor.time_ns if successor else truth.end_ns + 1
        moves.append(_reached(move, next_ns, out, to_it, tap, begins_ns))
    for index in range(len(moves) - 1, -1, -1):
        if not moves[index].is_knowable:
            following = [r.until_ns for r in moves[index + 1 :] if r.is_knowable]
            until = min(following, default=truth.end_ns + 10**12)
            moves[index] = Reached(moves[index].move, False, moves[index].from_ns, until)
    flight = travels.flight_from(tap, end.side)
    landing = truth.end_ns - flight - NOISE_NS
    unheeded = tuple(j for j in to_it if j.delivered_ns is None or j.delivered_ns > truth.end_ns)
    return Reach(
        end,
        begins_ns,
        last_ns,
        initial,
        tuple(moves),
        tuple(out),
        unheeded,
        _has_cookie(end, out),
        any(j.passed[tap][0] > landing and j in unheeded for j in to_it),
        travels,
        tap,
    )


def _reached(
    move: Move, next_ns: int, out: list[Journey], to_it: list[Journey], tap: str, heard_ns: int
) -> Reached:
    """When the tap captured the first witness of the move, if any."""
    slack = NOISE_NS + move.uncertainty_ns
    time_ns = move.time_ns
    if move.silent:
        shown = move.shown_ns
        witnesses = [j.passed[tap][0] for j in out if shown and abs((j.sent_ns or 0) - shown) <= PROMPT_NS]
        return _between(move, time_ns, min(witnesses)) if witnesses else Reached(move, False, time_ns - slack, time_ns)
    causes = [j for j in to_it if j.delivered_ns is not None and -slack <= time_ns - j.delivered_ns <= slack]
    signs = [j for j in out if j.sent_ns is not None and -slack <= j.sent_ns - time_ns <= slack + PROMPT_NS]
    later = [j for j in out if j.sent_ns is not None and time_ns < j.sent_ns < next_ns]
    times = [j.passed[tap][0] for j in [*causes, *signs, *later[:1]]]
    if not times:
        return Reached(move, False, time_ns - slack, time_ns)
    return _between(move, time_ns, max(min(times), heard_ns))


def _between(move: Move, time_ns: int, known_ns: int) -> Reached:
    slack = NOISE_NS + move.uncertainty_ns
    return Reached(move, True, min(time_ns, known_ns) - slack, max(time_ns, known_ns) + slack)


def _has_cookie(end: End, out: list[Journey]) -> bool:
    """Whether it sent a SYN,ACK while it had no socket for it."""
    for journey in out:
        if journey.frame.flags & Flag.SYN and journey.frame.flags & Flag.ACK and journey.sent_ns is not None:
            near = end.states(journey.sent_ns - NOISE_NS, journey.sent_ns + NOISE_NS)
            if not set(near) - {"LISTEN", "CLOSED"}:
                return True
    return False
