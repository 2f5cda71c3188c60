"""Conversations that are in a capture several times, with the same numbers and the same addresses."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few, look_of
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import ruled_out, unlikely
from wirestat.diagnosis.together import SHOWN, counted
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import times
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.summary import Signature
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_COPIES = 3
"""Two copies may be the two sides of a translation."""


@capture_rule("D48", "Replayed", Severity.NOTE)
def replayed(analysis: Analysis) -> Iterator[Overall]:
    """A connection comes again with the same initial sequence numbers at both ends.

    What it means: the conversation was recorded and is played again (tcpreplay in a loop, a test rig, captures that
    were joined twice). Both initial sequence numbers are the same, which chance makes once in 2⁶⁴. If the server
    answers with numbers of its own, the client's half alone is played, to a server that lives. Three copies and more
    with the same ports and lengths are told of under other addresses, too.

    Why it matters: each copy counts as a connection of its own, and whatever is found about one is found about all.
    Nobody retried and nothing was slow: what looks like a new attempt is the old one.

    Rivals: stacks that begin every connection with the same number, at both ends. Frames that the tap holds twice
    (D25): those lie within milliseconds.

    What to do: judge one copy alone, by a time range.

    See it: ``wirestat pcaps/field/replayed-three-times/capture.pcap``: 100 s apart.

    RFC 9293: 3.4.1 (initial sequence numbers).
    """
    by_ends: defaultdict[str, list[Connection]] = defaultdict(list)
    yield from _under_other_addresses(analysis)
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
        examples=tuple(one.id for one in again[:SHOWN]),
        place=place_of_examples(analysis, [one.id for one in again], are_all=copies == len(again)),
        looks=frozenset(map(look_of, alike)),
    )


def _under_other_addresses(analysis: Analysis) -> Iterator[Overall]:
    """Tell of conversations that are played again with other addresses: their numbers, ports and lengths agree."""
    if not is_few(analysis):
        return
    played: defaultdict[tuple[int | None, ...], list[Connection]] = defaultdict(list)
    for one in analysis.connections():
        client, server = one.client, one.server
        if client.isn is not None and server.isn is not None and client.bytes + server.bytes:
            played[client.isn, server.isn, client.port, server.port, client.bytes, server.bytes].append(one)
    for copies in played.values():
        hosts = {(one.client.address, one.server.address) for one in copies}
        if len(hosts) == len(copies) >= _COPIES:
            again = sorted(copies, key=lambda one: one.first_time_ns)
            if again[-1].first_time_ns - again[0].first_time_ns > SECOND:
                yield _played_elsewhere(again)


def _played_elsewhere(again: list[Connection]) -> Overall:
    first = again[0]
    return Overall(
        doubts=("stacks that always begin with the same numbers, at both ends, would look the same",),
        fault=Fault.UNDECIDED,
        explanation=f"{_ends(first)} is in the capture {times(len(again))}, each time under other addresses, with "
        "the same initial sequence numbers at both ends, the same ports and as many bytes: the conversation was "
        "replayed.",
        rivals=(
            unlikely("chance", "both numbers are the same"),
            ruled_out("both sides of a translation (D40)", "time passes between the copies"),
        ),
        advice=advise("Nothing is wrong with the connections; to count each once, read one copy alone."),
        display_filter=filters.of_sockets(sorted({(one.server.address, one.server.port) for one in again})),
        **counted(again),
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
