"""Acknowledgements that were lost on the way and made up for: what one capture shows only as something sent again."""

from collections.abc import Iterator

from wirestat.crossing import Comparison, Passage
from wirestat.diagnosis import roster
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.certainty import Weighed
from wirestat.diagnosis.compared.whereabouts import Whereabouts
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.rivals import ruled_out
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Confidence, Fault, Severity, State
from wirestat.vocabulary import Fact

_OVER = (State.CLOSED, State.TIME_WAIT)


def repaired(comparison: Comparison, analysis: Analysis) -> Iterator[Hit]:
    """Yield a hit for each lost ACK that was sent again: of a SYN-ACK (D05), a first FIN (D13), a last one (D14)."""
    for signature in analysis.summary.signatures:
        handshake = Fact.SYN_ACK_RESENT in signature.server_facts and signature.server_state not in (
            State.SYN_RECV,
            State.CLOSED,
        )
        resent = Fact.FIN_RESENT in signature.client_facts | signature.server_facts
        for example in signature.examples if handshake or resent else ():
            case = Case(signature, example, analysis)
            witness = Whereabouts(comparison.crossing(example), comparison)
            if handshake and (lost := _lost_ack(witness, case.server, "SYN-ACK")):
                yield _hit("D05", case, case.server, "SYN-ACK", witness.where(lost))
            for end in case.ends:
                if (
                    end.has(Fact.FIN_RESENT)
                    and end.state in _OVER
                    and (lost := _lost_ack(witness, end, "FIN"))
                ):
                    yield _hit("D14" if _closed_second(end) else "D13", case, end, "FIN", witness.where(lost))


def _closed_second(end: End) -> bool:
    """Say whether its FIN answered the other's, or crossed it."""
    return end.entered(State.CLOSE_WAIT, State.CLOSING) is not None


def _lost_ack(witness: Whereabouts, end: End, kind: str) -> Passage | None:
    """Return the lost acknowledgement of what an end asked, where others arrived."""
    asked = witness.sent(end.side, kind)
    acks = witness.sent(end.other.side, "ACK", "data", "FIN")
    over = max((one.seq + one.payload + 1 for one in asked), default=None)
    acks = [ack for ack in acks if over is not None and ack.ack is not None and ack.ack >= over]
    # The first answer tells: what is lost later is another matter.
    return acks[0] if acks and witness.lost(acks[:1]) else None


def _hit(diagnosis: str, case: Case, end: End, kind: str, where: str) -> Hit:
    verdict = Verdict(
        grounds=(),
        fault=Fault.PATH,
        frames=(),
        explanation=f"The {end.other.side}'s acknowledgement of the {kind} of {end} was lost {where}; the {kind} was "
        "sent again, and the acknowledgement with it.",
        rivals=(ruled_out("it was never sent, or ignored", "the captures hold it"),),
        asks_nothing=True,
        advice="Nothing to do; where it happens often, look at the devices between these two points.",
    )
    return Hit(roster.rule(diagnosis), case, verdict, Weighed(Confidence.CERTAIN, Severity.INFO))
