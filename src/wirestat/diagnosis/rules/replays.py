"""Conversations that are in a capture several times, with the same numbers and the same addresses."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import look_of
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import ruled_out, unlikely
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import times
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.summary import Signature
from wirestat.vocabulary import Fact
from wirestat.words import socket, some


@capture_rule("D48", "Replayed", Severity.NOTE)
def replayed(analysis: Analysis) -> Iterator[Overall]:
    """A connection comes again with the same initial sequence numbers at both ends.

    What it means: the conversation was recorded and is played again (tcpreplay in a loop, a test rig, captures that
    were joined twice). Both initial sequence numbers are the same, which chance makes once in 2⁶⁴. If the server
    answers with numbers of its own, the client's half alone is played, to a server that lives.

    Why it matters: each copy counts as a connection of its own, and whatever is found about one is found about all.
    Nobody retried and nothing was slow: what looks like a new attempt is the old one.

    Rivals: stacks that begin every connection with the same number, at both ends. Frames that the tap holds twice
    (D25): those lie within milliseconds.

    What to do: judge one copy alone, by a time range.

    See it: ``wirestat pcaps/field/replayed-three-times/capture.pcap``: 100 s apart.

    RFC 9293: 3.4.1 (initial sequence numbers).
    """
    by_ends: defaultdict[str, list[Connection]] = defaultdict(list)
    alike = [item for item in analysis.summary.signatures if Fact.REPLAYED in item.facts]
    for item in alike:
        for example in item.examples:
            connection = analysis.connection(example)
            by_ends[_ends(connection)].append(connection)
    if not alike:
        return
    worst = max(by_ends.values(), key=len)
    copies = sum(item.count for item in alike)
    again = sorted(worst, key=lambda one: one.first_time_ns)
    last, before = again[-1], again[-2] if len(again) > 1 else _before(analysis, again[-1])
    apart = f", {span(last.first_time_ns - before.first_time_ns)} apart" if before else ""
    others = (
        f" The same is true of {some(len(by_ends) - 1, 'other pair')} of sockets." if len(by_ends) > 1 else ""
    )
    yield Overall(
        doubts=("a stack at each end that always begins with the same number would look the same",),
        fault=Fault.UNDECIDED,
        frames=tuple(one.first_frame for one in again),
        explanation=f"{_ends(last)} is in the capture {times(len(again) + 1)}, {_alike(alike)}"
        f"{apart}: {_part(alike)} was replayed.{others}",
        rivals=(
            unlikely("chance", "both numbers are the same"),
            ruled_out("frames captured twice (D25)", "time passes between the copies"),
        ),
        advice=advise(
            "Nothing is wrong with the connections; to count each once, read one copy alone.",
            "  $ editcap -A 'START' -B 'STOP' CAPTURE one-copy.pcap",
        ),
        display_filter=filters.of_server(last.server.address, last.server.port),
        count=copies,
        examples=tuple(one.id for one in again[:8]),
        place=place_of_examples(analysis, [one.id for one in again], are_all=copies == len(again)),
        looks=frozenset(map(look_of, alike)),
    )


def _alike(alike: Sequence[Signature]) -> str:
    if _is_half(alike):
        return "with the same numbers and acknowledgements of the client, whatever the server answered"
    return "with the same initial sequence numbers at both ends"


def _part(alike: Sequence[Signature]) -> str:
    return "the client's half of the conversation" if _is_half(alike) else "the conversation"


def _is_half(alike: Sequence[Signature]) -> bool:
    """Return whether a server answered by another number than the client, played again, acknowledged."""
    return any(Fact.TWO_SYN_ACKS in item.server_facts for item in alike)


def _before(analysis: Analysis, connection: Connection) -> Connection | None:
    """Return the incarnation before, where it was kept."""
    try:
        return None if connection.previous is None else analysis.connection(connection.previous)
    except KeyError:
        return None


def _ends(connection: Connection) -> str:
    client, server = connection.client, connection.server
    return f"{socket(client.address, client.port)} → {socket(server.address, server.port)}"
