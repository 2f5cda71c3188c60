"""Resets that the host in whose name they came never sent: only a capture near that host can tell."""

from collections.abc import Iterator

from wirestat.crossing import Comparison, Fate, Passage
from wirestat.diagnosis import roster
from wirestat.diagnosis.advice import advise, on
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.certainty import Weighed
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.located import Whereabouts
from wirestat.diagnosis.rivals import ruled_out
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Confidence, Connection, Fault, State
from wirestat.spans import span
from wirestat.summary import Signature
from wirestat.vocabulary import Fact

_ACK = 16
_MOST = 1000
"""Connections that are looked at."""


def foreign_resets(comparison: Comparison, analysis: Analysis) -> Iterator[Hit]:
    """Yield a hit for each connection into which somebody on the way sent a reset.

    Where it answers a segment that went no further, a device on the way has forgotten the connection, or refuses it,
    and says so in the host's name (D07, or D08 after a long silence); else it was made up (D18), in vain where its
    receiver went on (D28).
    """
    for id in comparison.with_injected(_MOST):
        witness = Whereabouts(comparison.crossing(id), comparison)
        resets = [one for one in witness.crossing.passages if one.kind == "RST" and one.fate is Fate.INJECTED]
        if resets:
            case = Case(_signature(analysis.connection(id)), id, analysis)
            yield _hit(case, witness, resets[0])


def _hit(case: Case, witness: Whereabouts, reset: Passage) -> Hit:
    victim = case.client if reset.sender is not case.client.side else case.server
    named = victim.other
    where = witness.where(reset)
    near = witness.nearest(named.side)
    diagnosis, what = _judged(case, victim, witness, reset)
    verdict = Verdict(
        grounds=(),
        fault=Fault.PATH,
        frames=(),
        explanation=f"{victim} received a reset in the name of {named}, which came into the path {where}; {named} "
        f"never sent it, as {near} shows. {what}",
        rivals=(ruled_out(f"{named} sent it", f"{near} does not hold it"),),
        advice=advise(
            "Look at the firewalls, NATs and load balancers between these two points, and at their idle time-outs.",
            on(victim, f"traceroute -T -p {named.port} {named.address}"),
        ),
    )
    rule = roster.rule(diagnosis)
    return Hit(rule, case, verdict, Weighed(Confidence.CERTAIN, rule.severity))


def _judged(case: Case, victim: End, witness: Whereabouts, reset: Passage) -> tuple[str, str]:
    """Return the diagnosis, and what the reset is."""
    if not _answered(witness, reset):
        made_up = "A device on the way, or an attacker, made it up"
        in_vain = victim.state is not State.CLOSED
        return ("D28", f"{made_up}; {victim} did not accept it.") if in_vain else ("D18", f"{made_up}.")
    gap = victim.figure(Fact.IDLE_GAP)
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


def _signature(connection: Connection) -> Signature:
    client, server = connection.client, connection.server
    return Signature(
        client_state=client.state,
        server_state=server.state,
        client_confirmed=client.confirmed,
        server_confirmed=server.confirmed,
        count=1,
        examples=(connection.id,),
    )
