"""Whose time it is: how the time of a socket's connections is divided between the server and the way to it."""

from collections.abc import Iterable, Iterator
from itertools import chain

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.doubts import holds_only_data
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import Rival, cause, still_open, unlikely
from wirestat.diagnosis.rules.silence.heartbeats import answer_heartbeats, beats, keep_their_own_time, talks
from wirestat.diagnosis.rules.waiting.busy import let_wait
from wirestat.diagnosis.rules.waiting.greetings import late_greetings
from wirestat.diagnosis.rules.waiting.one_wait import equal_waits
from wirestat.diagnosis.rules.waiting.patience import waits_in_vain
from wirestat.diagnosis.rules.waiting.pulses import pulses
from wirestat.diagnosis.rules.waiting.revivals import revivals
from wirestat.diagnosis.rules.waiting.some_waits import equal_among, parted, some_waits
from wirestat.diagnosis.rules.waiting.still_waiting import still_waiting
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.study.common import by_socket
from wirestat.diagnosis.study.standins import stand_ins
from wirestat.diagnosis.together import counted
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import percent
from wirestat.model import Connection, Fault, Severity, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import bracketed, socket, some

_SEVERAL = 3
"""Answers; of fewer, one that took long is an accident."""
_MANY = 8
"""Fewer answers are a hint."""
_AT_ONCE = 50 * MILLISECOND
"""Whoever takes less on the average between an answer and the next request may be answering, too."""
_LONG = 500 * MILLISECOND
"""An answer that takes less on the average keeps nobody waiting.

The longest of all may be no answer: without it, half as much is enough.
"""
_POLL = 20 * SECOND
"""Whoever takes longer on the average is asked to wait for news (long poll, an event stream)."""
_PATIENT = 5 * SECOND
"""The shortest time for which a poll for news is set, mostly."""
_EQUAL = 50
"""Waits that differ by less than one part in so many are of one length; a greeting beside them took no time."""
_UNEVEN = 4
"""Answers that take their time take about as long as one another: none takes so many times as long as the average."""
_NEARER = 4
"""Acknowledgements that come so many times as soon as the SYN-ACK come from nearer than that."""
_STUCK = {Fact.RESET_LOOP, Fact.DATA_RESENT_UNANSWERED}
"""Signs of an end that hears nothing any more: what comes meanwhile is no answer."""
_FRONTED = {Fact.SYN_ACK_TTL_DIFFERS, Fact.ACKS_FROM_ELSEWHERE}
"""Signs of somebody who answers or acknowledges for the server."""
_FRONT = {
    True: "somebody else answers or acknowledges for the server: the way behind it counts as its time",
    False: "somebody else acknowledges for other servers of this client (D44): the way behind counts as the server's",
}
"""Why the way may be the slow part, by whether the socket itself shows a front."""
_GREETS = (21, 22, 25, 110, 119, 143, 587, 2525, 3306, 5900)
"""Ports on which the server speaks first: FTP, SSH, mail, news, MySQL, VNC."""
_WEB = (80, 8000, 8008, 8080, 8081, 8888)
"""Ports on which HTTP is spoken, for all that is known: the command that asks it fits no other."""
_MOST = 5
"""All but one part in so many of what clients waited."""


@capture_rule("D49", "Waiting for the server", Severity.INFO)
def waiting_for_the_server(analysis: Analysis) -> Iterator[Overall]:
    """Most of the time that clients of a socket wait, they wait for the server to make its answers.

    What it means: the requests arrive and the answers come back at the speed of the network; between them the server
    works, or waits for something behind it. The figures of each connection (``connect_ns``, ``network_ns``,
    ``first_byte_ns``, and of each end ``turns`` and ``think_ns``) divide its time. A server that speaks first, and
    does so long after the handshake, is told of as well, and one that lets several clients wait equally long, for
    one answer of many or for a last one with which it closes. So is one that lets all wait until one instant (its
    program stood still, or one client held it), that answers those who wait when others leave (its places are
    taken), that answers one after the other, each as long after the one before (it works on one request at a time),
    or that stands still again and again (a quota of processor time).

    Why it matters: a slow network and a slow application are felt alike, and looked after by different people.

    Rivals: a long poll, where the server waits because it is asked to. Loss, which counts as the network's.

    What to do: look at the server's own record of how long it took, and at what it asks in turn.

    See it: ``wirestat pcaps/field/application-takes-two-seconds/capture.pcap``: twelve answers of two seconds.

    RFC 9293: none; it is about connections, and not about what they wait for.
    """
    if not is_few(analysis) or holds_only_data(analysis.summary):
        return
    sockets = by_socket(analysis).values()
    greeted = list(late_greetings(analysis, sockets))
    yield from greeted
    yield from waits_in_vain(analysis, sockets)
    revived = [*revivals(analysis, sockets), *still_waiting(analysis, sockets)]
    for family in (let_wait, pulses):
        revived += family(analysis, sockets, {id for one in revived for id in one.examples})
    yield from revived
    asked = [
        those
        for each in sockets
        if (those := list(filter(_asks, each))) and not answer_heartbeats(list(filter(_spoke, each)))
    ]
    near, accelerated = stand_ins(chain.from_iterable(asked)), _accelerated(sockets)
    told = {id for one in (*greeted, *revived) for id in one.examples}
    for connections in asked:
        if connections[0].client.address in near:
            continue  # the network begins behind it, and what it takes does not show
        if keep_their_own_time(connections) or not told.isdisjoint(one.id for one in connections):
            continue
        thought, answers = (
            sum(getattr(one.server, name) for one in connections) for name in ("think_ns", "turns")
        )
        behind = _behind_proxy(connections, answers)
        thought, network = thought - behind, sum(one.network_ns for one in connections) + behind
        longest = max(one.server.longest_think_ns for one in connections)
        is_usual = answers > 1 and thought - longest >= (answers - 1) * _LONG // 2
        if (
            is_usual
            and answers >= _SEVERAL
            and _LONG <= thought // answers < _POLL
            and network * _MOST <= thought
            # Else the average would tell of an answer that none of them got.
            and (_before_its_first_words(connections, thought) or not parted(connections))
        ):
            told.update(one.id for one in connections)
            is_hidden = _is_fronted(connections) or connections[0].client.address in accelerated
            figures = thought, network, behind
            yield _waiting(analysis, connections, figures, is_hidden=is_hidden)
    once = list(equal_waits(analysis, sockets, told))
    yield from once
    yield from some_waits(analysis, sockets, told.union(id for one in once for id in one.examples))


