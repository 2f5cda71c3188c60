"""Data that nobody asked for: many servers answer an address that never spoke to them, and resets each."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few, look, look_of
from wirestat.diagnosis.rivals import still_open
from wirestat.diagnosis.shown import began_within_ns
from wirestat.diagnosis.together import absorbed
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity, State
from wirestat.spans import span
from wirestat.summary import Signature
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 20
"""Fewer may be left over from connections of before the capture."""
_WORDS = 3
"""Segments of one server: a page; who sends more sends to somebody who had asked."""
_EACH_SECOND = 5
"""Old connections leave data over that comes more slowly: each by a timer of its own."""
_INCLUDED = frozenset({"D07", "D16", "D27", "D28"})
"""The diagnoses that each of them would get on its own."""


def unasked_data(analysis: Analysis) -> Iterator[Overall]:
    """Yield a verdict for each address that so many servers sent data to, and that reset them all unheard."""
    strays = [item for item in analysis.summary.signatures if _is_unasked(item)]
    if not is_few(analysis) or sum(item.count for item in strays) < _SEVERAL:
        return
    looks = frozenset(map(look_of, strays))
    struck: defaultdict[str, list[Connection]] = defaultdict(list)
    known = set[str]()
    for one in analysis.connections():
        if not one.client.bytes and one.server.frames <= _WORDS and look(one) in looks:
            struck[one.client.address].append(one)
        else:
            known.add(one.server.address)
    for address, samples in struck.items():
        strangers = [one for one in samples if one.server.address not in known]
        servers = len({one.server.address for one in strangers})
        if servers >= _SEVERAL and len(strangers) * SECOND >= _EACH_SECOND * began_within_ns(strangers):
            yield _reflected(strangers, address, servers)


def _is_unasked(signature: Signature) -> bool:
    """Say whether a server spoke on a connection that nobody opened in the capture, and was reset without a word."""
    client, server = signature.client_facts, signature.server_facts
    is_unopened = Fact.MID_STREAM in signature.facts and signature.client_state is not State.SYN_SENT
    return (
        is_unopened and Fact.SENT_DATA in server and Fact.RST_SENT in client and Fact.SENT_DATA not in client
    )


def _reflected(samples: list[Connection], address: str, servers: int) -> Overall:
    count = len(samples)
    return Overall(
        severity=Severity.NOTE,
        weak=True,
        doubts=("a host that lost all its connections, as it restarted or changed its address, looks alike",),
        fault=Fault.UNDECIDED,
        explanation=f"{servers:,} servers sent data to {address} within {span(began_within_ns(samples))} on "
        f"{some(count, 'connection')} that it never opened in this capture; it reset each, and they are not heard "
        "otherwise: somebody else asks in its name, it seems, and servers, or devices on the way to them, answer "
        "without a handshake (reflection).",
        rivals=(
            still_open("a host that lost its connections as it restarted", "then it had asked these servers"),
        ),
        advice=advise(
            f"See whether {address} had connections to these servers before; else have what they send filtered "
            "upstream, and tell their networks.",
        ),
        display_filter=f"{filters.address(address)} && tcp.flags.syn==0",
        count=count,
        replaces=_INCLUDED,
        **absorbed(samples),
    )
