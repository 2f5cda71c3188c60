"""SYNs that are in a capture before and behind a translation of their destination, and that nothing answered."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.study.twins import Pair, Twins
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity
from wirestat.words import socket, some


def syns_here_twice(twins: Twins, system: str) -> Iterator[Overall]:
    """Yield a verdict for each translation of one destination into another."""
    by_sockets: defaultdict[tuple[str, str], list[Pair]] = defaultdict(list)
    for first, second in twins.unanswered:
        by_sockets[_server(first), _server(second)].append((first, second))
    for pairs in by_sockets.values():
        yield _judge(pairs, system)


def _judge(pairs: list[Pair], system: str) -> Overall:
    first, second = pairs[0]
    client, comes_back = first.client.address, second.server.address == first.client.address
    back = (
        f" It comes back to the host that sent it, with that host's own address as its source: a kernel drops such "
        f"a packet, so {client} cannot reach itself this way."
        if comes_back
        else " Neither is answered."
    )
    return Overall(
        severity=Severity.WARNING if comes_back else None,
        doubts=("one capture does not tell who drops it",),
        fault=Fault.PATH if comes_back else Fault.UNDECIDED,
        frames=(first.first_frame, second.first_frame),
        explanation=f"Here twice, before and behind a translation: {some(len(pairs), 'connection')}. The SYN of "
        f"{client} to {_server(first)} is seen again on its way to {_server(second)}, with the same number and each "
        f"of its copies.{back}",
        rivals=(
            ruled_out("two attempts of their own", "each would have a number of its own"),
            cause("the source is not translated as well (hairpin, masquerading)")
            if comes_back
            else cause(f"{_server(second)} does not answer, see there"),
        ),
        advice=advise(
            "Have the source translated as well where a host may be sent back to itself."
            if comes_back
            else "Look for the reason behind the translation.",
            *(
                (
                    "  kubelet: hairpin-mode; kube-proxy: --masquerade-all; Docker: userland-proxy",
                    at(client, system, "nstat -az TcpExtIPReversePathFilter IpInAddrErrors"),
                    at(
                        client, system, "sysctl net.ipv4.conf.all.log_martians net.ipv4.conf.all.accept_local"
                    ),
                )
                if comes_back
                else (f"  node$ conntrack -L -p tcp -s {client} --dport {first.server.port}",)
            ),
        ),
        display_filter=filters.of_sockets(
            [(one.server.address, one.server.port) for one in (first, second)], filters.address(client)
        ),
        count=2 * len(pairs),
        examples=tuple(one.id for pair in pairs[:4] for one in pair),
        place=Place(_server(first), None, first.first_time_ns),
        replaces=frozenset({"D01", "D37"}),
        # It is one connect: told of whom the SYN comes to, or, where nobody can take it, of who was asked.
        absorbs=frozenset(behind.id if comes_back else before.id for before, behind in pairs),
    )


def _server(one: Connection) -> str:
    return socket(one.server.address, one.server.port)
