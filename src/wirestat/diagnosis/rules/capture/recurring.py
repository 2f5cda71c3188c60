"""Captures that hold each packet once more, a good while later: two were joined whose clocks differ."""

from collections.abc import Iterator

from msgspec.structs import replace

from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import look_of
from wirestat.diagnosis.rules.capture.contents import defect, tally
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Severity
from wirestat.vocabulary import Fact
from wirestat.words import some

_COME_AGAIN = {Fact.COPIED_LATER, Fact.OLD_SEGMENT, Fact.PAWS_DROPPED}
_SEVERAL = 3
_SHARE = 3
"""Of all connections at least one in so many: what a network doubles, or an end sends in vain, is far less."""


def here_again(analysis: Analysis) -> Iterator[Overall]:
    """Tell of a capture in which what both ends of many connections sent comes again, and changes nothing."""
    signatures = analysis.summary.signatures
    marked = [
        one
        for one in signatures
        if not _COME_AGAIN.isdisjoint(one.client_facts) and not _COME_AGAIN.isdisjoint(one.server_facts)
    ]
    count, examples = tally(marked)
    total = sum(one.count for one in signatures)
    if count < _SEVERAL or count * _SHARE < total:
        return
    told = defect(
        Severity.NOTE,
        f"What both ends of {count:,} of {some(total, 'connection')} sent is here once more, some time later, and no "
        "receiver takes it: captures of two points were joined whose clocks differ, or packets pass the tap a second "
        "time. The copies count for nothing.",
        advise(
            "Do not join captures of two points: compare them, which brings their clocks together.",
            "  $ wirestat compare CLIENT.pcap SERVER.pcap",
        ),
        count,
        examples,
    )
    looks = frozenset(look_of(one) for one in marked)
    yield replace(told, replaces=frozenset({"D14", "D28", "D57"}), looks=looks)
