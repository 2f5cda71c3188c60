"""The reach of a tap: for each true move of an end, whether and from when; see the package's docstring."""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab.frames import Flag

from .incarnations import Incarnations
from .journeys import Journey, Travels
from .truth import End, TrueConnection, Truth
from .witnesses import NOISE_NS, Grade, Reached, Witnesses, content, reached_moves


@dataclass(frozen=True)
class Reach:
    """The reach of a tap, of one end."""

    end: End
    begins_ns: int
    """When the end was first heard of, in Unix ns."""
    ends_ns: int
    """When the last frame was captured, in Unix ns."""
    initial: str
    """The true state of the end when the capture began."""
    moves: tuple[Reached, ...]
    heard: tuple[Journey, ...]
    """Captured segments that the end sent, without forged ones."""
    to_it: tuple[Journey, ...]
    """Captured segments sent to the end."""
    witnesses: Witnesses
    has_cookie: bool
    """Whether the end answered a SYN without keeping a socket."""
    in_flight: bool
    """Whether a segment for the end was under way when the capture ended."""
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
        return self._with_cookie(set(states))

    def final(self) -> tuple[set[str], bool]:
        """The states that are right at the end of the capture, once every captured segment has had its effect.

        Returns also whether they are so doubtful that alternatives must be named.
        """
        reached = [r for r in self.moves if r.from_ns <= self.ends_ns]
        if reached and reached[-1].grade is Grade.DOUBTFUL:
            return {reached[-1].move.after}, True
        states = [self.initial]
        if not self.moves and self.initial in ("CLOSED", "LISTEN"):
            states = ["CLOSED", "LISTEN"]
        for each in reached:
            if each.is_knowable or each.until_ns < self.begins_ns:
                states.clear()
            states.append(each.move.after)
        return self._with_cookie(set(states)), False

    def _with_cookie(self, states: set[str]) -> set[str]:
        """Add the states that SYN cookies allow: an end without a socket is in SYN_RECV only on the wire."""
        if self.has_cookie and states & {"LISTEN", "CLOSED", "SYN_RECV"}:
            return states | {"LISTEN", "SYN_RECV", "ESTABLISHED"}
        return states

    def is_silent(self, since_ns: int, until_ns: int) -> bool:
        """Whether no segment was captured that the end sent after a frame from the tap (``since_ns``) reached it."""
        since_ns += self.travels.flight_from(self.tap, self.end.side)
        return not any(j.sent_ns is not None and since_ns < j.sent_ns < until_ns for j in self.heard)

    def is_repeated(self, frame: int, until_ns: int) -> bool:
        """Whether a copy of this frame passed the tap after it and before ``until_ns``."""
        mine = [j for j in self.to_it if j.passed[self.tap][1] == frame]
        later = [j for j in self.to_it if j.passed[self.tap][1] > frame and j.passed[self.tap][0] < until_ns]
        return any(content(one) == content(other) for one in mine for other in later)

    def is_excused(self, time_ns: int, frame: int, to: str) -> bool:
        """Whether nothing at the tap could show that a presumption from this frame is wrong."""
        if self.has_cookie and to in ("SYN_RECV", "ESTABLISHED"):
            return True
        if any(r.grade is Grade.BEYOND and r.from_ns <= time_ns <= r.until_ns for r in self.moves):
            return True
        return self.is_silent(time_ns, self.travels.ends_ns) and not self._took_effect(frame)

    def _took_effect(self, frame: int) -> bool:
        """Whether this frame moved the end: no other segment arrived nearer to one of its moves."""
        for reached in self.moves:
            causes = self.witnesses.causes(reached.move)
            nearest = min(
                causes, key=lambda j: abs((j.delivered_ns or 0) - reached.move.time_ns), default=None
            )
            if nearest is not None and nearest.passed[self.tap][1] == frame:
                return True
        return False


