"""Data between the points of a comparison: lost, held up, too large, or not taken by the host."""

import math
from collections.abc import Sequence

from wirestat.crossing import Fate, Passage
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.compared.whereabouts import PASSED, Location, Whereabouts
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.rules.path.wrong_checksums import is_not_for_its_size
from wirestat.diagnosis.rules.silence.meanwhile import STALLS, TOOK_NOTHING
from wirestat.model import Fault, Side
from wirestat.spans import span
from wirestat.vocabulary import Fact

ACKNOWLEDGING = ("ACK", "data", "FIN")
"""Kinds of segment that acknowledge what came after the handshake."""
_SEVERAL = 2
"""So many copies in vain are no chance loss."""
_DIED = "nothing smaller was sent since, so a path that died would look the same"
_FEW = 10
"""Where one segment in so many is overtaken, a sender that counts repeated acknowledgements sees losses."""
_MOSTLY = 4
"""Data that lay on the way so many times longer than they lay at their receiver were held up on the way."""


def unanswered_data(case: Case, witness: Whereabouts) -> Location | None:
    """Say where data that were never answered went."""
    for side in Side:
        sent = [one for one in witness.sent(side, "data") if one.fate is not Fate.OUTSIDE]
        if sent and sent[-1].fate is Fate.LOST:
            return Location(Fault.PATH, f"The last data of the {side} were lost {witness.where(sent[-1])}.")
    for end in case.ends:
        if end.has(Fact.DATA_RESENT) and end.record.unacknowledged_bytes:
            heard = [one for one in witness.sent(end.other.side, *ACKNOWLEDGING) if one.fate in PASSED]
            acked = max((one.ack for one in heard if one.ack is not None), default=0)
            in_vain = [one for one in witness.sent(end.side, "data") if one.seq + one.payload > acked]
            return _not_heeded(end, in_vain, math.inf, witness)
    return None


