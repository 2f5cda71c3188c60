"""Scans that finish their handshakes, or go without a SYN: one address, many ports of one host, not a word on any."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import Look, is_few, look, look_of
from wirestat.diagnosis.rivals import Rival, ruled_out, still_open
from wirestat.diagnosis.together import absorbed
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, State
from wirestat.spans import span
from wirestat.summary import Signature
from wirestat.vocabulary import Fact

_MANY_PORTS = 20
"""Nobody means so many ports of one host at once."""
_TRIES = 2
"""A scanner asks a port no oftener."""
_VARIED = 3
_SILENT = 10
"""One port in so many may be silent: a scanner finds far fewer that answer."""
_SAID_SOMETHING = {Fact.SENT_DATA, Fact.FIN_SENT, Fact.REFUSED, Fact.RST_ANSWERS_SYN_ACK}
_INCLUDED = frozenset({"D06", "D07", "D27"})
"""The diagnoses that each of the connections would get on its own."""


def connect_scans(analysis: Analysis) -> Iterator[Overall]:
    """Yield a verdict for each address that did so."""
    wordless = [item for item in analysis.summary.signatures if _wordless(item)]
    if is_few(analysis) and sum(item.count for item in wordless) >= _MANY_PORTS:
        yield from _one_by_one(analysis, frozenset(map(look_of, wordless)))
        return
    by_client: defaultdict[str, list[Signature]] = defaultdict(list)
    for item in wordless:
        clients = {analysis.connection(example).client.address for example in item.examples}
        if len(clients) == 1:
            by_client[clients.pop()].append(item)
    for items in by_client.values():
        count = sum(item.count for item in items)
        samples = [analysis.connection(example) for item in items for example in item.examples]
        if count >= _MANY_PORTS and _are_ports_of_one_host(analysis, samples, count):
            yield _scan(samples, count, frozenset(map(look_of, items)))


def _one_by_one(analysis: Analysis, looks: frozenset[Look]) -> Iterator[Overall]:
    """Go through the connections themselves, as several that scan at the same time share what they look like."""
    for all_of_it in _by_hosts(one for one in analysis.connections() if look(one) in looks):
        count = len(all_of_it)
        if count >= _MANY_PORTS and _are_ports_of_one_host(analysis, all_of_it, count):
            yield _scan(all_of_it, count, frozenset())


def stray_scans(analysis: Analysis) -> Iterator[Overall]:
    """Yield a verdict for each address that asked many ports of one host without a SYN, and was reset at most."""
    strays = [item for item in analysis.summary.signatures if is_stray(item)]
    if not is_few(analysis) or sum(item.count for item in strays) < _MANY_PORTS:
        return
    looks = frozenset(map(look_of, strays))
    brief = (one for one in analysis.connections() if one.client.frames <= _TRIES and not one.client.bytes)
    for samples in _by_hosts(one for one in brief if look(one) in looks):
        if len({one.server.port for one in samples}) >= max(_MANY_PORTS, len(samples) // _TRIES):
            yield _stray_scan(samples)


def _by_hosts(connections: Iterable[Connection]) -> Collection[list[Connection]]:
    """Part connections by who asked whom."""
    found: defaultdict[tuple[str, str], list[Connection]] = defaultdict(list)
    for one in connections:
        found[one.client.address, one.server.address].append(one)
    return found.values()


def is_stray(signature: Signature) -> bool:
    """Say whether nobody opened it, nobody said anything, and the server reset what came."""
    client, server = signature.client_facts, signature.server_facts
    is_unopened = signature.client_state is State.UNKNOWN and Fact.SENT_DATA not in client | server
    return is_unopened and Fact.RST_SENT in server and Fact.REFUSED not in server


def _stray_scan(samples: list[Connection]) -> Overall:
    source, host, took = _of(samples)
    count = len(samples)
    ports = len({one.server.port for one in samples})
    return _told(
        samples,
        count,
        doubts=("a host whose peer lost many connections at once would be reset as often",),
        explanation=f"{source} sent segments without a SYN to {ports:,} ports of {host} within {took}, and "
        "each was answered by a reset, as closed ports do: a scan that filters for SYNs do not see (FIN, NULL, Xmas "
        "or ACK). Ports that said nothing may be open or filtered.",
        rivals=(
            ruled_out("health checks", "they ask for one port, and with a SYN"),
            still_open("connections that the host has forgotten", "then they are few ports, with data"),
        ),
    )


def answered_by_nobody(analysis: Analysis) -> frozenset[str]:
    """Return the hosts of which every port answered a scan and kept none of its connections: a firewall does that."""
    scans = connect_scans(analysis)
    return frozenset(analysis.connection(id).server.address for scan in scans for id in scan.examples)


def _wordless(signature: Signature) -> bool:
    """Say whether a handshake was finished, and then reset by either end before a word was said."""
    client, server = signature.client_facts, signature.server_facts
    reset = Fact.RST_SENT in client | server
    whole = not signature.facts & {Fact.MID_STREAM, Fact.ONE_WAY, Fact.SYN_MISSING}
    return whole and reset and not (client | server) & _SAID_SOMETHING


def _are_ports_of_one_host(analysis: Analysis, samples: list[Connection], count: int) -> bool:
    hosts = {sample.server.address for sample in samples}
    ports = {sample.server.port for sample in samples}
    if len(hosts) > 1 or len(ports) < max(_VARIED, len(samples)):
        return False
    host = hosts.pop()
    answering = sum(item.address == host and item.answered > 0 for item in analysis.summary.listeners)
    return (count - answering) * _SILENT <= count


def _scan(samples: list[Connection], count: int, looks: frozenset[Look]) -> Overall:
    source, host, took = _of(samples)
    shown = "" if len(samples) == count else f"the first {len(samples)} "
    return _told(
        samples,
        count,
        doubts=("a monitoring system does the same",),
        explanation=f"{source} finished handshakes with {count:,} ports of {host} and said nothing on any; none was "
        f"kept ({shown}within {took}): a scan. Where every port answers, it is a firewall "
        "that does, and none of these need be a listening socket.",
        rivals=(ruled_out("health checks", "they ask for one port"), still_open("a monitoring system")),
        looks=looks,
    )


def _of(samples: list[Connection]) -> tuple[str, str, str]:
    """Return who asked, whom, and in how long, in words."""
    took = max(one.last_time_ns for one in samples) - min(one.first_time_ns for one in samples)
    return samples[0].client.address, samples[0].server.address, span(took)


def _told(
    samples: list[Connection],
    count: int,
    *,
    explanation: str,
    doubts: tuple[str, ...],
    rivals: tuple[Rival, ...],
    looks: frozenset[Look] = frozenset(),
) -> Overall:
    """Tell of a scan by one address of one host, whatever it sends."""
    source, host, _ = _of(samples)
    return Overall(
        doubts=doubts,
        fault=Fault.CLIENT,
        explanation=explanation,
        rivals=rivals,
        advice=advise("Find out who that is.", f"  $ whois {source}", f"  $ getent hosts {source}"),
        display_filter=f"{filters.address(source)} && {filters.address(host)}",
        count=count,
        replaces=_INCLUDED,
        **absorbed(samples),
        looks=looks,
    )
