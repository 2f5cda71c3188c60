"""Handshakes that nobody means to finish: floods and scans."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.doubts import holds_only_syns, leaves_out_answers
from wirestat.diagnosis.members import is_few, look, look_of
from wirestat.diagnosis.places import NOWHERE, Place
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.attacks.backscatter import was_never_asked_for
from wirestat.diagnosis.rules.attacks.no_scans import is_meant
from wirestat.diagnosis.rules.attacks.scans import connect_scans, stray_scans
from wirestat.diagnosis.rules.attacks.stray_floods import stray_floods
from wirestat.diagnosis.shown import began_within_ns
from wirestat.diagnosis.together import SHOWN
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.summary import Listener, Signature
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_MANY = 100
"""So many unfinished handshakes are an attack."""
_SEVERAL = 20
"""Fewer than these are no flood."""
_FEW_TALK = 4
"""Under attack no more than one connection in so many gets on."""
_MANY_PORTS = 20
"""Nobody means so many ports of one host."""
_NEARLY = 10
"""One in so many may be another."""
_VARIED = 3
"""Different addresses or ports among the examples, from which variety is concluded."""
_OF_ONE = 4
"""Forged addresses come no more often than that on the average: who comes again and again is a probe."""
_OPEN = 5
"""So many open ports are named."""
_FLOODED = frozenset({"D02", "D04", "D27"})
_SCANNED = frozenset({"D01", *_FLOODED})
"""Diagnoses of each handshake on its own. A flood does not send its SYNs again, as D01 asks for."""


@capture_rule("D26", "SYN flood or scan", Severity.WARNING)
def flood_or_scan(analysis: Analysis) -> Iterator[Overall]:
    """Many handshakes were begun that nobody means to finish.

    What it means: a flood comes from many (forged) addresses to one port. It consists of SYNs, and none of the
    addresses says another word; or of bare segments that belong to no connection and are reset (ACK flood). A scan
    comes from one address to many ports or hosts, and is answered by refusals, by silence, or by a SYN-ACK that it
    resets.

    Why it matters: a flood fills the backlog, and honest clients are no longer answered. A scan is somebody looking
    for a way in, or a monitoring system doing its work.

    Rivals: health checks of a load balancer: few sources, a regular period, the same port. A server that went down
    under load: honest clients try again, so their SYNs are resent (D01).

    What to do: against a flood, SYN cookies (on by default on Linux, and effective once the backlog is full) and a
    filter upstream. For a scan, find out who the source is.

    See it: ``wirestat pcaps/syn-flood/server.pcap``: a small flood from forged addresses.

    RFC 9293: 3.5; RFC 4987 (SYN flooding and what helps).
    """
    if leaves_out_answers(analysis.summary):
        return
    if not holds_only_syns(analysis.summary):
        yield from _floods_and_scans(analysis)
        return
    for verdict in _floods_and_scans(analysis):
        doubt = "the capture holds nothing but SYNs and their answers: a filter may have left out the rest"
        yield replace(verdict, severity=Severity.NOTE, weak=True, doubts=(*verdict.doubts, doubt))


def _floods_and_scans(analysis: Analysis) -> Iterator[Overall]:
    signatures = analysis.summary.signatures
    yield from connect_scans(analysis)
    yield from stray_scans(analysis)
    yield from stray_floods(analysis)
    unfinished = [
        item for item in signatures if _never_finished(item) and not was_never_asked_for(analysis, item)
    ]
    count = sum(item.count for item in unfinished)
    total = sum(item.count for item in signatures)
    if count < _VARIED:
        return
    if (total - count) * _FEW_TALK > count:
        yield from _hidden_scans(analysis, unfinished)
        return
    scans = list(_scans_of_each(analysis, unfinished)) if is_few(analysis) else []
    if 2 * sum(scan.count for scan in scans) > count:
        yield from scans
        return
    samples = _samples(analysis, unfinished)
    stricken = [
        listener for listener in analysis.summary.listeners if listener.embryonic or listener.unanswered
    ]
    clients = max([_different(samples, _client), *(listener.clients for listener in stricken)])
    sockets = max(_different(samples, _socket), len(stricken))
    if (
        _different(samples, _client) == 1
        and sockets >= _VARIED
        and (count >= _MANY or _half_open(unfinished) or _asks_many_ports(stricken, unfinished))
        and not _is_outage(samples, unfinished, count)
        and not is_meant(analysis, samples, count)
    ):
        took = _took(analysis, unfinished, _client(samples[0]))
        yield _of(unfinished, _scan(analysis, samples, count, took), count, _SCANNED)
    elif (
        clients >= _VARIED
        and sockets < clients
        and count >= _SEVERAL
        and not _mostly_honest(unfinished, count)
        and not _are_probes(unfinished, clients, count)
    ):
        flood = _flood(analysis, samples, stricken, count, _took(analysis, unfinished))
        yield _of(unfinished, flood, count, _FLOODED)
    elif not is_few(analysis):
        yield from _hidden_scans(analysis, unfinished)


def _hidden_scans(analysis: Analysis, unfinished: list[Signature]) -> Iterator[Overall]:
    """Find scans beside which other traffic goes on, or other scans: of each address alone."""
    if is_few(analysis):
        yield from _scans_of_each(analysis, unfinished)
        return
    by_client: defaultdict[str, list[Signature]] = defaultdict(list)
    for item in unfinished:
        clients = {_client(sample) for sample in _samples(analysis, [item])}
        if len(clients) == 1:
            by_client[clients.pop()].append(item)
    for items in by_client.values():
        samples = _samples(analysis, items)
        count = sum(item.count for item in items)
        is_scan = _are_varied(samples) and not _is_outage(samples, items, count)
        if count >= _MANY and is_scan and not is_meant(analysis, samples, count):
            took = _took(analysis, items, _client(samples[0]))
            yield _of(items, _scan(analysis, samples, count, took), count, _SCANNED)


def _scans_of_each(analysis: Analysis, unfinished: list[Signature]) -> Iterator[Overall]:
    """Go through the connections one by one, as clients that scan at the same time share what they look like."""
    looks = {look_of(item): item for item in unfinished}
    by_client: defaultdict[str, list[Connection]] = defaultdict(list)
    unheard: defaultdict[str, list[int]] = defaultdict(list)
    for connection in analysis.connections():
        if look(connection) in looks:
            by_client[_client(connection)].append(connection)
        elif not connection.client.frames:
            unheard[_client(connection)].append(
                connection.id
            )  # its SYN was not captured, and nothing followed
    for all_of_it in by_client.values():
        count = len(all_of_it)
        again = sum(Fact.SYN_RESENT in looks[look(one)].client_facts for one in all_of_it)
        is_outage = _different(all_of_it, _server) > 1 and 2 * again > count
        is_scan = _are_varied(all_of_it) and not is_outage
        is_many = count >= _MANY or (2 * again <= count and _are_many_ports_of_one(all_of_it))
        if is_many and is_scan and not is_meant(analysis, all_of_it, count):
            scan = _scan(analysis, all_of_it[:64], count, _between(all_of_it))
            absorbs = frozenset((*(one.id for one in all_of_it), *unheard[_client(all_of_it[0])]))
            yield replace(_with_care(scan, count), replaces=_SCANNED, absorbs=absorbs)


def _are_varied(connections: list[Connection]) -> bool:
    """Say whether they seldom ask for a socket again, or for so many of a host that nobody means them all."""
    different, hosts = _different(connections, _socket), _different(connections, _server)
    return different >= max(_VARIED, min(len(connections) // 2 + 1, _MANY_PORTS * hosts))


def _are_many_ports_of_one(connections: list[Connection]) -> bool:
    """Say whether one host was asked for so many ports, hardly any of them twice, that nobody means them all."""
    ports = _different(connections, _socket)
    nearly_all = len(connections) * (_NEARLY - 1) // _NEARLY
    return _different(connections, _server) == 1 and ports >= max(_MANY_PORTS, nearly_all)


def _samples(analysis: Analysis, signatures: list[Signature]) -> list[Connection]:
    examples = sorted({example for item in signatures for example in item.examples})
    return [analysis.connection(example) for example in examples[:64]]


def _client(sample: Connection) -> str:
    return sample.client.address


def _server(sample: Connection) -> str:
    return sample.server.address


def _socket(sample: Connection) -> str:
    return f"{sample.server.address} {sample.server.port}"


def _half_open(unfinished: list[Signature]) -> bool:
    """Say whether a SYN-ACK was reset, as a scanner's kernel does that knows of no such attempt."""
    return any(Fact.RST_ANSWERS_SYN_ACK in item.client_facts for item in unfinished)


