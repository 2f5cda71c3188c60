"""Answers that nobody asked for: somebody else asks in another's name."""

from collections.abc import Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import look_of
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import ruled_out, still_open
from wirestat.diagnosis.rules.attacks.unasked_data import unasked_data
from wirestat.diagnosis.together import SHOWN
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, DirectionReason, Fault, Severity
from wirestat.spans import span
from wirestat.summary import Signature
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_SEVERAL = 20
"""Fewer unasked answers are strays of connections that were there before the capture."""
_LOOKED_AT = 4
"""Examples of a signature that decide whether its SYNs were captured."""
_NAMED = 3
_INCLUDED = frozenset({"D04", "D27"})
"""The diagnoses that the answers would get on their own."""


@capture_rule("D38", "Answers to SYNs in another's name", Severity.WARNING)
def backscatter(analysis: Analysis) -> Iterator[Overall]:
    """Many SYN-ACKs came to an address of which no SYN was captured, and nothing came of them.

    What it means: somebody sends SYNs that bear this address as their source. Either the servers that answer are the
    target of a flood, and this is its backscatter; or they are made use of to flood this address (reflection). The
    host that is addressed resets what it knows nothing of, if it answers at all. Data instead of SYN-ACKs may come
    from devices that answer forbidden requests without a handshake.

    Why it matters: the address did not do what the servers' logs say it did. Where it is the target, the answers fill
    its link.

    Rivals: a capture that has one direction only, or began in between: the SYNs were sent, and not captured. Whoever
    resets the SYN-ACK has not sent one.

    What to do: nothing at the host that is addressed, but to have a flood of answers filtered upstream. Tell the
    networks of the servers that they are made use of.

    See it: no capture is kept: a lab's own kernels do not send under another's address without being told to by a
    packet generator, and what that shows is what it was told.

    RFC 9293: 3.10.7.2 (a SYN-ACK that answers nothing is reset); RFC 4987; RFC 2827 (filters at the source).
    """
    yield from unasked_data(analysis)
    unasked = [item for item in analysis.summary.signatures if was_never_asked_for(analysis, item)]
    count = sum(item.count for item in unasked)
    if count < _SEVERAL:
        return
    examples = sorted({example for item in unasked for example in item.examples})
    samples = [analysis.connection(example) for example in examples[:64]]
    disowned = any(Fact.RST_ANSWERS_SYN_ACK in item.client_facts for item in unasked)
    yield Overall(
        severity=Severity.WARNING if disowned else Severity.NOTE,
        weak=not disowned,
        doubts=(
            "a host that was started anew resets late answers to its own SYNs, too"
            if disowned
            else "the SYNs may have taken a way that was not captured",
        ),
        fault=Fault.UNDECIDED,
        frames=tuple(sample.first_frame for sample in samples),
        explanation=_told(analysis, samples, count, disowned=disowned),
        rivals=(
            ruled_out("a flood or a scan by that address", "it resets what answers it")
            if disowned
            else still_open("a flood or a scan by that address"),
        ),
        advice=advise("Have the answers filtered upstream, and tell the networks that they come from."),
        display_filter=_filter(samples),
        count=count,
        examples=tuple(sample.id for sample in samples[:SHOWN]),
        replaces=_INCLUDED,
        absorbs=frozenset(examples),
        looks=frozenset(map(look_of, unasked)),
    )


def was_never_asked_for(analysis: Analysis, signature: Signature) -> bool:
    """Tell whether all that was captured of such connections is an answer, and perhaps that it was disowned."""
    client, server = signature.client_facts, signature.server_facts
    if Fact.MID_STREAM in signature.facts or Fact.SENT_DATA in server | client or Fact.FIN_SENT in client:
        return False
    if Fact.REFUSED in server:
        return False  # one that was refused looks like many others whose SYN was captured
    examples = [analysis.connection(example) for example in signature.examples[:_LOOKED_AT]]
    return bool(examples) and all(map(_is_an_answer, examples))


def _is_an_answer(sample: Connection) -> bool:
    if sample.direction_reason is not DirectionReason.SYN_ACK:
        return False
    return sample.client.frames == 0 or Fact.RST_ANSWERS_SYN_ACK in {seen.fact for seen in sample.facts}


def _told(analysis: Analysis, samples: list[Connection], count: int, *, disowned: bool) -> str:
    sockets = list(dict.fromkeys(socket(sample.server.address, sample.server.port) for sample in samples))
    asked = list(dict.fromkeys(sample.client.address for sample in samples))
    first, last = analysis.summary.first_time_ns, analysis.summary.last_time_ns
    within = (
        f" within {span(last - first)}" if first is not None and last is not None and last > first else ""
    )
    more = "" if len(sockets) <= _NAMED else " and others"
    to = asked[0] if len(asked) == 1 else f"{asked[0]} and other addresses"
    asker = "somebody else sends SYNs in its name"
    if not disowned:
        asker = f"{asker}, or its own took another way"
    whose = "which reset what it had not asked for" if disowned else "which said nothing to them"
    return (
        f"{some(count, 'SYN-ACK')}{within} came from {', '.join(sockets[:_NAMED])}{more} to {to}, {whose}; "
        f"no SYN was captured that they answer: {asker}."
    )


def _filter(samples: list[Connection]) -> str:
    asked = {sample.client.address for sample in samples}
    where = f"{filters.address(asked.pop())} && " if len(asked) == 1 else ""
    return f"{where}tcp.flags.syn==1 && tcp.flags.ack==1"
