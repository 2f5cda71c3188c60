"""Loss as receivers report it (SACK, D-SACK): copies that nobody needed, and holes that were filled late."""

from wirestat.diagnosis.advice import advise, capture_at, nstat
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import percent
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_NEARLY = 5
"""Where all but one copy in so many came twice, next to nothing was lost."""
_SEVERAL = 20
"""Fewer holes than this are an accident."""
_SHARE = 20
"""One segment in so many that is lost makes a transfer slow."""
_FEW = 10
"""Where a sender takes order for loss, one copy for so many late segments comes in vain, or more."""
_SLOW = SECOND
_UNFIT = (
    Fact.ONE_WAY,
    Fact.FRAMES_MISSING,
    Fact.FRAMES_DUPLICATED,
    Fact.REORDERED_BY_TAP,
    Fact.REPLAYED,
    Fact.MID_STREAM,
)


def needless(case: Case, end: End) -> Verdict | None:
    """Judge an end nearly all of whose copies its receiver reports as received twice."""
    copies, twice = end.record.retransmitted_frames, end.other.figure(Fact.GOT_TWICE) or 0
    if twice * _NEARLY < copies * (_NEARLY - 1):
        return None
    again, sent = end.record.retransmitted_bytes, end.record.bytes
    return Verdict(
        kind="needless",
        severity=Severity.NOTE,
        grounds=(showing(end, Fact.DATA_RESENT), showing(end.other, Fact.GOT_TWICE)),
        doubts=("one capture does not tell whether segments came out of order, or acknowledgements late",),
        fault=Fault.PATH,
        frames=case.evidence(
            end.frame(Fact.DATA_RESENT), end.other.frame(Fact.GOT_TWICE), case.connection.last_frame
        ),
        explanation=f"{end} sent {again:,} of its {sent:,} bytes again ({percent(again, sent)}, in "
        f"{some(copies, 'segment')}), and {end.other} reports {twice:,} times that it got octets twice (D-SACK): "
        "next to nothing was lost. Its sender took something else for loss; whoever does so slows down.",
        rivals=(
            cause(
                "segments that overtake each other on the way (D61)",
                "three repeated acknowledgements ask for a copy",
            ),
            cause("a way that became slow at a moment, longer than the sender's timer waits"),
            cause("acknowledgements that were lost, and not the data"),
            unlikely("loss of data", "the receiver had nearly all of it"),
        ),
        advice=advise(
            f"Capture at {end.other} as well, and compare: that shows whether the order changes, or the delay.",
            nstat(
                end,
                "TcpExtTCPDSACKRecv",
                "TcpExtTCPSACKReorder",
                "TcpExtTCPTSReorder",
                "TcpExtTCPSpuriousRTOs",
            ),
            capture_at(end.other),
        ),
    )


def came_late(case: Case) -> Verdict | None:
    """Judge an end of which many segments fill holes late: lost before the tap, and sent again."""
    end = next((end for end in case.ends if end.other.has(Fact.GOT_LARGE)), None)
    if end is None or case.has(*_UNFIT) or end.has(Fact.OLD_SEGMENT, Fact.BAD_CHECKSUM, Fact.HOLE_NOT_FILLED):
        return None
    took = case.connection.last_time_ns - case.connection.first_time_ns
    late = end.record.out_of_order_frames - (end.figure(Fact.OVERTAKEN) or 0)
    twice = end.other.figure(Fact.GOT_TWICE) or 0
    if late < _SEVERAL or late * _SHARE < end.record.frames or twice * _FEW >= late or took < _SLOW:
        return None
    return Verdict(
        kind="before the tap",
        grounds=(showing(end.other, Fact.GOT_LARGE), showing(end, Fact.SENT_DATA)),
        doubts=(
            "one capture does not tell where they were lost",
            "a way that sorts segments anew may look so",
        ),
        fault=Fault.PATH,
        frames=case.evidence(end.other.frame(Fact.GOT_LARGE), case.connection.last_frame),
        explanation=f"{late:,} of the {end.record.frames:,} segments of {end} ({percent(late, end.record.frames)}) "
        f"filled a hole late, within {span(took)}: they were lost before the tap, it seems, and sent again. So much "
        "loss makes a transfer slow.",
        rivals=(
            cause("a queue that is full, or a policer", "then the end of each burst is lost"),
            cause("a radio link, a bad cable or an adapter with errors"),
            unlikely("segments that overtake each other (D61)", "then copies come in vain as well"),
        ),
        advice=advise(
            f"Capture at {end} as well, and compare: that shows where segments are lost. Look at the counters of "
            "drops on the way.",
            capture_at(end),
            nstat(end, "TcpRetransSegs", "TcpExtTCPTimeouts", "TcpExtTCPLossProbes"),
        ),
    )
