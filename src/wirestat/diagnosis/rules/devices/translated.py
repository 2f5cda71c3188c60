"""Traces of address translation in a capture: connections that are there twice, segments left as they are."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import ruled_out, still_open
from wirestat.diagnosis.rules.devices.pairs import by_sockets, client_of, counted, server_of, sockets
from wirestat.diagnosis.rules.devices.redirected import in_halves, refused_behind
from wirestat.diagnosis.rules.opening.translated_syns import syns_here_twice
from wirestat.diagnosis.study.twins import Pair, Twins
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.vocabulary import Fact
from wirestat.words import some

_REPLAY = "no address is the same: a replay and a translation of both addresses look alike"
_SEVERAL = 2
"""Of fewer FINs that come under another address, ports may agree by chance."""
_OTHER_RESETS = frozenset({"D06", "D07", "D08", "D09", "D16", "D18", "D19", "D27", "D28"})


@capture_rule("D40", "Here twice under other addresses", Severity.INFO)
def both_sides_of_a_translation(analysis: Analysis) -> Iterator[Overall]:
    """Connections are in the capture twice, under other addresses or ports.

    What it means: the capture was taken on a machine that translates addresses (NAT, a load balancer, a container
    host), on both sides of it. Both initial sequence numbers are the same, which chance makes once in 2⁶⁴. Where no
    address is the same, it may as well be a replay under other addresses, as tools that make load do it.

    Why it matters: each such connection is counted twice, and so is what is found about it. A SYN that comes back to
    its own sender, with that sender's address as its source, is dropped there: the way back must be translated, too.

    Rivals: a proxy, which opens a connection of its own with numbers of its own; a replay (the same addresses).

    What to do: judge one side alone, by a filter on an interface or an address.

    See it: ``wirestat pcaps/field/both-sides-of-a-translation/capture.pcap``: a gateway, captured on any interface.

    RFC 9293: 3.4.1 (initial sequence numbers); RFC 3022 (traditional NAT).
    """
    twins = Twins(analysis)
    yield from syns_here_twice(twins, analysis.timers.name)
    yield from in_halves(twins, analysis.timers.name)
    yield from refused_behind(twins, analysis.timers.name)
    by_hosts: defaultdict[tuple[str, ...], list[Pair]] = defaultdict(list)
    for first, second in twins.pairs:
        by_hosts[_hosts(first, second)].append((first, second))
    refusals: defaultdict[tuple[str, ...], list[Pair]] = defaultdict(list)
    for pair in twins.refused:
        refusals[_hosts(*pair)].append(pair)
    for hosts, pairs in by_hosts.items():
        first, second = pairs[0]
        refused = refusals.get(hosts, [])
        yield Overall(
            doubts=() if _share_a_host(first, second) else (_REPLAY,),
            fault=Fault.UNDECIDED,
            frames=(first.first_frame, second.first_frame),
            explanation=f"Here twice, {_how(first, second)}: {some(len(pairs), 'connection')}. Connection "
            f"{second.id} ({_ends(second)}), for instance, is connection {first.id} ({_ends(first)}), as both "
            "initial sequence numbers say."
            + (f" Refused connects that are here twice as well: {len(refused):,}." if refused else ""),
            rivals=(ruled_out("a proxy", "it would have chosen numbers of its own"),),
            advice=advise(
                "Nothing is wrong; to count each connection once, read one side alone.",
                f"  $ tcpdump -r CAPTURE -w one-side.pcap {_one_side(first, second)}",
            ),
            display_filter=filters.of_frames((first.first_frame, second.first_frame)),
            count=2 * (len(pairs) + len(refused)),
            examples=tuple(one.id for pair in pairs[:4] for one in pair),
        )


@capture_rule("D41", "Segment left untranslated", Severity.ERROR)
def segment_left_untranslated(analysis: Analysis) -> Iterator[Overall]:
    """A segment of a connection came or went under another address than all others.

    What it means: whatever translates addresses on the way (connection tracking of a NAT node or container host)
    called the segment INVALID and let it pass as it was. Whoever receives it knows of no such connection: it ignores
    a reset, and answers data with a reset, which then ends the connection at the other end. A FIN that comes so late
    that the translation has forgotten the connection leaves untranslated as well.

    Why it matters: long transfers break now and then, with "connection reset by peer" at one end and silence at the
    other. A reset that nobody understands leaves its receiver half-open.

    Rivals: a second connection between the same ports by chance, which would begin with a SYN.

    What to do: on the translating node, drop INVALID packets or let connection tracking be liberal.

    See it: ``wirestat pcaps/field/untranslated-segment-is-reset/capture.pcap``: data, answered by a reset.

    RFC 9293: 3.10.7.1 (a segment for a connection that does not exist draws a reset); RFC 3022.
    """
    twins = Twins(analysis)
    for id, part in twins.parts.items():
        whole = analysis.connection(id)
        yield _untranslated(whole, part)
    by_hosts: defaultdict[tuple[str, ...], list[Pair]] = defaultdict(list)
    for left, fin in twins.goodbyes:
        by_hosts[_hosts(left, fin)].append((left, fin))
    for pairs in by_hosts.values():
        if len(pairs) >= _SEVERAL:
            yield _said_goodbye_untranslated(pairs)
    for pairs in by_sockets(twins.answers):
        yield _answered_untranslated(pairs)


def _hosts(first: Connection, second: Connection) -> tuple[str, ...]:
    return first.client.address, first.server.address, second.client.address, second.server.address


def _share_a_host(first: Connection, second: Connection) -> bool:
    """Say whether one address of both is the same: few translations change both."""
    return first.client.address == second.client.address or first.server.address == second.server.address


def _one_side(first: Connection, second: Connection) -> str:
    """Return the expression of tcpdump that selects the first of two, by an address that the other does not have."""
    own, other = ({one.client.address, one.server.address} for one in (first, second))
    alone = min(own - other, default="")
    return f"host {alone}" if alone else f"not host {min(other - own)}"


def _how(first: Connection, second: Connection) -> str:
    """Say what puts a connection into a capture twice."""
    if _share_a_host(first, second):
        return "before and behind a translation"
    return "replayed under other addresses, or before and behind a translation of both"


def _untranslated(whole: Connection, part: Connection) -> Overall:
    hosts, strange = ({one.client.address, one.server.address} for one in (whole, part))
    own, other = " and ".join(hosts - strange), " and ".join(strange - hosts)
    facts = {seen.fact for seen in part.facts}
    answered = part.client.frames > 0 and part.server.frames > 0 and Fact.RST_SENT in facts
    if answered:
        what = f"and was answered by a reset, as nobody knows {other} there"
    elif Fact.RST_SENT in facts:
        what = "and was a reset, which its receiver can only ignore: it stays half-open"
    else:
        what = "and was not answered"
    return Overall(
        severity=None if Fact.RST_SENT in facts else Severity.WARNING,
        doubts=("ports and time tell that it belongs there, and no address does",),
        fault=Fault.PATH,
        frames=(whole.first_frame, part.first_frame, part.last_frame),
        explanation=f"Connection {whole.id} ({_ends(whole)}): one of its segments came under {other} in place of "
        f"{own} ({_ends(part)}) {what}. A translation on the way let it pass as it was.",
        rivals=(
            ruled_out("a connection of its own", "it begins without a SYN, between the same ports"),
            still_open("an older connection that was forgotten"),
        ),
        advice=advise(
            "On the node that translates addresses: be liberal, or drop what connection tracking calls INVALID.",
            "  node$ conntrack -S | grep -E 'invalid=[1-9]'",
            "  node$ sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1",
            "  node$ iptables -I FORWARD -m conntrack --ctstate INVALID -j DROP",
        ),
        display_filter=filters.of_sockets(sockets((whole, part))),
        count=2,
        examples=(whole.id, part.id),
        place=Place(server_of(whole), None, part.first_time_ns),
        replaces=_OTHER_RESETS,
        absorbs=frozenset({whole.id, part.id}),
    )


def _said_goodbye_untranslated(pairs: list[Pair]) -> Overall:
    """Judge FINs that came under another address, of connections that their clients have not closed otherwise."""
    left, fin = pairs[0]
    own, other, server = left.client.address, fin.client.address, server_of(left)
    after = min(fin.first_time_ns - left.last_time_ns for left, fin in pairs)
    return Overall(
        severity=Severity.WARNING,
        doubts=("ports and time tell that they belong there, and no address does",),
        fault=Fault.PATH,
        frames=(left.first_frame, fin.first_frame, fin.last_frame),
        explanation=f"{len(pairs):,} connections of {own} to {server}, which the server had closed and the client "
        f"had not, have their client's FIN under {other} ({_ends(fin)}, for instance), {span(after)} or more after "
        f"the last word: {other} seems to be behind {own}, on a translation that had forgotten them and let the FIN "
        "pass as it was. No answer to any was captured.",
        rivals=(
            ruled_out("connections of their own", "they begin with a FIN, from the same ports"),
            still_open("older connections that were forgotten"),
        ),
        advice=advise(
            "On the node that translates addresses: drop what connection tracking calls INVALID, or let it remember "
            "half-closed connections for longer.",
            "  node$ sysctl net.netfilter.nf_conntrack_tcp_timeout_close_wait "
            "net.netfilter.nf_conntrack_tcp_timeout_fin_wait",
            "  node$ iptables -I FORWARD -m conntrack --ctstate INVALID -j DROP",
        ),
        display_filter=filters.of_server(left.server.address, left.server.port),
        **counted(pairs),
        place=Place(server, None, fin.first_time_ns),
        replaces=_OTHER_RESETS | {"D10", "D11", "D13"},
        absorbs=frozenset(one.id for pair in pairs for one in pair),
    )


def _answered_untranslated(pairs: list[Pair]) -> Overall:
    """Judge SYNs to one socket whose answers come from another."""
    asked, answer = pairs[0]
    count, client = len(pairs), client_of(asked)
    lead = (
        f"{some(count, 'connection')} to {server_of(asked)}. Connection {asked.id}, for instance: "
        if count > 1
        else ""
    )
    return Overall(
        doubts=("a device that answers under its own address would look the same",),
        fault=Fault.PATH,
        frames=(asked.first_frame, answer.first_frame, answer.last_frame),
        explanation=f"{lead}{'the' if lead else 'The'} SYN of {client} to {server_of(asked)} is answered by "
        f"{server_of(answer)}: that SYN-ACK acknowledges this very SYN. The client knows no such server and resets "
        "the answer, so the connect fails. The answer was not translated back.",
        rivals=(
            ruled_out("nobody listens", "the SYN was accepted"),
            ruled_out("the SYN is dropped on the way (D01)", "it was answered"),
        ),
        advice=advise(
            "See why the answer takes a way around the node that translated the SYN: direct routes back, a second "
            "interface, masquerading that is missing.",
            f"  backend$ ip route get {asked.client.address}",
            "  node$ conntrack -S | grep -E 'invalid=[1-9]'",
            f"  node$ nft list ruleset | grep -nE '{asked.server.address}|{answer.server.address}|masquerade'",
        ),
        display_filter=filters.of_sockets(sockets(pairs[0])),
        **counted(pairs),
        place=Place(server_of(asked), None, asked.first_time_ns),
        replaces=_OTHER_RESETS | {"D01", "D04"},
        absorbs=frozenset(one.id for pair in pairs for one in pair),
    )


def _ends(connection: Connection) -> str:
    return f"{client_of(connection)} → {server_of(connection)}"