def _accelerated(sockets: Iterable[list[Connection]]) -> frozenset[str]:
    """Return the addresses of clients for whom somebody acknowledges in a server's name."""
    return frozenset(
        one.client.address
        for connections in sockets
        for one in connections
        if is_shown(one, Fact.ACKS_FROM_ELSEWHERE, Side.SERVER)
    )


def _is_fronted(connections: list[Connection]) -> bool:
    """Say whether somebody answers or acknowledges for their server."""
    return any(seen.fact in _FRONTED for one in connections for seen in one.facts)


def _behind_proxy(connections: list[Connection], answers: int) -> int:
    """Return how long answers were on the way behind a proxy that acknowledges in place of the server, in ns.

    Its acknowledgements come far sooner than the SYN-ACK did, which it sends only when the server has answered it.
    """
    asked = [one.syn_to_syn_ack_ns for one in connections if one.syn_to_syn_ack_ns and not one.syn_copies]
    if not asked or not answers:
        return 0
    turns = sum(one.network_ns - (one.connect_ns or 0) for one in connections)
    hidden = min(asked) - turns // answers
    return (
        min(hidden * answers, sum(one.server.think_ns for one in connections))
        if hidden * _NEARER > min(asked) * (_NEARER - 1)
        else 0
    )


def _spoke(one: Connection) -> bool:
    return bool(one.client.turns and one.server.turns)


def _asks(one: Connection) -> bool:
    """Say whether its client asks and its server answers, as far as turns and acknowledgements tell."""
    if not one.client.turns or not one.server.turns or one.server.unseen_bytes:
        return False
    # Who speaks first and last is the one that asks: a server that pushes is not waited for.
    pushes = one.server.turns > one.client.turns
    if is_shown(one, Fact.MID_STREAM):
        # The first words of a connection that was open before are no turn.
        began = (one.client.first_time_ns or 0) > (one.server.first_time_ns or 0)
        pushes = began or one.server.turns > one.client.turns + 1
    if talks(one) or beats(one) or _is_asked_backward(one):
        return False  # nor is who speaks when he likes, or by a clock
    if pushes or one.client.unacknowledged_bytes or any(seen.fact in _STUCK for seen in one.facts):
        return False
    if one.client.retransmitted_bytes * 2 >= one.client.bytes > 0 and is_shown(
        one, Fact.DATA_RESENT, Side.CLIENT
    ):
        return False  # requests that were not even acknowledged at first: no program was asked yet
    if is_shown(one, Fact.FIN_AFTER_IDLE, Side.CLIENT):
        return False  # what came after is counted from its FIN, and not from the request
    later = one.server.think_ns - (one.first_byte_ns or 0)
    return later < _POLL * max(one.server.turns - 1, 1)  # else heartbeats, or news, that nobody asked for


def _is_asked_backward(one: Connection) -> bool:
    """Say whether it is the client that answers, as through a tunnel in reverse: at once, and at greater length.

    Whoever types or asks on the server's side takes uneven time, as no program does that makes answers.
    """
    client, server = one.client, one.server
    is_longer = client.bytes > server.bytes and client.turns >= server.turns
    return is_longer and _answers_at_once([one]) and _are_uneven([one], server.think_ns, server.turns)


def _answers_at_once(connections: list[Connection]) -> bool:
    """Say whether the clients take next to no time between an answer and what they send next."""
    asked = sum(max(one.client.turns - 1, 0) for one in connections)  # the first follows no answer
    return asked > _MANY and sum(one.client.think_ns for one in connections) < asked * _AT_ONCE


