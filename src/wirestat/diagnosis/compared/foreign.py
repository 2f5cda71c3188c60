"""Resets that the host in whose name they came never sent: only a capture near that host can tell."""

from collections.abc import Iterable, Iterator

from wirestat.crossing import Comparison, Fate, Passage
from wirestat.diagnosis import roster
from wirestat.diagnosis.advice import advise, on
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.compared.answered import Elsewhere, alone, weighed_by
from wirestat.diagnosis.compared.whereabouts import Whereabouts
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.rivals import ruled_out
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Side, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_ACK = 16
_REFUSED_AS_WELL = (
    "It answers what went no further, as resets do that answer SYNs to this socket at other moments: a device on the "
    "way refuses all of it, by a rule, or another host has the address."
)
_JUST = 100 * MILLISECOND
"""Nothing is forgotten so soon after it passed."""


def foreign_answers(
    comparison: Comparison, analysis: Analysis, injected: Iterable[int], troubled: Iterable[int]
) -> Iterator[Hit]:
    """Yield a hit for each connection into which somebody on the way sent a reset, or an answer to a SYN.

    The resets are looked for in the connections ``injected``, the answers in those ``troubled`` as well.

    Where a reset answers a segment that went no further, a device on the way has forgotten the connection, and says
    so in the host's name (D07, or D08 after a long silence), or refuses it (D18); else it was made up (D18), in vain
    where its receiver went on (D28). Where SYNs were answered by another host, so were those segments (D43). A proxy
    that opens connections itself (D44) passes the server's resets on. Where all that an end says comes from between
    the points, it is a host there (a proxy, say), and its resets are its own.
    """
    elsewhere = Elsewhere(comparison, analysis, dict.fromkeys((*injected, *troubled)))
    yield from elsewhere.hits()
    for id in sorted({*injected}.difference(elsewhere.by_another, elsewhere.by_proxy)):
        witness = Whereabouts(comparison.crossing(id), comparison)
        resets = [one for one in witness.crossing.passages if one.kind == "RST" and one.fate is Fate.INJECTED]
        if not resets or witness.speaks_from_between(resets[0].sender):
            continue
        # A capture of one direction does not tell who sent what goes the other way.
        if _answered(witness, resets[0]) or witness.hears(resets[0].sender):
            yield _hit(alone(id, analysis), witness, resets[0], elsewhere)


def _hit(case: Case, witness: Whereabouts, reset: Passage, elsewhere: Elsewhere) -> Hit:
    victim = case.client if reset.sender is not case.client.side else case.server
    named = victim.other
    where = witness.where(reset)
    near = witness.nearest(named.side)
    told = (
        f"{victim} received a reset in the name of {named}, which came into the path {where}; {named} never sent it, "
        f"as {near} shows."
    )
    if named.side is Side.SERVER and named.address in elsewhere.addresses and _answered(witness, reset):
        return elsewhere.got_it(case, f"{told} It answers what {victim} sent, which went no further.", near)
    if named.side is Side.SERVER and elsewhere.refuses(case) and _answered(witness, reset):
        is_new = all(one.kind in ("SYN", "RST") for one in witness.crossing.passages)
        if is_new or elsewhere.takes_turns(case):
            return elsewhere.refused(case, told, witness.may_lack_some(named.side))
        diagnosis, what = "D18", _REFUSED_AS_WELL
    else:
        diagnosis, what = _judged(case, victim, witness, reset)
    verdict = Verdict(
        grounds=(),
        fault=Fault.PATH,
        frames=(),
        explanation=f"{told} {what}",
        rivals=(ruled_out(f"{named} sent it", f"{near} does not hold it"),),
        advice=advise(
            "Look at the firewalls, NATs and load balancers between these two points, and at their idle time-outs.",
            on(victim, f"traceroute -T -p {named.port} {named.address}"),
        ),
    )
    rule = roster.rule(diagnosis)
    return Hit(rule, case, verdict, weighed_by(witness.may_lack_some(named.side), rule.severity))


def _judged(case: Case, victim: End, witness: Whereabouts, reset: Passage) -> tuple[str, str]:
    """Return the diagnosis, and what the reset is."""
    if not _answered(witness, reset):
        made_up = "A device on the way, or an attacker, made it up"
        in_vain = victim.state is not State.CLOSED
        return ("D28", f"{made_up}; {victim} did not accept it.") if in_vain else ("D18", f"{made_up}.")
    gap = victim.figure(Fact.IDLE_GAP)
    passed_ns = _last_passed(witness, reset)
    if not gap and passed_ns is not None and reset.time_ns - passed_ns < _JUST:
        return (
            "D18",
            f"The reset answers what {victim} sent, which went no further, though other segments of it passed "
            f"{span(reset.time_ns - passed_ns)} before: a device on the way refuses it, by a rule, for what it found "
            "in the data or for how much there was; or it lost its state just then.",
        )
    since = f" after a silence of {span(gap)}" if gap else ""
    near = case.timeouts_near(gap)
    match = f" It matches {near[0]}." if near else ""
    return (
        "D08" if gap else "D07",
        f"The reset answers what {victim} sent{since}, which went no further: a device on the way no longer knows "
        f"the connection.{match}",
    )


def _answered(witness: Whereabouts, reset: Passage) -> bool:
    """Whether the segment before the reset was the victim's, and went no further than where the reset came from.

    The answer to an acknowledging segment carries no acknowledgement itself (RFC 9293, 3.5.2).
    """
    before = [one for one in witness.crossing.passages if one.time_ns < reset.time_ns]
    last = before[-1] if before else None
    return (
        last is not None
        and last.fate in (Fate.LOST, Fate.OUTSIDE)
        and last.sender is not reset.sender
        and not (last.flags & reset.flags & _ACK)
        and {last.before, last.behind} == {reset.before, reset.behind}
    )


def _last_passed(witness: Whereabouts, reset: Passage) -> int | None:
    """Return when the last segment before the reset had crossed all points, in Unix ns."""
    passed = (one for one in witness.crossing.passages if one.fate is Fate.ARRIVED)
    times = (max(sight.time_ns for sight in one.sights) for one in passed)
    return max((at for at in times if at < reset.time_ns), default=None)