def _asks_many_ports(stricken: list[Listener], unfinished: list[Signature]) -> bool:
    """Say whether so many ports of one host were asked, most of them once, that nobody means them all."""
    hosts = {listener.address for listener in stricken}
    count = sum(item.count for item in unfinished)
    return len(hosts) == 1 and len(stricken) >= _MANY_PORTS and not _mostly_honest(unfinished, count)


def _are_probes(unfinished: list[Signature], clients: int, count: int) -> bool:
    """Say whether a few hosts reset each answer, and come again and again: somebody looks whether a port is up."""
    reset = sum(item.count for item in unfinished if Fact.RST_ANSWERS_SYN_ACK in item.client_facts)
    # The capture may lack a reset, or the network.
    return reset * _NEARLY >= count * (_NEARLY - 1) and clients * _OF_ONE < count


def _mostly_honest(unfinished: list[Signature], count: int) -> bool:
    """Say whether most clients asked again: a server is down then, and nobody forges addresses."""
    return 2 * sum(item.count for item in unfinished if Fact.SYN_RESENT in item.client_facts) > count


def _is_outage(samples: list[Connection], unfinished: list[Signature], count: int) -> bool:
    """Say whether hosts do not answer a client that means it: it asks again, and tries not many ports of one host."""
    hosts = _different(samples, _server)
    return hosts > 1 and _mostly_honest(unfinished, count)