def reach(
    truth: Truth, connection: TrueConnection, travels: Travels, tap: str, incarnations: Incarnations
) -> list[tuple[Reach, ...]]:
    """The reach of the tap for both ends of a connection; ends that are not judged are left out.

    Each end comes as its kernel recorded it, and also as the wire shows it if that must differ (``End.as_shown``).
    """
    everything = travels.at(tap)
    since_ns, until_ns = _lifetime(truth, connection)

    def is_of_it(journey: Journey) -> bool:
        is_in_time = since_ns <= journey.passed[tap][0] < until_ns
        if not journey.frame.is_tcp:
            return is_in_time
        if not connection.is_between(journey.source(tap), journey.destination(tap), tap):
            return False
        owner = incarnations.owner(connection, journey)
        return owner is connection or (owner is None and is_in_time)

    captured = [j for j in everything if is_of_it(j)]
    if not any(j.frame.is_tcp for j in captured):
        return []
    last_ns = min(everything[-1].passed[tap][0], until_ns)
    found = []
    for end in connection.ends:
        variants = [end] if end.as_shown() is end else [end, end.as_shown()]
        reaches = (_of_end(truth, each, captured, travels, tap, last_ns) for each in variants)
        found.append(tuple(each for each in reaches if each is not None))
    return [variants for variants in found if variants]


def _lifetime(truth: Truth, connection: TrueConnection) -> tuple[int, int]:
    """From when to when segments may be of this incarnation; two that follow each other may overlap."""
    since_ns, until_ns = 0, truth.end_ns + 1
    for other in truth.connections:
        if other.begins_ns is None or connection.begins_ns is None or other is connection:
            continue
        if all(a.address == b.address for a, b in zip(other.ends, connection.ends, strict=True)):
            if other.incarnation > connection.incarnation:
                last_move_ns = max(end.moves[-1].time_ns for end in connection.ends if end.moves)
                until_ns = min(until_ns, max(other.begins_ns, last_move_ns + NOISE_NS))
            else:
                since_ns = connection.begins_ns - NOISE_NS
    return since_ns, until_ns


def _of_end(
    truth: Truth, end: End, captured: list[Journey], travels: Travels, tap: str, last_ns: int
) -> Reach | None:
    out = [j for j in captured if j.source(tap) == end.at(tap) and j.sent_ns is not None]
    is_forged = any(j.source(tap) == end.at(tap) and j.sent_ns is None for j in captured)
    to_it = [j for j in captured if j.destination(tap) == end.at(tap) or j.is_notice_to(end.at(tap), tap)]
    heard_of = [j.passed[tap][0] for j in out]
    heard_of += [j.passed[tap][0] for j in to_it if j.frame.flags & Flag.ACK and not j.frame.flags & Flag.RST]
    if not heard_of or (is_forged and not end.moves):
        return None
    begins_ns = min(heard_of)
    flight_ns = travels.flight_from(tap, end.side)
    landing_ns = truth.end_ns - flight_ns - NOISE_NS
    witnesses = Witnesses(tap, tuple(out), tuple(to_it), begins_ns, flight_ns)
    unheeded = tuple(j for j in to_it if j.delivered_ns is None or j.delivered_ns > truth.end_ns)
    return Reach(
        end=end,
        begins_ns=begins_ns,
        ends_ns=last_ns,
        initial=end.initial,
        moves=reached_moves(truth, end, witnesses),
        heard=tuple(out),
        to_it=tuple(to_it),
        witnesses=witnesses,
        has_cookie=_has_cookie(end, out),
        in_flight=any(j.passed[tap][0] > landing_ns for j in unheeded),
        travels=travels,
        tap=tap,
    )


def _has_cookie(end: End, out: list[Journey]) -> bool:
    """Whether it sent a SYN,ACK while it had no socket for it."""
    for journey in out:
        if journey.frame.flags & Flag.SYN and journey.frame.flags & Flag.ACK and journey.sent_ns is not None:
            near = end.states(journey.sent_ns - NOISE_NS, journey.sent_ns + NOISE_NS)
            if not set(near) - {"LISTEN", "CLOSED"}:
                return True
    return False
