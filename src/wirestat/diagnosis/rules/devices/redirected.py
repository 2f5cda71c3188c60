"""Connections whose two directions are in a capture under two addresses of one end: they are translated."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.study.twins import Pair, Twins
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.words import socket, some


def in_halves(twins: Twins, system: str) -> Iterator[Overall]:
    """Yield a verdict for each two sockets between which the directions of connections are divided."""
    by_sockets: defaultdict[tuple[str, str], list[Pair]] = defaultdict(list)
    for said, heard in twins.halves:
        by_sockets[_server(said), _server(heard)].append((said, heard))
    for pairs in by_sockets.values():
        yield _judge(pairs, system)


def _judge(pairs: list[Pair], system: str) -> Overall:
    said, heard = pairs[0]
    is_redirected = said.client.address == heard.client.address
    own, translated = (
        socket(said.client.address, said.client.port),
        "redirected" if is_redirected else "translated",
    )
    sent = (
        f"What {own} sends, for instance, goes to {_server(said)}, and what it is sent comes from {_server(heard)}"
        if is_redirected
        else f"What {own} sends to {_server(said)}, for instance, is answered to "
        f"{socket(heard.client.address, heard.client.port)}"
    )
    return Overall(
        fault=Fault.UNDECIDED,
        frames=(said.first_frame, heard.first_frame),
        explanation=f"Here in two halves: {some(len(pairs), 'connection')}. {sent}; both initial sequence numbers "
        f"are the same, so it is one connection. It is {translated}, and the tap sees one direction before that and "
        "the other behind it.",
        rivals=(
            ruled_out(
                "two connections of which one direction each was captured", "their numbers are the same"
            ),
            *(
                (
                    cause(
                        "a rule of the client's host that sends connections to a proxy (REDIRECT, a sidecar)"
                    ),
                )
                if is_redirected
                else ()
            ),
            cause("a translation on the host that was captured on"),
        ),
        advice=advise(
            "Nothing is wrong. States of either half are guessed from the other direction: read both together.",
            at(said.client.address, system, "nft list ruleset | grep -niE 'redirect|dnat|snat|masquerade'"),
        ),
        display_filter=filters.of_sockets(
            [(said.server.address, said.server.port), (heard.server.address, heard.server.port)]
        ),
        count=2 * len(pairs),
        examples=tuple(one.id for pair in pairs[:4] for one in pair),
        place=Place(_server(said), None, said.first_time_ns),
        asks_nothing=True,
    )


def refused_behind(twins: Twins, system: str) -> Iterator[Overall]:
    """Yield a verdict for each SYN that was translated and refused, and whose refusal was translated back."""
    for asked, refusal in twins.refused_elsewhere:
        yield Overall(
            severity=Severity.WARNING,
            weak=True,
            doubts=("the time and the port tell that they belong together, and no other number does",),
            fault=Fault.SERVER,
            frames=(asked.first_frame, refusal.first_frame),
            explanation=f"The SYN of {socket(asked.client.address, asked.client.port)} to {_server(asked)} was "
            f"refused {span(refusal.first_time_ns - asked.last_time_ns)} later, by a reset under the name of "
            f"{_server(refusal)}: what is asked there is redirected to {_server(asked)}, where nothing listens.",
            rivals=(
                cause(
                    "a rule of the client's host, or the next, that sends connections to a proxy (REDIRECT, DNAT)"
                ),
                cause("the proxy that they are sent to has ended, or listens elsewhere"),
            ),
            advice=advise(
                f"See whether what {_server(refusal)} is redirected to listens at {_server(asked)}.",
                at(asked.server.address, system, f"ss -ltnp '( sport = :{asked.server.port} )'"),
                at(asked.server.address, system, "nft list ruleset | grep -niE 'redirect|dnat'"),
            ),
            display_filter=filters.of_frames((asked.first_frame, refusal.first_frame)),
            count=2,
            examples=(asked.id, refusal.id),
            place=Place(_server(asked), None, asked.first_time_ns),
            replaces=frozenset({"D01", "D02", "D37"}),
            absorbs=frozenset({asked.id, refusal.id}),
        )


def _server(connection: Connection) -> str:
    return socket(connection.server.address, connection.server.port)
