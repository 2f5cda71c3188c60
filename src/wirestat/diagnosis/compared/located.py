"""Verdicts that a second capture settles: it shows where the missing segment is.

A rule that judges one capture must leave open whether a segment was lost behind the tap, or never sent. Where the
same traffic was captured at both sides, every segment has a fate. So each verdict that rests on a missing segment is
asked for it: it was lost between two points, it arrived and was ignored, or it never left. That is certain, and so is
the end at fault.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec.structs import replace

from wirestat.crossing import Comparison, Fate, Passage
from wirestat.diagnosis import roster
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.certainty import Weighed
from wirestat.diagnosis.compared import underway
from wirestat.diagnosis.compared.whereabouts import Location, Whereabouts
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.registry import Rule
from wirestat.diagnosis.rivals import Standing, ruled_out
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Confidence, Fault, Side, State
from wirestat.spans import span
from wirestat.vocabulary import Fact

_ON_THE_WAY = "Look at the devices between these two points; a capture between them narrows it down further."


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
        explanation=answer.words if answer.is_instead else f"{verdict.explanation} {answer.words}",
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


def locate_overall(rule: Rule, verdict: Overall, comparison: Comparison) -> Overall:
    """Settle a verdict on SYNs of several connections that nobody answered (D01)."""
    if rule.id != "D01" or verdict.fault is not Fault.UNDECIDED or not verdict.examples:
        return verdict
    witnesses = [Whereabouts(comparison.crossing(id), comparison) for id in verdict.examples]
    asked = [syn for witness in witnesses for syn in witness.sent(Side.CLIENT, "SYN")]
    if not asked or any(syn.fate is not Fate.LOST for syn in asked):
        return verdict
    return replace(
        verdict,
        fault=Fault.PATH,
        doubts=(),
        explanation=f"{verdict.explanation} The SYNs were lost {witnesses[0].stages(asked)}.",
        rivals=tuple(rival for rival in verdict.rivals if rival.standing is Standing.RULED_OUT),
        advice=_ON_THE_WAY,
    )


def _advice(advice: str, answer: Location) -> str:
    """Say where to look, and keep the commands that look at the end at fault."""
    if answer.fault is Fault.PATH:
        return _ON_THE_WAY
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
        return Location(
            Fault.SERVER,
            f"The SYN arrived at {near}, and nothing answered it there.",
            advice="Look at the server: its host firewall, its sockets, its counters, and its way back to "
            f"{case.client.address} (route, netmask, neighbour table: ip route get, ip neigh).",
        )
    if lost := witness.lost(syns):
        return Location(Fault.PATH, f"The SYN was lost {witness.where(lost)}.")
    return None


def _slow_connect(case: Case, witness: Whereabouts) -> Location | None:
    """Say what became of the first SYN, or of its answer."""
    for side, kind in ((Side.CLIENT, "SYN"), (Side.SERVER, "SYN-ACK")):
        first = witness.sent(side, kind)[:1]
        if lost := witness.lost(first):
            return Location(Fault.PATH, f"The first {kind} was lost {witness.where(lost)}.")
        if held := _lay_on_the_way(case, first, witness):
            return held
    return None


def _lay_on_the_way(case: Case, first: Sequence[Passage], witness: Whereabouts) -> Location | None:
    """Say that the first SYN, or its answer, was under way for most of the connect."""
    asked, answers = witness.sent(Side.CLIENT, "SYN"), witness.sent(Side.SERVER, "SYN-ACK")
    came_ns = min(witness.arrivals(Side.CLIENT, answers), default=None)
    if not asked or came_ns is None:
        return None
    took_ns, lay_ns = came_ns - asked[0].time_ns, sum(leg.delay_ns for one in first for leg in one.legs)
    if lay_ns * 2 < took_ns:
        return None
    return Location(
        Fault.PATH,
        f"{case.client} needed {span(took_ns)} to connect to {case.server}: the first {first[0].kind} was not lost, "
        f"and was under way for {span(lay_ns)} {witness.slowest(first[0])}. A queue that is full (bufferbloat), a "
        "device that holds packets back or a long way makes it so late.",
        rivals=(ruled_out(f"{case.server} was late", "the way took most of the time"),),
        is_instead=True,
    )


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


_QUESTIONS: dict[str, Callable[[Case, Whereabouts], Location | None]] = {
    "D01": _syn_unanswered,
    "D04": _syn_ack_unanswered,
    "D05": _ack_ignored,
    "D06": _ack_ignored,
    "D07": _half_open,
    "D09": underway.unanswered_data,
    "D13": _fin_unanswered,
    "D14": _last_ack,
    "D24": underway.too_large,
    "D34": _slow_connect,
    "D45": underway.some_never_taken,
    "D56": underway.stalled,
    "D57": underway.resent,
}