def _of(unfinished: list[Signature], verdict: Overall, count: int, includes: frozenset[str]) -> Overall:
    """Take in what was said of each handshake."""
    absorbs = frozenset(example for item in unfinished for example in item.examples)
    verdict = replace(verdict, replaces=includes, absorbs=absorbs, looks=frozenset(map(look_of, unfinished)))
    return _with_care(verdict, count)


def _with_care(verdict: Overall, count: int) -> Overall:
    """Say less of few."""
    if count >= _MANY:
        return verdict
    few = f"{count} are not many"
    return replace(verdict, severity=Severity.NOTE, weak=True, doubts=(*verdict.doubts, few))


def _never_finished(signature: Signature) -> bool:
    client, server = signature.client_facts, signature.server_facts
    if Fact.MID_STREAM in signature.facts or Fact.SENT_DATA in server:
        return False
    alone = signature.server_state is State.UNKNOWN and signature.client_state is State.SYN_SENT
    if not client.isdisjoint((Fact.SENT_DATA, Fact.FIN_SENT)) and not alone:
        return False  # what a SYN bears that stays alone is no word: nobody asked for it
    probed = Fact.RST_ANSWERS_SYN_ACK in client or Fact.REFUSED in server
    embryonic = signature.server_state is State.SYN_RECV or Fact.SYN_ACK_RETRIES_USED_UP in server
    unanswered = signature.server_state is State.UNKNOWN and signature.client_state in (
        State.SYN_SENT,
        State.CLOSED,
    )
    return probed or embryonic or unanswered


def _different(samples: list[Connection], of: Callable[[Connection], str]) -> int:
    return len({of(sample) for sample in samples})


def _took(analysis: Analysis, unfinished: list[Signature], source: str | None = None) -> str:
    """Say within how long they were begun, all or those of one address, or else how long the capture is."""
    if is_few(analysis):
        looks = frozenset(map(look_of, unfinished))
        all_of_it = (one for one in analysis.connections() if look(one) in looks)
        return _between([one for one in all_of_it if source in (None, _client(one))])
    first, last = analysis.summary.first_time_ns, analysis.summary.last_time_ns
    return "" if first is None or last is None or last == first else f" in a capture of {span(last - first)}"


