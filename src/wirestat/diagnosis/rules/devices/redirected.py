"""Connections whose two directions are in a capture under two addresses of one end: they are translated."""

from collections.abc import Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.rules.devices.pairs import by_sockets, client_of, counted, server_of, sockets
from wirestat.diagnosis.study.twins import Pair, Twins
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.words import some

_REDIRECT = cause("a rule of the client's host that sends connections to a proxy (REDIRECT, a sidecar)")


def in_halves(twins: Twins, system: str) -> Iterator[Overall]:
    """Yield a verdict for each two sockets between which the directions of connections are divided."""
    for pairs in by_sockets(twins.halves):
        yield _judge(pairs, system)


def _judge(pairs: list[Pair], system: str) -> Overall:
    said, heard = pairs[0]
    is_redirected = said.client.address == heard.client.address
    if is_redirected:
        translated = "redirected"
        sent = f"{client_of(said)} sends to {server_of(said)}, and the answers come from {server_of(heard)}"
    else:
        translated = "translated"
        sent = f"{client_of(said)} sends to {server_of(said)}, and the answers go to {client_of(heard)}"
    return Overall(
        fault=Fault.UNDECIDED,
        frames=(said.first_frame, heard.first_frame),
        explanation=f"Here in two halves: {some(len(pairs), 'connection')}. For instance, {sent}; both initial "
        f"sequence numbers are the same, so it is one connection. It is {translated}, and the tap sees one direction "
        "before that and the other behind it.",
        rivals=(
            ruled_out(
                "two connections of which one direction each was captured", "their numbers are the same"
            ),
            *((_REDIRECT,) if is_redirected else ()),
            cause("a translation on the host that was captured on"),
        ),
        advice=advise(
            "Nothing is wrong. States of either half are guessed from the other direction: read both together.",
            at(said.client.address, system, "nft list ruleset | grep -niE 'redirect|dnat|snat|masquerade'"),
        ),
        display_filter=filters.of_sockets(sockets(pairs[0])),
        **counted(pairs),
        place=Place(server_of(said), None, said.first_time_ns),
        asks_nothing=True,
    )


def refused_behind(twins: Twins, system: str) -> Iterator[Overall]:
    """Yield a verdict for each two sockets where SYNs to the one are refused in the name of the other."""
    for pairs in by_sockets(twins.refused_elsewhere):
        yield _refused(pairs, system)


def _refused(pairs: list[Pair], system: str) -> Overall:
    asked, refusal = pairs[0]
    here, name, count = server_of(asked), server_of(refusal), len(pairs)
    lead = f"{some(count, 'connect')} to {here}. For instance: the" if count > 1 else "The"
    return Overall(
        severity=Severity.WARNING,
        weak=True,
        doubts=("the time and the port tell that they belong together, and no other number does",),
        fault=Fault.SERVER,
        frames=(asked.first_frame, refusal.first_frame),
        explanation=f"{lead} SYN of {client_of(asked)} to {here} was refused "
        f"{span(refusal.first_time_ns - asked.last_time_ns)} later, by a reset under the name of {name}: connects to "
        f"{name} seem to be redirected to {here}, where nothing listens.",
        rivals=(
            _REDIRECT,
            cause("a rule of the next host that does so (DNAT)"),
            cause("the proxy that they are sent to has ended, or listens elsewhere"),
        ),
        advice=advise(
            f"See whether what {name} is redirected to listens at {here}.",
            at(asked.server.address, system, f"ss -ltnp '( sport = :{asked.server.port} )'"),
            at(asked.server.address, system, "nft list ruleset | grep -niE 'redirect|dnat'"),
        ),
        display_filter=filters.of_frames(one.first_frame for pair in pairs for one in pair),
        **counted(pairs),
        place=Place(here, None, asked.first_time_ns),
        replaces=frozenset({"D01", "D02", "D37"}),
        absorbs=frozenset(one.id for pair in pairs for one in pair),
    )