def stalled(case: Case, witness: Whereabouts) -> Location | None:
    """Say where the copies were lost, or their answers, or that they arrived and drew none."""
    end = next((end for end in case.ends if end.has(*STALLS)), None)
    over = end.fact(*STALLS) if end else None
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
        return Location(Fault.PATH, f"The copies were lost {witness.stages(copies)}.")
    if not all(one.fate in PASSED for one in copies):
        return None  # some were lost, and the others not answered
    if held := _held_up(end, copies, until_ns, witness):
        return held
    over = min(one.seq + one.payload for one in copies)
    answers = [
        one
        for one in witness.sent(end.other.side, *ACKNOWLEDGING)
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
    spoken = (one for one in witness.sent(other.side, *ACKNOWLEDGING) if one.time_ns < copies[-1].time_ns)
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


def some_never_taken(case: Case, witness: Whereabouts) -> Location | None:
    """Say that segments arrived which are sent again and again, while others as large are taken."""
    end = next((end for end in case.ends if is_not_for_its_size(end)), None)
    if end is None:
        return None
    heard = witness.sent(end.other.side, *ACKNOWLEDGING)
    acked = max((one.ack for one in heard if one.ack is not None), default=0)
    copies = [one for one in witness.sent(end.side, "data") if one.seq <= acked < one.seq + one.payload]
    if len(copies) < _SEVERAL:
        return None
    if all(one.fate is Fate.LOST for one in copies):
        return Location(Fault.PATH, f"All {len(copies)} of them were lost {witness.stages(copies)}.")
    if not all(one.fate in PASSED for one in copies):
        return None
    near = witness.nearest(end.other.side)
    return Location(
        Fault.PATH,
        f"All {len(copies)} of them arrived at {near}, and {end.other} took none.",
        doubt=f"whether their checksums are right at {near} is to be seen",
        rivals=(cause("a device that damages them", "then their checksums are wrong behind it"),),
        advice=f"Analyze {near} alone: it tells whether their checksums are wrong there (D45).",
    )


def _held_up(end: End, copies: Sequence[Passage], until_ns: float, witness: Whereabouts) -> Location | None:
    """Say that the copies lay on the way, where they arrived late and the first of them drew its answer soon."""
    came = min(witness.arrivals(end.other.side, copies), default=None)
    if came is None or not copies[0].legs:
        return None
    lay_ns, stood_ns = came - copies[0].time_ns, until_ns - came
    if stood_ns * _MOSTLY > lay_ns:
        return None
    soon = f"{span(max(int(stood_ns), 0))} later"
    return Location(
        Fault.PATH,
        f"The copies were held up {witness.slowest(copies[0])}: the first came through after {span(lay_ns)}, and the "
        f"answer of {end.other} came {soon}. Something on the way held them back.",
        rivals=(ruled_out(f"{end.other} slept", f"its answer came {soon}"),),
    )


def resent(case: Case, witness: Whereabouts) -> Location | None:
    """Say which segments of a transfer were lost, or which acknowledgements of them."""
    end = max(case.ends, key=lambda one: one.record.retransmitted_bytes)
    needed = end.record.retransmitted_frames / 2  # one loss may draw several copies
    ways = ((end, ("data", "FIN"), "segments"), (end.other, ACKNOWLEDGING, "acknowledgements"))
    for sender, kinds, what in ways:
        sent = witness.sent(sender.side, *kinds)
        lost = [one for one in sent if one.fate is Fate.LOST]
        if lost and len(lost) >= needed:
            return Location(
                Fault.PATH,
                f"{len(lost):,} of the {len(sent):,} {what} of {sender} were lost {witness.stages(lost)}.",
            )
    return _taken_for_loss(end, witness)


def _taken_for_loss(end: End, witness: Whereabouts) -> Location | None:
    """Say that nothing was lost, and that its sender took another order for loss."""
    sent, answers = witness.sent(end.side, "data", "FIN"), witness.sent(end.other.side, *ACKNOWLEDGING)
    late = [one for one in sent if any(leg.reordered for leg in one.legs)]
    if not all(one.fate in PASSED for one in (*sent, *answers)):
        return None
    if len(late) * _FEW < len(sent) or len(late) < end.record.retransmitted_frames:
        return None
    return Location(
        Fault.PATH,
        f"{end} sent {end.record.retransmitted_bytes:,} of its {end.record.bytes:,} bytes again, and nothing was "
        f"lost: all {len(sent):,} segments arrived, {len(late):,} of them overtaken {witness.slowest(late[0])}. "
        f"{end.subject} took that for loss.",
        "D61",
        doubt="a timer shorter than the round trip sends copies that nobody needs as well",
        rivals=(ruled_out("loss (D57)", "both captures hold all segments"),),
        is_instead=True,
    )


def too_large(case: Case, witness: Whereabouts) -> Location | None:
    """Say that what was lost is larger than all that passed, and which device named another size to the sender."""
    for end in case.ends:
        sent = witness.sent(end.side, "SYN", "SYN-ACK", *ACKNOWLEDGING)
        lost = [one for one in sent if one.fate is Fate.LOST]
        passed = [one for one in sent if one.fate in PASSED]
        least = min((one.payload for one in lost), default=0)
        if len(lost) < _SEVERAL or not passed or least <= max(one.payload for one in passed):
            continue
        words = f"All segments of {least:,} bytes and more were lost {witness.stages(lost)}, and smaller ones passed."
        raised = _raised(witness.sent(end.other.side, "SYN", "SYN-ACK"))
        if raised:
            words += (
                f" A device on the way raised the MSS that {end.other} asks for from {raised[0]:,} to {raised[1]:,}: "
                f"so {end} sends more than the way bears."
            )
        return Location(
            Fault.PATH,
            words,
            doubt="" if raised or passed[-1].time_ns > lost[0].time_ns else _DIED,
        )
    return None


def _raised(opening: Sequence[Passage]) -> tuple[int, int] | None:
    """Return the MSS option of an opening segment before and behind a device that made it larger."""
    changes = (
        change for one in opening for leg in one.legs for change in leg.changes if change.field == "mss"
    )
    for change in changes:
        if change.before is not None and change.behind is not None and change.behind > change.before:
            return change.before, change.behind
    return None