def _between(connections: list[Connection]) -> str:
    took = began_within_ns(connections)
    return f" within {span(took)}" if took > 0 else ""


def _flood(
    analysis: Analysis, samples: list[Connection], stricken: list[Listener], count: int, took: str
) -> Overall:
    worst = max(stricken, key=lambda listener: listener.embryonic + listener.unanswered, default=None)
    target = worst or samples[0].server
    more = f" and {some(len(stricken) - 1, 'other socket')}" if len(stricken) > 1 else ""
    return Overall(
        severity=Severity.ERROR,
        doubts=("honest clients of a server that went down look alike, but for their retries",),
        fault=Fault.CLIENT,
        frames=tuple(sample.first_frame for sample in samples),
        explanation=f"{some(count, 'handshake')}{took} were begun with "
        f"{socket(target.address, target.port)}{more} and never finished, from many addresses: a SYN flood.",
        rivals=(
            ruled_out("health checks", "they come from few addresses"),
            unlikely("a server that went down under load", "most SYNs are not resent"),
        ),
        advice=advise(
            "See that SYN cookies are on, and have the flood filtered upstream.",
            *(
                at(target.address, analysis.timers.name, command)
                for command in (
                    "sysctl net.ipv4.tcp_syncookies net.ipv4.tcp_max_syn_backlog net.ipv4.tcp_synack_retries",
                    "nstat -az TcpExtSyncookiesSent TcpExtTCPReqQFullDoCookies TcpExtListenDrops",
                    f"ss -tn state syn-recv '( sport = :{target.port} )' | wc -l",
                )
            ),
        ),
        display_filter=("" if more else f"{filters.of_server(target.address, target.port)} && ")
        + "tcp.flags.syn==1 && tcp.flags.ack==0",
        count=count,
        examples=tuple(sample.id for sample in samples[:SHOWN]),
        place=Place(socket(target.address, target.port)) if not more else NOWHERE,
    )


def _scan(analysis: Analysis, samples: list[Connection], count: int, took: str) -> Overall:
    source = samples[0].client.address
    (host, most), *others = Counter(map(_server, samples)).most_common()
    is_one = most * _NEARLY > len(samples) * (_NEARLY - 1) or not others
    some_others = f", but for {some(len(others), 'other host')}" if others else ""
    where = f"ports of {host}{some_others}" if is_one else "many hosts"
    return Overall(
        doubts=("a monitoring system does the same",),
        fault=Fault.CLIENT,
        frames=tuple(sample.first_frame for sample in samples),
        explanation=f"{source} began {some(count, 'handshake')}{took} with {where}"
        f"{_but_for(analysis, source, samples) or ' and finished none'}: a scan.",
        rivals=(
            ruled_out("health checks", "they ask for one port" if is_one else "they ask few hosts"),
            still_open("a monitoring system"),
        ),
        advice=advise("Find out who that is.", f"  $ whois {source}", f"  $ getent hosts {source}"),
        display_filter=f"{filters.address(source)} && tcp.flags.syn==1 && tcp.flags.ack==0",
        count=count,
        examples=tuple(sample.id for sample in samples[:SHOWN]),
    )


def _but_for(analysis: Analysis, source: str, samples: list[Connection]) -> str:
    """Say which sockets of the hosts it found open, by handshakes that it finished."""
    if not is_few(analysis):
        return ""
    hosts = {sample.server.address for sample in samples}
    found = {
        socket(one.server.address, one.server.port)
        for one in analysis.connections()
        if one.client.address == source
        and one.server.address in hosts
        and one.server.isn is not None
        and any(step.to is State.ESTABLISHED and step.endpoint is Side.SERVER for step in one.transitions)
    }
    shown = sorted(found)[:_OPEN]
    more = f" and {len(found) - len(shown)} more" if len(found) > len(shown) else ""
    return f" in vain, and finished those with {', '.join(shown)}{more}, which it found open" if shown else ""