def _are_uneven(connections: list[Connection], thought: int, answers: int) -> bool:
    """Say whether the longest wait is so far above the average that a few like it may make up all of the time."""
    return max(one.server.longest_think_ns for one in connections) * answers > _UNEVEN * thought


def _may_poll(connections: list[Connection], answers: int) -> bool:
    """Say whether a wait is as long as polls for news take, or all waits are equally long, as where those run out."""
    longest = max(one.server.longest_think_ns for one in connections)
    thought = sum(one.server.think_ns for one in connections)
    are_equal = answers >= _MANY and (longest * (answers - 1) - thought) * _EQUAL <= thought
    return longest >= _POLL or (longest >= _PATIENT and are_equal)


def _hints(
    connections: list[Connection], answers: int, *, quick: bool, uneven: bool, is_near: bool, is_hidden: bool
) -> tuple[str, ...]:
    """Say why it may not be the server that took so long."""
    hints = {
        _FRONT[_is_fronted(connections)]: is_hidden,
        "the client answers each time at once: the server may be the one that asks": quick,
        f"{some(answers, 'answer')} may be chance": answers < _MANY,
        "a few long waits make up most of it: those may have ended with what nobody asked for": uneven,
        "it waits as polls for news do, which run out after so long": _may_poll(connections, answers),
        "a proxy acknowledges the requests: the way behind it is taken from the handshake": is_near,
    }
    return tuple(hint for hint, holds in hints.items() if holds)


def _before_its_first_words(connections: list[Connection], thought: int) -> str:
    """Say that most of it passed before the server said its first words, where that is so."""
    late = [one.first_byte_ns for one in connections if one.first_byte_ns and one.first_byte_ns >= _LONG]
    if connections[0].server.port not in _GREETS:
        return ""
    if len(late) < _SEVERAL or sum(late) * _MOST < thought * (_MOST - 1):
        return ""
    least, most = span(min(late)), span(max(late))
    each = least if least == most else f"{least} to {most}"
    return (
        f" Nearly all of that passed before the server's first words on {some(len(late), 'connection')}, {each} "
        "each: on this port the server speaks first, and its greeting is late (a look-up of the client's name, as a "
        "rule)."
    )


def _waiting(
    analysis: Analysis, connections: list[Connection], figures: tuple[int, int, int], *, is_hidden: bool
) -> Overall:
    thought, network, behind = figures
    server = connections[0].server
    answers = sum(one.server.turns for one in connections)
    quick, uneven = _answers_at_once(connections), _are_uneven(connections, thought, answers)
    hints = _hints(connections, answers, quick=quick, uneven=uneven, is_near=behind > 0, is_hidden=is_hidden)
    return Overall(
        doubts=(*hints, "a server that is asked to wait (long poll) does the same"),
        weak=bool(hints),
        fault=Fault.SERVER,
        explanation=_shares(connections, answers, thought, network, is_hidden=is_hidden)
        + (_before_its_first_words(connections, thought) or equal_among(connections)),
        rivals=_rivals(network, quick=quick, uneven=uneven, is_hidden=is_hidden),
        advice=advise(
            "Look at the server's own record of how long requests took, and at what it asks in turn.",
            at(
                server.address,
                analysis.timers.name,
                f"ss -tnpi state established '( sport = :{server.port} )'",
            ),
            *(
                (
                    f"  $ curl -so /dev/null -w '%{{time_connect}} %{{time_starttransfer}}\\n' "
                    f"http://{bracketed(server.address)}:{server.port}/",
                )
                if server.port in _WEB
                else ()
            ),
        ),
        display_filter=filters.of_server(server.address, server.port),
        **counted(connections),
        place=place_of_examples(analysis, [one.id for one in connections], are_all=True),
    )


def _shares(
    connections: list[Connection], answers: int, thought: int, network: int, *, is_hidden: bool
) -> str:
    """Say how the time that clients waited is divided; ``is_hidden``: behind a front all counts as its."""
    server, waited = connections[0].server, thought + network
    behind, before = (
        (" or for the way behind whoever acknowledges", " before that") if is_hidden else ("", "")
    )
    return (
        f"Clients waited {span(waited)} in all for {some(answers, 'answer')} of "
        f"{socket(server.address, server.port)}: {percent(thought, waited)} of that for the server to make them"
        f"{behind}, {span(thought // answers)} on the average, and {percent(network, waited)} for the network"
        f"{before}."
    )


def _rivals(network: int, *, quick: bool, uneven: bool, is_hidden: bool) -> tuple[Rival, ...]:
    rivals = {
        unlikely("a slow network", f"it took {span(network)} in all"): True,
        still_open("a long poll"): True,
        (cause if is_hidden else still_open)(
            "a proxy near the client that acknowledges for the server, and a slow way behind it"
        ): True,
        still_open("two ends that each send by a timer of their own (pings, heartbeats)"): uneven,
        still_open("a server that asks, as through a tunnel, or pushes news"): quick or uneven,
    }
    return tuple(rival for rival, holds in rivals.items() if holds)
