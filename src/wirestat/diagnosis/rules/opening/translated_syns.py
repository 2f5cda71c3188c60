"""SYNs that are in a capture before and behind a translation of their destination, and that nothing answered."""

from collections.abc import Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.rules.devices.pairs import by_sockets, counted, server_of, sockets
from wirestat.diagnosis.study.twins import Pair, Twins
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Fault, Severity
from wirestat.words import some


def syns_here_twice(twins: Twins, system: str) -> Iterator[Overall]:
    """Yield a verdict for each translation of one destination into another."""
    for pairs in by_sockets(twins.unanswered):
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
        f"{client} to {server_of(first)} is seen again on its way to {server_of(second)}, with the same number and "
        f"each of its copies.{back}",
        rivals=(
            ruled_out("two attempts of their own", "each would have a number of its own"),
            cause("the source is not translated as well (hairpin, masquerading)")
            if comes_back
            else cause(f"{server_of(second)} does not answer, see there"),
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
        display_filter=filters.of_sockets(sockets(pairs[0]), filters.address(client)),
        **counted(pairs),
        place=Place(server_of(first), None, first.first_time_ns),
        replaces=frozenset({"D01", "D37"}),
        # It is one connect: told of whom the SYN comes to, or, where nobody can take it, of who was asked.
        absorbs=frozenset(behind.id if comes_back else before.id for before, behind in pairs),
    )
