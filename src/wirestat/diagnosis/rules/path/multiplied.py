"""Frames that the network multiplies: their receivers get them again and again."""

from collections.abc import Iterator

from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import look_of
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.capture.contents import tally
from wirestat.diagnosis.study.multiplied import got_twice, with_multiplied_frames
from wirestat.diagnosis.together import SHOWN
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity
from wirestat.words import some

LOOP = cause("a loop of bridges or switches", "then one frame comes many times, until the loop is cut")
REPEATS = cause("a device that repeats frames", "a radio link, a bond that sends by both of its links")
ADVICE = (
    "Look for a loop on layer 2: spanning tree, the counters of each port (broadcasts), addresses that move."
)


@capture_rule("D62", "Frames multiplied on the way", Severity.WARNING)
def multiplied(analysis: Analysis) -> Iterator[Overall]:
    """The network delivers frames more than once, and the hosts themselves report that.

    What it means: the same packet, with the same IP identification, comes again, later than a tap at two points of
    its way would show it, on several connections; and their receivers report octets that they got twice (D-SACK). A
    loop of bridges multiplies each frame until it is cut; some devices repeat frames that had arrived. Where only
    a few come twice, receivers report far more segments twice than their senders sent again.

    Why it matters: copies fill the links and slow every host down. Retransmissions, resets and acknowledgements of
    one end look as if it repeated them: that is not said of these connections.

    Rivals: a mirror port that sees a packet go in and out, or two captures that were joined: then no host gets
    anything twice. A sender that repeats what had arrived: its packets have identifications of their own.

    What to do: look for the loop: spanning tree, and addresses that move between ports.

    See it: no capture of it is kept: a loop makes some hundred thousand frames within seconds.

    RFC 9293: 3.4 (a duplicate is recognized by its number); RFC 2883 (receivers report duplicates).
    """
    summary = analysis.summary
    if not (marked := with_multiplied_frames(summary)):
        yield from _some_come_twice(got_twice(analysis))
        return
    count, examples = tally(marked)
    yield Overall(
        fault=Fault.PATH,
        doubts=("one capture does not tell where frames are multiplied, or whether the tap is part of it",),
        explanation=f"Packets of {some(count, 'connection')} came again with the same identification, later than a "
        f"tap shows them twice, and hosts report octets that they got twice: the network multiplies frames. "
        f"{summary.duplicate_frames:,} of the {summary.frames:,} frames are copies.",
        rivals=(
            LOOP,
            REPEATS,
            unlikely("a mirror port that sees a packet twice", "then no host would get anything twice"),
            still_open("captures that were joined, and ends that repeat as well"),
        ),
        advice=advise(ADVICE),
        count=count,
        examples=examples,
        is_for_one_point=True,
        replaces=frozenset({"D46", "D57"}),
        looks=frozenset(look_of(one) for one in marked),
    )


def _some_come_twice(found: list[tuple[Connection, int]]) -> Iterator[Overall]:
    """Tell of frames some of which the network delivers twice, as the D-SACKs of their receivers say."""
    if not found:
        return
    count = sum(more for _, more in found)
    sent = sum(one.client.frames + one.server.frames for one, _ in found)
    yield Overall(
        severity=Severity.NOTE,
        fault=Fault.PATH,
        doubts=("one capture does not tell where frames are multiplied",),
        explanation=f"Hosts report that they got {count:,} segments twice (D-SACK) that were sent once, on "
        f"{some(len(found), 'connection')} of {sent:,} segments in all: the network delivers some frames twice.",
        rivals=(
            REPEATS,
            LOOP,
            unlikely("a sender that repeats what had arrived", "its copies would be in the capture"),
            ruled_out("a mirror port that sees a packet twice", "then no host would get anything twice"),
        ),
        advice=advise("Find the device that repeats frames: capture before and behind each one on the way."),
        count=len(found),
        examples=tuple(one.id for one, _ in found[:SHOWN]),
        is_for_one_point=True,
    )
