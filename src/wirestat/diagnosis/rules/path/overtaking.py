"""Segments that overtake each other on the way, so that their receiver gets them in another order."""

from wirestat.diagnosis.advice import advise, capture_at, nstat, on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 20
"""Fewer segments in another order are what a change of the route brings now and then."""
_SHARE = 50
"""One in so many slows a sender that takes three acknowledgements of one byte for a loss."""
_FOR_NOTHING = 10
"""If fewer come again, one for so many that were overtaken, its sender does not take order for loss."""


@rule("D61", "Segments overtake each other", Severity.INFO, rests_on={Basis.ORDER, Basis.TIMES})
def segments_overtake_each_other(case: Case) -> Verdict | None:
    """Twenty segments of an end or more, one in fifty, came after others that it had sent later.

    What it means: the packets of this connection take several ways of unequal length, or wait in several queues. No
    packet is lost: each of those counted filled a hole sooner than its sender can have learnt of the hole.

    Why it matters: the receiver acknowledges the same byte again for each segment that comes too early. After three
    of those its sender takes the missing one for lost, sends it again, and halves its speed.

    Rivals: loss (D57) has to be sent again, which takes a round trip. A capture may put packets into another order
    that arrived in the right one; then the receiver acknowledges none of them twice.

    What to do: spread connections over the ways, and not packets: by a hash of addresses and ports.

    See it: ``wirestat pcaps/field/tunnel-sends-the-small-before-the-large/capture.pcap``: the last segment of each
    batch comes first.

    RFC 9293: 3.10.7.4 (segments are processed in sequence); RFC 5681, 3.2 (three duplicate acknowledgements).
    """
    end = next((end for end in case.ends if end.has(Fact.OVERTAKEN)), None)
    if end is None or case.has(Fact.ONE_WAY, Fact.REPLAYED, Fact.FRAMES_DUPLICATED):
        return None
    end = max(case.ends, key=lambda one: one.figure(Fact.OVERTAKEN) or 0)
    count, sent = end.figure(Fact.OVERTAKEN) or 0, end.record
    if count < _SEVERAL or count * _SHARE < sent.frames:
        return None
    again = sent.retransmitted_frames * _FOR_NOTHING >= count or end.has(Fact.OLD_SEGMENT)
    return Verdict(
        severity=Severity.NOTE if again else None,
        grounds=(showing(end, Fact.OVERTAKEN),),
        doubts=("one capture does not tell where their order changed",),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.OVERTAKEN), case.connection.last_frame),
        explanation=f"{some(count, 'segment')} of {end}, of {sent.frames:,} in all, came out of order: after "
        "segments that it had sent later, and sooner than it can have learnt that they were missing. They were "
        "overtaken on the way and not lost." + (_for_nothing(end) if again else ""),
        rivals=(
            cause("two or more ways of unequal length that packets take in turn (a bond, equal costs)"),
            cause("a tunnel or device that sorts the packets of one connection, or spreads them over queues"),
            ruled_out("loss (D57)", "a copy takes a round trip"),
            _by_the_tap(again=again),
        ),
        advice=advise(
            "Have devices choose the way by addresses and ports, and not packet by packet.",
            capture_at(end),
            nstat(end, "TcpExtTCPSACKReorder", "TcpExtTCPTSReorder", "TcpExtTCPDSACKRecv"),
            on(end, "cat /proc/net/bonding/* | grep -i mode; tc qdisc show"),
        ),
    )


def _for_nothing(end: End) -> str:
    """Tell of copies that nobody needed."""
    return (
        f" {end.subject} sends some again: {end.other} acknowledges one byte three times and more, which {end} takes "
        "for a loss and slows down."
    )


def _by_the_tap(*, again: bool) -> Rival:
    """Name the tap, which may show another order than the receiver got."""
    what = "a capture that shows packets in another order than they came in"
    if again:
        return unlikely(what, "its receiver would have asked for no copies")
    return still_open(what, "whether its receiver acknowledged one byte several times is not counted")
