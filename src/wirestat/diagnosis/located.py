"""Verdicts that a second capture settles: it shows where the missing segment is.

A rule that judges one capture must leave open whether a segment was lost behind the tap, or never sent. Where the
same traffic was captured at both sides, every segment has a fate. So each verdict that rests on a missing segment is
asked for it: it was lost between two points, it arrived and was ignored, or it never left. That is certain, and so is
the end at fault.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from wirestat.crossing import Comparison, Crossing, Fate, Passage
from wirestat.diagnosis import roster
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.certainty import Weighed
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.rivals import Rival, Standing, cause, ruled_out
from wirestat.diagnosis.rules.meanwhile import TOOK_NOTHING
from wirestat.model import Confidence, Fault, Side, State
from wirestat.vocabulary import Fact

_OPTIONS = {"mss", "window-scale", "sack-permitted", "timestamps", "fast-open"}
"""Changes to a SYN for which a device has to mend the checksum."""


_ACKNOWLEDGING = ("ACK", "data", "FIN")
"""Kinds of segment that acknowledge what came after the handshake."""
_PASSED = (Fate.ARRIVED, Fate.MISSED)
_SEVERAL = 2
"""So many copies in vain are no chance loss."""
_FIRST_TTLS = frozenset({32, 64, 128, 255})
"""The TTLs that systems send with (RFC 1700 recommends 64)."""


class Location(NamedTuple):
    """Where the missing segment is."""

    fault: Fault
    words: str
    diagnosis: str | None = None
    """A better name for what happened, where the missing segment gives one."""
    doubt: str = ""
    """The reason why it is open all the same."""
    rivals: tuple[Rival, ...] = ()
    """Other explanations that the captures rule out or leave open."""
    advice: str = ""
    """The first thing to do, where that is more than to look at the end at fault."""


class Whereabouts:
    """The passages of one connection, asked for what became of some of them."""

    def __init__(self, crossing: Crossing, comparison: Comparison) -> None:
        """Testify about ``crossing``."""
        self.crossing = crossing
        self._comparison = comparison

    def sent(self, side: Side, *kinds: str) -> list[Passage]:
        """Return what an end sent itself: what was made in its name on the way is left out."""
        made = (Fate.INJECTED, Fate.DUPLICATED)
        return [
            passage
            for passage in self.crossing.passages
            if passage.sender is side and passage.kind in kinds and passage.fate not in made
        ]

    def lost(self, passages: Iterable[Passage]) -> Passage | None:
        """Return the last of those that were lost."""
        return next((one for one in reversed([*passages]) if one.fate is Fate.LOST), None)

    def arrived(self, passages: Iterable[Passage]) -> bool:
        """Whether any came as far as the point nearest to its receiver."""
        return any(one.fate in (Fate.ARRIVED, Fate.MISSED) for one in passages)

    def changed(self, passages: Iterable[Passage]) -> str:
        """Say what was changed on the way in some of them: the options that ends go by."""
        changes = {
            change.field: f"{change.field.replace('-', ' ')} {change.before} to {change.behind}"
            for one in passages
            for leg in one.legs
            for change in leg.changes
            if change.field in _OPTIONS
        }
        return ", ".join(changes.values())

    def where(self, passage: Passage) -> str:
        """Name the stage in which something happened to a segment."""
        points = self._comparison.points
        return f"between {points[passage.before].name} and {points[passage.behind].name}"

    def without(self, side: Side) -> str:
        """Name a point that counts what an end sent here to another connection, and has nothing of this one."""
        absent = [at for at, names in enumerate(self.crossing.names) if names is None]
        came = any(
            one.fate is Fate.ARRIVED and one.sender is side and len(one.sights) < len(self.crossing.names)
            for one in self.crossing.passages
        )
        return self._comparison.points[absent[0]].name if absent and came else ""

    def is_next_to(self, side: Side) -> bool:
        """Whether the TTLs at the point nearest to an end are as it sends them: no router is in between."""
        path = self.crossing.path
        point = path[0] if side is Side.CLIENT else path[-1]
        ttls = {
            sight.ttl
            for passage in self.crossing.passages
            for sight in passage.sights
            if passage.sender is side and passage.fate is not Fate.INJECTED and sight.point == point
        }
        return bool(ttls) and ttls <= _FIRST_TTLS

    def nearest(self, side: Side) -> str:
        """Name the point nearest to an end."""
        path = self.crossing.path
        return self._comparison.points[path[0] if side is Side.CLIENT else path[-1]].name


def locate(hits: Iterable[Hit], comparison: Comparison) -> Iterator[Hit]:
    """Settle each hit by what the captures tell together."""
    for hit in hits:
        question = _QUESTIONS.get(hit.rule.id)
        answer = (
            question(hit.case, Whereabouts(comparison.crossing(hit.case.example), comparison))
            if question
            else None
        )
        yield _settled(hit, answer) if answer else hit


def _settled(hit: Hit, answer: Location) -> Hit:
    verdict = hit.verdict
    rule = roster.rule(answer.diagnosis) if answer.diagnosis else hit.rule
    settled = replace(
        verdict,
        fault=answer.fault,
        doubts=(),
        explanation=f"{verdict.explanation} {answer.words}",
        rivals=(
            *(rival for rival in verdict.rivals if rival.standing is Standing.RULED_OUT),
            *answer.rivals,
        ),
        advice=_advice(verdict.advice, answer),
    )
    severity = verdict.severity or rule.severity
    weighed = (
        Weighed(Confidence.LIKELY, severity, (answer.doubt,))
        if answer.doubt
        else Weighed(Confidence.CERTAIN, severity)
    )
    return replace(hit, rule=rule, verdict=settled, weighed=weighed)


def _advice(advice: str, answer: Location) -> str:
    """Say where to look, and keep the commands that look at the end at fault."""
    if answer.fault is Fault.PATH:
        return "Look at the devices between these two points; a capture between them narrows it down further."
    first, *commands = advice.splitlines()
    if answer.advice:
        first = answer.advice
    elif first.startswith("Capture at"):
        first = f"Look at the {answer.fault}: its host firewall, its sockets, its counters."
    return "\n".join([first, *(line for line in commands if "tcpdump" not in line)])


def _syn_unanswered(case: Case, witness: Whereabouts) -> Location | None:
    syns, answers = witness.sent(Side.CLIENT, "SYN"), witness.sent(Side.SERVER, "SYN-ACK", "RST")
    if answers and (lost := witness.lost(answers)) and not witness.arrived(answers):
        return Location(
            Fault.PATH, f"The SYN arrived; the server's answer was lost {witness.where(lost)}.", "D01"
        )
    if witness.arrived(syns) and not answers:
        near = witness.nearest(Side.SERVER)
        if changed := witness.changed(syns):
            return Location(
                Fault.PATH,
                f"The SYN arrived at {near}, changed on the way ({changed}), and nothing answered it there: see "
                "whether its checksum was mended as well, else the server drops it (TcpInCsumErrors).",
                "D45",
                doubt="the server may have dropped it for another reason",
            )
        return Location(Fault.SERVER, f"The SYN arrived at {near}, and nothing answered it there.")
    if lost := witness.lost(syns):
        return Location(Fault.PATH, f"The SYN was lost {witness.where(lost)}.")
    return None


def _slow_connect(case: Case, witness: Whereabouts) -> Location | None:
    """Say what became of the first SYN, or of its answer."""
    for side, kind in ((Side.CLIENT, "SYN"), (Side.SERVER, "SYN-ACK")):
        first = witness.sent(side, kind)[:1]
        if lost := witness.lost(first):
            return Location(Fault.PATH, f"The first {kind} was lost {witness.where(lost)}.")
    return None


def _syn_ack_unanswered(case: Case, witness: Whereabouts) -> Location | None:
    answers, acks = witness.sent(Side.SERVER, "SYN-ACK"), witness.sent(Side.CLIENT, "ACK", "data", "FIN")
    if not witness.arrived(answers):
        return _syn_unanswered(case, witness)
    if lost := witness.lost(acks):
        if witness.arrived(acks):
            return None
        return Location(Fault.PATH, f"The client acknowledged it; its ACK was lost {witness.where(lost)}.")
    if not acks:
        near = witness.nearest(Side.CLIENT)
        return Location(Fault.CLIENT, f"The SYN-ACK arrived at {near}, and the client did not answer it.")
    return None


def _ack_ignored(case: Case, witness: Whereabouts) -> Location | None:
    acks = witness.sent(Side.CLIENT, "ACK", "data", "FIN")
    if witness.arrived(acks):
        near = witness.nearest(Side.SERVER)
        return Location(Fault.SERVER, f"The client's ACK arrived at {near}: the server ignores it.")
    return _syn_ack_unanswered(case, witness)


def _half_open(case: Case, witness: Whereabouts) -> Location | None:
    for end in case.ends:
        if witness.sent(end.side, "RST"):
            captured = f"The reset was captured at {witness.nearest(end.side)}"
            if far := witness.without(end.other.side):
                return Location(
                    Fault.PATH,
                    f"{captured}, and at {far} what it answers belongs to another connection: a device on the way no "
                    f"longer translates that one as before, so that the {end.side} never knew this one.",
                )
            return Location(end.fault, f"{captured}: no device on the way sent it.")
    return None


def _fin_unanswered(case: Case, witness: Whereabouts) -> Location | None:
    closer = next((end for end in case.ends if end.has(Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK)), None)
    if closer is None:
        return None
    fins = witness.sent(closer.side, "FIN")
    return _unacknowledged(closer, fins, witness)


def _last_ack(case: Case, witness: Whereabouts) -> Location | None:
    waiting = next((end for end in case.ends if end.state in (State.LAST_ACK, State.CLOSING)), None)
    resent = next((end for end in case.ends if end.has(Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK)), None)
    last = waiting or resent
    return _unacknowledged(last, witness.sent(last.side, "FIN"), witness) if last else None


def _unacknowledged(closer: End, fins: Sequence[Passage], witness: Whereabouts) -> Location | None:
    """Say why a FIN was not acknowledged."""
    if not witness.arrived(fins):
        lost = witness.lost(fins)
        return Location(Fault.PATH, f"The FIN was lost {witness.where(lost)}.") if lost else None
    over = max(fin.seq + fin.payload + 1 for fin in fins)
    other = closer.other.side
    acks = witness.sent(other, "ACK", "data", "FIN", "RST")
    acks = [ack for ack in acks if ack.ack is not None and ack.ack >= over]
    if not acks:
        return Location(
            closer.other.fault, f"The FIN arrived at {witness.nearest(other)}, and was not acknowledged."
        )
    if lost := witness.lost(acks):
        return Location(
            Fault.PATH, f"The FIN arrived; the {other}'s ACK of it was lost {witness.where(lost)}."
        )
    if witness.arrived(acks):
        near = witness.nearest(closer.side)
        return Location(
            closer.fault, f"The {other}'s ACK of the FIN arrived at {near}: it was dropped behind it."
        )
    return None


def _unanswered_data(case: Case, witness: Whereabouts) -> Location | None:
    for side in Side:
        sent = [one for one in witness.sent(side, "data") if one.fate is not Fate.OUTSIDE]
        if sent and sent[-1].fate is Fate.LOST:
            return Location(Fault.PATH, f"What the {side} sent was lost {witness.where(sent[-1])}.")
    for end in case.ends:
        if end.has(Fact.DATA_RESENT) and end.record.unacknowledged_bytes:
            heard = [one for one in witness.sent(end.other.side, *_ACKNOWLEDGING) if one.fate in _PASSED]
            acked = max((one.ack for one in heard if one.ack is not None), default=0)
            in_vain = [one for one in witness.sent(end.side, "data") if one.seq + one.payload > acked]
            return _not_heeded(end, in_vain, math.inf, witness)
    return None


def _stalled(case: Case, witness: Whereabouts) -> Location | None:
    """Say where the copies were lost, or their answers, or that they arrived and drew none."""
    stalls = (Fact.STALLED, Fact.STALLED_BRIEFLY)
    end = next((end for end in case.ends if end.has(*stalls)), None)
    over = end.fact(*stalls) if end else None
    if end is None or over is None:
        return None
    since_ns = over.time_ns - (over.figure or 0)
    copies = [one for one in witness.sent(end.side, "data") if since_ns <= one.time_ns < over.time_ns]
    return _not_heeded(end, copies[:-1], over.time_ns, witness)  # the last one is answered


def _not_heeded(
    end: End, copies: Sequence[Passage], until_ns: float, witness: Whereabouts
) -> Location | None:
    """Say what became of data that were sent again and not acknowledged."""
    if len(copies) < _SEVERAL:
        return None
    if all(one.fate is Fate.LOST for one in copies):
        return Location(Fault.PATH, f"The copies were lost {witness.where(copies[-1])}.")
    if not all(one.fate in _PASSED for one in copies):
        return None  # some were lost, and the others not answered
    over = min(one.seq + one.payload for one in copies)
    answers = [
        one
        for one in witness.sent(end.other.side, *_ACKNOWLEDGING)
        if copies[0].time_ns <= one.time_ns < until_ns and one.ack is not None and one.ack >= over
    ]
    if lost := witness.lost(answers):
        return Location(
            Fault.PATH, f"The copies arrived; the {end.other.side}'s answers were lost {witness.where(lost)}."
        )
    return _dropped_behind(end, witness, copies)


def _dropped_behind(end: End, witness: Whereabouts, copies: Sequence[Passage]) -> Location:
    """Judge copies that all arrived at the point nearest to their receiver, and drew no answer there."""
    near, other = witness.nearest(end.other.side), end.other
    arrived = f"All {len(copies)} of these segments arrived at {near}, and nothing answered them there."
    rivals = [
        ruled_out("a device that drops them before that point", f"{near} holds them"),
        *TOOK_NOTHING,
    ]
    spoken = (one for one in witness.sent(other.side, *_ACKNOWLEDGING) if one.time_ns < copies[-1].time_ns)
    if other.side is Side.SERVER and next(spoken, None) is None:
        rivals.append(cause("a full accept queue under SYN cookies: the server has no socket for it (D06)"))
    if witness.is_next_to(other.side):
        return Location(
            other.fault,
            f"{arrived} No router is between that point and {other.address}: the host did not take them.",
            doubt="a device behind that point that routes nothing may drop them",
            rivals=tuple(rivals),
            advice=f"See what {other.address} did at that time: its log, its packet filter, its sockets.",
        )
    return Location(
        Fault.UNDECIDED,
        arrived,
        doubt=f"a device behind {near} may drop them",
        rivals=tuple(rivals),
        advice=f"See what {other.address} did at that time, or capture nearer to it.",
    )


_QUESTIONS: dict[str, Callable[[Case, Whereabouts], Location | None]] = {
    "D01": _syn_unanswered,
    "D04": _syn_ack_unanswered,
    "D05": _ack_ignored,
    "D06": _ack_ignored,
    "D07": _half_open,
    "D09": _unanswered_data,
    "D13": _fin_unanswered,
    "D14": _last_ack,
    "D34": _slow_connect,
    "D56": _stalled,
}
